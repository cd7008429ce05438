import asyncio

from starlette.types import Message, Receive, Scope, Send

from ai_engine.answers import JsonResponse
from ai_engine.body_limit import MAX_BODY_BYTES, BodyLimit
from tests.asgi import Answer, Client, Recorder, running

CHUNK = b"a" * 65_536


async def echo_length(scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    assert message["more_body"] is False
    await JsonResponse({"length": len(message["body"])})(scope, receive, send)


def test_a_body_of_exactly_the_limit_arrives_whole() -> None:
    client = Client(BodyLimit(echo_length), {})
    answer = asyncio.run(client.send("POST", "/", [CHUNK] * (MAX_BODY_BYTES // len(CHUNK))))
    assert answer is not None
    assert answer.json == {"length": MAX_BODY_BYTES}


def test_one_byte_more_gets_413_on_every_path_and_is_not_counted() -> None:
    async def scenario() -> None:
        async with running(Recorder().deps()) as client:
            chunks = [CHUNK] * (MAX_BODY_BYTES // len(CHUNK)) + [b"a"]
            for path in ("/input", "/stop", "/nothing"):
                answer = await client.send("POST", path, chunks)
                assert answer is not None
                assert (answer.status, answer.code) == (413, "too_large")
            assert (await client.ask("GET", "/status")).json["count"] == 0

    asyncio.run(scenario())


def test_what_is_over_the_limit_is_read_to_its_end_before_the_answer() -> None:
    read: list[int] = []
    answers: list[Message] = []

    async def receive() -> Message:
        read.append(len(answers))
        return {"type": "http.request", "body": CHUNK, "more_body": len(read) < 1_000}

    async def send(message: Message) -> None:
        answers.append(message)

    asyncio.run(BodyLimit(echo_length)({"type": "http"}, receive, send))
    assert read == [0] * 1_000
    assert answers[0]["status"] == 413


def test_a_body_that_stalls_over_the_limit_is_answered_and_then_dropped() -> None:
    answers: list[Message] = []
    closed = asyncio.Event()
    chunks = [b"a" * 11]

    async def receive() -> Message:
        if chunks:
            return {"type": "http.request", "body": chunks.pop(), "more_body": True}
        await closed.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        answers.append(message)
        if not message.get("more_body", message["type"] == "http.response.start"):
            closed.set()

    limit = BodyLimit(echo_length, limit=10, linger=0.01)
    asyncio.run(asyncio.wait_for(limit({"type": "http"}, receive, send), 5))
    assert answers[0]["status"] == 413
    assert (b"connection", b"close") in answers[0]["headers"]


def test_a_client_that_leaves_in_its_body_is_not_answered() -> None:
    async def scenario() -> Answer | None:
        async with running(Recorder().deps()) as client:
            return await client.send("POST", "/input", [b'{"inp'], leaves=True)

    assert asyncio.run(scenario()) is None
