"""Find whole API keys in answers, before anything is redacted."""

import base64
from collections.abc import Iterable, Iterator

from assisters_verify.answer import Answer, NotJson
from assisters_verify.contract.fields import fields_in
from assisters_verify.judgement import Broken
from assisters_verify.probe import Probe

# A shorter one may stand there by chance.
_SHORTEST = 8


def own_keys(probe: Probe) -> set[str]:
    """Return the keys that let requests of this run in so far, and those that the run was given."""
    given = {name: value for name, value in probe.settings.secrets.reveal().items() if name.endswith("api_key")}
    used = {answer.presented for answer in probe.session.seen if answer.presented and answer.is_success}
    return {key for key in used | set(given.values()) if key is not None and len(key) >= _SHORTEST}


def expect_no_key(answer: Answer, keys: Iterable[str]) -> None:
    """Judge that an answer holds none of these keys, plain or in base64 as in a header. Raises Broken."""
    texts = [answer.text, *_texts(answer)]
    for key in keys:
        if any(form in text for form in _forms(key) for text in texts):
            raise Broken(expected="no whole API key", received="a whole API key in the answer", answer=answer)


def _texts(answer: Answer) -> list[str]:
    try:
        return [text for found in fields_in(answer.document) for text in (found.shown, found.text)]
    except NotJson:
        return []


def _forms(key: str) -> Iterator[str]:
    yield key
    for text in (key, f"{key}:", f":{key}", f"Bearer {key}"):
        yield base64.b64encode(text.encode()).decode().rstrip("=")
