"""A model without llama.cpp, and loaders that tests hold in their hands."""

import asyncio
import struct
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

from ai_engine.models.catalog import ModelSpec
from ai_engine.models.gguf_header import Kind
from ai_engine.models.model import Chunk, Input, LoadError, Sink


class FakeModel:
    """Its vectors are (number of characters, 0, …)."""

    kind: Kind = "embedding"
    slots = 2
    dimensions = 4

    def __init__(self) -> None:
        self.is_closed = False
        self.gone: Future[str | None] = Future()
        self.chunks: list[int] = []
        self.go_on = threading.Event()
        self.go_on.set()

    def embed(self, inputs: Sequence[Input]) -> tuple[list[bytes], int]:
        assert threading.current_thread() is not threading.main_thread()
        self.chunks.append(len(inputs))
        self.go_on.wait(20)
        return [struct.pack("<4f", len(one), 0, 0, 0) for one in inputs], len(inputs)

    def rerank(self, query: str, documents: Sequence[str]) -> tuple[list[float], int]:
        return [float(len(query) + len(one)) for one in documents], 1

    def chat(self, body: Chunk, sink: Sink) -> None:
        raise NotImplementedError

    def complete(self, body: Chunk, sink: Sink) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.is_closed = True
        self.gone.set_result(None)


class Loader:
    """Loads fakes; counts them, waits for ``go_on``, and fails while it is told to."""

    def __init__(self, kind: type[FakeModel] = FakeModel) -> None:
        self._kind = kind
        self.loaded: list[FakeModel] = []
        self.loads = 0
        self.failure: str | None = None
        self.go_on = threading.Event()
        self.go_on.set()

    def load(self, _spec: ModelSpec) -> FakeModel:
        assert threading.current_thread() is not threading.main_thread()
        self.loads += 1
        self.go_on.wait(20)
        if self.failure is not None:
            raise LoadError(self.failure)
        model = self._kind()
        self.loaded.append(model)
        return model

    def close(self) -> None:
        for one in self.loaded:
            if not one.is_closed:
                one.close()


async def until(is_true: Callable[[], bool]) -> None:
    """Wait for what a thread does."""
    async with asyncio.timeout(20):
        while not is_true():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


FAKE = ModelSpec(name="fake", path=Path("/nowhere/fake.gguf"))
