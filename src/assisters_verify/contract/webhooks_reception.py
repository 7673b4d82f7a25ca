"""The endpoints that the target's webhooks go to: a receiver on this machine that gives the challenge back."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from assisters_verify.incoming import record_visit
from assisters_verify.judgement import LeftOut, Undecided
from assisters_verify.probe import Probe
from assisters_verify.receiver import Receiver, Request, Response, Visit
from assisters_verify.surroundings import fresh_hex, now_s
from assisters_verify.wire import NoAnswer, Order, Reply, Wire

VERIFY_PATH = "/webhooks/verify"
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - what it means to a client
_LIKELY_NAMES = ("token", "verify", "verif", "code", "nonce", "secret")
_SELF_TEST_TIMEOUT_S = 10.0
_SUCCESS = 200

Echo = Callable[[str, str], Response]


def echo_plain(_name: str, token: str) -> Response:
    """Give the token back as a text."""
    return Response(body=token.encode())


def echo_json(name: str, token: str) -> Response:
    """Give the token back in an object, under its own name and under `challenge`."""
    document = {name: token, "challenge": token}
    return Response(body=json.dumps(document).encode(), content_type="application/json")


def echo_another(_name: str, token: str) -> Response:
    """Give back a token that is none."""
    return Response(body=("0" * len(token)).encode())


def echo_nothing(_name: str, _token: str) -> Response:
    """Say that there is nothing here."""
    return Response(status=404, body=b"not found")


@dataclass(slots=True, kw_only=True)
class Reception:
    """A receiver, and where the target finds it: `base` has no slash at its end.

    `echo` answers challenges. `failures` says, by the token of an endpoint, with which statuses its first deliveries
    are answered before they are accepted.
    """

    receiver: Receiver = field(init=False)
    base: str = ""
    is_public: bool = False
    echo: Echo = echo_plain
    failures: dict[str, list[int]] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    _recorded: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.receiver = Receiver(self._answer)

    def new_token(self) -> str:
        """Return the token of a new endpoint, which stands in its URL."""
        self.tokens.append(fresh_hex(32))
        return self.tokens[-1]

    def url_of(self, token: str) -> str:
        """Return the URL of an endpoint."""
        return f"{self.base}/hooks/{token}"

    def visits_at(self, token: str) -> tuple[Visit, ...]:
        """Return what came to an endpoint."""
        return tuple(visit for visit in self.receiver.visits if token in visit.request.target)

    def challenges(self) -> tuple[Visit, ...]:
        """Return the challenges that came as they should: GET, the documented path, and a token in the query."""
        return tuple(visit for visit in self.receiver.visits if self.challenge_in(visit.request) is not None)

    def challenge_in(self, request: Request) -> tuple[str, str] | None:
        """Return the challenge's name and token, or None where the request is no challenge."""
        if request.method != "GET" or self._token_in(request) is not None:
            return None
        # A proxy may put a prefix before the path.
        is_there = request.path.endswith(VERIFY_PATH) if self.is_public else request.path == VERIFY_PATH
        return find_challenge(request) if is_there else None

    @contextmanager
    def answering(self, echo: Echo) -> Iterator[None]:
        """Answer challenges in this way inside the block."""
        before, self.echo = self.echo, echo
        try:
            yield
        finally:
            self.echo = before

    def cite(self, probe: Probe, *visits: Visit) -> None:
        """Make visits evidence of this check."""
        for visit in visits:
            if visit.number not in self._recorded:
                self._recorded[visit.number] = record_visit(
                    probe.session, visit, base_url=_origin(self.base), check=probe.check, clause=probe.clause
                )
            probe.evidence.append(self._recorded[visit.number])

    def _answer(self, request: Request) -> Response:
        token = self._token_in(request)
        if token is not None:
            left = self.failures.get(token, []) if request.method == "POST" else []
            return Response(status=left.pop(0) if left else _SUCCESS)
        challenge = self.challenge_in(request)
        return Response(status=404) if challenge is None else self.echo(*challenge)

    def _token_in(self, request: Request) -> str | None:
        return next((token for token in self.tokens if token in request.target), None)


def find_challenge(request: Request) -> tuple[str, str] | None:
    """Return the name and value of the parameter that looks most like a challenge, or None without any."""
    given = [(name, value) for name, value in request.query if value]
    for words in (("challenge",), _LIKELY_NAMES):
        for name, value in given:
            if any(word in name.lower() for word in words):
                return name, value
    return max(given, key=lambda pair: len(pair[1]), default=None)


async def reception(probe: Probe) -> Reception:
    """Return the run's own endpoints. Raises LeftOut where the target cannot reach this machine, and Undecided where
    nothing can listen here."""
    found: Reception = await probe.fact("webhook reception", _open)
    return found


async def open_second(probe: Probe, first: Reception, echo: Echo) -> Reception:
    """Open another one on another port, which answers challenges in a way of its own. Only one that is not public can
    have a second."""
    second = Reception(echo=echo)
    await _listen(probe, second, 0)
    second.base = _local_base(probe, second)
    second.is_public = first.is_public
    return second


async def is_reached_from_here(probe: Probe, found: Reception) -> bool:
    """Tell whether a request of our own to the public URL comes in, so that a proxy's fault is not the target's."""
    before = len(found.receiver.visits)
    reply = Reply(started=now_s())
    async with Wire(_origin(found.base), ca_file=None) as wire:
        try:
            order = Order(method="GET", path=f"{VERIFY_PATH}?challenge=self-test", timeout_s=_SELF_TEST_TIMEOUT_S)
            await probe.session.tape.take_up(order, probe.session.redactor)(wire, reply)
        except NoAnswer:
            return False
    probe.session.recorder.requests += 1
    return len(found.receiver.visits) > before


async def _open(probe: Probe) -> Reception:
    target = probe.settings.target
    url = target.webhook.receiver_url
    if url is None and not (target.base_url and target.base_url.is_loopback):
        raise LeftOut(
            "the target is not on this machine, so it finds the suite's receiver only by a public URL: "
            "give one as `webhook.receiver_url` in a target file"
        )
    found = Reception(is_public=url is not None)
    await _listen(probe, found, target.webhook.listen_port)
    found.base = url.rstrip("/") if url is not None else _local_base(probe, found)
    return found


async def _listen(probe: Probe, found: Reception, port: int) -> None:
    host = probe.settings.target.webhook.listen_host
    try:
        await probe.session.tape.listen(found.receiver, host, port)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Undecided(
            f"no receiver can listen on {host}, port {port}: {reason}. "
            "Set `webhook.listen_host` and `webhook.listen_port` in a target file."
        ) from error
    probe.owe("the receiver of webhooks", found.receiver.close, is_at_target=False)


def _local_base(probe: Probe, found: Reception) -> str:
    host = probe.settings.target.webhook.listen_host
    shown = _ANY_ADDRESS.get(host) or (f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{found.receiver.port}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
