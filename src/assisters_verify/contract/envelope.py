"""Judge refusals: the status, the error envelope, and whether it is the refusal that was provoked."""

from collections.abc import Iterator
from typing import Any

from assisters_verify.answer import Answer, NotJson
from assisters_verify.judgement import Broken

# A refusal that names one of these names a request field; other words (`body`, a path) are a vendor's own.
_FIELDS = frozenset(
    {
        *("model", "messages", "temperature", "max_tokens", "stream", "tools", "reasoning", "mask", "prompt"),
        *("input", "name", "url", "events", "start", "end"),
    }
)


def expect_refusal(
    answer: Answer, *statuses: int, param: str | None = None, code: str | None = None, why: str = ""
) -> None:
    """Judge that a request was refused for the reason that was provoked.

    `param` is the field at fault: an answer that names another documented field refuses something else. `code`, where
    given, must be there as it is, and `param` then too. Raises Broken.
    """
    wanted = " or ".join(str(status) for status in statuses) + (f" ({why})" if why else "")
    if answer.status not in statuses:
        raise Broken(expected=wanted, received=answer.describe(), answer=answer)
    if answer.broken_off:
        raise Broken(expected="a whole answer", received=f"one that ended early: {answer.broken_off}", answer=answer)
    error = read_error(answer)
    if error is None:
        if code is not None:
            raise Broken(expected=f"an error with code {code}", received=answer.describe(), answer=answer)
        return  # the envelope itself is judged for every error that was seen, by a clause of its own
    if code is not None and (error.get("code"), error.get("param")) != (code, param):
        received = f"code {error.get('code')!r} and param {error.get('param')!r}"
        raise Broken(expected=f"code {code!r} and param {param!r}", received=received, answer=answer)
    if param is not None:
        expect_param(answer, error.get("param"), param)


def expect_param(answer: Answer, named: Any, param: str) -> None:
    """Judge that `named`, where it names a field at all, names this one. Raises Broken."""
    if isinstance(named, str) and not _names(named, param) and any(_names(named, field) for field in _FIELDS):
        raise Broken(expected=f"param {param!r} (or null)", received=f"param {named!r}", answer=answer)


def read_error(answer: Answer) -> dict[str, Any] | None:
    """Return the envelope's `error` object, or None where there is none."""
    try:
        document = answer.document
    except NotJson:
        return None
    error = document.get("error") if isinstance(document, dict) else None
    return error if isinstance(error, dict) else None


def expect_envelope(answer: Answer) -> None:
    """Judge the error envelope of the documentation's Error Response Format. Raises Broken."""
    problems = list(envelope_problems(answer))
    if problems:
        expected, received = problems[0]
        raise Broken(expected=expected, received=received, answer=answer)


def envelope_problems(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the envelope, as pairs of expected and received."""
    try:
        document = answer.document
    except NotJson as problem:
        yield "an error envelope as JSON", f"{answer.status} with {problem}"
        return
    if answer.content_type != "application/json":
        yield "Content-Type `application/json`", repr(answer.headers.get("content-type", "no Content-Type"))
    error = document.get("error") if isinstance(document, dict) else None
    if not isinstance(error, dict):
        yield "an object `error`", answer.describe()
        return
    for name in ("type", "message"):
        if not isinstance(error.get(name), str) or not error[name].strip():
            yield f"`error.{name}`, a non-empty string", _shown(error, name)
    for name in ("param", "code"):
        if name not in error or not isinstance(error[name], str | None):
            yield f"`error.{name}`, a string or null", _shown(error, name)


def _names(named: str, field: str) -> bool:
    """Tell whether a param such as `messages[0].role` or `body.messages` names this field."""
    parts = named.replace("[", ".").replace("]", "").replace("/", ".").split(".")
    return field in parts


def _shown(error: dict[str, Any], name: str) -> str:
    return f"{error[name]!r}"[:120] if name in error else f"an envelope without `{name}`"
