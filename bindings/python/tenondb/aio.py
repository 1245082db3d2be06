"""TenonDB for asyncio: the same commands, awaited.

    db = await tenondb.aio.open("app.db")
    await db.set("greeting", "hello")
    job = await db.blpop("jobs", timeout=5)

A command that does not wait for a key is done when its call returns: no thread, no turn of the loop. One that waits can be cancelled, and
what it was served with meanwhile is given back. A write that waits for the disk (``fsync="always"``, ``durable()``) does so in a thread; cancelled there,
it is not undone. Who never has to wait lets the loop turn about once a millisecond all the same.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from . import _db, _native, pipeline, subscription
from ._loop import Hub
from ._native import Pending
from .commands import Commands, DataCommands
from .errors import ClosedError, ConflictError, MisuseError
from .subscription import Invalidation, Message
from .transaction import ATTEMPTS_MAX, hopeless

__all__ = ["Db", "Pipeline", "PrefixWatch", "Subscription", "Transaction", "memory", "open"]

T = TypeVar("T")


async def open(path: str | os.PathLike[str], **options: Any) -> Db:
    """Opens the store in directory ``path``, in a thread; options as :func:`tenondb.open` has them."""
    return Db(await asyncio.to_thread(_db.Db, path, **options))


def memory(**options: Any) -> Db:
    """Opens a database in memory; options as :func:`tenondb.open` has them."""
    return Db(_db.Db(**options))


class _Scans(DataCommands):
    """Iterations, some at a time."""

    __slots__ = ()

    async def scan_iter(self, match: Any = None, count: int | None = None, _type: str | None = None) -> AsyncIterator[Any]:  # type: ignore[override]
        """All keys, some at a time."""
        cursor = -1
        while cursor:
            cursor, found = await self.scan(max(cursor, 0), match, count, _type)  # type: ignore[misc]
            for one in found:
                yield one

    async def hscan_iter(  # type: ignore[override]
        self, name: Any, match: Any = None, count: int | None = None, no_values: bool | None = None
    ) -> AsyncIterator[Any]:
        """All fields with their values, some at a time; with ``no_values`` fields only."""
        cursor = -1
        while cursor:
            cursor, found = await self.hscan(name, max(cursor, 0), match, count, no_values)  # type: ignore[misc]
            for one in found if no_values else found.items():
                yield one

    async def sscan_iter(self, name: Any, match: Any = None, count: int | None = None) -> AsyncIterator[Any]:  # type: ignore[override]
        """All members, some at a time."""
        cursor = -1
        while cursor:
            cursor, found = await self.sscan(name, max(cursor, 0), match, count)  # type: ignore[misc]
            for one in found:
                yield one

    async def zscan_iter(  # type: ignore[override]
        self, name: Any, match: Any = None, count: int | None = None, score_cast_func: Any = float
    ) -> AsyncIterator[Any]:
        """All members with their scores, some at a time."""
        cursor = -1
        while cursor:
            cursor, found = await self.zscan(name, max(cursor, 0), match, count, score_cast_func)  # type: ignore[misc]
            for one in found:
                yield one


class Db(_Scans, Commands):
    """A database for coroutines, of any event loop. ``sync`` is the same one for everybody else."""

    __slots__ = ("sync_db", "_gets")

    def __init__(self, db: _db.Db) -> None:
        #: The same database without asyncio.
        self.sync_db = db
        self._gets = 0

    async def _run(self, args: Any, shape: Any = None, /) -> Any:
        db, hub = self.sync_db, Hub.current()
        if hub.is_due():
            await asyncio.sleep(0)
        reply = db._start(args)
        if reply is NotImplemented:
            # It waits for the disk. One that has to wait for a key as well does that here, where it can be cancelled.
            reply = await asyncio.get_running_loop().run_in_executor(None, db._start, args, True)
        if type(reply) is Pending:
            reply = await _served(hub, reply, db.sync if db._syncs else None)
        return reply if shape is None else shape(reply)

    async def call(self, *args: Any) -> Any:
        """Runs any command, given as its name and arguments."""
        return await self._run(args)

    async def get(self, name: Any) -> Any:
        """The string, or ``None``."""
        # So quick that looking at the clock would cost as much: once in a while is often enough.
        self._gets += 1
        if self._gets & 15 == 0 and Hub.current().is_due():
            await asyncio.sleep(0)
        return self.sync_db.get(name)

    async def get_view(self, name: Any) -> memoryview | None:
        """The string as a read-only ``memoryview``, without a copy when it is large."""
        if Hub.current().is_due():
            await asyncio.sleep(0)
        return self.sync_db.get_view(name)

    def pipeline(self, transaction: bool = True) -> Pipeline:
        """Commands that are collected and run by ``await execute()``."""
        return Pipeline(self, transaction)

    def transaction(self) -> Transaction:
        """A transaction: ``async with db.transaction() as tx:`` commits at its end; see :meth:`tenondb.Db.transaction`."""
        return Transaction(self)

    async def transact(self, body: Callable[[Transaction], Awaitable[T]]) -> T:
        """Awaits ``body`` with a transaction, again and again until nobody has changed what it had touched; see :meth:`tenondb.Db.transact`."""
        for _ in range(ATTEMPTS_MAX):
            tx = Transaction(self)
            try:
                result = await body(tx)
            except BaseException:
                tx.abort()
                raise
            try:
                await tx.commit()
            except ConflictError:
                continue
            return result
        raise hopeless()

    def subscribe(self, *channels: Any, **options: Any) -> Subscription:
        """Subscribes to channels; options as :meth:`tenondb.Db.subscribe` has them."""
        return Subscription(self.sync_db, **options).subscribe(*channels)

    def psubscribe(self, *patterns: Any, **options: Any) -> Subscription:
        """Subscribes to all channels whose names match."""
        return Subscription(self.sync_db, **options).psubscribe(*patterns)

    def ssubscribe(self, *channels: Any, **options: Any) -> Subscription:
        """Subscribes to shard channels."""
        return Subscription(self.sync_db, **options).ssubscribe(*channels)

    def watch_prefix(self, prefix: Any, **options: Any) -> PrefixWatch:
        """Tells which keys that begin with ``prefix`` change from now on."""
        return PrefixWatch(self.sync_db, prefix, **options)

    def durable(self) -> Db:
        """A handle whose writes are on the disk for good when they are done."""
        return Db(self.sync_db.durable())

    def select(self, index: int) -> Db:
        """A handle of logical database ``index``."""
        return Db(self.sync_db.select(index))

    async def sync(self) -> None:
        """Waits until everything that was written before is on the disk for good."""
        await asyncio.to_thread(self.sync_db.sync)

    async def aclose(self) -> None:
        """Ends the handle; see :meth:`tenondb.Db.close`."""
        await asyncio.to_thread(self.sync_db.close)

    @property
    def clock(self) -> _native.Clock:
        """The database's clock."""
        return self.sync_db.clock

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self.sync_db.closed

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<tenondb.aio {self.sync_db!r}>"


