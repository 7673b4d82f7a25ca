"""Keep a page small: what a target wrote shares one allowance, counted as it will stand in the HTML."""

from dataclasses import dataclass

from markupsafe import escape

from assisters_verify.reporting.inert import visible

_SHORTEST = 40


@dataclass(slots=True, kw_only=True)
class Ration:
    """What is left for texts of one kind, in bytes of the finished page."""

    left: int

    def spend(self, cost: int) -> bool:
        """Take this many bytes for markup, or tell that they are not there."""
        is_there = self.left >= cost
        self.left -= cost if is_there else 0
        return is_there

    def take(self, text: str, most: int, *, copies: int = 1) -> tuple[str, bool]:
        """Return as much of the text as `most` bytes and the ration allow, made visible, and whether it is cut.

        `copies` says how often the text will stand in the page.
        """
        allowed = min(most, self.left // copies)
        if not text or allowed < _SHORTEST:
            return "", bool(text)
        # Each character takes at least one byte, so nothing behind this place could be shown anyway.
        whole = visible(text[:allowed])
        shown = _prefix(whole, allowed)
        self.left -= _cost(shown) * copies
        return shown, len(shown) < len(whole) or len(text) > allowed

    def line(self, text: str, most: int, *, copies: int = 1) -> str:
        """Return the text as `take` does, with a sign where it was cut."""
        shown, is_cut = self.take(text, most, copies=copies)
        return shown + "…" if is_cut else shown


def _cost(text: str) -> int:
    return len(str(escape(text)).encode("utf-8"))


def _prefix(text: str, allowed: int) -> str:
    """Return the longest beginning that costs at most so much."""
    if _cost(text) <= allowed:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _cost(text[:middle]) <= allowed else (low, middle - 1)
    return text[:low]
