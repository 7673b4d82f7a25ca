import json
from random import Random
from typing import Any

from assisters_verify.contract.load_answers import judge_askers, judge_forms, judge_refusals, judge_streams
from assisters_verify.contract.own_words import own_word
from assisters_verify.measures.evidence import Kept

WORDS = (own_word(Random(1)), own_word(Random(2)))  # noqa: S311 - the same each time
ERROR = {"error": {"type": "rate_limit_error", "message": "Slow down.", "param": None, "code": "rate_limited"}}


def kept(body: Any, **changes: Any) -> Kept:
    text = body if isinstance(body, str) else json.dumps(body)
    is_stream = changes.get("is_stream", False)
    values: dict[str, Any] = {
        "rank": 0.5,
        "kind": "chat",
        "lane": "chat",
        "key": 0,
        "process": "here/0",
        "due_s": 1.0,
        "sent_s": 1.0,
        "end_s": 2.0,
        "attempt": 1,
        "status": 200,
        "problem": "",
        "request": json.dumps({"input": ["one", "two"]}),
        "head": f"HTTP/1.1 200 OK\r\nContent-Type: {'text/event-stream' if is_stream else 'application/json'}\r\n",
        "frames": ((0.1, text),),
        "is_stream": is_stream,
        "is_cut": False,
        **changes,
    }
    return Kept(**values)


def completion(text: str) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": text}}]}


def events(*pieces: str) -> str:
    chunks = [json.dumps({"choices": [{"index": 0, "delta": {"content": piece}}]}) for piece in pieces]
    return "".join(f"data: {chunk}\n\n" for chunk in [*chunks, "[DONE]"])


def test_documented_forms_hold() -> None:
    samples = [
        kept(completion("Hello.")),
        kept({"embedding": [0.1, 0.2], "model": "m", "usage": {"tokens": 2}}, kind="embeddings"),
        kept({"data": [{"embedding": [0.1]}, {"embedding": [0.2]}]}, kind="embeddings_batch"),
    ]

    assert judge_forms(samples).verdict == "pass"


def test_completion_without_content_is_found_among_many() -> None:
    samples = [kept(completion("Hello."))] * 20 + [kept(completion(""))]

    assert judge_forms(samples).verdict == "fail"


def test_body_that_is_no_json_is_found() -> None:
    assert judge_forms([kept('{"choices": [')]).verdict == "fail"


def test_answer_that_was_cut_by_us_is_left_out() -> None:
    assert judge_forms([kept('{"choices": [', is_cut=True)]).verdict != "fail"


def test_whole_stream_holds() -> None:
    assert judge_streams([kept(events("Hel", "lo"), kind="streaming", is_stream=True)]).verdict == "pass"


def test_stream_that_ends_early_is_found() -> None:
    cut = kept(events("Hel", "lo")[:40], kind="streaming", is_stream=True, problem="cut")

    assert judge_streams([cut]).verdict == "fail"


def test_stream_that_ends_within_an_event_is_found() -> None:
    assert judge_streams([kept(events("Hel", "lo")[:-20], kind="streaming", is_stream=True)]).verdict == "fail"


def test_answer_with_the_word_of_another_request_is_found() -> None:
    own, others = WORDS
    samples = [kept(completion(own), request=f"Say {own}."), kept(completion(others), request=f"Say {own}.", key=1)]

    assert judge_askers(samples).verdict == "fail"


def test_word_that_comes_in_pieces_of_a_stream_is_found() -> None:
    own, others = WORDS
    stream = kept(events(others[:7], others[7:]), request=f"Say {own}.", kind="streaming", is_stream=True)

    assert judge_askers([stream]).verdict == "fail"


def test_word_that_the_model_misspelt_is_nobodys() -> None:
    own, _ = WORDS
    misspelt = f"{own[:-1]}{'0' if own[-1] != '0' else '1'}"
    samples = [kept(completion(word), request=f"Say {own}.") for word in (own, misspelt)]

    assert judge_askers(samples).verdict == "pass"


def test_answers_with_their_own_words_hold() -> None:
    samples = [kept(completion(f"{word}."), request=f"Say {word}.") for word in WORDS]

    assert judge_askers(samples).verdict == "pass"


def test_answers_that_repeat_nothing_show_nothing() -> None:
    samples = [kept(completion("Certainly!"), request=f"Say {word}.") for word in WORDS]

    assert judge_askers(samples).verdict not in {"pass", "fail"}


def test_vectors_repeat_no_word() -> None:
    vector = {"embedding": [0.1, 0.2], "model": "m", "usage": {"tokens": 2}}
    samples = [kept(vector, kind="embeddings", request=f"Say {word}.") for word in WORDS]

    assert judge_askers(samples).verdict == "not_applicable"


def test_vector_with_the_word_of_another_request_is_found() -> None:
    own, others = WORDS
    leak = kept({"embedding": [0.1], "input": others}, kind="embeddings", request=f"Say {own}.")

    assert judge_askers([leak]).verdict == "fail"


def test_refusal_without_the_envelope_is_found() -> None:
    samples = [kept(ERROR, status=429), kept({"detail": "Too Many Requests"}, status=429)]

    assert judge_refusals(samples).verdict == "fail"


def test_refusals_with_the_envelope_hold() -> None:
    assert judge_refusals([kept(ERROR, status=429)]).verdict == "pass"