async def _served(hub: Hub, pending: Pending, sync: Callable[[], None] | None) -> Any:
    """Waits for a command. Cancelled, it gives back what it was served with. When its reply has to wait for the disk, too, ``sync``
    does that before it is asked for: in a thread, and nothing is taken meanwhile."""

    def look(poller: _native.Poller, token: int) -> Any:
        is_done, reply = pending.look()
        return (reply,) if is_done else None

    try:
        return (await hub.until(look, lambda token: pending.attach(hub.poller, token), sync))[0]
    finally:
        pending.cancel()


class Pipeline(pipeline.Pipeline):
    """Commands that are collected and run together; see :class:`tenondb.Pipeline`."""

    __slots__ = ("_aio",)

    def __init__(self, db: Db, transaction: bool = True) -> None:
        super().__init__(db.sync_db, transaction)
        self._aio = db

    async def execute(self, raise_on_error: bool = True) -> list[Any]:  # type: ignore[override]
        """Runs the commands and returns the reply of each."""
        if Hub.current().is_due():
            await asyncio.sleep(0)
        if self._atomic:
            if self._db._syncs:
                return await asyncio.to_thread(super().execute, raise_on_error)
            return super().execute(raise_on_error)
        commands = self._taken()
        return self._shaped(commands, [await self._awaited(words) for words, _ in commands], raise_on_error)

    async def _awaited(self, words: Any) -> Any:
        try:
            return await self._aio._run(words)
        except Exception as error:  # one that fails does not keep the others from running
            return error

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reset()


