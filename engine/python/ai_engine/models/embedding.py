"""Embedding many inputs: in chunks, off the event loop, as the answer wants the vectors."""

import base64
import json
from array import array
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt
from typing import Final, Literal, TypeAlias

from ai_engine.models.model import Input, Model, ModelError
from ai_engine.models.resident import Resident

CHUNK: Final = 64
"""Inputs of one request that a model works on at a time: nobody else waits for more."""

Encoding: TypeAlias = Literal["float", "base64"]


@dataclass(frozen=True, slots=True)
class Shape:
    """How an answer has its vectors."""

    encoding: Encoding = "float"
    dimensions: int | None = None
    """Only so many numbers, of length 1 again."""


async def embed(
    resident: Resident,
    inputs: Sequence[Input],
    shape: Shape,
    is_left: Callable[[], Awaitable[bool]],
) -> tuple[list[str], int]:
    """Return each input's vector as JSON, and the tokens used; stops early when nobody waits."""
    rendered: list[str] = []
    tokens = 0
    for start in range(0, len(inputs), CHUNK):
        if start > 0 and await is_left():
            break
        chunk = inputs[start : start + CHUNK]
        more, used = await resident.run(partial(embed_chunk, inputs=chunk, shape=shape))
        rendered += more
        tokens += used
    return rendered, tokens


def embed_chunk(model: Model, inputs: Sequence[Input], shape: Shape) -> tuple[list[str], int]:
    """Embed one chunk, in the thread of the model."""
    need_embedding(model)
    if shape.dimensions is not None and shape.dimensions > model.dimensions:
        raise ModelError(400, f'"dimensions" goes from 1 to {model.dimensions}.')
    vectors, tokens = model.embed(inputs)
    return [render(vector, shape) for vector in vectors], tokens


def need_embedding(model: Model) -> None:
    """Raise ``ModelError`` for a model that makes no vectors."""
    if model.kind != "embedding":
        raise ModelError(400, "This model makes no embeddings.", "wrong_model")


def render(vector: bytes, shape: Shape) -> str:
    """Return a vector as JSON."""
    if shape.dimensions is not None:
        vector = cut(vector, shape.dimensions)
    if shape.encoding == "base64":
        return f'"{base64.b64encode(vector).decode()}"'
    return json.dumps(array("f", vector).tolist(), separators=(",", ":"))


def cut(vector: bytes, dimensions: int) -> bytes:
    """Return the first numbers, of length 1 again."""
    numbers = array("f", vector)[:dimensions]
    length = sqrt(sum(x * x for x in numbers)) or 1.0
    return array("f", (x / length for x in numbers)).tobytes()
