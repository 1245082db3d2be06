"""``redis.asyncio`` on a database inside the process: ``Redis``, ``from_url``, ``Connection``, ``ConnectionPool``."""

from __future__ import annotations

import asyncio
import errno
import weakref
from collections.abc import Iterable
from typing import Any

import redis.asyncio
from redis._parsers import _AsyncRESP2Parser, _AsyncRESP3Parser
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.connection import ConnectionPool as _ConnectionPool
from redis.connection import PythonRespSerializer
from redis.exceptions import ConnectionError

from .. import _db, _native, aio
from .._loop import Hub
from ..errors import TenonError
from ._client import client_arguments, pool_arguments, url_arguments
from ._connection import SOCKET_ONLY, Embedded
from ._parser import Direct, is_utf8
from ._store import MEMORY, Place, store

__all__ = ["Connection", "ConnectionPool", "Redis", "from_url"]

#: Bytes that a reader holds; what is more stays in the engine, which has limits of its own.
BUFFER_BYTES = 1 << 20


class Writer:
    """The writing end of a connection, and the transport of its reader: as much of both as redis-py asks for.

    What was written is executed, and the replies stay in the engine until they are taken, or :meth:`pump` gives them to the reader:
    whoever is about to wait for the reader calls it first.
    """

    def __init__(self, db: _db.Db, reader: asyncio.StreamReader) -> None:
        # What the end of it needs comes first: the line may be refused.
        self._hub, self._token = Hub.current(), 0
        self._paused = self._closed = self._ended = False
        self.line = _native.Line(db)
        self._reader = reader
        self.transport = self
        me = weakref.ref(self)

        def late() -> None:
            writer = me()
            if writer is not None:
                writer.pump()

        self._token = self._hub.add(late)
        reader.set_transport(self)  # type: ignore[arg-type]
        if not self.line.attach(self._hub.poller, self._token):
            self.pump()

    def pump(self) -> None:
        """Gives the reader what there is. The look that finds nothing arms the loop's descriptor."""
        while not (self._paused or self._ended):
            data = self.line.read_all()
            if data is None:
                self._end()
            elif data:
                self._reader.feed_data(data)
            else:
                return

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._hub.remove(self._token)
            self._reader.feed_eof()

    def writelines(self, parts: Iterable[Any]) -> None:
        """Executes the commands in ``parts``; their replies are there when it returns."""
        if self._closed or not self.line.write(b"".join(parts)):
            self.pump()
            raise BrokenPipeError(errno.EPIPE, "the connection has ended")

    def write(self, data: Any) -> None:
        self.writelines((data,))

    async def drain(self) -> None:
        """Nothing is ever on its way; but who never waits lets the loop turn now and then."""
        if self._hub.is_due():
            await asyncio.sleep(0)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self.line.shutdown()
            self._end()

    def abort(self) -> None:
        self.close()

    async def wait_closed(self) -> None:
        """There is nothing to wait for."""

    def is_closing(self) -> bool:
        return self._closed

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("embedded", 0) if name in ("peername", "sockname") else default

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        self._paused = False
        self.pump()

    def __del__(self) -> None:
        self._hub.remove(self._token)


class Awaiting(Direct):
    """What the two parsers for asyncio have in common. The reader may have bytes that are not used yet, too."""

    async def read_response(self, disable_decoding: bool = False, *args: Any, **options: Any) -> Any:
        self.take = None
        try:
            return await super().read_response(disable_decoding, *args, **options)  # type: ignore[misc]
        finally:
            if not (getattr(self, "_buffer", None) or getattr(self, "_chunks", None)):
                self.take = self._take


class RESP2Parser(Awaiting, _AsyncRESP2Parser):
    """redis-py's parser of RESP2."""


class RESP3Parser(Awaiting, _AsyncRESP3Parser):
    """redis-py's parser of RESP3."""

    RESP3 = True


class Serializer(PythonRespSerializer):
    """``pack_command`` of redis-py's own connection, for one that must not hold the connection."""

    def pack(self, *args: Any) -> Any:
        assert not isinstance(args[0], float)
        return super().pack(*args)  # type: ignore[no-untyped-call]


PARSERS: dict[Any, Any] = {_AsyncRESP2Parser: RESP2Parser, _AsyncRESP3Parser: RESP3Parser}


