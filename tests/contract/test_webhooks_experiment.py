"""The experiment goes on with whatever a server wants, and ends in bounded time with one that gives nothing."""

import hashlib
import hmac
import http.client
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from assisters_verify.contract import webhooks_experiment
from assisters_verify.contract.webhooks_experiment import Experiment, experiment, is_about_the_url
from assisters_verify.contract.webhooks_signing import expect_bound_signatures, expect_signed
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.probe import Probe

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Received, ScriptedServer, Serve


@dataclass(kw_only=True)
class Vendor:
    """A small API with webhooks. Events are delivered before the completion is answered.

    `accepts` says whether an endpoint's answer to the token counts; `reaches` is where it sends instead of the URL.
    """

    accepts: Callable[[str, str], bool] = lambda body, token: body == token
    refusal: dict[str, Any] | None = None
    reaches: str = ""
    secret_name: str = "secret"
    sign: Callable[[bytes, str], str] = lambda body, secret: hmac.new(secret.encode(), body, "sha256").hexdigest()
    hooks: list[dict[str, Any]] = field(default_factory=list)
    completions: int = 0

    def script(self, peer: "Peer") -> None:
        while True:
            request = peer.read()
            status, document = self.route(request)
            peer.answer(json.dumps(document).encode(), status=f"{status} X")

    def route(self, request: "Received") -> tuple[int, Any]:
        match request.method, urlsplit(request.target).path:
            case "POST", "/v1/webhooks":
                return self.create(json.loads(request.body))
            case "POST", "/v1/chat/completions":
                if json.loads(request.body)["model"].startswith("no-such"):
                    return 404, {"error": {}}
                return 200, self.complete()
        return 404, {"error": {"type": "x", "message": "Not found.", "param": None, "code": None}}

    def create(self, body: dict[str, Any]) -> tuple[int, Any]:
        if self.refusal is not None:
            return 400, {"error": self.refusal}
        token = f"token-{len(self.hooks)}"
        url = urlsplit(self.reaches or body["url"])
        status, said = call("GET", f"{url.scheme}://{url.netloc}/webhooks/verify?challenge={token}")
        is_verified = status == 200 and self.accepts(said, token)
        secret = hashlib.sha256(token.encode()).hexdigest()
        self.hooks.append({**body, "is_verified": is_verified, "secret": secret})
        return 201, {"id": token, self.secret_name: secret}

    def complete(self) -> Any:
        self.completions += 1
        chat_id = f"chat_{self.completions}"
        body = json.dumps({"event": "chat.completion", "data": {"id": chat_id, "status": "completed"}}).encode()
        for hook in self.hooks:
            if hook["is_verified"] and "chat.completion" in hook["events"]:
                there = hook["url"].replace("https://hooks.example", self.reaches) if self.reaches else hook["url"]
                call("POST", there, body, {"X-Signature": self.sign(body, hook["secret"])})
        return {"id": chat_id, "choices": [{"message": {"role": "assistant", "content": "Hello."}}]}


def call(method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None) -> tuple[int, str]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        connection.request(method, f"{parts.path}?{parts.query}".rstrip("?"), body or None, headers or {})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_QUIET_S", "_WARM_UP_S", "_CHALLENGE_S", "_LATER_CHALLENGE_S", "DELIVERY_S"):
        monkeypatch.setattr(webhooks_experiment, name, 0.3)


@pytest.fixture
def try_out(serve: "Serve", with_probe: "ProbeRun") -> Callable[..., Any]:
    """Return a function that runs the experiment against a vendor, and returns what `use` makes of it."""

    def run(vendor: Vendor, use: Callable[[Probe, Experiment], Any] = lambda _, done: done, **target: Any) -> Any:
        server: ScriptedServer = serve(vendor.script)

        async def whole(probe: Probe) -> Any:
            try:
                return use(probe, await experiment(probe))
            finally:
                await probe.session.settle_debts()

        return with_probe(server.url, whole, **target)

    return run


def counts(done: Experiment) -> dict[str, int]:
    return {name: len(hook.visits) for name, hook in [*done.hooks.items(), *done.wrong.items()]}


def test_each_endpoint_gets_what_it_subscribed_to(try_out: Any) -> None:
    done: Experiment = try_out(Vendor())
    expected = {"both": 4, "other_way": 4, "completions": 4, "failures": 0, "another_token": 0, "not_found": 0}
    assert (counts(done), done.untold) == (expected, {"both": 0, "other_way": 0, "completions": 0})


def test_token_is_given_back_in_json_to_a_server_that_wants_it_so(try_out: Any) -> None:
    done: Experiment = try_out(Vendor(accepts=lambda body, token: body.startswith("{") and token in body))
    assert (done.untold, len(done.wrong["another_token"].visits)) == ({"both": 0, "other_way": 0, "completions": 0}, 0)


def test_server_that_accepts_no_endpoint_ends_the_experiment(try_out: Any) -> None:
    done: Experiment = try_out(Vendor(accepts=lambda _body, _token: False))
    assert sum(counts(done).values()) == 0


def test_refused_creation_ends_the_experiment_at_once(try_out: Any) -> None:
    vendor = Vendor(refusal={"type": "x", "message": "Use https.", "param": "url", "code": None})
    done: Experiment = try_out(vendor)
    found = (done.is_subscribed, vendor.completions, is_about_the_url(done.hooks["both"].answer))
    assert found == (False, 0, True)


def test_refusal_for_another_reason_is_not_about_the_url(try_out: Any) -> None:
    vendor = Vendor(refusal={"type": "x", "message": "events is not known.", "param": "events", "code": None})
    assert is_about_the_url(try_out(vendor).hooks["both"].answer) is False


def test_public_endpoint_fails_a_challenge_while_no_other_is_challenged(try_out: Any) -> None:
    vendor = Vendor()
    port = free_port()
    vendor.reaches = f"http://127.0.0.1:{port}"
    done: Experiment = try_out(vendor, webhook={"receiver_url": "https://hooks.example", "listen_port": port})
    expected = {"both": 4, "other_way": 4, "completions": 4, "failures": 0, "another_token": 0, "not_found": 0}
    assert (counts(done), [hook.is_challenged for hook in done.wrong.values()]) == (expected, [True, True])


def test_right_signatures_are_accepted(try_out: Any) -> None:
    def use(probe: Probe, done: Experiment) -> None:
        expect_signed(probe, done, done.hooks["both"])
        expect_bound_signatures(probe, done)

    assert try_out(Vendor(), use) is None


def test_signature_with_the_secret_of_another_webhook_is_broken(try_out: Any) -> None:
    vendor = Vendor(sign=lambda body, _: hmac.new(b"another", body, "sha256").hexdigest())

    def use(probe: Probe, done: Experiment) -> None:
        expect_signed(probe, done, done.hooks["both"])

    with pytest.raises(Broken, match="verifies"):
        try_out(vendor, use)


def test_secret_that_is_not_shown_has_to_be_given(try_out: Any) -> None:
    def use(probe: Probe, done: Experiment) -> None:
        expect_signed(probe, done, done.hooks["both"])

    with pytest.raises(Undecided, match=r"webhook\.secret_env"):
        try_out(Vendor(secret_name="url"), use)


def test_constant_signature_is_broken_even_where_the_secret_is_not_known(try_out: Any) -> None:
    vendor = Vendor(secret_name="url", sign=lambda _body, _secret: "ab" * 32)
    with pytest.raises(Broken, match="two different bodies"):
        try_out(vendor, expect_bound_signatures)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
