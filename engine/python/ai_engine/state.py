"""What the engine remembers while it runs."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias, TypedDict

from starlette.requests import Request

from ai_engine.deps import Deps
from ai_engine.jobs.jobs import Jobs
from ai_engine.jobs.record import JobRecord
from ai_engine.jobs.store import JobStore
from ai_engine.models.catalog import ModelSpec
from ai_engine.models.registry import ModelRegistry


class AppState:
    """One engine's models and counters, from lifespan start-up to shut-down, on one event loop."""

    def __init__(self, deps: Deps) -> None:
        self.deps = deps
        self._started = deps.monotonic()
        self._answered = 0
        self._working = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.tokens: Counter[str] = Counter()
        """Tokens that models have read (``prompt``) and written (``completion``)."""
        self.requests: Counter[str] = Counter()
        """Answered requests to models, by route."""
        self.is_profiled = False
        """Whether a profile is being taken: Python has one at a time."""
        self.models = ModelRegistry(
            deps.models,
            load=deps.hosting.load,
            monotonic=deps.monotonic,
            idle_s=deps.model_idle_s,
            on_lost=self._on_lost,
        )
        self.jobs: Jobs | None = None
        """The work in the background; ``None`` where there is no directory for it."""
        if deps.jobs_dir is not None:
            self.jobs = Jobs(JobStore(deps.jobs_dir, deps.wall), deps.wall)

    @property
    def answered(self) -> int:
        """Inputs answered since start."""
        return self._answered

    @property
    def is_busy(self) -> bool:
        """Whether anything is being worked on."""
        return self._working > 0 or bool(self.unfinished_jobs)

    @property
    def unfinished_jobs(self) -> list[JobRecord]:
        """Jobs that are not done."""
        return [] if self.jobs is None else self.jobs.unfinished

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

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` beside the request that began it; it has to handle its own errors."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def count_tokens(self, route: str, prompt: int, completion: int = 0) -> None:
        """Count a request that a model has answered."""
        self.requests[route] += 1
        self.tokens["prompt"] += prompt
        self.tokens["completion"] += completion

    def _on_lost(self, spec: ModelSpec, why: str) -> None:
        """Go on without a model, unless the process is for it."""
        line = f"lost {spec.path}: {why}"
        if spec.is_needed:
            self.deps.fail(line)
        else:
            self.deps.say(line)

    def count_answer(self) -> int:
        """Count one more answered input and return the new count."""
        self._answered += 1
        return self._answered


class LifespanState(TypedDict):
    """What lifespan start-up hands to every request."""

    engine: AppState


EngineRequest: TypeAlias = Request[LifespanState]
