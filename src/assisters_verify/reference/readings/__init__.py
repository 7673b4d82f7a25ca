"""The readings: choices that the documentation leaves open, each of which a conforming server may make."""

from assisters_verify.reference.readings import answers, management, moods, operations, streams, webhooks
from assisters_verify.reference.variations import Reading

_MODULES = (answers, streams, moods, management, webhooks, operations)

READINGS: dict[str, Reading] = {reading.name: reading for module in _MODULES for reading in module.READINGS}
