"""What is generated, on its way from a thread to the event loop."""

import asyncio
from collections.abc import Callable
from threading import Lock
from typing import Any

from ai_engine.models.model import Chunk, error_of


class Outlet:
    """One generated answer, put in by a thread and taken out on the loop.

    The thread never waits. What nobody has taken yet grows together, so that a reader who is slow
    costs the text alone.
    """

    def __init__(self) -> None:
        self.usage: dict[str, Any] | None = None
        """What it cost, once it has ended."""
        self._loop = asyncio.get_running_loop()
        self._lock = Lock()
        self._pending: list[Chunk] = []
        self._news = asyncio.Event()
        self._begun = False
        self._ended = False
        self._left = False
        self._when_left: Callable[[], None] | None = None
        self._error: BaseException | None = None

    @property
    def is_left(self) -> bool:
        """Whether nobody wants the rest."""
        return self._left

    def put(self, chunk: Chunk) -> bool:
        """Take a chunk in. Returns whether to stop. Called by the thread."""
        with self._lock:
            if self._left:
                return True
            if "error" in chunk:
                self._error = error_of(chunk)
            elif self._begun and says_nothing(chunk):
                return False
            else:
                self._add(chunk)
            self._begun = True
        self._tell()
        return False

    def end(self, error: BaseException | None) -> None:
        """Nothing more comes. Called by the thread, or in its place."""
        with self._lock:
            self._error = self._error or error
            self._ended = True
            self._when_left = None
        self._tell()

    def leave(self) -> None:
        """Nobody wants the rest: what is generated stops with its next piece."""
        with self._lock:
            self._left = True
            call, self._when_left = self._when_left, None
        if call is not None:
            call()

    def when_left(self, call: Callable[[], None]) -> None:
        """Have ``call`` called when nobody wants the rest any more. Called by the thread."""
        with self._lock:
            if not self._left:
                self._when_left = call
                return
        call()

    async def begin(self) -> None:
        """Wait until an answer is certain. Raises ``ModelError`` when there will be none.

        Not before the work has ended: who is told of an error finds the model free.
        """
        while not self._ended and (not self._begun or self._error is not None):
            await self._wait()
        if self._error is not None and not self._pending:
            raise self._error

    async def take(self) -> Chunk | None:
        """Return the next chunk, ``None`` after the last. Raises what cut the answer off."""
        while True:
            with self._lock:
                if self._pending:
                    return self._pending.pop(0)
                if self._ended:
                    break
            await self._wait()
        if self._error is not None:
            raise self._error
        return None

    async def _wait(self) -> None:
        await self._news.wait()
        self._news.clear()

    def _tell(self) -> None:
        self._loop.call_soon_threadsafe(self._news.set)

    def _add(self, chunk: Chunk) -> None:
        self.usage = chunk.pop("usage", None) or self.usage
        chunk.pop("timings", None)
        chunk.pop("prompt_progress", None)
        if not chunk.get("choices"):
            return
        if not self._pending or not merge(self._pending[-1], chunk):
            self._pending.append(chunk)


def says_nothing(chunk: Chunk) -> bool:
    """Tell whether it says only that a prompt is read, or who speaks, which the first has said."""
    if "prompt_progress" in chunk:
        return True
    deltas = [choice.get("delta") or {} for choice in chunk.get("choices", [])]
    return bool(deltas) and all("role" in one and not any_text(one) for one in deltas)


def any_text(delta: dict[str, Any]) -> bool:
    """Tell whether a delta has more than who speaks."""
    return any(value for key, value in delta.items() if key != "role")


def merge(earlier: Chunk, later: Chunk) -> bool:
    """Append a piece of text to the one before it. Returns whether that could be done."""
    one, other = texts_of(earlier), texts_of(later)
    if one is None or other is None or one[1] != other[1]:
        return False
    one[0][one[1]] += other[0][one[1]]
    return True


def texts_of(chunk: Chunk) -> tuple[dict[str, Any], str] | None:
    """Return where a chunk has its text, if text is all that it has."""
    choice = chunk["choices"][0]
    if choice.get("finish_reason") is not None or choice.get("logprobs") is not None:
        return None
    holder = choice.get("delta", choice)
    keys = [key for key in ("content", "reasoning_content", "text") if key in holder]
    is_delta = holder is not choice
    if len(keys) != 1 or (is_delta and len(holder) != 1) or not isinstance(holder[keys[0]], str):
        return None
    return holder, keys[0]
