"""One epoll and one heap of due writes: answers leave at their moment, and the log says when they truly did."""

import gc
import heapq
import os
import select
import socket
import ssl
import time
from array import array
from typing import Any
from urllib.parse import parse_qs, urlsplit

from assisters_verify.exact import answers
from assisters_verify.exact.connection import SO_TIMESTAMPNS, ClientGone, Connection, SecureConnection
from assisters_verify.exact.log import Log
from assisters_verify.exact.options import ExactOptions
from assisters_verify.exact.plans import Kind, Plan, Planner
from assisters_verify.exact.truth import truth
from assisters_verify.timer import Timer

_BACKLOG = 4096
_SECOND_NS = 1_000_000_000


class Answer:
    """One answer that is under way."""

    __slots__ = ("arrived_ns", "connection", "plan", "writes_us")

    def __init__(self, connection: Connection, plan: Plan, arrived_ns: int) -> None:
        self.connection = connection
        self.plan = plan
        self.arrived_ns = arrived_ns
        self.writes_us = array("I")


class ExactServer:
    """A server whose timing is known. It listens once it is made, and answers while `run` runs."""

    def __init__(self, options: ExactOptions) -> None:
        """Listen.

        Raises:
            OSError: The port is taken, a certificate cannot be read, or this system is not Linux.
        """
        self.options = options
        self.log = Log(options.max_logged)
        self._planner = Planner(options)
        self._context = _tls_context(options)
        self._timer = Timer()
        self._armed_ns = 0
        self._stop_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._stop_fds = {self._stop_fd}
        self._is_stopping = False
        self._listener = _listen(options)
        self._epoll = select.epoll()
        for fd in (self._timer.fileno(), self._stop_fd, self._listener.fileno()):
            self._epoll.register(fd, select.EPOLLIN)
        self._connections: dict[int, Connection] = {}
        self._due: list[tuple[int, int, Answer]] = []
        self._serial = 0
        self._blocked = 0
        self._first_request_ns = 0

    @property
    def base_url(self) -> str:
        """The origin that the server listens on."""
        return f"{'https' if self._context else 'http'}://{self.options.host}:{self._listener.getsockname()[1]}"

    def stop(self) -> None:
        """End `run` soon; may be called by any thread or signal handler."""
        os.eventfd_write(self._stop_fd, 1)

    def stop_when_closed(self, fd: int) -> None:
        """End `run` when this pipe's other end is closed, so that no server outlives who started it."""
        self._epoll.register(fd, select.EPOLLHUP)
        self._stop_fds.add(fd)

    def run(self) -> None:
        """Serve until `stop`."""
        gc.collect()
        gc.freeze()
        gc.disable()  # a collection takes longer than a timer may be late
        try:
            while not self._is_stopping:
                events = self._epoll.poll()
                self._stall()
                for fd, event in events:
                    self._handle(fd, event)
                    self._write_due()
                self._write_due()
                self._arm()
        finally:
            gc.enable()
            gc.unfreeze()
            self._close()

    def read_log(self, *, with_rows: bool, since_s: float = 0.0, until_s: float = float("inf")) -> dict[str, Any]:
        """Return the log of truth over the requests that arrived in a part of time (Unix epoch)."""
        cpu_s = time.process_time()  # before what follows, which is not the load's
        rows = list(self.log.rows(since_s, until_s))
        log = {"format": "assisters-verify/exact-log", "version": 1, **truth(rows, self.options)}
        log |= {"left_out": self.log.left_out, "blocked_writes": self._blocked, "cpu_s": cpu_s}
        if with_rows:
            log["rows"] = [
                [row.arrived_s, row.kind, row.is_whole, row.contents, row.tokens, row.writes_us] for row in rows
            ]
        return log

    def _handle(self, fd: int, event: int) -> None:
        connection = self._connections.get(fd)
        if connection is None:
            if fd == self._listener.fileno():
                self._accept()
            elif fd in self._stop_fds:
                self._is_stopping = True
            return
        try:
            if event & select.EPOLLOUT:
                self._send_rest(connection)
            if event & ~select.EPOLLOUT and connection.is_open:
                self._read(connection)
        except ClientGone:
            self._drop(connection)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except BlockingIOError:
                return
            sock.setblocking(False)
            self._connections[sock.fileno()] = (
                SecureConnection(sock, self._context) if self._context else Connection(sock)
            )
            self._epoll.register(sock.fileno(), select.EPOLLIN)

    def _read(self, connection: Connection) -> None:
        data = connection.receive()
        reader = connection.reader
        plan = self._planner.known.get(data) if reader.is_idle else None
        if plan is not None:
            self._begin(connection, plan, connection.arrived_ns)
            return
        if not data:
            return
        was_idle = reader.is_idle
        try:
            requests = reader.feed(data)
        except ValueError:
            raise ClientGone from None
        for request in requests:
            plan = self._planner.plan(request)
            if was_idle and reader.is_idle and len(requests) == 1:
                self._planner.remember(data, plan)
            self._begin(connection, plan, connection.arrived_ns)

    def _begin(self, connection: Connection, plan: Plan, arrived_ns: int) -> None:
        if connection.is_answering:
            connection.waiting.append((plan, arrived_ns))
            return
        self._first_request_ns = self._first_request_ns or arrived_ns
        if plan.kind is Kind.CONTROL:
            plan = self._control(plan)
        connection.is_answering = True
        answer = Answer(connection, plan, arrived_ns)
        if plan.offsets_ns[0] == 0:
            self._write(answer, time.monotonic_ns())
            if len(answer.writes_us) == len(plan.writes):
                self._finish(answer)
                return
        self._serial += 1
        heapq.heappush(self._due, (arrived_ns + plan.offsets_ns[len(answer.writes_us)], self._serial, answer))

    def _write_due(self) -> None:
        heap = self._due
        while heap:
            due_ns, serial, answer = heap[0]
            now_ns = time.monotonic_ns()
            if due_ns > now_ns:
                return
            if answer.connection.is_open:
                self._write(answer, now_ns)
            done = len(answer.writes_us)
            if answer.connection.is_open and done < len(answer.plan.writes):
                heapq.heapreplace(heap, (answer.arrived_ns + answer.plan.offsets_ns[done], serial, answer))
            else:
                heapq.heappop(heap)
                self._finish(answer)

    def _write(self, answer: Answer, now_ns: int) -> None:
        connection = answer.connection
        try:
            connection.send(answer.plan.writes[len(answer.writes_us)])
        except ClientGone:
            self._drop(connection)
            return
        answer.writes_us.append((now_ns - answer.arrived_ns) // 1000)
        if connection.unsent:
            self._blocked += 1
            self._epoll.modify(connection.sock.fileno(), select.EPOLLIN | select.EPOLLOUT)

    def _finish(self, answer: Answer) -> None:
        connection, plan = answer.connection, answer.plan
        if plan.kind is not Kind.CONTROL:
            self.log.add(plan, answer.arrived_ns + time.time_ns() - time.monotonic_ns(), answer.writes_us)
        connection.is_answering = False
        if not connection.is_open:
            return
        if not plan.keeps_alive:
            connection.is_closing = True
        if connection.is_closing and not connection.unsent:
            self._drop(connection)
        elif connection.waiting:
            self._begin(connection, *connection.waiting.popleft())

    def _send_rest(self, connection: Connection) -> None:
        connection.send_rest()
        if connection.unsent:
            return
        if connection.is_closing:
            raise ClientGone
        self._epoll.modify(connection.sock.fileno(), select.EPOLLIN)

    def _drop(self, connection: Connection) -> None:
        if connection.is_open:
            self._epoll.unregister(connection.sock.fileno())
            del self._connections[connection.sock.fileno()]
            connection.close()

    def _arm(self) -> None:
        due_ns = self._due[0][0] if self._due else 0
        if due_ns != self._armed_ns:
            self._timer.set(due_ns)
            self._armed_ns = due_ns

    def _stall(self) -> None:
        options = self.options
        if not options.stall_s or not self._first_request_ns:
            return
        into_s = (time.monotonic_ns() - self._first_request_ns) / _SECOND_NS % options.stall_every_s
        if into_s >= options.stall_every_s - options.stall_s:
            time.sleep(options.stall_every_s - into_s)

    def _control(self, plan: Plan) -> Plan:
        url = urlsplit(plan.target.decode("latin-1"))
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        try:
            since_s, until_s = float(query.get("since", 0)), float(query.get("until", "inf"))
        except ValueError:
            since_s = until_s = 0.0
        if url.path == "/exact/log":
            data = answers.answer(200, self.read_log(with_rows="rows" in query, since_s=since_s, until_s=until_s))
        elif url.path == "/exact/clear":
            self.log.clear()
            data = answers.answer(200, {})
        else:
            data = answers.refusal(404, "There is nothing here.", code="not_found")
        return Plan(Kind.CONTROL, (data,), (0,), 1, keeps_alive=plan.keeps_alive)

    def _close(self) -> None:
        for connection in tuple(self._connections.values()):
            self._drop(connection)
        self._epoll.close()
        self._listener.close()
        self._timer.close()
        os.close(self._stop_fd)


def _listen(options: ExactOptions) -> socket.socket:
    listener = socket.create_server((options.host, options.port), backlog=_BACKLOG)
    listener.setblocking(False)
    # Connections inherit both; set later, the first request's time of arrival would be lost.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    return listener


def _tls_context(options: ExactOptions) -> ssl.SSLContext | None:
    if options.certificate_file is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(options.certificate_file, options.key_file)
    return context
