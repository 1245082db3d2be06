"""``Lock``: a lock that is kept at a key."""

from __future__ import annotations

import threading
import time as clock
import uuid
from types import SimpleNamespace, TracebackType
from typing import TYPE_CHECKING, Any, Self

from .errors import TenonError

if TYPE_CHECKING:
    from ._db import Db


class LockError(TenonError):
    """A lock is used against its rules: released without being held, extended without a time-out."""

    kind = "conflict"


class LockNotOwnedError(LockError):
    """The lock belongs to somebody else meanwhile: its time was over."""


class Lock:
    """A lock at a key, with redis-py's interface: who holds it has put a token of its own there.

    It is taken by ``SET … NX``, given back by ``DELIFEQ``, and prolonged in a transaction that has seen the token; with a ``timeout`` (seconds)
    it ends by itself when its holder dies. Who waits for it looks every ``sleep`` seconds.
    """

    def __init__(
        self,
        db: Db,
        name: Any,
        timeout: float | None = None,
        sleep: float = 0.1,
        blocking: bool = True,
        blocking_timeout: float | None = None,
        thread_local: bool = True,
    ) -> None:
        self.db, self.name, self.timeout, self.sleep = db, name, timeout, sleep
        self.blocking, self.blocking_timeout = blocking, blocking_timeout
        self.local: Any = threading.local() if thread_local else SimpleNamespace()
        self.local.token = None

    def _token(self) -> bytes | None:
        return getattr(self.local, "token", None)

    def acquire(
        self,
        sleep: float | None = None,
        blocking: bool | None = None,
        blocking_timeout: float | None = None,
        token: str | bytes | None = None,
    ) -> bool:
        """Takes the lock; waits for it when ``blocking``, ``blocking_timeout`` seconds at most. ``False``: it did not."""
        mine = token.encode() if isinstance(token, str) else token or uuid.uuid1().hex.encode()
        pause = self.sleep if sleep is None else sleep
        waits = self.blocking if blocking is None else blocking
        patience = self.blocking_timeout if blocking_timeout is None else blocking_timeout
        end = None if patience is None else clock.monotonic() + patience
        while True:
            if self.db.set(self.name, mine, nx=True, px=self._ms(self.timeout)):
                self.local.token = mine
                return True
            if not waits or (end is not None and clock.monotonic() + pause > end):
                return False
            clock.sleep(pause)

    def release(self) -> None:
        """Gives the lock back."""
        mine, self.local.token = self._held("release"), None
        if not self.db.delifeq(self.name, mine):
            raise LockNotOwnedError("ERR the lock is somebody else's by now")

    def extend(self, additional_time: float, replace_ttl: bool = False) -> bool:
        """Prolongs the lock by some seconds; with ``replace_ttl`` it has so many from now on."""
        if self.timeout is None:
            raise LockError("ERR a lock without a time-out cannot be extended")
        return self._live(self._held("extend"), additional_time, replace_ttl)

    def reacquire(self) -> bool:
        """Gives the lock its time-out again, from now on."""
        if self.timeout is None:
            raise LockError("ERR a lock without a time-out cannot be reacquired")
        return self._live(self._held("reacquire"), self.timeout, True)

    def locked(self) -> bool:
        """Whether anybody holds it."""
        return self.db.exists(self.name) == 1

    def owned(self) -> bool:
        """Whether this lock object holds it."""
        mine = self._token()
        return mine is not None and self._is(self.db.get(self.name), mine)

    def _live(self, mine: bytes, seconds: float, replace: bool) -> bool:
        def body(tx: Any) -> bool:
            if not self._is(tx.get(self.name), mine):
                return False
            left = 0 if replace else max(tx.pttl(self.name), 0)
            return bool(tx.pexpire(self.name, left + (self._ms(seconds) or 0)))

        if not self.db.transact(body):
            raise LockNotOwnedError("ERR the lock is somebody else's by now")
        return True

    def _held(self, what: str) -> bytes:
        mine = self._token()
        if mine is None:
            raise LockError(f"ERR cannot {what} a lock that is not held")
        return mine

    @staticmethod
    def _ms(seconds: float | None) -> int | None:
        return None if seconds is None else int(seconds * 1000)

    @staticmethod
    def _is(found: Any, mine: bytes) -> bool:
        return (found.encode() if isinstance(found, str) else found) == mine

    def __enter__(self) -> Self:
        if not self.acquire():
            raise LockError("ERR the lock was not to be had in time")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
