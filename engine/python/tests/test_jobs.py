import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest

from ai_engine.jobs.jobs import MAX_UNFINISHED
from ai_engine.jobs.record import JobRecord
from ai_engine.jobs.store import KEPT_S, JobStore
from ai_engine.models.embedding import CHUNK
from ai_engine.models.model import Input, ModelError
from tests.asgi import Answer, Client, Recorder, running
from tests.fake_model import FAKE, FakeModel, Loader

NOW = 1234567890.5
LIMIT_S = 20.0


@asynccontextmanager
async def engine(directory: Path | None, loader: Loader) -> AsyncIterator[Client]:
    deps = replace(Recorder().deps(), models=[FAKE], hosting=loader, jobs_dir=directory)
    async with running(deps) as client:
        yield client


def lines(*texts: str) -> bytes:
    return "\n".join(json.dumps({"input": text}) for text in texts).encode()


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Look again and again, as nobody tells."""
    async with asyncio.timeout(LIMIT_S):
        while not await is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def ended(client: Client, job_id: str) -> dict[str, object]:
    """Wait until nobody works on a job any more."""
    record: dict[str, object] = {}

    async def look() -> bool:
        record.update((await client.ask("GET", f"/jobs/{job_id}")).json)
        return record["state"] not in ("queued", "running")

    await until(look)
    return record


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def results_of(answer: Answer) -> list[dict[str, object]]:
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.body.splitlines()]


def test_a_job_embeds_every_line_in_chunks_and_keeps_the_results(tmp_path: Path) -> None:
    async def scenario() -> None:
        loader = Loader()
        async with engine(tmp_path / "jobs", loader) as client:
            texts = ["x" * (1 + i % 7) for i in range(2 * CHUNK + 3)]
            begun = await client.ask("POST", "/jobs?model=FAKE", lines(*texts))
            assert begun.status == 202
            record = begun.json
            assert begun.headers["location"] == f"/jobs/{record['id']}"
            assert (record["model"], record["total"]) == ("fake", len(texts))
            final = await ended(client, record["id"])
            assert (final["state"], final["done"], final["failed"]) == ("done", len(texts), 0)
            assert (final["tokens"], final["ended"]) == (len(texts), NOW)
            assert loader.loaded[0].chunks == [CHUNK, CHUNK, 3]
            found = results_of(await client.ask("GET", f"/jobs/{record['id']}/results"))
            assert [line["index"] for line in found] == list(range(len(texts)))
            assert [line["embedding"] for line in found] == [
                [float(len(text)), 0.0, 0.0, 0.0] for text in texts
            ]
            listed = (await client.ask("GET", "/jobs")).json["jobs"]
            assert [job["id"] for job in listed] == [record["id"]]
            assert (tmp_path / "jobs").stat().st_mode & 0o777 == 0o700
            for path in (tmp_path / "jobs").iterdir():
                assert path.stat().st_mode & 0o777 == 0o600

    asyncio.run(scenario())


def test_what_a_client_calls_a_line_comes_back_and_vectors_are_as_it_wants(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with engine(tmp_path, Loader()) as client:
            body = b'{"id":"a","input":"hello"}\n\n{"id":7,"input":[1,2]}\n'
            query = "encoding_format=base64&dimensions=1"
            job = (await client.ask("POST", f"/jobs?{query}", body)).json["id"]
            assert (await ended(client, job))["state"] == "done"
            found = results_of(await client.ask("GET", f"/jobs/{job}/results"))
            assert [line["id"] for line in found] == ["a", 7]
            assert found[0]["embedding"] == "AACAPw=="  # 1.0, little-endian

    asyncio.run(scenario())


def test_it_goes_on_without_its_client_and_the_engine_is_busy_until_it_is_done(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        loader = Loader()
        loader.go_on.clear()
        async with engine(tmp_path, loader) as client:
            job = (await client.ask("POST", "/jobs", lines("hello"))).json["id"]
            status = (await client.ask("GET", "/status")).json
            assert (status["busy"], status["jobs"]) == (True, 1)
            early = await client.ask("GET", f"/jobs/{job}/results")
            assert (early.status, early.code) == (409, "not_finished")
            left = (await client.ask("POST", "/stop")).json["unfinished"]
            assert [one["id"] for one in left] == [job]
            loader.go_on.set()
            assert (await ended(client, job))["state"] == "done"

            async def is_idle() -> bool:
                return (await client.ask("GET", "/status")).json["busy"] is False

            await until(is_idle)
            assert (await client.ask("POST", "/stop")).json == {"status": "stopping"}

    asyncio.run(scenario())


def test_an_interactive_request_waits_for_no_more_than_a_chunk(tmp_path: Path) -> None:
    async def scenario() -> None:
        loader = Loader()
        async with engine(tmp_path, loader) as client:
            await client.ask("POST", "/v1/embeddings", b'{"input":"load"}')
            model = loader.loaded[0]
            model.slots = 1
            model.chunks.clear()
            model.go_on.clear()
            job = (await client.ask("POST", "/jobs", lines(*"x" * 10 * CHUNK))).json["id"]

            async def is_at_work() -> bool:
                return bool(model.chunks)

            await until(is_at_work)
            asked = asyncio.ensure_future(
                client.ask("POST", "/v1/embeddings", b'{"input":["now","and here"]}')
            )
            await asyncio.sleep(0)
            model.go_on.set()
            assert (await asked).status == 200
            assert (await ended(client, job))["done"] == 10 * CHUNK
            assert model.chunks.index(2) <= 2  # beside the first chunk, or right after the next

    asyncio.run(scenario())


def test_a_job_that_is_cancelled_keeps_what_it_has(tmp_path: Path) -> None:
    async def scenario() -> None:
        loader = Loader()
        loader.go_on.clear()
        async with engine(tmp_path, loader) as client:
            job = (await client.ask("POST", "/jobs", lines(*"x" * 3 * CHUNK))).json["id"]
            assert (await client.ask("DELETE", f"/jobs/{job}")).status == 204
            loader.go_on.set()
            record = await ended(client, job)
            assert record["state"] == "cancelled"
            found = results_of(await client.ask("GET", f"/jobs/{job}/results"))
            assert len(found) == record["done"]
            assert (await client.ask("DELETE", f"/jobs/{job}")).status == 204
            assert (await client.ask("GET", f"/jobs/{job}")).status == 404
            assert names_in(tmp_path) == []

    asyncio.run(scenario())


class Picky(FakeModel):
    def embed(self, inputs: Sequence[Input]) -> tuple[list[bytes], int]:
        if "bad" in inputs:
            raise ModelError(400, "not this one")
        return super().embed(inputs)


def test_an_input_that_the_model_refuses_spoils_no_other(tmp_path: Path) -> None:
    async def scenario() -> None:
        loader = Loader(Picky)
        deps = replace(Recorder().deps(), models=[FAKE], hosting=loader, jobs_dir=tmp_path)
        async with running(deps) as client:
            job = (await client.ask("POST", "/jobs", lines("a", "bad", "ccc"))).json["id"]
            record = await ended(client, job)
            assert (record["state"], record["done"], record["failed"]) == ("done", 3, 1)
            found = results_of(await client.ask("GET", f"/jobs/{job}/results"))
            assert [line["index"] for line in found] == [0, 1, 2]
            assert found[1] == {"index": 1, "error": "not this one"}

    asyncio.run(scenario())


def test_a_model_that_does_not_load_fails_the_job_and_no_other(tmp_path: Path) -> None:
    async def scenario() -> None:
        loader = Loader()
        loader.failure = "no such file"
        async with engine(tmp_path, loader) as client:
            job = (await client.ask("POST", "/jobs", lines("a"))).json["id"]
            record = await ended(client, job)
            assert (record["state"], record["error"]) == ("failed", "no such file")
            loader.failure = None
            job = (await client.ask("POST", "/jobs", lines("a"))).json["id"]
            assert (await ended(client, job))["state"] == "done"

    asyncio.run(scenario())


def test_no_more_than_a_few_are_taken_at_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        loader = Loader()
        loader.go_on.clear()
        async with engine(tmp_path, loader) as client:
            for _ in range(MAX_UNFINISHED):
                assert (await client.ask("POST", "/jobs", lines("a"))).status == 202
            refused = await client.ask("POST", "/jobs", lines("a"))
            assert (refused.status, refused.code) == (429, "queue_full")
            loader.go_on.set()

    asyncio.run(scenario())


def test_those_that_come_at_once_are_counted_before_they_are_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        loader = Loader()
        loader.go_on.clear()
        async with engine(tmp_path, loader) as client:
            asks = [client.ask("POST", "/jobs", lines("a")) for _ in range(MAX_UNFINISHED + 2)]
            answers = await asyncio.gather(*asks)
            assert sorted(one.status for one in answers) == [202] * MAX_UNFINISHED + [429] * 2
            loader.go_on.set()

    asyncio.run(scenario())


def test_a_job_whose_record_can_not_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_document: object, file: IO[str]) -> None:
        file.write("{")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ai_engine.jobs.store.json.dump", full)
    asyncio.run(refused_for_want_of_space(tmp_path))
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    ("query", "body", "status", "says"),
    [
        ("", b"", 400, "empty"),
        ("", b"\n \n", 400, "empty"),
        ("", b'{"input":"a"}\nhello', 400, "Line 2"),
        ("", b'{"input":"a"}\n[1]', 400, "Line 2"),
        ("", b'{"input":""}', 400, "Line 1"),
        ("", b'{"input":[]}', 400, "Line 1"),
        ("", b'{"input":NaN}', 400, "Line 1"),
        ("", b'{"input":"\\ud800"}', 400, "Line 1"),
        ("", b"\n".join([b"{}"] * 50_001), 400, "50001"),
        ("?model=other", b'{"input":"a"}', 404, "other"),
        ("?dimensions=0", b'{"input":"a"}', 400, "dimensions"),
        ("?dimensions=x", b'{"input":"a"}', 400, "dimensions"),
        ("?encoding_format=hex", b'{"input":"a"}', 400, "encoding_format"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_kept(
    tmp_path: Path, query: str, body: bytes, status: int, says: str
) -> None:
    async def scenario() -> None:
        async with engine(tmp_path, Loader()) as client:
            answer = await client.ask("POST", f"/jobs{query}", body)
            assert answer.status == status
            assert says in answer.json["error"]["message"]
            assert names_in(tmp_path) == []

    asyncio.run(scenario())


def test_a_job_of_an_engine_that_is_gone_is_interrupted_and_its_lines_are_there(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        loader = Loader()
        loader.go_on.clear()
        async with engine(tmp_path, loader) as client, engine(tmp_path, Loader()) as other:
            job = (await client.ask("POST", "/jobs", lines("a"))).json["id"]
            seen = (await other.ask("GET", f"/jobs/{job}")).json
            assert seen["state"] in ("queued", "running")  # by whoever is asked
        async with engine(tmp_path, Loader()) as later:
            record = (await later.ask("GET", f"/jobs/{job}")).json
            assert record["state"] == "interrupted"
            assert results_of(await later.ask("GET", f"/jobs/{job}/results")) == []
        loader.go_on.set()

    asyncio.run(scenario())


def test_another_engine_on_the_directory_can_call_a_job_off(tmp_path: Path) -> None:
    async def scenario() -> None:
        loader = Loader()
        loader.go_on.clear()
        async with engine(tmp_path, loader) as client, engine(tmp_path, Loader()) as other:
            job = (await client.ask("POST", "/jobs", lines(*"x" * 3 * CHUNK))).json["id"]
            assert (await other.ask("DELETE", f"/jobs/{job}")).status == 204
            loader.go_on.set()
            assert (await ended(client, job))["state"] == "cancelled"

    asyncio.run(scenario())


def test_what_ended_a_day_ago_goes(tmp_path: Path) -> None:
    store = JobStore(tmp_path, lambda: NOW)
    old = JobRecord(
        id="0" * 16, model="m", total=1, created=0, state="done", ended=NOW - KEPT_S - 1
    )
    young = JobRecord(id="1" * 16, model="m", total=1, created=0, state="done", ended=NOW - KEPT_S)
    for record in (old, young):
        store.begin(record).close()
    store.sweep()
    assert [one.id for one in store.all()] == [young.id]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"{young.id}.json",
        f"{young.id}.jsonl",
    ]


@pytest.mark.parametrize(
    "job_id", ["", "x", "../../etc/passwd", "0" * 15, "0" * 17, "A" * 16, "0" * 16]
)
def test_what_is_no_job_is_not_found(tmp_path: Path, job_id: str) -> None:
    assert JobStore(tmp_path, lambda: NOW).find(job_id) is None


@pytest.mark.parametrize("text", ["", "nothing", "[]", "{}", '{"id":1}', '{"state":"x"}'])
def test_a_broken_record_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / f"{'0' * 16}.json").write_text(text)
    assert JobStore(tmp_path, lambda: NOW).all() == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_can_not_be_written_to_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    asyncio.run(refused_for_want_of_space(tmp_path / "jobs"))


async def refused_for_want_of_space(directory: Path) -> None:
    async with engine(directory, Loader()) as client:
        answer = await client.ask("POST", "/jobs", lines("a"))
        assert (answer.status, answer.code) == (507, "no_space")


def test_a_file_in_the_way_of_the_directory_is_told(tmp_path: Path) -> None:
    (tmp_path / "jobs").write_text("")
    asyncio.run(refused_for_want_of_space(tmp_path / "jobs"))


def test_without_a_directory_there_are_no_jobs() -> None:
    async def scenario() -> None:
        async with engine(None, Loader()) as client:
            assert (await client.ask("POST", "/jobs", lines("a"))).status == 503
            assert (await client.ask("GET", "/jobs")).status == 503

    asyncio.run(scenario())
