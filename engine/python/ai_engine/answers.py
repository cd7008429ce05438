"""JSON answers, the good ones and the errors; errors have OpenAI's shape."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ai_engine.models.model import ModelError

CODES: Mapping[int, str] = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    422: "bad_input",
    500: "internal",
    503: "unavailable",
}


class JsonResponse(JSONResponse):
    """JSON in ASCII: a lone surrogate goes back as it came instead of breaking the answer."""

    def render(self, content: object) -> bytes:
        """Return the bytes of ``content``."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


def error_body(status: int, message: str, code: str | None = None) -> dict[str, object]:
    """Say what was wrong, in OpenAI's shape."""
    is_ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    error = {
        "message": message,
        "type": "server_error" if is_ours else "invalid_request_error",
        "param": None,
        "code": code or CODES.get(status, "bad_request"),
    }
    return {"error": error}


def error_response(
    status: int,
    message: str,
    headers: Mapping[str, str] | None = None,
    *,
    code: str | None = None,
) -> JsonResponse:
    """Make the answer that says what was wrong."""
    return JsonResponse(error_body(status, message, code), status_code=status, headers=headers)


def on_http_error(request: Request, error: Exception) -> Response:
    """Answer what a route or the router raised on purpose."""
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return error_response(404, f"Nothing is served at {request.scope['path']}.")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(sorted((error.headers or {})["Allow"].split(", ")))
        message = f"{request.method} is not allowed here; allowed: {allowed}."
        return error_response(405, message, {"Allow": allowed})
    return error_response(error.status_code, error.detail, error.headers)


def on_model_error(_request: Request, error: Exception) -> Response:
    """Answer what a model does not do."""
    assert isinstance(error, ModelError)
    return error_response(error.status, error.message, code=error.code)


def on_load_error(_request: Request, error: Exception) -> Response:
    """Answer that a model could not be loaded."""
    return error_response(503, f"The model can't be loaded: {error}.", code="model_load_failed")


def on_crash(_request: Request, _error: Exception) -> Response:
    """Answer what nobody expected; the server writes the traceback to the engine's output."""
    return error_response(500, "The engine failed on this request; its output says more.")
