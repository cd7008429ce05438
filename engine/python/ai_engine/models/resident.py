"""One model over time: loaded by who comes first, shared, unloaded when nobody uses it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Literal, TypeAlias, TypeVar

from ai_engine.models.catalog import ModelSpec
from ai_engine.models.model import Model, ModelError

T = TypeVar("T")
State: TypeAlias = Literal["unloaded", "loading", "loaded", "unloading"]
Load: TypeAlias = Callable[[ModelSpec], Model]
OnLost: TypeAlias = Callable[[ModelSpec, str], None]


class Resident:
    """A model and the threads in which it is loaded and works; all else is on the event loop."""

    def __init__(
        self,
        spec: ModelSpec,
        load: Load,
        monotonic: Callable[[], float],
        idle_s: float | None = None,
        on_lost: OnLost = lambda _spec, _why: None,
    ) -> None:
        self.spec = spec
        self.state: State = "unloaded"
        self.load_s: float | None = None
        """How long the last load took."""
        self.runs = 0
        """Pieces of work done."""
        self._load = load
        self._monotonic = monotonic
        self._idle_s = idle_s
        self._on_lost = on_lost
        self._model: Model | None = None
        self._loading: asyncio.Future[Model] | None = None
        self._unloading: asyncio.Future[None] | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._users = 0
        self._idle: asyncio.TimerHandle | None = None

    @property
    def model(self) -> Model | None:
        """The model, while it is loaded."""
        return self._model

    async def get(self) -> Model:
        """Return the model, loaded if need be. Raises ``LoadError``; the next one tries again.

        Who leaves meanwhile does not stop the load: others may wait for it.
        """
        while self._unloading is not None:
            await asyncio.shield(self._unloading)
        if self._model is not None:
            return self._model
        if self._loading is None:
            self._loading = asyncio.ensure_future(self._begin())
            self._loading.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self._loading)

    async def run(self, work: Callable[[Model], T]) -> T:
        """Run ``work`` with the model in a thread. Raises what it raises, and ``LoadError``.

        A cancel of who waits calls off only what has not begun; the model stays until it has ended.
        """
        await self.get()
        while self._model is None or self._threads is None:  # unloaded again in between
            await self.get()
        loop = asyncio.get_running_loop()
        self._hold()
        running: Future[T] = self._threads.submit(work, self._model)
        running.add_done_callback(lambda _done: loop.call_soon_threadsafe(self._release))
        return await asyncio.wrap_future(running)

    async def unload(self) -> bool:
        """Give the memory back. Returns whether there was anything to give.

        Raises ``ModelError`` while it is used.
        """
        if self.state == "unloaded":
            return False
        if self._users > 0 or self._model is None:
            raise ModelError(409, f"{self.spec.name} is in use.", "model_busy")
        self._unloading = asyncio.ensure_future(self._end(self._model))
        await asyncio.shield(self._unloading)
        return True

    async def _begin(self) -> Model:
        self.state = "loading"
        began = self._monotonic()
        loop = asyncio.get_running_loop()
        loader = ThreadPoolExecutor(1, thread_name_prefix="load")
        try:
            model = await loop.run_in_executor(loader, self._load, self.spec)
        except BaseException:
            self.state = "unloaded"
            raise
        finally:
            self._loading = None
            loader.shutdown(wait=False)
        self.load_s = self._monotonic() - began
        self._threads = ThreadPoolExecutor(model.slots, thread_name_prefix=self.spec.name)
        self._model = model
        self.state = "loaded"
        self._start_idle_clock()

        def on_gone(gone: "Future[str | None]") -> None:
            with suppress(RuntimeError):  # the loop has ended before the model
                loop.call_soon_threadsafe(self._on_gone, model, gone.result())

        model.gone.add_done_callback(on_gone)
        return model

    async def _end(self, model: Model) -> None:
        self.state = "unloading"
        self._stop_idle_clock()
        threads, self._threads, self._model = self._threads, None, None
        assert threads is not None
        try:
            await asyncio.get_running_loop().run_in_executor(threads, model.close)
        finally:
            threads.shutdown(wait=False)
            self.state = "unloaded"
            self._unloading = None

    def _on_gone(self, model: Model, why: str | None) -> None:
        """Forget a model that was lost; the next request loads it anew."""
        if self._model is not model or why is None or self._threads is None:
            return
        self._stop_idle_clock()
        self._threads.shutdown(wait=False)
        self._threads = self._model = None
        self.state = "unloaded"
        self._on_lost(self.spec, why)

    def _hold(self) -> None:
        self._users += 1
        self._stop_idle_clock()

    def _release(self) -> None:
        self._users -= 1
        self.runs += 1
        if self._users == 0:
            self._start_idle_clock()

    def _start_idle_clock(self) -> None:
        if self._idle_s is not None and self._model is not None:
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(self._idle_s, self._on_idle)

    def _stop_idle_clock(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _on_idle(self) -> None:
        if self._users == 0 and self._model is not None:
            self._unloading = asyncio.ensure_future(self._end(self._model))
