"""String commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._base import (
    Key,
    Keys,
    Moment,
    Raw,
    Runs,
    Span,
    Value,
    done,
    expiry,
    flags,
    flat,
    listed,
    milliseconds,
    option,
    seconds,
    truth,
)


class Strings(Runs):
    """Strings, and numbers written as strings."""

    __slots__ = ()

    def append(self, key: Key, value: Value) -> int:
        """Appends ``value``; returns the new length."""
        return self._run(("APPEND", key, value))

    def decr(self, name: Key, amount: int = 1) -> int:
        """Counts down; returns the new number."""
        return self._run(("DECRBY", name, amount))

    decrby = decr

    def delifeq(self, name: Key, value: Value) -> int:
        """Removes the key when its string is ``value``; returns how many keys were removed."""
        return self._run(("DELIFEQ", name, value))

    def get(self, name: Key) -> Raw | None:
        """The string, or ``None``."""
        return self._run(("GET", name))

    def getdel(self, name: Key) -> Raw | None:
        """The string; the key is removed."""
        return self._run(("GETDEL", name))

    def getex(
        self,
        name: Key,
        ex: Span | None = None,
        px: Span | None = None,
        exat: Moment | None = None,
        pxat: Moment | None = None,
        persist: bool = False,
    ) -> Raw | None:
        """The string; its time to live is changed."""
        return self._run(("GETEX", name, *expiry(ex, px, exat, pxat), *flags(persist=persist)))

    def getrange(self, key: Key, start: int, end: int) -> Raw:
        """A part of the string, both ends included."""
        return self._run(("GETRANGE", key, start, end))

    def getset(self, name: Key, value: Value) -> Raw | None:
        """Sets the string and returns the one before."""
        return self._run(("GETSET", name, value))

    def incr(self, name: Key, amount: int = 1) -> int:
        """Counts up; returns the new number."""
        return self._run(("INCRBY", name, amount))

    incrby = incr

    def incrbyfloat(self, name: Key, amount: float = 1.0) -> float:
        """Adds; returns the new number."""
        return self._run(("INCRBYFLOAT", name, amount), float)

    def lcs(
        self,
        key1: Key,
        key2: Key,
        len: bool | None = False,
        idx: bool | None = False,
        minmatchlen: int | None = 0,
        withmatchlen: bool | None = False,
    ) -> Any:
        """The longest common subsequence of two strings, its length, or where it is."""
        words: list[Any] = ["LCS", key1, key2, *flags(len=bool(len), idx=bool(idx))]
        if minmatchlen:
            words += ("MINMATCHLEN", minmatchlen)
        if withmatchlen:
            words.append("WITHMATCHLEN")
        return self._run(tuple(words), _lcs if idx else None)

    def mget(self, keys: Keys, *args: Key) -> list[Raw | None]:
        """The strings of several keys."""
        return self._run(("MGET", *listed(keys, args)))

    def mset(self, mapping: Mapping[Any, Value]) -> bool:
        """Sets several keys in one step."""
        return self._run(("MSET", *flat(mapping)), truth)

    def msetex(
        self,
        mapping: Mapping[Any, Value],
        data_persist_option: Any = None,
        ex: Span | None = None,
        px: Span | None = None,
        exat: Moment | None = None,
        pxat: Moment | None = None,
        keepttl: bool = False,
    ) -> int:
        """Sets several keys with one time to live; ``data_persist_option`` is ``"NX"`` or ``"XX"``. Returns 1 when it did."""
        words: list[Any] = ["MSETEX", len(mapping), *flat(mapping)]
        if data_persist_option is not None:
            words.append(getattr(data_persist_option, "value", data_persist_option))
        words += expiry(ex, px, exat, pxat)
        return self._run((*words, *flags(keepttl=keepttl)))

    def msetnx(self, mapping: Mapping[Any, Value]) -> bool:
        """Sets several keys when none of them exists."""
        return self._run(("MSETNX", *flat(mapping)), truth)

    def psetex(self, name: Key, time_ms: Span, value: Value) -> bool:
        """Sets the string for some milliseconds."""
        return self._run(("PSETEX", name, milliseconds(time_ms), value), truth)

    def set(
        self,
        name: Key,
        value: Value,
        ex: Span | None = None,
        px: Span | None = None,
        nx: bool = False,
        xx: bool = False,
        keepttl: bool = False,
        get: bool = False,
        exat: Moment | None = None,
        pxat: Moment | None = None,
        ifeq: Value | None = None,
    ) -> Any:
        """Sets the string. ``True``: it did; ``None``: ``nx``, ``xx`` or ``ifeq`` forbade it. With ``get``: the string before."""
        words = ("SET", name, value, *expiry(ex, px, exat, pxat), *flags(nx=nx, xx=xx, keepttl=keepttl, get=get))
        return self._run((*words, *option("IFEQ", ifeq)), None if get else done)

    def setex(self, name: Key, time: Span, value: Value) -> bool:
        """Sets the string for some seconds."""
        return self._run(("SETEX", name, seconds(time), value), truth)

    def setnx(self, name: Key, value: Value) -> bool:
        """Sets the string when there is no such key."""
        return self._run(("SETNX", name, value), truth)

    def setrange(self, name: Key, offset: int, value: Value) -> int:
        """Overwrites a part; returns the new length."""
        return self._run(("SETRANGE", name, offset, value))

    def strlen(self, name: Key) -> int:
        """The length in bytes."""
        return self._run(("STRLEN", name))

    def substr(self, name: Key, start: int, end: int = -1) -> Raw:
        """A part of the string, both ends included."""
        return self._run(("SUBSTR", name, start, end))


def _lcs(reply: Any) -> list[Any]:
    """The map of ``LCS … IDX``, flat as redis-py has it."""
    return flat(reply)
