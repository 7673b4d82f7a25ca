"""Every link within the documentation leads somewhere, and every page is in the site's table of contents."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from assisters_verify.content import content_root

ROOT = content_root()
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
READ_AT_ROOT = [path for path in sorted(ROOT.glob("*.md")) if path.name != "CHANGELOG.md"]
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def prose(path: Path) -> str:
    return _CODE.sub("", _FENCE.sub("", path.read_text(encoding="utf-8")))


def anchors(path: Path) -> set[str]:
    text = _FENCE.sub("", path.read_text(encoding="utf-8"))
    words = (re.sub(r"[^\w\s-]", "", heading).strip().lower() for heading in _HEADING.findall(text))
    return {re.sub(r"\s+", "-", word) for word in words}


def broken_links(path: Path) -> list[str]:
    broken = []
    for link in _LINK.findall(prose(path)):
        if link.startswith(("https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        is_there = target.exists() and (not anchor or anchor in anchors(target))
        broken += [] if is_there else [link]
    return broken


@pytest.mark.parametrize("path", [*PAGES, *READ_AT_ROOT], ids=lambda path: str(path.relative_to(ROOT)))
def test_each_link_leads_somewhere(path: Path) -> None:
    assert broken_links(path) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_of_the_site_links_out_of_it(path: Path) -> None:
    """What is outside docs/ is not on the site."""
    inside = [link for link in _LINK.findall(prose(path)) if not link.startswith("https://")]
    outside = [link for link in inside if not (path.parent / link.partition("#")[0]).resolve().is_relative_to(DOCS)]
    assert outside == []


def test_every_page_is_in_the_table_of_contents_once() -> None:
    config: dict[str, Any] = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))
    listed = sorted(pages_of(config["project"]["nav"]))
    assert listed == [str(path.relative_to(DOCS)) for path in PAGES]


def pages_of(nav: list[dict[str, Any]]) -> list[str]:
    found: list[str] = []
    for entry in nav:
        for value in entry.values():
            found += [value] if isinstance(value, str) else pages_of(value)
    return found
