"""What makes the process end: a stop, a signal, or a supervisor that is gone."""

import asyncio
import os
import signal
import stat
import sys

ORPHAN_LIMIT_S = 2.0


class Ending:
    """The two steps of an end, for one event loop.

    ``requested``: no new connection is taken, requests in flight may end. ``overdue``: they had
    their time. Whoever asked owns the deadline: a second signal makes it overdue. When standard
    input ends nobody is left who could, so it is overdue ``ORPHAN_LIMIT_S`` later.
    """

    def __init__(self) -> None:
        self.requested = asyncio.Event()
        self.overdue = asyncio.Event()

    def request(self) -> None:
        """Ask for the end."""
        self.requested.set()

    def watch(self) -> None:
        """Begin to watch signals and standard input."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)
        if stdin_is_pipe():
            loop.add_reader(sys.stdin.fileno(), self._on_stdin)

    def _on_signal(self) -> None:
        if self.requested.is_set():
            self.overdue.set()
        self.request()

    def _on_stdin(self) -> None:
        if read_stdin():
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(sys.stdin.fileno())
        loop.call_later(ORPHAN_LIMIT_S, self.overdue.set)
        self.request()


def stdin_is_pipe() -> bool:
    """Whether end-of-file on standard input can mean something: not for a terminal or a file."""
    if sys.stdin is None:
        return False
    mode = os.fstat(sys.stdin.fileno()).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def read_stdin() -> bytes:
    """Take what is there, which means nothing; empty at end-of-file or on a broken pipe."""
    try:
        return os.read(sys.stdin.fileno(), 4096)
    except OSError:
        return b""
