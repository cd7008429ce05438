import asyncio
import base64
import json
import struct
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ai_engine.models.embedding import Shape, embed
from ai_engine.models.resident import Resident
from ai_engine.routes.embeddings import MAX_INPUTS
from tests.asgi import Client, Recorder, running
from tests.fake_model import FAKE, Loader, until
from tests.gguf_files import box_spec

PATH = "/v1/embeddings"


def with_fake(scenario: Callable[[Client, Loader], Awaitable[None]]) -> None:
    async def run() -> None:
        load = Loader()
        async with running(Recorder().deps(models=[FAKE], hosting=load)) as client:
            await scenario(client, load)

    asyncio.run(run())


def body(**members: object) -> bytes:
    return json.dumps(members).encode()


def numbers(text: str) -> list[float]:
    data = base64.b64decode(text)
    return list(struct.unpack(f"<{len(data) // 4}f", data))


@pytest.mark.parametrize(
    ("inputs", "lengths"),
    [
        ("abc", [3]),
        (["abc", "é"], [3, 1]),
        ([1, 2, 3, 4], [4]),
        ([[1], [2, 3]], [1, 2]),
    ],
)
def test_each_kind_of_input_is_embedded(inputs: object, lengths: list[int]) -> None:
    async def scenario(client: Client, _load: Loader) -> None:
        answer = await client.ask("POST", PATH, body(input=inputs, model="Fake"))
        assert answer.status == 200
        assert answer.json == {
            "object": "list",
            "model": "fake",
            "usage": {"prompt_tokens": len(lengths), "total_tokens": len(lengths)},
            "data": [
                {"object": "embedding", "index": index, "embedding": [float(length), 0, 0, 0]}
                for index, length in enumerate(lengths)
            ],
        }

    with_fake(scenario)


def test_vectors_come_as_base64_and_cut_to_length_1() -> None:
    async def scenario(client: Client, _load: Loader) -> None:
        for members, expected in (
            ({"encoding_format": "base64"}, [2.0, 0, 0, 0]),
            ({"encoding_format": "base64", "dimensions": 3}, [1.0, 0, 0]),
        ):
            answer = await client.ask("POST", PATH, body(input="ab", **members))
            assert numbers(answer.json["data"][0]["embedding"]) == expected
        answer = await client.ask("POST", PATH, body(input="ab", dimensions=1))
        assert answer.json["data"][0]["embedding"] == [1.0]

    with_fake(scenario)


EMPTY_OR_NO_INPUT: list[object] = [
    None,
    "",
    [],
    [""],
    ["a", ""],
    [[]],
    [[1], []],
    5,
    True,
    {"a": 1},
]
NO_IDS: list[object] = [[1.5], [True], [-1], [1 << 31], ["a", 1], [[1], "a"], [[1, None]], [[[1]]]]
NO_DIMENSIONS: list[object] = [0, -1, 5, 1.0, "2", True, []]
NO_ENCODINGS: list[object] = ["hex", "", 5, [], {"a": 1}]

WRONG: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"nonsense", 400),
    (b"[]", 400),
    (b"{}", 400),
    (b'{"input":NaN}', 400),
    (b'{"input":"\xff"}', 400),
    (b"[" * 100_000, 400),
    (b'{"input":"a\\ud800"}', 400),
    (b'{"input":["a","\\udfff"]}', 400),
    (b'{"input":' + b"9" * 5000 + b"}", 400),
    *((body(input=wrong), 400) for wrong in (*EMPTY_OR_NO_INPUT, *NO_IDS)),
    (body(input=["a"] * (MAX_INPUTS + 1)), 400),
    *((body(input="a", dimensions=wrong), 400) for wrong in NO_DIMENSIONS),
    *((body(input="a", encoding_format=wrong), 400) for wrong in NO_ENCODINGS),
    (body(input="a", model="other"), 404),
    (body(input="a", model=5), 400),
]


