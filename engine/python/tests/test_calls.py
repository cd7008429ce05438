import asyncio
import signal
import socket
import stat
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ai_engine.call_server import MAX_CALLS, CallServer
from ai_engine.frames import BYTES, CALL, ERROR, JSON, RESULT, encode
from ai_engine.functions import Functions
from ai_engine.samples import echo
from tests.frame_client import Caller, call_frame
from tests.process import engine


class Work:
    """Functions that wait for the test."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = asyncio.Event()
        self.was_cancelled = asyncio.Event()
        self.thread_name = ""
        self.functions = Functions()
        for function in (self.forever, self.in_thread, self.breaks):
            self.functions.add(function)
        self.functions.add(echo, quick=True)

    async def forever(self) -> None:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.was_cancelled.set()

    def in_thread(self) -> str:
        self.thread_name = threading.current_thread().name
        assert self.go.wait(20)
        return "done"

    def breaks(self) -> None:
        raise KeyError("gone")


@asynccontextmanager
async def served(path: Path, functions: Functions) -> AsyncIterator[CallServer]:
    server = CallServer(functions)
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(str(path))
    await server.start(bound.detach())
    yield server
    async with asyncio.timeout(20):
        await server.close()


def run(path: Path, scene: Callable[[Work, CallServer, Caller], Awaitable[None]]) -> None:
    async def play() -> None:
        work = Work()
        async with served(path, work.functions) as server:
            caller = await Caller.connect(path)
            try:
                await scene(work, server, caller)
            finally:
                work.go.set()
                caller.close()

    asyncio.run(play())


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "calls.sock"


def test_calls_are_answered_json_and_raw(path: Path) -> None:
    async def scene(_work: Work, _server: CallServer, caller: Caller) -> None:
        answer = await caller.ask(5, "echo", {"a": 1})
        assert (answer.kind, answer.form, answer.id, answer.value) == (RESULT, JSON, 5, {"a": 1})
        raw = bytes(range(256)) * 1000
        answer = await caller.ask(6, "echo", raw)
        assert (answer.form, answer.id, answer.body) == (BYTES, 6, raw)

    run(path, scene)


def test_errors_say_why(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async def scene(_work: Work, _server: CallServer, caller: Caller) -> None:
        answer = await caller.ask(1, "nothing")
        assert answer.value["functions"] == ["breaks", "echo", "forever", "in_thread"]
        assert (await caller.ask(2, "breaks", {"x": 1})).value["code"] == "bad_argument"
        answer = await caller.ask(3, "breaks", {})
        assert answer.kind == ERROR
        assert answer.value == {"code": "failed", "message": "'gone'", "type": "KeyError"}

    run(path, scene)
    assert "KeyError: 'gone'" in capfd.readouterr().err


def test_a_slow_function_in_a_thread_holds_up_no_other_call(path: Path) -> None:
    async def scene(work: Work, _server: CallServer, caller: Caller) -> None:
        caller.call(1, "in_thread", {})
        assert (await caller.ask(2, "echo", "x")).id == 2
        work.go.set()
        answer = await caller.answer()
        assert (answer.id, answer.value) == (1, "done")
        assert work.thread_name.startswith("call")

    run(path, scene)


def test_a_call_that_is_taken_back_is_cancelled_and_answered_once(path: Path) -> None:
    async def scene(work: Work, _server: CallServer, caller: Caller) -> None:
        for number, name in ((1, "forever"), (2, "in_thread")):
            caller.call(number, name, {})
            await caller.ask(9, "echo", "begun")
            caller.cancel(number)
            answer = await caller.answer()
            assert (answer.id, answer.value["code"]) == (number, "cancelled")
        assert work.was_cancelled.is_set()
        caller.cancel(1)  # answered already: of no effect
        assert (await caller.ask(3, "echo", 3)).id == 3

    run(path, scene)


def test_a_caller_that_leaves_takes_its_calls_with_it(path: Path) -> None:
    async def scene(work: Work, _server: CallServer, caller: Caller) -> None:
        caller.call(1, "forever", {})
        await work.begun.wait()
        caller.close()
        async with asyncio.timeout(20):
            await work.was_cancelled.wait()

    run(path, scene)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="garbage"),
        pytest.param(call_frame(1, "forever", {}) * 2, id="one id twice"),
        pytest.param(
            b"".join(call_frame(n + 1, "forever", {}) for n in range(MAX_CALLS + 1)),
            id="too many calls",
        ),
        pytest.param(encode(CALL, JSON, 1, b"\x40x"), id="a name cut off"),
    ],
)
def test_a_caller_that_breaks_the_protocol_is_cut_off(
    path: Path, data: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    async def scene(_work: Work, server: CallServer, caller: Caller) -> None:
        caller.writer.write(data)
        assert await caller.is_cut_off()
        other = await Caller.connect(path)
        assert (await other.ask(1, "echo", "alive")).value == "alive"
        other.close()
        assert not server.is_closing

    run(path, scene)
    assert "a caller was cut off" in capfd.readouterr().err


def test_one_who_does_not_read_is_not_read_either(path: Path) -> None:
    async def scene(_work: Work, _server: CallServer, caller: Caller) -> None:
        other = await Caller.connect(path)
        big = "x" * 100_000
        for number in range(1, 200):
            caller.call(number, "echo", big)
        assert (await other.ask(1, "echo", "served")).value == "served"
        for number in range(1, 200):
            assert (await caller.answer()).id == number
        other.close()

    run(path, scene)


def test_a_close_waits_for_what_runs_and_refuses_the_rest(path: Path) -> None:
    async def scene(work: Work, server: CallServer, caller: Caller) -> None:
        caller.call(1, "in_thread", {})
        await caller.ask(2, "echo", "begun")
        closing = asyncio.create_task(server.close())
        await asyncio.sleep(0)
        assert (await caller.ask(3, "echo", "late")).value["code"] == "stopping"
        assert not closing.done()
        work.go.set()
        assert (await caller.answer()).value == "done"
        await closing

    run(path, scene)


def test_the_process_serves_both_sockets_and_removes_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = tmp_path / "frames.sock"
    monkeypatch.setenv("AI_ENGINE_FRAMES", str(frames))
    with engine(tmp_path / "engine.sock") as running:
        assert stat.S_IMODE(frames.stat().st_mode) == 0o600

        async def ask() -> object:
            caller = await Caller.connect(frames)
            answer = await caller.ask(1, "cosine", {"a": [3, 4], "b": [3, 4]})
            caller.close()
            return answer.value

        assert asyncio.run(ask()) == 1
        running.process.send_signal(signal.SIGTERM)
        assert running.wait() == 0
        assert list(tmp_path.iterdir()) == []
        assert running.output() == {"out": "stopped after 0 inputs\n", "err": ""}


def test_a_socket_for_calls_that_can_not_be_had_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AI_ENGINE_FRAMES", str(tmp_path / "missing" / "frames.sock"))
    with pytest.raises(AssertionError), engine(tmp_path / "engine.sock"):
        pass
    assert list(tmp_path.iterdir()) == []
