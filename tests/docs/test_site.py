"""The site is built without a warning, and holds nothing that a reader's browser would fetch from elsewhere."""

import functools
import http.server
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from assisters_verify.content import content_root

CHROMIUM = shutil.which("chromium")
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


_WINDOWS: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 1300), ("dark", 390))


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:  # what is asked for is nobody's business
        pass


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_axe_finds_nothing_on_the_site(address: str) -> None:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # noqa: PLC0415 - not without a browser
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not without a browser

    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for scheme, width in _WINDOWS:
            page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
            for name in ("", "ci/", "reference/commands/"):
                page.goto(f"{address}/{name}")
                found += [(name, scheme, each["id"]) for each in Axe().run(page).response["violations"]]
        browser.close()
    assert found == []
