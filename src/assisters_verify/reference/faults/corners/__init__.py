"""Faults in one corner of a promise that holds everywhere else: one route, one form, one moment."""

from assisters_verify.reference.faults.corners import authentication, idempotency, management, requests, streams, tools
from assisters_verify.reference.variations import Fault

_MODULES = (authentication, requests, streams, tools, idempotency, management)

FAULTS: tuple[Fault, ...] = tuple(fault for module in _MODULES for fault in module.FAULTS)
