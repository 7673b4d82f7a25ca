"""The key goes to the target and nowhere else, whatever this machine's environment says; caps are hard."""

import json
from pathlib import Path

from tests.hostile.framing import FRAMING
from tests.hostile.harness import run_conformance
from tests.hostile.servers import API_KEY, SECOND_API_KEY, started
from tests.hostile.sockets import HostileServer

from assisters_verify.reference import ReferenceOptions, ReferenceServer


def test_proxies_and_netrc_of_this_machine_are_not_used(tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password other-password-1234\n")
    (tmp_path / ".netrc").chmod(0o600)
    with HostileServer(FRAMING["closes_each_time"]) as proxy, ReferenceServer(_options()) as server:
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
        variables = {**dict.fromkeys(names, proxy.url), "HOME": str(tmp_path)}
        clauses = ("--clause", "AUTH-01", "--clause", "SDK-01", "--clause", "SDK-02")
        ran = run_conformance(server.base_url, tmp_path, *clauses, variables=variables)
    assert (ran.status, proxy.received) == (0, [])


def test_cap_on_requests_is_hard_and_leaves_the_run_incomplete(tmp_path: Path) -> None:
    with started("closes_after_each_answer") as (server, _):
        ran = run_conformance(server.url, tmp_path, "--area", "chat", "--max-requests", "9")
        sent = len(server.received)
    results = json.loads((ran.reports / "results.json").read_bytes())
    assert (results["verdict"], results["requests"], sent <= 9) == ("incomplete", sent, True)


def _options() -> ReferenceOptions:
    return ReferenceOptions(api_keys=(API_KEY, SECOND_API_KEY))
