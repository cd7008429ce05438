"""The framed protocol of direct calls (docs/frames.md), without a connection."""

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NoReturn, TypeAlias

HEAD: Final = struct.Struct(">IBBI")
"""Length of what follows the length, kind, format, id of the call."""
HEAD_BYTES: Final = 10
LENGTH_BYTES: Final = 4

HELLO: Final = 1
CALL: Final = 2
RESULT: Final = 3
ERROR: Final = 4
CANCEL: Final = 5

NONE: Final = 0
JSON: Final = 1
BYTES: Final = 2

MAX_PAYLOAD_BYTES: Final = 4 * 1024 * 1024
MAX_FRAME_LENGTH: Final = MAX_PAYLOAD_BYTES + 256
MAX_NAME_BYTES: Final = 64
MAX_MESSAGE_CHARS: Final = 4096

Payload: TypeAlias = object
"""An argument or a result: raw bytes are ``bytes``, anything else is a JSON value."""

ErrorCode: TypeAlias = Literal[
    "unknown_function", "bad_argument", "failed", "too_large", "cancelled", "stopping"
]


class FrameError(Exception):
    """The peer did not keep to the protocol; its connection is to be closed."""


class ArgumentError(Exception):
    """A call with an argument that its function does not take."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it came."""

    id: int
    name: str
    format: int
    argument: bytes

    def payload(self) -> Payload:
        """Return the argument. Raises ``ArgumentError`` for what is not JSON."""
        if self.format == BYTES:
            return self.argument
        try:
            return json.loads(self.argument.decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise ArgumentError("The argument is not JSON.") from error


@dataclass(frozen=True, slots=True)
class Cancel:
    """A call that is taken back; it may have been answered meanwhile."""

    id: int


class FrameReader:
    """Bytes in, calls and cancels out. Holds what has come of one frame, not what it announces."""

    def __init__(self) -> None:
        self._held = bytearray()

    @property
    def held(self) -> int:
        """Bytes that are part of no whole frame yet."""
        return len(self._held)

    def receive(self, data: bytes) -> Iterator[Call | Cancel]:
        """Give what is whole with ``data``. Raises ``FrameError``, after which it is done."""
        held = self._held
        held += data
        at = 0
        try:
            while len(held) - at >= HEAD_BYTES:
                length, kind, form, number = HEAD.unpack_from(held, at)
                check_head(length, kind, form, number)
                end = at + LENGTH_BYTES + length
                if len(held) < end:
                    return
                body = bytes(memoryview(held)[at + HEAD_BYTES : end])
                at = end
                yield parse_call(number, form, body) if kind == CALL else Cancel(number)
        finally:
            del held[:at]


def check_head(length: int, kind: int, form: int, number: int) -> None:
    """Raise ``FrameError`` unless a caller may send a frame that begins so."""
    body = length + LENGTH_BYTES - HEAD_BYTES
    if kind == CALL:
        fits = body > 1 and length <= MAX_FRAME_LENGTH and form in (JSON, BYTES)
    else:
        fits = kind == CANCEL and body == 0 and form == NONE
    if not fits or number == 0:
        raise FrameError(f"no frame begins with {length}, {kind}, {form}, {number}")


def parse_call(number: int, form: int, body: bytes) -> Call:
    """Return the call in ``body``. Raises ``FrameError``."""
    size = body[0]
    if not 0 < size <= MAX_NAME_BYTES or len(body) <= size:
        raise FrameError(f"a name of {size} bytes in a body of {len(body)}")
    if len(body) - 1 - size > MAX_PAYLOAD_BYTES:
        raise FrameError("an argument over the limit")
    try:
        name = body[1 : 1 + size].decode("ascii")
    except UnicodeDecodeError as error:
        raise FrameError("a name that is not ASCII") from error
    return Call(number, name, form, body[1 + size :])


def encode_hello(max_calls: int) -> bytes:
    """Return what is sent first."""
    said = {"protocol": "ai-engine-frames", "version": 1, "maxCalls": max_calls}
    return encode(HELLO, JSON, 0, to_json(said))


def encode_result(number: int, value: Payload) -> bytes:
    """Return the answer with a result. Raises ``ValueError`` or ``TypeError`` for what is none."""
    if isinstance(value, bytes | bytearray | memoryview):
        form, body = BYTES, bytes(value)
    else:
        form, body = JSON, to_json(value)
    if len(body) > MAX_PAYLOAD_BYTES:
        message = f"The result has {len(body)} bytes, over {MAX_PAYLOAD_BYTES}."
        return encode_error(number, "too_large", message)
    return encode(RESULT, form, number, body)


def encode_error(
    number: int,
    code: ErrorCode,
    message: str,
    *,
    error_type: str | None = None,
    functions: Sequence[str] = (),
) -> bytes:
    """Return the answer that says why there is no result."""
    said: dict[str, object] = {"code": code, "message": message[:MAX_MESSAGE_CHARS]}
    if error_type is not None:
        said["type"] = error_type
    if functions:
        said["functions"] = functions
    return encode(ERROR, JSON, number, to_json(said))


def encode(kind: int, form: int, number: int, body: bytes) -> bytes:
    """Return the bytes of any frame."""
    return HEAD.pack(HEAD_BYTES - LENGTH_BYTES + len(body), kind, form, number) + body


def to_json(value: object) -> bytes:
    """Return JSON in ASCII, so that a lone surrogate goes out as it is."""
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode("ascii")


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python takes and JSON does not have."""
    raise ValueError(name)
