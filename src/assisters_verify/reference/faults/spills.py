"""Areas that fail along with another one, since they rest on what it promises."""

# By the area of the fault: the area that fails too, and why it cannot but do so.
SPILLS: dict[str, dict[str, str]] = {}
