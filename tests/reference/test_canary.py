"""The model test: every listed model, by GET and POST."""

from typing import Any

import pytest

from assisters_verify.reference.models import CATALOGUE


@pytest.mark.parametrize("verb", ["GET", "POST"])
@pytest.mark.parametrize("model", [model.id for model in CATALOGUE])
def test_listed_model_passes(api: Any, verb: str, model: str) -> None:
    assert api.request(verb, f"/v1/models/{model}/test").json["status"] == "ok"


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_unknown_model_is_404(api: Any, verb: str) -> None:
    assert api.request(verb, "/v1/models/no-such-model/test").json["error"]["code"] == "model_not_found"


def test_malformed_body_is_400(api: Any) -> None:
    assert api.post("/v1/models/gpt-4.1-mini/test", raw=b"{").status == 400
