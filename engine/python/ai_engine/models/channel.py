"""What two processes of this engine tell each other: values that JSON has, and bytes."""

import marshal
import socket
import struct
from typing import Any, Final

LENGTH: Final = struct.Struct("<Q")

STOP: Final = struct.Struct("<IQ")
"""On a control socket: on this channel nobody wants more of this call."""


class Channel:
    """One end of a pair of sockets, used by one thread at a time on each end.

    Both ends are of one program, so what comes can be trusted as code can.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    def send(self, value: Any) -> None:  # noqa: ANN401
        """Send a value. Raises ``OSError`` when nobody is there."""
        data = marshal.dumps(value)
        self._socket.sendall(LENGTH.pack(len(data)) + data)

    def receive(self) -> Any:  # noqa: ANN401
        """Wait for a value. Raises ``OSError`` or ``EOFError`` when there will be none."""
        (length,) = LENGTH.unpack(read(self._socket, LENGTH.size))
        return marshal.loads(read(self._socket, length))

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def read(connection: socket.socket, length: int) -> bytearray:
    """Return exactly so many bytes. Raises ``OSError`` or ``EOFError``."""
    data = bytearray(length)
    rest = memoryview(data)
    while rest:
        count = connection.recv_into(rest)
        if count == 0:
            raise EOFError
        rest = rest[count:]
    return data
