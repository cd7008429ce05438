"""``POST /profile``: what the event loop's thread spends its time on."""

import asyncio
import marshal

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from ai_engine.state import EngineRequest

USUAL_S = 5
MOST_S = 60
LOOK_S = 0.5
"""How often is looked whether somebody still wants it."""


async def profile(request: EngineRequest) -> Response:
    """Take a profile for some seconds; the answer is what ``pstats`` reads from a file.

    It sees the thread of the event loop: a model at work in its own thread is a wait there.
    """
    seconds = parse_seconds(request.query_params.get("seconds"))
    state = request.state["engine"]
    if state.is_profiled:
        raise HTTPException(409, "A profile is being taken already.")
    from cProfile import Profile  # noqa: PLC0415

    taken = Profile()
    state.is_profiled = True
    try:
        taken.enable()
        await wait(request, seconds)
    finally:
        taken.disable()
        state.is_profiled = False
    taken.create_stats()
    return Response(marshal.dumps(taken.stats), media_type="application/octet-stream")


async def wait(request: EngineRequest, seconds: int) -> None:
    """Wait for so long, less when nobody wants the answer any more."""
    for _ in range(int(seconds / LOOK_S)):
        await asyncio.sleep(LOOK_S)
        if await request.is_disconnected():
            return


def parse_seconds(text: str | None) -> int:
    """Return how long a profile is to take. Raises ``HTTPException`` 400."""
    if text is None:
        return USUAL_S
    if text.isascii() and text.isdigit() and 1 <= int(text[:3]) <= MOST_S:
        return int(text[:3])
    raise HTTPException(400, f"seconds is no whole number from 1 to {MOST_S}.")


ROUTES = [Route("/profile", profile, methods=["POST"])]
