"""``Connection``: redis-py's connection to a database inside the process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from redis._parsers import _RESP2Parser
from redis.connection import AbstractConnection, PythonRespSerializer
from redis.exceptions import ConnectionError

from .. import _native
from ..errors import TenonError
from ._parser import PARSERS, Direct, is_utf8
from ._socket import Socket
from ._store import MEMORY, Place, store

#: What has a meaning for sockets only: pools pass it to every class of connection.
SOCKET_ONLY = ("host", "port", "socket_keepalive", "socket_keepalive_options", "socket_type", "ssl")


class Embedded:
    """What connections have in common, for threads and for asyncio."""

    # Caches, metrics and libraries ask every connection for them.
    host, port = "embedded", 0
    #: What stands in for parsers of redis-py's.
    PARSERS: dict[Any, Any]

    path: Place
    #: The parser, if the engine reads plain replies for it.
    _direct: Direct | None = None
    #: Packs and executes a command, while there is a connection and the packer is ours.
    _send: Callable[..., bool] | None = None

    def line(self) -> _native.Line | None:
        """What is under it, while there is a connection."""
        raise NotImplementedError

    def repr_pieces(self: Any) -> list[tuple[str, Any]]:
        pieces = [("path", self.path), ("db", self.db)]
        if self.client_name:
            pieces.append(("client_name", self.client_name))
        return pieces

    def set_parser(self, parser_class: Any) -> None:
        super().set_parser(self.PARSERS.get(parser_class, parser_class))  # type: ignore[misc]
        parser = getattr(self, "_parser", None)
        self._direct = parser if isinstance(parser, Direct) else None

    def _host_error(self) -> str:
        return f"tenon:{self.path}"


class Connection(Embedded, AbstractConnection):
    """A connection without a socket: ``connection_class=`` of a pool, with ``path=`` a directory, ``:memory:NAME``, or a ``tenondb.Db``.

    What is plain goes straight into the engine and out of it; redis-py writes and reads the rest. Nobody who asks for a
    parser or a packer of his own gets another one.
    """

    PARSERS = PARSERS

    def __init__(self, path: Place = MEMORY, **kwargs: Any) -> None:
        for name in SOCKET_ONLY:
            kwargs.pop(name, None)
        # Of the parsers in Python, the one for the protocol that is asked for: it reads less than the one in C.
        kwargs.setdefault("parser_class", _RESP2Parser)
        self.path = path
        super().__init__(**kwargs)

    def line(self) -> _native.Line | None:
        sock: Any = self._sock
        return sock.line if isinstance(sock, Socket) else None

    def _construct_command_packer(self, packer: Any) -> Any:
        if packer is not None:
            return packer
        other: Any = PythonRespSerializer(self._buffer_cutoff, self.encoder.encode)
        return _native.Packer(other.pack, is_utf8(self.encoder), self._buffer_cutoff)

    def connect(self) -> None:
        """Connects, unless it is connected: every command asks."""
        if self._sock is None:
            super().connect()  # type: ignore[no-untyped-call]

    def _connect(self) -> Socket:
        db = store(self.path)
        try:
            sock = Socket(db, self.socket_timeout)
        except TenonError as error:  # closed, or of the parent of this process
            raise ConnectionError(str(error)) from error
        if isinstance(self._command_packer, _native.Packer):
            self._send = _native.Sender(sock.line, is_utf8(self.encoder), self._buffer_cutoff).send
        return sock

    def disconnect(self, *args: Any, **kwargs: Any) -> None:
        self._send = None
        super().disconnect(*args, **kwargs)  # type: ignore[no-untyped-call]

    def send_command(self, *args: Any, **kwargs: Any) -> None:
        """Executes a command: at once, if it is plain and the connection's health need not be looked at."""
        send = self._send
        if send is not None and not self.health_check_interval:
            try:
                if send(*args):
                    return
            except BaseException:  # an interrupt: its reply would be the next command's
                self.disconnect()
                raise
        super().send_command(*args, **kwargs)  # type: ignore[no-untyped-call]

    def pack_commands(self, commands: Iterable[Any]) -> Any:
        """The pieces of requests: one, if no value is large."""
        packer = self._command_packer
        if isinstance(packer, _native.Packer):
            return packer.pack_commands(commands)
        return super().pack_commands(commands)  # type: ignore[no-untyped-call]

    def read_response(self, disable_decoding: bool = False, **options: Any) -> Any:
        """The next reply: the engine's, if it is there and plain."""
        take = None if self._direct is None else self._direct.take
        if take is None:
            return super().read_response(disable_decoding, **options)
        try:
            reply = take(disable_decoding)
        except BaseException:
            if options.get("disconnect_on_error", True):
                self.disconnect()
            raise
        if reply is NotImplemented:
            return super().read_response(disable_decoding, **options)
        if self.health_check_interval:
            self.next_health_check = time.monotonic() + self.health_check_interval  # type: ignore[assignment]
        return reply

    def can_read(self, timeout: float | None = 0) -> bool:
        """Whether there is something to read: asked by a pool for every command, so the engine is asked, not a descriptor."""
        sock: Any = self._sock
        if sock is None:
            self.connect()
            sock = self._sock
        # redis-py's parser has nothing left when the next reply is the engine's to read.
        direct = self._direct
        has_read = (direct is None or direct.take is None) and self._has_read()
        if not has_read and (sock.idle() if timeout == 0 else not sock.pending() and not sock.wait(timeout)):
            return False
        return bool(super().can_read(0))

    def _has_read(self) -> bool:
        """Whether the parser has bytes that it has not used yet."""
        reader = getattr(self._parser, "_reader", None)
        if reader is not None:
            return bool(reader.has_data())
        buffer = getattr(self._parser, "_buffer", None)
        return buffer is not None and bool(buffer.unread_bytes())
