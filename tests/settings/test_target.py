"""The form of the target file documents itself, and its defaults suit the documentation."""

from typing import Any

import pytest
from pydantic import ValidationError

from assisters_verify.settings import RunOptions, Target


def test_defaults_suit_the_documentation() -> None:
    target = Target()
    found = (target.rate_limit.requests, target.rate_limit.window_s, target.retries, target.api_key_env, target.areas)
    assert found == (1000, 60.0, 3, "ASSISTERS_API_KEY", None)


def test_everything_has_a_default_bound() -> None:
    target = Target()
    found = (
        target.timeout_s,
        target.deadline_s,
        target.concurrency,
        target.budget.max_requests,
        target.budget.max_tokens,
    )
    assert found == (60.0, 600.0, 16, 20_000, 2_000_000)


def test_receiver_listens_on_this_machine_only_unless_told_otherwise() -> None:
    webhook = Target().webhook
    assert (webhook.listen_host, webhook.listen_port, webhook.receiver_url) == ("127.0.0.1", 0, None)


@pytest.mark.parametrize("form", [Target, RunOptions])
def test_every_setting_is_described(form: type[Target | RunOptions]) -> None:
    """The reference is made from this schema, so a setting without a description would be missing there."""
    schema = form.model_json_schema()
    forms: list[dict[str, Any]] = [schema, *(part for part in schema.get("$defs", {}).values() if "properties" in part)]
    silent = [name for part in forms for name, field in part["properties"].items() if not field.get("description")]
    assert silent == []


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Target().timeout_s = 5.0


def test_error_of_the_model_itself_shows_no_value() -> None:
    with pytest.raises(ValidationError) as caught:
        Target.model_validate({"timeout_s": "sk-SECRET", "api_key": "sk-SECRET"})
    assert "SECRET" not in str(caught.value)
