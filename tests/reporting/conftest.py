"""Made-up results with every verdict, and a target that writes as harmfully as it can."""

from collections.abc import Callable
from typing import Any

import pytest

from assisters_verify.catalogue import Clause, load_catalogue
from assisters_verify.content import content_root
from assisters_verify.evidence import Body, Exchange, Frame, RecordedRequest, RecordedResponse
from assisters_verify.results import Outcome, Run, build_results
from assisters_verify.verdicts import Basis, Level, Verdict

Results = dict[str, Any]
MakeExchange = Callable[..., Exchange]

HOSTILE = (
    "</pre></details><script>alert(1)</script><img src=x onerror=alert(2)> ]]> "
    "\x1b[31mred\x1b]8;;https://evil.example\x07link \u202egnp.exe\u202c nul \x00 lone \ud800 nonchar \uffff "
    "\n::error::taken over\n  ::set-output name=a::b\n##[error]too ##vso[task.setvariable] "
    "\r\n# heading\n| a | b |\n![x](https://evil.example/x.png) @everyone `tick` ``` fence ~~~ \u2028 end"
)


@pytest.fixture
def hostile() -> str:
    return HOSTILE


@pytest.fixture
def make_exchange() -> MakeExchange:
    return _exchange


@pytest.fixture
def exchanges() -> list[Exchange]:
    stream = tuple(
        Frame(t_s=0.1 + 0.05 * n, text=f'data: {{"choices":[{{"delta":{{"content":"w{n} "}}}}]}}\n\n')
        for n in range(40)
    )
    return [
        _exchange(id="x1", clause="CHAT-01"),
        _exchange(id="x2", clause="CHAT-02", text=HOSTILE, status=500),
        _exchange(id="x3", clause="STREAM-01", frames=stream, text="".join(frame.text for frame in stream)),
        _exchange(id="x4", clause="STREAM-02", is_answered=False),
        _exchange(id="x5", clause="CHAT-03", text="AAEC/w==", encoding="base64", status=200),
        _exchange(id="x6", clause="METRIC-01", text='{"error":{"type":"not_found"}}', status=404),
    ]


@pytest.fixture
def results() -> Results:
    """Return a result in which each verdict occurs, with hostile text wherever a target can put some."""
    return build_results(_run(), _CLAUSES, _OUTCOMES)


@pytest.fixture
def empty_results() -> Results:
    """Return the result of a run that ended before its first check."""
    return build_results(_run(interrupted="Ctrl-C"), (), ())


@pytest.fixture
def green_results() -> Results:
    """Return a result in which every promise is kept."""
    return build_results(_run(), _CLAUSES[:1], [_outcome("CHAT-01", Verdict.PASS, evidence=("x1",))])


@pytest.fixture
def make_results() -> Callable[..., Results]:
    """Return a function that builds results of `count` clauses that all have this verdict and this text."""

    def make(
        count: int, *, verdict: Verdict = Verdict.FAIL, text: str = "plain", evidence: tuple[str, ...] = ()
    ) -> Results:
        clauses = [_clause(f"CHAT-{n:02}", title=f"Promise {n}.") for n in range(count)]
        outcomes = [
            _outcome(clause.id, verdict, reason=text, expected=text, received=text, evidence=evidence)
            for clause in clauses
        ]
        return build_results(_run(), clauses, outcomes)

    return make


@pytest.fixture
def full_run() -> Callable[..., tuple[Results, list[Exchange]]]:
    """Return a function that makes a run over the whole catalogue: 6 exchanges a clause, every `nth` clause broken."""

    def make(*, nth: int, text: str = "plain", body: str = '{"error": {"message": "no"}}') -> Any:
        catalogue = load_catalogue(content_root() / "spec" / "clauses.yaml")
        outcomes, exchanges = [], []
        for n, clause in enumerate(clause for clause in catalogue if not clause.untestable):
            ids = tuple(f"x{6 * n + k:04}" for k in range(6))
            frames = tuple(Frame(t_s=0.01 * k, text=body) for k in range(50)) if clause.area == "streaming" else ()
            exchanges += [_exchange(id=each, clause=clause.id, text=body, frames=frames) for each in ids]
            told = {"reason": f"{n} {text}", "expected": text, "received": text} if n % nth == 0 else {}
            verdict = Verdict.FAIL if told else Verdict.PASS
            outcomes += [
                _outcome(clause.id, verdict if k == 0 else Verdict.PASS, evidence=ids if k == 0 else (), **told)
                for k in range(5)
            ]
        return build_results(_run(), tuple(catalogue), outcomes), exchanges

    return make


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: looks at a page in a real browser")


