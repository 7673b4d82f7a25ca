"""The audit log: who called what, and when, for the days that are asked for."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from assisters_verify.reference.answers import Answer
from assisters_verify.reference.problems import bad_request

if TYPE_CHECKING:
    from assisters_verify.reference.calls import Call
    from assisters_verify.reference.keys import ApiKey

_ENTRIES_KEPT = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One request that an account made."""

    at: float
    method: str
    path: str
    status: int
    key: "ApiKey"

    @property
    def day(self) -> date:
        """The entry's day in UTC."""
        return datetime.fromtimestamp(self.at, UTC).date()


class AuditLog:
    """The latest requests of all accounts."""

    def __init__(self) -> None:
        self._entries: deque[AuditEntry] = deque(maxlen=_ENTRIES_KEPT)

    def add(self, entry: AuditEntry) -> None:
        """Keep the entry; the oldest one goes when the log is full."""
        self._entries.append(entry)

    def all_entries(self) -> list[AuditEntry]:
        """Return the entries of all accounts, oldest first."""
        return list(self._entries)

    def of_account(self, account: str) -> list[AuditEntry]:
        """Return the account's entries, oldest first."""
        return [entry for entry in self._entries if entry.key.account == account]


def own_entries(call: "Call") -> list[AuditEntry]:
    """Return what the log tells this customer of: what its account did."""
    return call.services.audit.of_account(call.customer.account)


def is_within(entry: AuditEntry, start: date, end: date) -> bool:
    """Tell whether the entry is of the asked-for days; both ends belong to them, in UTC."""
    return start <= entry.day <= end


def is_recorded(_call: "Call") -> bool:
    """Tell whether the log keeps this call: it keeps all."""
    return True


def show_key(key: "ApiKey") -> str:
    """Return the key as the log may show it."""
    return key.masked


def shape_entries(entries: list[dict[str, Any]]) -> Any:
    """Return the answer's body."""
    return {"entries": entries}


def read_day(call: "Call", name: str) -> date | None:
    """Return the named day of the query.

    Raises:
        ApiError: 400, for a day no calendar has.
    """
    value = call.query.get(name)
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise bad_request(f"{name} must be a day such as 2024-01-31.", param=name) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPolicy:
    """The choices the audit log is made of."""

    is_recorded: Callable[["Call"], bool] = is_recorded
    entries_for: Callable[["Call"], list[AuditEntry]] = own_entries
    is_within: Callable[[AuditEntry, date, date], bool] = is_within
    read_day: Callable[["Call", str], date | None] = read_day
    show_key: Callable[["ApiKey"], str] = show_key
    shape: Callable[[list[dict[str, Any]]], Any] = field(default=shape_entries)


async def read_audit(call: "Call") -> Answer:
    """GET /v1/audit: the account's requests of the days from start to end; a missing day leaves that side open."""
    policy = call.behaviour.audit
    start = policy.read_day(call, "start") or date.min
    end = policy.read_day(call, "end") or date.max
    if start > end:
        raise bad_request("start must not be after end.", param="start")
    shown = [_show(entry, call) for entry in policy.entries_for(call) if policy.is_within(entry, start, end)]
    return Answer(payload=policy.shape(shown))


def _show(entry: AuditEntry, call: "Call") -> dict[str, Any]:
    return {
        "time": datetime.fromtimestamp(entry.at, UTC).isoformat().replace("+00:00", "Z"),
        "method": entry.method,
        "path": _mask_path(entry.path, call),
        "status": entry.status,
        "key_id": entry.key.id,
        "key": call.behaviour.audit.show_key(entry.key),
    }


def _mask_path(path: str, call: "Call") -> str:
    """Return the path without the keys that a customer took for ids."""
    known = call.services.keys.by_secret
    return "/".join(known[part].masked if part in known else part for part in path.split("/"))
