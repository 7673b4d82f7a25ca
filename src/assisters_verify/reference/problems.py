"""The refusals a client may see, as exceptions that know their status and envelope."""

from typing import Any


class ApiError(Exception):
    """A refusal: its status, and what the envelope says about it."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.param = param
        self.code = code
        self.headers = headers

    def envelope(self) -> dict[str, Any]:
        """Return the documented error body."""
        return {"error": {"type": self.kind, "message": self.message, "param": self.param, "code": self.code}}


def bad_request(message: str, *, param: str | None = None, code: str | None = None) -> ApiError:
    """Return a 400 about ``param``."""
    return ApiError(400, message, param=param, code=code)


def unauthorized(message: str) -> ApiError:
    """Return the 401 of a missing or unknown key."""
    return ApiError(
        401,
        message,
        kind="authentication_error",
        code="invalid_api_key",
        headers=(("www-authenticate", 'Bearer realm="assisters"'),),
    )


def not_found(message: str, *, param: str | None = None, code: str = "not_found") -> ApiError:
    """Return a 404 about ``param``."""
    return ApiError(404, message, param=param, code=code)


def model_not_found() -> ApiError:
    """Return the documentation's own example of an error."""
    return ApiError(404, "Model not found.", param="model", code="model_not_found")


def wrong_verb(method: str, allowed: tuple[str, ...]) -> ApiError:
    """Return the 405 of a known route."""
    allow = ", ".join(allowed)
    message = f"This route does not know {method}. It knows {allow}."
    return ApiError(405, message, code="method_not_allowed", headers=(("allow", allow),))


def rate_limited(retry_after_s: int) -> ApiError:
    """Return the 429 that names the seconds to wait."""
    return ApiError(
        429,
        "Rate limit exceeded.",
        kind="rate_limit_error",
        code="rate_limit_exceeded",
        headers=(("retry-after", str(retry_after_s)),),
    )


def inference_failed() -> ApiError:
    """Return the documented failure of a model."""
    return ApiError(500, "Model inference failed.", kind="server_error", code="model_failed")


def internal_error() -> ApiError:
    """Return the answer to a defect of the server."""
    return ApiError(500, "The server failed to answer.", kind="server_error", code="internal_error")
