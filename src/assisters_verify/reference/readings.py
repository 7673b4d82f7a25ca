"""The readings: choices that the documentation leaves open, each of which a conforming server may make."""

from assisters_verify.reference.variations import Reading

READINGS: dict[str, Reading] = {}
