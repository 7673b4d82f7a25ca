"""The site is built without a warning, and holds nothing that a reader's browser would fetch from elsewhere."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from assisters_verify.content import content_root

ZENSICAL = Path(sys.executable).parent / "zensical"
pytestmark = pytest.mark.skipif(not ZENSICAL.exists(), reason="zensical is not installed: pip install -e '.[dev]'")
_FETCHED = re.compile(
    r"""<(?:script|img|iframe|link rel="(?:stylesheet|preconnect|icon)")[^>]*(?:src|href)="?(https?:[^"\s>]+)"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(content_root() / "docs", folder / "docs")
    shutil.copy(content_root() / "zensical.toml", folder)
    subprocess.run([ZENSICAL, "build", "--clean", "--strict"], cwd=folder, timeout=120, check=True)
    return folder / "site"


def test_every_page_is_built(site: Path) -> None:
    sources = [path.relative_to(content_root() / "docs") for path in (content_root() / "docs").rglob("*.md")]
    built = {path.relative_to(site) for path in site.rglob("index.html")}
    wanted = {
        source.with_suffix("") / "index.html" if source.stem != "index" else source.with_suffix(".html")
        for source in sources
    }
    assert wanted - built == set()


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    fetched = {
        address for page in site.rglob("*.html") for address in _FETCHED.findall(page.read_text(encoding="utf-8"))
    }
    assert fetched == set()
