"""The faults: each breaks one promise, named by its clause. One or two files an area."""

from assisters_verify.reference.faults import (
    audit,
    authentication,
    canary,
    chat,
    chat_requests,
    data,
    embeddings,
    error_envelopes,
    errors,
    idempotency,
    keys,
    legacy,
    metrics,
    models,
    privacy,
    rate_limits,
    reasoning,
    sdk,
    stream_events,
    streaming,
    tools,
    transport,
    webhooks,
)
from assisters_verify.reference.variations import Fault

# In the order in which the documentation names the areas.
_MODULES = (
    authentication,
    error_envelopes,
    errors,
    models,
    chat,
    chat_requests,
    streaming,
    stream_events,
    embeddings,
    tools,
    reasoning,
    rate_limits,
    idempotency,
    keys,
    webhooks,
    data,
    privacy,
    audit,
    metrics,
    canary,
    transport,
    legacy,
    sdk,
)

FAULTS: dict[str, Fault] = {fault.name: fault for module in _MODULES for fault in module.FAULTS}
