"""Every choice a server makes, in one object: a fault or a reading puts another choice in its place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp

from assisters_verify.reference.answers import Reply
from assisters_verify.reference.audit import AuditPolicy
from assisters_verify.reference.authentication import AuthenticationPolicy
from assisters_verify.reference.chat.completing import ChatPolicy
from assisters_verify.reference.chat.writing import StreamPolicy
from assisters_verify.reference.data import DataPolicy
from assisters_verify.reference.embeddings import EmbeddingPolicy
from assisters_verify.reference.errors import ErrorPolicy
from assisters_verify.reference.idempotency import IdempotencyPolicy
from assisters_verify.reference.keys import KeyPolicy
from assisters_verify.reference.legacy import LegacyPolicy
from assisters_verify.reference.limits import LimitPolicy
from assisters_verify.reference.metrics import MetricsPolicy
from assisters_verify.reference.models import ModelPolicy
from assisters_verify.reference.transport import TransportPolicy
from assisters_verify.reference.webhooks.routes import WebhookPolicy

if TYPE_CHECKING:
    from assisters_verify.reference.calls import Call

# Changes a parsed body before it is checked; may raise ApiError.
RequestEdit = Callable[["Call", Any], Any]
# Changes a reply before it is sent, refusals included.
ReplyEdit = Callable[["Call", Reply], Reply]
# Wraps the whole application, for what happens below HTTP's meaning.
Wrapper = Callable[[ASGIApp], ASGIApp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """The default of every field is the conforming choice."""

    audit: AuditPolicy = field(default_factory=AuditPolicy)
    authentication: AuthenticationPolicy = field(default_factory=AuthenticationPolicy)
    chat: ChatPolicy = field(default_factory=ChatPolicy)
    data: DataPolicy = field(default_factory=DataPolicy)
    embeddings: EmbeddingPolicy = field(default_factory=EmbeddingPolicy)
    errors: ErrorPolicy = field(default_factory=ErrorPolicy)
    idempotency: IdempotencyPolicy = field(default_factory=IdempotencyPolicy)
    keys: KeyPolicy = field(default_factory=KeyPolicy)
    legacy: LegacyPolicy = field(default_factory=LegacyPolicy)
    limits: LimitPolicy = field(default_factory=LimitPolicy)
    metrics: MetricsPolicy = field(default_factory=MetricsPolicy)
    models: ModelPolicy = field(default_factory=ModelPolicy)
    streaming: StreamPolicy = field(default_factory=StreamPolicy)
    transport: TransportPolicy = field(default_factory=TransportPolicy)
    webhooks: WebhookPolicy = field(default_factory=WebhookPolicy)
    request_edits: tuple[RequestEdit, ...] = ()
    reply_edits: tuple[ReplyEdit, ...] = ()
    wrappers: tuple[Wrapper, ...] = ()


def choose(behaviour: Behaviour, choices: Mapping[str, object]) -> Behaviour:
    """Return the behaviour with other choices, each named as ``policy.field``.

    Raises:
        TypeError: A name that no policy has.
    """
    for name, value in choices.items():
        area, _, choice = name.partition(".")
        policy: Any = replace(getattr(behaviour, area), **{choice: value})
        changes: dict[str, Any] = {area: policy}
        behaviour = replace(behaviour, **changes)
    return behaviour
