"""Areas that fail along with a clause, since they rest on what it promises and are judged by it too."""

from dataclasses import dataclass

from assisters_verify.reference.variations import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Spill:
    """What cannot but happen: where one of these clauses is broken, clauses of these areas fail too."""

    clauses: tuple[str, ...]
    areas: tuple[str, ...]
    why: str


SPILLS = (
    Spill(
        clauses=("AUTH-02", "AUTH-03", "AUTH-04"),
        areas=("audit", "data", "idempotency", "keys", "rate_limits", "webhooks"),
        why="A deleted key, and that of nobody, are as any key that is not known; limits, repeats, the log and events "
        "are a customer's own.",
    ),
    Spill(
        clauses=("ERROR-01", "ERROR-08"),
        areas=(
            *("audit", "authentication", "canary", "chat", "data", "embeddings", "idempotency", "keys"),
            *("legacy", "rate_limits", "streaming", "tools", "webhooks"),
        ),
        why="A refusal is right only in its envelope, whatever it refuses.",
    ),
    Spill(
        clauses=("ERROR-04", "ERROR-12"),
        areas=("chat", "embeddings", "keys", "legacy", "streaming", "tools", "webhooks"),
        why="The fields of every route have types, and a refusal names the field.",
    ),
    Spill(
        clauses=("ERROR-02", "ERROR-03", "ERROR-10"),
        areas=("chat", "embeddings"),
        why="What is no JSON number is also tried as the value of a field, and what is no object as a body.",
    ),
    Spill(
        clauses=(
            *("CHAT-03", "CHAT-04", "CHAT-05", "CHAT-06", "CHAT-09", "CHAT-10", "CHAT-21"),
            *("EMBED-10", "EMBED-11", "EMBED-16"),
        ),
        areas=("errors", "streaming"),
        why="What a field may hold is also judged in streams, and its type on every route.",
    ),
    Spill(
        clauses=("CHAT-08", "CHAT-17"),
        areas=("privacy", "reasoning", "streaming"),
        why="What is compared is asked for at temperature 0 and with a bound, as documented.",
    ),
    Spill(
        clauses=("CHAT-13",),
        areas=("tools",),
        why="A tool's result is JSON, and so holds braces.",
    ),
    Spill(
        clauses=("CHAT-18", "CHAT-20"),
        areas=(
            *("authentication", "data", "errors", "idempotency", "legacy", "models"),
            *("privacy", "reasoning", "streaming", "tools"),
        ),
        why="Who gets the answer to another request may get any refusal, too.",
    ),
    Spill(
        clauses=("CHAT-22",),
        areas=("models", "streaming"),
        why="Streams and reasoning come from the same route.",
    ),
    Spill(
        clauses=("PRIV-01", "PRIV-07", "REASON-03", "STREAM-11", "TOOL-12"),
        areas=("chat",),
        why="Generated chat requests hold every documented field.",
    ),
    Spill(
        clauses=("KEY-11",),
        areas=("audit",),
        why="A log that names keys by their ids shows a secret that stands in the id.",
    ),
    Spill(
        clauses=("MODEL-01",),
        areas=("errors", "idempotency"),
        why="The list of models is what is asked for to see whether a server still answers.",
    ),
    Spill(
        clauses=("MODEL-06", "MODEL-08"),
        areas=("reasoning",),
        why="Reasoning is asked of each model that lists it.",
    ),
    Spill(
        clauses=("MODEL-11",),
        areas=("errors",),
        why="Every answer that is JSON must say so.",
    ),
    Spill(
        clauses=("REASON-01", "REASON-02"),
        areas=("models",),
        why="A model that lists reasoning and gives none lists what it cannot do.",
    ),
    Spill(
        clauses=("STREAM-01", "STREAM-02", "STREAM-05", "STREAM-13", "STREAM-16"),
        areas=("idempotency", "privacy", "reasoning", "tools"),
        why="What these areas promise holds for streams too, and is read from streams.",
    ),
    Spill(
        clauses=("STREAM-08",),
        areas=("legacy", "privacy", "reasoning"),
        why="Their fields are also refused where a stream is asked for.",
    ),
    Spill(
        clauses=("STREAM-10",),
        areas=("audit", "chat", "models"),
        why="Who streams unasked gives no completion.",
    ),
    Spill(
        clauses=("TOOL-01", "TOOL-08"),
        areas=("chat",),
        why="The role `tool` is one of the roles of messages.",
    ),
)


def spilled_areas(clause: str) -> dict[str, str]:
    """Return the areas that may fail where this clause is broken, each with the reason."""
    return {area: spill.why for spill in SPILLS if clause in spill.clauses for area in spill.areas}


def broken_areas(fault: Fault) -> frozenset[str]:
    """Return the areas that may fail with this fault: its own, and those that are declared."""
    return frozenset({fault.area, *fault.also, *spilled_areas(fault.clause)})
