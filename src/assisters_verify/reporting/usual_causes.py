"""The hints at usual causes, where reports find them."""

from collections.abc import Mapping

from assisters_verify.content import content_root
from assisters_verify.hints import load_hints


def usual_causes() -> Mapping[str, str]:
    """Return the hints by clause id."""
    return load_hints(content_root() / "spec" / "hints.yaml")
