"""Decide which offered tools a prompt asks for, and with which arguments."""

import json
import re
from hashlib import blake2b

from assisters_verify.reference.model.conversation import Question, Tool, ToolCall
from assisters_verify.reference.model.prompt_values import find_names, split_name
from assisters_verify.reference.model.repeating import find_repeated_text
from assisters_verify.reference.model.schema_values import make_arguments

_NAME_WEIGHT = 2
_ENOUGH = 2
_STEM_LETTERS = 5
_IDLE_WORDS = frozenset(
    """
    a an and are as at be by call can current currently do does for from function get given gives has have how i in into
    is it its me my now of on or please return returns s show tell that the their then this to tool use using value want
    what when where which with you your
    """.split()  # noqa: SIM905 - a list of words reads as text
)
_RELATED = {"temperature": "weather", "forecast": "weather", "rain": "weather", "sunny": "weather", "mail": "email",
            "latest": "news", "today": "news", "google": "search", "run": "execute", "sum": "add", "plus": "add",
            "clock": "time", "price": "stock"}  # fmt: skip
_ASKS = re.compile(r"\s*(?:[?!;\n]+|\.(?=\s|$)|,?\s+\band\s+(?:then\s+|also\s+)?|,?\s+\bthen\s+)\s*")
_LIST = re.compile(r"(?:\w+, )+\w+,? and ")


def choose_calls(question: Question) -> tuple[ToolCall, ...]:
    """Return the calls the question asks for; none where no tool fits."""
    tools, choice = question.tools, question.tool_choice
    if not tools or choice == "none":
        return ()
    if choice.startswith("function:"):
        tools = tuple(tool for tool in tools if f"function:{tool.name}" == choice)
    if choice == "auto" and find_repeated_text(question.prompt) is not None:
        return ()
    chosen = match_asks(question.prompt, tools)
    if not chosen and choice != "auto":
        chosen = [(max(tools, key=lambda tool: score(tool, question.prompt)), question.prompt)]
    return _write_calls(chosen, question)


def match_asks(prompt: str, tools: tuple[Tool, ...]) -> list[tuple[Tool, str]]:
    """Return each ask of the prompt with the tool that fits it."""
    chosen: list[tuple[Tool, str]] = []
    for ask in split_asks(prompt):
        best = max(tools, key=lambda tool: score(tool, ask))
        if score(best, ask) >= _ENOUGH:
            chosen.append((best, ask))
        elif chosen and _only_names(ask):
            # "the weather in Paris and London": the second ask is the first with another name.
            chosen.append((chosen[-1][0], f"{_without_names(chosen[-1][1])} {ask}"))
    if not chosen:
        best = max(tools, key=lambda tool: score(tool, prompt))
        return [(best, prompt)] if score(best, prompt) >= _ENOUGH else []
    # A single ask may use all of the prompt: its values may stand in another sentence.
    return [(chosen[0][0], prompt)] if len(chosen) == 1 else chosen


def split_asks(prompt: str) -> list[str]:
    """Return the prompt's sentences and the parts that "and" joins."""
    if _LIST.search(prompt):
        prompt = re.sub(r", (?!and )", " and ", prompt)
    return [ask for ask in _ASKS.split(prompt) if ask.strip()]


def score(tool: Tool, ask: str) -> int:
    """Return how well the tool fits: words of its name count more than those of its description."""
    asked = _stems(ask)
    properties = tool.parameters.get("properties")
    fields = " ".join(properties) if isinstance(properties, dict) else ""
    name = _stems(" ".join(split_name(tool.name)))
    described = _stems(f"{tool.description} {' '.join(split_name(fields))}") - name
    return _NAME_WEIGHT * len(asked & name) + len(asked & described)


def _stems(text: str) -> set[str]:
    words = [word for word in re.findall(r"\w+", text.lower()) if word not in _IDLE_WORDS]
    related = [_RELATED[word] for word in words if word in _RELATED]
    return {word.rstrip("s")[:_STEM_LETTERS] for word in [*words, *related] if len(word) > 1}


def _only_names(ask: str) -> bool:
    words = re.findall(r"\w+", ask)
    return bool(words) and all(word[0].isupper() or word.lower() in _IDLE_WORDS for word in words)


def _without_names(ask: str) -> str:
    for name in find_names(ask):
        ask = ask.replace(name, "")
    return ask


def _write_calls(chosen: list[tuple[Tool, str]], question: Question) -> tuple[ToolCall, ...]:
    calls: dict[tuple[str, str], ToolCall] = {}
    for tool, ask in chosen:
        arguments = json.dumps(make_arguments(tool.parameters, ask), ensure_ascii=False)
        digest = blake2b(f"{question.nonce}/{len(calls)}".encode(), digest_size=9).hexdigest()
        calls.setdefault((tool.name, arguments), ToolCall(id=f"call_{digest}", name=tool.name, arguments=arguments))
    return tuple(calls.values())
