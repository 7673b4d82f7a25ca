"""Faults and readings: each changes what a client sees, a fault in the area of its clause."""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from assisters_verify.reference import DEFAULT_API_KEY
from assisters_verify.reference.faults import _MODULES, FAULTS, corners
from assisters_verify.reference.readings import READINGS

CHAT, EMBEDDINGS, KEYS, WEBHOOKS = "/v1/chat/completions", "/v1/embeddings", "/v1/keys", "/v1/webhooks"
CATALOGUE = Path(__file__).parents[2] / "spec" / "clauses.yaml"
CLAUSES = {clause["id"]: clause for clause in yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))["clauses"]}
OTHER_KEY = "sk-other-customer-0001"
# What differs between two runs of the same server.
VOLATILE = re.compile(
    r'"(?:created|time|latency_ms|mean|p50|p90|p95|p99)": ?(?:"[^"]*"|[\d.]+)|latency_seconds\S* [\d.]+|\d{10}'
)
TEXTS = ["Repeat exactly: Grüße, 你好 👩‍👧 🎉 <b>&amp;</b> {x} é fin", "Count from 1 to 12"]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get current weather for a location.",
        "parameters": {"type": "object", "properties": {"location": {"type": "string"}}, "required": ["location"]},
    },
}
USER = {"role": "user", "content": "What's the weather in Paris and in London?"}

Play = Callable[[Any], list[Any]]


def show(seen: Any) -> list[Any]:
    """Return what a client sees, but for what differs each time."""
    body = VOLATILE.sub("", seen.body.decode("utf-8", "replace"))
    return [seen.status, sorted(seen.headers.items() - {("content-length", "")}), body, seen.is_whole]


def shape(seen: Any) -> list[Any]:
    """Return what a client sees without lengths, which change with times."""
    status, headers, body, is_whole = show(seen)
    return [status, [header for header in headers if header[0] != "content-length"], body, is_whole]


