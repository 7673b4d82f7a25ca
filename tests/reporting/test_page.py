"""report.html in a real browser: what it shows, what it refuses, and whether everybody can use it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from assisters_verify.evidence import Exchange
from assisters_verify.reporting.page import draw_page

CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")]

if CHROMIUM is not None:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
    from playwright.sync_api import Browser, Page, sync_playwright

Results = dict[str, Any]
FullRun = Callable[..., tuple[Results, list[Exchange]]]

_OPEN_ALL = "document.querySelectorAll('details').forEach(each => { each.open = true })"
_WIDTH = "document.documentElement.scrollWidth"
_SHOWN = "[...document.querySelectorAll('details.clause')].filter(each => !each.hidden).map(each => each.id)"


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def report(tmp_path: Path, results: Results, exchanges: list[Exchange]) -> str:
    (tmp_path / "report.html").write_bytes(draw_page(results, exchanges))
    return (tmp_path / "report.html").as_uri()


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
    assert trouble == [address.partition("#")[0]]
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280, 3840])
def test_axe_finds_nothing(browser: "Browser", report: str, width: int, scheme: str) -> None:
    with _opened(browser, report, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.evaluate(_OPEN_ALL)
        violations = [f"{each['id']}: {each['help']}" for each in Axe().run(page).response["violations"]]
    assert violations == []


def test_axe_finds_nothing_on_paper(browser: "Browser", report: str) -> None:
    with _opened(browser, report) as page:
        page.emulate_media(media="print")
        violations = [f"{each['id']}: {each['help']}" for each in Axe().run(page).response["violations"]]
    assert violations == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 3840])
def test_nothing_is_wider_than_the_window(browser: "Browser", report: str, width: int) -> None:
    with _opened(browser, report, viewport={"width": width, "height": 900}) as page:
        page.evaluate(_OPEN_ALL)
        shown = page.evaluate(_WIDTH)
    assert shown == width


def test_a_full_run_fits_a_telephone(browser: "Browser", full_run: FullRun, tmp_path: Path) -> None:
    (tmp_path / "full.html").write_bytes(draw_page(*full_run(nth=3, text="x" * 300, body="y" * 3_000)))
    address = (tmp_path / "full.html").as_uri()
    with _opened(browser, address, viewport={"width": 390, "height": 844}) as page:
        page.evaluate(_OPEN_ALL)
        shown = page.evaluate(_WIDTH)
    assert shown == 390


def test_everything_can_be_read_without_a_script(browser: "Browser", report: str) -> None:
    with _opened(browser, report, java_script_enabled=False) as page:
        page.locator("#CHAT-02 > summary").click()
        text = page.locator("#CHAT-02").inner_text()
        has_filter = page.locator("#filter").is_visible()
    assert ("200 with choices" in text, "Repeat it" in text, has_filter) == (True, True, False)


def test_a_link_to_a_clause_opens_it(browser: "Browser", report: str) -> None:
    with _opened(browser, f"{report}#METRIC-01") as page:
        is_open = page.locator("#METRIC-01 .inside").is_visible()
    assert is_open


def test_a_link_within_the_page_opens_what_it_leads_to(browser: "Browser", report: str) -> None:
    with _opened(browser, report) as page:
        page.locator(".card").get_by_role("link", name="METRIC-02").click()
        is_open = page.locator("#METRIC-02 .inside").is_visible()
    assert is_open


def test_search_leaves_what_holds_the_words(browser: "Browser", report: str) -> None:
    with _opened(browser, report) as page:
        page.get_by_label("Search").fill("max-REQUESTS")
        shown, told = page.evaluate(_SHOWN), page.locator("#filter-found").inner_text()
    assert (shown, told) == (["STREAM-03"], "1 of 9 shown")


def test_the_filter_leaves_one_verdict(browser: "Browser", report: str) -> None:
    with _opened(browser, report) as page:
        page.get_by_label("Show").select_option("not_implemented")
        shown, is_area_shown = page.evaluate(_SHOWN), page.locator("#area-chat").is_visible()
    assert (shown, is_area_shown) == (["METRIC-01", "METRIC-02"], False)


def test_a_link_to_what_the_filter_hides_shows_it(browser: "Browser", report: str) -> None:
    with _opened(browser, report) as page:
        page.get_by_label("Search").fill("nothing holds this")
        page.evaluate("location.hash = 'CHAT-02'")
        page.locator("#CHAT-02 .inside").wait_for(state="visible")


def test_a_strange_link_harms_nothing(browser: "Browser", report: str) -> None:
    with _opened(browser, f"{report}#%E0%A4%A") as page:
        heading = page.locator("h1").inner_text()
    assert heading.lower() == "nonconformant"


def test_no_text_of_the_target_becomes_an_element(browser: "Browser", report: str) -> None:
    with _opened(browser, report) as page:
        page.evaluate(_OPEN_ALL)
        count = page.locator("script, img, iframe, object, embed, form, a[href^=http]").count()
    assert count == 1  # our own script


def test_a_broken_clause_names_the_usual_cause(browser: "Browser", report: str) -> None:
    with _opened(browser, f"{report}#METRIC-01") as page:
        hint = page.locator("#METRIC-01 .hint").inner_text()
    assert hint.startswith("Usual cause The metrics are served on another port or path")


def test_search_finds_an_area(browser: "Browser", report: str) -> None:
    with _opened(browser, report) as page:
        page.get_by_label("Search").fill("transport")
        shown = page.evaluate(_SHOWN)
    assert shown == ["TLS-01"]


def test_a_command_can_be_copied(browser: "Browser", report: str) -> None:
    with _opened(browser, f"{report}#METRIC-01", permissions=["clipboard-read", "clipboard-write"]) as page:
        page.locator("#METRIC-01 .copied button").first.click()
        page.get_by_role("button", name="Copied").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "assisters-verify conformance --base-url http://127.0.0.1:8000 --seed 7 --clause METRIC-01"


def test_what_was_broken_is_printed_open(browser: "Browser", report: str) -> None:
    with _opened(browser, report) as page:
        page.emulate_media(media="print")
        broken, kept = (page.locator(f"#{each} .inside").is_visible() for each in ("CHAT-02", "CHAT-01"))
    assert (broken, kept) == (True, False)


def test_dark_and_light_differ(browser: "Browser", report: str) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    colours = []
    for scheme in ("light", "dark"):
        with _opened(browser, report, color_scheme=scheme) as page:
            colours.append(page.evaluate(paper))
    assert colours == ["rgb(252, 252, 250)", "rgb(20, 22, 26)"]
