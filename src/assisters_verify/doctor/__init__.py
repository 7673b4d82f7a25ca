"""Look at a target before a run: cheaply, in the order in which things go wrong, and without judging anything."""

from assisters_verify.doctor.findings import Finding, Mark
from assisters_verify.doctor.visitor import Visitor

__all__ = ["Finding", "Mark", "Visitor"]