class Connection(Embedded, AbstractConnection):
    """A connection without a socket: ``connection_class=`` of a pool of ``redis.asyncio``, with ``path=`` a directory, ``:memory:NAME``, or a
    ``tenondb.Db``."""

    PARSERS = PARSERS

    def __init__(self, *, path: Place = MEMORY, **kwargs: Any) -> None:
        for name in SOCKET_ONLY:
            kwargs.pop(name, None)
        kwargs.setdefault("parser_class", _AsyncRESP2Parser)
        self.path = path
        super().__init__(**kwargs)
        other: Any = Serializer(self._buffer_cutoff, self.encoder.encode)
        self._packer = _native.Packer(other.pack, is_utf8(self.encoder), self._buffer_cutoff)

    def line(self) -> _native.Line | None:
        writer: Any = self._writer
        return writer.line if isinstance(writer, Writer) else None

    async def connect(self) -> None:
        """Connects, unless it is connected: every command asks."""
        if not self.is_connected:
            await super().connect()  # type: ignore[no-untyped-call]

    async def _connect(self) -> None:
        db = store(self.path) if isinstance(self.path, _db.Db) else await asyncio.to_thread(store, self.path)
        reader = asyncio.StreamReader(limit=BUFFER_BYTES)
        try:
            writer: Any = Writer(db, reader)
        except TenonError as error:  # closed, or of the parent of this process
            raise ConnectionError(str(error)) from error
        self._reader, self._writer = reader, writer
        self._send = _native.Sender(writer.line, is_utf8(self.encoder), self._buffer_cutoff).send

    async def disconnect(self, *args: Any, **kwargs: Any) -> None:
        self._send = None
        await super().disconnect(*args, **kwargs)

    async def send_command(self, *args: Any, **kwargs: Any) -> None:
        """Executes a command: at once, if it is plain and the connection's health need not be looked at."""
        send, writer = self._send, self._writer
        if send is not None and writer is not None and not self.health_check_interval:
            try:
                if send(*args):
                    await writer.drain()
                    return
            except BaseException:  # cancelled: its reply would be the next command's
                await self.disconnect(nowait=True)
                raise
        await super().send_command(*args, **kwargs)

    def pack_command(self, *args: Any) -> Any:
        return self._packer.pack(*args)

    def pack_commands(self, commands: Iterable[Any]) -> Any:
        """The pieces of requests: one, if no value is large."""
        return self._packer.pack_commands(commands)

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        """Executes commands. It takes no time that could be limited: no task for it, which might swallow that its caller is cancelled."""
        if not self.is_connected:
            await self.connect_check_health(check_health=False)
        if check_health:
            await self.check_health()  # type: ignore[no-untyped-call]
        parts = command.encode() if isinstance(command, str) else command
        writer: Any = self._writer
        try:
            writer.writelines([parts] if isinstance(parts, bytes) else parts)
            await writer.drain()
        except OSError as error:
            await self.disconnect(nowait=True)
            raise ConnectionError(f"Error while writing to {self._host_error()}: {error}") from error
        except BaseException:
            await self.disconnect(nowait=True)
            raise

    async def read_response(self, disable_decoding: bool = False, *args: Any, **options: Any) -> Any:
        """The next reply: the engine's, if it is there and plain."""
        take = None if self._direct is None else self._direct.take
        if take is not None and self._is_drained():
            try:
                reply = take(disable_decoding)
            except BaseException:
                if options.get("disconnect_on_error", True):
                    await self.disconnect(nowait=True)
                raise
            if reply is not NotImplemented:
                if self.health_check_interval:
                    self.next_health_check = asyncio.get_running_loop().time() + self.health_check_interval
                return reply
        self._pump()
        return await super().read_response(disable_decoding, *args, **options)

    def _is_drained(self) -> bool:
        """Whether the reader has nothing."""
        reader: Any = self._reader
        return reader is not None and not reader._buffer

    def _pump(self) -> None:
        """Gives the reader what there is: redis-py is about to look at it."""
        writer: Any = self._writer
        if writer is not None:
            writer.pump()

    async def can_read(self) -> bool:
        """Whether there is something to read, or the end: asked by a pool for every command."""
        writer: Any = self._writer
        if self._direct is not None and self._direct.take is not None and self._is_drained() and writer.line.idle():
            return False
        self._pump()
        return await super().can_read()

    async def can_read_destructive(self) -> bool:
        self._pump()
        return bool(await super().can_read_destructive())

    def _socket_is_empty(self) -> bool:
        self._pump()
        return bool(super()._socket_is_empty())  # type: ignore[no-untyped-call]


class ConnectionPool(_ConnectionPool):
    """A pool of connections to ``place``: a directory, ``:memory:NAME``, a database, or nothing: a database in memory of its own."""

    def __init__(self, place: Place | aio.Db | None = None, **kwargs: Any) -> None:
        if "path" in kwargs:
            place = kwargs.pop("path")
        kwargs.pop("connection_class", None)
        limit = kwargs.pop("max_connections", None)
        super().__init__(connection_class=Connection, max_connections=limit, **pool_arguments(place, kwargs))


class Redis(redis.asyncio.Redis):
    """``redis.asyncio.Redis`` without a server. Arguments by name are those of ``redis.asyncio.Redis``, but for the ones about sockets."""

    def __init__(
        self,
        place: Place | aio.Db | None = None,
        *,
        connection_pool: Any = None,
        single_connection_client: bool = False,
        **kwargs: Any,
    ) -> None:
        owns = connection_pool is None
        if owns:
            connection_pool = ConnectionPool(place, **client_arguments(redis.asyncio.Redis, AbstractConnection, kwargs))
        elif place is not None or kwargs:
            raise TypeError("a pool has its arguments already")
        super().__init__(connection_pool=connection_pool, single_connection_client=single_connection_client)
        self.auto_close_connection_pool = owns


def from_url(url: str, **kwargs: Any) -> Redis:
    """A client of ``tenon:///directory?option=value`` or ``tenon://memory/name``, with the options that ``redis.asyncio.from_url`` knows."""
    return Redis(**url_arguments(url, kwargs))
