"""The audit log: what an account did, on the asked-for days, without its keys."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from assisters_verify.reference import DEFAULT_API_KEY


def entries(api: Any, query: str = "", **options: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"/v1/audit{query}", **options).json["entries"]
    return found


def test_requests_show_up_at_once(api: Any) -> None:
    api.chat()
    api.get("/v1/no-such-route")
    shown = [(entry["method"], entry["path"], entry["status"]) for entry in entries(api)]
    assert shown == [("POST", "/v1/chat/completions", 200), ("GET", "/v1/no-such-route", 404)]


@pytest.mark.parametrize(("first_day", "last_day", "count"), [(0, 0, 1), (-1, 1, 1), (-3, -1, 0), (1, 1, 0)])
def test_only_asked_for_days_are_shown(api: Any, first_day: int, last_day: int, count: int) -> None:
    """Days are counted from that of the call, as the log has it: midnight may pass at any point of this test."""
    api.get("/v1/models")
    day = datetime.fromisoformat(entries(api)[0]["time"]).date()
    start, end = day + timedelta(days=first_day), day + timedelta(days=last_day)
    shown = [entry["path"] for entry in entries(api, f"?start={start}&end={end}")]
    assert shown.count("/v1/models") == count


@pytest.mark.parametrize(
    "query", ["?start=2024-02-30&end=2024-03-01", "?start=yesterday", "?end=2024-13-01", "?start="]
)
def test_impossible_day_is_400(api: Any, query: str) -> None:
    seen = api.get(f"/v1/audit{query}")
    assert (seen.status, seen.json["error"]["param"]) == (400, query[1:].partition("=")[0])


def test_reversed_range_is_400(api: Any) -> None:
    assert api.get("/v1/audit?start=2024-02-02&end=2024-02-01").status == 400


def test_keys_are_masked(api: Any) -> None:
    api.get("/v1/models")
    seen = api.get("/v1/audit")
    assert (DEFAULT_API_KEY.encode() in seen.body, seen.json["entries"][0]["key"]) == (False, "sk-…3056")


def test_key_in_a_path_is_masked(api: Any) -> None:
    """A customer may take the secret for the id; the log must not keep it all the same."""
    api.delete(f"/v1/keys/{DEFAULT_API_KEY}")
    assert DEFAULT_API_KEY.encode() not in api.get("/v1/audit").body


def test_accounts_do_not_see_each_other(make_api: Any) -> None:
    api = make_api(api_keys=("sk-one-0001", "sk-two-0002"))
    api.get("/v1/models", key="sk-one-0001")
    assert entries(api, key="sk-two-0002") == []
