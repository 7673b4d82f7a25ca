from collections.abc import Callable
from typing import Any

from assisters_verify.evidence import Exchange
from assisters_verify.reporting.page.clauses import ClauseView, ClauseViews
from assisters_verify.reporting.page.exchanges import Gallery
from assisters_verify.reporting.page.ration import Ration
from assisters_verify.verdicts import Verdict

Results = dict[str, Any]


def _views(results: Results, exchanges: list[Exchange], *, room: int = 200_000) -> dict[str, ClauseView]:
    gallery = Gallery({exchange.id: exchange for exchange in exchanges}, Ration(left=room))
    return ClauseViews(results, gallery, Ration(left=100_000)).all()


def test_every_clause_has_a_view_in_the_order_of_the_result(results: Results, exchanges: list[Exchange]) -> None:
    assert list(_views(results, exchanges)) == [clause["id"] for clause in results["clauses"]]


def test_a_broken_clause_shows_its_evidence_whole(results: Results, exchanges: list[Exchange]) -> None:
    view = _views(results, exchanges)["CHAT-02"]
    assert [exchange.request is not None for exchange in view.exchanges] == [True, False]


def test_a_kept_clause_mentions_one_exchange(results: Results, exchanges: list[Exchange]) -> None:
    view = _views(results, exchanges)["CHAT-01"]
    assert [(exchange.id, exchange.request) for exchange in view.exchanges] == [("x1", None)]


def test_a_kept_clause_has_no_command(results: Results, exchanges: list[Exchange]) -> None:
    view = _views(results, exchanges)["CHAT-01"]
    assert (view.command, view.curl) == ("", "")


def test_the_first_evidence_of_all_comes_before_the_second_of_any(
    make_results: Callable[..., Results],
    make_exchange: Callable[..., Exchange],
) -> None:
    results = make_results(3)
    for n, clause in enumerate(results["clauses"]):
        clause["evidence"] = [f"x{n}", f"x{n + 10}", f"x{n + 20}"]
    exchanges = [make_exchange(id=f"x{n}", text="y" * 3_000) for n in range(30)]
    views = _views(results, exchanges, room=19_000)
    assert [view.exchanges[0].request is not None for view in views.values()] == [True, True, True]


def test_the_worst_check_comes_first(results: Results, exchanges: list[Exchange]) -> None:
    results["clauses"][1]["checks"].reverse()
    view = _views(results, exchanges)["CHAT-02"]
    assert [check.verdict for check in view.checks] == [Verdict.FAIL, Verdict.PASS]


def test_the_embedded_server_is_gone_so_there_is_no_curl(results: Results, exchanges: list[Exchange]) -> None:
    results["options"]["embedded"] = True
    assert _views(results, exchanges)["CHAT-02"].curl == ""


def test_what_can_be_mended_has_a_hint(results: Results, exchanges: list[Exchange]) -> None:
    views = _views(results, exchanges)
    hinted = [clause_id for clause_id, view in views.items() if view.hint]
    assert hinted == ["CHAT-02", "CHAT-03", "METRIC-01", "METRIC-02"]


def test_a_hint_is_whole_or_not_there(results: Results) -> None:
    views = ClauseViews(results, Gallery({}, Ration(left=0)), Ration(left=60)).all()
    assert {view.hint for view in views.values()} == {""}
