"""Sorted-set commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ._base import Key, Keys, Raw, Runs, Shape, Value, flags, flat_list, listed, option, pair
from .keys import scanned

Cast = Callable[[Any], Any]
#: Keys, or keys with their weights.
Weighted = Sequence[Key] | Mapping[Any, float]


class SortedSets(Runs):
    """Sorted sets. Scores are ``float``; with ``score_cast_func`` what it makes of them."""

    __slots__ = ()

    def bzmpop(
        self,
        timeout: float,
        numkeys: int,
        keys: Keys,
        min: bool | None = False,
        max: bool | None = False,
        count: int | None = 1,
    ) -> list[Any] | None:
        """Pops some members of the first sorted set that has any; waits for one."""
        words = ("BZMPOP", timeout, numkeys, *listed(keys), _end(min, max), *option("COUNT", count))
        return self._run(words, _popped_of)

    def bzpopmax(self, keys: Keys, timeout: float = 0) -> tuple[Raw, Raw, float] | None:
        """Pops the highest member of the first sorted set that has one: key, member, score. Waits for one."""
        return self._run(("BZPOPMAX", *listed(keys), timeout or 0), pair)

    def bzpopmin(self, keys: Keys, timeout: float = 0) -> tuple[Raw, Raw, float] | None:
        """Pops the lowest member of the first sorted set that has one: key, member, score. Waits for one."""
        return self._run(("BZPOPMIN", *listed(keys), timeout or 0), pair)

    def zadd(
        self,
        name: Key,
        mapping: Mapping[Any, float],
        nx: bool = False,
        xx: bool = False,
        ch: bool = False,
        incr: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> Any:
        """Adds members with their scores; returns how many are new (``ch``: or changed; ``incr``: the new score)."""
        if not mapping:
            raise ValueError("zadd needs a member at least")
        words: list[Any] = ["ZADD", name, *flags(nx=nx, xx=xx, gt=gt, lt=lt, ch=ch, incr=incr)]
        for member, score in mapping.items():
            words += (score, member)
        return self._run(tuple(words))

    def zcard(self, name: Key) -> int:
        """The number of members."""
        return self._run(("ZCARD", name))

    def zcount(self, name: Key, min: Value, max: Value) -> int:
        """How many scores lie between, both ends included; ``(5`` is above 5."""
        return self._run(("ZCOUNT", name, min, max))

    def zdiff(self, keys: Keys, withscores: bool = False) -> list[Any]:
        """The members of the first sorted set that are in no other."""
        names = listed(keys)
        return self._scored(("ZDIFF", len(names), *names), withscores)

    def zdiffstore(self, dest: Key, keys: Keys) -> int:
        """Keeps the difference at ``dest``; returns its size."""
        names = listed(keys)
        return self._run(("ZDIFFSTORE", dest, len(names), *names))

    def zincrby(self, name: Key, amount: float, value: Value) -> float:
        """Adds to a score; returns the new one."""
        return self._run(("ZINCRBY", name, amount, value))

    def zinter(self, keys: Weighted, aggregate: str | None = None, withscores: bool = False) -> list[Any]:
        """The members that are in all sorted sets."""
        return self._scored(("ZINTER", *_operands(keys, aggregate)), withscores)

    def zintercard(self, numkeys: int, keys: Keys, limit: int = 0) -> int:
        """How many members are in all sorted sets; counts up to ``limit`` (0: all)."""
        return self._run(("ZINTERCARD", numkeys, *listed(keys), "LIMIT", limit))

    def zinterstore(self, dest: Key, keys: Weighted, aggregate: str | None = None) -> int:
        """Keeps the intersection at ``dest``; returns its size."""
        return self._run(("ZINTERSTORE", dest, *_operands(keys, aggregate)))

    def zlexcount(self, name: Key, min: Value, max: Value) -> int:
        """How many members lie between, by name: ``[a``, ``(a``, ``-``, ``+``."""
        return self._run(("ZLEXCOUNT", name, min, max))

    def zmpop(
        self,
        num_keys: int,
        keys: Keys,
        min: bool | None = False,
        max: bool | None = False,
        count: int | None = 1,
    ) -> list[Any] | None:
        """Pops some members of the first sorted set that has any."""
        words = ("ZMPOP", num_keys, *listed(keys), _end(min, max), *option("COUNT", count))
        return self._run(words, _popped_of)

    def zmscore(self, key: Key, members: Sequence[Value]) -> list[float | None]:
        """The scores of several members."""
        if not members:
            raise ValueError("zmscore needs a member at least")
        return self._run(("ZMSCORE", key, *members))

    def zpopmax(self, name: Key, count: int | None = None) -> list[tuple[Raw, float]]:
        """Pops the highest members with their scores."""
        return self._run(("ZPOPMAX", name, *(() if count is None else (count,))), _popped)

    def zpopmin(self, name: Key, count: int | None = None) -> list[tuple[Raw, float]]:
        """Pops the lowest members with their scores."""
        return self._run(("ZPOPMIN", name, *(() if count is None else (count,))), _popped)

    def zrandmember(self, key: Key, count: int | None = None, withscores: bool = False) -> Any:
        """Any member, or a list of so many; with ``withscores`` members and scores side by side."""
        words = ("ZRANDMEMBER", key) if count is None else ("ZRANDMEMBER", key, count)
        return self._run((*words, "WITHSCORES"), flat_list) if withscores else self._run(words)

    def zrange(
        self,
        name: Key,
        start: Value,
        end: Value,
        desc: bool = False,
        withscores: bool = False,
        score_cast_func: Cast = float,
        byscore: bool = False,
        bylex: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> list[Any]:
        """The members between two places, scores or names, in order."""
        words = ("ZRANGE", name, start, end, *_range(byscore, bylex, desc, offset, num))
        return self._scored(words, withscores, score_cast_func)

    def zrangebylex(
        self, name: Key, min: Value, max: Value, start: int | None = None, num: int | None = None
    ) -> list[Raw]:
        """The members between two names."""
        return self._run(("ZRANGEBYLEX", name, min, max, *_limit(start, num)))

    def zrangebyscore(
        self,
        name: Key,
        min: Value,
        max: Value,
        start: int | None = None,
        num: int | None = None,
        withscores: bool = False,
        score_cast_func: Cast = float,
    ) -> list[Any]:
        """The members between two scores."""
        words = ("ZRANGEBYSCORE", name, min, max, *_limit(start, num))
        return self._scored(words, withscores, score_cast_func)

    def zrangestore(
        self,
        dest: Key,
        name: Key,
        start: Value,
        end: Value,
        byscore: bool = False,
        bylex: bool = False,
        desc: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> int:
        """Keeps a range at ``dest``; returns its size."""
        return self._run(("ZRANGESTORE", dest, name, start, end, *_range(byscore, bylex, desc, offset, num)))

    def zrank(
        self, name: Key, value: Value, withscore: bool = False, score_cast_func: Cast = float
    ) -> Any:
        """The place of a member from the lowest, from 0 on; with ``withscore`` a list of it and the score."""
        return self._ranked("ZRANK", name, value, withscore, score_cast_func)

    def zrem(self, name: Key, *values: Value) -> int:
        """Removes members; returns how many there were."""
        return self._run(("ZREM", name, *values))

    def zremrangebylex(self, name: Key, min: Value, max: Value) -> int:
        """Removes the members between two names."""
        return self._run(("ZREMRANGEBYLEX", name, min, max))

    def zremrangebyrank(self, name: Key, min: int, max: int) -> int:
        """Removes the members between two places."""
        return self._run(("ZREMRANGEBYRANK", name, min, max))

    def zremrangebyscore(self, name: Key, min: Value, max: Value) -> int:
        """Removes the members between two scores."""
        return self._run(("ZREMRANGEBYSCORE", name, min, max))

    def zrevrange(
        self, name: Key, start: int, end: int, withscores: bool = False, score_cast_func: Cast = float
    ) -> list[Any]:
        """The members between two places, from the highest on."""
        return self._scored(("ZREVRANGE", name, start, end), withscores, score_cast_func)

    def zrevrangebylex(
        self, name: Key, max: Value, min: Value, start: int | None = None, num: int | None = None
    ) -> list[Raw]:
        """The members between two names, backwards."""
        return self._run(("ZREVRANGEBYLEX", name, max, min, *_limit(start, num)))

    def zrevrangebyscore(
        self,
        name: Key,
        max: Value,
        min: Value,
        start: int | None = None,
        num: int | None = None,
        withscores: bool = False,
        score_cast_func: Cast = float,
    ) -> list[Any]:
        """The members between two scores, from the highest on."""
        words = ("ZREVRANGEBYSCORE", name, max, min, *_limit(start, num))
        return self._scored(words, withscores, score_cast_func)

    def zrevrank(
        self, name: Key, value: Value, withscore: bool = False, score_cast_func: Cast = float
    ) -> Any:
        """The place of a member from the highest, from 0 on; with ``withscore`` a list of it and the score."""
        return self._ranked("ZREVRANK", name, value, withscore, score_cast_func)

    def zscan(
        self,
        name: Key,
        cursor: int = 0,
        match: Key | None = None,
        count: int | None = None,
        score_cast_func: Cast = float,
    ) -> tuple[int, list[tuple[Raw, Any]]]:
        """Some members with their scores, and where to go on; 0: that was all."""

        def shape(reply: Any) -> Any:
            at, found = scanned(reply)
            scores = map(score_cast_func, map(float, found[1::2]))
            return at, list(zip(found[::2], scores, strict=True))

        return self._run(("ZSCAN", name, cursor, *option("MATCH", match), *option("COUNT", count)), shape)

    def zscan_iter(
        self, name: Key, match: Key | None = None, count: int | None = None, score_cast_func: Cast = float
    ) -> Iterator[tuple[Raw, Any]]:
        """All members with their scores, some at a time."""
        cursor = -1
        while cursor:
            cursor, found = self.zscan(
                name, max(cursor, 0), match=match, count=count, score_cast_func=score_cast_func
            )
            yield from found

    def zscore(self, name: Key, value: Value) -> float | None:
        """The score of a member."""
        return self._run(("ZSCORE", name, value))

    def zunion(
        self,
        keys: Weighted,
        aggregate: str | None = None,
        withscores: bool = False,
        score_cast_func: Cast = float,
    ) -> list[Any]:
        """The members that are in any sorted set."""
        return self._scored(("ZUNION", *_operands(keys, aggregate)), withscores, score_cast_func)

    def zunionstore(self, dest: Key, keys: Weighted, aggregate: str | None = None) -> int:
        """Keeps the union at ``dest``; returns its size."""
        return self._run(("ZUNIONSTORE", dest, *_operands(keys, aggregate)))

    def _scored(self, words: tuple[Any, ...], withscores: bool, cast: Cast = float) -> Any:
        return self._run((*words, "WITHSCORES"), _scores(cast)) if withscores else self._run(words)

    def _ranked(self, command: str, name: Key, value: Value, withscore: bool, cast: Cast) -> Any:
        if not withscore:
            return self._run((command, name, value))
        shape: Shape = lambda reply: None if reply is None else [reply[0], cast(reply[1])]  # noqa: E731
        return self._run((command, name, value, "WITHSCORE"), shape)


def _end(min: bool | None, max: bool | None) -> str:
    if bool(min) == bool(max):
        raise ValueError("either min or max")
    return "MIN" if min else "MAX"


def _limit(start: int | None, num: int | None) -> tuple[Any, ...]:
    if (start is None) != (num is None):
        raise ValueError("start and num come together")
    return () if start is None else ("LIMIT", start, num)


def _range(byscore: bool, bylex: bool, desc: bool, offset: int | None, num: int | None) -> list[Any]:
    return [*flags(byscore=byscore, bylex=bylex, rev=desc), *_limit(offset, num)]


def _operands(keys: Weighted, aggregate: str | None) -> list[Any]:
    words: list[Any] = [len(keys), *keys]
    if isinstance(keys, Mapping):
        words += ("WEIGHTS", *keys.values())
    return [*words, *option("AGGREGATE", aggregate)]


def _scores(cast: Cast) -> Shape:
    if cast is float:
        return lambda reply: [(member, score) for member, score in reply]
    return lambda reply: [(member, cast(score)) for member, score in reply]


def _popped(reply: Any) -> list[tuple[Any, Any]]:
    # One member without a count is no list of pairs.
    if reply and not isinstance(reply[0], list):
        return [tuple(reply)]
    return [tuple(pair) for pair in reply]


def _popped_of(reply: Any) -> Any:
    return None if reply is None else [reply[0], [list(found) for found in reply[1]]]
