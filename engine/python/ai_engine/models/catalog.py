"""Which models this process has."""

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

BOX_NAME: Final = "all-MiniLM-L6-v2"
BOX_TOKENS: Final = 256
"""Longer texts are cut: the model's card says so."""

MAX_CONTEXT: Final = 8192
"""Tokens of context unless told otherwise: memory is taken for all of them at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """A model that can be loaded."""

    name: str
    path: Path
    vocabulary: Path | None = None
    """Where this is given we tokenize ourselves; else llama.cpp does."""
    max_context: int = MAX_CONTEXT
    socket: Path | None = None
    """Where llama.cpp may have a socket for the moment of a load."""
    is_needed: bool = False
    """It is what this process is for: loaded at once, and the process ends if it can't be."""


def catalog_of(environment: Mapping[str, str]) -> list[ModelSpec]:
    """Return the models that the environment names. Raises ``ValueError`` for what makes no sense.

    One GGUF is this process's only model: ``AI_ENGINE_MODEL_PATH``, with ``AI_ENGINE_MODEL_NAME``
    and ``AI_ENGINE_MODEL_CONTEXT``. Else it is the one in the box, where that is found.
    """
    socket = environment.get("AI_ENGINE_SOCKET")
    beside = Path(f"{socket}.x.sock") if socket else None
    given = environment.get("AI_ENGINE_MODEL_PATH")
    if given:
        path = Path(given)
        name = environment.get("AI_ENGINE_MODEL_NAME") or path.name.removesuffix(".gguf")
        context = context_of(environment.get("AI_ENGINE_MODEL_CONTEXT"))
        return [
            ModelSpec(
                name=name,
                path=path,
                max_context=context,
                socket=beside,
                is_needed=True,
            )
        ]
    directory = box_directory(environment)
    path = directory / f"{BOX_NAME}.gguf"
    if not path.is_file():
        return []
    vocabulary = directory / "vocab.txt"
    return [ModelSpec(name=BOX_NAME, path=path, vocabulary=vocabulary, socket=beside)]


def context_of(text: str | None) -> int:
    """Return a number of tokens."""
    if not text:
        return MAX_CONTEXT
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise ValueError(f"AI_ENGINE_MODEL_CONTEXT is not a number of tokens: {text}")
    return int(text)


def box_directory(environment: Mapping[str, str]) -> Path:
    """Return where the model in the box is: as told, in what is packed, or beside the sources."""
    given = environment.get("AI_ENGINE_MODEL_DIR")
    if given:
        return Path(given)
    packed: str | None = getattr(sys, "_MEIPASS", None)
    return Path(packed, "model") if packed else Path(__file__).parents[2] / ".model"


def idle_of(environment: Mapping[str, str]) -> float | None:
    """Return after how many quiet seconds a model is unloaded, by ``AI_ENGINE_MODEL_IDLE_TIMEOUT``.

    Not set means never. Raises ``ValueError``.
    """
    text = environment.get("AI_ENGINE_MODEL_IDLE_TIMEOUT")
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < math.inf:
        raise ValueError(f"AI_ENGINE_MODEL_IDLE_TIMEOUT is not a number of seconds: {text}")
    return seconds
