import random

import pytest

from ai_engine.frames import (
    BYTES,
    CALL,
    CANCEL,
    HEAD,
    JSON,
    MAX_PAYLOAD_BYTES,
    NONE,
    RESULT,
    ArgumentError,
    Call,
    Cancel,
    FrameError,
    FrameReader,
    encode,
    encode_error,
    encode_result,
)
from tests.frame_client import call_frame

FRAMES = call_frame(1, "echo", {"a": [1, "é"]}) + encode(CANCEL, NONE, 1, b"")
READ = [Call(1, "echo", JSON, b'{"a": [1, "\\u00e9"]}'), Cancel(1)]


def test_frames_come_out_wherever_the_bytes_are_split() -> None:
    for cut in range(len(FRAMES) + 1):
        reader = FrameReader()
        found = [*reader.receive(FRAMES[:cut]), *reader.receive(FRAMES[cut:])]
        assert found == READ
        assert reader.held == 0


def test_frames_come_out_when_every_byte_comes_alone() -> None:
    reader = FrameReader()
    assert [frame for byte in FRAMES for frame in reader.receive(bytes([byte]))] == READ


def test_of_any_bytes_nothing_but_our_error_comes() -> None:
    chance = random.Random(20261123)
    for _ in range(3000):
        data = bytearray(FRAMES if chance.random() < 0.7 else chance.randbytes(60))
        for _ in range(chance.randrange(4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        reader = FrameReader()
        try:
            for frame in reader.receive(bytes(data)):
                if isinstance(frame, Call):
                    frame.payload()
        except (FrameError, ArgumentError):
            pass
        assert reader.held <= len(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(HEAD.pack(5, CANCEL, NONE, 1), id="a length below the head"),
        pytest.param(HEAD.pack(0xFFFFFFFF, CALL, JSON, 1), id="a length beyond the largest"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="a text"),
        pytest.param(encode(RESULT, JSON, 1, b"1"), id="a result"),
        pytest.param(encode(CALL, JSON, 0, b"\x01f1"), id="a call without an id"),
        pytest.param(encode(CALL, NONE, 1, b"\x01f1"), id="a call without a format"),
        pytest.param(encode(CALL, JSON, 1, b""), id="a call without a name"),
        pytest.param(encode(CALL, JSON, 1, b"\x00 1"), id="a call with an empty name"),
        pytest.param(encode(CALL, JSON, 1, b"\x09f1"), id="a name that ends behind its frame"),
        pytest.param(encode(CALL, JSON, 1, b"\x01\xff1"), id="a name that is not ASCII"),
        pytest.param(encode(CANCEL, NONE, 1, b"x"), id="a cancel with a body"),
    ],
)
def test_what_no_caller_may_send_is_refused(data: bytes) -> None:
    with pytest.raises(FrameError):
        list(FrameReader().receive(data))


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"NaN", b"[" * 100_000, b"9" * 5000])
def test_an_argument_that_is_not_json_is_the_callers_fault(text: bytes) -> None:
    with pytest.raises(ArgumentError):
        Call(1, "f", JSON, text).payload()


def test_a_result_is_raw_bytes_or_json() -> None:
    assert encode_result(7, b"\x00\xff") == encode(RESULT, BYTES, 7, b"\x00\xff")
    assert encode_result(7, {"a": "\ud800"}) == encode(RESULT, JSON, 7, b'{"a":"\\ud800"}')
    with pytest.raises(ValueError, match="JSON"):
        encode_result(7, float("nan"))
    with pytest.raises(TypeError):
        encode_result(7, object())


def test_a_result_over_the_limit_becomes_an_error() -> None:
    assert b'"code":"too_large"' in encode_result(7, bytes(MAX_PAYLOAD_BYTES + 1))
    assert len(encode_result(7, bytes(MAX_PAYLOAD_BYTES))) == MAX_PAYLOAD_BYTES + HEAD.size


def test_a_long_message_is_cut() -> None:
    assert len(encode_error(1, "failed", "é" * 1_000_000)) < 32_768
