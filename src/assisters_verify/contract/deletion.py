"""Judge deletions, and make up ids that nobody has."""

import re
import string
from typing import Any

from assisters_verify.answer import Answer, NotJson
from assisters_verify.contract.envelope import read_error
from assisters_verify.contract.routes import UNKNOWN_ID
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.probe import Probe
from assisters_verify.surroundings import current, fresh_uuid

_NOT_THERE = frozenset({405, 501})
_NOT_FOUND = 404
# A shorter id may be a counter, and its neighbour may be somebody's: 16 random characters are nobody's.
_FEWEST_RANDOM = 16
# Crockford's base 32 and the alphabets like it know no i, l, o, u.
_LETTERS = "abcdefghjkmnpqrstvwxyz"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PREFIX = re.compile(r"(?:[A-Za-z]+[_-])*")
_UNKNOWN_ROUTE = f"/v1/no-such-route/{UNKNOWN_ID}"


def expect_deleted(answer: Answer) -> None:
    """Judge that something that was there has been deleted. Raises Broken, and Undecided where an earlier try of the
    same request, whose answer was lost, may have deleted it."""
    if answer.status == _NOT_FOUND and answer.attempts > 1:
        raise Undecided(f"deleted by a try before, perhaps: {answer.describe()}", answer=answer)
    if not answer.is_success:
        raise Broken(expected="2xx for what is there", received=answer.describe(), answer=answer)
    try:
        document: Any = answer.document
    except NotJson:
        return  # the shape is open, an empty body included
    if isinstance(document, dict) and (document.get("deleted") is False or read_error(answer) is not None):
        raise Broken(expected="what is there to be deleted", received=answer.describe(), answer=answer)


def unknown_like(known: str) -> str | None:
    """Return an id of the same form that nobody has, or None where the form leaves no room for one."""
    prefix = _PREFIX.match(known)
    start = prefix.end() if prefix else 0
    tail = known[start:]
    if _UUID.fullmatch(tail.lower()):
        return known[:start] + fresh_uuid()
    if sum(character.isalnum() for character in tail) < _FEWEST_RANDOM:
        return None
    letters = "abcdef" if all(character in string.hexdigits + "-" for character in tail) else _LETTERS
    # The first one stays: in ids made of a time, not every sign can stand there.
    return known[: start + 1] + "".join(_other(character, letters) for character in tail[1:])


async def is_route_missing(probe: Probe, answer: Answer) -> bool:
    """Tell whether a refused deletion says that there is no such route, by what an unknown route answers."""
    if answer.status in _NOT_THERE:
        return True
    if answer.status != _NOT_FOUND:
        return False
    unknown: Answer = await probe.fact("unknown route to delete", lambda finder: finder.delete(_UNKNOWN_ROUTE))
    return unknown.status == answer.status and _told(unknown) == _told(answer)


def _told(answer: Answer) -> tuple[Any, ...] | str:
    """Return what a 404 says, without the path, which differs anyway."""
    error = read_error(answer)
    if error is None:
        return answer.text.replace(answer.path, "")
    return tuple(str(error.get(name)).replace(answer.path, "") for name in ("type", "code", "param", "message"))


def _other(character: str, letters: str) -> str:
    if not character.isalnum():
        return character
    chosen = current().chance.choice(string.digits if character.isdigit() else letters)
    return chosen.upper() if character.isupper() else chosen
