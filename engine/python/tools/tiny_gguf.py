"""Tiny models with random weights, for tests: ``python -m tools.tiny_gguf KIND OUT.gguf``.

What they say is nonsense, how they are loaded and run is real. The same bytes each time.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import gguf
import numpy as np

TEXT: Final = (
    "the a of and to in is you that it he was for on are as with his they at be this have from or "
    "one had by word but not what all were we when your can said there use an each which she do how"
)
WORDS: Final = TEXT.split()
WIDTH, LAYERS, HEADS, INNER = 64, 2, 4, 128
CHAT_TEMPLATE: Final = (
    "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:"
)


class Writer:
    """A GGUF in the making; its weights come from a seed."""

    def __init__(self, path: Path, architecture: str, context: int, layers: int = LAYERS) -> None:
        self._chance = np.random.default_rng(0)
        self.gguf = gguf.GGUFWriter(path, architecture)
        self.gguf.add_name(f"tiny-{architecture}")
        self.gguf.add_context_length(context)
        self.gguf.add_embedding_length(WIDTH)
        self.gguf.add_block_count(layers)
        self.gguf.add_feed_forward_length(INNER)
        self.gguf.add_head_count(HEADS)

    def vocabulary(self, model: str, tokens: list[str], types: list[int]) -> None:
        """Say what the ids mean."""
        self.gguf.add_tokenizer_model(model)
        self.gguf.add_token_list(tokens)
        self.gguf.add_token_scores([-float(rank) for rank in range(len(tokens))])
        self.gguf.add_token_types(types)

    def random(self, name: str, *shape: int) -> None:
        """Add random numbers."""
        numbers = self._chance.standard_normal(shape) * 0.2
        self.gguf.add_tensor(name, numbers.astype(np.float32))

    def ones(self, name: str) -> None:
        """Add what changes nothing where it multiplies."""
        self.gguf.add_tensor(name, np.ones(WIDTH, np.float32))

    def zeros(self, name: str, length: int = WIDTH) -> None:
        """Add what changes nothing where it is added."""
        self.gguf.add_tensor(name, np.zeros(length, np.float32))

    def attention(self, prefix: str) -> None:
        """Add the weights of one layer that every architecture has."""
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            self.random(f"{prefix}.{part}.weight", WIDTH, WIDTH)
        self.random(f"{prefix}.ffn_up.weight", INNER, WIDTH)
        self.random(f"{prefix}.ffn_down.weight", WIDTH, INNER)

    def close(self) -> None:
        """Write it."""
        self.gguf.write_header_to_file()
        self.gguf.write_kv_data_to_file()
        self.gguf.write_tensors_to_file()
        self.gguf.close()


def write_llama(path: Path, context: int = 512, layers: int = LAYERS) -> None:
    """Write a llama that streams nonsense; it knows bytes and a few words."""
    writer = Writer(path, "llama", context, layers)
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    types = [2, 3, 3, *[6] * 256, *[1] * len(WORDS)]
    tokens += [f"\u2581{word}" for word in WORDS]
    writer.vocabulary("llama", tokens, types)
    add: Any = writer.gguf
    add.add_layer_norm_rms_eps(1e-5)
    add.add_rope_dimension_count(WIDTH // HEADS)
    add.add_vocab_size(len(tokens))
    add.add_head_count_kv(HEADS)
    add.add_bos_token_id(1)
    add.add_eos_token_id(2)
    add.add_unk_token_id(0)
    add.add_chat_template(CHAT_TEMPLATE)
    writer.random("token_embd.weight", len(tokens), WIDTH)
    writer.ones("output_norm.weight")
    writer.random("output.weight", len(tokens), WIDTH)
    for layer in range(layers):
        writer.attention(f"blk.{layer}")
        writer.random(f"blk.{layer}.ffn_gate.weight", INNER, WIDTH)
        writer.ones(f"blk.{layer}.attn_norm.weight")
        writer.ones(f"blk.{layer}.ffn_norm.weight")
    writer.close()


def write_reranker(path: Path, context: int = 512) -> None:
    """Write a cross-encoder whose scores mean nothing."""
    writer = Writer(path, "bert", context)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokens = special + [f"\u2581{word}" for word in WORDS] + [chr(97 + at) for at in range(26)]
    writer.vocabulary("bert", tokens, [*[3] * len(special), *[1] * (len(tokens) - len(special))])
    add: Any = writer.gguf
    add.add_layer_norm_eps(1e-12)
    add.add_causal_attention(False)
    add.add_pooling_type(gguf.PoolingType.RANK)
    add.add_token_type_count(2)
    for role, number in {"bos": 2, "eos": 3, "sep": 3, "pad": 0, "unk": 1, "mask": 4}.items():
        getattr(add, f"add_{role}_token_id")(number)
    writer.random("token_embd.weight", len(tokens), WIDTH)
    writer.random("position_embd.weight", context, WIDTH)
    writer.random("token_types.weight", 2, WIDTH)
    writer.ones("token_embd_norm.weight")
    writer.zeros("token_embd_norm.bias")
    for layer in range(LAYERS):
        prefix = f"blk.{layer}"
        writer.attention(prefix)
        for part in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_down"):
            writer.zeros(f"{prefix}.{part}.bias")
        writer.zeros(f"{prefix}.ffn_up.bias", INNER)
        for norm in ("attn_output_norm", "layer_output_norm"):
            writer.ones(f"{prefix}.{norm}.weight")
            writer.zeros(f"{prefix}.{norm}.bias")
    writer.random("cls.weight", WIDTH, WIDTH)
    writer.zeros("cls.bias")
    writer.random("cls.output.weight", 1, WIDTH)
    writer.zeros("cls.output.bias", 1)
    writer.close()


KINDS: Final[Mapping[str, Callable[[Path], None]]] = {
    "llama": write_llama,
    "reranker": write_reranker,
}


if __name__ == "__main__":
    KINDS[sys.argv[1]](Path(sys.argv[2]))
