"""The official Python client against a server that is given by its unix socket and its port.

    python tests/clients/redis_py.py SOCKET PORT

Every case runs in RESP2 and RESP3, with the parser in C and the one in Python, over the unix socket and over TCP, and in asyncio
too. Ends with `N passed, M failed`.
"""
import asyncio
import sys
import threading
import time
import traceback

import redis
import redis.asyncio
from redis.cache import CacheConfig
from redis._parsers import _HiredisParser, _RESP2Parser, _RESP3Parser

CASES = []


def case(function):
    CASES.append(function)
    return function


def expect(got, wanted):
    assert got == wanted, f"{got!r} is not {wanted!r}"


def fails(call, text, kind=redis.ResponseError):
    try:
        got = call()
    except kind as error:
        assert text in str(error), f"{error} is not about {text!r}"
    else:
        raise AssertionError(f"{got!r} is no error")


@case
def strings(r, resp3):
    assert r.set("k", "v")
    expect(r.get("k"), b"v")
    expect(r.get("nothing"), None)
    expect(r.set("k", "w", nx=True), None)
    assert r.set("k", "w", xx=True, ex=100)
    assert 90 < r.ttl("k") <= 100
    expect(r.set("k", "x", get=True), b"w")
    expect(r.ttl("k"), -1)
    expect(r.incr("n"), 1)
    expect(r.incrby("n", 41), 42)
    expect(r.decr("n"), 41)
    expect(r.incrbyfloat("f", 2.5), 2.5)
    expect(r.append("k", "yz"), 3)
    expect(r.getrange("k", 1, -1), b"yz")
    expect(r.setrange("k", 5, "!"), 6)
    expect(r.get("k"), b"xyz\0\0!")
    assert r.mset({"a": 1, "b": 2, "c": b"\x00\xff\r\n"})
    expect(r.mget("a", "b", "c", "none"), [b"1", b"2", b"\x00\xff\r\n", None])
    expect(r.msetnx({"a": 2, "new": 1}), False)
    expect(r.getdel("a"), b"1")
    expect(r.getex("b", px=50_000), b"2")
    assert 0 < r.pttl("b") <= 50_000
    expect(r.strlen("c"), 4)
    long = b"x" * 3_000_000
    assert r.set("long", long)
    expect(r.get("long"), long)
    expect(r.lcs("c", "c", len=True), 4)


@case
def hashes(r, resp3):
    expect(r.hset("h", mapping={"a": 1, "b": "two", "c": 3.5}), 3)
    expect(r.hset("h", "a", 2), 0)
    expect(r.hget("h", "a"), b"2")
    expect(r.hgetall("h"), {b"a": b"2", b"b": b"two", b"c": b"3.5"})
    expect(r.hmget("h", ["a", "none"]), [b"2", None])
    expect(r.hincrby("h", "a", 5), 7)
    expect(r.hincrbyfloat("h", "c", 0.25), 3.75)
    expect(sorted(r.hkeys("h")), [b"a", b"b", b"c"])
    expect(sorted(r.hvals("h")), [b"3.75", b"7", b"two"])
    expect(r.hexists("h", "b"), True)
    expect(r.hdel("h", "b", "none"), 1)
    expect(r.hlen("h"), 2)
    expect(r.hsetnx("h", "a", 1), False)
    r.hset("big", mapping={f"field:{n}": n for n in range(1000)})
    expect(dict(r.hscan_iter("big")), {f"field:{n}".encode(): str(n).encode() for n in range(1000)})
    assert r.hrandfield("h") in (b"a", b"c")


@case
def lists(r, resp3):
    expect(r.rpush("l", *range(10)), 10)
    expect(r.lpush("l", "head"), 11)
    expect(r.lrange("l", 0, 2), [b"head", b"0", b"1"])
    expect(r.lindex("l", -1), b"9")
    expect(r.lpop("l"), b"head")
    expect(r.rpop("l", 2), [b"9", b"8"])
    assert r.ltrim("l", 1, 4)
    expect(r.lrange("l", 0, -1), [b"1", b"2", b"3", b"4"])
    expect(r.linsert("l", "BEFORE", "3", "x"), 5)
    expect(r.lpos("l", "x"), 2)
    expect(r.lrem("l", 0, "x"), 1)
    assert r.lset("l", 0, "one")
    expect(r.lmove("l", "other", "LEFT", "RIGHT"), b"one")
    expect(r.lmpop(2, "none", "other", direction="LEFT", count=3), [b"other", [b"one"]])
    expect(r.llen("l"), 3)
    expect(r.rpoplpush("l", "l"), b"4")


