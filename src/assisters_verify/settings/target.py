"""What a vendor must tell about a target: the form of the target file."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from assisters_verify.settings.base_url import BaseUrl, parse_base_url

API_KEY_ENV = "ASSISTERS_API_KEY"
SECOND_API_KEY_ENV = "ASSISTERS_SECOND_API_KEY"
WEBHOOK_SECRET_ENV = "ASSISTERS_WEBHOOK_SECRET"  # noqa: S105 - a variable's name


class Form(BaseModel):
    """A part of the settings: frozen, no unknown names, and no values in its errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


def _base_url(value: object) -> BaseUrl:
    if isinstance(value, BaseUrl):
        return value
    if not isinstance(value, str):
        raise ValueError("should be a valid string")  # noqa: TRY004 - pydantic collects ValueError only
    return parse_base_url(value)


def _receiver_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or not value.isprintable() or " " in value or "@" in parts.netloc:
        raise ValueError("is no URL without user name. Write it like https://hooks.example.com/events.")
    return value


Url = Annotated[
    BaseUrl,
    BeforeValidator(_base_url),
    # With /v1 at its end it is read back alike, whether there is a prefix or not.
    PlainSerializer(lambda url: f"{url}/v1", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "uri"}),
]
ReceiverUrl = Annotated[str, AfterValidator(_receiver_url)]
Name = Annotated[str, Field(min_length=1, max_length=256)]
VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Count = Annotated[int, Field(strict=True, ge=1)]
Seconds = Annotated[float, Field(strict=True, gt=0)]


class Models(Form):
    """Models to use, by what they are used for. One that is left out is found in the target's own list of models."""

    chat: Name | None = Field(
        default=None, description="Model for chat, and for everything that has no model of its own here."
    )
    embeddings: Name | None = Field(default=None, description="Model for embeddings.")
    reasoning: Name | None = Field(default=None, description="Model for reasoning.")
    tools: Name | None = Field(default=None, description="Model for tool calls.")


class RateLimit(Form):
    """The rate limit of one key."""

    requests: Count = Field(default=1000, description="Requests that one key may send within the window.")
    window_s: Seconds = Field(default=60.0, description="Length of the window in seconds.")


class Webhook(Form):
    """Where the suite receives webhooks, and the secret they are signed with."""

    receiver_url: ReceiverUrl | None = Field(
        default=None,
        description="Public URL that leads to the suite's receiver. Without it only a target on loopback can reach it.",
    )
    listen_host: Name = Field(default="127.0.0.1", description="Address on which the receiver listens.")
    listen_port: int = Field(
        default=0, strict=True, ge=0, le=65535, description="Port of the receiver; 0 takes a free one."
    )
    secret_env: VariableName = Field(
        default=WEBHOOK_SECRET_ENV,
        description="Environment variable with the shared secret, where the target does not answer with one.",
    )
    secret_file: Path | None = Field(
        default=None, description="File with the shared secret; it goes before `secret_env`."
    )


class Budget(Form):
    """What a whole run may spend."""

    max_requests: Count = Field(
        default=20_000, description="Requests that a run may send, retries and the first look included."
    )
    max_tokens: Count = Field(
        default=2_000_000, description="Tokens that a run may use, as far as the target tells its usage."
    )


class Target(Form):
    """The target file. Every setting has a default that suits the documentation."""

    base_url: Url | None = Field(
        default=None,
        description="Origin of the API (`https://api.example.com`); one that ends in `/v1` is understood too. "
        "Without it the embedded server is checked.",
    )
    api_key_env: VariableName = Field(default=API_KEY_ENV, description="Environment variable that holds the API key.")
    api_key_file: Path | None = Field(
        default=None, description="File that holds the API key; it goes before `api_key_env`."
    )
    second_api_key_env: VariableName = Field(
        default=SECOND_API_KEY_ENV,
        description="Environment variable that holds another customer's API key, to see that customers are kept apart.",
    )
    second_api_key_file: Path | None = Field(
        default=None,
        description="File that holds another customer's API key; it goes before `second_api_key_env`.",
    )
    models: Models = Field(default=Models(), description="Models to use.")
    areas: tuple[str, ...] | None = Field(
        default=None,
        min_length=1,
        description="Areas that the target claims to keep. Without it: all areas of the profile.",
    )
    rate_limit: RateLimit = Field(default=RateLimit(), description="Rate limit of one key.")
    webhook: Webhook = Field(default=Webhook(), description="Receiver of webhooks.")
    budget: Budget = Field(default=Budget(), description="Bounds on what a run may spend.")
    timeout_s: Seconds = Field(default=60.0, description="Deadline of one whole exchange in seconds.")
    deadline_s: Seconds = Field(default=600.0, description="Deadline of the whole run in seconds.")
    concurrency: Count = Field(default=16, description="Requests that may be under way side by side.")
    retries: int = Field(
        default=3, strict=True, ge=0, le=10, description="How often a 500 or a broken connection is tried again."
    )
    known_failures: Path | None = Field(
        default=None, description="File that lists the failures that are known, with reason and last day."
    )
    ca_file: Path | None = Field(default=None, description="Certificates (PEM) to trust instead of the system's.")
