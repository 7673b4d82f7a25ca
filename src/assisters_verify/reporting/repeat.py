"""Say how a reader repeats a single check, or a single request."""

import base64
import re
import shlex
from typing import Any

from assisters_verify.evidence import Body, Exchange, RecordedRequest
from assisters_verify.reporting.findings import Results
from assisters_verify.reporting.inert import is_plain

# Options of the run that change what a check sends or how it judges, how they are given again, and what they are
# where nobody gave them.
_REPEATED: dict[str, tuple[str, object]] = {
    "target": ("--target", None),
    "ca_file": ("--ca-file", None),
    "seed": ("--seed", 0),
    "examples": ("--examples", 20),
    "extra_checks": ("--extra-checks", None),
}
_REPEATED_FLAGS = {"allow_burst": "--allow-burst", "allow_plain_http": "--allow-plain-http"}
# What curl sets by itself, and what names the sender only.
_LEFT_TO_CURL = frozenset(
    {"host", "content-length", "connection", "transfer-encoding", "accept-encoding", "user-agent"}
)
_LONGEST_BODY = 3000
_BRACKETS = re.compile(r"[\[\]{}]")
_DOT_SEGMENT = re.compile(r"://[^?#]*/\.")
_API_KEY = "{{api_key}}"  # what evidence holds in place of the key, and in the same form of every other secret
_OTHER_SECRET = re.compile(r"\{\{[a-z][a-z0-9_]*\}\}")
_SAFE_IN_DOUBLE_QUOTES = re.compile(r"[A-Za-z0-9 :,.;/=+_-]*")
_VARIABLE = "$ASSISTERS_API_KEY"
_JOINT = " \\\n  "


def repeat_command(results: Results, clause_id: str) -> str:
    """Return the command that runs the checks of this one clause again, ready for a shell."""
    options: dict[str, Any] = results["options"]
    words = ["assisters-verify", "conformance"]
    # The embedded server has another port each time.
    words += [] if options.get("embedded") else ["--base-url", results["target"]["base_url"]]
    for name, (flag, usual) in _REPEATED.items():
        words += [flag, str(options[name])] if options.get(name, usual) not in {None, usual} else []
    words += [flag for name, flag in _REPEATED_FLAGS.items() if options.get(name)]
    return " ".join(shell_word(word) for word in [*words, "--clause", clause_id])


def curl_command(exchange: Exchange) -> str:
    """Return a curl command that sends this request again, with the key taken from ASSISTERS_API_KEY."""
    body = exchange.request.body
    if body and (body.is_cut or len(body.text) > _LONGEST_BODY):
        return f"# the body has {body.size:,} bytes: take it from evidence.har, entry {exchange.id}"
    command = _JOINT.join([_first_line(exchange), *_header_arguments(exchange.request), *_body_argument(body)])
    if body and _is_piped(body):
        command = f"printf %s {_in_base64(body)} | base64 -d | {command}"
    if _OTHER_SECRET.search(command):
        return f"# what stands in {{{{…}}}} is a secret that was not kept: put it in by hand\n{command}"
    return command


def shell_word(text: str) -> str:
    """Return the text as one word for bash, in which control characters are written out as bytes."""
    if is_plain(text):
        return shlex.quote(text)
    escaped = "".join(_shell_character(character) for character in text)
    return f"$'{escaped}'"


def _first_line(exchange: Exchange) -> str:
    request = exchange.request
    words = ["curl", "--include", "--silent", "--show-error"]
    words += ["--no-buffer"] if exchange.response and exchange.response.frames else []
    words += ["--globoff"] if _BRACKETS.search(request.url) else []
    words += ["--path-as-is"] if _DOT_SEGMENT.search(request.url) else []
    if request.method == "HEAD":
        words.append("--head")
    elif request.method != ("GET" if request.body is None else "POST"):
        words += ["--request", shell_word(request.method)]
    return " ".join([*words, _word(request.url)])


def _header_arguments(request: RecordedRequest) -> list[str]:
    kept = [(name, value) for name, value in request.headers if name.lower() not in _LEFT_TO_CURL]
    sent = [(name, value) for name, value in kept if (name.lower(), value) != ("accept", "*/*")]
    arguments = [f"--header {_word(f'{name}: {value}')}" for name, value in sent]
    if request.body and "content-type" not in {name.lower() for name, _ in sent}:
        arguments.append("--header 'Content-Type:'")  # keeps curl from claiming a form
    return arguments


def _body_argument(body: Body | None) -> list[str]:
    if body is None:
        return []
    return ["--data-binary @-" if _is_piped(body) else f"--data-raw {_word(body.text)}"]


def _is_piped(body: Body) -> bool:
    return body.encoding == "base64" or "\0" in body.text


def _word(text: str) -> str:
    """Return the text as one word for bash, in which the key comes from the environment."""
    parts = text.split(_API_KEY)
    if len(parts) > 1 and all(_SAFE_IN_DOUBLE_QUOTES.fullmatch(part) for part in parts):
        # Braces, lest what follows be read as part of the variable's name.
        is_apart = all(not part or not (part[0].isalnum() or part[0] == "_") for part in parts[1:])
        return f'"{(_VARIABLE if is_apart else "${ASSISTERS_API_KEY}").join(parts)}"'
    return f'"{_VARIABLE}"'.join(shell_word(part) if part or len(parts) == 1 else "" for part in parts)


def _in_base64(body: Body) -> str:
    is_encoded = body.encoding == "base64"
    return shell_word(body.text if is_encoded else base64.b64encode(_bytes(body.text)).decode())


def _shell_character(character: str) -> str:
    if character in "\\'":
        return f"\\{character}"
    if is_plain(character):
        return character
    return "".join(f"\\x{byte:02x}" for byte in _bytes(character))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
