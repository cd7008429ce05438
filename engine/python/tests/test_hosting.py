"""Models in processes of their own: what waits for them, and what is left of them."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ai_engine.models.catalog import ModelSpec
from ai_engine.models.hosting import HostedModel, Hosting, describe_end
from ai_engine.models.model import LoadError, ModelError
from tests.asgi import Recorder, running
from tests.gguf_files import box_spec, split_llama, tiny_llama_bytes, written
from tests.process import PATIENCE_S, Engine, children_of, engine

EMBEDDINGS = "/v1/embeddings"


@contextmanager
def loading_forever(directory: Path) -> Iterator[Engine]:
    """An engine whose llama.cpp waits, within a load, for what nobody writes."""
    first, second = split_llama(directory)
    second.unlink()
    os.mkfifo(second)
    environment = {"AI_ENGINE_MODEL_PATH": str(first)}
    with engine(directory / "engine.sock", environment=environment, says=["loading"]) as slow:
        deadline = time.monotonic() + PATIENCE_S
        while not any(map(waits_for_writer, children_of(slow))):
            assert time.monotonic() < deadline, "llama.cpp does not open the second part"
            time.sleep(0.01)
        yield slow


def waits_for_writer(pid: int) -> bool:
    """Whether a thread of a process opens a pipe that nobody writes."""
    where = [one / "wchan" for one in Path(f"/proc/{pid}/task").iterdir()]
    return any(one.read_text() == "wait_for_partner" for one in where)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_dead(pids: list[int]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while any(map(is_alive, pids)):
        assert time.monotonic() < deadline, "it is still there"
        time.sleep(0.005)


def test_health_and_status_are_answered_within_a_second_during_a_load(tmp_path: Path) -> None:
    with loading_forever(tmp_path) as slow:
        for _ in range(20):
            began = time.monotonic()
            assert slow.ask("GET", "/health") == (503, {"status": "loading"})
            [model] = slow.ask("GET", "/status")[1]["models"]
            assert model["state"] == "loading"
            assert time.monotonic() - began < 1


def test_a_stop_during_a_load_ends_it_and_leaves_nothing(tmp_path: Path) -> None:
    with loading_forever(tmp_path) as slow:
        processes = children_of(slow)
        assert processes
        assert slow.ask("POST", "/stop") == (200, {"status": "stopping"})
        assert slow.wait() == 0
        assert not any(map(is_alive, processes))
        assert not list(tmp_path.glob("*.sock"))


def test_with_an_engine_that_is_killed_during_a_load_its_model_ends(tmp_path: Path) -> None:
    with loading_forever(tmp_path) as slow:
        processes = children_of(slow)
        assert processes
        slow.process.kill()
        wait_until_dead(processes)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_with_an_engine_that_is_ended_its_loaded_model_ends(tmp_path: Path, number: int) -> None:
    box_spec()
    with engine(tmp_path / "engine.sock") as holding:
        assert holding.ask("POST", EMBEDDINGS, b'{"input":"a"}')[0] == 200
        processes = children_of(holding)
        assert len(processes) == 1
        holding.process.send_signal(number)
        assert holding.wait() == (0 if number != signal.SIGKILL else -number)
        wait_until_dead(processes)


def test_signals_for_all_of_a_group_are_left_to_the_engine(tmp_path: Path) -> None:
    box_spec()
    with engine(tmp_path / "engine.sock") as holding:
        assert holding.ask("POST", EMBEDDINGS, b'{"input":"a"}')[0] == 200
        [process] = children_of(holding)
        for number in (signal.SIGTERM, signal.SIGINT):
            os.kill(process, number)
        assert holding.ask("POST", EMBEDDINGS, b'{"input":"a"}')[0] == 200
        assert children_of(holding) == [process]


def test_a_model_whose_process_is_killed_is_told_and_loaded_anew(tmp_path: Path) -> None:
    box = box_spec()
    with engine(tmp_path / "engine.sock") as holding:
        assert holding.ask("POST", EMBEDDINGS, b'{"input":"a"}')[0] == 200
        [process] = children_of(holding)
        os.kill(process, signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE_S
        while holding.ask("GET", "/status")[1]["models"][0]["state"] != "unloaded":
            assert time.monotonic() < deadline
        assert holding.ask("POST", EMBEDDINGS, b'{"input":"a"}')[0] == 200
        assert children_of(holding) != [process]
        assert holding.ask("POST", "/stop")[0] == 200
        assert holding.wait() == 0
        lost = f"lost {box.path}: llama.cpp's process was ended by SIGKILL\n"
        assert lost in holding.output()["out"]


def test_an_engine_that_is_for_a_model_ends_with_its_process(tmp_path: Path) -> None:
    path = written(tmp_path, "tiny.gguf", tiny_llama_bytes())
    environment = {"AI_ENGINE_MODEL_PATH": str(path)}
    with engine(tmp_path / "engine.sock", environment=environment, says=["loading"]) as needing:
        deadline = time.monotonic() + PATIENCE_S
        while needing.ask("GET", "/health")[0] != 200:
            assert time.monotonic() < deadline
        [process] = children_of(needing)
        os.kill(process, signal.SIGABRT)
        assert needing.wait() == 1
        last = needing.output()["err"].splitlines()[-1]
        assert last == f"lost {path}: llama.cpp's process was ended by SIGABRT"
        assert not (tmp_path / "engine.sock").exists()


def test_who_waits_for_a_model_that_is_lost_is_told_why(tmp_path: Path) -> None:
    spec = ModelSpec(name="tiny", path=written(tmp_path, "tiny.gguf", tiny_llama_bytes(8192)))
    sent = {"prompt": "the", "max_tokens": 8000, "ignore_eos": True}

    async def scenario() -> None:
        async with running(Recorder().deps(models=[spec])) as client:
            asking = asyncio.create_task(
                client.ask("POST", "/v1/completions", json.dumps(sent).encode())
            )
            while not (await client.ask("GET", "/status")).json["models"][0]["runs"]:
                model = client.model("tiny")
                if isinstance(model, HostedModel):
                    os.kill(model.pid, signal.SIGKILL)
                    break
                await asyncio.sleep(0.005)
            answer = await asking
            assert (answer.status, answer.code) == (500, "model_crashed")
            assert "was ended by SIGKILL" in answer.json["error"]["message"]

    asyncio.run(scenario())


def test_a_closed_host_has_no_process_and_starts_none(tmp_path: Path) -> None:
    spec = ModelSpec(name="tiny", path=written(tmp_path, "tiny.gguf", tiny_llama_bytes()))
    hosting = Hosting()
    model = hosting.load(spec)
    hosting.close()
    assert model.gone.result() is None
    assert not is_alive(model.pid)
    hosting.close()
    model.close()
    with pytest.raises(ModelError, match="was called off"):
        model.embed(["a"])
    with pytest.raises(LoadError, match="the engine ends"):
        hosting.load(spec)


def test_a_process_that_ends_says_how() -> None:
    assert describe_end(3) == "llama.cpp's process ended with code 3"
    assert describe_end(-6) == "llama.cpp's process was ended by SIGABRT"
    assert describe_end(-200) == "llama.cpp's process was ended by signal 200"
