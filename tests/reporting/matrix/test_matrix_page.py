"""The matrix in a real browser: what it shows, what it refuses, and whether everybody can use it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from assisters_verify.reporting.matrix.drawing import draw_matrix_page
from assisters_verify.reporting.matrix.table import Matrix

CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")]

if CHROMIUM is not None:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
    from playwright.sync_api import Browser, Page, sync_playwright

_OPEN_ALL = "document.querySelectorAll('details').forEach(each => { each.open = true })"
_WIDTH = "document.documentElement.scrollWidth"
_LISTEN = """region => {
  window.moved = new Promise((done, fail) => {
    region.addEventListener("scroll", () => done(region.scrollLeft > 0), { once: true });
    setTimeout(fail, 20000, new Error("nothing scrolled"));
  });
}"""
_REGIONS = "[...document.querySelectorAll('.scroll')].map(each => each.scrollWidth > each.clientWidth)"


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def page_address(tmp_path: Path, matrix: Matrix) -> str:
    (tmp_path / "matrix.html").write_bytes(draw_matrix_page(matrix))
    return (tmp_path / "matrix.html").as_uri()


@contextmanager
def _opened(browser: "Browser", address: str, **how: Any) -> Iterator["Page"]:
    """Open the page; whatever it loads, says or throws is a failure."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **how})
    page = context.new_page()
    trouble: list[str] = []
    page.on("request", lambda request: trouble.append(request.url))
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", lambda dialog: trouble.append(dialog.message))
    page.goto(address)
    yield page
    assert trouble == [address]
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(browser: "Browser", page_address: str, width: int, scheme: str) -> None:
    how = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with _opened(browser, page_address, **how) as page:
        page.evaluate(_OPEN_ALL)
        violations = [f"{each['id']}: {each['help']}" for each in Axe().run(page).response["violations"]]
    assert violations == []


def test_axe_finds_nothing_in_six_full_runs(
    browser: "Browser", full_matrix: Callable[..., Matrix], tmp_path: Path
) -> None:
    (tmp_path / "full.html").write_bytes(draw_matrix_page(full_matrix(nth=9, text="x" * 300)))
    how = {"viewport": {"width": 390, "height": 844}}
    with _opened(browser, (tmp_path / "full.html").as_uri(), **how) as page:
        violations = [f"{each['id']}: {each['help']}" for each in Axe().run(page).response["violations"]]
        shown = page.evaluate(_WIDTH)
    assert (violations, shown) == ([], 390)


@pytest.mark.parametrize("width", [320, 390, 1280, 3840])
def test_nothing_but_the_tables_scrolls_sideways(browser: "Browser", page_address: str, width: int) -> None:
    with _opened(browser, page_address, viewport={"width": width, "height": 900}) as page:
        page.evaluate(_OPEN_ALL)
        shown = page.evaluate(_WIDTH)
    assert shown == width


def test_a_table_scrolls_by_the_keyboard(browser: "Browser", page_address: str) -> None:
    with _opened(browser, page_address, viewport={"width": 390, "height": 844}) as page:
        is_wider = page.evaluate(_REGIONS)
        region = page.get_by_role("region", name="Table: areas")
        region.evaluate(_LISTEN)
        region.focus()
        page.keyboard.press("ArrowRight")
        has_moved = page.evaluate("window.moved")
    assert (is_wider, has_moved) == ([True, True, True], True)


def test_reasons_open_without_a_script(browser: "Browser", page_address: str) -> None:
    with _opened(browser, page_address, java_script_enabled=False) as page:
        row = page.get_by_role("row", name="METRIC-01")
        before = row.inner_text()
        row.get_by_text("not implemented").click()
        after = row.inner_text()
    assert ("GET /v1/metrics" in before, "GET /v1/metrics is not there" in after) == (False, True)


def test_the_choice_leaves_what_differs_without_a_script(browser: "Browser", page_address: str) -> None:
    with _opened(browser, page_address, java_script_enabled=False) as page:
        page.get_by_label("Only where the runs differ").check()
        shown = [each.split()[0] for each in page.locator(".promises .id").all_inner_texts() if each]
        visible = [n for n, each in enumerate(page.locator(".promises .id").all()) if each.is_visible()]
    assert [shown[n] for n in visible] == ["CHAT-01"]


def test_dark_and_light_differ(browser: "Browser", page_address: str) -> None:
    colours = []
    for scheme in ("light", "dark"):
        with _opened(browser, page_address, color_scheme=scheme) as page:
            colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert colours == ["rgb(252, 252, 250)", "rgb(20, 22, 26)"]
