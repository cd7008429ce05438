"""The process: Hypercorn on a Unix socket, from the first line of output to the exit code."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework
from starlette.routing import BaseRoute

from ai_engine.app import create_app
from ai_engine.call_server import CallServer
from ai_engine.deps import Deps
from ai_engine.ending import Ending
from ai_engine.functions import Functions
from ai_engine.models.catalog import ModelSpec, catalog_of, idle_of
from ai_engine.samples import sample_functions
from ai_engine.unix_socket import EngineSocket

NEVER_S = 86_400.0


def main(functions: Functions | None = None, routes: Sequence[BaseRoute] = ()) -> int:
    """Serve on ``AI_ENGINE_SOCKET`` until asked to stop. Returns the exit code.

    Where ``AI_ENGINE_FRAMES`` names a socket, ``functions`` (the samples, if none are given) can be
    called directly on it; ``routes`` are served by HTTP beside the engine's own.
    """
    path = os.environ.get("AI_ENGINE_SOCKET", "")
    if not path:
        complain("AI_ENGINE_SOCKET is not set; it names the socket to listen on")
        return 2
    try:
        models, idle_s = catalog_of(os.environ), idle_of(os.environ)
    except ValueError as error:
        complain(str(error))
        return 2
    sockets: list[EngineSocket] = []
    for one in filter(None, (path, os.environ.get("AI_ENGINE_FRAMES"))):
        try:
            sockets.append(EngineSocket(Path(one)))
        except OSError as error:
            complain(f"cannot listen on {one}: {error}")
            remove_files(sockets)
            return 1
    try:
        calls = functions if functions is not None else sample_functions()
        serving = Serving(path, sockets, calls, routes, models, idle_s)
        return asyncio.run(run(serving))
    finally:
        remove_files(sockets)


def remove_files(sockets: list[EngineSocket]) -> None:
    """Take the files of sockets away."""
    for engine_socket in sockets:
        engine_socket.remove_file()


@dataclass(frozen=True, slots=True)
class Serving:
    """What is served, and where."""

    path: str
    sockets: list[EngineSocket]
    functions: Functions
    routes: Sequence[BaseRoute]
    models: Sequence[ModelSpec]
    model_idle_s: float | None

    def remove_files(self) -> None:
        """Take the files of the sockets away."""
        remove_files(self.sockets)
        for model in self.models:
            if model.socket is not None:
                model.socket.unlink(missing_ok=True)

    def deps(self, request_stop: Callable[[], None]) -> Deps:
        """Return what the app needs of this process."""
        return Deps(
            request_stop=request_stop,
            say=say,
            fail=self.fail,
            models=self.models,
            model_idle_s=self.model_idle_s,
            jobs_dir=jobs_directory(os.environ),
        )

    def fail(self, line: str) -> None:
        """End the process, which is of no use: ``line`` is the last that it says."""
        self.remove_files()
        complain(line)
        os._exit(1)


async def run(what: Serving) -> int:
    """Serve until asked to stop and all requests and calls have ended. Returns the exit code."""
    ending = Ending()
    ending.watch()
    calls = CallServer(what.functions)
    http_socket, *call_sockets = what.sockets

    async def until_requested() -> None:
        """Run by Hypercorn once it listens; when this returns, it closes."""
        say(f"listening on {what.path}")
        await ending.requested.wait()
        what.remove_files()

    async def serve_calls() -> None:
        await ending.requested.wait()
        await calls.close()

    async def serve_both(app: ASGIFramework, config: Config) -> None:
        await asyncio.gather(serve(app, config, shutdown_trigger=until_requested), serve_calls())

    for call_socket in call_sockets:
        await calls.start(call_socket.detach())
    app = cast(ASGIFramework, create_app(what.deps(ending.request), what.routes))
    config = quiet_config(http_socket.detach())
    serving = asyncio.create_task(serve_both(app, config))
    overdue = asyncio.create_task(ending.overdue.wait())
    await asyncio.wait({serving, overdue}, return_when=asyncio.FIRST_COMPLETED)
    if not serving.done():
        say("stopped before all requests had ended")
        os._exit(1)  # at once: a thread in the middle of its work would hold the interpreter
    overdue.cancel()
    await serving
    return 0


def jobs_directory(environment: Mapping[str, str]) -> Path | None:
    """Return where jobs are kept: in the user's directory for state, as XDG has it."""
    state = environment.get("XDG_STATE_HOME")
    if state:
        return Path(state, "ai-engine", "jobs")
    home = environment.get("HOME")
    return Path(home, ".local", "state", "ai-engine", "jobs") if home else None


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
