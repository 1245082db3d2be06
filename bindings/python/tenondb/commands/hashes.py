"""Hash commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ._base import Key, Keys, Raw, Runs, Value, flat, flat_list, listed, option, truth
from .keys import scanned


class Hashes(Runs):
    """Hashes: fields and values."""

    __slots__ = ()

    def hdel(self, name: Key, *keys: Key) -> int:
        """Removes fields; returns how many there were."""
        return self._run(("HDEL", name, *keys))

    def hexists(self, name: Key, key: Key) -> bool:
        """Whether there is such a field."""
        return self._run(("HEXISTS", name, key), truth)

    def hget(self, name: Key, key: Key) -> Raw | None:
        """The value of a field."""
        return self._run(("HGET", name, key))

    def hgetall(self, name: Key) -> dict[Raw, Raw]:
        """All fields and values."""
        return self._run(("HGETALL", name))

    def hgetdel(self, name: Key, *keys: Key) -> list[Raw | None]:
        """The values of fields, which are removed."""
        if not keys:
            raise ValueError("hgetdel needs a field at least")
        return self._run(("HGETDEL", name, "FIELDS", len(keys), *keys))

    def hincrby(self, name: Key, key: Key, amount: int = 1) -> int:
        """Counts in a field; returns the new number."""
        return self._run(("HINCRBY", name, key, amount))

    def hincrbyfloat(self, name: Key, key: Key, amount: float = 1.0) -> float:
        """Adds in a field; returns the new number."""
        return self._run(("HINCRBYFLOAT", name, key, amount), float)

    def hkeys(self, name: Key) -> list[Raw]:
        """All fields."""
        return self._run(("HKEYS", name))

    def hlen(self, name: Key) -> int:
        """The number of fields."""
        return self._run(("HLEN", name))

    def hmget(self, name: Key, keys: Keys, *args: Key) -> list[Raw | None]:
        """The values of several fields."""
        return self._run(("HMGET", name, *listed(keys, args)))

    def hmset(self, name: Key, mapping: Mapping[Any, Value]) -> bool:
        """Sets several fields."""
        if not mapping:
            raise ValueError("hmset needs a field at least")
        return self._run(("HMSET", name, *flat(mapping)), truth)

    def hrandfield(self, key: Key, count: int | None = None, withvalues: bool = False) -> Any:
        """Any field, or a list of so many; with ``withvalues`` fields and values side by side."""
        words = ("HRANDFIELD", key) if count is None else ("HRANDFIELD", key, count)
        return self._run((*words, "WITHVALUES"), flat_list) if withvalues else self._run(words)

    def hscan(
        self,
        name: Key,
        cursor: int = 0,
        match: Key | None = None,
        count: int | None = None,
        no_values: bool | None = None,
    ) -> tuple[int, Any]:
        """Some fields with their values, as a dict, and where to go on; with ``no_values`` a list of fields."""
        words = ("HSCAN", name, cursor, *option("MATCH", match), *option("COUNT", count))
        return self._run((*words, "NOVALUES"), scanned) if no_values else self._run(words, _scanned)

    def hscan_iter(
        self, name: Key, match: Key | None = None, count: int | None = None, no_values: bool | None = None
    ) -> Iterator[Any]:
        """All fields with their values, some at a time; with ``no_values`` fields only."""
        cursor = -1
        while cursor:
            cursor, found = self.hscan(name, max(cursor, 0), match=match, count=count, no_values=no_values)
            yield from found if no_values else found.items()

    def hset(
        self,
        name: Key,
        key: Key | None = None,
        value: Value | None = None,
        mapping: Mapping[Any, Value] | None = None,
        items: Sequence[Value] | None = None,
    ) -> int:
        """Sets fields; returns how many are new."""
        words: list[Any] = list(items or ())
        if key is not None:
            words += (key, value)
        if mapping:
            words += flat(mapping)
        if not words:
            raise ValueError("hset needs a field at least")
        return self._run(("HSET", name, *words))

    def hsetnx(self, name: Key, key: Key, value: Value) -> bool:
        """Sets a field when it is new."""
        return self._run(("HSETNX", name, key, value), truth)

    def hstrlen(self, name: Key, key: Key) -> int:
        """The length of a value in bytes."""
        return self._run(("HSTRLEN", name, key))

    def hvals(self, name: Key) -> list[Raw]:
        """All values."""
        return self._run(("HVALS", name))


def _scanned(reply: Any) -> Any:
    cursor, found = reply
    return int(cursor), dict(zip(found[::2], found[1::2], strict=True))
