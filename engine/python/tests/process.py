"""The engine as a real process on a real socket, and plain HTTP over it."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

PATIENCE_S = 20.0
EMPTY: Mapping[str, str] = {}


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PATIENCE_S)
        self._path = path

    def connect(self) -> None:
        self.sock = dial(self._path)


class Engine:
    def __init__(
        self, path: Path, stdin: int = subprocess.PIPE, environment: Mapping[str, str] = EMPTY
    ) -> None:
        self.path = path
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ai_engine"],
            env={**os.environ, "AI_ENGINE_SOCKET": str(path), **environment},
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def wait_until_listening(self, says: Sequence[str] = ()) -> None:
        """Read up to ``listening``, before which come lines that begin with what it ``says``."""
        assert self.process.stdout is not None
        for word in says:
            assert self.process.stdout.readline().decode().startswith(word)
        line = self.process.stdout.readline().decode()
        assert line == f"listening on {self.path}\n"

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
        connection = UnixConnection(self.path)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def close_stdin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def wait(self) -> int:
        return self.process.wait(PATIENCE_S)

    def output(self) -> Mapping[str, str]:
        """What it wrote since ``listening``, up to its end."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        return {
            "out": self.process.stdout.read().decode(),
            "err": self.process.stderr.read().decode(),
        }


@contextmanager
def engine(
    path: Path,
    stdin: int = subprocess.PIPE,
    environment: Mapping[str, str] = EMPTY,
    says: Sequence[str] = (),
) -> Iterator[Engine]:
    """Run an engine that listens; kill it if it is still there afterwards."""
    running = Engine(path, stdin, environment)
    with running.process:
        try:
            running.wait_until_listening(says)
            yield running
        finally:
            running.process.kill()


def children_of(running_engine: Engine) -> list[int]:
    task = Path(f"/proc/{running_engine.process.pid}/task")
    texts = [(one / "children").read_text() for one in task.iterdir()]
    return [int(pid) for text in texts for pid in text.split()]


def dial(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(PATIENCE_S)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        raise
    return connection


def begin_input(path: Path, body: bytes) -> socket.socket:
    """Send the head and the first byte of an input; the rest is the caller's."""
    connection = dial(path)
    head = f"POST /input HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body[:1])
    return connection


def read_to_end(connection: socket.socket) -> bytes:
    received = b""
    with suppress(ConnectionResetError):
        while chunk := connection.recv(65_536):
            received += chunk
    return received


def wait_until_gone(path: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while path.exists():
        assert time.monotonic() < deadline, f"{path} is still there"
        time.sleep(0.005)
