import socket
import ssl
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from assisters_verify.exact.certificate import make_certificate

Serve = Callable[..., Any]


def test_plain_answer_has_the_documented_form(serve: Serve) -> None:
    answer = serve().chat()

    assert answer.json["choices"][0]["message"] == {"role": "assistant", "content": "The quick brown fox jumps"}


def test_stream_has_one_content_for_each_token(serve: Serve) -> None:
    answer = serve(tokens=7).chat(stream=True)

    assert answer.contents == ["The", " quick", " brown", " fox", " jumps", " over", " the"]


def test_stream_ends_whole(serve: Serve) -> None:
    answer = serve().chat(stream=True)

    assert (answer.events[-1]["choices"][0]["finish_reason"], answer.body[-14:]) == ("stop", b"data: [DONE]\n\n")


def test_stream_and_plain_answer_are_the_same_text(serve: Serve) -> None:
    running = serve(tokens=30)

    assert "".join(running.chat(stream=True).contents) == running.chat().json["choices"][0]["message"]["content"]


@pytest.mark.parametrize("stream", [False, True])
def test_answer_is_no_longer_than_asked_for(serve: Serve, *, stream: bool) -> None:
    running = serve()

    answer = running.chat(stream=stream, max_tokens=2)

    text = "".join(answer.contents) if stream else answer.json["choices"][0]["message"]["content"]
    assert text == "The quick"


def test_usage_of_a_stream_is_told_when_asked_for(serve: Serve) -> None:
    answer = serve().chat(stream=True, stream_options={"include_usage": True})

    assert (answer.events[-1]["choices"], answer.events[-1]["usage"]["completion_tokens"]) == ([], 5)


def test_stream_without_chunked_coding_ends_with_the_connection(serve: Serve) -> None:
    answer = serve(coding="close").chat(stream=True)

    assert (answer.headers.get("Transfer-Encoding"), len(answer.contents)) == (None, 5)


def test_one_text_has_one_embedding(serve: Serve) -> None:
    answer = serve(vector_length=4).ask("POST", "/v1/embeddings", {"model": "vectors", "input": "Hello"})

    assert (len(answer.json["embedding"]), answer.json["model"], answer.json["usage"]) == (4, "vectors", {"tokens": 9})


def test_batch_has_an_embedding_for_each_text(serve: Serve) -> None:
    answer = serve().ask("POST", "/v1/embeddings", {"model": "vectors", "input": ["a", "b", "c"]})

    assert [entry["index"] for entry in answer.json["data"]] == [0, 1, 2]


def test_models_are_listed(serve: Serve) -> None:
    answer = serve().ask("GET", "/v1/models")

    assert sorted(answer.json["models"][0]) == ["id", "max_tokens", "name", "supports"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/chat/completions", b"{", 400),
        ("POST", "/v1/chat/completions", {"messages": []}, 400),
        ("POST", "/v1/chat/completions", {"model": "m"}, 400),
        ("POST", "/v1/chat/completions", {"model": "m", "messages": [], "max_tokens": 0}, 400),
        ("POST", "/v1/embeddings", {"model": "m", "input": []}, 400),
        ("GET", "/v1/chat/completions", None, 404),
        ("GET", "/v1/unknown", None, 404),
        ("GET", "/exact/unknown", None, 404),
    ],
)
def test_bad_request_is_refused_with_the_envelope(
    serve: Serve, method: str, path: str, body: object, status: int
) -> None:
    answer = serve().ask(method, path, body)

    assert (answer.status, sorted(answer.json["error"])) == (status, ["code", "message", "param", "type"])


def test_request_without_a_key_is_refused(serve: Serve) -> None:
    assert serve().ask("GET", "/v1/models", Authorization="").status == 401


def test_connection_is_kept_between_answers(serve: Serve) -> None:
    running = serve()
    running.chat(stream=True)
    local = running.client.sock.getsockname()

    running.chat()

    assert running.client.sock.getsockname() == local


def test_connection_is_closed_when_the_client_asks_for_it(serve: Serve) -> None:
    running = serve()
    address = ("127.0.0.1", int(running.server.base_url.rpartition(":")[2]))

    with socket.create_connection(address) as client:
        client.sendall(b"GET /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nConnection: close\r\n\r\n")
        received = b"".join(iter(lambda: client.recv(4096), b""))

    assert received.endswith(b"}]}")


def test_request_in_pieces_is_understood(serve: Serve) -> None:
    running = serve()
    address = ("127.0.0.1", int(running.server.base_url.rpartition(":")[2]))

    with socket.create_connection(address) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"GET /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\n\r\n":
            client.sendall(bytes([byte]))

        assert client.recv(4096).startswith(b"HTTP/1.1 200 OK")


