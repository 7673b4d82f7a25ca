"""Property tests from an OpenAPI file: generate requests, and judge answers by its schemas."""

from assisters_verify.properties.case import Mode, PropertyCase
from assisters_verify.properties.generate import generate_cases
from assisters_verify.properties.judge import judge_schema

__all__ = ["Mode", "PropertyCase", "generate_cases", "judge_schema"]
