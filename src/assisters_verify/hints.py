"""Hints: the usual cause where a clause is broken, written beside the clauses and shown beside what was found."""

from collections.abc import Mapping
from pathlib import Path

import yaml


def load_hints(path: Path) -> Mapping[str, str]:
    """Return the hints of `hints.yaml` by clause id. Raises OSError, or ValueError where it is none of ours."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    hints = document.get("hints") if isinstance(document, dict) else None
    if not isinstance(hints, dict) or not all(isinstance(text, str) and text.strip() for text in hints.values()):
        raise ValueError(f"{path.name} is no table of hints by clause id")
    return hints
