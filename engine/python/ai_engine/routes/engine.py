"""The engine protocol: health, status, input, stop."""

import json
from typing import NoReturn

from starlette.exceptions import HTTPException
from starlette.routing import Route

from ai_engine.answers import JsonResponse
from ai_engine.routes.models import describe
from ai_engine.state import EngineRequest


async def health(request: EngineRequest) -> JsonResponse:
    """Say whether the engine can serve."""
    if not request.state["engine"].models.can_serve:
        return JsonResponse({"status": "loading"}, status_code=503)
    return JsonResponse({"status": "ok"})


async def status(request: EngineRequest) -> JsonResponse:
    """Say what the engine is doing; asked once a second."""
    state = request.state["engine"]
    return JsonResponse(
        {
            "status": "running",
            "count": state.answered,
            "uptime": state.uptime,
            "busy": state.is_busy,
            "models": [describe(model) for model in state.models.all],
            "jobs": len(state.unfinished_jobs),
            "timestamp": state.deps.wall(),
        }
    )


async def answer_input(request: EngineRequest) -> JsonResponse:
    """Answer one input."""
    state = request.state["engine"]
    text = parse_input(await request.body())
    with state.working():
        message = await state.deps.reply(text)
    return JsonResponse(
        {
            "input": text,
            "message": message,
            "count": state.count_answer(),
            "timestamp": state.deps.wall(),
        }
    )


async def stop(request: EngineRequest) -> JsonResponse:
    """Ask the server to end; this answer and all others in flight still go out.

    Jobs do not hold it up: the answer names those that are not finished.
    """
    state = request.state["engine"]
    unfinished = [job.to_json() for job in state.unfinished_jobs]
    state.deps.request_stop()
    left = {"unfinished": unfinished} if unfinished else {}
    return JsonResponse({"status": "stopping", **left}, headers={"Connection": "close"})


def parse_input(body: bytes) -> str:
    """Return the string ``input`` of a JSON body. Raises ``HTTPException`` 400 or 422."""
    if not body:
        raise HTTPException(422, 'The body is empty; send {"input": "…"}.')
    try:
        # parse_int: a very long number is no reason to refuse what else is said
        document = json.loads(body.decode(), parse_int=float, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "The body is not JSON.") from error
    text = document.get("input") if isinstance(document, dict) else None
    if not isinstance(text, str):
        raise HTTPException(422, 'The body has no string "input".')
    return text


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python takes and JSON does not have."""
    raise ValueError(name)


ROUTES = [
    Route("/health", health, methods=["GET"]),
    Route("/status", status, methods=["GET"]),
    Route("/input", answer_input, methods=["POST"]),
    Route("/stop", stop, methods=["POST"]),
]
