"""Build the application: authentication and limits in front, Starlette's router behind, every error in its envelope."""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from assisters_verify.reference.audit import AuditEntry
from assisters_verify.reference.authentication import authenticate
from assisters_verify.reference.behaviour import Behaviour
from assisters_verify.reference.calls import Call
from assisters_verify.reference.emitting import emit
from assisters_verify.reference.faults import FAULTS, LOAD_FAULTS
from assisters_verify.reference.idempotency import Handler, run_once
from assisters_verify.reference.limits import check_limit
from assisters_verify.reference.options import ReferenceOptions
from assisters_verify.reference.problems import ApiError, internal_error, not_found, wrong_verb
from assisters_verify.reference.readings import READINGS
from assisters_verify.reference.routes import ROUTES
from assisters_verify.reference.services import Services
from assisters_verify.reference.variations import apply, pick

_LOG = logging.getLogger(__name__)
_CALL = "assisters_verify.call"


class Resource:
    """One route: runs the handler of the verb, and leaves the reply on the call."""

    def __init__(self, route: str, verbs: dict[str, Handler]) -> None:
        self._route = route
        self._verbs = {**verbs, "HEAD": verbs["GET"]} if "GET" in verbs else verbs

    async def __call__(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        """Answer the call that the gate put into the scope."""
        call: Call = scope[_CALL]
        call.route, call.path_params = self._route, scope["path_params"]
        handler = self._verbs.get(call.method)
        if handler is None:
            raise wrong_verb(call.method, tuple(sorted(self._verbs)))
        await call.read_body()
        call.reply = await run_once(call, handler)


async def refuse_unknown_route(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer what no route matches."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
        return
    raise not_found(f"Unknown route: {scope['method']} {scope['path']}.", code="route_not_found")


class Gate:
    """Every request's way in and out."""

    def __init__(self, services: Services, router: ASGIApp) -> None:
        self._services, self._router = services, router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass on what is none."""
        if scope["type"] != "http":
            await self._router(scope, receive, send)
            return
        call = scope[_CALL] = Call(scope, receive, self._services)
        await self._answer(call, scope, receive, send)
        # Before sending, so that a client that reads the log next finds what it did.
        self._audit(call)
        await emit(call, send)
        self._measure(call)

    async def _answer(self, call: Call, scope: Scope, receive: Receive, send: Send) -> None:
        behaviour = self._services.behaviour
        try:
            call.api_key = authenticate(call)
            check_limit(call)
            await self._router(scope, receive, send)
        except ApiError as error:
            call.reply = behaviour.errors.render(error)
        except Exception:  # noqa: BLE001 - a server answers whatever went wrong
            _LOG.exception("%s %s failed", call.method, call.path)
            call.reply = behaviour.errors.render(internal_error())
        for edit in behaviour.reply_edits:
            if call.reply is not None:
                call.reply = edit(call, call.reply)

    def _audit(self, call: Call) -> None:
        if call.api_key is not None and call.reply is not None and call.behaviour.audit.is_recorded(call):
            status = call.reply.status
            entry = AuditEntry(at=time.time(), method=call.method, path=call.path, status=status, key=call.api_key)
            self._services.audit.add(entry)

    def _measure(self, call: Call) -> None:
        if call.api_key is not None and call.reply is not None and call.behaviour.metrics.is_counted(call):
            latency_s = time.monotonic() - call.arrived_s
            self._services.metrics.add(call, status=call.reply.status, latency_s=latency_s)


def build_behaviour(options: ReferenceOptions) -> Behaviour:
    """Return the choices of a server with these options.

    Raises:
        ValueError: A fault or a reading of that name does not exist.
    """
    return apply(Behaviour(), [*pick(READINGS, options.readings), *pick(FAULTS | LOAD_FAULTS, options.faults)])


def create_app(options: ReferenceOptions) -> ASGIApp:
    """Return the application of one server; it holds its own state."""
    services = Services(options, build_behaviour(options))

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        yield
        await services.close()

    # The id of a model may have a slash, coded or not.
    routes = [Route(path.replace("{model}", "{model:path}"), Resource(path, verbs)) for path, verbs in ROUTES.items()]
    router = Router(routes, redirect_slashes=False, default=refuse_unknown_route, lifespan=lifespan)
    app: ASGIApp = Gate(services, router)
    for wrap in services.behaviour.wrappers:
        app = wrap(app)
    return app
