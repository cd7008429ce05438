"""all-MiniLM-L6-v2 in 32 bits, plain numpy: what the engine's vectors are compared with."""

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

HEADS = 12
LAYERS = 6
EPSILON = 1e-12


def erf(x: Any) -> Any:
    """Abramowitz and Stegun 7.1.26: wrong by at most 1.5e-7."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    series = 1.061405429
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = series * t + factor
    return np.sign(x) * (1 - series * t * np.exp(-x * x))


class BertReference:
    def __init__(self, weights: Path) -> None:
        self._weights: dict[str, Any] = load_file(weights)

    def embed(self, ids: list[int]) -> Any:
        """One text's vector, of length 1: the mean over its tokens."""
        embeddings = self._weights["embeddings.word_embeddings.weight"][ids]
        embeddings = embeddings + self._weights["embeddings.position_embeddings.weight"][: len(ids)]
        embeddings = embeddings + self._weights["embeddings.token_type_embeddings.weight"][0]
        hidden = self._norm(embeddings, "embeddings.LayerNorm")
        for layer in range(LAYERS):
            hidden = self._layer(hidden, f"encoder.layer.{layer}")
        mean = hidden.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def _layer(self, hidden: Any, prefix: str) -> Any:
        query, key, value = (
            self._heads(self._linear(hidden, f"{prefix}.attention.self.{part}"))
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[-1])
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        mixed = (weights @ value).transpose(1, 0, 2).reshape(hidden.shape)
        attended = self._linear(mixed, f"{prefix}.attention.output.dense") + hidden
        attended = self._norm(attended, f"{prefix}.attention.output.LayerNorm")
        inner = self._linear(attended, f"{prefix}.intermediate.dense")
        inner = inner * 0.5 * (1 + erf(inner / np.sqrt(2)))
        outer = self._linear(inner, f"{prefix}.output.dense") + attended
        return self._norm(outer, f"{prefix}.output.LayerNorm")

    def _heads(self, rows: Any) -> Any:
        return rows.reshape(len(rows), HEADS, -1).transpose(1, 0, 2)

    def _linear(self, rows: Any, name: str) -> Any:
        return rows @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _norm(self, rows: Any, name: str) -> Any:
        centred = rows - rows.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPSILON)
        return scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
