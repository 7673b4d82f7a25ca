"""The exact server: answers whose timing is known, and a log of truth to judge instruments by."""

from assisters_verify.exact.options import Coding, ExactOptions
from assisters_verify.exact.process import ExactProcess

__all__ = ["Coding", "ExactOptions", "ExactProcess"]