def _exchange(
    *,
    id: str = "x1",  # noqa: A002
    clause: str = "CHAT-01",
    text: str = '{"choices":[{"message":{"role":"assistant","content":"Hi"}}]}',
    encoding: str = "utf-8",
    status: int = 200,
    frames: tuple[Frame, ...] = (),
    is_answered: bool = True,
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"), ("x-twice", "1"), ("x-twice", "2")),
) -> Exchange:
    request_text = '{"model":"m","messages":[{"role":"user","content":"It\'s <b>"}]}'
    response = RecordedResponse(
        status=status,
        reason="OK" if status < 400 else "No",
        http_version="HTTP/1.1",
        headers=headers,
        body=Body(text=text, encoding=encoding, size=len(text), sha256="ab" * 32),
        frames=frames,
    )
    return Exchange(
        id=id,
        check=f"test_of_{clause}",
        clause=clause,
        started_at="2026-11-22T20:00:00.123456+00:00",
        request=RecordedRequest(
            method="POST",
            url="http://127.0.0.1:8000/v1/chat/completions?a=1&b=%20x",
            headers=(("Authorization", "Bearer {{api_key}}"), ("Content-Type", "application/json")),
            body=Body(text=request_text, size=len(request_text), sha256="cd" * 32),
        ),
        response=response if is_answered else None,
        first_byte_s=0.1 if is_answered else None,
        total_s=2.123456789 if is_answered else None,
        error=None if is_answered else "the connection was closed before a status line came",
        attempt=1,
    )


def _run(**changes: Any) -> Run:
    facts: dict[str, Any] = {
        "base_url": "http://127.0.0.1:8000",
        "started_at": "2026-11-22T20:00:00+00:00",
        "duration_s": 12.3456,
        "requests": 6,
        "suite": {"name": "assisters-verify", "version": "0.1.0"},
        "options": {"profile": "full", "seed": 7},
        "usage": {"prompt_tokens": 1200, "completion_tokens": 345},
        "leftovers": ("key k_1 (DELETE answered 500)",),
    }
    return Run(**{**facts, **changes})


def _clause(clause_id: str, *, area: str = "chat", level: Level = Level.MUST, title: str = "`x` holds.") -> Clause:
    basis = Basis.DOCUMENTED if level is Level.MUST else Basis.CONVENTION
    return Clause(id=clause_id, area=area, level=level, basis=basis, section="Chat Completions", title=title)


def _outcome(clause: str, verdict: Verdict, **more: Any) -> Outcome:
    return Outcome(check=f"test_of_{clause}", clause=clause, verdict=verdict, duration_s=0.25, **more)


_CLAUSES = (
    _clause("CHAT-01"),
    _clause("CHAT-02", title="`temperature` is taken: from 0 to 1."),
    _clause("CHAT-03", level=Level.SHOULD),
    _clause("STREAM-01", area="streaming"),
    _clause("STREAM-02", area="streaming"),
    _clause("STREAM-03", area="streaming"),
    _clause("METRIC-01", area="metrics"),
    _clause("METRIC-02", area="metrics"),
    _clause("TLS-01", area="transport"),
    Clause(
        id="TLS-04",
        area="transport",
        level=Level.MUST,
        basis=Basis.DOCUMENTED,
        section="Data Handling",
        title="Data at rest is encrypted.",
        untestable="Storage is behind the API.",
    ),
)

_OUTCOMES = (
    _outcome("CHAT-01", Verdict.PASS, evidence=("x1",)),
    _outcome(
        "CHAT-02",
        Verdict.FAIL,
        reason=f"expected 200, received 500 {HOSTILE}",
        expected="200 with `choices`",
        received=HOSTILE,
        evidence=("x2", "x99"),
    ),
    _outcome("CHAT-02", Verdict.PASS),
    _outcome("CHAT-03", Verdict.WARN, reason=HOSTILE, evidence=("x5",)),
    _outcome("STREAM-01", Verdict.INCONCLUSIVE, reason="the model never chose to", evidence=("x3",)),
    _outcome("STREAM-02", Verdict.ERROR, reason=f"KeyError: {HOSTILE}", evidence=("x4",)),
    _outcome("STREAM-03", Verdict.SKIPPED, reason="left out by --max-requests"),
    _outcome("METRIC-01", Verdict.NOT_IMPLEMENTED, reason="GET /v1/metrics is not there", evidence=("x6",)),
    _outcome("METRIC-02", Verdict.NOT_IMPLEMENTED, reason="GET /v1/metrics is not there", evidence=("x6",)),
    _outcome("TLS-01", Verdict.NOT_APPLICABLE, reason="the target is not https"),
)
