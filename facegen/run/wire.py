"""What a run and its workers say to each other: JSON in checked frames over a socket.

Never pickle: a worker whose memory is spoilt must not be able to run code in its parent. A frame says how long it is and what its
bytes sum up to, so that garbage is told apart from a message, and half a message never blocks who waits for it.
"""

from __future__ import annotations

import json
import socket
import struct
import zlib
from typing import Any

_MARK = b"fcgn"
_HEAD = struct.Struct("<4sII")
_LONGEST = 1 << 28
_READ = 1 << 18


class Garbage(Exception):
    """Bytes that are no message of ours."""


class Wire:
    """One end of a socket. A message is a list whose first entry is its kind, or None: no more work."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._held = bytearray()

    def fileno(self) -> int:
        return self._end.fileno()

    def send(self, message: list[Any] | None) -> None:
        """Send a message whole. Raises OSError when the other end is gone."""
        data = json.dumps(message, ensure_ascii=False).encode()
        self._end.sendall(_HEAD.pack(_MARK, len(data), zlib.crc32(data)) + data)

    def receive(self) -> Any:
        """Return the next message, waiting for it. Raises EOFError or OSError when the other end is gone, Garbage."""
        while True:
            whole, message = self._cut()
            if whole:
                return message
            self._read()

    def arrived(self) -> list[Any]:
        """Return the messages that are whole after one read; call it when there is something to read. Raises as `receive`."""
        self._read()
        found: list[Any] = []
        while True:
            whole, message = self._cut()
            if not whole:
                return found
            found.append(message)

    def close(self) -> None:
        self._end.close()

    def _read(self) -> None:
        data = self._end.recv(_READ)
        if not data:
            raise EOFError
        self._held += data

    def _cut(self) -> tuple[bool, Any]:
        """Return (whether a whole message was there, that message) and drop it from what is held."""
        if len(self._held) < _HEAD.size:
            return False, None
        mark, length, total = _HEAD.unpack_from(self._held)
        if mark != _MARK or length > _LONGEST:
            raise Garbage
        end = _HEAD.size + length
        if len(self._held) < end:
            return False, None
        data = bytes(self._held[_HEAD.size : end])
        del self._held[:end]
        if zlib.crc32(data) != total:
            raise Garbage
        try:
            message = json.loads(data)
        except ValueError:
            raise Garbage from None
        if message is not None and not (isinstance(message, list) and message and isinstance(message[0], str)):
            raise Garbage
        return True, message
