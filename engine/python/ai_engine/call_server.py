"""Direct calls on a Unix socket: one connection, many calls in flight."""

import asyncio
import socket
import sys
import traceback
from asyncio import AbstractServer, BaseTransport, Future, Protocol, Transport
from collections.abc import Callable
from concurrent import futures
from typing import Any, Final

from ai_engine.frames import (
    ArgumentError,
    Call,
    FrameError,
    FrameReader,
    encode_error,
    encode_hello,
    encode_result,
)
from ai_engine.functions import Functions

MAX_CALLS: Final = 256
"""Calls in flight on one connection; a caller that makes more is cut off."""


class CallServer:
    """Serves ``functions`` on a socket, from ``start`` to the end of ``close``."""

    def __init__(self, functions: Functions) -> None:
        self.functions = functions
        self.is_closing = False
        self._server: AbstractServer | None = None
        self._connections: set[CallConnection] = set()
        self._threads: set[futures.Future[Any]] = set()
        self._pool: futures.ThreadPoolExecutor | None = None
        self._idle = asyncio.Event()

    async def start(self, descriptor: int) -> None:
        """Listen on a socket that is bound; it is closed with the server."""
        bound = socket.socket(fileno=descriptor)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(lambda: CallConnection(self), sock=bound)

    async def close(self) -> None:
        """Take no call any more, wait for those in flight and for what runs in threads."""
        self.is_closing = True
        if self._server is not None:
            self._server.close()
        self.look_whether_idle()
        await self._idle.wait()
        for connection in list(self._connections):
            connection.close()

    def run_in_thread(self, work: Callable[[], Any]) -> Future[Any]:
        """Run ``work`` off the loop; a cancel of the future calls off only what has not begun."""
        if self._pool is None:
            self._pool = futures.ThreadPoolExecutor(thread_name_prefix="call")
        loop = asyncio.get_running_loop()
        running = self._pool.submit(work)
        self._threads.add(running)
        running.add_done_callback(lambda one: loop.call_soon_threadsafe(self._forget, one))
        return asyncio.wrap_future(running)

    def add(self, connection: "CallConnection") -> None:
        """Remember a connection that was made."""
        self._connections.add(connection)

    def remove(self, connection: "CallConnection") -> None:
        """Forget a connection that has ended."""
        self._connections.discard(connection)
        self.look_whether_idle()

    def look_whether_idle(self) -> None:
        """Let ``close`` go on once nothing runs."""
        is_busy = any(connection.is_busy for connection in self._connections)
        if self.is_closing and not is_busy and not self._threads:
            self._idle.set()

    def _forget(self, running: futures.Future[Any]) -> None:
        self._threads.discard(running)
        self.look_whether_idle()


class CallConnection(Protocol):
    """One caller."""

    def __init__(self, server: CallServer) -> None:
        self._server = server
        self._reader = FrameReader()
        self._open: dict[int, Future[Any]] = {}
        self._transport: Transport | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a call is in flight."""
        return bool(self._open)

    def connection_made(self, transport: BaseTransport) -> None:
        """Say hello."""
        assert isinstance(transport, Transport)
        self._transport = transport
        self._server.add(self)
        transport.write(encode_hello(MAX_CALLS))

    def data_received(self, data: bytes) -> None:
        """Take calls and cancels in; close on anything else."""
        try:
            for frame in self._reader.receive(data):
                if isinstance(frame, Call):
                    self._begin(frame)
                elif frame.id in self._open:
                    self._open[frame.id].cancel()
        except FrameError as error:
            print(f"a caller was cut off: {error}", file=sys.stderr, flush=True)
            self.close()

    def pause_writing(self) -> None:
        """Take no more calls from one who does not read."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on."""
        if self._transport is not None:
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Call off what nobody waits for any more."""
        self._transport = None
        for running in list(self._open.values()):
            running.cancel()
        self._server.remove(self)

    def close(self) -> None:
        """End the connection; what was written still goes out."""
        if self._transport is not None:
            self._transport.close()

    def _begin(self, call: Call) -> None:
        if call.id in self._open:
            raise FrameError(f"a second call {call.id}")
        if len(self._open) >= MAX_CALLS:
            raise FrameError(f"more than {MAX_CALLS} calls at once")
        if self._server.is_closing:
            self._send(encode_error(call.id, "stopping", "The engine is stopping."))
            return
        functions = self._server.functions
        function = functions.get(call.name)
        if function is None:
            message = f"There is no function {call.name}."
            error = encode_error(call.id, "unknown_function", message, functions=functions.names)
            self._send(error)
            return
        try:
            work = function.bind(call.payload())
        except ArgumentError as error:
            self._send(encode_error(call.id, "bad_argument", str(error)))
            return
        if function.runs == "inline":
            self._send(answer_of(call.id, work))
            return
        running: Future[Any]
        if function.runs == "task":
            running = asyncio.ensure_future(work())
        else:
            running = self._server.run_in_thread(work)
        self._open[call.id] = running
        running.add_done_callback(lambda done: self._finish(call.id, done))

    def _finish(self, number: int, done: Future[Any]) -> None:
        del self._open[number]
        if done.cancelled():
            self._send(encode_error(number, "cancelled", "The call was taken back."))
        else:
            self._send(answer_of(number, done.result))
        self._server.look_whether_idle()

    def _send(self, frame: bytes) -> None:
        if self._transport is not None:
            self._transport.write(frame)


def answer_of(number: int, work: Callable[[], Any]) -> bytes:
    """Return the answer to a call: what ``work`` gives, or what it raises."""
    try:
        return encode_result(number, work())
    except Exception as error:
        traceback.print_exc()
        return encode_error(number, "failed", str(error), error_type=type(error).__name__)
