"""A load run from settings to load.json: the generator is real Locust, its scenarios are made up for each test."""

import json
import os
import signal
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from assisters_verify import load_process
from assisters_verify.catalogue import Clause
from assisters_verify.conformance_run import ExitStatus
from assisters_verify.content import content_root
from assisters_verify.load_judging import Bench, Judged
from assisters_verify.load_run import FinishedLoad, KeyRing, fixed_keys, run_load
from assisters_verify.measures.measures import Measures
from assisters_verify.preflight import Unreachable
from assisters_verify.results import Outcome
from assisters_verify.settings.load import LoadSettings
from assisters_verify.verdicts import Basis, Level, Verdict

if TYPE_CHECKING:
    from tests.conftest import Peer, Serve

KEY = "sk-test-7d1e4f9c2a8b30561234"
START = """
import json, os, signal, sys, time
from assisters_verify.events import EventWriter
from assisters_verify.load_orders import LoadOrders, LEDGER_FILE, MEASURES_FILE
from assisters_verify.measures.ledger import Head, Row, write_ledger
from assisters_verify.measures.measures import Measures
orders = LoadOrders.from_environ(os.environ)
events = EventWriter(orders.events)
def measure(*, ok=100, failed=0, lag_us=100, seconds=2):
    measures = Measures()
    group = measures.kinds["chat"]
    group.counters.update({"sent": ok + failed, "ok": ok, "failed": failed, "good": ok})
    group.by_status.update({"200": ok, "reset": failed})
    for name in ("latency_s", "service_s"):
        group.histograms[name].record_many([20_000] * ok)
    for number in range(seconds):
        measures.series[number].counts.update({"offered": ok // seconds, "sent": ok // seconds, "ok": ok // seconds})
    health = Health()
    health.lag.record_many([lag_us] * ok)
    health.figures.update({"cpu_s": 0.2, "wall_s": 2.0, "asked": ok, "delivered": ok, "peak_memory_mb": 50.0})
    measures.health["local"] = health
    return measures
def write(measures):
    measures.write(orders.folder / MEASURES_FILE)
def leave(status=0):
    sys.stdout.flush()
    os._exit(status)
""".replace(
    "from assisters_verify.measures.measures",
    "from assisters_verify.measures.health import Health\nfrom assisters_verify.measures.measures",
)
CLAUSE = Clause(
    id="LOAD-99", area="load", level=Level.MUST, basis=Basis.IMPLIED, section="Rate Limits", title="The limit is kept."
)
Run = Callable[..., FinishedLoad]


def answer(peer: "Peer") -> None:
    while True:
        peer.read()
        peer.answer(b"{}", status="404 Not Found")


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start the scenario's file itself: Locust takes a second to start, and most of these need nothing of it."""
    code = "import runpy, sys; runpy.run_path(sys.argv[sys.argv.index('-f') + 1])"
    monkeypatch.setattr(load_process, "LOCUST", (sys.executable, "-P", "-c", code))


@pytest.fixture
def run(light: None, run_with_locust: Run) -> Run:
    """Return a function that runs a scenario given as text."""
    del light
    return run_with_locust


@pytest.fixture
def run_with_locust(tmp_path: Path, serve: "Serve") -> Run:
    """Return a function that runs a scenario given as text within Locust."""

    def call(
        text: str,
        *,
        bench: Bench | None = None,
        on_event: Callable[[dict[str, Any]], None] = lambda _: None,
        keys: Any = None,
        base_url: str | None = None,
        **options: Any,
    ) -> FinishedLoad:
        (tmp_path / "made_up.py").write_text(START + textwrap.dedent(text))
        settings = LoadSettings.model_validate(
            {
                "scenario": "made_up",
                "rate_per_s": 50,
                "duration_s": 2,
                "target": {"base_url": base_url or serve(answer).url},
                **options,
            }
        )
        return run_load(
            settings,
            keys=keys or fixed_keys(KEY),
            bench=bench or Bench(),
            on_event=on_event,
            scenario_folder=tmp_path,
        )

    return call


def document_of(finished: FinishedLoad) -> dict[str, Any]:
    """Return the document, valid by its schema."""
    assert finished.document is not None
    schema = json.loads((content_root() / "reports" / "load.schema.json").read_text(encoding="utf-8"))
    document: dict[str, Any] = json.loads(json.dumps(finished.document))
    Draft202012Validator(schema).validate(document)
    return document


