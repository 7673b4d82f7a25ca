"""What a run found is found again from its recording alone: each verdict with its reason, and nothing is made up."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from assisters_verify.catalogue import load_catalogue
from assisters_verify.checks import Declaration
from assisters_verify.content import content_root
from assisters_verify.matrix.collection import collect_checks
from assisters_verify.planning import with_needs
from assisters_verify.probe import Probe
from assisters_verify.recording.file import Recording, read_recording
from assisters_verify.recording.replay import ReplayTape
from assisters_verify.recording.tape import RecordingTape, RunFacts, Tape
from assisters_verify.recording.told import settings_of, told
from assisters_verify.recording.virtual_loop import VirtualLoop
from assisters_verify.reference import ReferenceOptions, ReferenceServer
from assisters_verify.results import Outcome
from assisters_verify.scheduler import Planned, Scheduler
from assisters_verify.session import open_session
from assisters_verify.settings import RunSettings, Secrets, Target, parse_base_url
from assisters_verify.surroundings import fresh_hex
from assisters_verify.verdicts import Level, Verdict

# Of each kind of thing that a replay has to give back: altered keys, retries, streams and their times, clients
# that leave, created keys, repeats with markers, webhooks with signatures, raw bytes, generated cases, personal data.
CLAUSES = (
    *("AUTH-04", "AUTH-05", "CHAT-10", "STREAM-04", "STREAM-10", "KEY-01", "KEY-04", "IDEM-01", "HOOK-07"),
    *("ERROR-08", "PRIV-01", "AUDIT-01", "DATA-01", "SDK-04"),
)
FAULTS = {
    "unknown_model_is_served": "CHAT-05",
    "stream_is_buffered": "STREAM-04",
    "good_key_is_refused_by_embeddings": "AUTH-01",
    "quotes_break_embeddings": "EMBED-08",
    "emails_are_not_masked": "PRIV-01",
    "unknown_key_id_is_deleted": "KEY-05",
}
READINGS = ("stream_data_has_no_space", "key_stands_in_object", "error_params_are_null")
Check = Callable[[Probe], Coroutine[Any, Any, None]]


@pytest.fixture(scope="module")
def checks() -> list[Planned]:
    return collect_checks(load_catalogue(content_root() / "spec" / "clauses.yaml"))


def judge(planned: list[Planned], settings: RunSettings, folder: Path, tape: Tape) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    scheduler = Scheduler(
        planned=planned,
        open_session=lambda: open_session(settings, folder / "exchanges.jsonl", tape),
        deadline_s=600.0,
        on_start=lambda _: None,
        on_outcome=lambda plan, outcome: found.update({plan.name: outcome}),
        loop_factory=VirtualLoop if tape.is_replay else None,
    )
    scheduler.start()
    scheduler.join()
    return found


@contextmanager
def server_with(*, faults: tuple[str, ...] = (), readings: tuple[str, ...] = ()) -> Iterator[RunSettings]:
    with ReferenceServer(ReferenceOptions(faults=faults, readings=readings)) as server:
        target = Target(timeout_s=30.0).model_copy(update={"base_url": parse_base_url(server.base_url)})
        first, second = (SecretStr(key) for key in server.options.api_keys)
        yield RunSettings(target=target, secrets=Secrets(api_key=first, second_api_key=second))


def record(planned: list[Planned], settings: RunSettings, folder: Path) -> tuple[dict[str, Outcome], Recording]:
    path = folder / "recording.jsonl.gz"
    facts = RunFacts(suite={}, settings=told(settings), clauses=[], secret_names=tuple(settings.secrets.reveal()))
    return judge(planned, settings, folder, RecordingTape(path, facts)), read_recording(path)


def replay(planned: list[Planned], recording: Recording, folder: Path) -> dict[str, Outcome]:
    return judge(planned, settings_of(recording.header), folder, ReplayTape(recording))


def summed(outcomes: dict[str, Outcome]) -> dict[str, tuple[Verdict, str]]:
    return {name: (outcome.verdict, outcome.reason) for name, outcome in outcomes.items()}


def test_run_is_judged_again_as_it_was(checks: list[Planned], tmp_path: Path) -> None:
    planned = with_needs(checks, CLAUSES)
    with server_with() as settings:
        found, recording = record(planned, settings, tmp_path)

    assert summed(replay(planned, recording, tmp_path)) == summed(found)


@pytest.mark.parametrize("fault", list(FAULTS))
def test_broken_server_is_found_broken_again(checks: list[Planned], tmp_path: Path, fault: str) -> None:
    planned = with_needs(checks, [FAULTS[fault]])
    with server_with(faults=(fault,)) as settings:
        found, recording = record(planned, settings, tmp_path)

    again = replay(planned, recording, tmp_path)

    assert {name: each.verdict for name, each in again.items()} == {name: each.verdict for name, each in found.items()}


@pytest.mark.parametrize("reading", READINGS)
def test_unusual_server_is_left_alone_again(checks: list[Planned], tmp_path: Path, reading: str) -> None:
    planned = with_needs(checks, ("AUTH-05", "ERROR-01", "STREAM-04", "KEY-01"))
    with server_with(readings=(reading,)) as settings:
        found, recording = record(planned, settings, tmp_path)

    assert summed(replay(planned, recording, tmp_path)) == summed(found)


def plan(name: str, call: Check, *, needs: tuple[str, ...] = ()) -> Planned:
    return Planned(name=name, declaration=Declaration(clause=name, needs=needs), level=Level.MUST, call=call)


async def ask(probe: Probe) -> None:
    await probe.get("/v1/models")


async def ask_more(probe: Probe) -> None:
    await ask(probe)
    await probe.get("/v1/models/nobody-asked")


async def ask_and_pass_whatever_happens(probe: Probe) -> None:
    try:
        await ask_more(probe)
    except Exception:  # noqa: BLE001 - a check that is not careful
        return


def test_check_that_asks_for_more_than_was_recorded_is_undecided(tmp_path: Path) -> None:
    with server_with() as settings:
        _, recording = record([plan("A", ask)], settings, tmp_path)

    found = replay([plan("A", ask_more)], recording, tmp_path)["A"]

    assert (found.verdict, found.reason) == (
        Verdict.INCONCLUSIVE,
        "this asks for what is not in the recording: GET /v1/models/nobody-asked",
    )


def test_check_that_takes_no_notice_of_what_is_missing_is_undecided_all_the_same(tmp_path: Path) -> None:
    with server_with() as settings:
        _, recording = record([plan("A", ask)], settings, tmp_path)

    found = replay([plan("A", ask_and_pass_whatever_happens)], recording, tmp_path)["A"]

    assert found.verdict is Verdict.INCONCLUSIVE


def test_check_that_rests_on_a_finding_that_was_not_recorded_is_undecided(tmp_path: Path) -> None:
    async def rest(probe: Probe) -> None:
        await probe.fact("a finding", ask_and_pass_whatever_happens)

    async def nothing(probe: Probe) -> None:
        del probe

    with server_with() as settings:
        _, recording = record([plan("A", nothing)], settings, tmp_path)

    assert replay([plan("A", rest)], recording, tmp_path)["A"].verdict is Verdict.INCONCLUSIVE


def test_check_of_a_newer_suite_is_undecided_and_the_others_are_judged(tmp_path: Path) -> None:
    with server_with() as settings:
        _, recording = record([plan("A", ask)], settings, tmp_path)

    found = replay([plan("A", ask), plan("B", ask)], recording, tmp_path)

    assert {name: each.verdict for name, each in found.items()} == {"A": Verdict.PASS, "B": Verdict.INCONCLUSIVE}


def test_markers_are_those_of_the_run(tmp_path: Path) -> None:
    drawn: list[str] = []

    async def draw(probe: Probe) -> None:
        del probe
        drawn.append(fresh_hex(16))

    with server_with() as settings:
        _, recording = record([plan("A", draw)], settings, tmp_path)
    replay([plan("A", draw)], recording, tmp_path)

    assert drawn[0] == drawn[1]


def test_markers_of_two_runs_differ(tmp_path: Path) -> None:
    drawn: list[str] = []

    async def draw(probe: Probe) -> None:
        del probe
        drawn.append(fresh_hex(16))

    with server_with() as settings:
        record([plan("A", draw)], settings, tmp_path)
        record([plan("A", draw)], settings, tmp_path)

    assert drawn[0] != drawn[1]


def test_nothing_is_sent_to_anybody(tmp_path: Path) -> None:
    """The server is gone by then."""
    with server_with() as settings:
        _, recording = record([plan("A", ask)], settings, tmp_path)

    assert replay([plan("A", ask)], recording, tmp_path)["A"].verdict is Verdict.PASS
