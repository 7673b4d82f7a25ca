"""Values are looked for in the whole answer, and a mask is believed only where a control shows what it hides."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.answer import Answer, Piece
from assisters_verify.contract.masked_places import PLACES, look
from assisters_verify.contract.masking import expect_all_masked, texts_in
from assisters_verify.contract.personal_data import Datum, Kind
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.probe import Probe
from assisters_verify.reference.model.masking import MASKS, mask_all

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Serve

_EMAIL = Datum(kind=Kind.EMAIL, form="", text="ba@example.com")
_MODEL = {"id": "m", "name": "M", "max_tokens": 100, "supports": ["chat", "reasoning"]}
Say = Callable[[str], str]


def make_answer(document: Any) -> Answer:
    return _answer(json.dumps(document).encode(), is_stream=False)


def make_stream(*deltas: dict[str, Any]) -> Answer:
    return _answer(write_events(*deltas), is_stream=True)


def write_events(*deltas: dict[str, Any]) -> bytes:
    return "".join(f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta}]})}\n\n" for delta in deltas).encode()


def _answer(body: bytes, *, is_stream: bool) -> Answer:
    pieces = (Piece(t_s=0.0, data=body),) if is_stream else ()
    return Answer(
        exchange="x1", method="POST", path="/", status=200, headers={}, body=body, first_byte_s=0.0, total_s=0.0,
        pieces=pieces,
    )  # fmt: skip


@pytest.mark.parametrize(
    "answer",
    [
        make_answer({"choices": [{"message": {"content": "It is ba@example.com."}}]}),
        make_answer({"choices": [{"message": {"reasoning": "It is ba\u0040example.com."}}]}),
        make_answer({"usage": {"ba@example.com": 1}}),
        make_answer({"arguments": json.dumps({"text": "x"}).replace("x", "ba\\u0040example.com")}),
        make_stream({"content": "It is ba@exa"}, {"content": "mple.com."}),
        make_stream({"reasoning": "ba@"}, {"content": "Well."}, {"reasoning": "example.com"}),
        make_stream(
            {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "n", "arguments": '{"a": "ba@'}}]},
            {"tool_calls": [{"index": 0, "function": {"arguments": 'example.com"}'}}]},
        ),
        _answer(b"ba@example.com is no JSON", is_stream=False),
    ],
)
def test_value_is_found_wherever_it_stands(answer: Answer) -> None:
    assert any(_EMAIL.is_in(text) for text in texts_in(answer))


def test_deep_answer_is_read_to_its_ground() -> None:
    depth = 900
    answer = _answer(b"[" * depth + b'"ba@example.com"' + b"]" * depth, is_stream=False)
    assert "ba@example.com" in texts_in(answer)


def model(say: Say, *, plain: Say = str) -> Callable[["Peer"], None]:
    """Return a server whose model repeats all that it reads: as `say` gives it with the mask, as `plain` without."""

    def script(peer: "Peer") -> None:
        while True:
            request = peer.read()
            if request.method == "GET":
                peer.answer(json.dumps({"models": [_MODEL]}).encode(), headers="Content-Type: application/json\r\n")
                continue
            body = json.loads(request.body)
            prompt = " ".join(message["content"] or "" for message in body["messages"])
            text = (say if body.get("mask") else plain)(prompt)
            if body.get("stream"):
                peer.answer(write_events({"content": text}), headers="Content-Type: text/event-stream\r\n")
                continue
            document = {"choices": [{"message": {"role": "assistant", "content": text}}]}
            peer.answer(json.dumps(document).encode(), headers="Content-Type: application/json\r\n")

    return script


def masked(*kinds: Kind, **options: Any) -> Callable[[Probe], Any]:
    async def use(probe: Probe) -> None:
        await expect_all_masked(probe, *kinds, **options)

    return use


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("is_stream", [False, True])
def test_good_mask_passes(serve: "Serve", with_probe: "ProbeRun", kind: Kind, *, is_stream: bool) -> None:
    with_probe(serve(model(mask_all)).url, masked(kind, is_stream=is_stream))


@pytest.mark.parametrize("kind", Kind)
def test_missing_mask_is_broken(serve: "Serve", with_probe: "ProbeRun", kind: Kind) -> None:
    with pytest.raises(Broken, match=f"no {kind} of the prompt"):
        with_probe(serve(model(str)).url, masked(kind))


def test_mask_of_the_first_occurrence_is_broken(serve: "Serve", with_probe: "ProbeRun") -> None:
    first_only = serve(model(lambda text: " ".join([mask_all(text[: len(text) // 2]), text[len(text) // 2 :]])))
    with pytest.raises(Broken):
        with_probe(first_only.url, masked(Kind.EMAIL))


def test_mask_of_every_second_answer_is_broken(serve: "Serve", with_probe: "ProbeRun") -> None:
    turns = iter([True, False] * 10)
    with pytest.raises(Broken):
        with_probe(serve(model(lambda text: mask_all(text) if next(turns) else text)).url, masked(Kind.SSN))


def test_mask_that_misses_values_alone_is_broken(serve: "Serve", with_probe: "ProbeRun") -> None:
    with pytest.raises(Broken, match="a single card number"):
        with_probe(serve(model(lambda text: mask_all(text) if "first" in text else text)).url, masked(Kind.CARD))


def test_model_that_repeats_nothing_is_undecided(serve: "Serve", with_probe: "ProbeRun") -> None:
    with pytest.raises(Undecided, match="the model says something else"):
        with_probe(serve(model(lambda _text: "Sure.", plain=lambda _text: "Sure.")).url, masked(Kind.EMAIL))


def test_model_that_hides_values_by_itself_is_undecided(serve: "Serve", with_probe: "ProbeRun") -> None:
    with pytest.raises(Undecided, match="does not repeat: phone number with brackets"):
        with_probe(serve(model(mask_all, plain=mask_all)).url, masked(Kind.PHONE))


@pytest.mark.parametrize("place", PLACES)
def test_leak_in_a_place_is_found_by_kind(serve: "Serve", with_probe: "ProbeRun", place: str) -> None:
    def leave_emails(text: str) -> str:
        for name, mask in MASKS.items():
            text = text if name == "email" else mask(text)
        return text

    async def use(probe: Probe) -> Any:
        return await look(probe, place)

    finding = with_probe(serve(model(leave_emails)).url, use)
    kinds = {datum.kind for datum, _ in finding.leaks}
    assert (kinds, {datum.kind for datum in finding.shown}) == ({Kind.EMAIL}, set(Kind))
