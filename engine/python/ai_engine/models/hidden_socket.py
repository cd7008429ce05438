"""A place for llama.cpp's own listener, which can't be turned off, where nobody finds it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LONGEST_PATH: Final = 100
LONGEST_DIRECTORY: Final = 70
"""Sockets have paths of at most 107 bytes, on some systems 103."""


@contextmanager
def hidden_socket(path: Path | None) -> Iterator[str]:
    """Give a path whose file goes with the block.

    ``path`` is taken if it is in a private directory: what a killed engine leaves there goes with
    the next load.
    """
    if path is not None and len(str(path)) < LONGEST_PATH and is_private(path.parent):
        path.unlink(missing_ok=True)
        try:
            yield str(path)
        finally:
            path.unlink(missing_ok=True)
        return
    usual = None if len(tempfile.gettempdir()) < LONGEST_DIRECTORY else "/tmp"
    with tempfile.TemporaryDirectory(prefix="ai-engine-", dir=usual) as directory:
        yield str(Path(directory, "x.sock"))


def is_private(directory: Path) -> bool:
    """Tell whether only we get in."""
    info = directory.stat()
    return info.st_uid == os.getuid() and info.st_mode & 0o077 == 0