def test_what_was_measured_becomes_a_document(run: Run) -> None:
    finished = run("write(measure()); leave()", thresholds={"latency_s": {"p95": 0.03}, "error_rate": 0})
    document = document_of(finished)
    assert (document["verdict"], finished.exit_status, finished.failure) == ("pass", ExitStatus.HELD, None)
    assert (document["requests"]["sent"], document["requests"]["by_status"]) == (100, {"200": 100})
    assert [each["verdict"] for each in document["thresholds"]] == ["pass", "pass"]


def test_a_threshold_that_is_not_held_breaks_the_run(run: Run) -> None:
    finished = run("write(measure(failed=10)); leave()", thresholds={"error_rate": 0.01})
    assert (document_of(finished)["verdict"], finished.exit_status) == ("fail", ExitStatus.BROKEN)


def test_a_generator_that_was_the_limit_makes_the_run_void(run: Run) -> None:
    finished = run("write(measure(failed=10, lag_us=30_000)); leave()", thresholds={"error_rate": 0.01})
    document = document_of(finished)
    assert (document["verdict"], finished.exit_status) == ("void", ExitStatus.VOID)
    assert "--master" in document["generator"]["advice"]


def test_what_is_broken_beyond_doubt_fails_where_the_generator_was_the_limit(run: Run) -> None:
    """And what rests on times that are the generator's does not."""
    outcome = Outcome(check="load", clause="LOAD-99", verdict=Verdict.FAIL, reason="429 without the envelope")
    judges = (lambda *_: [Judged(outcome=outcome)],)
    statuses = {
        run(
            "write(measure(lag_us=30_000)); leave()",
            bench=Bench(clauses=(CLAUSE,), judges=judges, by_evidence=by_evidence),
        ).exit_status
        for by_evidence in (frozenset({"LOAD-99"}), frozenset[str]())
    }
    assert statuses == {ExitStatus.BROKEN, ExitStatus.VOID}


def test_events_are_passed_on_as_they_come(run: Run) -> None:
    told: list[dict[str, Any]] = []
    run("events.write('second', t_s=1.0, sent=5); write(measure()); leave()", on_event=told.append)
    assert told == [{"event": "second", "t_s": 1.0, "sent": 5}]


def test_why_it_stopped_before_its_time_is_told(run: Run) -> None:
    finished = run("events.write('end', stopped='the cap of 50 requests was reached'); write(measure()); leave()")
    assert document_of(finished)["interrupted"] == "the cap of 50 requests was reached"


def test_a_dead_generator_is_told_and_nothing_is_green(run: Run) -> None:
    finished = run(f"print('oh no {KEY}'); leave(7)")
    document = document_of(finished)
    assert (document["verdict"], finished.exit_status) == ("void", ExitStatus.SUITE_FAILED)
    assert document["failure"] == "the generator ended with status 7: oh no {{key_0}}"


def test_a_generator_without_figures_is_told(run: Run) -> None:
    finished = run("leave()")
    assert (finished.failure, finished.exit_status) == (
        "the generator ended without its figures",
        ExitStatus.SUITE_FAILED,
    )


