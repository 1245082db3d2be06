"""``Connection``: redis-py's connection to a database inside the process."""

from __future__ import annotations

from typing import Any

from redis.connection import AbstractConnection
from redis.exceptions import ConnectionError

from ..errors import TenonError
from ._socket import Socket
from ._store import MEMORY, Place, store

#: What has a meaning for sockets only: pools pass it to every class of connection.
SOCKET_ONLY = ("host", "port", "socket_keepalive", "socket_keepalive_options", "socket_type", "ssl")


class Connection(AbstractConnection):
    """A connection without a socket: ``connection_class=`` of a pool, with ``path=`` a directory, ``:memory:NAME``, or a ``tenondb.Db``."""

    # Caches, metrics and libraries ask every connection for them.
    host, port = "embedded", 0

    def __init__(self, path: Place = MEMORY, **kwargs: Any) -> None:
        for name in SOCKET_ONLY:
            kwargs.pop(name, None)
        super().__init__(**kwargs)
        self.path = path

    def repr_pieces(self) -> list[tuple[str, Any]]:
        pieces = [("path", self.path), ("db", self.db)]
        if self.client_name:
            pieces.append(("client_name", self.client_name))
        return pieces

    def _connect(self) -> Socket:
        db = store(self.path)
        try:
            return Socket(db, self.socket_timeout)
        except TenonError as error:  # closed, or of the parent of this process
            raise ConnectionError(str(error)) from error

    def _host_error(self) -> str:
        return f"tenon:{self.path}"

    def can_read(self, timeout: float | None = 0) -> bool:
        """Whether there is something to read: asked by a pool for every command, so the engine is asked, not a descriptor."""
        if self._sock is None:
            self.connect()  # type: ignore[no-untyped-call]
        sock: Any = self._sock
        if not (sock.pending() or sock.ended or self._has_read()):
            if timeout == 0 or not sock.wait(timeout):
                return False
        return bool(super().can_read(0))

    def _has_read(self) -> bool:
        """Whether the parser has bytes that it has not used yet."""
        reader = getattr(self._parser, "_reader", None)
        if reader is not None:
            return bool(reader.has_data())
        buffer = getattr(self._parser, "_buffer", None)
        return buffer is not None and bool(buffer.unread_bytes())
