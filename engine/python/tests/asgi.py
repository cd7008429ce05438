"""A client without a network: drives an ASGI app message by message."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message

from ai_engine.app import create_app
from ai_engine.deps import Deps, Models, echo
from ai_engine.models.catalog import ModelSpec
from ai_engine.models.hosting import Hosting
from ai_engine.models.model import Model
from ai_engine.state import AppState


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        code = self.json["error"]["code"]
        assert isinstance(code, str)
        return code


@dataclass
class Recorder:
    """Deps that remember what was asked of them."""

    said: list[str] = field(default_factory=list)
    stops: int = 0
    seconds: float = 100.0

    def request_stop(self) -> None:
        self.stops += 1

    def fail(self, line: str) -> None:
        self.said.append(line)

    def deps(
        self,
        reply: Callable[[str], Awaitable[str]] = echo,
        models: Sequence[ModelSpec] = (),
        hosting: Models | None = None,
    ) -> Deps:
        return Deps(
            fail=self.fail,
            models=models,
            hosting=hosting or Hosting(),
            request_stop=self.request_stop,
            say=self.said.append,
            monotonic=lambda: self.seconds,
            wall=lambda: 1234567890.5,
            reply=reply,
        )


class Client:
    def __init__(self, app: ASGIApp, state: dict[str, Any]) -> None:
        self._app = app
        self._state = state
        self.raised: Exception | None = None
        """What the app raised after its answer, for the server to log."""

    async def send(
        self, method: str, path: str, chunks: Sequence[bytes] = (b"",), *, leaves: bool = False
    ) -> Answer | None:
        """One request whose body comes in ``chunks``; ``None`` when nothing was answered.

        With ``leaves`` the client disconnects instead of ending its body.
        """
        sent: list[Message] = []
        answered = asyncio.Event()
        messages = [
            {"type": "http.request", "body": chunk, "more_body": leaves or i < len(chunks) - 1}
            for i, chunk in enumerate(chunks)
        ]

        async def receive() -> Message:
            if messages:
                return messages.pop(0)
            if not leaves:
                await answered.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                answered.set()

        try:
            await self._app(self._scope(method, path), receive, send)
        except Exception as error:
            if not sent:
                raise
            self.raised = error
        return answer_of(sent) if sent else None

    def model(self, name: str) -> Model | None:
        """The model in memory, if it is."""
        engine: AppState = self._state["engine"]
        return engine.models.find(name).model

    async def ask(self, method: str, path: str, body: bytes = b"") -> Answer:
        answer = await self.send(method, path, (body,))
        assert answer is not None
        return answer

    def _scope(self, method: str, target: str) -> dict[str, Any]:
        path, _, query = target.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", b"localhost")],
            "client": None,
            "server": None,
            "state": dict(self._state),
        }


def answer_of(sent: Sequence[Message]) -> Answer:
    start, *rest = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], headers, b"".join(part.get("body", b"") for part in rest))


@asynccontextmanager
async def running(deps: Deps) -> AsyncIterator[Client]:
    """The app between lifespan start-up and shut-down."""
    app = create_app(deps)
    async with app.router.lifespan_context(app) as state:
        yield Client(app, dict(state or {}))
