"""The engine's socket: private from the first moment, its file gone as soon as it closes."""

import os
import socket
import stat
from pathlib import Path


class EngineSocket:
    """A Unix socket bound to ``path`` with mode 0600; the server makes it listen.

    Raises ``OSError`` when the path can't be had.
    """

    def __init__(self, path: Path) -> None:
        clear_stale_socket(path)
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX)
        before = os.umask(0o177)
        try:
            self._socket.bind(str(path))
        finally:
            os.umask(before)
        self._has_file = True

    def detach(self) -> int:
        """Give the descriptor away to who will close it."""
        return self._socket.detach()

    def remove_file(self) -> None:
        """Take the file away, once: later the path may be another engine's."""
        if self._has_file:
            self._has_file = False
            self._path.unlink(missing_ok=True)


def clear_stale_socket(path: Path) -> None:
    """Remove a socket file that a dead process of the same user left at ``path``.

    Raises ``OSError`` when something else is there, or somebody answers.
    """
    try:
        info = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(info.st_mode):
        raise OSError("it is there and is not a socket")
    if info.st_uid != os.getuid():
        raise OSError("it belongs to another user")
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
    raise OSError("another process listens on it")
