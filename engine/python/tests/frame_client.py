"""A caller: plain frames over a socket of an event loop."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ai_engine.frames import BYTES, CALL, CANCEL, HEAD, JSON, NONE, encode

PATIENCE_S = 20.0


@dataclass(frozen=True)
class Answer:
    kind: int
    form: int
    id: int
    body: bytes

    @property
    def value(self) -> Any:
        return json.loads(self.body)


class Caller:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, path: Path) -> "Caller":
        caller = cls(*await asyncio.open_unix_connection(path))
        hello = await caller.answer()
        assert (hello.kind, hello.value["protocol"]) == (1, "ai-engine-frames")
        return caller

    def call(self, number: int, name: str, argument: object = None) -> None:
        self.writer.write(call_frame(number, name, argument))

    def cancel(self, number: int) -> None:
        self.writer.write(encode(CANCEL, NONE, number, b""))

    async def answer(self) -> Answer:
        async with asyncio.timeout(PATIENCE_S):
            length, kind, form, number = HEAD.unpack(await self._reader.readexactly(HEAD.size))
            return Answer(kind, form, number, await self._reader.readexactly(length - 6))

    async def ask(self, number: int, name: str, argument: object = None) -> Answer:
        self.call(number, name, argument)
        return await self.answer()

    async def is_cut_off(self) -> bool:
        async with asyncio.timeout(PATIENCE_S):
            return await self._reader.read() == b""

    def close(self) -> None:
        self.writer.close()


def call_frame(number: int, name: str, argument: object) -> bytes:
    if isinstance(argument, bytes):
        form, payload = BYTES, argument
    else:
        form, payload = JSON, json.dumps(argument).encode()
    return encode(CALL, form, number, bytes([len(name)]) + name.encode() + payload)