@case
def sets(r, resp3):
    expect(r.sadd("a", *range(10)), 10)
    expect(r.sadd("b", 5, 6, "x"), 3)
    expect(r.smembers("b"), {b"5", b"6", b"x"})
    expect(set(r.sinter("a", "b")), {b"5", b"6"})
    expect(set(r.sdiff("b", "a")), {b"x"})
    expect(len(r.sunion("a", "b")), 11)
    expect(r.sinterstore("c", "a", "b"), 2)
    expect(r.sintercard(2, ["a", "b"], limit=1), 1)
    assert r.sismember("c", 5)
    expect([bool(there) for there in r.smismember("c", [5, 9])], [True, False])
    assert r.smove("c", "d", 5)
    expect(r.srem("c", 5, 6), 1)
    expect(r.exists("c"), 0)
    assert r.spop("a") is not None
    expect(len(r.spop("a", 4)), 4)
    expect(r.scard("a"), 5)
    expect(len(r.srandmember("a", -20)), 20)
    expect(set(r.sscan_iter("a")), r.smembers("a"))


@case
def sorted_sets(r, resp3):
    expect(r.zadd("z", {"a": 1, "b": 2.5, "c": float("inf"), "d": -1}), 4)
    expect(r.zadd("z", {"a": 7}, gt=True, ch=True), 1)
    expect(r.zadd("z", {"a": 1}, gt=True), 0)
    expect(r.zscore("z", "b"), 2.5)
    expect(r.zmscore("z", ["a", "none"]), [7.0, None])
    expect(r.zincrby("z", 0.5, "b"), 3.0)
    expect(r.zrank("z", "d"), 0)
    expect(r.zrevrank("z", "d"), 3)
    expect(r.zrange("z", 0, -1), [b"d", b"b", b"a", b"c"])
    expect([tuple(pair) for pair in r.zrange("z", 0, 1, withscores=True)], [(b"d", -1.0), (b"b", 3.0)])
    expect(r.zrange("z", "+inf", "(3", desc=True, byscore=True, offset=0, num=5), [b"c", b"a"])
    expect(r.zrangebyscore("z", "-inf", 3), [b"d", b"b"])
    expect(r.zcount("z", 0, 10), 2)
    # One member without a count is no list of pairs in RESP3.
    expect(r.zpopmin("z"), [b"d", -1.0] if resp3 else [(b"d", -1.0)])
    r.zadd("y", {"a": 1, "e": 2})
    expect(r.zunionstore("u", {"z": 2, "y": 1}, aggregate="MAX"), 4)
    expect(r.zscore("u", "a"), 14.0)
    expect(r.zinter(["z", "y"]), [b"a"])
    expect(r.zintercard(2, ["z", "y"]), 1)
    expect(r.zdiff(["z", "y"]), [b"b", b"c"])
    expect(r.zrangestore("copy", "z", 0, 1), 2)
    expect(r.zremrangebyrank("copy", 0, 0), 1)
    expect(r.zlexcount("y", "-", "+"), 2)
    expect(r.zrem("z", "a", "none"), 1)
    r.zadd("many", {f"m{n}": n for n in range(1000)})
    expect(dict(r.zscan_iter("many")), {f"m{n}".encode(): float(n) for n in range(1000)})
    expect(len(r.zrange("many", 0, -1)), 1000)


@case
def pipelines(r, resp3):
    with r.pipeline(transaction=False) as pipe:
        for n in range(1000):
            pipe.set(f"key:{n}", n)
        pipe.get("key:500").incr("key:500")
        replies = pipe.execute()
    expect(replies[-2:], [b"500", 501])
    with r.pipeline() as pipe:
        pipe.set("a", 1).incr("a").lpush("a", "x").get("a")
        replies = pipe.execute(raise_on_error=False)
    expect(replies[:2], [True, 2])
    assert isinstance(replies[2], redis.ResponseError) and "WRONGTYPE" in str(replies[2])
    expect(replies[3], b"2")


