"""Commands about the database as a whole, about channels and about connections."""

from __future__ import annotations

import datetime
from typing import Any

from ._base import Key, Raw, Runs, Value, as_list, flags, option, pair, text, text_keys, truth


class Server(Runs):
    """Settings, statistics, persistence, messages."""

    __slots__ = ()

    def bgrewriteaof(self) -> bool:
        """Begins a new log; returns at once."""
        return self._run(("BGREWRITEAOF",), truth)

    def bgsave(self, schedule: bool = True) -> bool:
        """Takes a snapshot; returns at once."""
        return self._run(("BGSAVE", *flags(schedule=schedule)), truth)

    def client_list(self, _type: str | None = None, client_id: Any = ()) -> list[dict[str, str]]:
        """The open connections."""
        words = ("CLIENT", "LIST", *option("TYPE", _type))
        ids = [client_id] if isinstance(client_id, (int, str)) else list(client_id)
        return self._run((*words, *(("ID", *ids) if ids else ())), _clients)

    def client_kill(self, address: str) -> bool:
        """Ends the connection of this address."""
        return self._run(("CLIENT", "KILL", address), truth)

    def client_unblock(self, client_id: int, error: bool = False) -> bool:
        """Ends the wait of a connection."""
        return self._run(("CLIENT", "UNBLOCK", client_id, *flags(error=error)), truth)

    def command_count(self) -> int:
        """The number of commands."""
        return self._run(("COMMAND", "COUNT"))

    def command_docs(self, *args: Key) -> dict[str, Any]:
        """What the manual says of commands."""
        return self._run(("COMMAND", "DOCS", *args), text_keys)

    def command_getkeys(self, *args: Value) -> list[str]:
        """The keys that a command names."""
        return self._run(("COMMAND", "GETKEYS", *args), lambda found: [text(key) for key in found])

    def command_getkeysandflags(self, *args: Value) -> list[Any]:
        """The keys that a command names, and what it does with them."""
        return self._run(("COMMAND", "GETKEYSANDFLAGS", *args), lambda found: [[key, list(how)] for key, how in found])

    def command_list(
        self, module: str | None = None, category: str | None = None, pattern: str | None = None
    ) -> list[Raw]:
        """The names of commands."""
        words = (*option("MODULE", module), *option("ACLCAT", category), *option("PATTERN", pattern))
        return self._run(("COMMAND", "LIST", *(("FILTERBY", *words) if words else ())), as_list)

    def config_get(self, pattern: Key = "*", *args: Key) -> dict[str, Any]:
        """Settings by their names or patterns."""
        return self._run(("CONFIG", "GET", pattern, *args), _settings)

    def config_resetstat(self) -> bool:
        """Starts counting anew."""
        return self._run(("CONFIG", "RESETSTAT"), truth)

    def config_set(self, name: Key, value: Value, *args: Value) -> bool:
        """Changes settings."""
        return self._run(("CONFIG", "SET", name, value, *args), truth)

    def dbsize(self) -> int:
        """The number of keys."""
        return self._run(("DBSIZE",))

    def echo(self, value: Value) -> Raw:
        """Says it again."""
        return self._run(("ECHO", value))

    def flushall(self, asynchronous: bool = False) -> bool:
        """Removes all keys of all logical databases."""
        return self._run(("FLUSHALL", *(("ASYNC",) if asynchronous else ())), truth)

    def flushdb(self, asynchronous: bool = False) -> bool:
        """Removes all keys of the logical database."""
        return self._run(("FLUSHDB", *(("ASYNC",) if asynchronous else ())), truth)

    def info(self, section: str | None = None, *args: str) -> dict[str, Any]:
        """Statistics, all or some sections of them."""
        return self._run(("INFO", *(() if section is None else (section, *args))), _info)

    def lastsave(self) -> datetime.datetime:
        """When the latest snapshot was taken."""
        return self._run(("LASTSAVE",), datetime.datetime.fromtimestamp)

    def memory_usage(self, key: Key, samples: int | None = None) -> int | None:
        """The bytes that a key takes."""
        return self._run(("MEMORY", "USAGE", key, *option("SAMPLES", samples)))

    def ping(self) -> bool:
        """``True``."""
        return self._run(("PING",), truth)

    def publish(self, channel: Key, message: Value) -> int:
        """Says something to all who have subscribed to a channel; returns how many there are."""
        return self._run(("PUBLISH", channel, message))

    def pubsub_channels(self, pattern: Key = "*") -> list[Raw]:
        """The channels that somebody has subscribed to."""
        return self._run(("PUBSUB", "CHANNELS", pattern))

    def pubsub_numpat(self) -> int:
        """The number of patterns that somebody has subscribed to."""
        return self._run(("PUBSUB", "NUMPAT"))

    def pubsub_numsub(self, *args: Key) -> list[tuple[Raw, int]]:
        """How many have subscribed to each channel."""
        return self._run(("PUBSUB", "NUMSUB", *args), _counts)

    def pubsub_shardchannels(self, pattern: Key = "*") -> list[Raw]:
        """The shard channels that somebody has subscribed to."""
        return self._run(("PUBSUB", "SHARDCHANNELS", pattern))

    def pubsub_shardnumsub(self, *args: Key) -> list[tuple[Raw, int]]:
        """How many have subscribed to each shard channel."""
        return self._run(("PUBSUB", "SHARDNUMSUB", *args), _counts)

    def role(self) -> list[Any]:
        """``master``: there are no replicas."""
        return self._run(("ROLE",))

    def save(self) -> bool:
        """Takes a snapshot; returns when it is done."""
        return self._run(("SAVE",), truth)

    def spublish(self, shard_channel: Key, message: Value) -> int:
        """Says something to all who have subscribed to a shard channel; returns how many there are."""
        return self._run(("SPUBLISH", shard_channel, message))

    def swapdb(self, first: int, second: int) -> bool:
        """Exchanges two logical databases."""
        return self._run(("SWAPDB", first, second), truth)

    def time(self) -> tuple[int, int]:
        """The database's clock: seconds and microseconds."""
        return self._run(("TIME",), lambda reply: pair([int(part) for part in reply]))


def _counts(reply: Any) -> Any:
    """Names and numbers side by side as pairs."""
    found = list(reply.items()) if isinstance(reply, dict) else list(zip(reply[::2], reply[1::2], strict=True))
    return [(name, int(number)) for name, number in found]


def _settings(reply: Any) -> dict[str, Any]:
    return {text(name): text(value) for name, value in reply.items()}


def _clients(reply: Any) -> list[dict[str, str]]:
    lines = text(reply).splitlines()
    return [dict(word.split("=", 1) for word in line.split(" ") if "=" in word) for line in lines]


def _number(word: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word


def _field(word: str) -> Any:
    """A value of ``INFO``: a number, a text, or a group such as ``keys=1,expires=0``."""
    if "=" not in word:
        return _number(word)
    groups = (part.split("=", 1) for part in word.split(",") if "=" in part)
    return {name: _number(value) for name, value in groups}


def _info(reply: Any) -> dict[str, Any]:
    fields = (line.split(":", 1) for line in text(reply).splitlines() if ":" in line and line[:1] != "#")
    return {name: _field(value) for name, value in fields}
