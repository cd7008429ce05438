import asyncio
import marshal

import pytest

from tests.asgi import Client, Recorder, running


async def reply_slowly_seen(text: str) -> str:
    for _ in range(100):
        sum(range(1000))
    return text


def names(profile: bytes) -> set[str]:
    return {function for (_, _, function) in marshal.loads(profile)}


def test_a_profile_names_what_ran_meanwhile() -> None:
    async def scenario() -> None:
        async with running(Recorder().deps(reply_slowly_seen)) as client:
            taken = asyncio.create_task(client.ask("POST", "/profile?seconds=1"))
            await asyncio.sleep(0)
            await client.ask("POST", "/input", b'{"input":"x"}')
            answer = await taken
            assert answer.status == 200
            assert answer.headers["content-type"] == "application/octet-stream"
            assert "reply_slowly_seen" in names(answer.body)

    asyncio.run(scenario())


def test_one_is_taken_at_a_time_and_then_another() -> None:
    async def scenario() -> None:
        async with running(Recorder().deps()) as client:
            both = [client.ask("POST", "/profile?seconds=1") for _ in range(2)]
            assert [answer.status for answer in await asyncio.gather(*both)] == [200, 409]
            assert (await client.ask("POST", "/profile?seconds=1")).status == 200

    asyncio.run(scenario())


@pytest.mark.parametrize("seconds", ["0", "61", "1000", "-1", "1.5", "x", "", "\u0661"])
def test_a_time_that_is_none_is_refused(seconds: str) -> None:
    async def scenario(client: Client) -> None:
        answer = await client.ask("POST", f"/profile?seconds={seconds}")
        assert (answer.status, answer.code) == (400, "bad_request")

    async def run() -> None:
        async with running(Recorder().deps()) as client:
            await scenario(client)

    asyncio.run(run())


def test_a_profile_keeps_the_engine_not_busy() -> None:
    async def scenario() -> None:
        async with running(Recorder().deps()) as client:
            taken = asyncio.create_task(client.ask("POST", "/profile?seconds=1"))
            await asyncio.sleep(0)
            assert (await client.ask("GET", "/status")).json["busy"] is False
            await taken

    asyncio.run(scenario())
