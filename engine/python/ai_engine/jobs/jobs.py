"""The jobs of one engine: one at a time, chunk by chunk, so that nobody else waits for more."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Final

from ai_engine.jobs.record import JobRecord
from ai_engine.jobs.store import JobStore, new_id
from ai_engine.models.embedding import CHUNK, Shape, embed_chunk
from ai_engine.models.model import Input, LoadError, ModelError
from ai_engine.models.resident import Resident

MAX_UNFINISHED: Final = 4


@dataclass(frozen=True, slots=True)
class JobInput:
    """One line of what was sent."""

    input: Input
    id: object = None
    """Whatever its client calls it by."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a job is to do."""

    record: JobRecord
    file: BinaryIO
    resident: Resident
    inputs: Sequence[JobInput]
    shape: Shape


class Jobs:
    """Takes jobs and works on them; made and used on an event loop."""

    def __init__(self, store: JobStore, wall: Callable[[], float]) -> None:
        self.store = store
        self._wall = wall
        self._work: dict[str, Work] = {}
        self._arriving = 0
        self._worker: asyncio.Task[None] | None = None

    @property
    def unfinished(self) -> list[JobRecord]:
        """Return the jobs that are not done, in the order they are worked on."""
        return [work.record for work in self._work.values()]

    async def submit(
        self, resident: Resident, inputs: Sequence[JobInput], shape: Shape
    ) -> JobRecord:
        """Take a job. Raises ``ModelError`` 429 when there are too many, ``OSError``."""
        if len(self._work) + self._arriving >= MAX_UNFINISHED:
            raise ModelError(
                429, f"{MAX_UNFINISHED} jobs are not finished yet; try again later.", "queue_full"
            )
        name = resident.spec.name
        record = JobRecord(id=new_id(), model=name, total=len(inputs), created=self._wall())
        self._arriving += 1
        try:
            await asyncio.to_thread(self.store.sweep)
            file = await asyncio.to_thread(self.store.begin, record)
        finally:
            self._arriving -= 1
        self._work[record.id] = Work(record, file, resident, inputs, shape)
        if self._worker is None:
            self._worker = asyncio.create_task(self._run())
        return record

    async def cancel(self, record: JobRecord) -> None:
        """Call off a job, or remove one that has ended."""
        if not record.is_unfinished:
            return await asyncio.to_thread(self.store.remove, record.id)
        return await asyncio.to_thread(self.store.ask_cancel, record.id)

    async def close(self) -> None:
        """Let go of all; what was not finished is interrupted."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.wait({self._worker})
        for work in self._work.values():
            work.file.close()

    async def _run(self) -> None:
        while self._work:
            work = next(iter(self._work.values()))
            record = work.record
            try:
                await self._work_on(work)
            except asyncio.CancelledError:
                raise
            except (ModelError, LoadError, OSError) as error:
                record.state, record.error = "failed", str(error)
            except Exception as error:  # whatever it is, the other jobs go on
                record.state, record.error = "failed", f"the engine failed: {error!r}"
            record.ended = self._wall()
            del self._work[record.id]
            await asyncio.to_thread(self._end, work)
        self._worker = None

    def _end(self, work: Work) -> None:
        """Write down how it ended before the lock goes."""
        try:
            self.store.save(work.record)
        except OSError as error:
            work.record.error = str(error)
        finally:
            work.file.close()

    async def _work_on(self, work: Work) -> None:
        record = work.record
        record.state = "running"
        while record.done < record.total:
            if await asyncio.to_thread(self.store.is_cancelled, record.id):
                record.state = "cancelled"
                return
            chunk = work.inputs[record.done : record.done + CHUNK]
            lines = await self._answer(work, record.done, chunk)
            await asyncio.to_thread(self._keep, work, lines)
        record.state = "done"

    def _keep(self, work: Work, lines: Sequence[str]) -> None:
        work.file.write("".join(lines).encode("ascii"))
        work.file.flush()
        work.record.done += len(lines)
        self.store.save(work.record)

    async def _answer(self, work: Work, start: int, chunk: Sequence[JobInput]) -> list[str]:
        """Return a line for each input; one that the model does not take spoils no other."""
        record, shape = work.record, work.shape
        inputs = [one.input for one in chunk]
        try:
            vectors, tokens = await work.resident.run(
                partial(embed_chunk, inputs=inputs, shape=shape)
            )
        except ModelError as error:
            if len(chunk) > 1:
                singly = [await self._answer(work, start + i, [one]) for i, one in enumerate(chunk)]
                return [line for lines in singly for line in lines]
            record.failed += 1
            return [line_of(start, chunk[0], f'"error":{json.dumps(error.message)}')]
        record.tokens += tokens
        return [
            line_of(start + offset, one, f'"embedding":{vector}')
            for offset, (one, vector) in enumerate(zip(chunk, vectors, strict=True))
        ]


def line_of(index: int, one: JobInput, rest: str) -> str:
    """Return a line of the results."""
    called = "" if one.id is None else f'"id":{json.dumps(one.id)},'
    return f'{{"index":{index},{called}{rest}}}\n'
