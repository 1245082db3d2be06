"""``Socket``: a connection of the engine that looks like a socket, as far as redis-py's parsers and libraries on top of it look."""

from __future__ import annotations

import errno
import socket
import time
from typing import Any

from .. import _db, _native


class Socket:
    """What is sent is executed by the sender; replies are read, and late data waited for."""

    family, type, proto = socket.AF_UNIX, socket.SOCK_STREAM, 0

    def __init__(self, db: _db.Db, timeout: float | None) -> None:
        self._line: _native.Line | None = _native.Line(db)
        self._timeout = timeout

    def _open(self) -> _native.Line:
        line = self._line
        if line is None:
            raise OSError(errno.EBADF, "the connection is closed")
        return line

    @property
    def line(self) -> _native.Line:
        """What is under it."""
        return self._open()

    def sendall(self, data: Any, flags: int = 0) -> None:
        if not self._open().write(data):
            raise BrokenPipeError(errno.EPIPE, "the connection has ended")

    def send(self, data: Any, flags: int = 0) -> int:
        self.sendall(data)
        return len(data)

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        line = self._open()
        room = memoryview(buffer)[:nbytes] if nbytes else buffer
        count = line.read_into(room)
        if count == 0:
            count = self._later(line, room)
        return max(count, 0)

    def _later(self, line: _native.Line, room: Any) -> int:
        """Waits for late data, as long as the time-out says."""
        timeout = self._timeout
        if timeout == 0:
            raise BlockingIOError(errno.EWOULDBLOCK, "there is nothing to read")
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0 or not line.wait(left):
                raise TimeoutError("timed out")
            count = line.read_into(room)
            if count:
                return count

    def recv(self, size: int, flags: int = 0) -> bytes:
        if flags & socket.MSG_PEEK:
            line = self._open()
            if line.pending():
                return b"x"
            if line.ended:
                return b""
            raise BlockingIOError(errno.EWOULDBLOCK, "there is nothing to read")
        room = bytearray(size)
        return bytes(memoryview(room)[: self.recv_into(room)])

    def settimeout(self, timeout: float | None) -> None:
        self._timeout = timeout

    def gettimeout(self) -> float | None:
        return self._timeout

    def setblocking(self, flag: bool) -> None:
        self._timeout = None if flag else 0.0

    def fileno(self) -> int:
        """A descriptor that is readable while there is something to read: for ``poll`` and its kin."""
        return self._open().fileno()

    def pending(self) -> int:
        """The number of bytes that can be read at once; redis-py asks connections with buffers of their own for it."""
        line = self._line
        return 0 if line is None else line.pending()

    def idle(self) -> bool:
        """Whether there is nothing to read now, and no end."""
        line = self._line
        return line is not None and line.idle()

    def wait(self, timeout: float | None) -> bool:
        """Whether there is something to read, or the end, within some seconds."""
        return self._open().wait(timeout)

    @property
    def ended(self) -> bool:
        line = self._line
        return line is None or line.ended

    def getpeername(self) -> tuple[str, int]:
        return ("embedded", 0)

    getsockname = getpeername

    def setsockopt(self, *args: Any) -> None:
        """There is no socket to have options."""

    def shutdown(self, how: int = socket.SHUT_RDWR) -> None:
        if self._line is not None:
            self._line.shutdown()

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.shutdown()
