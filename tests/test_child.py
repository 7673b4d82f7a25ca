"""The checks run in a process of their own, which nothing of the user's gets into and which may die at any time."""

import json
import os
import shutil
import signal
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from assisters_verify.catalogue import load_catalogue
from assisters_verify.child import Child
from assisters_verify.content import content_root
from assisters_verify.recorder import read_exchanges
from assisters_verify.settings import RunSettings, Secrets, Target
from assisters_verify.verdicts import Verdict

if TYPE_CHECKING:
    from tests.conftest import Peer, ScriptedServer, Serve

API_KEY = "sk-test-7d1e4f9c2a8b30561234"
IMPORTS = """
import asyncio, json, os, sys
import pytest
from assisters_verify.checks import clause
from assisters_verify.judgement import Broken, NotApplicable, NotThere, Undecided
"""
MakeChild = Callable[..., Child]


@pytest.fixture
def make_child(tmp_path: Path) -> MakeChild:
    """Return a function that makes the process of checks given as text, by the names of their files."""

    def make(
        files: dict[str, str],
        *clauses: str,
        base_url: str = "http://127.0.0.1:1",
        on_event: Callable[[dict[str, Any]], None] = lambda _: None,
        **target: Any,
    ) -> Child:
        root = tmp_path / "root"
        checks = root / "conformance"
        checks.mkdir(parents=True)
        shutil.copy(content_root() / "conformance" / "pytest.ini", checks)
        for name, text in files.items():
            (checks / name).write_text(IMPORTS + textwrap.dedent(text))
        catalogue = load_catalogue(content_root() / "spec" / "clauses.yaml")
        settings = RunSettings(
            target=Target.model_validate({"base_url": base_url, **target}),
            secrets=Secrets(api_key=SecretStr(API_KEY)),
        )
        run = tmp_path / "run"
        run.mkdir()
        chosen = catalogue.select(clause_ids=clauses)
        return Child(settings=settings, clauses=chosen, evidence=run / "exchanges.jsonl", on_event=on_event, root=root)

    return make


def verdicts(child: Child) -> dict[str, Verdict]:
    return {outcome.check: outcome.verdict for outcome in child.outcomes}


EACH_VERDICT = """
    @clause("MODEL-01")
    async def test_held(probe):
        pass

    @clause("MODEL-02", needs=["CHAT-01"])
    @pytest.mark.parametrize("name", ["id", "name"])
    async def test_broken(probe, name):
        raise Broken(expected=name, received="x")

    @clause("MODEL-03")
    async def test_undecided(probe):
        raise Undecided("who knows")

    @clause("MODEL-04")
    async def test_wrong(probe):
        assert 1 == 2

    @clause("CHAT-01")
    async def test_needed(probe):
        pass

    @clause("CHAT-02")
    async def test_not_asked_for(probe):
        raise Broken(expected="not to be run", received="it was")
"""


def test_outcomes_events_and_end_are_told(make_child: MakeChild) -> None:
    """What is needed by those asked for is run and told beside them; what is not, is not. A clause that has no check is
    no failure. The look before the run is the one request that is counted."""
    events: list[dict[str, Any]] = []
    asked = ("MODEL-01", "MODEL-02", "MODEL-03", "MODEL-04", "MODEL-05")
    child = make_child({"test_models.py": EACH_VERDICT}, *asked, on_event=events.append)
    child.run()
    assert verdicts(child) == {
        "test_models.py::test_held": Verdict.PASS,
        "test_models.py::test_broken[id]": Verdict.FAIL,
        "test_models.py::test_broken[name]": Verdict.FAIL,
        "test_models.py::test_undecided": Verdict.INCONCLUSIVE,
        "test_models.py::test_wrong": Verdict.ERROR,
        "test_models.py::test_needed": Verdict.PASS,
    }
    assert (child.failure, child.interrupted, child.end["requests"], child.end["leftovers"]) == (None, None, 1, [])
    asked_for = {event["outcome"]["clause"]: event["asked"] for event in events if event["event"] == "outcome"}
    assert (asked_for["CHAT-01"], asked_for["MODEL-01"]) == (False, True)
    assert [event["checks"] for event in events if event["event"] == "collected"] == [5]


