import asyncio
import json

import pytest

from tests.asgi import Recorder, running

HELLO = b'{"input":"hello"}'


def test_health_is_ok() -> None:
    async def scenario() -> None:
        async with running(Recorder().deps()) as client:
            answer = await client.ask("GET", "/health")
            assert (answer.status, answer.json) == (200, {"status": "ok"})
            assert answer.headers["content-type"] == "application/json"

    asyncio.run(scenario())


def test_status_tells_count_uptime_and_time() -> None:
    async def scenario() -> None:
        recorder = Recorder()
        async with running(recorder.deps()) as client:
            await client.ask("POST", "/input", HELLO)
            recorder.seconds += 2.5
            assert (await client.ask("GET", "/status")).json == {
                "status": "running",
                "count": 1,
                "uptime": 2.5,
                "busy": False,
                "models": [],
                "jobs": 0,
                "timestamp": 1234567890.5,
            }

    asyncio.run(scenario())


def test_an_input_is_answered_and_counted() -> None:
    async def scenario() -> None:
        async with running(Recorder().deps()) as client:
            for count in (1, 2, 3):
                answer = await client.ask("POST", "/input", HELLO)
                assert answer.status == 200
                assert answer.json == {
                    "input": "hello",
                    "message": "You said: hello",
                    "count": count,
                    "timestamp": 1234567890.5,
                }

    asyncio.run(scenario())


@pytest.mark.parametrize("text", ["", "é😀", "\ud800", "\x00", "</script>"])
def test_any_text_comes_back_as_it_was(text: str) -> None:
    async def scenario() -> None:
        async with running(Recorder().deps()) as client:
            answer = await client.ask("POST", "/input", json.dumps({"input": text}).encode())
            assert answer.json["input"] == text
            assert answer.json["message"] == f"You said: {text}"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "bad_input"),
        (b"null", 422, "bad_input"),
        (b"[]", 422, "bad_input"),
        (b'"hello"', 422, "bad_input"),
        (b"{}", 422, "bad_input"),
        (b'{"input":1}', 422, "bad_input"),
        (b'{"input":null}', 422, "bad_input"),
        (b'{"input":["hello"]}', 422, "bad_input"),
        (b"hello", 400, "bad_request"),
        (b'{"input":"hello"', 400, "bad_request"),
        (b'{"input":NaN}', 400, "bad_request"),
        (b'{"input":"\xff"}', 400, "bad_request"),
        (b"\xef\xbb\xbf" + HELLO, 400, "bad_request"),
        ('{"input":"hello"}'.encode("utf-16"), 400, "bad_request"),
        (b"[" * 100_000, 400, "bad_request"),
    ],
)
def test_a_wrong_input_gets_an_error_and_no_count(body: bytes, status: int, code: str) -> None:
    async def scenario() -> None:
        async with running(Recorder().deps()) as client:
            answer = await client.ask("POST", "/input", body)
            assert (answer.status, answer.code) == (status, code)
            assert (await client.ask("GET", "/status")).json["count"] == 0

    asyncio.run(scenario())


def test_a_very_long_number_beside_the_input_is_no_fault() -> None:
    async def scenario() -> None:
        async with running(Recorder().deps()) as client:
            body = b'{"input":"hello","n":' + b"9" * 5_000 + b"}"
            assert (await client.ask("POST", "/input", body)).status == 200

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/health", "GET, HEAD"),
        ("DELETE", "/status", "GET, HEAD"),
        ("GET", "/input", "POST"),
        ("GET", "/stop", "POST"),
    ],
)
def test_a_wrong_method_gets_405_and_changes_nothing(method: str, path: str, allow: str) -> None:
    async def scenario() -> None:
        recorder = Recorder()
        async with running(recorder.deps()) as client:
            answer = await client.ask(method, path)
            assert (answer.status, answer.code) == (405, "method_not_allowed")
            assert answer.headers["allow"] == allow
            assert recorder.stops == 0

    asyncio.run(scenario())


@pytest.mark.parametrize("path", ["/", "/health/", "//health", "/nothing", "*"])
def test_an_unknown_path_gets_404(path: str) -> None:
    async def scenario() -> None:
        async with running(Recorder().deps()) as client:
            answer = await client.ask("GET", path)
            assert (answer.status, answer.code) == (404, "not_found")

    asyncio.run(scenario())


def test_stop_answers_and_asks_the_server_to_end() -> None:
    async def scenario() -> None:
        recorder = Recorder()
        async with running(recorder.deps()) as client:
            answer = await client.ask("POST", "/stop")
            assert (answer.status, answer.json) == (200, {"status": "stopping"})
            assert answer.headers["connection"] == "close"
            assert recorder.stops == 1

    asyncio.run(scenario())


def test_the_engine_is_busy_while_it_works_on_an_input() -> None:
    async def scenario() -> None:
        began, go_on = asyncio.Event(), asyncio.Event()

        async def slow(text: str) -> str:
            began.set()
            await go_on.wait()
            return text

        async with running(Recorder().deps(reply=slow)) as client:
            answering = asyncio.create_task(client.ask("POST", "/input", HELLO))
            await began.wait()
            assert (await client.ask("GET", "/status")).json["busy"] is True
            go_on.set()
            await answering
            assert (await client.ask("GET", "/status")).json["busy"] is False

    asyncio.run(scenario())


def test_a_crash_gets_500_and_is_neither_counted_nor_busy_afterwards() -> None:
    async def scenario() -> None:
        async def crash(_text: str) -> str:
            raise RuntimeError("boom")

        async with running(Recorder().deps(reply=crash)) as client:
            answer = await client.ask("POST", "/input", HELLO)
            assert isinstance(client.raised, RuntimeError)
            assert (answer.status, answer.code) == (500, "internal")
            assert "boom" not in answer.json["error"]["message"]
            status = (await client.ask("GET", "/status")).json
            assert (status["count"], status["busy"]) == (0, False)

    asyncio.run(scenario())


def test_two_apps_share_nothing() -> None:
    async def scenario() -> None:
        async with running(Recorder().deps()) as one, running(Recorder().deps()) as other:
            await one.ask("POST", "/input", HELLO)
            assert (await one.ask("GET", "/status")).json["count"] == 1
            assert (await other.ask("GET", "/status")).json["count"] == 0

    asyncio.run(scenario())


def test_shut_down_says_how_many_inputs_were_answered() -> None:
    async def scenario() -> None:
        recorder = Recorder()
        async with running(recorder.deps()) as client:
            await client.ask("POST", "/input", HELLO)
            assert recorder.said == []
        assert recorder.said == ["stopped after 1 inputs"]

    asyncio.run(scenario())
