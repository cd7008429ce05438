import struct
from contextlib import suppress
from pathlib import Path

import pytest

from ai_engine.models.gguf_header import GgufError, GgufHeader, read_header
from tests.gguf_files import changed, tiny_llama_bytes, tiny_reranker_bytes, written

CONTEXT = b"llama.context_length"
EPSILON = b"llama.attention.layer_norm_rms_epsilon"


def test_a_header_tells_what_a_model_is_for(tmp_path: Path) -> None:
    for data, kind in ((tiny_llama_bytes(), "generate"), (tiny_reranker_bytes(), "rerank")):
        found = read_header(written(tmp_path, "one.gguf", data))
        assert (found.kind, found.context_length, found.embedding_length) == (kind, 512, 64)
        assert found.size_bytes == len(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "ends too early"),
        (b"GGML" + bytes(100), "no GGUF"),
        (b"GGUF" + bytes(20), "version is 0"),
        (tiny_llama_bytes()[:2000], "ends too early"),
        (changed(tiny_llama_bytes(), CONTEXT, struct.pack("<I", 0)), "context_length is 0"),
        (changed(tiny_llama_bytes(), b"block_count", b"\xff" * 4), "block_count is 4294967295"),
        (changed(tiny_llama_bytes(), EPSILON, struct.pack("<f", float("nan"))), "epsilon is nan"),
        (changed(tiny_llama_bytes(), CONTEXT, b"\xff" * 4), None),
        (tiny_llama_bytes().replace(CONTEXT, b"llama.kontext_length"), "is missing"),
        (tiny_llama_bytes()[:16] + b"\xff" * 8 + tiny_llama_bytes()[24:], "keys"),
    ],
)
def test_what_lies_is_refused(tmp_path: Path, data: bytes, said: str | None) -> None:
    path = written(tmp_path, "one.gguf", data)
    if said is None:
        assert isinstance(read_header(path), GgufHeader)
        return
    with pytest.raises(GgufError, match=said):
        read_header(path)


def test_of_any_change_nothing_but_our_error_comes(tmp_path: Path) -> None:
    data = tiny_llama_bytes()
    for at in range(0, 1500, 3):
        path = written(tmp_path, "one.gguf", data[:at] + b"\xff" + data[at + 1 : 20_000])
        with suppress(GgufError):
            read_header(path)
