"""``Db``: a database handle."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from . import _native
from .commands import Commands
from .lock import Lock
from .pipeline import Pipeline
from .subscription import PrefixWatch, Subscription
from .transaction import Transaction, transact

T = TypeVar("T")


class Db(_native.Db, Commands):
    """A database: Redis's commands as methods. Made by :func:`tenondb.open` and :func:`tenondb.memory`.

    It may be used from many threads at once. In the child of a ``fork()`` it answers with a ``MisuseError``: open it again there.
    """

    __slots__ = ()

    def set(
        self,
        name: Any,
        value: Any,
        ex: Any = None,
        px: Any = None,
        nx: bool = False,
        xx: bool = False,
        keepttl: bool = False,
        get: bool = False,
        exat: Any = None,
        pxat: Any = None,
        ifeq: Any = None,
    ) -> Any:
        """Sets the string. ``True``: it did; ``None``: ``nx``, ``xx`` or ``ifeq`` forbade it. With ``get``: the string before."""
        if ex is px is exat is pxat is ifeq is None and not (nx or xx or keepttl or get):
            return self._put(name, value)
        return Commands.set(self, name, value, ex, px, nx, xx, keepttl, get, exat, pxat, ifeq)

    def pipeline(self, transaction: bool = True) -> Pipeline:
        """Commands that are collected and run by ``execute()``: in one atomic step, or one after the other."""
        return Pipeline(self, transaction)

    def transaction(self) -> Transaction:
        """A transaction: ``with db.transaction() as tx:`` commits at its end, and leaves nothing behind when an exception ends it.

        ``ConflictError`` at the end: somebody else has changed what it had touched; start again, or use :meth:`transact`.
        """
        return Transaction(self)

    def transact(self, body: Callable[[Transaction], T]) -> T:
        """Runs ``body`` with a transaction, again and again until nobody has changed what it had touched, and returns its result.

        ``ConflictError``: that was so 1000 times, which is the function's own doing as a rule.
        """
        return transact(self, body)

    def subscribe(self, *channels: Any, **options: Any) -> Subscription:
        """Subscribes to channels. Options: ``capacity`` (messages), ``bytes_max``, ``overflow`` (``"cut"``, ``"drop-oldest"``, ``"drop-newest"``)."""
        return Subscription(self, **options).subscribe(*channels)

    def psubscribe(self, *patterns: Any, **options: Any) -> Subscription:
        """Subscribes to all channels whose names match; options as :meth:`subscribe` has them."""
        return Subscription(self, **options).psubscribe(*patterns)

    def ssubscribe(self, *channels: Any, **options: Any) -> Subscription:
        """Subscribes to shard channels; options as :meth:`subscribe` has them."""
        return Subscription(self, **options).ssubscribe(*channels)

    def watch_prefix(self, prefix: Any, **options: Any) -> PrefixWatch:
        """Tells which keys that begin with ``prefix`` change from now on. Options: ``capacity``, ``bytes_max``."""
        return PrefixWatch(self, prefix, **options)

    def lock(
        self,
        name: Any,
        timeout: float | None = None,
        sleep: float = 0.1,
        blocking: bool = True,
        blocking_timeout: float | None = None,
        thread_local: bool = True,
    ) -> Lock:
        """A lock kept at key ``name``, as redis-py's; see :class:`Lock`."""
        return Lock(self, name, timeout, sleep, blocking, blocking_timeout, thread_local)

    def durable(self) -> Self:
        """A handle whose writes are on the disk for good when they return, whatever ``fsync`` says."""
        return self._of(self._durable())

    def select(self, index: int) -> Self:
        """A handle of logical database ``index``, below 16."""
        return self._of(self._select(index))

    def decoding(self, decode: Any, decode_errors: str = "strict") -> Self:
        """A handle whose replies are ``bytes``, or ``str`` with ``"utf-8"``."""
        return self._of(self._decoding(decode, decode_errors))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
