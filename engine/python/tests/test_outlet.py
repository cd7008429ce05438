import asyncio
from typing import Any

import pytest

from ai_engine.models.collect import Collected
from ai_engine.models.model import ModelError
from ai_engine.models.outlet import Outlet

START: dict[str, Any] = {"role": "assistant", "content": None}


def delta(finish: str | None = None, **members: object) -> dict[str, Any]:
    choice = {"index": 0, "delta": members, "finish_reason": finish}
    return {"id": "x", "object": "chat.completion.chunk", "choices": [choice]}


def test_what_nobody_takes_grows_together() -> None:
    async def scenario() -> None:
        outlet = Outlet()
        assert outlet.put({**delta(**START), "prompt_progress": {"processed": 0}}) is False
        assert outlet.put({**delta(**START), "prompt_progress": {"processed": 9}}) is False
        assert outlet.put(delta(**START)) is False
        for number in range(10_000):
            outlet.put(delta(content=f"{number % 10}"))
        outlet.put(delta("stop"))
        outlet.put({"choices": [], "usage": {"prompt_tokens": 3}})
        outlet.end(None)
        taken = [await outlet.take() for _ in range(4)]
        assert taken[0] == delta(**START)
        assert taken[1] == delta(content="0123456789" * 1000)
        assert taken[2:] == [delta("stop"), None]
        assert outlet.usage == {"prompt_tokens": 3}

    asyncio.run(scenario())


def test_who_left_stops_it_with_the_next_piece() -> None:
    async def scenario() -> None:
        outlet = Outlet()
        assert outlet.put(delta(content="a")) is False
        outlet.leave()
        assert outlet.put(delta(content="b")) is True

    asyncio.run(scenario())


def test_an_error_is_told_when_the_work_has_ended_not_before() -> None:
    async def scenario() -> None:
        outlet = Outlet()
        beginning = asyncio.ensure_future(outlet.begin())
        outlet.put({"error": {"code": 400, "message": "too long"}})
        for _ in range(5):
            await asyncio.sleep(0)
        assert not beginning.done()
        outlet.end(None)
        with pytest.raises(ModelError, match="too long"):
            await beginning

    asyncio.run(scenario())


def test_an_error_before_the_first_piece_is_told_at_once_and_later_where_it_stands() -> None:
    async def scenario() -> None:
        error = {"error": {"code": 400, "message": "too long"}}
        early = Outlet()
        early.put(error)
        early.end(None)
        with pytest.raises(ModelError, match="too long"):
            await early.begin()
        late = Outlet()
        late.put(delta(content="a"))
        late.put(error)
        late.end(None)
        await late.begin()
        assert await late.take() == delta(content="a")
        with pytest.raises(ModelError, match="too long"):
            await late.take()

    asyncio.run(scenario())


def test_pieces_become_a_whole_with_tool_calls() -> None:
    collected = Collected()
    collected.add(delta(**START))
    collected.add(delta(reasoning_content="hm"))
    collected.add(delta(content="Hel"))
    collected.add(delta(content="lo"))
    call = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}
    collected.add(delta(tool_calls=[call]))
    for part in ('{"a":', "1}"):
        collected.add(delta(tool_calls=[{"index": 0, "function": {"arguments": part}}]))
    collected.add(delta("tool_calls"))
    answer = collected.answer({"total_tokens": 5})
    assert answer["object"] == "chat.completion"
    assert answer["usage"] == {"total_tokens": 5}
    function = {"name": "f", "arguments": '{"a":1}'}
    assert answer["choices"] == [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "logprobs": None,
            "message": {
                "role": "assistant",
                "content": "Hello",
                "reasoning_content": "hm",
                "tool_calls": [{"id": "c", "type": "function", "function": function}],
            },
        }
    ]
