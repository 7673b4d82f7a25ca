"""What a process does in a run: everything, or a worker's part, or the master's gathering of all parts."""

import signal
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import gevent
from gevent.event import AsyncResult, Event
from locust import runners
from locust.env import Environment

from assisters_verify.generator.clock import from_wall_s, now_us, to_wall_s
from assisters_verify.generator.drive import Drive
from assisters_verify.generator.lanes import Lane
from assisters_verify.generator.locust_page import feed_page
from assisters_verify.generator.run import Gathering, prepare_process
from assisters_verify.load_orders import LoadOrders
from assisters_verify.measures.measures import Measures
from assisters_verify.settings.load import Role

READY, GO, STOP, DONE = "load_ready", "load_go", "load_stop", "load_done"
_PART = "load"
_INTERRUPTED = "interrupted"
_HEAD_START_US = 20_000
_SECOND_S = 1.0
# From the order to start until workers on other machines have it.
_WORKERS_HEAD_START_S = 0.5
_LONGEST_WAIT_S = 90.0
_MOST_APART_S = 5.0
_PAGE_STAYS_S = 5.0


class Conductor(ABC):
    """One process's part. `play` is called by Locust's user, of which a process has one."""

    def __init__(
        self, environment: Environment, orders: LoadOrders, lanes: Sequence[Lane], *, keeps_ledger: bool
    ) -> None:
        self._environment = environment
        self._orders = orders
        self._lanes = lanes
        self._keeps_ledger = keeps_ledger
        self._has_begun = False
        self._stopped = ""

    @staticmethod
    def of(environment: Environment, orders: LoadOrders, lanes: Sequence[Lane], *, keeps_ledger: bool) -> "Conductor":
        """Return the conductor for the part that Locust gave this process."""
        runner = environment.runner
        kind: type[Conductor] = Alone
        if isinstance(runner, runners.MasterRunner):
            kind = Master
        elif isinstance(runner, runners.WorkerRunner):
            kind = Worker
        return kind(environment, orders, lanes, keeps_ledger=keeps_ledger)

    def prepare(self) -> None:
        """Get ready before anything is sent."""
        gevent.signal_handler(signal.SIGINT, self.interrupt)

    def play(self) -> None:
        """Do this process's part, the first time; Locust may ask again where it believes a worker lost."""
        if not self._has_begun:
            self._has_begun = True
            try:
                self._play()
            except Exception:  # noqa: BLE001 - Locust would begin again and again
                traceback.print_exc()
                self._environment.process_exit_code = 1
                self._leave()
        Event().wait()  # until Locust ends this greenlet

    def interrupt(self) -> None:
        """Stop because somebody here asked for it."""
        self.stop(_INTERRUPTED)

    @abstractmethod
    def stop(self, reason: str) -> None:
        """Send nothing more, and end when what is under way is over."""

    @abstractmethod
    def _play(self) -> None:
        """Do this process's part."""

    def _drive(self, *, started_us: int, index: int = 0, processes: int = 1) -> Drive:
        prepare_process()
        return Drive(
            self._lanes,
            self._orders.settings,
            self._orders.keys,
            started_us=started_us,
            index=index,
            processes=processes,
            keeps_ledger=self._keeps_ledger,
        )

    def _gathering(self, started_s: float) -> Gathering:
        return Gathering(self._orders, self._lanes, started_s=started_s, keeps_ledger=self._keeps_ledger)

    def _leave(self) -> None:
        """End Locust, from outside of the greenlets that it ends."""
        gevent.spawn(self._quit)

    def _quit(self) -> None:
        runner, web_ui = self._environment.runner, self._environment.web_ui
        assert runner is not None
        if web_ui is not None:
            gevent.sleep(_PAGE_STAYS_S)
        self._environment.process_exit_code = self._environment.process_exit_code or 0
        runner.quit()
        if web_ui is not None:
            web_ui.stop()  # type: ignore[no-untyped-call]


