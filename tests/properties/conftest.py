"""The contract that the property tests are generated from, and one generation for those tests that only read it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from assisters_verify.properties import PropertyCase
from assisters_verify.properties.generate import generate_cases

SPEC = Path(__file__).parents[2] / "spec" / "openapi.yaml"
CHAT = "POST /v1/chat/completions"
EMBEDDINGS = "POST /v1/embeddings"
MODELS = "GET /v1/models"


@pytest.fixture(scope="session")
def spec() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="session")
def fixed() -> dict[str, dict[str, Any]]:
    return {CHAT: {"model": "gpt-4.1-mini"}, EMBEDDINGS: {"model": "text-embedding-3-small"}}


@pytest.fixture(scope="session", params=[0, 1, 2])
def cases(request: pytest.FixtureRequest, spec: dict[str, Any], fixed: dict[str, dict[str, Any]]) -> list[PropertyCase]:
    operations = [CHAT, EMBEDDINGS, MODELS]
    return generate_cases(
        spec, operations=operations, fixed=fixed, seed=request.param, max_invalid=1000, max_valid=1000
    )
