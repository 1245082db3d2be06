"""Set commands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ._base import Key, Keys, Raw, Runs, Value, as_set, listed, option, truth
from .keys import scanned


class Sets(Runs):
    """Sets."""

    __slots__ = ()

    def sadd(self, name: Key, *values: Value) -> int:
        """Adds members; returns how many are new."""
        return self._run(("SADD", name, *values))

    def scard(self, name: Key) -> int:
        """The number of members."""
        return self._run(("SCARD", name))

    def sdiff(self, keys: Keys, *args: Key) -> set[Raw]:
        """The members of the first set that are in no other."""
        return self._run(("SDIFF", *listed(keys, args)), as_set)

    def sdiffstore(self, dest: Key, keys: Keys, *args: Key) -> int:
        """Keeps the difference at ``dest``; returns its size."""
        return self._run(("SDIFFSTORE", dest, *listed(keys, args)))

    def sinter(self, keys: Keys, *args: Key) -> set[Raw]:
        """The members that are in all sets."""
        return self._run(("SINTER", *listed(keys, args)), as_set)

    def sintercard(self, numkeys: int, keys: Keys, limit: int = 0) -> int:
        """How many members are in all sets; counts up to ``limit`` (0: all)."""
        return self._run(("SINTERCARD", numkeys, *listed(keys), "LIMIT", limit))

    def sinterstore(self, dest: Key, keys: Keys, *args: Key) -> int:
        """Keeps the intersection at ``dest``; returns its size."""
        return self._run(("SINTERSTORE", dest, *listed(keys, args)))

    def sismember(self, name: Key, value: Value) -> int:
        """1 when it is a member, 0 otherwise."""
        return self._run(("SISMEMBER", name, value))

    def smembers(self, name: Key) -> set[Raw]:
        """All members."""
        return self._run(("SMEMBERS", name), as_set)

    def smismember(self, name: Key, values: Keys, *args: Value) -> list[int]:
        """For each value 1 when it is a member, 0 otherwise."""
        return self._run(("SMISMEMBER", name, *listed(values, args)))

    def smove(self, src: Key, dst: Key, value: Value) -> bool:
        """Moves a member to another set."""
        return self._run(("SMOVE", src, dst, value), truth)

    def spop(self, name: Key, count: int | None = None) -> Any:
        """Takes any member out, or a list of so many."""
        return self._run(("SPOP", name)) if count is None else self._run(("SPOP", name, count), list)

    def srandmember(self, name: Key, number: int | None = None) -> Any:
        """Any member, or a list of so many; negative: with repetitions."""
        words = ("SRANDMEMBER", name) if number is None else ("SRANDMEMBER", name, number)
        return self._run(words, None if number is None else list)

    def srem(self, name: Key, *values: Value) -> int:
        """Removes members; returns how many there were."""
        return self._run(("SREM", name, *values))

    def sscan(
        self, name: Key, cursor: int = 0, match: Key | None = None, count: int | None = None
    ) -> tuple[int, list[Raw]]:
        """Some members, and where to go on; 0: that was all."""
        return self._run(("SSCAN", name, cursor, *option("MATCH", match), *option("COUNT", count)), scanned)

    def sscan_iter(self, name: Key, match: Key | None = None, count: int | None = None) -> Iterator[Raw]:
        """All members, some at a time."""
        cursor = -1
        while cursor:
            cursor, found = self.sscan(name, max(cursor, 0), match=match, count=count)
            yield from found

    def sunion(self, keys: Keys, *args: Key) -> set[Raw]:
        """The members that are in any set."""
        return self._run(("SUNION", *listed(keys, args)), as_set)

    def sunionstore(self, dest: Key, keys: Keys, *args: Key) -> int:
        """Keeps the union at ``dest``; returns its size."""
        return self._run(("SUNIONSTORE", dest, *listed(keys, args)))
