"""Chat and completions with a tiny llama: what it says is nonsense, how it says it is real."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from ai_engine.models.catalog import ModelSpec
from ai_engine.models.llama import PROMPT_BATCH
from tests.asgi import Client, Recorder, running
from tests.counting import Counting, counting
from tests.gguf_files import tiny_llama_bytes, written
from tools.tiny_gguf import WORDS

CHAT = "/v1/chat/completions"
COMPLETE = "/v1/completions"
HELLO = [{"role": "user", "content": "hello"}]
WORDS_ONLY = "root ::= [a-z ]+"

__all__ = ["counting"]


def with_llama(directory: Path, scenario: Callable[[Client], Awaitable[None]]) -> None:
    spec = ModelSpec(name="tiny", path=written(directory, "tiny.gguf", tiny_llama_bytes()))

    async def run() -> None:
        async with running(Recorder().deps(models=[spec])) as client:
            await scenario(client)

    asyncio.run(run())


def body(**members: object) -> bytes:
    return json.dumps(members).encode()


def events(text: bytes) -> list[Any]:
    parts = text.decode().split("\n\n")
    assert parts.pop() == ""
    assert all(part.startswith("data: ") for part in parts)
    assert parts.pop() == "data: [DONE]"
    return [json.loads(part.removeprefix("data: ")) for part in parts]


def test_a_chat_is_answered_whole(tmp_path: Path) -> None:
    async def scenario(client: Client) -> None:
        sent = body(messages=HELLO, max_tokens=8, model="TINY", grammar=WORDS_ONLY)
        answer = (await client.ask("POST", CHAT, sent)).json
        assert (answer["object"], answer["model"]) == ("chat.completion", "tiny")
        [choice] = answer["choices"]
        assert choice["message"]["role"] == "assistant"
        assert choice["message"]["content"]
        assert choice["finish_reason"] in ("length", "stop")
        assert 0 < answer["usage"]["completion_tokens"] <= 8
        assert answer["usage"]["prompt_tokens"] > 8

    with_llama(tmp_path, scenario)


def test_a_chat_is_streamed_with_usage_if_wanted(tmp_path: Path) -> None:
    async def scenario(client: Client) -> None:
        sent = {"messages": HELLO, "max_tokens": 8, "stream": True, "grammar": WORDS_ONLY}
        answer = await client.ask("POST", CHAT, body(**sent))
        assert answer.headers["content-type"].startswith("text/event-stream")
        chunks = events(answer.body)
        assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
        assert {chunk["model"] for chunk in chunks} == {"tiny"}
        deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
        assert deltas[0]["role"] == "assistant"
        assert "".join(one.get("content") or "" for one in deltas)
        assert [chunk["choices"][0]["finish_reason"] for chunk in chunks][-1] in ("length", "stop")
        assert not any("usage" in chunk for chunk in chunks)
        wanting = body(**sent, stream_options={"include_usage": True})
        last = events((await client.ask("POST", CHAT, wanting)).body)[-1]
        assert last["choices"] == []
        assert 0 < last["usage"]["completion_tokens"] <= 8

    with_llama(tmp_path, scenario)


def test_a_prompt_is_gone_on_with(tmp_path: Path) -> None:
    async def scenario(client: Client) -> None:
        sent = {"prompt": "the", "max_tokens": 6, "grammar": WORDS_ONLY}
        answer = (await client.ask("POST", COMPLETE, body(**sent))).json
        assert answer["object"] == "text_completion"
        assert answer["choices"][0]["text"]
        assert 0 < answer["usage"]["completion_tokens"] <= 6
        chunks = events((await client.ask("POST", COMPLETE, body(**sent, stream=True))).body)
        assert "".join(chunk["choices"][0]["text"] for chunk in chunks)

    with_llama(tmp_path, scenario)


def test_a_stop_word_ends_it(tmp_path: Path) -> None:
    async def scenario(client: Client) -> None:
        sent = body(prompt="the", max_tokens=200, stop=["ab"], grammar='root ::= "xxaby" [a-z]*')
        [choice] = (await client.ask("POST", COMPLETE, sent)).json["choices"]
        assert (choice["text"], choice["finish_reason"]) == ("xx", "stop")

    with_llama(tmp_path, scenario)


@pytest.mark.parametrize(
    ("path", "members"),
    [
        (CHAT, {}),
        (CHAT, {"messages": []}),
        (CHAT, {"messages": "hello"}),
        (CHAT, {"messages": [5]}),
        (CHAT, {"messages": [{"role": "user", "content": 5}]}),
        (CHAT, {"messages": [{"role": "user", "content": "a\ud800"}]}),
        (CHAT, {"messages": HELLO, "max_tokens": "many"}),
        (CHAT, {"messages": HELLO, "n": 2}),
        (CHAT, {"messages": HELLO, "stream": "yes"}),
        (CHAT, {"messages": HELLO, "stream_options": 5}),
        (CHAT, {"messages": [{"role": "user", "content": "hello " * 600}]}),
        (CHAT, {"messages": HELLO, "grammar": "root ::= ("}),
        (COMPLETE, {}),
        (COMPLETE, {"prompt": ""}),
        (COMPLETE, {"prompt": 5}),
        ("/v1/embeddings", {"input": "a"}),
        ("/v1/rerank", {"query": "a", "documents": ["b"]}),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_wrong_is_400_whole_or_streamed(
    tmp_path: Path, path: str, members: dict[str, object], stream: bool
) -> None:
    async def scenario(client: Client) -> None:
        answer = await client.ask("POST", path, body(**{"stream": stream, **members}))
        assert (answer.status, answer.headers["content-type"]) == (400, "application/json")
        assert answer.json["error"]["message"]
        sent = body(messages=HELLO, max_tokens=1)
        assert (await client.ask("POST", CHAT, sent)).status == 200

    with_llama(tmp_path, scenario)


class Taker:
    """Takes pieces of an answer until ``wants`` no more."""

    def __init__(self, wants: Callable[[dict[str, Any]], bool]) -> None:
        self._wants = wants

    def put(self, chunk: dict[str, Any]) -> bool:
        return not self._wants(chunk)

    def when_left(self, call: Callable[[], None]) -> None:
        """Nobody leaves."""


def test_who_is_told_to_stop_makes_at_most_two_tokens_more(counting: Counting) -> None:
    """Of several tries the best: where others work too, who takes does not always keep up."""
    sent = {"prompt": "the", "max_tokens": 400, "grammar": WORDS_ONLY, "ignore_eos": True}
    more: list[int] = []
    for _ in range(10):
        taken: list[str] = []

        def wants(chunk: dict[str, Any], taken: list[str] = taken) -> bool:
            taken.extend(choice["text"] for choice in chunk["choices"] if choice["text"])
            return len(taken) < 20

        before = counting.tokens()
        counting.model.complete(sent, Taker(wants))
        more.append(counting.tokens() - before - 20)
        if more[-1] <= 2:
            break
    assert 0 <= min(more) <= 2, more


def test_who_leaves_before_the_first_token_costs_one_batch_of_the_prompt(
    counting: Counting,
) -> None:
    """The best of several tries, too; each with a prompt that nobody has read before."""
    cost: list[tuple[int, int]] = []
    for word in WORDS[:40]:
        seen: list[dict[str, int]] = []

        def leave(chunk: dict[str, Any], seen: list[dict[str, int]] = seen) -> bool:
            seen.append(chunk["prompt_progress"])
            return False

        sent = {"prompt": f"{word} " * 1000, "max_tokens": 400}
        before = counting.tokens()
        counting.model.complete(sent, Taker(leave))
        assert seen.pop(0)["processed"] < PROMPT_BATCH
        written_more = counting.tokens() - before
        seen.clear()
        counting.model.complete(sent, Taker(leave))
        # What it had read of the prompt when it was stopped.
        cost.append((written_more, seen[0]["cache"]))
        if cost[-1][0] <= 0 and cost[-1][1] <= PROMPT_BATCH:
            return
    raise AssertionError(cost)
