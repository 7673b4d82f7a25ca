"""The faults: each breaks one promise, named by its clause. One or two files an area."""

from assisters_verify.reference.faults import (
    authentication,
    chat,
    chat_requests,
    embeddings,
    error_envelopes,
    errors,
    models,
    stream_events,
    streaming,
)
from assisters_verify.reference.variations import Fault

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
)

FAULTS: dict[str, Fault] = {fault.name: fault for module in _MODULES for fault in module.FAULTS}