def test_module_that_cannot_be_loaded_costs_the_others_nothing(make_child: MakeChild) -> None:
    files = {
        "test_a.py": f"raise RuntimeError('with the key {API_KEY}')\n",
        "test_b.py": '@clause("MODEL-01")\nasync def test_held(probe):\n    pass\n',
        "test_c.py": "this is no Python\n",
        "test_d.py": "import no_such_module\n",
    }
    child = make_child(files, "MODEL-01")
    child.run()
    assert verdicts(child) == {"test_b.py::test_held": Verdict.PASS}
    assert child.failure == "conformance/test_a.py cannot be loaded: RuntimeError: with the key {{api_key}}"


def test_check_that_names_no_clause_is_a_failure_of_ours(make_child: MakeChild) -> None:
    child = make_child({"test_a.py": "async def test_x(probe):\n    pass\n"}, "MODEL-01")
    child.run()
    assert "names no clause" in (child.failure or "")


ENVIRONMENT = """
    @clause("MODEL-01")
    async def test_environment(probe):
        found = {
            "environ": dict(os.environ),
            "command": open("/proc/self/cmdline").read(),
            "path": sys.path,
            "cwd": os.getcwd(),
            "optimize": sys.flags.optimize,
            "json": json.__file__,
        }
        with open("found.json", "w") as file:
            json.dump(found, file)
"""


