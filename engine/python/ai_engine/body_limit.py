"""The limit on request bodies, kept while they arrive."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ai_engine.answers import error_response

MAX_BODY_BYTES = 1024 * 1024
MAX_MODEL_BODY_BYTES = 32 * 1024 * 1024
LINGER_S = 1.0


def limit_of(scope: Scope) -> int:
    """Return how many bytes a request may bring: more to the models than to us."""
    path = scope.get("path", "")
    is_for_model = path.startswith("/v1/") or path == "/jobs"
    return MAX_MODEL_BODY_BYTES if is_for_model else MAX_BODY_BYTES


class BodyLimit:
    """Reads a request's body before the app sees the request, and answers 413 over the limit.

    No more than ``limit`` (of the path, unless given) and one chunk is ever held. What is too much
    is read on and thrown away for up to ``linger`` seconds, since a client that is still writing
    when its connection closes may never read the answer.

    Reading first, for every route, is also what keeps Hypercorn alive: once an app has answered
    and no longer reads, eleven more chunks of body block that connection, and with it the end of
    the process, for ever.
    """

    def __init__(self, app: ASGIApp, limit: int | None = None, linger: float = LINGER_S) -> None:
        self._app = app
        self._limit = limit
        self._linger = linger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit if self._limit is not None else limit_of(scope)
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > limit:
                del body
                await self._refuse(limit, scope, receive if more else _at_end, send)
                return
        await self._app(scope, _replay(bytes(body), receive), send)

    async def _refuse(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        rest = asyncio.create_task(_discard(receive))
        await asyncio.wait({rest}, timeout=self._linger)
        answer = error_response(413, f"The body is over {limit} bytes.", {"Connection": "close"})
        await answer(scope, receive, send)
        await rest


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that gives ``body`` as one message, then what the server says."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return pending.pop() if pending else await receive()

    return next_message


async def _at_end() -> Message:
    """Stand in for ``receive`` when the body has been read whole."""
    return {"type": "http.request", "body": b"", "more_body": False}


async def _discard(receive: Receive) -> None:
    """Read to the end of the body, or of the connection."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return
