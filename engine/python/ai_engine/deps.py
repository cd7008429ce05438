"""What the app needs from outside."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


async def echo(text: str) -> str:
    """Answer an input by saying it back."""
    return f"You said: {text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """Handed to ``create_app``; the server gives the real ones, tests their own."""

    request_stop: Callable[[], None]
    """Asks the server to end; returns at once."""
    say: Callable[[str], None]
    """Writes one line of output."""
    reply: Callable[[str], Awaitable[str]] = echo
    """The work: makes the message for an input."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds that never go back."""
    wall: Callable[[], float] = time.time
    """Seconds since 1970, UTC."""
