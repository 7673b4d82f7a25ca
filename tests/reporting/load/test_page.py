"""report.html of a load run in a real browser: what it shows, what it refuses, and whether everybody can use it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.reporting.load.page import draw_page

if TYPE_CHECKING:
    from tests.reporting.load.conftest import Document, MakeDocument

CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")]

if CHROMIUM is not None:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
    from playwright.sync_api import Browser, Page, sync_playwright

Write = Callable[["Document"], str]
_OPEN_ALL = "document.querySelectorAll('details').forEach(each => { each.open = true })"
_WIDTH = "document.documentElement.scrollWidth"


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(document: "Document") -> str:
        (tmp_path / "report.html").write_bytes(draw_page(document))
        return (tmp_path / "report.html").as_uri()

    return to_file


@contextmanager
def _opened(browser: "Browser", address: str, **how: Any) -> Iterator["Page"]:
    """Open the page; whatever it loads, says or throws is a failure."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **how})
    page = context.new_page()
    trouble: list[str] = []
    page.on("request", lambda request: trouble.append(request.url))
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(address)
    yield page
    assert trouble == [address]
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(
    browser: "Browser", write: Write, limited_document: "Document", width: int, scheme: str
) -> None:
    address = write(limited_document)
    with _opened(browser, address, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.evaluate(_OPEN_ALL)
        violations = [f"{each['id']}: {each['help']}" for each in Axe().run(page).response["violations"]]
    assert violations == []


@pytest.mark.parametrize("width", [320, 390, 768, 3840])
def test_nothing_is_wider_than_the_window(
    browser: "Browser", write: Write, limited_document: "Document", width: int
) -> None:
    with _opened(browser, write(limited_document), viewport={"width": width, "height": 900}) as page:
        page.evaluate(_OPEN_ALL)
        shown = page.evaluate(_WIDTH)
    assert shown == width


def test_it_needs_no_script(write: Write, limited_document: "Document") -> None:
    page = Path(write(limited_document).removeprefix("file://")).read_text(encoding="utf-8")
    assert ("<script" in page, " style=" in page, "default-src 'none'" in page) == (False, False, True)


def test_no_text_of_the_target_becomes_an_element(
    browser: "Browser", write: Write, limited_document: "Document"
) -> None:
    with _opened(browser, write(limited_document)) as page:
        count = page.locator("script, img, iframe, object, embed, form, a[href^=http]").count()
    assert count == 0


def test_each_chart_lies_within_its_frame(browser: "Browser", write: Write, limited_document: "Document") -> None:
    outside = """() => [...document.querySelectorAll('figure.chart')].flatMap(figure => {
        const frame = figure.getBoundingClientRect();
        return [...figure.querySelectorAll('text')].filter(text => {
            const box = text.getBoundingClientRect();
            return box.left < frame.left || box.right > frame.right || box.bottom > frame.bottom || box.top < frame.top;
        }).map(text => text.textContent);
    })"""
    found = {}
    for width in (390, 1280):
        with _opened(browser, write(limited_document), viewport={"width": width, "height": 900}) as page:
            found[width] = page.evaluate(outside)
    assert found == {390: [], 1280: []}


def test_every_chart_has_a_title_and_a_description(browser: "Browser", write: Write, document: "Document") -> None:
    with _opened(browser, write(document)) as page:
        charts = page.locator("figure.chart svg[role=img]").count()
        told = page.locator("figure.chart svg[role=img] > title").count()
        described = page.locator("figure.chart svg[role=img] > desc").count()
    assert (charts, told, described) == (6, 6, 6)


def test_both_clocks_are_shown(browser: "Browser", write: Write, document: "Document") -> None:
    with _opened(browser, write(document)) as page:
        rows = page.locator("#measures ~ .table tbody th").all_inner_texts()
    assert [row for row in rows if "first token" in row.lower()] == [
        "First token, from due ttft_s",
        "First token, from sent ttft_sent_s",
    ]


def test_a_void_run_says_so_before_everything_else(browser: "Browser", write: Write, make: "MakeDocument") -> None:
    document = make(seconds=3, verdict="void")
    document["generator"] |= {"saturated": True, "advice": "Take more processes: --processes 2."}
    document["generator"]["rules"][0] |= {"verdict": "fail", "value": 0.0089}
    with _opened(browser, write(document)) as page:
        heading, alarm = page.locator("h1").inner_text(), page.locator(".alarm").first.inner_text()
    assert (heading.lower(), "--processes 2" in alarm) == ("void", True)
    assert "read late, p99: 8.9 ms, at most 4.2 ms" in alarm


def test_a_run_without_anything_can_be_drawn(browser: "Browser", write: Write, make: "MakeDocument") -> None:
    nothing = {"count": 0, "mean": None, **dict.fromkeys(("p50", "p90", "p95", "p99", "max"))}
    document = make(seconds=1, verdict="fail", kinds={}, distributions={}, slowest=[], thresholds=[])
    document["measures"] = dict.fromkeys(document["measures"], nothing)
    document["series"] = {name: [] for name in document["series"]}
    document["shares"] = dict.fromkeys(document["shares"])
    with _opened(browser, write(document)) as page:
        text = page.locator("main").inner_text()
    assert "Nothing was measured." in text


def test_a_soak_of_a_day_stays_small(make: "MakeDocument") -> None:
    document = make(seconds=60)
    document["series"] = {name: [*column] * 1440 for name, column in document["series"].items()}
    document["series"]["t_s"] = [float(second) for second in range(86_400)]
    assert len(draw_page(document)) < 200_000


def test_a_search_shows_each_rate(browser: "Browser", write: Write, ramp_document: "Document") -> None:
    with _opened(browser, write(ramp_document), viewport={"width": 390, "height": 900}) as page:
        rows = page.locator("#search ~ .table tbody tr").all_inner_texts()
        violations = [each["id"] for each in Axe().run(page).response["violations"]]
    assert ([row.split()[0] for row in rows], violations) == (["10", "20", "40"], [])
