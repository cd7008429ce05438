"""Models in processes of their own, which end with this one, however it ends."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Final, NoReturn, TypeAlias

from ai_engine.models.catalog import ModelSpec
from ai_engine.models.channel import STOP, Channel
from ai_engine.models.gguf_header import Kind
from ai_engine.models.hidden_socket import hidden_socket
from ai_engine.models.model import CALLS, SLOTS, Chunk, Input, LoadError, ModelError, Sink

ENDING_S: Final = 5.0
"""How long a process that can't load its model may take for its last words."""

SOON_S: Final = 1.0
"""Between the end of a process as its sockets tell it, and as the system does."""

COMMAND: Final = ["-P", "-m", "ai_engine.models.model_process"]
"""Of Python, for the process of a model."""

SPIN_COUNT: Final = "1000"
"""How often threads that compute look for each other before they sleep: on a quiet machine as good
as GNU's 300,000, and where others work too many times faster."""

OnEnd: TypeAlias = "Callable[[ModelProcess], None]"


class Hosting:
    """Loads models, and owns their processes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._processes: set[ModelProcess] = set()
        self._is_closed = False

    def load(self, spec: ModelSpec) -> "HostedModel":
        """Load a model in a process of its own. Raises ``LoadError``."""
        try:
            with hidden_socket(spec.socket) as listener:
                process = self._start()
                try:
                    kind, dimensions = process.load(spec, listener)
                except LoadError:
                    process.end()
                    raise
        except OSError as error:
            raise LoadError(f"its process can't be started: {error}") from error
        return HostedModel(process, kind, dimensions)

    def close(self) -> None:
        """End all processes; no other is started."""
        with self._lock:
            self._is_closed = True
            processes = list(self._processes)
        for process in processes:
            process.end()

    def _start(self) -> "ModelProcess":
        with self._lock:
            if self._is_closed:
                raise LoadError("the engine ends")
            process = ModelProcess(on_end=self._forget)
            self._processes.add(process)
            return process

    def _forget(self, process: "ModelProcess") -> None:
        with self._lock:
            self._processes.discard(process)


class ModelProcess:
    """A process, a channel to it for each call that may run at once, and a control socket."""

    def __init__(self, on_end: OnEnd) -> None:
        self.gone: Future[str | None] = Future()
        """Set when it has ended: why, or ``None`` when it was to."""
        self._is_wanted = True
        self._lock = Lock()
        self._numbers = count(1)
        ours, theirs = zip(*(socket.socketpair() for _ in range(CALLS + 1)), strict=True)
        try:
            self._process = start([one.fileno() for one in theirs])
        except OSError:
            for one in ours:
                one.close()
            raise
        finally:
            for one in theirs:
                one.close()
        self._control, *sockets = ours
        self._control.setblocking(False)
        self._channels = [Channel(one) for one in sockets]
        self._free: SimpleQueue[int] = SimpleQueue()
        for at in range(CALLS):
            self._free.put(at)
        self._watching = Thread(target=self._watch, args=(on_end,), name="model process")
        self._watching.daemon = True
        self._watching.start()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def load(self, spec: ModelSpec, listener: str) -> tuple[Kind, int]:
        """Let it load its model. Raises ``LoadError``."""
        vocabulary = None if spec.vocabulary is None else str(spec.vocabulary)
        asked = [spec.name, str(spec.path), vocabulary, spec.max_context, listener]
        at = self._free.get()
        try:
            self._channels[at].send(asked)
            word, *answer = self._channels[at].receive()
        except (OSError, EOFError) as error:
            raise LoadError(self._why_gone()) from error
        finally:
            self._free.put(at)
        if word == "loaded":
            return answer[0], answer[1]
        with suppress(TimeoutError):  # what llama.cpp has to say comes out with its end
            self.gone.result(ENDING_S)
        raise LoadError(answer[0])

    def call(self, method: str, arguments: list[Any], sink: Sink | None = None) -> Any:  # noqa: ANN401
        """Run a method of the model there. Raises ``ModelError``."""
        at = self._free.get()
        number = next(self._numbers)
        if sink is not None:
            sink.when_left(lambda: self._stop(at, number))
        try:
            self._channels[at].send([number, method, arguments])
            while True:
                about, word, *rest = self._channels[at].receive()
                if about != number:  # of a call whose sink has failed
                    continue
                match word:
                    case "chunk" if sink is not None:
                        if sink.put(rest[0]):
                            self._stop(at, number)
                    case "error":
                        raise ModelError(*rest)
                    case _:
                        return rest[0]
        except (OSError, EOFError) as error:
            self._raise_gone(error)
        finally:
            self._free.put(at)

    def end(self) -> None:
        """End it, and wait until it has."""
        self._is_wanted = False
        self._process.kill()
        self._watching.join()

    def _stop(self, at: int, number: int) -> None:
        with self._lock, suppress(OSError):  # it has ended, or is deaf
            self._control.send(STOP.pack(at, number))

    def _watch(self, on_end: OnEnd) -> None:
        code = self._process.wait()
        on_end(self)
        self.gone.set_result(describe_end(code) if self._is_wanted else None)
        with self._lock:
            self._control.close()
        for at in [self._free.get() for _ in self._channels]:
            self._channels[at].close()
            self._free.put(at)  # for calls that come too late: to them it says so

    def _why_gone(self) -> str:
        with suppress(TimeoutError):
            return self.gone.result(SOON_S) or "it was called off"
        return "its process hung up"

    def _raise_gone(self, cause: BaseException) -> NoReturn:
        why = self._why_gone()
        raise ModelError(500, f"The model was lost: {why}.", "model_crashed") from cause


class HostedModel:
    """A model in a process of its own."""

    def __init__(self, process: ModelProcess, kind: Kind, dimensions: int) -> None:
        self._process = process
        self.kind: Kind = kind
        self.slots = SLOTS if kind == "generate" else CALLS
        self.dimensions = dimensions

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._process.pid

    @property
    def gone(self) -> "Future[str | None]":
        """Set when its process has ended: why, or ``None`` when it was closed."""
        return self._process.gone

    def embed(self, inputs: Sequence[Input]) -> tuple[list[bytes], int]:
        """Return a vector for each input, and the tokens used."""
        vectors, tokens = self._process.call("embed", [list(inputs)])
        return vectors, tokens

    def rerank(self, query: str, documents: Sequence[str]) -> tuple[list[float], int]:
        """Return llama.cpp's scores in the order of the documents, and the tokens used."""
        scores, tokens = self._process.call("rerank", [query, list(documents)])
        return scores, tokens

    def chat(self, body: Chunk, sink: Sink) -> None:
        """Answer messages piece by piece."""
        self._process.call("chat", [body], sink)

    def complete(self, body: Chunk, sink: Sink) -> None:
        """Go on with a prompt piece by piece."""
        self._process.call("complete", [body], sink)

    def close(self) -> None:
        """Give the memory back."""
        self._process.end()


def start(descriptors: list[int]) -> "subprocess.Popen[bytes]":
    """Start the process of a model, which inherits the sockets of these numbers."""
    numbers = [str(one) for one in descriptors]
    environment = {"GOMP_SPINCOUNT": SPIN_COUNT, **os.environ}
    if getattr(sys, "frozen", False):  # the packed engine
        command = [sys.executable, "--model", *numbers]
    else:
        command = [sys.executable, *COMMAND, *numbers]
        ours = str(Path(__file__).parents[2])
        environment["PYTHONPATH"] = os.pathsep.join(
            filter(None, (ours, os.environ.get("PYTHONPATH")))
        )
    return subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, pass_fds=descriptors
    )


def describe_end(code: int) -> str:
    """Say how a process has ended."""
    if code >= 0:
        return f"llama.cpp's process ended with code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"llama.cpp's process was ended by {name}"
