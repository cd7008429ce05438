"""``POST /v1/rerank``."""

from array import array
from functools import partial
from operator import mul
from typing import Any

from starlette.routing import Route

from ai_engine.answers import JsonResponse
from ai_engine.models.embedding import CHUNK, need_embedding
from ai_engine.models.model import Model, ModelError
from ai_engine.routes.body import read_object, text_at
from ai_engine.routes.embeddings import MAX_INPUTS
from ai_engine.state import EngineRequest


async def rerank(request: EngineRequest) -> JsonResponse:
    """Say which documents fit a query best: by a reranker's score, or the cosine of embeddings."""
    state = request.state["engine"]
    body = await read_object(request)
    resident = state.models.find(body.get("model"))
    query = text_at(body, "query")
    documents = documents_of(body.get("documents"))
    top = body.get("top_n")
    if top is not None and (type(top) is not int or top < 1):
        raise ModelError(400, '"top_n" has to be a whole number from 1 on.')
    scores: list[float] = []
    tokens = 0
    with state.working():
        for start in range(0, len(documents), CHUNK):
            if start > 0 and await request.is_disconnected():
                break
            chunk = documents[start : start + CHUNK]
            more, used = await resident.run(partial(score, query=query, documents=chunk))
            scores += more
            tokens += used
    state.count_tokens("rerank", tokens)
    ranked = sorted(enumerate(scores), key=lambda one: -one[1])[:top]
    with_text = body.get("return_documents") is True
    results = [
        {"index": index, "relevance_score": value}
        | ({"document": {"text": documents[index]}} if with_text else {})
        for index, value in ranked
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return JsonResponse({"model": resident.spec.name, "results": results, "usage": usage})


def documents_of(value: object) -> list[str]:
    """Return the texts of documents. Raises ``ModelError`` 400."""
    if not isinstance(value, list) or not value:
        raise ModelError(400, '"documents" has to be a list that is not empty.')
    if len(value) > MAX_INPUTS:
        raise ModelError(400, f'"documents" has {len(value)} parts; at most {MAX_INPUTS} may be.')
    texts: list[Any] = [one.get("text") if isinstance(one, dict) else one for one in value]
    if not all(isinstance(text, str) and text for text in texts):
        raise ModelError(400, 'A document is a string, or {"text": …}, and not empty.')
    return texts


def score(model: Model, query: str, documents: list[str]) -> tuple[list[float], int]:
    """Score one chunk of documents, in the thread of the model."""
    if model.kind == "rerank":
        return model.rerank(query, documents)
    need_embedding(model)
    vectors, tokens = model.embed([query, *documents])
    asked, *others = (array("f", vector).tolist() for vector in vectors)
    return [sum(map(mul, asked, other)) for other in others], tokens


ROUTES = [
    Route("/v1/rerank", rerank, methods=["POST"]),
]
