"""The reference server: conforming, with permitted readings and named faults."""

from assisters_verify.reference.app import create_app
from assisters_verify.reference.options import DEFAULT_API_KEY, SECOND_API_KEY, ReferenceOptions
from assisters_verify.reference.server import ReferenceServer

__all__ = ["DEFAULT_API_KEY", "SECOND_API_KEY", "ReferenceOptions", "ReferenceServer", "create_app"]
