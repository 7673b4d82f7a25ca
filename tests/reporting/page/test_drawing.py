import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from assisters_verify.content import content_root
from assisters_verify.evidence import Exchange
from assisters_verify.reporting.page import draw_page

Results = dict[str, Any]
FullRun = Callable[..., tuple[Results, list[Exchange]]]


class _Elements(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def values(self, name: str) -> list[str]:
        return [value for _, each, value in self.attributes if each == name]


def _page(results: Results, exchanges: list[Exchange] | None = None) -> str:
    return draw_page(results, exchanges or []).decode("utf-8")


def test_each_clause_has_its_own_anchor(results: Results, exchanges: list[Exchange]) -> None:
    ids = _Elements(_page(results, exchanges)).values("id")
    wanted = {clause["id"] for clause in (*results["clauses"], *results["untestable"])}
    assert (wanted - set(ids), len(ids) - len(set(ids))) == (set(), 0)


def test_each_link_within_the_page_leads_somewhere(results: Results, exchanges: list[Exchange]) -> None:
    page = _Elements(_page(results, exchanges))
    links = {value.removeprefix("#") for value in page.values("href")}
    assert links - set(page.values("id")) == set()


def test_the_page_links_to_nothing_outside(results: Results, exchanges: list[Exchange]) -> None:
    page = _Elements(_page(results, exchanges))
    outside = [value for value in page.values("href") + page.values("src") if not value.startswith("#")]
    assert outside == []


def test_no_element_comes_from_the_target(results: Results, exchanges: list[Exchange]) -> None:
    page = _Elements(_page(results, exchanges))
    assert (page.names.count("script"), page.names.count("img"), page.values("onerror")) == (1, 0, [])


def test_no_attribute_asks_for_what_the_policy_forbids(results: Results, exchanges: list[Exchange]) -> None:
    page = _Elements(_page(results, exchanges))
    assert [each for each in page.attributes if each[1] == "style" or each[1].startswith("on")] == []


def test_nothing_acts_or_hides_in_the_page(results: Results, exchanges: list[Exchange]) -> None:
    page = _page(results, exchanges)
    assert [character for character in "\x1b\x00\r\u202e\u2028\ufeff" if character in page] == []


@pytest.mark.parametrize(
    "sentence",
    [
        "GET /v1/metrics is not there",
        "left out by --max-requests",
        "the model never chose to",
        "Storage is behind the API.",
        "key k_1 (DELETE answered 500)",
        "22 November 2026, 20:00:00 UTC",
        "assisters-verify conformance --base-url http://127.0.0.1:8000 --seed 7 --clause CHAT-02",
        "$ASSISTERS_API_KEY",
        "1,200",
    ],
)
def test_the_page_says(results: Results, exchanges: list[Exchange], sentence: str) -> None:
    assert sentence in _page(results, exchanges)


def test_an_early_end_is_told(empty_results: Results) -> None:
    assert "<b>The run ended early:</b> Ctrl-C" in _page(empty_results)


def test_one_missing_route_is_said_once_in_the_overview(results: Results) -> None:
    overview = _page(results).partition('id="promises"')[0]
    assert overview.count("GET /v1/metrics is not there") == 1


def test_a_policy_hash_covers_style_and_script(results: Results) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', _page(results))
    assert policy is not None
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'",
        policy[1],
    )


@pytest.mark.parametrize("nth", [1, 7, 1_000_000])
def test_a_full_run_stays_under_500_kb(full_run: FullRun, nth: int) -> None:
    results, exchanges = full_run(nth=nth, text="`x` is not what was promised " * 5)
    size = len(draw_page(results, exchanges))
    assert (len(exchanges) > 1_000, size < 500_000) == (True, True)


@pytest.mark.parametrize("character", ['"', "\U000e0001", "<", "\n", "日"], ids=ascii)
def test_a_hostile_run_stays_under_500_kb(full_run: FullRun, character: str) -> None:
    results, exchanges = full_run(nth=1, text=character * 5_000, body=character * 5_000)
    size = len(draw_page(results, exchanges))
    assert size < 500_000


def test_a_result_without_what_was_added_later_is_drawn(results: Results, exchanges: list[Exchange]) -> None:
    """Within a version of the schema fields are only ever added, so an older result lacks some."""
    schema = json.loads((content_root() / "reports" / "results.schema.json").read_text(encoding="utf-8"))
    older = {name: value for name, value in results.items() if name in schema["required"]}
    assert "<h1>nonconformant</h1>" in _page(older, exchanges)
