"""Find the content folders, in the installed wheel or in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def content_root() -> Path:
    """Return the folder that holds `spec/`, `conformance/`, `load/` and `reports/`."""
    packed = _PACKAGE / "_content"
    return packed if packed.is_dir() else _PACKAGE.parent.parent
