"""The readings: choices that the documentation leaves open, each of which a conforming server may make."""

from assisters_verify.reference.readings import answers, management, moods, streams
from assisters_verify.reference.variations import Reading

_MODULES = (answers, streams, moods, management)

READINGS: dict[str, Reading] = {reading.name: reading for module in _MODULES for reading in module.READINGS}
