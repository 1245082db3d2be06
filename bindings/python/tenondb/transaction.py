"""``Transaction``: read, decide and write, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from . import _native
from .commands import DataCommands
from .errors import ConflictError

if TYPE_CHECKING:
    from ._db import Db

T = TypeVar("T")

#: After so many attempts the function itself is what changes the keys that it has touched, as a rule.
ATTEMPTS_MAX = 1000


class Transaction(DataCommands):
    """An open transaction: commands about keys, with what they say to this transaction at once and to everybody else at its end.

    Isolated, reading its own writes, all or nothing; others never wait for it. One thread at a time.
    """

    __slots__ = ("_open",)

    def __init__(self, db: Db) -> None:
        self._open = _native.Transaction(db)

    def _run(self, args: Any, shape: Any = None, /) -> Any:
        return self._open._run(args, shape)

    def call(self, *args: Any) -> Any:
        """Runs any command about keys inside the transaction."""
        return self._open._run(args, None)

    def commit(self) -> None:
        """Makes what was written visible, in one step. ``ConflictError``: somebody has changed what was touched; nothing was done."""
        self._open.commit()

    def abort(self) -> None:
        """Ends it without a trace."""
        self._open.abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._open.is_open:
            self.commit()
        else:
            self.abort()


def transact(db: Db, body: Callable[[Transaction], T]) -> T:
    """Runs ``body`` until its transaction commits, and returns its result."""
    for _ in range(ATTEMPTS_MAX):
        tx = Transaction(db)
        try:
            result = body(tx)
        except BaseException:
            tx.abort()
            raise
        try:
            tx.commit()
        except ConflictError:
            continue
        return result
    raise hopeless()


def hopeless() -> ConflictError:
    """What is raised when a transaction has conflicted again and again."""
    return ConflictError(
        f"ERR the transaction was begun {ATTEMPTS_MAX} times, and each time what it had touched was changed meanwhile: "
        "does its function use the database instead of the transaction?"
    )
