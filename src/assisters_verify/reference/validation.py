"""Checks on the fields of a request body; each raises the 400 that names the field."""

from collections.abc import Callable
from typing import Any

from assisters_verify.reference.problems import bad_request

Check = Callable[[Any, str], None]


def check_text(value: Any, name: str) -> None:
    """Refuse anything but a string."""
    if not isinstance(value, str):
        raise bad_request(f"{name} must be a string.", param=name)


def check_boolean(value: Any, name: str) -> None:
    """Refuse anything but a boolean."""
    if not isinstance(value, bool):
        raise bad_request(f"{name} must be true or false.", param=name)


def check_object(value: Any, name: str) -> None:
    """Refuse anything but an object."""
    if not isinstance(value, dict):
        raise bad_request(f"{name} must be an object.", param=name)


def check_temperature(value: Any, name: str) -> None:
    """Documented: "Float (0-1)"; both ends belong to it."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise bad_request(f"{name} must be a number from 0 to 1.", param=name)


def check_positive_integer(value: Any, name: str) -> None:
    """JSON knows one kind of number, so 10.0 counts as the integer 10."""
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    is_whole = isinstance(value, float) and value.is_integer()
    if not (is_integer or is_whole) or value < 1:
        raise bad_request(f"{name} must be a positive integer.", param=name)


def require_text(body: dict[str, Any], name: str) -> str:
    """Return the named string.

    Raises:
        ApiError: 400, where it is missing, null, blank or no string.
    """
    value = body.get(name)
    if value is None:
        raise bad_request(f"Missing {name} parameter.", param=name, code="missing_parameter")
    if not isinstance(value, str):
        raise bad_request(f"{name} must be a string.", param=name)
    if not value.strip():
        raise bad_request(f"{name} must not be empty.", param=name)
    return value


def check_optional(body: dict[str, Any], checks: dict[str, Check]) -> None:
    """Apply the checks to the fields that are there; null means absent."""
    for name, check in checks.items():
        if body.get(name) is not None:
            check(body[name], name)
