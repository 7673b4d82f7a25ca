"""Say in words, with JSON pointers, how a value breaks a JSON Schema."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator

from assisters_verify.properties import json_text


def _any_type(limit: Any) -> str:
    return " or ".join([limit] if isinstance(limit, str) else limit)


# What a keyword asks for. One that is not here speaks for itself, as `keyword: limit`.
EXPECTATIONS: dict[str, Callable[[Any], str]] = {
    "type": _any_type,
    "const": json_text.shorten,
    "enum": lambda limit: "one of " + ", ".join(json_text.shorten(word) for word in limit),
    "required": lambda _: "a value",
    "minimum": lambda limit: f"at least {limit}",
    "maximum": lambda limit: f"at most {limit}",
    "exclusiveMinimum": lambda limit: f"more than {limit}",
    "exclusiveMaximum": lambda limit: f"less than {limit}",
    "minLength": lambda limit: f"at least {limit} characters",
    "maxLength": lambda limit: f"at most {limit} characters",
    "minItems": lambda limit: f"at least {limit} items",
    "maxItems": lambda limit: f"at most {limit} items",
    "pattern": lambda limit: f"text that matches {limit}",
    "format": lambda limit: f"text of the format {limit}",
    "contentMediaType": lambda limit: f"text that is {limit}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One broken keyword. `path` leads to the value, for a missing one to where it should be."""

    path: tuple[str | int, ...]
    keyword: str
    limit: Any
    received: Any
    expected: str

    @property
    def pointer(self) -> str:
        """The path as a JSON pointer; empty for the whole value."""
        return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in self.path)

    def __str__(self) -> str:
        received = "nothing" if self.keyword == "required" else json_text.shorten(self.received)
        return f"{self.pointer or 'body'}: expected {self.expected}, received {received}"


def find_violations(validator: Validator, value: Any) -> list[Violation]:
    """Return every violation once, in the validator's order."""
    return _explain_all(validator.iter_errors(value))


def _explain_all(errors: Iterable[ValidationError]) -> list[Violation]:
    # Of several missing fields each has an error of its own, and each of these names all of them.
    found: list[Violation] = []
    for error in errors:
        found += [violation for violation in _explain(error) if violation not in found]
    return found


def _explain(error: ValidationError) -> list[Violation]:
    keyword = str(error.validator)
    path = tuple(error.absolute_path)
    if error.context:  # that of anyOf or oneOf
        return _explain_branches(error.context)
    if keyword == "required":
        needed: Any = error.validator_value
        there: Any = error.instance
        missing = [name for name in needed if name not in there]
        return [_violation(path=(*path, name), keyword=keyword, limit=True, received=None) for name in missing]
    return [_violation(path=path, keyword=keyword, limit=error.validator_value, received=error.instance)]


def _explain_branches(errors: Iterable[ValidationError]) -> list[Violation]:
    """Explain the branch that the value comes nearest to: the one whose first error lies deepest.

    Where branches come equally near with one error each, their expectations are joined: expected string or array.
    """
    by_branch: dict[object, list[ValidationError]] = {}
    for error in errors:
        by_branch.setdefault(error.schema_path[0], []).append(error)
    explained = [_explain_all(branch) for branch in by_branch.values()]
    depths = [min(len(violation.path) for violation in branch) for branch in explained]
    nearest = [branch for branch, depth in zip(explained, depths, strict=True) if depth == max(depths)]
    if any(len(branch) > 1 for branch in nearest):
        return min(nearest, key=len)
    firsts = [branch[0] for branch in nearest]
    expected = dict.fromkeys(violation.expected for violation in firsts)
    return [replace(firsts[0], expected=" or ".join(expected))]


def _violation(*, path: tuple[str | int, ...], keyword: str, limit: Any, received: Any) -> Violation:
    say = EXPECTATIONS.get(keyword)
    expected = say(limit) if say else f"{keyword}: {json_text.shorten(limit)}"
    return Violation(path=path, keyword=keyword, limit=limit, received=received, expected=expected)


def content_media_type(_: Validator, media_type: Any, value: Any, __: Any) -> Iterator[ValidationError]:
    """Check what JSON Schema leaves to the application: that a text said to be JSON is JSON."""
    if media_type == "application/json" and isinstance(value, str):
        try:
            json_text.parse(value)
        except ValueError as error:
            yield ValidationError(str(error))


def content_schema(validator: Any, content: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    """Check what JSON Schema leaves to the application: the value that a JSON text stands for."""
    if schema.get("contentMediaType") == "application/json" and isinstance(value, str):
        try:
            parsed = json_text.parse(value)
        except ValueError:
            return
        yield from validator.descend(parsed, content)
