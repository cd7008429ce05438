"""``POST /v1/chat/completions`` and ``POST /v1/completions``."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ai_engine.answers import JsonResponse, error_body
from ai_engine.models.collect import Collected
from ai_engine.models.model import Chunk, Model, ModelError
from ai_engine.models.outlet import Outlet
from ai_engine.models.resident import Resident
from ai_engine.routes.body import read_object, text_at
from ai_engine.state import AppState, EngineRequest

OURS = frozenset(("model", "stream", "stream_options", "return_progress", "timings_per_token"))
"""What of a body we see to; the rest is llama.cpp's."""


async def chat(request: EngineRequest) -> Response:
    """Answer messages."""
    body = await read_object(request)
    if not isinstance(body.get("messages"), list) or not body["messages"]:
        raise ModelError(400, '"messages" has to be a list that is not empty.')
    return await answer(request, body, "chat")


async def complete(request: EngineRequest) -> Response:
    """Go on with a prompt."""
    body = await read_object(request)
    text_at(body, "prompt")
    return await answer(request, body, "completions")


async def answer(request: EngineRequest, body: dict[str, Any], route: str) -> Response:
    """Generate, and answer whole or piece by piece. Who leaves ends it."""
    state = request.state["engine"]
    resident = state.models.find(body.get("model"))
    check(body)
    outlet = Outlet()
    asked = {key: value for key, value in body.items() if key not in OURS}
    state.spawn(generate(state, resident, outlet, route, asked))
    async with leaving(request, outlet):
        await outlet.begin()
        if not body.get("stream"):
            collected = Collected()
            while (chunk := await outlet.take()) is not None:
                collected.add(chunk)
            return JsonResponse({**collected.answer(outlet.usage), "model": resident.spec.name})
    wants_usage = (body.get("stream_options") or {}).get("include_usage") is True
    return EventResponse(outlet, resident.spec.name, wants_usage=wants_usage)


def tokens_of(usage: dict[str, Any]) -> tuple[int, int]:
    """Return tokens read and written."""
    return usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)


def check(body: dict[str, Any]) -> None:
    """Refuse what would be taken for something else. Raises ``ModelError`` 400."""
    if not isinstance(body.get("stream", False), bool | None):
        raise ModelError(400, '"stream" has to be true or false.')
    if body.get("n") not in (None, 1):
        raise ModelError(400, '"n" has to be 1.')
    if not isinstance(body.get("stream_options"), dict | None):
        raise ModelError(400, '"stream_options" has to be an object.')


async def generate(
    state: AppState, resident: Resident, outlet: Outlet, route: str, body: Chunk
) -> None:
    """Make one answer, as soon as the model has a slot free; the outlet tells how it went."""
    error: BaseException | None = None
    try:
        with state.working():
            await resident.run(lambda model: ask(model, outlet, route, body))
    except Exception as raised:
        error = raised
    if outlet.usage is not None:
        state.count_tokens(route, *tokens_of(outlet.usage))
    outlet.end(error)


def ask(model: Model, outlet: Outlet, route: str, body: Chunk) -> None:
    """Make one answer, in the thread of the model."""
    if model.kind != "generate":
        raise ModelError(400, "This model writes no text.", "wrong_model")
    if not outlet.is_left:
        make = model.chat if route == "chat" else model.complete
        make(body, outlet)


@asynccontextmanager
async def leaving(request: EngineRequest, outlet: Outlet) -> AsyncIterator[None]:
    """Stop what is made for a client that leaves within the block."""

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        outlet.leave()

    watching = asyncio.create_task(watch())
    try:
        yield
    except BaseException:
        outlet.leave()
        raise
    finally:
        watching.cancel()


class EventResponse(StreamingResponse):
    """An answer as events."""

    media_type = "text/event-stream"

    def __init__(self, outlet: Outlet, name: str, *, wants_usage: bool) -> None:
        self._outlet = outlet
        events = event_stream(outlet, name, wants_usage=wants_usage)
        super().__init__(events, headers={"Cache-Control": "no-cache"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; whoever leaves ends it, even when nothing could be sent to him any more."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._outlet.leave()


async def event_stream(outlet: Outlet, name: str, *, wants_usage: bool) -> AsyncIterator[bytes]:
    """Give the events of an answer; one that was cut off has no ``[DONE]``."""
    last: Chunk = {}
    try:
        while (chunk := await outlet.take()) is not None:
            last = {**chunk, "model": name}
            yield event(last)
    except ModelError as error:
        yield event(error_body(error.status, error.message, error.code))
        return
    if wants_usage:
        yield event({**last, "choices": [], "usage": outlet.usage})
    yield b"data: [DONE]\n\n"


def event(document: Chunk) -> bytes:
    """Return one event."""
    return f"data: {json.dumps(document, separators=(',', ':'))}\n\n".encode()


ROUTES = [
    Route("/v1/chat/completions", chat, methods=["POST"]),
    Route("/v1/completions", complete, methods=["POST"]),
]
