"""What a GGUF says of itself, read before llama.cpp, which aborts on some of what is wrong."""

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Literal, TypeAlias

Kind: TypeAlias = Literal["embedding", "rerank", "generate"]
Value: TypeAlias = int | float | bool | str | None

FORMATS: Final = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
STRING: Final = 8
ARRAY: Final = 9
VERSIONS: Final = (2, 3)
MAX_KEYS: Final = 10_000
MAX_TEXT_BYTES: Final = 16 << 20
MAX_BLOCKS: Final = 10_000
RANK: Final = 4
ENCODERS: Final = frozenset(
    ("bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "modern-bert")
)


class GgufError(Exception):
    """The file can't be what it says it is."""


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What is told of a model without loading it."""

    kind: Kind
    context_length: int
    """Tokens that it was trained with."""
    embedding_length: int
    """Numbers in each of its vectors."""
    size_bytes: int


def read_header(path: Path) -> GgufHeader:
    """Read and check it. Raises ``GgufError``, or ``OSError`` when it can't be read."""
    size = path.stat().st_size
    with path.open("rb") as file:
        values = read_values(file, size)
    architecture = values.get("general.architecture")
    if not isinstance(architecture, str):
        raise GgufError("it names no architecture")
    context = number_at(values, f"{architecture}.context_length")
    length = number_at(values, f"{architecture}.embedding_length")
    blocks = number_at(values, f"{architecture}.block_count")
    if blocks > MAX_BLOCKS:
        raise GgufError(f"{architecture}.block_count is {blocks}")
    for key, value in values.items():
        if isinstance(value, float) and not math.isfinite(value) and key.startswith(architecture):
            raise GgufError(f"{key} is {value}")
    return GgufHeader(kind_of(architecture, values), context, length, size)


def number_at(values: dict[str, Value], key: str) -> int:
    """Return a number that every model has, and that is more than 0."""
    value = values.get(key)
    if type(value) is not int or value <= 0:
        raise GgufError(f"{key} is {'missing' if value is None else value}")
    return value


def kind_of(architecture: str, values: dict[str, Value]) -> Kind:
    """Tell what a model is for by how it pools."""
    pooling = values.get(f"{architecture}.pooling_type")
    if pooling == RANK:
        return "rerank"
    return "embedding" if pooling or architecture in ENCODERS else "generate"


def read_values(file: BinaryIO, size: int) -> dict[str, Value]:
    """Return what stands before the tensors; of lists only that they are there, as ``None``."""
    if read(file, 4) != b"GGUF":
        raise GgufError("it is no GGUF")
    version, _tensors, count = struct.unpack("<IQQ", read(file, 20))
    if version not in VERSIONS:
        raise GgufError(f"its version is {version}, which is not known")
    if count > MAX_KEYS:
        raise GgufError(f"it says that it has {count} keys")
    values: dict[str, Value] = {}
    for _ in range(count):
        key = read_text(file)
        (kind,) = struct.unpack("<I", read(file, 4))
        values[key] = read_value(file, kind, size)
    return values


def read_value(file: BinaryIO, kind: int, size: int) -> Value:
    """Return one value and leave the file behind it."""
    if kind == STRING:
        return read_text(file)
    if kind == ARRAY:
        skip_array(file, size)
        return None
    layout = FORMATS.get(kind)
    if layout is None:
        raise GgufError(f"a value is of the unknown type {kind}")
    value: int | float | bool = struct.unpack(layout, read(file, struct.calcsize(layout)))[0]
    return value


def skip_array(file: BinaryIO, size: int) -> None:
    """Leave the file behind a list."""
    kind, count = struct.unpack("<IQ", read(file, 12))
    layout = FORMATS.get(kind)
    if layout is not None:
        count *= struct.calcsize(layout)
    if count > size:
        raise GgufError(f"a list of {count} is longer than the file")
    if layout is not None:
        file.seek(count, 1)
    elif kind == STRING:
        for _ in range(count):
            (length,) = struct.unpack("<Q", read(file, 8))
            if length > MAX_TEXT_BYTES:
                raise GgufError(f"a text of {length} bytes")
            file.seek(length, 1)
    else:
        raise GgufError(f"a list is of the unknown type {kind}")


def read_text(file: BinaryIO) -> str:
    """Return a text."""
    (length,) = struct.unpack("<Q", read(file, 8))
    if length > MAX_TEXT_BYTES:
        raise GgufError(f"a text of {length} bytes")
    return read(file, length).decode(errors="replace")


def read(file: BinaryIO, count: int) -> bytes:
    """Return exactly so many bytes."""
    found = file.read(count)
    if len(found) < count:
        raise GgufError("it ends too early")
    return found
