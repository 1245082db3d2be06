"""The methods against redis-py's: the same names, the same parameters, its replies with ``protocol=2`` but for those that are named."""

from __future__ import annotations

import datetime
import inspect
from collections.abc import Iterator
from typing import Any

import pytest
import redis

import tenondb
import tenondb.redis
from tenondb.commands import Commands

NOW = 1_700_000_000_000

#: Calls as (name, positional arguments, arguments by name), in an order that leaves something to look at.
CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []


def c(name: str, *args: Any, **kwargs: Any) -> None:
    CALLS.append((name, args, kwargs))


#: Where the last call is answered otherwise: our reply, and redis-py's. The README names them all.
DIFFERS: dict[int, tuple[Any, Any]] = {}


def differs(ours: Any, theirs: Any) -> None:
    DIFFERS[len(CALLS) - 1] = (ours, theirs)


# strings
c("set", "k", "v")
c("set", "k", "w", nx=True)
c("set", "k", "w", xx=True, get=True, ex=100)
c("set", "k", "w", keepttl=True)
c("set", "k", "x", px=datetime.timedelta(seconds=5))
c("set", "k", "y", exat=1_700_000_100)
c("set", "k", "y", pxat=1_700_000_100_500)
c("set", "k", "z", ifeq="y")
c("set", "k", "z", ifeq="y")
c("get", "k")
c("get", "none")
c("append", "k", "abc")
c("strlen", "k")
c("getrange", "k", 1, -1)
c("substr", "k", 0, 1)
c("setrange", "k", 2, "!!")
c("getex", "k", ex=10)
c("getex", "k", persist=True)
c("getset", "k", "new")
c("setnx", "k", 1)
c("setnx", "nx", 1)
c("setex", "e", 100, "v")
c("setex", "e", datetime.timedelta(minutes=1), "v")
c("psetex", "e", 100_000, "v")
c("getdel", "e")
c("incr", "n")
c("incr", "n", 5)
c("incrby", "n", 5)
c("decr", "n")
c("decrby", "n", 3)
c("incrbyfloat", "f", 1.5)
c("mset", {"a": 1, "b": "two"})
c("msetnx", {"a": 1, "z1": 2})
c("msetex", {"m1": 1, "m2": 2}, ex=10)
c("mget", ["a", "b", "none"])
c("mget", "a", "b")
c("set", "l1", "ohmytext")
c("set", "l2", "mynewtext")
c("lcs", "l1", "l2")
c("lcs", "l1", "l2", len=True)
c("lcs", "l1", "l2", idx=True, minmatchlen=2, withmatchlen=True)
# keys
c("exists", "a", "b", "a", "none")
c("type", "a")
c("type", "none")
c("expire", "a", 100)
c("expire", "a", 50, gt=True)
c("expire", "none", 50)
c("pexpire", "a", 5000, xx=True)
c("expireat", "a", 1_700_000_500)
c("pexpireat", "a", datetime.datetime.fromtimestamp(1_700_000_600))
c("ttl", "a")
c("pttl", "a")
c("expiretime", "a")
c("pexpiretime", "a")
c("persist", "a")
c("persist", "a")
c("copy", "a", "copied")
c("copy", "a", "copied", replace=True)
c("copy", "a", "copied")
c("rename", "copied", "renamed")
c("renamenx", "renamed", "a")
c("move", "renamed", 3)
c("touch", "a", "b", "none")
c("object", "encoding", "a")
c("object", "refcount", "a")
c("unlink", "b", "none")
c("delete", "a", "none")
c("keys", "m?")
c("dbsize")
# lists
c("rpush", "l", 1, 2, 3, 4)
c("lpush", "l", "head")
c("lpushx", "nolist", 1)
c("rpushx", "l", 5)
c("lrange", "l", 0, -1)
c("llen", "l")
c("lindex", "l", 0)
c("lindex", "l", 99)
c("linsert", "l", "BEFORE", 3, "x")
c("lset", "l", 0, "first")
c("lpos", "l", "x")
c("lpos", "l", "none")
c("lpos", "l", "x", count=0)
c("lpos", "l", "x", rank=-1, maxlen=10)
c("lrem", "l", 0, "x")
c("ltrim", "l", 0, 3)
c("lmove", "l", "other")
c("rpoplpush", "l", "other")
c("lpop", "l")
c("rpop", "l", 1)
c("lpop", "nolist")
c("lpop", "nolist", 3)
c("rpush", "l", 1, 2, 3, 4)
c("lmpop", 2, "none", "l", direction="LEFT", count=2)
c("lmpop", 1, "none", direction="RIGHT")
c("blmpop", 0.01, 1, "l", direction="RIGHT", count=1)
c("blpop", "l", timeout=1)
c("blpop", ["none", "l"], timeout=1)
c("blpop", "none", timeout=0.01)
c("rpush", "l", 1, 2)
c("brpop", ["l"], 1)
c("blmove", "l", "other", 1)
c("brpoplpush", "other", "l", 1)
c("brpoplpush", "none", "l", 0.01)
c("sort", "other", alpha=True, desc=True)
c("sort", "other", start=0, num=1, alpha=True)
c("sort", "other", by="nosort", get=["#", "none*"], groups=True)
c("sort", "other", by="nosort", store="sorted")
c("sort_ro", "other", alpha=True)
# hashes
c("hset", "h", "a", 1)
c("hset", "h", mapping={"b": 2, "c": 3})
c("hset", "h", items=["d", 4])
c("hsetnx", "h", "a", 5)
differs(False, 0)
c("hmset", "h", {"e": 5})
c("hget", "h", "a")
c("hget", "h", "none")
c("hmget", "h", "a", "none")
c("hmget", "h", ["a", "b"])
c("hgetall", "h")
c("hgetall", "none")
c("hexists", "h", "a")
c("hlen", "h")
c("hkeys", "h")
c("hvals", "h")
c("hstrlen", "h", "a")
c("hincrby", "h", "a", 5)
c("hincrbyfloat", "h", "a", 0.5)
c("hdel", "h", "e", "none")
c("hgetdel", "h", "d", "none")
c("hscan", "h")
c("hscan", "h", match="a*", count=10)
c("hscan", "h", no_values=True)
c("hset", "one", "f", "v")
c("hrandfield", "one")
c("hrandfield", "one", 2)
c("hrandfield", "one", 2, withvalues=True)
c("hrandfield", "none")
# sets
c("sadd", "s", "a", "b", "c")
c("sadd", "t", "b", "c", "d")
c("smembers", "s")
c("smembers", "none")
c("scard", "s")
c("sismember", "s", "a")
c("smismember", "s", ["a", "x"])
c("sinter", "s", "t")
c("sunion", ["s", "t"])
c("sdiff", "s", "t")
c("sinterstore", "u", "s", "t")
c("sunionstore", "u", ["s", "t"])
c("sdiffstore", "u", "s", "t")
c("sintercard", 2, ["s", "t"], limit=1)
c("smove", "s", "t", "a")
c("srem", "t", "a", "none")
c("sscan", "u")
c("sadd", "single", "x")
c("srandmember", "single")
c("srandmember", "single", 3)
c("srandmember", "none")
c("spop", "single", 2)
c("spop", "single")
# sorted sets
c("zadd", "z", {"a": 1, "b": 2.5, "c": 3})
c("zadd", "z", {"a": 5}, gt=True, ch=True)
c("zadd", "z", {"a": 1}, xx=True, incr=True)
c("zadd", "z", {"new": 1}, xx=True, incr=True)
c("zadd", "y", {"a": 1, "d": 2})
c("zcard", "z")
c("zcount", "z", "-inf", "(6")
c("zscore", "z", "a")
c("zscore", "z", "none")
c("zmscore", "z", ["a", "none"])
c("zincrby", "z", 1.5, "b")
c("zrank", "z", "a")
c("zrank", "z", "none")
c("zrank", "z", "a", withscore=True)
c("zrevrank", "z", "a", withscore=True)
c("zrank", "z", "none", withscore=True)
c("zrange", "z", 0, -1)
c("zrange", "z", 0, -1, withscores=True)
c("zrange", "z", 0, -1, desc=True, withscores=True, score_cast_func=int)
c("zrange", "z", "-inf", "+inf", byscore=True, offset=0, num=2)
c("zrange", "y", "-", "+", bylex=True)
c("zrevrange", "z", 0, 1, withscores=True)
c("zrangebyscore", "z", 0, 100, start=0, num=2, withscores=True)
c("zrevrangebyscore", "z", 100, 0)
c("zrangebylex", "y", "-", "+", start=0, num=1)
c("zrevrangebylex", "y", "+", "-")
c("zlexcount", "y", "-", "[b")
c("zrangestore", "w", "z", 0, 1)
c("zunion", ["z", "y"])
c("zunion", {"z": 1, "y": 2}, aggregate="MAX", withscores=True)
c("zinter", ["z", "y"], withscores=True)
c("zinter", ["z", "y"], aggregate="MIN")
c("zdiff", ["z", "y"])
c("zdiff", ["z", "y"], withscores=True)
differs([(b"c", 3.0), (b"b", 4.0)], [b"c", b"3", b"b", b"4"])
c("zunionstore", "w", {"z": 1, "y": 2})
c("zinterstore", "w", ["z", "y"], aggregate="MIN")
c("zdiffstore", "w", ["z", "y"])
c("zintercard", 2, ["z", "y"], limit=5)
c("zscan", "z")
c("zscan", "z", match="a", count=5, score_cast_func=int)
c("zadd", "one:z", {"m": 1.5})
c("zrange", "one:z", 0, -1, withscores=True, score_cast_func=str)
differs([(b"m", "1.5")], [(b"m", "b'1.5'")])
c("zrandmember", "one:z")
c("zrandmember", "one:z", 2)
c("zrandmember", "one:z", 2, withscores=True)
differs([b"m", 1.5], [b"m", b"1.5"])
c("zrandmember", "none")
c("zpopmin", "z")
c("zpopmax", "z", 1)
c("zpopmin", "none")
c("zadd", "z", {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5})
c("zmpop", 2, ["none", "z"], min=True, count=2)
differs([b"z", [[b"a", 1.0], [b"b", 2.0]]], [b"z", [[b"a", b"1"], [b"b", b"2"]]])
c("zmpop", 1, ["none"], max=True)
c("bzmpop", 0.01, 1, ["z"], max=True)
differs([b"z", [[b"e", 5.0]]], [b"z", [[b"e", b"5"]]])
c("bzpopmin", "z", 1)
c("bzpopmax", ["none", "z"], 1)
c("bzpopmin", "none", 0.01)
c("zadd", "z", {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5})
c("zremrangebyrank", "z", 0, 0)
c("zremrangebyscore", "z", 2, 2)
c("zrem", "z", "c", "none")
c("zremrangebylex", "y", "-", "[a")
# streams
c("xadd", "x", {"a": 1}, id="1-1")
c("xadd", "x", {"b": 2, "c": 3}, id="2-1", maxlen=100)
c("xadd", "nostream", {"a": 1}, nomkstream=True)
c("xadd", "x", {"d": 4}, id="3-1", minid="0-1", approximate=False)
c("xlen", "x")
c("xrange", "x")
c("xrange", "x", min="2", max="+", count=1)
c("xrevrange", "x", count=2)
c("xread", {"x": "1-1"}, count=1)
c("xread", {"x": "9"}, block=10)
c("xgroup_create", "x", "g", id="0")
c("xgroup_create", "made", "g", mkstream=True, entries_read=0)
c("xgroup_createconsumer", "x", "g", "c9")
c("xreadgroup", "g", "c1", {"x": ">"}, count=2)
c("xreadgroup", "g", "c1", {"x": "0"})
c("xpending", "x", "g")
c("xpending_range", "x", "g", "-", "+", 10)
c("xpending_range", "x", "g", "-", "+", 10, consumername="c1", idle=0)
c("xclaim", "x", "g", "c2", 0, ["1-1"])
c("xclaim", "x", "g", "c2", 0, ["1-1"], justid=True, force=True, retrycount=3)
c("xautoclaim", "x", "g", "c3", 0, count=1)
c("xautoclaim", "x", "g", "c3", 0, justid=True)
c("xack", "x", "g", "1-1")
c("xinfo_stream", "x")
c("xinfo_stream", "x", full=True)
c("xinfo_groups", "x")
c("xinfo_consumers", "x", "g")
c("xgroup_setid", "x", "g", "0")
c("xgroup_delconsumer", "x", "g", "c1")
c("xackdel", "x", "g", "2-1")
c("xdelex", "x", "9-9")
c("xdel", "x", "1-1")
c("xtrim", "x", maxlen=1, approximate=False)
c("xgroup_destroy", "x", "g")
c("xpending", "made", "g")
# the database
c("echo", "hello")
c("ping")
c("publish", "c", "m")
c("spublish", "c", "m")
c("pubsub_channels")
c("pubsub_numpat")
c("pubsub_numsub", "a", "b")
c("pubsub_shardchannels")
c("pubsub_shardnumsub", "a")
c("config_get", "hash-max-*")
c("config_set", "hash-max-listpack-entries", 64)
c("config_resetstat")
c("command_count")
c("command_getkeys", "MSET", "a", 1, "b", 2)
c("command_getkeysandflags", "GET", "a")
c("command_list", pattern="xgr*")
c("time")
c("lastsave")
c("role")
c("memory_usage", "z")
c("memory_usage", "none", samples=0)
c("swapdb", 0, 1)
c("wait", 0, 10)
c("waitaof", 0, 0, 10)
c("flushdb")
c("flushall", asynchronous=True)

