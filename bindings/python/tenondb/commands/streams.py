"""Stream commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ._base import Key, Raw, Runs, Value, flags, flat, option, paired, text, text_keys, truth


class Streams(Runs):
    """Streams and their groups. An entry is ``(id, {field: value})``."""

    __slots__ = ()

    def xack(self, name: Key, groupname: Key, *ids: Key) -> int:
        """Acknowledges entries; returns how many were pending."""
        return self._run(("XACK", name, groupname, *ids))

    def xackdel(self, name: Key, groupname: Key, *ids: Key, ref_policy: str = "KEEPREF") -> list[int]:
        """Acknowledges entries and removes them; for each 1: done, -1: no such entry, 2: others refer to it."""
        return self._run(("XACKDEL", name, groupname, ref_policy, "IDS", len(ids), *ids))

    def xadd(
        self,
        name: Key,
        fields: Mapping[Any, Value],
        id: Key = "*",
        maxlen: int | None = None,
        approximate: bool = True,
        nomkstream: bool = False,
        minid: Key | None = None,
        limit: int | None = None,
        ref_policy: str | None = None,
    ) -> Raw | None:
        """Appends an entry; returns its id."""
        if not fields:
            raise ValueError("xadd needs a field at least")
        words = ("XADD", name, *flags(nomkstream=nomkstream), *option_of(ref_policy))
        trim = _trim(maxlen, minid, approximate, limit) if maxlen is not None or minid is not None else ()
        return self._run((*words, *trim, id, *flat(fields)))

    def xautoclaim(
        self,
        name: Key,
        groupname: Key,
        consumername: Key,
        min_idle_time: int,
        start_id: Key = "0-0",
        count: int | None = None,
        justid: bool = False,
    ) -> list[Any]:
        """Takes over entries that are pending for long: where to go on, entries, ids of those that are gone."""
        words = ("XAUTOCLAIM", name, groupname, consumername, min_idle_time, start_id)
        words = (*words, *option("COUNT", count))
        return self._run((*words, "JUSTID"), lambda reply: reply[1]) if justid else self._run(words, _autoclaimed)

    def xclaim(
        self,
        name: Key,
        groupname: Key,
        consumername: Key,
        min_idle_time: int,
        message_ids: Sequence[Key],
        idle: int | None = None,
        time: int | None = None,
        retrycount: int | None = None,
        force: bool = False,
        justid: bool = False,
    ) -> list[Any]:
        """Takes over these entries; returns them, or with ``justid`` their ids."""
        if not message_ids:
            raise ValueError("xclaim needs an id at least")
        words = ("XCLAIM", name, groupname, consumername, min_idle_time, *message_ids)
        words = (*words, *option("IDLE", idle), *option("TIME", time), *option("RETRYCOUNT", retrycount))
        return self._run((*words, *flags(force=force, justid=justid)), None if justid else entries)

    def xdel(self, name: Key, *ids: Key) -> int:
        """Removes entries; returns how many there were."""
        return self._run(("XDEL", name, *ids))

    def xdelex(self, name: Key, *ids: Key, ref_policy: str = "KEEPREF") -> list[int]:
        """Removes entries, and what refers to them; for each 1: done, -1: no such entry, 2: still referred to."""
        return self._run(("XDELEX", name, ref_policy, "IDS", len(ids), *ids))

    def xgroup_create(
        self,
        name: Key,
        groupname: Key,
        id: Key = "$",
        mkstream: bool = False,
        entries_read: int | None = None,
    ) -> bool:
        """Makes a group that reads what comes behind ``id``."""
        words = ("XGROUP", "CREATE", name, groupname, id, *flags(mkstream=mkstream))
        return self._run((*words, *option("ENTRIESREAD", entries_read)), truth)

    def xgroup_createconsumer(self, name: Key, groupname: Key, consumername: Key) -> int:
        """Makes a consumer; returns 1 when it is new."""
        return self._run(("XGROUP", "CREATECONSUMER", name, groupname, consumername))

    def xgroup_delconsumer(self, name: Key, groupname: Key, consumername: Key) -> int:
        """Removes a consumer; returns how many entries were pending for it."""
        return self._run(("XGROUP", "DELCONSUMER", name, groupname, consumername))

    def xgroup_destroy(self, name: Key, groupname: Key) -> bool:
        """Removes a group."""
        return self._run(("XGROUP", "DESTROY", name, groupname), truth)

    def xgroup_setid(self, name: Key, groupname: Key, id: Key, entries_read: int | None = None) -> bool:
        """Sets behind what a group reads on."""
        words = ("XGROUP", "SETID", name, groupname, id)
        return self._run((*words, *option("ENTRIESREAD", entries_read)), truth)

    def xinfo_consumers(self, name: Key, groupname: Key) -> list[dict[str, Any]]:
        """What is known of a group's consumers."""
        return self._run(("XINFO", "CONSUMERS", name, groupname), _dicts)

    def xinfo_groups(self, name: Key) -> list[dict[str, Any]]:
        """What is known of a stream's groups."""
        return self._run(("XINFO", "GROUPS", name), _dicts)

    def xinfo_stream(self, name: Key, full: bool = False) -> dict[str, Any]:
        """What is known of a stream."""
        words = ("XINFO", "STREAM", name)
        return self._run((*words, "FULL"), _stream_in_full) if full else self._run(words, _stream)

    def xlen(self, name: Key) -> int:
        """The number of entries."""
        return self._run(("XLEN", name))

    def xpending(self, name: Key, groupname: Key) -> dict[str, Any]:
        """How many entries are pending, the first and the last, and how many for each consumer."""
        return self._run(("XPENDING", name, groupname), _pending)

    def xpending_range(
        self,
        name: Key,
        groupname: Key,
        min: Key,
        max: Key,
        count: int,
        consumername: Key | None = None,
        idle: int | None = None,
    ) -> list[dict[str, Any]]:
        """Entries that are pending, with who has them, for how long, how often delivered."""
        words: tuple[Any, ...] = ("XPENDING", name, groupname, *option("IDLE", idle), min, max, count)
        return self._run((*words, consumername) if consumername is not None else words, _pending_range)

    def xrange(self, name: Key, min: Key = "-", max: Key = "+", count: int | None = None) -> list[Any]:
        """The entries between two ids."""
        return self._run(("XRANGE", name, min, max, *option("COUNT", count)), entries)

    def xread(
        self, streams: Mapping[Any, Key], count: int | None = None, block: int | None = None
    ) -> list[Any]:
        """The entries behind an id of each stream: ``[[stream, entries], …]``. Waits ``block`` milliseconds (0: for ever)."""
        words = ("XREAD", *option("COUNT", count), *option("BLOCK", block))
        return self._run((*words, "STREAMS", *streams.keys(), *streams.values()), by_stream)

    def xreadgroup(
        self,
        groupname: Key,
        consumername: Key,
        streams: Mapping[Any, Key],
        count: int | None = None,
        block: int | None = None,
        noack: bool = False,
        claim_min_idle_time: int | None = None,
    ) -> list[Any]:
        """Entries for a consumer of a group; ``>``: what nobody has got yet. Waits ``block`` milliseconds (0: for ever)."""
        if not streams:
            raise ValueError("xreadgroup needs a stream at least")
        words = ("XREADGROUP", "GROUP", groupname, consumername, *option("COUNT", count))
        words = (*words, *option("BLOCK", block), *flags(noack=noack), *option("CLAIM", claim_min_idle_time))
        return self._run((*words, "STREAMS", *streams.keys(), *streams.values()), by_stream)

    def xrevrange(self, name: Key, max: Key = "+", min: Key = "-", count: int | None = None) -> list[Any]:
        """The entries between two ids, backwards."""
        return self._run(("XREVRANGE", name, max, min, *option("COUNT", count)), entries)

    def xsetid(
        self, name: Key, id: Key, entries_added: int | None = None, max_deleted_id: Key | None = None
    ) -> bool:
        """Sets the last id of a stream."""
        words = ("XSETID", name, id, *option("ENTRIESADDED", entries_added))
        return self._run((*words, *option("MAXDELETEDID", max_deleted_id)), truth)

    def xtrim(
        self,
        name: Key,
        maxlen: int | None = None,
        approximate: bool = True,
        minid: Key | None = None,
        limit: int | None = None,
        ref_policy: str | None = None,
    ) -> int:
        """Removes the oldest entries; returns how many."""
        return self._run(("XTRIM", name, *_trim(maxlen, minid, approximate, limit), *option_of(ref_policy)))