class Alone(Conductor):
    """The only process."""

    _drive_now: Drive | None = None

    def stop(self, reason: str) -> None:
        """Stop the drive, or do not begin it."""
        self._stopped = self._stopped or reason
        if self._drive_now is not None:
            self._drive_now.stop(reason)

    def _play(self) -> None:
        started_us = now_us() + _HEAD_START_US
        gathering = self._gathering(to_wall_s(started_us))
        drive = self._drive_now = self._drive(started_us=started_us)
        reporting = gevent.spawn(self._report, drive, gathering)
        if self._stopped:
            drive.stop(self._stopped)
        drive.run()
        reporting.kill()
        gathering.add(*drive.take_last())
        feed_page(self._environment, gathering.measures)
        gathering.finish(drive.reason)
        self._leave()

    def _report(self, drive: Drive, gathering: Gathering) -> None:
        while True:
            gevent.sleep(_SECOND_S)
            # Each step takes a millisecond or two; between them answers are read.
            gathering.add(*drive.take())
            gevent.sleep(0)
            gathering.tell_second(drive.under_way)
            gevent.sleep(0)
            feed_page(self._environment, gathering.measures)
            if not gathering.is_heard:
                drive.stop("nobody listens any more")


class Worker(Conductor):
    """One of several processes, here or on other machines."""

    _drive_now: Drive | None = None
    _is_leaving = False

    def prepare(self) -> None:
        """Listen to the master."""
        self._go: AsyncResult[dict[str, Any] | None] = AsyncResult()
        super().prepare()
        runners.WORKER_REPORT_INTERVAL = _SECOND_S
        runner = self._runner
        runner.register_message(GO, lambda msg, **_: self._go.set(msg.data))
        runner.register_message(STOP, lambda msg, **_: self.stop(msg.data["reason"]))
        self._environment.events.report_to_master.add_listener(self._report)  # type: ignore[no-untyped-call]

    def stop(self, reason: str) -> None:
        """Stop the drive, or do not begin it."""
        self._stopped = self._stopped or reason
        if self._drive_now is not None:
            self._drive_now.stop(reason)

    def interrupt(self) -> None:
        """Stop, tell the master, and end without waiting for it."""
        self._is_leaving = True
        super().interrupt()
        if not self._go.ready():
            self._go.set(None)

    @property
    def _runner(self) -> runners.WorkerRunner:
        runner = self._environment.runner
        assert isinstance(runner, runners.WorkerRunner)
        return runner

    def _play(self) -> None:
        self._runner.send_message(READY, {})
        orders = self._go.get()
        if orders is None:
            self._leave()
            return
        started_us = from_wall_s(orders["started_s"])
        if abs(orders["started_s"] - time.time()) > _MOST_APART_S:
            # This machine's clock goes wrong; its part begins when it hears of it.
            started_us = now_us() + _HEAD_START_US
        drive = self._drive(started_us=started_us, index=orders["index"], processes=orders["processes"])
        self._drive_now = drive
        if self._stopped:
            drive.stop(self._stopped)
        drive.run()
        self._drive_now = None
        self._runner.send_message(DONE, {**_wire(*drive.take_last()), "stopped": drive.reason})
        if self._is_leaving:
            self._leave()

    def _report(self, client_id: str, data: dict[str, Any]) -> None:
        del client_id
        if self._drive_now is not None:
            data[_PART] = {**_wire(*self._drive_now.take()), "running": self._drive_now.under_way}