def test_nothing_of_the_users_reaches_the_generator(
    run_with_locust: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("LOCUST_USERS", "77")
    monkeypatch.setenv("PYTHONPATH", str(home))
    for name in ("locust.conf", ".locust.conf"):
        (home / name).write_text("no-such-option = 88\n")
    (home / "orjson.py").write_text("raise SystemExit(9)\n")
    told: list[dict[str, Any]] = []
    text = f"""
    command = open("/proc/self/cmdline").read()
    names = [name for name in os.environ if name.startswith(("LOCUST_", "PYTHONPATH"))]
    events.write("told", names=names, has_key={KEY!r} in command, cwd=os.getcwd() == str(orders.folder))
    write(measure()); leave()
    """
    run_with_locust(text, on_event=told.append)
    assert told == [{"event": "told", "names": [], "has_key": False, "cwd": True}]


def test_the_run_folder_is_the_users_alone_and_goes_away(run: Run) -> None:
    told: list[dict[str, Any]] = []
    text = """
    events.write("told", mode=oct(os.stat(orders.folder).st_mode)[-3:], path=str(orders.folder))
    write(measure()); leave()
    """
    run(text, on_event=told.append)
    assert (told[0]["mode"], Path(told[0]["path"]).exists()) == ("700", False)


def test_the_first_signal_asks_and_the_figures_are_kept(run: Run) -> None:
    text = """
    def end(*_):
        write(measure()); leave()
    signal.signal(signal.SIGINT, end)
    events.write("ready")
    while True:
        time.sleep(0.05)  # one that comes just before `signal.pause` would wait for the next one
    """
    finished = run(text, on_event=lambda _: os.kill(os.getpid(), signal.SIGINT))
    document = document_of(finished)
    assert (document["interrupted"], document["requests"]["sent"]) == ("interrupted by SIGINT", 100)
    assert finished.exit_status == ExitStatus.INTERRUPTED


def test_the_second_signal_ends_at_once(run: Run) -> None:
    text = """
    signal.signal(signal.SIGINT, lambda *_: events.write("asked"))
    events.write("ready")
    while True:
        time.sleep(0.05)
    """
    finished = run(text, on_event=lambda _: os.kill(os.getpid(), signal.SIGTERM))
    document = document_of(finished)
    assert (document["interrupted"], finished.ended_by) == ("interrupted by SIGTERM", signal.SIGTERM)


def test_a_target_that_is_not_there_is_told_before_anything_is_started(run: Run, refused_port: int) -> None:
    with pytest.raises(Unreachable):
        run("leave()", base_url=f"http://127.0.0.1:{refused_port}")


def test_judges_speak_about_clauses_with_figures(run: Run) -> None:
    def judge(settings: LoadSettings, measures: Measures, ledger: Path | None) -> Sequence[Judged]:
        del settings
        sent = measures.counters["sent"]
        reason = f"{sent} sent, ledger {ledger is not None}"
        outcome = Outcome(check="load", clause=CLAUSE.id, verdict=Verdict.FAIL, reason=reason, expected="less")
        return [Judged(outcome=outcome, figures={"sent": sent})]

    finished = run("write(measure()); leave()", bench=Bench(clauses=(CLAUSE,), judges=(judge,)))
    (clause,) = document_of(finished)["clauses"]
    assert (clause["verdict"], clause["reason"], clause["figures"]) == ("fail", "100 sent, ledger False", {"sent": 100})
    assert finished.exit_status == ExitStatus.BROKEN


def test_a_clause_that_nobody_spoke_about_is_not_green(run: Run) -> None:
    finished = run("write(measure()); leave()", bench=Bench(clauses=(CLAUSE,)))
    document = document_of(finished)
    assert (document["clauses"][0]["verdict"], document["verdict"]) == ("inconclusive", "fail")


def test_a_judge_that_fails_is_the_suites_own_fault(run: Run) -> None:
    def judge(*_: Any) -> Sequence[Judged]:
        raise ZeroDivisionError(KEY)

    finished = run("write(measure()); leave()", bench=Bench(clauses=(CLAUSE,), judges=(judge,)))
    (clause,) = document_of(finished)["clauses"]
    assert (clause["verdict"], finished.exit_status) == ("error", ExitStatus.SUITE_FAILED)
    assert KEY not in clause["reason"]


def test_what_each_key_was_offered_is_read_from_the_ledger(run: Run) -> None:
    text = """
    def row(n):
        sent_us, status = n * 10_000, 429 if n % 4 == 1 else 200
        return Row(sent_us, sent_us, -1, -1, sent_us + 5, 0, 0, n % 2, 0, 1, status, 0, 1, -1, 0, 0)
    rows = [row(n) for n in range(200)]
    head = Head(started_s=0.0, measured_us=0, keys=2, lanes=("a",), kinds=("chat",), phases=("",))
    write_ledger(orders.folder / LEDGER_FILE, head, rows)
    write(measure()); leave()
    """
    lanes = document_of(run(text))["lanes"]
    assert [(lane["key"], lane["refused_share"], round(lane["offered_per_s"])) for lane in lanes] == [
        (0, 0, 51),
        (1, 0.5, 51),
    ]


def test_keys_are_given_back_after_the_run_and_what_stays_is_told(run: Run) -> None:
    given_back = threading.Event()

    @contextmanager
    def lend() -> Iterator[KeyRing]:
        ring = KeyRing(keys=(KEY, f"{KEY}-2"))
        yield ring
        ring.leftovers.append("key k_1")
        given_back.set()

    told: list[dict[str, Any]] = []
    finished = run(
        "events.write('told', keys=len(orders.keys)); write(measure()); leave()", keys=lend, on_event=told.append
    )
    assert (told[0]["keys"], given_back.is_set(), document_of(finished)["leftovers"]) == (2, True, ["key k_1"])


def test_a_run_in_which_nothing_was_answered_holds_nothing(run: Run) -> None:
    finished = run("write(measure(ok=0, failed=20)); leave()")
    document = document_of(finished)
    assert (document["verdict"], document["reasons"]) == ("fail", ["No request of the measured part was answered."])
