"""What a model in memory can do, whoever runs it."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Final, Protocol, TypeAlias

from ai_engine.models.gguf_header import Kind

Input: TypeAlias = str | list[int]
"""A text, or the ids of one."""

Chunk: TypeAlias = dict[str, Any]
"""A part of a generated answer, in OpenAI's shape."""


SLOTS: Final = 4
"""How many inputs or answers llama.cpp works on at once."""

CALLS: Final = 16
"""How many calls may wait for that in its own queue: so it never waits for the next one."""


class ModelError(Exception):
    """What a model does not do: said to whoever asked, with an HTTP status."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code


class LoadError(Exception):
    """A model can't be loaded; the text says why."""


class Sink(Protocol):
    """Where a generated answer goes."""

    def put(self, chunk: Chunk) -> bool:
        """Take a piece; returns whether to stop. It never waits."""

    def when_left(self, call: Callable[[], None]) -> None:
        """Have ``call`` called when nobody wants the rest any more; at once, if that is so."""


class Model(Protocol):
    """A model in memory. Its methods take their time in the thread that calls them."""

    @property
    def kind(self) -> Kind:
        """What it is for."""

    @property
    def slots(self) -> int:
        """How many of its methods may run at once."""

    @property
    def dimensions(self) -> int:
        """Numbers in a vector."""

    @property
    def gone(self) -> "Future[str | None]":
        """Set when it is in memory no more: why, or ``None`` when it was closed."""

    def embed(self, inputs: Sequence[Input]) -> tuple[list[bytes], int]:
        """Return a vector of length 1 for each input, as little-endian floats, and tokens used."""

    def rerank(self, query: str, documents: Sequence[str]) -> tuple[list[float], int]:
        """Return how well each document answers the query, and tokens used."""

    def chat(self, body: Chunk, sink: Sink) -> None:
        """Answer messages piece by piece."""

    def complete(self, body: Chunk, sink: Sink) -> None:
        """Go on with a prompt piece by piece."""

    def close(self) -> None:
        """Give its memory back. Nothing may run in it any more."""


def error_of(answer: dict[str, Any]) -> ModelError:
    """Translate what llama.cpp says is wrong."""
    error = answer["error"]
    message = str(error.get("message", "llama.cpp gave no reason."))
    status = error.get("code", 500)
    if "too large to process" in message:
        status = 400
    return ModelError(status if isinstance(status, int) else 500, message)
