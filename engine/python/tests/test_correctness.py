"""The vectors are those of the model: against a forward pass in 32 bits, from the text on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer

from ai_engine.models import llama
from tests.bert_reference import BertReference
from tests.gguf_files import box_spec, loaded_here
from tests.texts import many_texts
from tools.box_model import write_box_model
from tools.weights import box_weights


def test_200_texts_have_the_vectors_of_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama, "shape", with_one_thread(llama.shape))
    texts = many_texts()
    tokenizer = Tokenizer.from_file(str(box_weights() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    reference = BertReference(box_weights() / "model.safetensors")
    vectors, tokens = loaded_here(box_spec()).embed(texts)
    encodings = tokenizer.encode_batch(texts)
    assert tokens == sum(len(encoding.ids) for encoding in encodings)
    for text, vector, encoding in zip(texts, vectors, encodings, strict=True):
        ours = np.frombuffer(vector, "<f4")
        assert float(ours @ reference.embed(encoding.ids)) >= 0.999, repr(text)


def with_one_thread(shape: Callable[..., None]) -> Callable[..., None]:
    """Threads that wait for each other by spinning take minutes where others work too."""

    def shaped(parameters: Any, *rest: Any) -> None:
        shape(parameters, *rest)
        parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1

    return shaped


def test_the_model_in_the_box_is_made_of_the_same_bytes_each_time(tmp_path: Path) -> None:
    made = [write_box_model(tmp_path / str(number)) for number in range(2)]
    one, other = (path.read_bytes() for path in made)
    assert one == other == box_spec().path.read_bytes()
    assert sorted(path.name for path in made[0].parent.iterdir()) == [
        "LICENSE.txt",
        "ORIGIN.txt",
        "all-MiniLM-L6-v2.gguf",
        "vocab.txt",
    ]