#: Fields that tell two runs apart.
VARIES = {"idle", "inactive", "seen-time", "active-time", "time_since_delivered", "delivery-time"}


@pytest.fixture(scope="module")
def replies() -> Iterator[list[tuple[Any, Any]]]:
    """What both have answered, to every call."""

    def fresh() -> tenondb.Db:
        return tenondb.memory(clock=tenondb.Clock.manual(NOW), seed=7)

    ours, beside = fresh(), fresh()
    theirs = tenondb.redis.Redis(beside, protocol=2)

    def ask(who: Any, name: str, args: Any, kwargs: Any) -> Any:
        try:
            return getattr(who, name)(*args, **kwargs)
        except (tenondb.TenonError, redis.RedisError, ValueError) as error:
            return f"error: {error}"

    yield [(ask(ours, *call), ask(theirs, *call)) for call in CALLS]
    ours.close()
    theirs.close()
    beside.close()


def plain(value: Any) -> Any:
    """Without what differs from run to run; sets of a fixed order stay sets."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items() if str(key) not in VARIES}
    if isinstance(value, (list, tuple)):
        return type(value)(plain(one) for one in value)
    return value


@pytest.mark.parametrize("at", range(len(CALLS)), ids=lambda at: f"{at}-{CALLS[at][0]}")
def test_replies_are_redis_py_s_or_named(replies: list[tuple[Any, Any]], at: int) -> None:
    ours, theirs = replies[at]
    name = CALLS[at][0]
    assert not str(ours).startswith("error"), ours
    if isinstance(theirs, list) and name in {"hkeys", "hvals", "keys", "command_list", "sscan"}:
        ours, theirs = sorted(ours), sorted(theirs)
    if name == "command_getkeysandflags":
        ours, theirs = ([(key, sorted(how)) for key, how in one] for one in (ours, theirs))
    if at in DIFFERS:
        # Also their types: 0 is not False here.
        assert (repr(ours), repr(theirs)) == tuple(map(repr, DIFFERS[at]))
        return
    assert plain(ours) == plain(theirs)
    assert type(ours) is type(theirs)


#: What redis-py has no method for.
ONLY_OURS = {"delifeq", "xsetid"}
#: What we have no method for, and why.
NOT_OURS = {
    "about the connection that speaks, which a library does not have": {
        "auth", "client_caching", "client_getname", "client_getredir", "client_id", "client_info",
        "client_no_evict", "client_no_touch", "client_reply", "client_setinfo", "client_setname",
        "client_tracking", "client_trackinginfo", "client", "hello", "quit", "reset",
    },
    "methods of their own": {"pubsub", "transaction", "watch", "unwatch", "monitor", "psubscribe", "subscribe"},
    "raises in redis-py, too": {"command", "command_info", "memory_help", "config_rewrite"},
    "answered by select()": {"select"},
    "bytes, whatever a handle decodes: call() has them": {"dump", "restore"},
    "scripts: call() runs them, and redis-py": {
        "eval", "eval_ro", "evalsha", "evalsha_ro", "script_debug", "script_exists", "script_flush", "script_kill", "script_load",
    },
}  # fmt: skip


def names_of_commands(db: tenondb.Db) -> set[str]:
    found = {name.decode().lower().replace("|", "_").replace("-", "_") for name in db.command_list()}
    for container in ("xgroup", "xinfo", "config", "client", "pubsub", "object", "command", "memory"):
        for line in db.call(container, "HELP"):
            found.add(f"{container}_{line.decode().split(' ')[0].lower().replace('-', '_')}")
    return found


def test_every_command_that_redis_py_knows_has_its_method(db: tenondb.Db) -> None:
    excused = set().union(*NOT_OURS.values())
    known = names_of_commands(db)
    assert len(known) > 250
    lacking = [
        name
        for name in sorted(known)
        if callable(getattr(redis.Redis, name, None)) and not hasattr(tenondb.Db, name) and name not in excused
    ]
    assert lacking == []


def test_methods_have_redis_py_s_parameters() -> None:
    faults, compared = [], 0
    for name in dir(Commands):
        if name.startswith("_") or not callable(getattr(Commands, name)):
            continue
        theirs = getattr(redis.Redis, name, None)
        if theirs is None:
            assert name in ONLY_OURS, f"redis-py has no {name}"
            continue
        compared += 1
        mine, their = (inspect.signature(one).parameters for one in (getattr(Commands, name), theirs))
        shared = [one for one in their if one in mine]
        for one in mine:
            if one not in their:
                faults.append(f"{name}: redis-py has no {one}")
            elif mine[one].default != their[one].default and not (mine[one].default == () and their[one].default == []):
                faults.append(f"{name}: {one} is {mine[one].default}, not {their[one].default}")
        if [one for one in mine if one in their] != shared:
            faults.append(f"{name}: another order")
    assert faults == []
    assert compared > 180


def test_iterations_are_complete(text: tenondb.Db) -> None:
    text.mset({f"key:{n}": n for n in range(500)})
    text.hset("h", mapping={f"f{n}": n for n in range(500)})
    text.sadd("s", *range(500))
    text.zadd("z", {f"m{n}": n for n in range(500)})
    assert len(set(text.scan_iter("key:*", count=7))) == 500
    assert list(text.scan_iter(_type="hash")) == ["h"]
    assert dict(text.hscan_iter("h")) == {f"f{n}": str(n) for n in range(500)}
    assert set(text.hscan_iter("h", no_values=True)) == {f"f{n}" for n in range(500)}
    assert set(text.sscan_iter("s")) == {str(n) for n in range(500)}
    assert dict(text.zscan_iter("z", score_cast_func=int)) == {f"m{n}": n for n in range(500)}


def test_calls_that_cannot_be_meant_are_refused(db: tenondb.Db) -> None:
    for call in [
        lambda: db.zadd("z", {}),
        lambda: db.hset("h"),
        lambda: db.xadd("x", {}),
        lambda: db.xtrim("x"),
        lambda: db.zmpop(1, ["z"]),
        lambda: db.sort("l", start=1),
        lambda: db.zrange("z", 0, 1, offset=1),
        lambda: db.set("k", "v", ex=1, px=1),
        lambda: db.set("k", "v", nx=True, xx=True),
    ]:
        with pytest.raises(ValueError):
            call()
