"""What the engine remembers while it runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias, TypedDict

from starlette.requests import Request

from ai_engine.deps import Deps


class AppState:
    """One engine's counters. Lives from lifespan start-up to shut-down, on one event loop."""

    def __init__(self, deps: Deps) -> None:
        self.deps = deps
        self._started = deps.monotonic()
        self._answered = 0
        self._working = 0

    @property
    def answered(self) -> int:
        """Inputs answered since start."""
        return self._answered

    @property
    def is_busy(self) -> bool:
        """Whether an input is being worked on."""
        return self._working > 0

    @property
    def uptime(self) -> float:
        """Seconds since start."""
        return self.deps.monotonic() - self._started

    @contextmanager
    def working(self) -> Iterator[None]:
        """Mark the engine as busy for the length of the block."""
        self._working += 1
        try:
            yield
        finally:
            self._working -= 1

    def count_answer(self) -> int:
        """Count one more answered input and return the new count."""
        self._answered += 1
        return self._answered


class LifespanState(TypedDict):
    """What lifespan start-up hands to every request."""

    engine: AppState


EngineRequest: TypeAlias = Request[LifespanState]
