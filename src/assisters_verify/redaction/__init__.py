"""Keep secrets out of everything that is kept or shown, in whatever form a server repeats them."""

from assisters_verify.redaction.needles import SHORTEST_SECRET
from assisters_verify.redaction.redactor import HIDDEN, Redactor
from assisters_verify.redaction.spans import Span

__all__ = ["HIDDEN", "SHORTEST_SECRET", "Redactor", "Span"]
