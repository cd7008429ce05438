"""The models that tests use: ours in the box, and tiny ones."""

from functools import cache
from pathlib import Path

import pytest

from ai_engine.models.catalog import ModelSpec, catalog_of
from ai_engine.models.hidden_socket import hidden_socket
from ai_engine.models.llama import LlamaModel, load_llama


def box_spec() -> ModelSpec:
    """The model in the box; `deno task test` makes it."""
    specs = catalog_of({})
    if not specs:
        pytest.skip("the model in the box is missing: python -m tools.box_model .model")
    return specs[0]


def loaded_here(spec: ModelSpec) -> LlamaModel:
    """Loaded into this process."""
    with hidden_socket(None) as listener:
        return load_llama(spec, listener)


@cache
def tiny_llama_bytes(context: int = 512) -> bytes:
    return _made("llama", context)


@cache
def tiny_reranker_bytes() -> bytes:
    return _made("reranker", 512)


def _made(kind: str, context: int) -> bytes:
    import tempfile  # noqa: PLC0415

    from tools.tiny_gguf import write_llama, write_reranker  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "tiny.gguf")
        (write_llama if kind == "llama" else write_reranker)(path, context)
        return path.read_bytes()


def split_llama(directory: Path) -> list[Path]:
    """A tiny llama in two files."""
    from functools import partial  # noqa: PLC0415
    from unittest.mock import patch  # noqa: PLC0415

    import gguf  # noqa: PLC0415

    from tools.tiny_gguf import write_llama  # noqa: PLC0415

    with patch.object(gguf, "GGUFWriter", partial(gguf.GGUFWriter, split_max_tensors=12)):
        write_llama(directory / "tiny.gguf")
    return sorted(directory.glob("tiny-*.gguf"))


def written(directory: Path, name: str, data: bytes) -> Path:
    path = directory / name
    path.write_bytes(data)
    return path


def changed(data: bytes, key: bytes, value: bytes) -> bytes:
    """The file with another value of a number behind ``key``."""
    at = data.index(key) + len(key) + 4
    return data[:at] + value + data[at + len(value) :]
