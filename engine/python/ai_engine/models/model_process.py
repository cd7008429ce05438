"""The process of one model, in which llama.cpp is; what starts it is in ``hosting``.

``python -m ai_engine.models.model_process CONTROL CHANNEL…``, numbers of inherited sockets. An own
process, because llama.cpp keeps the interpreter's lock for the length of a load, and because what
it aborts on is to end nothing else.
"""

import fcntl
import os
import signal
import socket
import sys
from pathlib import Path
from threading import Thread
from typing import Any

from ai_engine.models.catalog import ModelSpec
from ai_engine.models.channel import STOP, Channel, read
from ai_engine.models.llama import LlamaModel, load_llama
from ai_engine.models.model import Chunk, LoadError, ModelError


def main(arguments: list[str]) -> int:
    """Load the model that the first channel names and work for all of them. Returns the exit code.

    Ends at once, even in the midst of a load, when the other end of the control socket goes.
    """
    control, *sockets = [socket.socket(fileno=int(number)) for number in arguments]
    for number in (signal.SIGTERM, signal.SIGINT):  # meant for the engine, which ends this one
        signal.signal(number, signal.SIG_IGN)
    end_with(control)
    channels = [Channel(one) for one in sockets]
    name, path, vocabulary, max_context, listener = channels[0].receive()
    spec = ModelSpec(
        name=name,
        path=Path(path),
        vocabulary=None if vocabulary is None else Path(vocabulary),
        max_context=max_context,
    )
    try:
        model = load_llama(spec, listener)
    except LoadError as error:
        channels[0].send(["refused", str(error)])
        return 1
    channels[0].send(["loaded", model.kind, model.dimensions])
    fcntl.fcntl(control, fcntl.F_SETFL, 0)
    stopped = [0] * len(channels)
    for at, channel in enumerate(channels):
        Thread(target=Calls(model, channel, stopped, at).serve, daemon=True).start()
    try:
        while True:
            at, number = STOP.unpack(read(control, STOP.size))
            stopped[at] = max(number, stopped[at])
    except (EOFError, OSError):
        os._exit(0)


def end_with(control: socket.socket) -> None:
    """Let the kernel end this process with the other end of ``control``.

    A thread could not: it would wait for the interpreter's lock. Nothing is sent there meanwhile.
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(control, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(control, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    try:
        control.recv(1)
    except BlockingIOError:
        return
    os._exit(0)


class Calls:
    """What comes on one channel, one call after the other; it is the sink of what they generate."""

    def __init__(self, model: LlamaModel, channel: Channel, stopped: list[int], at: int) -> None:
        self._model = model
        self._channel = channel
        self._stopped = stopped
        self._at = at
        self._number = 0

    def serve(self) -> None:
        """Answer until nobody asks any more."""
        try:
            while True:
                self._number, method, arguments = self._channel.receive()
                self._channel.send([self._number, *self._answer(method, arguments)])
        except (EOFError, OSError):
            return

    def put(self, chunk: Chunk) -> bool:
        """Send a piece on its way. Returns whether to stop."""
        if self._stopped[self._at] == self._number:
            return True
        self._channel.send([self._number, "chunk", chunk])
        return False

    def _answer(self, method: str, arguments: list[Any]) -> list[Any]:
        try:
            match method:
                case "embed" | "rerank":
                    return ["done", getattr(self._model, method)(*arguments)]
                case _:
                    getattr(self._model, method)(*arguments, self.put)
                    return ["done", None]
        except ModelError as error:
            return ["error", error.status, error.message, error.code]
        except Exception as error:  # it is told, as any other, to who asked
            return ["error", 500, f"The model failed: {error!r}", None]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
