"""What the app needs from outside."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from ai_engine.models.catalog import ModelSpec
from ai_engine.models.model import Model
from ai_engine.models.resident import Load


async def echo(text: str) -> str:
    """Answer an input by saying it back."""
    return f"You said: {text}"


def load_model(spec: ModelSpec) -> Model:
    """Load a model with llama.cpp, about which nothing is loaded before."""
    from ai_engine.models.llama import load_llama  # noqa: PLC0415

    return load_llama(spec)


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
    load: Load = load_model
    """Loads one of them, in a thread. Raises ``LoadError``."""
    model_idle_s: float | None = None
    """Seconds without work after which a model is unloaded; ``None``: it stays."""
    jobs_dir: Path | None = None
    """Where jobs are kept; ``None``: there are none."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds that never go back."""
    wall: Callable[[], float] = time.time
    """Seconds since 1970, UTC."""