def test_requests_that_do_not_wait_are_answered_in_order(serve: Serve) -> None:
    running = serve()
    address = ("127.0.0.1", int(running.server.base_url.rpartition(":")[2]))
    head = "Host: x\r\nAuthorization: Bearer k\r\n"
    body = '{"model": "m", "messages": [], "stream": true}'

    with socket.create_connection(address) as client:
        stream = f"POST /v1/chat/completions HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}"
        client.sendall(f"{stream}GET /v1/models HTTP/1.1\r\n{head}Connection: close\r\n\r\n".encode())
        received = b"".join(iter(lambda: client.recv(4096), b""))

    assert received.index(b"[DONE]") < received.index(b"GPT-4.1 Mini")


def test_client_that_leaves_harms_nobody(serve: Serve) -> None:
    running = serve(first_token_s=0.0, gap_s=0.05, tokens=3)
    address = ("127.0.0.1", int(running.server.base_url.rpartition(":")[2]))
    body = b'{"model": "m", "messages": [], "stream": true}'
    with socket.create_connection(address) as client:
        client.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nAuthorization: Bearer k\r\n")
        client.sendall(b"Host: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        client.recv(10)

    assert (len(running.chat(stream=True).contents), running.log()["kinds"]["streaming"]["cut"]) == (3, 1)


def test_what_is_no_http_ends_the_connection(serve: Serve) -> None:
    running = serve()
    address = ("127.0.0.1", int(running.server.base_url.rpartition(":")[2]))

    with socket.create_connection(address) as client:
        client.sendall(b"\x16\x03\x01 this is something else\r\n\r\n")

        assert client.recv(10) == b""


def test_client_that_reads_slowly_gets_everything(serve: Serve) -> None:
    running = serve(gap_s=0.0, tokens=200_000)

    answer = running.chat(stream=True)

    assert (len(answer.contents), running.log()["blocked_writes"]) == (200_000, 1)


def test_tls_is_spoken_as_1_3(serve: Serve, tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path)
    running = serve(certificate_file=certificate, key_file=key)
    context = ssl.create_default_context(cafile=certificate)
    address = ("127.0.0.1", int(running.server.base_url.rpartition(":")[2]))

    with (
        socket.create_connection(address) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as client,
    ):
        client.sendall(b"GET /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\n\r\n")
        received = client.recv(16)

        assert (client.version(), received) == ("TLSv1.3", b"HTTP/1.1 200 OK\r")


def test_nothing_leaves_before_its_moment(serve: Serve) -> None:
    """First token after 2 ms, gaps of 1 ms: the log shows nothing sooner."""
    running = serve()
    running.chat(stream=True)

    writes_us = running.log()["rows"][0][-1]

    assert [write >= 2000 + 1000 * index for index, write in enumerate(writes_us)] == [True] * 5


def test_plain_answer_waits_for_its_latency(serve: Serve) -> None:
    running = serve(latency_s=0.003)
    running.chat()

    assert running.log()["rows"][0][-1][0] >= 3000


def test_early_head_leaves_before_the_first_content(serve: Serve) -> None:
    running = serve(early_head=True, first_token_s=0.03)
    running.chat(stream=True)

    figures = running.log()["kinds"]["streaming"]

    assert (figures["first_byte_s"]["max"] < figures["ttft_s"]["max"], figures["gap_s"]["count"]) == (True, 4)


def test_stall_holds_up_everything(serve: Serve) -> None:
    """It works for 20 ms of each 100 ms: of ten answers with 20 ms between them, some wait for most of a stall."""
    running = serve(stall_s=0.08, stall_every_s=0.1, first_token_s=0.0, gap_s=0.02, tokens=10)
    running.chat(stream=True)

    writes_us = running.log()["rows"][0][-1]

    assert max(later - earlier for earlier, later in pairwise(writes_us)) > 40_000


def test_log_begins_anew_on_demand(serve: Serve) -> None:
    running = serve()
    running.chat()
    running.ask("GET", "/exact/clear")
    running.chat(stream=True)

    assert list(running.log()["kinds"]) == ["streaming"]


def test_log_tells_of_a_part_of_time(serve: Serve) -> None:
    running = serve()
    running.chat()
    first_s = running.log()["rows"][0][0]
    running.chat(stream=True)

    later = running.ask("GET", f"/exact/log?since={first_s + 1e-6}").json

    assert list(later["kinds"]) == ["streaming"]
