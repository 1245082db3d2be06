"""redis.asyncio on a database inside the process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio
from redis._parsers import _AsyncHiredisParser, _AsyncRESP2Parser, _AsyncRESP3Parser

import tenondb
import tenondb.redis
import tenondb.redis.asyncio as embedded

SETTINGS = {
    "resp2-c": {"protocol": 2, "parser_class": _AsyncHiredisParser},
    "resp3-c": {"protocol": 3, "parser_class": _AsyncHiredisParser},
    "resp2-python": {"protocol": 2, "parser_class": _AsyncRESP2Parser},
    "resp3-python": {"protocol": 3, "parser_class": _AsyncRESP3Parser},
    "default": {},
    "no time-out": {"socket_timeout": None},
}


@pytest.fixture(params=SETTINGS.values(), ids=SETTINGS.keys())
def run(request: pytest.FixtureRequest, db: tenondb.Db) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
    def run(body: Callable[..., Awaitable[Any]]) -> Any:
        async def main() -> Any:
            async with embedded.Redis(db, **request.param) as r:
                return await body(r, db)

        return asyncio.run(main())

    return run


async def blocked(db: tenondb.Db, count: int = 1) -> None:
    while db.info("clients")["blocked_clients"] != count:
        await asyncio.sleep(0.001)


def test_commands(run: Any) -> None:
    async def body(r: redis.asyncio.Redis, db: tenondb.Db) -> None:
        for size in (0, 100, 70_000, 3_000_000):
            data = b"x\r\n" * (size // 3)
            assert await r.set("k", data, ex=100) and await r.get("k") == data
        assert await r.hset("h", mapping={"a": 1, "b": 2}) == 2
        assert await r.hgetall("h") == {b"a": b"1", b"b": b"2"}
        await r.zadd("z", {"a": 1})
        assert [tuple(pair) for pair in await r.zrange("z", 0, -1, withscores=True)] == [(b"a", 1.0)]
        async with r.pipeline(transaction=True) as pipe:
            assert await pipe.incr("n").incr("n").get("n").execute() == [1, 2, b"2"]
        with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
            await r.lpush("k", 1)
        assert len([key async for key in r.scan_iter("*")]) == 4

    run(body)


def test_watch_and_multi(run: Any) -> None:
    async def body(r: redis.asyncio.Redis, db: tenondb.Db) -> None:
        await r.set("n", 0)

        async def add(pipe: Any) -> None:
            value = int(await pipe.get("n"))
            pipe.multi()
            pipe.set("n", value + 1)

        await asyncio.gather(*(r.transaction(add, "n") for _ in range(10)))
        assert await r.get("n") == b"10"

    run(body)


def test_blocking_commands_wake_and_time_out(run: Any) -> None:
    async def body(r: redis.asyncio.Redis, db: tenondb.Db) -> None:
        assert await r.blpop("q", timeout=0.02) is None
        jobs = [asyncio.create_task(r.blpop("q", timeout=60)) for _ in range(20)]
        await blocked(db, 20)
        threading.Thread(target=db.rpush, args=("q", *range(20))).start()
        assert sorted(int(found[1]) for found in await asyncio.gather(*jobs)) == list(range(20))

    run(body)


def test_who_is_cancelled_has_taken_nothing(run: Any) -> None:
    async def body(r: redis.asyncio.Redis, db: tenondb.Db) -> None:
        job = asyncio.create_task(r.blpop("q", timeout=60))
        await blocked(db)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        await blocked(db, 0)
        await r.rpush("q", "kept")
        assert await r.lrange("q", 0, -1) == [b"kept"]

    run(body)


def test_messages(run: Any) -> None:
    async def body(r: redis.asyncio.Redis, db: tenondb.Db) -> None:
        got = []
        async with r.pubsub(ignore_subscribe_messages=True) as pubsub:
            await pubsub.subscribe("c")
            await pubsub.psubscribe("p*")

            async def read() -> None:
                async for message in pubsub.listen():
                    got.append(message["data"])
                    if len(got) == 301:
                        return

            reader = asyncio.create_task(read())
            while db.pubsub_numpat() == 0:
                await asyncio.sleep(0.001)

            def publish() -> None:
                for n in range(300):
                    db.publish("c", n)
                db.publish("pattern", "end")

            threading.Thread(target=publish).start()
            await asyncio.wait_for(reader, 60)
            assert await pubsub.get_message(timeout=0.01) is None
        assert got == [*(str(n).encode() for n in range(300)), b"end"]

    run(body)


def test_a_timer_ticks_beside_a_coroutine_that_never_waits(run: Any) -> None:
    async def body(r: redis.asyncio.Redis, db: tenondb.Db) -> None:
        ticks, done = 0, False

        async def tick() -> None:
            nonlocal ticks
            while not done:
                await asyncio.sleep(0.001)
                ticks += 1

        timer = asyncio.create_task(tick())
        while ticks < 30:
            await r.set("k", "v")
        done = True
        await timer

    run(body)


def test_a_slow_reader_leaves_messages_in_the_engine(db: tenondb.Db) -> None:
    async def main() -> None:
        async with embedded.Redis(db, socket_timeout=None) as r, r.pubsub(ignore_subscribe_messages=True) as pubsub:
            await pubsub.subscribe("c")
            await pubsub.get_message(timeout=0.01)
            body = b"x" * 100_000
            for _ in range(100):
                db.publish("c", body)
                await asyncio.sleep(0)
            held = len(pubsub.connection._reader._buffer)
            assert held < 4 * embedded.BUFFER_BYTES
            for _ in range(100):
                message = await pubsub.get_message(timeout=60)
                assert message["data"] == body

    asyncio.run(main())


def test_what_others_end_is_noticed(run: Any) -> None:
    async def body(r: redis.asyncio.Redis, db: tenondb.Db) -> None:
        me = await r.client_id()
        db.call("CLIENT", "KILL", "ID", me)
        assert await r.ping() and await r.client_id() != me
        assert await r.execute_command("QUIT")
        assert await r.ping()

    run(body)


def test_urls_and_pools(tmp_path: Path) -> None:
    async def main() -> None:
        async with embedded.from_url(f"tenon://{tmp_path}/s?decode_responses=true") as r:
            assert await r.set("a", 1) and await r.get("a") == "1"
        pool = redis.asyncio.ConnectionPool(connection_class=embedded.Connection, path=":memory:async")
        other = redis.asyncio.Redis(connection_pool=pool)
        assert await other.set("a", 2)
        assert tenondb.redis.store(":memory:async").get("a") == b"2"
        await pool.disconnect()
        tenondb.redis.install()
        try:
            third = redis.asyncio.Redis.from_url("tenon://memory/async")
            assert await third.get("a") == b"2"
            await third.aclose()
        finally:
            tenondb.redis.uninstall()

    asyncio.run(main())
    tenondb.redis.close()


def test_a_client_of_one_loop_after_the_other(db: tenondb.Db) -> None:
    for n in range(1, 6):

        async def main() -> None:
            async with embedded.Redis(db) as r:
                assert await r.incr("n") == n

        asyncio.run(main())
