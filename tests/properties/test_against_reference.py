"""A conforming server, written apart from the generator, agrees with every generated request."""

from typing import Any

import httpx
import pytest

from assisters_verify.properties import judge_schema
from assisters_verify.properties.generate import generate_cases
from assisters_verify.reference import ReferenceOptions, ReferenceServer

CHAT = "POST /v1/chat/completions"
EMBEDDINGS = "POST /v1/embeddings"


@pytest.mark.parametrize("seed", [11, 12])
def test_conforming_server_satisfies_every_request(
    spec: dict[str, Any], fixed: dict[str, dict[str, Any]], seed: int
) -> None:
    operations = [CHAT, EMBEDDINGS, "GET /v1/models", "GET /v1/audit"]
    complaints: list[str] = []
    with (
        ReferenceServer(ReferenceOptions(limit=None)) as server,
        httpx.Client(base_url=server.base_url, trust_env=False) as client,
    ):
        for case in generate_cases(spec, operations=operations, fixed=fixed, seed=seed):
            headers = {**dict(case.headers), "authorization": f"Bearer {server.api_key}"}
            answer = client.request(case.method, case.path, content=case.body, headers=headers)
            content_type = answer.headers["content-type"]
            found = judge_schema(
                spec, case.operation, status=answer.status_code, content_type=content_type, body=answer.json()
            )
            if answer.is_success is not case.is_valid or answer.status_code not in {200, 400} or found:
                complaints.append(f"{answer.status_code} {found} {case}")
    assert complaints == []