@case
def watch(r, resp3):
    r.set("balance", 100)
    with r.pipeline() as pipe:
        pipe.watch("balance")
        before = int(pipe.get("balance"))
        pipe.multi()
        pipe.set("balance", before - 10)
        r.set("balance", 50)
        fails(pipe.execute, "", redis.WatchError)
    expect(r.get("balance"), b"50")

    def transfer(pipe):
        amount = int(pipe.get("balance"))
        pipe.multi()
        pipe.set("balance", amount + 1)

    def many():
        for _ in range(50):
            r.transaction(transfer, "balance")

    threads = [threading.Thread(target=many) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    expect(r.get("balance"), b"250")


@case
def scanning(r, resp3):
    with r.pipeline(transaction=False) as pipe:
        for n in range(2000):
            pipe.set(f"scan:{n}", n)
        pipe.sadd("scan:set", 1).set("other", 1)
        pipe.execute()
    expect(len(set(r.scan_iter("scan:*", count=100))), 2001)
    expect(list(r.scan_iter(_type="set")), [b"scan:set"])
    expect(len(r.keys("scan:?")), 10)
    expect(r.dbsize(), 2002)
    expect(r.delete(*[f"scan:{n}" for n in range(2000)]), 2000)
    expect(r.unlink("other", "none"), 1)


@case
def expiry(r, resp3):
    r.set("k", "v", px=60)
    r.set("later", "v")
    assert r.expire("later", 100)
    expect(r.expire("later", 50, gt=True), False)
    assert r.pexpireat("later", int(time.time() * 1000) + 90_000)
    assert r.expiretime("later") > time.time()
    assert r.persist("later")
    expect(r.ttl("later"), -1)
    expect(r.ttl("none"), -2)
    time.sleep(0.09)
    expect(r.get("k"), None)
    expect(r.exists("k", "later"), 1)
    r.setex("s", 100, "v")
    assert r.copy("s", "t")
    assert r.ttl("t") > 90
    assert r.rename("t", "u")
    expect(r.type("u"), b"string")


@case
def errors(r, resp3):
    r.lpush("l", "x")
    fails(lambda: r.get("l"), "WRONGTYPE Operation against a key holding the wrong kind of value")
    r.set("s", "text")
    fails(lambda: r.incr("s"), "value is not an integer or out of range")
    fails(lambda: r.execute_command("NOSUCH", "a"), "unknown command")
    fails(lambda: r.execute_command("GET"), "wrong number of arguments")
    fails(lambda: r.execute_command("SET", "k", "v", "NOPE"), "syntax error")
    fails(lambda: r.execute_command("EXEC"), "EXEC without MULTI")
    fails(lambda: r.expire("s", 2**62), "invalid expire time")
    fails(lambda: r.rename("none", "x"), "no such key")
    expect(r.get("s"), b"text")


@case
def connection(r, resp3):
    assert r.ping()
    expect(r.echo("hello"), b"hello")
    assert r.client_id() > 0
    assert r.client_setname("me")
    expect(r.client_getname() in (b"me", "me"), True)
    assert any(client["name"] == "me" for client in r.client_list())
    assert tuple(map(int, r.info()["redis_version"].split(".")[:2])) >= (7, 4)
    assert r.command_count() > 150
    expect("maxmemory" in r.config_get("maxmemory*") or r.config_get("maxmemory*") == {}, True)
    assert abs(r.time()[0] - time.time()) < 60
    assert r.object("encoding", "none") is None
    r.set("n", 5)
    expect(r.object("encoding", "n"), b"int")
    assert r.memory_usage("n") > 0
    r.rpush("sort", 3, 1, 2)
    expect(r.sort("sort"), [b"1", b"2", b"3"])


async def asynchronous(r):
    await r.flushall()
    assert await r.set("k", "v", ex=100)
    expect(await r.get("k"), b"v")
    expect(await r.hset("h", mapping={"a": 1, "b": 2}), 2)
    expect(await r.hgetall("h"), {b"a": b"1", b"b": b"2"})
    await r.zadd("z", {"a": 1, "b": 2})
    expect([tuple(pair) for pair in await r.zrange("z", 0, -1, withscores=True)], [(b"a", 1.0), (b"b", 2.0)])
    async with r.pipeline(transaction=True) as pipe:
        replies = await pipe.incr("n").incr("n").get("n").execute()
    expect(replies, [1, 2, b"2"])

    async def count():
        for _ in range(100):
            await r.incr("shared")

    await asyncio.gather(*[count() for _ in range(20)])
    expect(await r.get("shared"), b"2000")

    async def add_one(pipe):
        before = int(await pipe.get("shared"))
        pipe.multi()
        pipe.set("shared", before + 1)

    await asyncio.gather(*[r.transaction(add_one, "shared") for _ in range(10)])
    expect(await r.get("shared"), b"2010")
    expect(len([key async for key in r.scan_iter("*")]), 5)
    try:
        await r.lpush("k", 1)
        raise AssertionError("no error")
    except redis.ResponseError as error:
        assert "WRONGTYPE" in str(error)


def cached(port):
    """The client's own cache: what others change, expire and flush it has to forget."""
    other = redis.Redis(port=port)
    other.flushall()
    r = redis.Redis(port=port, protocol=3, cache_config=CacheConfig(max_size=100))

    def becomes(key, wanted):
        # The server tells the client at once, and nobody waits for it.
        until = time.monotonic() + 10
        while r.get(key) != wanted:
            assert time.monotonic() < until, f"{key} stays {r.get(key)!r}"
            time.sleep(0.001)

    other.mset({"a": 1, "b": 1})
    expect(r.mget("a", "b"), [b"1", b"1"])
    expect(r.get("a"), b"1")
    assert r.get_cache().size > 0
    hits = other.info("stats")["keyspace_hits"]
    for _ in range(10):
        expect(r.get("a"), b"1")
    expect(other.info("stats")["keyspace_hits"], hits)
    for n in range(2, 100):
        other.set("a", n)
        becomes("a", str(n).encode())
    r.set("a", "own")
    becomes("a", b"own")
    other.pexpire("a", 50)
    becomes("a", None)
    expect(r.get("b"), b"1")
    other.flushall()
    becomes("b", None)
    r.close()
    other.close()


def settings(socket, port):
    """Every way to connect that is tried: a name, a connection class, its arguments."""
    tcp = {"host": "127.0.0.1", "port": port}
    yield "unix, RESP2, C parser", redis.UnixDomainSocketConnection, {"path": socket, "protocol": 2, "parser_class": _HiredisParser}
    yield "unix, RESP3, C parser", redis.UnixDomainSocketConnection, {"path": socket, "protocol": 3, "parser_class": _HiredisParser}
    yield "tcp, RESP2, Python parser", redis.Connection, {**tcp, "protocol": 2, "parser_class": _RESP2Parser}
    yield "tcp, RESP3, Python parser", redis.Connection, {**tcp, "protocol": 3, "parser_class": _RESP3Parser}


def main():
    socket, port = sys.argv[1], int(sys.argv[2])
    passed, failed = 0, 0

    def attempt(name, run):
        nonlocal passed, failed
        try:
            run()
            passed += 1
        except Exception:
            failed += 1
            print(f"FAILED {name}")
            traceback.print_exc()

    for name, kind, arguments in settings(socket, port):
        r = redis.Redis(connection_pool=redis.ConnectionPool(connection_class=kind, **arguments))
        for test in CASES:
            r.flushall()
            attempt(f"{test.__name__} ({name})", lambda: test(r, arguments["protocol"] == 3))
        r.connection_pool.disconnect()
    attempt("client-side cache", lambda: cached(port))
    for protocol in (2, 3):

        async def run():
            r = redis.asyncio.Redis(unix_socket_path=socket, protocol=protocol)
            try:
                await asynchronous(r)
            finally:
                await r.aclose()

        attempt(f"asyncio (RESP{protocol})", lambda: asyncio.run(run()))
    print(f"redis-py {redis.__version__}: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