def option_of(word: str | None) -> tuple[str, ...]:
    return () if word is None else (word,)


def _trim(maxlen: int | None, minid: Key | None, approximate: bool, limit: int | None) -> tuple[Any, ...]:
    if (maxlen is None) == (minid is None):
        raise ValueError("either maxlen or minid")
    kind = ("MAXLEN",) if maxlen is not None else ("MINID",)
    bound = maxlen if maxlen is not None else minid
    return (*kind, *(("~",) if approximate else ()), bound, *option("LIMIT", limit))


def entry(raw: Any) -> Any:
    """``[id, [f, v, …]]`` as ``(id, {f: v})``; claimed entries have their idle time and count besides."""
    if raw is None:
        return None
    id, fields, *more = raw
    return (id, None if fields is None else dict(paired(fields)), *more)


def entries(reply: Any) -> Any:
    return None if reply is None else [(None, None) if raw is None else entry(raw) for raw in reply]


def by_stream(reply: Any) -> list[Any]:
    return [] if reply is None else [[name, entries(found)] for name, found in reply.items()]


def _autoclaimed(reply: Any) -> list[Any]:
    return [reply[0], entries(reply[1]), *reply[2:]]


def _dicts(reply: Any) -> list[dict[str, Any]]:
    return [text_keys(one) for one in reply]


def _stream(reply: Any) -> dict[str, Any]:
    found = text_keys(reply)
    for name in ("first-entry", "last-entry"):
        found[name] = entry(found[name])
    return found


def _stream_in_full(reply: Any) -> dict[str, Any]:
    found = text_keys(reply)
    found["entries"] = {one[0]: one[1:][0] for one in entries(found["entries"])} or None
    found["groups"] = [
        {**group, "consumers": [text_keys(one) for one in group["consumers"]]}
        for group in map(text_keys, found["groups"])
    ]
    return found


def _pending(reply: Any) -> dict[str, Any]:
    count, first, last, consumers = reply
    found = [{"name": name, "pending": int(text(number))} for name, number in consumers or ()]
    return {"pending": count, "min": first, "max": last, "consumers": found}


def _pending_range(reply: Any) -> list[dict[str, Any]]:
    names = ("message_id", "consumer", "time_since_delivered", "times_delivered")
    return [dict(zip(names, one, strict=True)) for one in reply]
