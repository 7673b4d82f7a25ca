"""Make a value that fits a JSON Schema, out of a prompt's own values where they fit."""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from assisters_verify.reference.model.patterns import make_match
from assisters_verify.reference.model.prompt_values import find_numbers, find_texts
from assisters_verify.reference.model.schemas import Schema, is_valid, merge, resolve, type_of

_DEEPEST = 6
_FORMATS = {
    "date": "2026-03-{:02d}",
    "date-time": "2026-03-{:02d}T12:00:00Z",
    "time": "12:00:{:02d}Z",
    "duration": "P{}D",
    "email": "person{}@example.com",
    "idn-email": "person{}@example.com",
    "hostname": "host{}.example.com",
    "ipv4": "192.0.2.{}",
    "ipv6": "2001:db8::{}",
    "uri": "https://example.com/{}",
    "uri-reference": "/{}",
    "iri": "https://example.com/{}",
    "uuid": "123e4567-e89b-42d3-a456-4266141740{:02d}",
    "json-pointer": "/{}",
    "regex": "a{{{}}}",
}
# What a word of the prompt must hold to be taken for a value of the format.
_SIGNS = {"email": "@", "idn-email": "@", "uri": "://", "iri": "://", "uri-reference": "/", "time": ":",
          "duration": "P",
          "hostname": ".", "ipv4": ".", "ipv6": ":",
          "json-pointer": "/", "regex": "^"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Where a value is wanted.

    Args:
        name: The argument's name, which hints at its meaning.
        variant: Counts up where values must differ, and where a first try did not fit.
    """

    prompt: str
    root: Schema
    name: str = ""
    variant: int = 0
    depth: int = 0
    is_generous: bool = field(default=False)


def make_arguments(parameters: Schema, prompt: str) -> dict[str, Any]:
    """Return arguments for a tool with these parameters."""
    best: Any = {}
    # A later try takes other branches and fills in more, for conditions that a first try does not see.
    for variant in range(6):
        wish = Wish(prompt=prompt, root=parameters, variant=variant, is_generous=bool(variant % 2))
        value = make_value(parameters, wish)
        if isinstance(value, dict):
            best = best or value
            if is_valid(value, parameters, parameters):
                return value
    return dict(best)


def make_value(schema: Any, wish: Wish) -> Any:
    """Return a value for the schema."""
    schema = resolve(schema, wish.root)
    if "const" in schema:
        return schema["const"]
    for key in ("oneOf", "anyOf"):
        if isinstance(schema.get(key), list) and schema[key]:
            return _make_branch(schema, key, wish)
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return _choose(schema["enum"], wish)
    return MAKERS.get(type_of(schema, _distinct(wish)), _make_text)(schema, wish)


def _make_branch(schema: Schema, key: str, wish: Wish) -> Any:
    """Return the value of the first branch that fits the whole; branches of null come last."""
    base = {name: part for name, part in schema.items() if name != key}
    branches = sorted(schema[key], key=lambda branch: isinstance(branch, dict) and branch.get("type") == "null")
    start = wish.variant // 2 % len(branches)
    values = (make_value(merge(base, resolve(branch, wish.root)), wish) for branch in _rotate(branches, start))
    first: Any = None
    for value in values:
        first = value if first is None else first
        if is_valid(value, schema, wish.root):
            return value
    return first


def _choose(choices: list[Any], wish: Wish) -> Any:
    """Return the choice that the prompt names, else the first."""
    named = [choice for choice in choices if isinstance(choice, str) and _mentions(wish.prompt, choice)]
    return [*named, *(choice for choice in choices if choice not in named)][_distinct(wish) % len(choices)]


def _mentions(prompt: str, choice: str) -> bool:
    words = re.escape(choice.lower()).replace("_", "[ _-]").replace(r"\-", "[ _-]")
    return bool(choice) and re.search(rf"(?<!\w){words}(?!\w)", prompt.lower()) is not None


def _make_object(schema: Schema, wish: Wish) -> dict[str, Any]:
    properties = schema.get("properties") or {}
    required = [name for name in schema.get("required") or () if isinstance(name, str)]
    wanted = list(dict.fromkeys([*required, *_wanted_optional(properties, required, wish)]))
    if wish.depth >= _DEEPEST:
        wanted = required
    value: dict[str, Any] = {}
    for name in wanted:
        value[name] = make_value(_schema_of(name, schema), _inside(wish, name))
    for name in _dependents(schema, value):
        value.setdefault(name, make_value(_schema_of(name, schema), _inside(wish, name)))
    for name in _fillers(schema, value):
        value[name] = make_value(_schema_of(name, schema), _inside(wish, name))
    return value


def _wanted_optional(properties: dict[str, Any], required: list[str], wish: Wish) -> Iterator[str]:
    """Yield the optional properties worth filling: those the prompt has a value for, or all if none is required."""
    for name, part in properties.items():
        if name in required:
            continue
        schema = resolve(part, wish.root)
        if wish.is_generous or (not required and wish.depth == 0) or _has_hint(schema, replace(wish, name=name)):
            yield name


def _has_hint(schema: Schema, wish: Wish) -> bool:
    if isinstance(schema.get("enum"), list):
        return any(isinstance(choice, str) and _mentions(wish.prompt, choice) for choice in schema["enum"])
    return re.search(rf"\b{re.escape(wish.name.replace('_', ' '))}\b", wish.prompt, re.IGNORECASE) is not None


def _schema_of(name: str, schema: Schema) -> Any:
    """Return the schema that covers the named property."""
    properties, patterns = schema.get("properties") or {}, schema.get("patternProperties") or {}
    if name in properties:
        return properties[name]
    matching = [part for pattern, part in patterns.items() if re.search(pattern, name)]
    return matching[0] if matching else schema.get("additionalProperties", {})


def _dependents(schema: Schema, value: dict[str, Any]) -> list[str]:
    depending = schema.get("dependentRequired") or {}
    return [name for owner, names in depending.items() if owner in value for name in names]


def _fillers(schema: Schema, value: dict[str, Any]) -> Iterator[str]:
    """Yield names until ``minProperties`` is reached."""
    missing = (schema.get("minProperties") or 0) - len(value)
    patterns = list(schema.get("patternProperties") or {})
    names = [name for name in schema.get("properties") or {} if name not in value]
    for number in range(max(0, missing)):
        if number < len(names):
            yield names[number]
        elif patterns:
            yield make_match(patterns[0], variant=number) or f"field_{number}"
        else:
            yield f"field_{number}"


def _make_array(schema: Schema, wish: Wish) -> list[Any]:
    prefix = schema.get("prefixItems") or []
    least, most = schema.get("minItems") or 0, schema.get("maxItems")
    items = schema.get("contains") if schema.get("items") in (None, True) else schema.get("items")
    found = _count_found(resolve(items or {}, wish.root), wish)
    count = max(least, len(prefix), found, 1 if wish.depth < _DEEPEST else 0)
    if schema.get("items") is False:
        count = min(count, len(prefix))
    if most is not None:
        count = min(count, most)
    values: list[Any] = []
    for index in range(count):
        part = prefix[index] if index < len(prefix) else (items or {})
        values.append(_make_item(part, wish, index, values, is_unique=bool(schema.get("uniqueItems"))))
    return values


def _make_item(part: Any, wish: Wish, index: int, others: list[Any], *, is_unique: bool) -> Any:
    value: Any = None
    for attempt in range(10):
        value = make_value(part, replace(_inside(wish, wish.name), variant=wish.variant + 2 * (index + attempt)))
        if not is_unique or value not in others:
            break
    return value


def _count_found(items: Schema, wish: Wish) -> int:
    """Return how many values the prompt has for a list of such items."""
    if isinstance(items.get("enum"), list):
        return sum(isinstance(choice, str) and _mentions(wish.prompt, choice) for choice in items["enum"])
    if type_of(items) in {"number", "integer"}:
        return len(find_numbers(wish.prompt, wish.name))
    return 0


def _make_text(schema: Schema, wish: Wish) -> str:
    shortest, longest = schema.get("minLength") or 0, schema.get("maxLength")
    fitting = [text for text in find_texts(wish.prompt, wish.name) if text and is_valid(text, schema, wish.root)]
    if "format" not in schema and fitting and _distinct(wish) < len(fitting):
        return fitting[_distinct(wish)]
    if schema.get("format") in _FORMATS:
        words = [word.strip(".,;!?()\"'") for word in wish.prompt.split()]
        fitting = [
            word for word in words if _SIGNS.get(schema["format"], "-") in word and is_valid(word, schema, wish.root)
        ]
        made = _FORMATS[schema["format"]].format(_distinct(wish) % 28 + 1)
        return fitting[0] if fitting and not _distinct(wish) else made
    if isinstance(schema.get("pattern"), str):
        return make_match(schema["pattern"], shortest=shortest, variant=_distinct(wish)) or ""
    text = f"{wish.name or 'value'}{_distinct(wish) + 1 if _distinct(wish) else ''}".ljust(shortest, "x")
    return text if longest is None else text[-longest:] if longest else ""


def _make_number(schema: Schema, wish: Wish) -> float:
    fitting = [number for number in find_numbers(wish.prompt, wish.name) if is_valid(_tidy(number), schema, wish.root)]
    if _distinct(wish) < len(fitting):
        return _tidy(fitting[_distinct(wish)])
    step = schema.get("multipleOf") or (1 if type_of(schema) == "integer" else None)
    if step is not None and type_of(schema) == "integer" and not float(step).is_integer():
        step = 1 if (1 / step).is_integer() else step
    low, high = _bounds(schema)
    if step is None:
        return _tidy(_between(low, high, _distinct(wish)))
    index = math.ceil(low / step) if low > -math.inf else (min(0, math.floor(high / step)) if high < math.inf else 1)
    if index * step == schema.get("exclusiveMinimum"):
        index += 1
    direction = -1 if low == -math.inf and high < math.inf else 1
    index += direction * _distinct(wish)
    if index * step == schema.get("exclusiveMaximum"):
        index -= 1
    return _tidy(index * step)


def _bounds(schema: Schema) -> tuple[float, float]:
    low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
    high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
    return low, high


def _between(low: float, high: float, distinct: int) -> float:
    if low == -math.inf and high == math.inf:
        return 1 + distinct
    if low == -math.inf:
        return high - 1 - distinct
    if high == math.inf:
        return low + 1 + distinct
    return low + (high - low) * (1 + distinct) / (2 + distinct) if high > low else low


def _tidy(number: float) -> float:
    return int(number) if float(number).is_integer() else round(number, 10)


def _make_boolean(_schema: Schema, wish: Wish) -> bool:
    return not _distinct(wish) % 2


def _make_null(_schema: Schema, _wish: Wish) -> None:
    return None


def _distinct(wish: Wish) -> int:
    return wish.variant // 2


def _inside(wish: Wish, name: str) -> Wish:
    return replace(wish, name=name, depth=wish.depth + 1)


def _rotate(values: list[Any], start: int) -> list[Any]:
    return values[start:] + values[:start]


MAKERS: dict[str, Callable[[Schema, Wish], Any]] = {
    "object": _make_object,
    "array": _make_array,
    "string": _make_text,
    "number": _make_number,
    "integer": _make_number,
    "boolean": _make_boolean,
    "null": _make_null,
}
