"""Models run by llama.cpp, from the package ``xllamacpp``, in the process that calls."""

import base64
import os
from collections.abc import Callable, Sequence
from typing import Any, Final

from ai_engine.models.catalog import BOX_TOKENS, ModelSpec
from ai_engine.models.gguf_header import GgufError, GgufHeader, Kind, read_header
from ai_engine.models.model import SLOTS, Chunk, Input, LoadError, ModelError, error_of
from ai_engine.models.wordpiece import WordPiece

PROMPT_BATCH: Final = 512
"""Tokens of a prompt between two looks at whether anybody still waits."""

MAX_INPUT_TOKENS: Final = 2048
"""Of an input that is embedded or ranked, by a model that is not ours."""

QUIET: Final = 1
"""llama.cpp tells errors only."""


def load_llama(spec: ModelSpec, listener: str) -> "LlamaModel":
    """Load a model. Raises ``LoadError``; some files make llama.cpp abort the process instead.

    ``listener`` is where llama.cpp may have a socket of its own.
    """
    try:
        header = read_header(spec.path)
        tokenizer = None if spec.vocabulary is None else WordPiece.read(spec.vocabulary)
    except GgufError as error:
        raise LoadError(str(error)) from error
    except OSError as error:
        raise LoadError(error.strerror or str(error)) from error
    # An abort would otherwise call a debugger and print pages.
    os.environ.setdefault("GGML_NO_BACKTRACE", "1")
    import xllamacpp  # noqa: PLC0415

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(spec.path)
    shape(parameters, header, spec)
    parameters.hostnames = [listener]
    try:
        server = xllamacpp.Server(parameters)
    except (RuntimeError, ValueError, MemoryError) as error:
        raise LoadError("llama.cpp refuses it") from error
    return LlamaModel(server, header, tokenizer)


def shape(
    parameters: Any,  # noqa: ANN401
    header: GgufHeader,
    spec: ModelSpec,
) -> None:
    """Choose how much a model may take, by what it is for."""
    parameters.warmup = False
    parameters.verbosity = QUIET
    parameters.cache_ram_mib = 0
    parameters.n_parallel = SLOTS
    if header.kind == "generate":
        parameters.n_ctx = min(header.context_length, spec.max_context)
        parameters.kv_unified = True
        parameters.n_batch = parameters.n_ubatch = PROMPT_BATCH
        return
    longest = BOX_TOKENS if spec.vocabulary else min(header.context_length, MAX_INPUT_TOKENS)
    parameters.embedding = True
    parameters.n_ctx = longest * SLOTS
    # One input must fit into a batch; larger ones take memory and win no time.
    parameters.n_batch = parameters.n_ubatch = longest
    if header.kind == "rerank":
        from xllamacpp import llama_pooling_type  # noqa: PLC0415

        parameters.pooling_type = llama_pooling_type.LLAMA_POOLING_TYPE_RANK


class LlamaModel:
    """One model in memory."""

    def __init__(  # of xllamacpp nothing says its types
        self,
        server: Any,  # noqa: ANN401
        header: GgufHeader,
        tokenizer: WordPiece | None,
    ) -> None:
        self._server = server
        self._tokenizer = tokenizer
        self.kind: Kind = header.kind
        self.dimensions = header.embedding_length

    def embed(self, inputs: Sequence[Input]) -> tuple[list[bytes], int]:
        """Return a vector for each input, and the tokens used."""
        ids = [self._prepare(one) for one in inputs]
        answer = answered(
            lambda: self._server.handle_embeddings({"input": ids, "encoding_format": "base64"})
        )
        vectors = [base64.b64decode(one["embedding"]) for one in answer["data"]]
        return vectors, answer["usage"]["prompt_tokens"]

    def rerank(self, query: str, documents: Sequence[str]) -> tuple[list[float], int]:
        """Return llama.cpp's scores in the order of the documents, and the tokens used."""
        body = {"query": query, "documents": list(documents)}
        answer = answered(lambda: self._server.handle_rerank(body))
        scores = [0.0] * len(documents)
        for one in answer["results"]:
            scores[one["index"]] = one["relevance_score"]
        return scores, answer["usage"]["prompt_tokens"]

    def chat(self, body: Chunk, on_chunk: Callable[[Chunk], bool]) -> None:
        """Answer messages piece by piece."""
        generated(lambda: self._server.handle_chat_completions(streaming(body), on_chunk))

    def complete(self, body: Chunk, on_chunk: Callable[[Chunk], bool]) -> None:
        """Go on with a prompt piece by piece."""
        generated(lambda: self._server.handle_completions(streaming(body), on_chunk))

    def _prepare(self, one: Input) -> Input:
        if self._tokenizer is None:
            return one
        if isinstance(one, str):
            return self._tokenizer.encode(one, BOX_TOKENS)
        if max(one) >= self._tokenizer.size:
            raise ModelError(400, f"The vocabulary has {self._tokenizer.size} ids, from 0 on.")
        return self._tokenizer.frame(one, BOX_TOKENS)


def streaming(body: Chunk) -> Chunk:
    """Ask for an answer in pieces, and for a sign of life after each batch of the prompt."""
    options = {"include_usage": True}
    return {**body, "stream": True, "stream_options": options, "return_progress": True}


def answered(ask: Callable[[], Any]) -> dict[str, Any]:
    """Return llama.cpp's answer. Raises ``ModelError`` for what it says is wrong."""
    try:
        answer: dict[str, Any] = ask()
    except ValueError as error:
        raise ModelError(400, str(error)) from error
    except RuntimeError as error:
        raise ModelError(500, f"llama.cpp failed: {error}") from error
    if "error" in answer:
        raise error_of(answer)
    return answer


def generated(ask: Callable[[], None]) -> None:
    """Run to the end of an answer. Raises ``ModelError`` for what was wrong before it began."""
    try:
        ask()
    except ValueError as error:
        raise ModelError(400, str(error)) from error
    except RuntimeError as error:
        status = 400 if str(error).startswith("[json.exception") else 500
        raise ModelError(status, f"llama.cpp refuses this: {error}") from error
