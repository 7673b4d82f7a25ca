"""Draw parameters at random with Hypothesis: every server that reads JSON Schema can satisfy them."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from assisters_verify.contract.tool_offers import Offer
from assisters_verify.contract.toolcalls import function_tool
from assisters_verify.isolation import isolated_hypothesis

Schema = dict[str, Any]
# From so many draws the few are chosen that together use the most keywords.
_DRAWN = 60
_NAMES = ("amount", "city", "details", "flags", "grade", "label", "owner", "steps", "target", "when")
_WORDS = ("amber", "Blue", "COPPER", "dark red", "émeraude", "f-7", "gold_leaf")
_PATTERNS = ("^[A-Z]{2}-[0-9]{4}$", "^[0-9]{5}$", "^#[0-9a-f]{6}$", "^[A-Z]{3}$", "^[a-z]{3,8}$")


def draw_offers(*, count: int, seed: int) -> list[Offer]:
    """Return offers of one tool each, the same for the same seed. Takes CPU: call it in a thread."""
    chosen = _choose(_draw(seed), count)
    return [
        Offer(
            name=f"drawn parameters {number}",
            prompt="Record an entry with example values of your own: call the function record_entry.",
            tools=(function_tool("record_entry", "Record an entry.", schema),),
        )
        for number, schema in enumerate(chosen, start=1)
    ]


def _draw(seed: int) -> list[Schema]:
    drawn: dict[str, Schema] = {}

    @seeded(seed)
    @settings(
        max_examples=_DRAWN,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_objects(_properties(2), least=1))
    def collect(schema: Schema) -> None:
        drawn.setdefault(json.dumps(schema), schema)

    with isolated_hypothesis():
        collect()
    return list(drawn.values())


def _choose(schemas: Sequence[Schema], count: int) -> list[Schema]:
    """Return those that add the most keywords to the ones before them."""
    left, chosen, seen = list(schemas), list[Schema](), set[str]()
    while left and len(chosen) < count:
        best = max(left, key=lambda schema: (len(set(_keywords(schema)) - seen), len(set(_keywords(schema)))))
        left.remove(best)
        chosen.append(best)
        seen.update(_keywords(best))
    return chosen


def _keywords(schema: Any) -> Iterator[str]:
    """Yield the keywords of a schema with the type they stand beside, without those of properties that an answer may
    leave out: nobody can tell whether they would be kept."""
    if isinstance(schema, list):
        for part in schema:
            yield from _keywords(part)
    if not isinstance(schema, dict):
        return
    for name, part in schema.items():
        yield f"{schema.get('type')}.{name}"
        if name == "properties":
            for each in (part[required] for required in schema.get("required", ())):
                yield from _keywords(each)
        elif name not in ("enum", "const", "required"):
            yield from _keywords(part)


@st.composite
def _objects(draw: st.DrawFn, properties: st.SearchStrategy[Schema], *, least: int = 0) -> Schema:
    names = draw(st.lists(st.sampled_from(_NAMES), min_size=1, max_size=4, unique=True))
    required = draw(st.lists(st.sampled_from(names), min_size=least, max_size=len(names), unique=True))
    schema: Schema = {"type": "object", "properties": {name: draw(properties) for name in names}}
    if required:
        schema["required"] = required
    if draw(st.booleans()):
        schema["additionalProperties"] = False
    return schema


def _properties(depth: int) -> st.SearchStrategy[Schema]:
    leaves = st.one_of(_texts(), _integers(), _numbers(), _choices(), st.just({"type": "boolean"}), _alternatives())
    if depth == 0:
        return leaves
    inner = _properties(depth - 1)
    return st.one_of(leaves, _arrays(inner), _objects(inner))


@st.composite
def _texts(draw: st.DrawFn) -> Schema:
    limits: list[Schema] = [{}, {"minLength": 3}, {"minLength": 2, "maxLength": 30}]
    limits += [{"pattern": pattern} for pattern in _PATTERNS]
    return {"type": "string", **draw(st.sampled_from(limits))}


@st.composite
def _integers(draw: st.DrawFn) -> Schema:
    step = draw(st.sampled_from([1, 1, 5, 100]))
    low = step * draw(st.integers(-20, 20))
    schema: Schema = {"type": "integer", "minimum": low, "maximum": low + step * draw(st.integers(0, 30))}
    return {**schema, "multipleOf": step} if step > 1 else schema


@st.composite
def _numbers(draw: st.DrawFn) -> Schema:
    low = draw(st.integers(-50, 50))
    return {"type": "number", "minimum": low, "exclusiveMaximum": low + draw(st.integers(2, 40))}


@st.composite
def _choices(draw: st.DrawFn) -> Schema:
    if draw(st.booleans()):
        return {"type": "string", "enum": draw(st.lists(st.sampled_from(_WORDS), min_size=1, max_size=4, unique=True))}
    return {"const": draw(st.sampled_from([*_WORDS, 7, -2.5, False]))}


@st.composite
def _alternatives(draw: st.DrawFn) -> Schema:
    number: Schema = draw(_integers())
    text: Schema = draw(st.sampled_from([{"type": "string", "minLength": 2}, {"const": "unknown"}]))
    either = [number, text] if draw(st.booleans()) else [text, number]
    return {"anyOf": draw(st.sampled_from([either, [either[0], {"type": "null"}]]))}


@st.composite
def _arrays(draw: st.DrawFn, items: st.SearchStrategy[Schema]) -> Schema:
    least = draw(st.integers(0, 3))
    most = max(least, 1) + draw(st.integers(0, 3))
    return {"type": "array", "items": draw(items), "minItems": least, "maxItems": most}
