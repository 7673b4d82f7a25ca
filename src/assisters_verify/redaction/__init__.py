"""Keep secrets out of everything that is kept or shown, in whatever form a server repeats them."""

from assisters_verify.redaction.deltas import holds_events
from assisters_verify.redaction.needles import PART_BYTES, SHORTEST_SECRET, SHORTEST_WITH_PARTS
from assisters_verify.redaction.redactor import HIDDEN, Redactor
from assisters_verify.redaction.spans import Span

__all__ = ["HIDDEN", "PART_BYTES", "SHORTEST_SECRET", "SHORTEST_WITH_PARTS", "Redactor", "Span", "holds_events"]
