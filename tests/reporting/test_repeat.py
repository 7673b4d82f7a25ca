import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from assisters_verify.evidence import Body, Exchange
from assisters_verify.reporting.repeat import curl_command, repeat_command, shell_word

Results = dict[str, Any]
MakeExchange = Callable[..., Exchange]


def test_the_command_repeats_one_clause_with_what_changes_it(results: Results) -> None:
    results["options"] |= {"seed": 7, "examples": 5, "allow_burst": True, "target": "my target.yaml"}
    assert repeat_command(results, "CHAT-02") == (
        "assisters-verify conformance --base-url http://127.0.0.1:8000 --target 'my target.yaml' --seed 7 --examples 5 "
        "--allow-burst --clause CHAT-02"
    )


def test_what_is_usual_is_not_repeated(results: Results) -> None:
    results["options"] = {"seed": 0, "examples": 20, "allow_burst": False, "target": None}
    assert repeat_command(results, "X-1") == (
        "assisters-verify conformance --base-url http://127.0.0.1:8000 --clause X-1"
    )


def test_the_embedded_server_has_no_address_to_come_back_to(results: Results) -> None:
    results["options"] = {"embedded": True}
    assert repeat_command(results, "X-1") == "assisters-verify conformance --clause X-1"


def test_curl_takes_the_key_from_the_environment(make_exchange: MakeExchange) -> None:
    assert '--header "Authorization: Bearer $ASSISTERS_API_KEY"' in curl_command(make_exchange())


def test_curl_sends_a_wrong_key_as_it_was_sent(make_exchange: MakeExchange) -> None:
    exchange = make_exchange()
    request = replace(exchange.request, headers=(("Authorization", "Bearer no-such-key"),))
    assert "--header 'Authorization: Bearer no-such-key'" in curl_command(replace(exchange, request=request))


def test_the_key_is_taken_from_the_environment_wherever_it_was_sent(make_exchange: MakeExchange) -> None:
    exchange = make_exchange()
    body = Body(text='{"key":"{{api_key}}"}', size=20)
    command = curl_command(replace(exchange, request=replace(exchange.request, body=body)))
    assert command.endswith("""--data-raw '{"key":"'"$ASSISTERS_API_KEY"'"}'""")


def test_what_follows_the_key_is_no_part_of_its_name(make_exchange: MakeExchange) -> None:
    exchange = make_exchange()
    request = replace(exchange.request, headers=(("Authorization", "Bearer {{api_key}}x"),))
    command = curl_command(replace(exchange, request=request))
    assert '--header "Authorization: Bearer ${ASSISTERS_API_KEY}x"' in command


def test_another_secret_is_left_to_the_reader(make_exchange: MakeExchange) -> None:
    exchange = make_exchange()
    request = replace(exchange.request, headers=(("Authorization", "Bearer {{new_key}}"),))
    command = curl_command(replace(exchange, request=request))
    assert command.startswith("# what stands in {{…}} is a secret that was not kept: put it in by hand\ncurl ")


def test_curl_claims_no_form_where_no_type_was_sent(make_exchange: MakeExchange) -> None:
    exchange = make_exchange()
    bare = replace(exchange, request=replace(exchange.request, headers=()))
    assert "--header 'Content-Type:'" in curl_command(bare)


@pytest.mark.parametrize(
    ("method", "expected"),
    [("POST", ""), ("GET", " --request GET"), ("DELETE", " --request DELETE"), ("HEAD", " --head")],
)
def test_curl_names_the_verb_where_it_would_use_another(
    make_exchange: MakeExchange,
    method: str,
    expected: str,
) -> None:
    exchange = make_exchange()
    changed = replace(exchange, request=replace(exchange.request, method=method))
    assert curl_command(changed).startswith(f"curl --include --silent --show-error{expected} 'http://")


def test_curl_leaves_dots_and_brackets_of_the_address_alone(make_exchange: MakeExchange) -> None:
    exchange = make_exchange()
    changed = replace(exchange, request=replace(exchange.request, url="http://[::1]:80/v1/../x"))
    assert " --globoff --path-as-is " in curl_command(changed)


def test_a_body_of_bytes_is_piped(make_exchange: MakeExchange) -> None:
    exchange = make_exchange()
    body = Body(text="AAH/", encoding="base64", size=3)
    command = curl_command(replace(exchange, request=replace(exchange.request, body=body)))
    assert command.startswith("printf %s AAH/ | base64 -d | curl ")
    assert command.endswith(" --data-binary @-")


def test_half_a_body_is_no_body(make_exchange: MakeExchange) -> None:
    exchange = make_exchange()
    body = Body(text="{", size=1_000_000, is_cut=True)
    command = curl_command(replace(exchange, request=replace(exchange.request, body=body)))
    assert command == "# the body has 1,000,000 bytes: take it from evidence.har, entry x1"


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_reads_a_hostile_word_as_it_was(hostile: str) -> None:
    word = (hostile + "'\\ $(id) `id` \"").replace("\x00", "")
    script = f"printf %s {shell_word(word)}".encode("utf-8", "surrogatepass")
    printed = subprocess.run(["/bin/bash", "-c", script], capture_output=True, check=True).stdout
    assert printed.decode("utf-8", "surrogatepass") == word


def test_a_hostile_word_is_printed_harmlessly(hostile: str) -> None:
    assert [character for character in "\x1b\x00\u202e\ud800\n" if character in shell_word(hostile)] == []