@pytest.mark.parametrize(("sent", "status"), WRONG)
def test_what_is_wrong_gets_an_error_of_openais_shape(sent: bytes, status: int) -> None:
    async def scenario(client: Client, _load: Loader) -> None:
        answer = await client.ask("POST", PATH, sent)
        assert answer.status == status
        error: dict[str, Any] = answer.json["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert error["message"]
        assert error["type"] == "invalid_request_error"

    with_fake(scenario)


def test_half_a_pair_that_is_whole_is_no_fault() -> None:
    async def scenario(client: Client, _load: Loader) -> None:
        answer = await client.ask("POST", PATH, b'{"input":"\\ud83d\\ude00"}')
        assert answer.json["data"][0]["embedding"][0] == 1

    with_fake(scenario)


def test_many_inputs_come_in_chunks_between_which_others_have_their_turn() -> None:
    async def scenario(client: Client, load: Loader) -> None:
        answer = await client.ask("POST", PATH, body(input=["a"] * 150))
        assert [one["index"] for one in answer.json["data"]] == list(range(150))
        assert load.loaded[0].chunks == [64, 64, 22]

    with_fake(scenario)


def test_for_who_has_left_no_further_chunk_is_worked_on() -> None:
    async def scenario() -> None:
        load = Loader()
        resident = Resident(FAKE, load.load, lambda: 0.0)

        async def is_left() -> bool:
            return bool(load.loaded[0].chunks)

        await embed(resident, ["a"] * 150, Shape(), is_left)
        assert load.loaded[0].chunks == [64]

    asyncio.run(scenario())


def test_the_engine_is_busy_and_answers_while_a_model_works() -> None:
    async def scenario(client: Client, load: Loader) -> None:
        await client.ask("POST", PATH, body(input="a"))
        model = load.loaded[0]
        model.go_on.clear()
        working = asyncio.create_task(client.ask("POST", PATH, body(input="b")))
        await until(lambda: len(model.chunks) == 2)
        status = (await client.ask("GET", "/status")).json
        assert status["busy"] is True
        assert status["models"] == [
            {
                "name": "fake",
                "state": "loaded",
                "kind": "embedding",
                "bytes": None,
                "loadMs": 0,
                "runs": 1,
            }
        ]
        model.go_on.set()
        assert (await working).status == 200
        assert (await client.ask("GET", "/status")).json["busy"] is False

    with_fake(scenario)


def test_a_model_that_can_not_be_loaded_is_503_with_the_reason() -> None:
    async def scenario(client: Client, load: Loader) -> None:
        load.failure = "no memory"
        answer = await client.ask("POST", PATH, body(input="a"))
        assert (answer.status, answer.code) == (503, "model_load_failed")
        assert "no memory" in answer.json["error"]["message"]
        load.failure = None
        assert (await client.ask("POST", PATH, body(input="a"))).status == 200

    with_fake(scenario)


def test_models_are_listed_without_a_load_and_unloaded_by_name() -> None:
    async def scenario(client: Client, load: Loader) -> None:
        listed = (await client.ask("GET", "/v1/models")).json
        assert [one["id"] for one in listed["data"]] == ["fake"]
        assert load.loads == 0
        unload = ("POST", "/models/fake/unload")
        assert (await client.ask(*unload)).json == {"name": "fake", "unloaded": False}
        await client.ask("POST", PATH, body(input="a"))
        assert (await client.ask(*unload)).json == {"name": "fake", "unloaded": True}
        assert load.loaded[0].is_closed
        assert (await client.ask("POST", "/models/other/unload")).status == 404

    with_fake(scenario)


def test_without_any_model_that_is_said() -> None:
    async def scenario() -> None:
        async with running(Recorder().deps()) as client:
            answer = await client.ask("POST", PATH, body(input="a", model="x"))
            assert (answer.status, answer.code) == (404, "model_not_found")
            assert (await client.ask("GET", "/v1/models")).json["data"] == []

    asyncio.run(scenario())


def test_metrics_count() -> None:
    async def scenario(client: Client, _load: Loader) -> None:
        await client.ask("POST", PATH, body(input=["a", "b"]))
        text = (await client.ask("GET", "/metrics")).body.decode()
        assert 'ai_engine_requests_total{route="embeddings"} 1\n' in text
        assert 'ai_engine_tokens_total{kind="prompt"} 2\n' in text
        assert 'ai_engine_model_loaded{model="fake"} 1\n' in text

    with_fake(scenario)


def test_the_model_in_the_box_embeds_for_real() -> None:
    async def scenario() -> None:
        async with running(Recorder().deps(models=[box_spec()])) as client:
            texts = ["A dog runs in the park.", "A puppy plays outdoors.", "Taxes are due."]
            answer = await client.ask("POST", PATH, body(input=texts, encoding_format="base64"))
            dog, puppy, taxes = (numbers(one["embedding"]) for one in answer.json["data"])
            assert len(dog) == 384
            assert dot(dog, puppy) > 0.4 + dot(dog, taxes)
            assert dot(dog, dog) == pytest.approx(1, abs=1e-5)
            cut = await client.ask("POST", PATH, body(input=texts[0], dimensions=100))
            vector = cut.json["data"][0]["embedding"]
            assert len(vector) == 100
            assert dot(vector, vector) == pytest.approx(1, abs=1e-5)
            assert vector[7] / vector[3] == pytest.approx(dog[7] / dog[3], rel=1e-3)
            for wrong in ([30_522], [[101, 99_999, 102]]):
                assert (await client.ask("POST", PATH, body(input=wrong))).status == 400
            assert (await client.ask("POST", PATH, body(input="a", dimensions=385))).status == 400
            long = await client.ask("POST", PATH, body(input="word " * 100_000))
            assert long.json["usage"]["prompt_tokens"] == 256
            ids = await client.ask("POST", PATH, body(input=[7592] * 100_000))
            assert ids.json["usage"]["prompt_tokens"] == 256
            rerank = body(query="an animal outside", documents=[texts[2], {"text": texts[1]}])
            ranked = (await client.ask("POST", "/v1/rerank", rerank)).json["results"]
            assert [one["index"] for one in ranked] == [1, 0]
            assert (await client.ask("POST", f"/models/{box_spec().name}/unload")).status == 200

    asyncio.run(scenario())


def dot(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