class Master(Conductor):
    """Sends nothing itself."""

    def prepare(self) -> None:
        """Wait for the workers."""
        super().prepare()
        self._ready: list[str] = []
        self._over: set[str] = set()
        self._running: dict[str, int] = {}
        self._is_ready = Event()
        self._gathered: Gathering | None = None
        runner = self._runner
        runner.register_message(READY, self._on_ready)
        runner.register_message(DONE, self._on_done)
        self._environment.events.worker_report.add_listener(self._on_report)  # type: ignore[no-untyped-call]
        self._environment.events.quitting.add_listener(self._on_quitting)  # type: ignore[no-untyped-call]
        gevent.spawn(self._conduct)

    def stop(self, reason: str) -> None:
        """Tell all workers; those that are not there yet will hear it when they are."""
        self._stopped = self._stopped or reason
        for worker in self._ready:
            self._runner.send_message(STOP, {"reason": reason}, worker)
        self._is_ready.set()

    @property
    def _runner(self) -> runners.MasterRunner:
        runner = self._environment.runner
        assert isinstance(runner, runners.MasterRunner)
        return runner

    @property
    def _expected(self) -> int:
        settings = self._orders.settings
        return settings.workers if settings.role is Role.MASTER else settings.processes

    def _play(self) -> None:
        """Nothing: a master has no users."""

    def _conduct(self) -> None:
        expected = self._expected
        self._is_ready.wait(_LONGEST_WAIT_S)
        workers = () if self._stopped else tuple(self._ready)
        started_s = time.time() + _WORKERS_HEAD_START_S
        gathering = self._gathered = self._gathering(started_s)
        for number in range(len(workers), 0 if self._stopped else expected):
            gathering.tell_lost(str(number), "it never came")
        for index, worker in enumerate(workers):
            orders = {"started_s": started_s, "index": index, "processes": len(workers)}
            self._runner.send_message(GO, orders, worker)
        until_s = started_s + self._orders.settings.limit_s
        while not self._over.issuperset(workers) and time.time() < until_s:
            gevent.sleep(_SECOND_S)
            self._look_for_lost(workers, gathering)
            gathering.tell_second(sum(self._running.values()))
            feed_page(self._environment, gathering.measures)
            if not gathering.is_heard:
                self.stop("nobody listens any more")
        self._gathered = None
        gathering.finish(self._stopped)
        self._quit()

    def _look_for_lost(self, workers: tuple[str, ...], gathering: Gathering) -> None:
        for index, worker in enumerate(workers):
            node = self._runner.clients.get(worker)
            if worker not in self._over and (node is None or node.state == runners.STATE_MISSING):
                self._over.add(worker)
                self._running.pop(worker, None)
                gathering.tell_lost(str(index), "it ended, or does not answer any more")

    def _on_ready(self, msg: Any, **_: Any) -> None:
        self._ready.append(msg.node_id)
        if len(self._ready) >= self._expected:
            self._is_ready.set()

    def _on_report(self, client_id: str, data: dict[str, Any]) -> None:
        part = data.pop(_PART, None)
        if part is not None and self._gathered is not None:
            self._running[client_id] = part["running"]
            self._gathered.add(Measures.from_wire(part["measures"]), part["rows"])

    def _on_done(self, msg: Any, **_: Any) -> None:
        if msg.data["stopped"] == _INTERRUPTED and not self._stopped and self._gathered is not None:
            # Without its share this is not the load that was asked for.
            number = self._ready.index(msg.node_id)
            self._gathered.tell_lost(str(number), "it was interrupted")
            self.stop(f"worker {number} was interrupted")
        self._stopped = self._stopped or msg.data["stopped"]
        self._running.pop(msg.node_id, None)
        if self._gathered is not None:
            self._gathered.add(Measures.from_wire(msg.data["measures"]), msg.data["rows"])
        self._over.add(msg.node_id)

    def _on_quitting(self, **_: Any) -> None:
        """Whatever ends Locust early, what has come until then is written."""
        if self._gathered is not None:
            gathering, self._gathered = self._gathered, None
            gathering.finish(self._stopped or "Locust ended early")


def _wire(measures: Measures, rows: bytes) -> dict[str, Any]:
    return {"measures": measures.to_wire(), "rows": rows}
