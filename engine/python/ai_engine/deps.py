"""What the app needs from outside."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, Protocol

from ai_engine.models.catalog import ModelSpec
from ai_engine.models.hosting import Hosting
from ai_engine.models.model import Model


async def echo(text: str) -> str:
    """Answer an input by saying it back."""
    return f"You said: {text}"


class Models(Protocol):
    """Where models come from."""

    def load(self, spec: ModelSpec) -> Model:
        """Load one, in the thread that calls. Raises ``LoadError``."""

    def close(self) -> None:
        """End all that were loaded, and loads; whoever uses one is told."""


def fail(line: str) -> NoReturn:
    """End the process, saying why."""
    raise SystemExit(line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """Handed to ``create_app``; the server gives the real ones, tests their own."""

    request_stop: Callable[[], None]
    """Asks the server to end; returns at once."""
    say: Callable[[str], None]
    """Writes one line of output."""
    reply: Callable[[str], Awaitable[str]] = echo
    """The work: makes the message for an input."""
    fail: Callable[[str], None] = fail
    """Ends the process at once, as one that could not start, with this as its last line."""
    models: Sequence[ModelSpec] = ()
    """The models that there are."""
    hosting: Models = field(default_factory=Hosting)
    """Loads them. The app closes it when it ends."""
    model_idle_s: float | None = None
    """Seconds without work after which a model is unloaded; ``None``: it stays."""
    jobs_dir: Path | None = None
    """Where jobs are kept; ``None``: there are none."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds that never go back."""
    wall: Callable[[], float] = time.time
    """Seconds since 1970, UTC."""
