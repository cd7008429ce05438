"""A model in a process of its own that tells how many tokens llama.cpp has made.

As a program it is that process: the real one, with llama.cpp's own counters on.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ai_engine.models import hosting, llama, model_process
from ai_engine.models.catalog import ModelSpec
from ai_engine.models.hosting import HostedModel, Hosting
from tools.tiny_gguf import write_llama

LAYERS = 32
"""So that a token and a batch take as long as those of a small real model."""

COUNTER = "llamacpp:tokens_predicted_total "
PATIENCE_S = 20.0


class Counting:
    def __init__(self, model: HostedModel) -> None:
        self.model = model

    def tokens(self) -> int:
        """What llama.cpp itself has counted, once it is quiet."""
        deadline = time.monotonic() + PATIENCE_S
        last = -1
        while time.monotonic() < deadline:
            count: int = self.model._process.call("embed", ["count"])
            if count == last:
                return count
            last = count
            time.sleep(0.1)
        raise AssertionError(f"it goes on: {last}")


@pytest.fixture
def counting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    """A tiny llama."""
    monkeypatch.setattr(hosting, "COMMAND", ["-m", "tests.counting"])
    path = tmp_path / "tiny.gguf"
    write_llama(path, 8192, LAYERS)
    host = Hosting()
    yield Counting(host.load(ModelSpec(name="tiny", path=path)))
    host.close()


def count(model: Any, _inputs: object) -> int:
    """In place of embedding, which a llama does not do."""
    text = str(model._server.handle_metrics()).replace("\\n", "\n")
    [line] = [one for one in text.split("\n") if one.startswith(COUNTER)]
    return int(line.split()[1])


if __name__ == "__main__":
    shape = llama.shape

    def counted(parameters: Any, *rest: Any) -> None:
        shape(parameters, *rest)
        parameters.endpoint_metrics = True

    llama.shape = counted  # type: ignore[assignment]
    llama.LlamaModel.embed = count  # type: ignore[method-assign, assignment]
    sys.exit(model_process.main(sys.argv[1:]))