def chat_body(prompt: str = "Hello", **fields: Any) -> dict[str, Any]:
    return {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": prompt}], **fields}


def play_authentication(api: Any) -> list[Any]:
    key = DEFAULT_API_KEY
    wrong = [key[:10], f"{key}x", key[:-1], key.upper(), "x" * len(key), "wrong"]
    credentials = [
        None,
        "",
        "Bearer",
        key,
        f"Basic {key}",
        f"bearer {key}",
        *(f"Bearer {one}" for one in (*wrong, key)),
    ]
    seen = []
    for credential in credentials:
        headers = {} if credential is None else {"Authorization": credential}
        seen.append(api.get("/v1/models", key=None, headers=headers))
    routes = [("POST", CHAT), ("POST", EMBEDDINGS), ("DELETE", f"{KEYS}/x"), ("POST", KEYS), ("POST", WEBHOOKS),
              ("GET", "/v1/audit"), ("GET", "/v1/metrics"), ("GET", "/v1/models/gpt-4.1-mini/test")]  # fmt: skip
    seen += [api.request(method, path, key=None, body={"name": "x"}) for method, path in routes]
    seen.append(api.post(CHAT, chat_body(stream=True), key=None))
    seen.append(api.get(f"/v1/models?api_key={key}", key=None))
    seen.append(api.get("/v1/models", key=None, headers={"X-Api-Key": key}))
    seen.append(api.post(EMBEDDINGS, {"model": "text-embedding-3-small", "input": "x"}))
    return [shape(one) for one in seen]


def play_errors(api: Any) -> list[Any]:
    raws = [b"", b"{", b'{"model":"gpt-4.1-mini","messages":[{"role":"user","content":"x"}]} x', b"[" * 2000, b"[]",
            b'{"model": "gpt-4.1-mini", "x": "\xff"}', b'[{"name": "x"}]', b'{"x": NaN}', b"{}"]  # fmt: skip
    seen = [api.post(path, raw=raw) for path in (CHAT, KEYS) for raw in raws]
    wrong: list[Any] = [{}, [], None, 7, "x", True]
    seen += [
        api.post(CHAT, chat_body(**{name: value})) for name in ("model", "messages", "max_tokens") for value in wrong
    ]
    seen += [api.post(KEYS, {"name": value}) for value in wrong]
    seen.append(api.chat(messages=[{"role": 7, "content": "Hello"}]))
    seen += [api.post(EMBEDDINGS, {"model": "text-embedding-3-small", "input": value}) for value in wrong]
    seen += [api.get("/v1/x"), api.request("PUT", "/v1/models"), api.post(CHAT, raw=b"{"), api.chat("Say only OK")]
    seen += [api.get("/v1/models?a[]=1"), api.get("/v1/models/%2f/test"), api.get("/v1/models", headers={"X-Odd": "é"})]
    seen.append(api.post(EMBEDDINGS, {"model": "text-embedding-3-small", "input": "x"}))
    return [shape(one) for one in seen]


def play_models(api: Any) -> list[Any]:
    seen = [api.get("/v1/models") for _ in range(3)]
    for model in ("gpt-4.1-ultra", "text-embedding-3-small"):
        seen += [api.chat(model=model), api.chat(model=model, reasoning=True)]
        seen.append(api.post(EMBEDDINGS, {"model": model, "input": "x"}))
    return [shape(one) for one in seen]


def play_chat(api: Any) -> list[Any]:
    seen = [
        api.chat(text) for text in (*TEXTS, "x" * 3000, "Hello", "   ", "Look at <script></script>", "Say {braces}")
    ]
    fields: list[dict[str, Any]] = [{"temperature": value} for value in (0, 1, 0.5, 1.04, 1.5, -1, "0.5", True)]
    fields += [{"max_tokens": value} for value in (1, 3, 0, -1, 1.5, "5", True)]
    fields += [{"temperature": 0.5, "max_tokens": 5}, {"mask": False}, {"model": "no-such-model"}]
    fields.append({"temperature": 0.7, "max_tokens": 1000})
    seen += [api.chat("Count from 1 to 40", **one) for one in fields]
    roles = [{"role": role, "content": "x"} for role in ("system", "developer", "robot")]
    user = {"role": "user", "content": "Say only one"}
    assistant, later = {"role": "assistant", "content": "one"}, {"role": "user", "content": "Say only two"}
    lists: list[Any] = [[role, user] for role in roles]
    lists += [
        [user, assistant, later],
        [{"content": "x"}],
        [{"role": "user"}],
        [{"role": "user", "content": None}],
        ["x"],
    ]
    lists += [[], "x", {}, user, [{"role": "user", "content": 7}], [{"role": 7, "content": "x"}]]
    seen += [api.post(CHAT, {"model": "gpt-4.1-mini", "messages": value}) for value in lists]
    seen += [api.post(CHAT, {"model": "gpt-4.1-mini"}), api.post(CHAT, {"messages": [user]})]
    seen += api.run(side_by_side(api, "Say only one", "Say only two"))
    return [shape(one) for one in seen]


async def side_by_side(api: Any, *prompts: str, **fields: Any) -> list[Any]:
    return await asyncio.gather(*(api.send("POST", CHAT, body=chat_body(prompt, **fields)) for prompt in prompts))


def play_streaming(api: Any) -> list[Any]:
    seen = [api.chat(text, stream=True) for text in TEXTS]
    values: list[Any] = [False, "true", 1, [], None]
    seen += [api.chat("Count from 1 to 12", stream=value) for value in values]
    longer = "\n".join(f"{number} {number}" for number in range(150))
    seen.append(api.chat(f"Repeat exactly:\n{longer}", stream=True, max_tokens=1000))
    seen += [api.chat(stream=True, model="no-such-model"), api.chat("Count from 1 to 12", stream=True, max_tokens=3)]
    left = [api.post(CHAT, chat_body("Count from 1 to 12", stream=True), leave_after=2) for _ in range(3)]
    seen.append(api.chat("Say only OK", stream=True))
    both = api.run(side_by_side(api, "Count from 1 to 9", "Count from 101 to 109", stream=True))
    waits = both[0].times_s[-1] < both[1].times_s[0]
    return [*(shape(one) for one in [*seen, *both]), [one.status for one in left], waits]


def play_embeddings(api: Any) -> list[Any]:
    texts = [
        "one two",
        "7 days",
        "two one",
        "one three",
        "你好",
        "再见",
        "a",
        "Hi 🎉",
        'quo"te',
        "word " * 100,
        "word " * 100 + "x",
    ]
    inputs: list[Any] = [
        *texts,
        ["b", "a", "b", "c"],
        [*texts],
        [["a"], "b"],
        "",
        None,
        7,
        True,
        {},
        ["a", 7],
        [],
        texts[0],
    ]
    seen = [api.post(EMBEDDINGS, {"model": "text-embedding-3-small", "input": value}) for value in inputs]
    seen += [api.post(EMBEDDINGS, {"model": "no-such-model", "input": "x"}), api.post(EMBEDDINGS, {"input": "x"})]
    return [shape(one) for one in seen]


def play_tools(api: Any) -> list[Any]:
    plain = api.post(CHAT, {"model": "gpt-4.1-mini", "messages": [USER], "tools": [TOOL]})
    seen = [plain, api.post(CHAT, {"model": "gpt-4.1-mini", "messages": [USER], "tools": [TOOL], "stream": True})]
    calls = [
        {"id": f"call_{i}", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
        for i in range(3)
    ]
    turn = {"role": "assistant", "content": None, "tool_calls": calls[:2]}
    results = [{"role": "tool", "content": '{"temperature": 15}', "tool_call_id": call["id"]} for call in calls]
    later = {"role": "assistant", "content": None, "tool_calls": calls[2:]}
    one_call = {**turn, "tool_calls": calls[:1]}
    twice = [USER, turn, *results[:2]]
    talks: list[Any] = [[USER, one_call, results[0]], twice, [*twice, later, results[2]], [USER, results[0]], [USER]]
    seen += [api.post(CHAT, {"model": "gpt-4.1-mini", "messages": talk, "tools": [TOOL]}) for talk in talks]
    wrong: list[Any] = [{}, "x", ["x"], [{}], [{"type": "function", "function": {}}], [{"function": {"name": "f"}}],
                        [{"type": "web_search"}], None]  # fmt: skip
    seen += [api.post(CHAT, {"model": "gpt-4.1-mini", "messages": [USER], "tools": value}) for value in wrong]
    order = {
        "type": "object",
        "properties": {"part": {"type": "string", "pattern": "^[A-Z]{2}-7$"}},
        "required": ["part"],
    }
    tool = {"type": "function", "function": {"name": "order_part", "description": "Order.", "parameters": order}}
    seen.append(api.chat("Call order_part for any part.", tools=[tool]))
    return [shape(one) for one in seen]


def play_reasoning(api: Any) -> list[Any]:
    values: list[Any] = [True, False, None, "true", 1, {}, []]
    seen = [api.chat("Solve 2x + 3 = 7.", reasoning=value) for value in values]
    seen.append(api.chat(reasoning=True, model="gpt-4.1-nano"))
    seen.append(api.chat(reasoning=True, messages=[USER, {"role": "assistant", "content": "Yes?"}, USER]))
    return [shape(one) for one in [*seen, api.chat("Solve 2x + 3 = 7.", reasoning=True, stream=True)]]


def play_rate_limits(api: Any) -> list[Any]:
    sibling = api.post(KEYS, {"name": "sibling"}).json["key"]
    seen = [api.chat("Say only OK"), api.get("/v1/models"), api.post(EMBEDDINGS, {}), api.get("/v1/no-such-route")]
    seen += [api.get("/v1/models"), api.post(EMBEDDINGS, {}), api.get("/v1/models", key=OTHER_KEY)]
    seen += [api.get("/v1/models", key=sibling), api.delete("/v1/keys/nobody")]
    api.run(asyncio.sleep(1.2 * WINDOW_S))
    return [show(one) for one in [*seen, api.get("/v1/models")]]


def play_idempotency(api: Any) -> list[Any]:
    def post(name: str, body: Any, **options: Any) -> Any:
        return api.post(CHAT, body, headers={"Idempotency-Key": name}, **options)

    one, other, stream = chat_body("Say one two"), chat_body("Say three"), chat_body("Count from 1 to 9", stream=True)
    sibling = api.post(KEYS, {"name": "sibling"}).json["key"]
    seen = [post("a", one), post("a", one), post("a", one), post("b", one), post("a", one), post("a", other)]
    seen += [post("a", one, key=OTHER_KEY), post("a", one, key=sibling), post("s", stream), post("s", stream)]
    seen += [post("r", {"model": 7}), post("r", one)]
    seen += api.run(twins(api, one))
    return [shape(each) for each in seen]


async def twins(api: Any, body: Any) -> list[Any]:
    headers = {"Idempotency-Key": "twins"}
    return await asyncio.gather(*(api.send("POST", CHAT, body=body, headers=headers) for _ in range(2)))


def play_keys(api: Any) -> list[Any]:
    seen = [api.post(KEYS, {"name": value}) for value in ("one", "two", "three", None, 7)]
    created = [one.json for one in seen[:3] if one.status < 400]
    ids, secrets = [one.get("id", "?") for one in created], [one.get("key", "?") for one in created]
    seen += [api.get("/v1/models", key=secret) for secret in secrets]
    seen += [api.delete(f"{KEYS}/{key_id}", key=key) for key_id in ids[2:] for key in ("sk-wrong", OTHER_KEY)]
    for key_id in (*ids[:2], *ids[:1], "key_unknown"):
        seen.append(api.delete(f"{KEYS}/{key_id}"))
        seen += [api.get("/v1/models", key=secret) for secret in secrets]
        seen += [api.post(EMBEDDINGS, {}, key=secret) for secret in secrets]
    one, same = (api.post(KEYS, {"name": "same"}).json for _ in range(2))
    seen.append(api.delete(f"{KEYS}/{one.get('id', '?')}", key=same.get("key", "?")))
    seen += [api.get("/v1/models", key=same.get("key", "?")), api.post(KEYS, {"name": "鍵"})]
    unused = api.post(KEYS, {"name": "unused"}).json
    seen.append(api.delete(f"{KEYS}/{unused.get('id', '?')}"))
    seen.append(api.get("/v1/models", key=unused.get("key", "?")))
    return [shape(one) for one in seen]


def play_data(api: Any) -> list[Any]:
    one, other, third = (api.chat().json["id"] for _ in range(3))
    paths = [f"/v1/data/{name}" for name in (one, one, "chat_unknown")]
    created = api.post(KEYS, {"name": "sibling"}).json["key"]
    seen = [api.delete(path) for path in paths]
    seen.append(api.delete(f"/v1/data/{third}", key=created))
    streamed = api.chat("Say only one", stream=True)
    seen.append(api.delete(f"/v1/data/{streamed.events[0]['id']}"))
    return [
        shape(each) for each in [*seen, api.delete(f"/v1/data/{other}", key=OTHER_KEY), api.delete(f"/v1/data/{other}")]
    ]


def play_privacy(api: Any) -> list[Any]:
    data = ["ann@example.com", "ann+x@mail.example.com", "555-867-5309", "+1 555 867 5309", "219-09-9999",
            "4111111111111111", "4111 1111 1111 1111"]  # fmt: skip
    values: list[Any] = [True, False, None, "true", 1, {}]
    seen = [api.chat(f"Repeat exactly: my {one} here", mask=True) for one in data]
    seen += [api.chat(f"Repeat exactly: {data}", mask=value) for value in values]
    seen += [api.chat(f"Repeat exactly: {text}", mask=True) for text in ("5558675309", "378282246310005", "7 days")]
    return [shape(one) for one in [*seen, api.chat(f"Repeat exactly: {data}", mask=True, stream=True)]]


def play_audit(api: Any) -> list[Any]:
    api.chat()
    api.chat(stream=True)
    api.get("/v1/models", key=OTHER_KEY)
    api.get("/v1/models", key=api.post(KEYS, {"name": "mine"}).json["key"])
    queries = ["?start=2000-01-01&end=2100-01-01", "?start=2000-01-01&end=2000-01-02",
               "?start=2090-01-01&end=2090-01-02", "?start=&end=2100-01-01",
               "?start=2024-02-30&end=2100-01-01", "?start=x", "?start=2100-01-01&end=2000-01-01"]  # fmt: skip
    year = datetime.now(UTC).year
    queries += [f"?start={year}-01-01&end={year}-01-01", f"?start={year}-12-31&end={year}-12-31"]
    return [shape(api.get(f"/v1/audit{query}")) for query in queries]


def play_metrics(api: Any) -> list[Any]:
    accepts = ["application/json", "text/plain"]
    seen = [api.get("/v1/metrics", headers={"Accept": accept}) for accept in accepts]
    api.chat()
    return [shape(one) for one in [*seen, *(api.get("/v1/metrics", headers={"Accept": accept}) for accept in accepts)]]


def play_canary(api: Any) -> list[Any]:
    models = ["gpt-4.1-mini", "gpt-4.1-ultra", "text-embedding-3-small", "no-such-model"]
    return [shape(api.request(verb, f"/v1/models/{model}/test")) for verb in ("GET", "POST") for model in models]


def play_legacy(api: Any) -> list[Any]:
    seen = [api.post(CHAT, {"model": "gpt-4.1-mini", "prompt": "Hello"})]
    return [shape(one) for one in [*seen, api.post("/v1/completions", {"prompt": "Hello"}, deadline_s=0.2)]]


def play_sdk(api: Any) -> list[Any]:
    headers = [{"User-Agent": agent} for agent in ("OpenAI/Python 3", "curl/8", "python-httpx/0.28")]
    headers += [{"X-Stainless-Lang": "python"}, {"Accept-Encoding": "gzip"}, {"Sec-Fetch-Mode": "cors"}]
    seen = [api.get("/v1/models", headers=one) for one in headers]
    body = {"model": "text-embedding-3-small", "input": "x", "encoding_format": "float"}
    return [shape(one) for one in [*seen, api.post(EMBEDDINGS, body)]]


WINDOW_S = 0.25
PLAYS: dict[str, Play] = {
    "authentication": play_authentication,
    "errors": play_errors,
    "models": play_models,
    "chat": play_chat,
    "streaming": play_streaming,
    "embeddings": play_embeddings,
    "tools": play_tools,
    "reasoning": play_reasoning,
    "rate_limits": play_rate_limits,
    "idempotency": play_idempotency,
    "keys": play_keys,
    "data": play_data,
    "privacy": play_privacy,
    "audit": play_audit,
    "metrics": play_metrics,
    "canary": play_canary,
    "legacy": play_legacy,
    "sdk": play_sdk,
}
LIKELIEST_FIRST = ["chat", "embeddings", "streaming", "keys", "audit", "metrics", "canary", "legacy", "data", "models",
                   "idempotency", "tools", "errors", "authentication", "privacy", "sdk", "rate_limits"]  # fmt: skip
OPTIONS: dict[str, dict[str, Any]] = {
    "streaming": {"token_gap_s": 0.001},
    "rate_limits": {"limit": 5, "window_s": WINDOW_S},
}
# What only a socket, a subscriber or a clock shows has tests of its own.
ELSEWHERE = {
    "transport": "test_server.py",
    "webhooks": "webhooks/test_effects.py",
    "idempotency_header_needs_its_spelling": "test_server.py",
    "stream_is_buffered": "test_timing_effects.py",
    "stream_is_buffered_after_first_chunk": "test_timing_effects.py",
    "stream_never_ends": "test_timing_effects.py",
    "stream_stalls": "test_timing_effects.py",
    "proxy_buffers_stream": "test_timing_effects.py",
    "limit_cuts_running_streams": "test_timing_effects.py",
}
READINGS_ELSEWHERE = {
    "limit_has_fixed_window": "test_limits.py",
    "limit_has_aligned_window": "test_limits.py",
    "limit_is_a_bucket": "test_limits.py",
    "model_is_slow": "test_timing_effects.py",
    "twin_waits_for_a_long_run": "test_timing_effects.py",
    "events_have_more_fields": "webhooks/test_effects.py",
    **dict.fromkeys(
        (name for name in READINGS if name.startswith(("webhook_", "signature_", "secret_", "challenge_"))),
        "webhooks/test_effects.py",
    ),
    "unverified_webhook_is_refused": "webhooks/test_effects.py",
}
# Faults in one corner are shown by what catches them: matrix/test_trials.py.
CORNERS = {fault.name for fault in corners.FAULTS}
HERE = [fault for fault in FAULTS.values() if not {fault.area, fault.name} & (ELSEWHERE.keys() | CORNERS)]


def run_play(make_api: Any, area: str, *, faults: tuple[str, ...] = (), readings: tuple[str, ...] = ()) -> list[Any]:
    keys = (DEFAULT_API_KEY, OTHER_KEY)
    return PLAYS[area](make_api(faults=faults, readings=readings, api_keys=keys, **OPTIONS.get(area, {})))


def test_names_are_unique() -> None:
    assert sum(len(module.FAULTS) for module in _MODULES) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_clause_is_one_of_the_faults_area(fault: Any) -> None:
    assert CLAUSES[fault.clause]["area"] == fault.area


def test_every_clause_that_can_be_tested_has_a_fault() -> None:
    testable = {name for name, clause in CLAUSES.items() if "untestable" not in clause}
    assert testable - {fault.clause for fault in FAULTS.values()} == set()


@pytest.mark.parametrize("area", PLAYS)
def test_conforming_server_plays_the_same_twice(make_api: Any, area: str) -> None:
    """Without this, a difference would prove nothing."""
    assert run_play(make_api, area) == run_play(make_api, area)


@pytest.fixture(scope="module")
def conforming() -> dict[str, list[Any]]:
    return {}


@pytest.mark.parametrize("fault", HERE, ids=lambda fault: fault.name)
def test_fault_changes_what_a_client_sees(make_api: Any, conforming: dict[str, list[Any]], fault: Any) -> None:
    if fault.area not in conforming:
        conforming[fault.area] = run_play(make_api, fault.area)
    assert run_play(make_api, fault.area, faults=(fault.name,)) != conforming[fault.area]


@pytest.mark.parametrize("name", [name for name in READINGS if name not in READINGS_ELSEWHERE])
def test_reading_changes_what_a_client_sees(make_api: Any, conforming: dict[str, list[Any]], name: str) -> None:
    for area in PLAYS:
        if area not in conforming:
            conforming[area] = run_play(make_api, area)
    assert any(run_play(make_api, area, readings=(name,)) != conforming[area] for area in LIKELIEST_FIRST)
