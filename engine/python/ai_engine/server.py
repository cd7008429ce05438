"""The process: Hypercorn on a Unix socket, from the first line of output to the exit code."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import cast

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework

from ai_engine.app import create_app
from ai_engine.deps import Deps
from ai_engine.ending import Ending
from ai_engine.unix_socket import EngineSocket

NEVER_S = 86_400.0


def main() -> int:
    """Serve on ``AI_ENGINE_SOCKET`` until asked to stop. Returns the exit code."""
    path = os.environ.get("AI_ENGINE_SOCKET", "")
    if not path:
        complain("AI_ENGINE_SOCKET is not set; it names the socket to listen on")
        return 2
    try:
        engine_socket = EngineSocket(Path(path))
    except OSError as error:
        complain(f"cannot listen on {path}: {error}")
        return 1
    try:
        return asyncio.run(run(engine_socket, path))
    finally:
        engine_socket.remove_file()


async def run(engine_socket: EngineSocket, path: str) -> int:
    """Serve until asked to stop and all requests have ended. Returns the exit code."""
    ending = Ending()
    ending.watch()

    async def until_requested() -> None:
        """Run by Hypercorn once it listens; when this returns, it closes."""
        say(f"listening on {path}")
        await ending.requested.wait()
        engine_socket.remove_file()

    app = cast(ASGIFramework, create_app(Deps(request_stop=ending.request, say=say)))
    config = quiet_config(engine_socket.detach())
    serving = asyncio.create_task(serve(app, config, shutdown_trigger=until_requested))
    overdue = asyncio.create_task(ending.overdue.wait())
    await asyncio.wait({serving, overdue}, return_when=asyncio.FIRST_COMPLETED)
    if not serving.done():
        say("stopped before all requests had ended")
        os._exit(1)  # at once: a thread in the middle of its work would hold the interpreter
    overdue.cancel()
    await serving
    return 0


def quiet_config(descriptor: int) -> Config:
    """Return the settings of a server on ``descriptor`` that logs only what went wrong."""
    config = Config()
    config.bind = f"fd://{descriptor}"
    config.graceful_timeout = NEVER_S  # `Ending` owns the deadline; Python 3.12 ignores this one
    config.include_server_header = False
    config.loglevel = "WARNING"
    return config


def say(line: str) -> None:
    """Write a line to standard output."""
    write_line(1, line)


def complain(line: str) -> None:
    """Write a line to standard error."""
    write_line(2, line)


def write_line(descriptor: int, line: str) -> None:
    """Write a line, unbuffered; that nobody reads it any more is no reason to fail."""
    with suppress(OSError):
        os.write(descriptor, f"{line}\n".encode())
