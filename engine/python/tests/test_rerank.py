import asyncio
import json
from pathlib import Path

import pytest

from ai_engine.models.catalog import ModelSpec
from tests.asgi import Client, Recorder, running
from tests.fake_model import FAKE, Loader
from tests.gguf_files import loaded_here, tiny_reranker_bytes, written

PATH = "/v1/rerank"


def body(**members: object) -> bytes:
    return json.dumps(members).encode()


def ask(*bodies: bytes) -> list[tuple[int, object]]:
    async def scenario() -> list[tuple[int, object]]:
        async with running(Recorder().deps(models=[FAKE], hosting=Loader())) as client:
            answers = [await client.ask("POST", PATH, one) for one in bodies]
            return [(answer.status, answer.json) for answer in answers]

    return asyncio.run(scenario())


def test_documents_come_sorted_by_cosine() -> None:
    found = ask(body(query="ab", documents=["a", {"text": "aaa"}, "aa"]))
    results = [
        {"index": 1, "relevance_score": 6.0},
        {"index": 2, "relevance_score": 4.0},
        {"index": 0, "relevance_score": 2.0},
    ]
    usage = {"prompt_tokens": 4, "total_tokens": 4}
    assert found == [(200, {"model": "fake", "results": results, "usage": usage})]


def test_only_the_best_and_their_texts_if_wanted() -> None:
    sent = body(query="ab", documents=["a", "aaa"], top_n=1, return_documents=True)
    [(status, answer)] = ask(sent)
    assert status == 200
    assert isinstance(answer, dict)
    assert answer["results"] == [
        {"index": 1, "relevance_score": 6.0, "document": {"text": "aaa"}},
    ]


@pytest.mark.parametrize(
    "members",
    [
        {"documents": ["a"]},
        {"query": "", "documents": ["a"]},
        {"query": 5, "documents": ["a"]},
        {"query": "a"},
        {"query": "a", "documents": []},
        {"query": "a", "documents": "a"},
        {"query": "a", "documents": [""]},
        {"query": "a", "documents": [5]},
        {"query": "a", "documents": [{"txt": "a"}]},
        {"query": "a", "documents": ["a"] * 2049},
        {"query": "a", "documents": ["a"], "top_n": 0},
        {"query": "a", "documents": ["a"], "top_n": "1"},
        {"query": "a\ud800", "documents": ["a"]},
    ],
)
def test_what_is_wrong_is_refused(members: dict[str, object]) -> None:
    [(status, _)] = ask(body(**members))
    assert status == 400


def test_a_reranker_gives_llama_cpps_own_score(tmp_path: Path) -> None:
    path = written(tmp_path, "reranker.gguf", tiny_reranker_bytes())
    spec = ModelSpec(name="reranker", path=path)
    documents = [f"the word {'and ' * length}you" for length in range(70)]

    async def over_http(client: Client) -> dict[int, float]:
        answer = await client.ask("POST", PATH, body(query="the word", documents=documents))
        scores = [one["relevance_score"] for one in answer.json["results"]]
        assert scores == sorted(scores, reverse=True)
        assert (await client.ask("POST", "/v1/embeddings", body(input="a"))).status == 400
        too_long = body(query="the word", documents=["and " * 5000])
        assert (await client.ask("POST", PATH, too_long)).status == 400
        return {one["index"]: one["relevance_score"] for one in answer.json["results"]}

    async def scenario() -> dict[int, float]:
        async with running(Recorder().deps(models=[spec])) as client:
            return await over_http(client)

    found = asyncio.run(scenario())
    direct, _ = loaded_here(spec).rerank("the word", documents)
    assert len(set(direct)) > 1
    assert [found[index] for index in range(70)] == pytest.approx(direct, abs=1e-4)