def test_nothing_of_the_users_gets_in(make_child: MakeChild, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder full of traps and an environment full of options change nothing, and the key is in neither."""
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    trap = "raise SystemExit('the trap was sprung')\n"
    for name in ("conftest.py", "json.py", "sitecustomize.py", "pytest.py", "trap.py", "test_trap.py"):
        (hostile / name).write_text(trap)
    (hostile / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (hostile / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '--no-such-option'\n")
    monkeypatch.chdir(hostile)
    foreign = {
        "PYTEST_ADDOPTS": "--no-such-option",
        "PYTEST_PLUGINS": "trap",
        "PYTHONPATH": str(hostile),
        "PYTHONWARNINGS": "error",
        "PYTHONOPTIMIZE": "2",
        "PYTHONINSPECT": "1",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "https_proxy": "http://127.0.0.1:1",
        "SCHEMATHESIS_HOOKS": "trap",
    }
    for name, value in foreign.items():
        monkeypatch.setenv(name, value)
    child = make_child({"test_a.py": ENVIRONMENT}, "MODEL-01")
    child.run()
    assert (child.failure, set(verdicts(child).values())) == (None, {Verdict.PASS})
    found = json.loads((tmp_path / "run" / "found.json").read_text())
    assert sorted(foreign.keys() & found["environ"].keys()) == []
    assert [entry for entry in [*found["path"], found["json"]] if str(hostile) in entry] == []
    assert (found["cwd"], found["optimize"]) == (str(tmp_path / "run"), 0)
    assert API_KEY not in json.dumps(found)


# How it may die


ASKS_AND_HANGS = """
    @clause("MODEL-01")
    async def test_held(probe):
        await probe.get("/held")

    @clause("MODEL-02")
    async def test_hangs(probe):
        async def undo():
            await probe.delete("/made")
        probe.owe("something", undo)
        await probe.get("/hangs")
"""


def hanging_server(serve: "Serve") -> tuple["ScriptedServer", threading.Event]:
    """Return a server that answers all but one request, and an event that says that this one came."""
    hangs = threading.Event()

    def script(peer: "Peer") -> None:
        while True:
            if peer.read().target == "/hangs":
                hangs.set()
                peer.wait_for_end()
            peer.answer(b"{}")

    return serve(script), hangs


def run_and(child: Child, hangs: threading.Event, act: Callable[[], None]) -> None:
    """Run a child, and act in another thread as soon as its request hangs."""

    def wait_and_act() -> None:
        if hangs.wait(60):
            act()

    thread = threading.Thread(target=wait_and_act)
    thread.start()
    child.run()
    thread.join()


def pid_of(child: Child) -> int:
    assert child._process is not None
    return child._process.pid


def test_killed_process_leaves_what_it_has_told(make_child: MakeChild, serve: "Serve") -> None:
    server, hangs = hanging_server(serve)
    child = make_child({"test_a.py": ASKS_AND_HANGS}, "MODEL-01", "MODEL-02", base_url=server.url)
    run_and(child, hangs, lambda: os.kill(pid_of(child), signal.SIGKILL))
    assert child.failure == "the checks ended with status -9: nothing was said"
    assert (child.interrupted, child.end, set(verdicts(child).values()) <= {Verdict.PASS}) == (None, {}, True)
    assert {exchange.request.url for exchange in read_exchanges(child.evidence)} <= {f"{server.url}/held"}


def test_interrupted_process_takes_back_what_it_made(make_child: MakeChild, serve: "Serve") -> None:
    server, hangs = hanging_server(serve)
    child = make_child({"test_a.py": ASKS_AND_HANGS}, "MODEL-02", base_url=server.url)
    run_and(child, hangs, lambda: child.interrupt("interrupted by SIGINT"))
    assert [(request.method, request.target) for request in server.received] == [("GET", "/hangs"), ("DELETE", "/made")]
    assert (child.interrupted, child.failure, child.end["leftovers"]) == ("interrupted by SIGINT", None, [])
    assert [(outcome.verdict, outcome.reason) for outcome in child.outcomes] == [(Verdict.INCONCLUSIVE, "interrupted")]


def test_interrupt_is_heard_where_whoever_started_it_ignores_them(make_child: MakeChild, serve: "Serve") -> None:
    """What a shell starts in the background has SIGINT ignored, and so has whatever that starts."""
    server, hangs = hanging_server(serve)
    child = make_child({"test_a.py": ASKS_AND_HANGS}, "MODEL-02", base_url=server.url)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run_and(child, hangs, lambda: child.interrupt("interrupted by SIGINT"))
    finally:
        signal.signal(signal.SIGINT, before)
    assert (child.interrupted, child.failure, child.end["leftovers"]) == ("interrupted by SIGINT", None, [])


def test_second_interrupt_ends_it_at_once(make_child: MakeChild, serve: "Serve") -> None:
    """Also where it is taking back what it made, and the target does not answer that."""
    hangs, is_taken_back = threading.Event(), threading.Event()

    def script(peer: "Peer") -> None:
        request = peer.read()
        (is_taken_back if request.method == "DELETE" else hangs).set()
        peer.wait_for_end()

    child = make_child({"test_a.py": ASKS_AND_HANGS}, "MODEL-02", base_url=serve(script).url)

    def interrupt_twice() -> None:
        child.interrupt("interrupted by SIGINT")
        assert is_taken_back.wait(60)
        child.interrupt("interrupted by SIGTERM")

    run_and(child, hangs, interrupt_twice)
    assert (child.interrupted, child.failure, child.end) == ("interrupted by SIGINT", None, {})


def test_process_that_keeps_no_deadline_is_killed(make_child: MakeChild, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that never gives the event loop back can be ended by nothing else."""
    monkeypatch.setattr("assisters_verify.child._OVERTIME_S", 0.0)
    text = """
        import time

        @clause("MODEL-01")
        async def test_blocks(probe):
            time.sleep(600)
    """
    child = make_child({"test_a.py": text}, "MODEL-01", deadline_s=1.5, rate_limit={"window_s": 0.1})
    child.run()
    assert child.failure == "the checks did not end, long after their deadline"


def test_process_that_nobody_listens_to_takes_back_and_ends(make_child: MakeChild, serve: "Serve") -> None:
    """The command that started it may be killed; it must not go on for nobody."""
    text = """
        @clause("MODEL-01")
        async def test_made(probe):
            async def undo():
                await probe.delete("/made")
            probe.owe("something", undo)
            await probe.get("/made")
            await asyncio.Event().wait()

        @clause("MODEL-02")
        async def test_talks(probe):
            await probe.get("/hangs", timeout_s=0.2, is_patient=False)
    """
    taken_back = threading.Event()

    def script(peer: "Peer") -> None:
        while True:
            request = peer.read()
            if request.method == "DELETE":
                taken_back.set()
            if request.target == "/hangs":
                peer.wait_for_end()
            peer.answer(b"{}")

    def leave(event: dict[str, Any]) -> None:
        if event["event"] == "start":
            raise KeyboardInterrupt

    child = make_child({"test_a.py": text}, "MODEL-01", "MODEL-02", base_url=serve(script).url, on_event=leave)
    with pytest.raises(KeyboardInterrupt):
        child.run()
    assert child._process is not None
    assert (taken_back.wait(60), child._process.wait(60) in {0, 1, 2}) == (True, True)


def test_process_that_cannot_be_started_is_a_failure_of_ours(
    make_child: MakeChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/no/such/python")
    child = make_child({}, "MODEL-01")
    child.run()
    assert (child.failure or "").startswith("the checks could not be started: ")
