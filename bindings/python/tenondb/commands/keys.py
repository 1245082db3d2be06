"""Commands about keys of any type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ._base import (
    Key,
    Moment,
    Raw,
    Runs,
    Span,
    at_milliseconds,
    at_seconds,
    flags,
    milliseconds,
    option,
    pair,
    seconds,
    truth,
)


class KeyCommands(Runs):
    """Keys: existence, expiry, names, iteration."""

    __slots__ = ()

    def copy(self, source: Key, destination: Key, destination_db: int | None = None, replace: bool = False) -> bool:
        """Copies a key; ``False`` when the target exists or the source does not."""
        words = ("COPY", source, destination, *option("DB", destination_db), *flags(replace=replace))
        return self._run(words, truth)

    def delete(self, *names: Key) -> int:
        """Removes keys; returns how many there were."""
        return self._run(("DEL", *names))

    def exists(self, *names: Key) -> int:
        """How many of the keys exist; one that is named twice counts twice."""
        return self._run(("EXISTS", *names))

    def expire(
        self, name: Key, time: Span, nx: bool = False, xx: bool = False, gt: bool = False, lt: bool = False
    ) -> bool:
        """Sets the time to live, in seconds."""
        return self._run(("EXPIRE", name, seconds(time), *flags(nx=nx, xx=xx, gt=gt, lt=lt)), truth)

    def expireat(
        self, name: Key, when: Moment, nx: bool = False, xx: bool = False, gt: bool = False, lt: bool = False
    ) -> bool:
        """Sets the end of life, in seconds of Unix time."""
        return self._run(("EXPIREAT", name, at_seconds(when), *flags(nx=nx, xx=xx, gt=gt, lt=lt)), truth)

    def expiretime(self, key: Key) -> int:
        """The end of life in seconds of Unix time; -1: none, -2: no key."""
        return self._run(("EXPIRETIME", key))

    def keys(self, pattern: Key = "*") -> list[Raw]:
        """All keys that match. All keys are locked meanwhile: :meth:`scan_iter` does not."""
        return self._run(("KEYS", pattern))

    def move(self, name: Key, db: int) -> bool:
        """Moves the key to another logical database."""
        return self._run(("MOVE", name, db), truth)

    def object(self, infotype: str, key: Key) -> Any:
        """What is known of a key: ``encoding``, ``freq``, ``idletime``, ``refcount``."""
        return self._run(("OBJECT", infotype, key))

    def persist(self, name: Key) -> bool:
        """Takes the time to live away."""
        return self._run(("PERSIST", name), truth)

    def pexpire(
        self, name: Key, time: Span, nx: bool = False, xx: bool = False, gt: bool = False, lt: bool = False
    ) -> bool:
        """Sets the time to live, in milliseconds."""
        return self._run(("PEXPIRE", name, milliseconds(time), *flags(nx=nx, xx=xx, gt=gt, lt=lt)), truth)

    def pexpireat(
        self, name: Key, when: Moment, nx: bool = False, xx: bool = False, gt: bool = False, lt: bool = False
    ) -> bool:
        """Sets the end of life, in milliseconds of Unix time."""
        return self._run(("PEXPIREAT", name, at_milliseconds(when), *flags(nx=nx, xx=xx, gt=gt, lt=lt)), truth)

    def pexpiretime(self, key: Key) -> int:
        """The end of life in milliseconds of Unix time; -1: none, -2: no key."""
        return self._run(("PEXPIRETIME", key))

    def pttl(self, name: Key) -> int:
        """The time to live in milliseconds; -1: none, -2: no key."""
        return self._run(("PTTL", name))

    def randomkey(self) -> Raw | None:
        """Any key."""
        return self._run(("RANDOMKEY",))

    def rename(self, src: Key, dst: Key) -> bool:
        """Renames a key; the target is replaced."""
        return self._run(("RENAME", src, dst), truth)

    def renamenx(self, src: Key, dst: Key) -> bool:
        """Renames a key when the target does not exist."""
        return self._run(("RENAMENX", src, dst), truth)

    def scan(
        self, cursor: int = 0, match: Key | None = None, count: int | None = None, _type: str | None = None
    ) -> tuple[int, list[Raw]]:
        """Some keys, and where to go on; 0: that was all."""
        words = ("SCAN", cursor, *option("MATCH", match), *option("COUNT", count), *option("TYPE", _type))
        return self._run(words, scanned)

    def scan_iter(
        self, match: Key | None = None, count: int | None = None, _type: str | None = None
    ) -> Iterator[Raw]:
        """All keys, some at a time; one that is there all the while comes, one that comes or goes meanwhile may."""
        cursor = -1
        while cursor:
            cursor, keys = self.scan(max(cursor, 0), match=match, count=count, _type=_type)
            yield from keys

    def sort(
        self,
        name: Key,
        start: int | None = None,
        num: int | None = None,
        by: Key | None = None,
        get: Key | Sequence[Key] | None = None,
        desc: bool = False,
        alpha: bool = False,
        store: Key | None = None,
        groups: bool | None = False,
    ) -> Any:
        """The elements of a list, set or sorted set in order; with ``groups`` as tuples of what ``get`` has found."""
        words = _sort("SORT", name, start, num, by, get, desc, alpha)
        size = len(get) if groups and isinstance(get, (list, tuple)) else 0
        if groups and size < 2:
            raise ValueError("groups needs two patterns in get at least")
        shape = (lambda found: [tuple(found[at : at + size]) for at in range(0, len(found), size)]) if size else None
        return self._run((*words, *option("STORE", store)), shape)

    def sort_ro(
        self,
        key: Key,
        start: int | None = None,
        num: int | None = None,
        by: Key | None = None,
        get: Sequence[Key] | None = None,
        desc: bool = False,
        alpha: bool = False,
    ) -> list[Raw]:
        """The elements of a list, set or sorted set in order; never writes."""
        return self._run(_sort("SORT_RO", key, start, num, by, get, desc, alpha))

    def touch(self, *args: Key) -> int:
        """Counts keys as used now; returns how many there are."""
        return self._run(("TOUCH", *args))

    def ttl(self, name: Key) -> int:
        """The time to live in seconds; -1: none, -2: no key."""
        return self._run(("TTL", name))

    def type(self, name: Key) -> Raw:
        """The type of a key; ``none`` when there is none."""
        return self._run(("TYPE", name))

    def unlink(self, *names: Key) -> int:
        """Removes keys, and frees their memory later; returns how many there were."""
        return self._run(("UNLINK", *names))

    def wait(self, num_replicas: int, timeout: int) -> int:
        """The number of replicas that have everything: there are none."""
        return self._run(("WAIT", num_replicas, timeout))

    def waitaof(self, num_local: int, num_replicas: int, timeout: int) -> list[int]:
        """Waits until what was written is on the disk."""
        return self._run(("WAITAOF", num_local, num_replicas, timeout))


def scanned(reply: Any) -> Any:
    """The reply of a scan: the cursor as an integer."""
    cursor, found = reply
    return pair([int(cursor), found])


def _sort(
    command: str,
    name: Key,
    start: int | None,
    num: int | None,
    by: Key | None,
    get: Key | Sequence[Key] | None,
    desc: bool,
    alpha: bool,
) -> tuple[Any, ...]:
    if (start is None) != (num is None):
        raise ValueError("start and num come together")
    words: list[Any] = [command, name, *option("BY", by)]
    if start is not None:
        words += ("LIMIT", start, num)
    if get is not None:
        patterns = [get] if isinstance(get, (str, bytes)) else get
        for pattern in patterns:  # type: ignore[union-attr]
            words += ("GET", pattern)
    return (*words, *flags(desc=desc, alpha=alpha))