class Transaction(_Scans):
    """An open transaction; see :class:`tenondb.Transaction`."""

    __slots__ = ("_open", "_db")

    def __init__(self, db: Db) -> None:
        self._db = db.sync_db
        self._open = _native.Transaction(db.sync_db)

    async def _run(self, args: Any, shape: Any = None, /) -> Any:
        if Hub.current().is_due():
            await asyncio.sleep(0)
        return self._open._run(args, shape)

    async def call(self, *args: Any) -> Any:
        """Runs any command about keys inside the transaction."""
        return await self._run(args)

    async def commit(self) -> None:
        """Makes what was written visible, in one step. ``ConflictError``: somebody has changed what was touched."""
        if self._db._syncs:
            await asyncio.to_thread(self._open.commit)
        else:
            self._open.commit()

    def abort(self) -> None:
        """Ends it without a trace."""
        self._open.abort()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._open.is_open:
            await self.commit()
        else:
            self.abort()


class _Reader:
    """Reads something that others fill, one task at a time."""

    __slots__ = ()
    _waits: dict[int, tuple[Hub, int]] = {}

    async def _received(self, timeout: float | None) -> Any:
        hub = Hub.current()
        if hub.is_due():
            await asyncio.sleep(0)
        if id(self) in self._waits:
            raise MisuseError("ERR another task reads this already")

        def began(token: int) -> None:
            self._waits[id(self)] = (hub, token)

        try:
            async with asyncio.timeout(timeout):
                return await hub.until(self._poll, began)
        except TimeoutError:
            return None
        finally:
            self._waits.pop(id(self), None)

    def _poll(self, poller: _native.Poller, token: int) -> Any:
        raise NotImplementedError

    def close(self) -> None:
        """Ends it; a task that reads it is told by a ``ClosedError``."""
        super().close()  # type: ignore[misc]
        hub, token = self._waits.get(id(self), (None, 0))
        if hub is not None:
            hub.call(token)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Subscription(_Reader, subscription.Subscription):
    """Messages, ``async for``; see :class:`tenondb.Subscription`. One task reads it at a time."""

    __slots__ = ()
    _poll = _native.Subscription._poll

    async def get(self, timeout: float | None = None) -> Message | None:  # type: ignore[override]
        """The next message; waits ``timeout`` seconds at most (``None``: for ever). ``None``: there was none."""
        parts = await self._received(timeout)
        return None if parts is None else Message(*parts)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Message:
        try:
            return Message(*await self._received(None))
        except ClosedError:
            raise StopAsyncIteration from None


class PrefixWatch(_Reader, subscription.PrefixWatch):
    """Changes of keys, ``async for``; see :class:`tenondb.PrefixWatch`. One task reads it at a time."""

    __slots__ = ()
    _poll = _native.PrefixWatch._poll

    async def get(self, timeout: float | None = None) -> Invalidation | None:  # type: ignore[override]
        """The next change; waits ``timeout`` seconds at most (``None``: for ever). ``None``: there was none."""
        part = await self._received(timeout)
        return None if part is None else Invalidation(*part)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Invalidation:
        try:
            return Invalidation(*await self._received(None))
        except ClosedError:
            raise StopAsyncIteration from None
