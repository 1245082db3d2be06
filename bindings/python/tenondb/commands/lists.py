"""List commands."""

from __future__ import annotations

from typing import Any

from ._base import Key, Keys, Raw, Runs, Value, listed, option, pair, truth


class Lists(Runs):
    """Lists. Those that wait let other threads run meanwhile, and Ctrl-C ends them."""

    __slots__ = ()

    def blmove(
        self, first_list: Key, second_list: Key, timeout: float, src: str = "LEFT", dest: str = "RIGHT"
    ) -> Raw | None:
        """Moves an element; waits for one, ``timeout`` seconds at most (0: for ever)."""
        return self._run(("BLMOVE", first_list, second_list, src, dest, timeout))

    def blmpop(
        self, timeout: float, numkeys: int, *args: Key, direction: str, count: int | None = 1
    ) -> list[Any] | None:
        """Pops some elements of the first list that has any; waits for one."""
        return self._run(("BLMPOP", timeout, numkeys, *args, direction, "COUNT", count))

    def blpop(self, keys: Keys, timeout: float | None = 0) -> tuple[Raw, Raw] | None:
        """Pops the first element of the first list that has one: its key and it. Waits for one."""
        return self._run(("BLPOP", *listed(keys), timeout or 0), pair)

    def brpop(self, keys: Keys, timeout: float | None = 0) -> tuple[Raw, Raw] | None:
        """Pops the last element of the first list that has one: its key and it. Waits for one."""
        return self._run(("BRPOP", *listed(keys), timeout or 0), pair)

    def brpoplpush(self, src: Key, dst: Key, timeout: float | None = 0) -> Raw | None:
        """Moves the last element of a list to the head of another; waits for one."""
        return self._run(("BRPOPLPUSH", src, dst, timeout or 0))

    def lindex(self, name: Key, index: int) -> Raw | None:
        """The element at ``index``; negative: from the end."""
        return self._run(("LINDEX", name, index))

    def linsert(self, name: Key, where: str, refvalue: Value, value: Value) -> int:
        """Inserts ``BEFORE`` or ``AFTER`` an element; returns the length, -1 when there is no such element."""
        return self._run(("LINSERT", name, where, refvalue, value))

    def llen(self, name: Key) -> int:
        """The length."""
        return self._run(("LLEN", name))

    def lmove(self, first_list: Key, second_list: Key, src: str = "LEFT", dest: str = "RIGHT") -> Raw | None:
        """Moves an element from an end of a list to an end of another."""
        return self._run(("LMOVE", first_list, second_list, src, dest))

    def lmpop(self, num_keys: int, *args: Key, direction: str, count: int | None = 1) -> list[Any] | None:
        """Pops some elements of the first list that has any."""
        return self._run(("LMPOP", num_keys, *args, direction, "COUNT", count))

    def lpop(self, name: Key, count: int | None = None) -> Any:
        """Pops the first element, or a list of so many."""
        return self._run(("LPOP", name) if count is None else ("LPOP", name, count))

    def lpos(
        self,
        name: Key,
        value: Value,
        rank: int | None = None,
        count: int | None = None,
        maxlen: int | None = None,
    ) -> Any:
        """Where an element is; with ``count`` a list of places."""
        words = ("LPOS", name, value, *option("RANK", rank), *option("COUNT", count))
        return self._run((*words, *option("MAXLEN", maxlen)))

    def lpush(self, name: Key, *values: Value) -> int:
        """Puts elements at the head, one after the other; returns the length."""
        return self._run(("LPUSH", name, *values))

    def lpushx(self, name: Key, *values: Value) -> int:
        """Puts elements at the head of a list that exists."""
        return self._run(("LPUSHX", name, *values))

    def lrange(self, name: Key, start: int, end: int) -> list[Raw]:
        """A part of the list, both ends included."""
        return self._run(("LRANGE", name, start, end))

    def lrem(self, name: Key, count: int, value: Value) -> int:
        """Removes elements; returns how many."""
        return self._run(("LREM", name, count, value))

    def lset(self, name: Key, index: int, value: Value) -> bool:
        """Replaces an element."""
        return self._run(("LSET", name, index, value), truth)

    def ltrim(self, name: Key, start: int, end: int) -> bool:
        """Keeps a part only."""
        return self._run(("LTRIM", name, start, end), truth)

    def rpop(self, name: Key, count: int | None = None) -> Any:
        """Pops the last element, or a list of so many."""
        return self._run(("RPOP", name) if count is None else ("RPOP", name, count))

    def rpoplpush(self, src: Key, dst: Key) -> Raw | None:
        """Moves the last element of a list to the head of another."""
        return self._run(("RPOPLPUSH", src, dst))

    def rpush(self, name: Key, *values: Value) -> int:
        """Puts elements at the tail; returns the length."""
        return self._run(("RPUSH", name, *values))

    def rpushx(self, name: Key, *values: Value) -> int:
        """Puts elements at the tail of a list that exists."""
        return self._run(("RPUSHX", name, *values))
