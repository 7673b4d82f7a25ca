"""Every hostile server by its name."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.hostile.behind import BEHIND, but_for_gets
from tests.hostile.bodies import BODIES, redirects_to
from tests.hostile.framing import FRAMING
from tests.hostile.odd_things import ODD_THINGS
from tests.hostile.sockets import Behave, HostileServer

from assisters_verify.reference import ReferenceOptions, ReferenceServer

API_KEY = "sk-Hostile/7Qx4+Zk9Lm2Vt8Rw3Yp6Bn=="
SECOND_API_KEY = "sk-second-5Gd1Hs7Jf0Kc4Xa9"
WEBHOOK_SECRET = "whsec_n0body-may+see/this=one"

SERVERS: dict[str, Behave] = {**FRAMING, **BODIES, **BEHIND, **ODD_THINGS}
_SERIAL = frozenset({"one_connection_at_a_time"})
# Where the key must not come, whatever the first server says.
_ELSEWHERE = ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent")
ELSEWHERE = tuple(f"redirects_elsewhere_{status[:3]}" for status in _ELSEWHERE)
NAMES = (*SERVERS, *ELSEWHERE)


@contextmanager
def started(name: str, *, is_met_late: bool = False) -> Iterator[tuple[HostileServer, HostileServer]]:
    """Start the server of this name, and one beside it that nothing but a redirect leads to.

    One that is met late answers those well who only look.
    """
    upstream = ReferenceServer(ReferenceOptions(api_keys=(API_KEY, SECOND_API_KEY)))
    with upstream, HostileServer(FRAMING["closes_each_time"]) as beside:
        behave = SERVERS.get(name) or _redirect(name, beside)
        if is_met_late:
            behave = but_for_gets(behave)
        with HostileServer(behave, is_serial=name in _SERIAL, upstream=upstream.base_url) as server:
            yield server, beside


def _redirect(name: str, beside: HostileServer) -> Behave:
    status = _ELSEWHERE[ELSEWHERE.index(name)]
    return redirects_to(lambda _, request: f"{beside.url}{request.path}", status)
