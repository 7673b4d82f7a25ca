"""The faults: each breaks one promise, named by its clause. One or two files an area."""

from assisters_verify.reference.faults import (
    audit,
    authentication,
    canary,
    chat,
    chat_messages,
    chat_requests,
    corners,
    data,
    embedding_requests,
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
    tool_requests,
    tools,
    transport,
    under_load,
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
    chat_messages,
    chat_requests,
    streaming,
    stream_events,
    embedding_requests,
    embeddings,
    tool_requests,
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
    corners,
)

FAULTS: dict[str, Fault] = {fault.name: fault for module in _MODULES for fault in module.FAULTS}

# These break clauses of load runs, which no check of conformance proves.
LOAD_FAULTS: dict[str, Fault] = {fault.name: fault for fault in under_load.FAULTS}
