"""Property tests from an OpenAPI file: generate requests, and judge answers by its schemas.

What generates them stands in `generate`, apart from the rest: it takes 15 MB, and runs in a process of its own.
"""

from assisters_verify.properties.case import Mode, PropertyCase
from assisters_verify.properties.judge import judge_schema

__all__ = ["Mode", "PropertyCase", "judge_schema"]
