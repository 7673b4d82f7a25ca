"""Draw evidence.har (HAR 1.2) from exchanges, and read the same exchanges back from it."""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from assisters_verify.evidence import Body, Exchange, Frame, RecordedRequest, RecordedResponse
from assisters_verify.reporting.findings import Results
from assisters_verify.reporting.results_file import as_json

Json = dict[str, Any]

_ORIGIN = re.compile("[a-z]+://[^/?#]*")
_BARE_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_IN_URI = "%:/?#@!$&'()*+,;=-._~"
_UNKNOWN_SIZE = -1
_UNKNOWN_TYPE = "x-unknown"


def draw_har(results: Results, exchanges: Sequence[Exchange]) -> bytes:
    """Return evidence.har. What HAR has no name for stands in fields that begin with `_`, as HAR prescribes."""
    suite = results["suite"]
    creator = {"name": str(suite.get("name", "assisters-verify")), "version": str(suite.get("version", ""))}
    entries = [_entry(exchange) for exchange in exchanges]
    return as_json({"log": {"version": "1.2", "creator": creator, "entries": entries}}, indent=None)


def read_har(path: Path) -> list[Exchange]:
    """Return the exchanges of an evidence.har. Raises OSError, or ValueError where the file is not one of ours."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["log"]["entries"]
        return [_exchange(entry) for entry in entries]
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise ValueError(f"{path.name} is no evidence that assisters-verify wrote: {error!r}") from error


def as_uri(url: str) -> str:
    """Return the address with all percent-coded that RFC 3986 has no place for: some checks send such on purpose."""
    origin = _ORIGIN.match(url)
    start = origin.end() if origin else 0
    head = quote(url[:start], safe=f"{_IN_URI}[]", errors="surrogatepass")
    return _BARE_PERCENT.sub("%25", head + quote(url[start:], safe=_IN_URI, errors="surrogatepass"))


def _entry(exchange: Exchange) -> Json:
    response = exchange.response
    version = response.http_version if response else ""
    waited_s = exchange.first_byte_s or 0.0
    total_s = exchange.total_s if exchange.total_s is not None else waited_s
    timings = {"send": 0, "wait": _ms(waited_s), "receive": _ms(max(0.0, total_s - waited_s))}
    return {
        "startedDateTime": exchange.started_at,
        "time": round(timings["wait"] + timings["receive"], 3),
        "request": _request(exchange.request, version),
        "response": _response(response) if response else _no_response(),
        "cache": {},
        "timings": timings,
        "_id": exchange.id,
        "_check": exchange.check,
        "_clause": exchange.clause,
        "_attempt": exchange.attempt,
        "_error": exchange.error,
        "_first_byte_s": exchange.first_byte_s,
        "_total_s": exchange.total_s,
    }


def _request(request: RecordedRequest, version: str) -> Json:
    drawn: Json = {
        "method": request.method,
        "url": as_uri(request.url),
        "httpVersion": version,
        "cookies": [],
        "headers": _headers(request.headers),
        "queryString": _query(request.url),
        "headersSize": _UNKNOWN_SIZE,
        "bodySize": request.body.size if request.body else 0,
        "_url": request.url,
    }
    if request.body:
        kind = _first(request.headers, "content-type") or _UNKNOWN_TYPE
        drawn["postData"] = {
            "mimeType": kind,
            "text": request.body.text,
            "_size": request.body.size,
            **_kept(request.body),
        }
    return drawn


def _response(response: RecordedResponse) -> Json:
    body = response.body
    kind = _first(response.headers, "content-type") or _UNKNOWN_TYPE
    content: Json = {"size": body.size, "mimeType": kind, "text": body.text, **_kept(body)}
    if body.encoding == "base64":
        content["encoding"] = "base64"
    return {
        "status": response.status,
        "statusText": response.reason,
        "httpVersion": response.http_version,
        "cookies": [],
        "headers": _headers(response.headers),
        "content": content,
        "redirectURL": _first(response.headers, "location"),
        "headersSize": _UNKNOWN_SIZE,
        "bodySize": _UNKNOWN_SIZE,
        "_frames": [{"t_s": frame.t_s, "text": frame.text} for frame in response.frames],
    }


def _no_response() -> Json:
    # Browsers write status 0 where no answer came; HAR has no other word for it.
    return {
        "status": 0,
        "statusText": "",
        "httpVersion": "",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": _UNKNOWN_TYPE},
        "redirectURL": "",
        "headersSize": _UNKNOWN_SIZE,
        "bodySize": _UNKNOWN_SIZE,
        "_absent": True,
    }


def _kept(body: Body) -> Json:
    return {"_encoding": body.encoding, "_is_cut": body.is_cut, "_sha256": body.sha256}


def _headers(headers: Iterable[tuple[str, str]]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in headers]


def _query(url: str) -> list[Json]:
    try:
        pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:  # a check may send an address that is none
        return []
    return _headers(pairs)


def _first(headers: Iterable[tuple[str, str]], name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)


def _exchange(entry: Json) -> Exchange:
    request, response = entry["request"], entry["response"]
    post = request.get("postData")
    return Exchange(
        id=entry["_id"],
        check=entry["_check"],
        clause=entry["_clause"],
        started_at=entry["startedDateTime"],
        request=RecordedRequest(
            method=request["method"],
            url=request["_url"],
            headers=_pairs(request),
            body=None if post is None else _body(post, size=post["_size"]),
        ),
        response=None if response.get("_absent") else _read_response(response),
        first_byte_s=entry["_first_byte_s"],
        total_s=entry["_total_s"],
        error=entry["_error"],
        attempt=entry["_attempt"],
    )


def _read_response(response: Json) -> RecordedResponse:
    return RecordedResponse(
        status=response["status"],
        reason=response["statusText"],
        http_version=response["httpVersion"],
        headers=_pairs(response),
        body=_body(response["content"], size=response["content"]["size"]),
        frames=tuple(Frame(t_s=frame["t_s"], text=frame["text"]) for frame in response["_frames"]),
    )


def _body(value: Json, *, size: int) -> Body:
    return Body(
        text=value["text"],
        encoding=value["_encoding"],
        size=size,
        is_cut=value["_is_cut"],
        sha256=value["_sha256"],
    )


def _pairs(message: Json) -> tuple[tuple[str, str], ...]:
    return tuple((header["name"], header["value"]) for header in message["headers"])
