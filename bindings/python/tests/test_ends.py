"""``close()``: everything that waits through a handle ends with it, also when others have the same directory open."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis

import tenondb
import tenondb.redis
import tenondb.redis.asyncio
from tenondb import aio


def blocked(db: tenondb.Db, count: int = 1) -> None:
    while db.info("clients")["blocked_clients"] < count:
        time.sleep(0.001)


def ended(wait: Callable[[], Any], ready: Callable[[], Any], end: Callable[[], Any]) -> Any:
    """What a thread that waits is told when ``end`` has been called."""
    seen: list[Any] = []

    def run() -> None:
        try:
            seen.append(wait())
        except (tenondb.TenonError, redis.RedisError) as error:
            seen.append(type(error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready()
    end()
    thread.join(20)
    assert not thread.is_alive(), "it still waits"
    return seen[0]


@pytest.fixture
def twice(tmp_path: Path) -> Any:
    """A directory that is open twice."""
    with tenondb.open(tmp_path / "s") as a, tenondb.open(tmp_path / "s") as b:
        yield a, b


def test_a_thread_does_not_wait_for_a_handle_that_is_closed(twice: Any) -> None:
    a, b = twice
    assert ended(lambda: a.blpop("q"), lambda: blocked(b), a.close) is tenondb.ClosedError
    assert b.rpush("q", "x") == 1 and b.lrange("q", 0, -1) == [b"x"]


def test_nothing_is_delivered_once_close_has_returned(twice: Any, tmp_path: Path) -> None:
    _, b = twice
    for n in range(20):
        a = tenondb.open(tmp_path / "s")

        def close(a: tenondb.Db = a, n: int = n) -> None:
            a.close()
            b.rpush(f"q{n}", "x")

        assert ended(lambda: a.blpop(f"q{n}"), lambda: blocked(b), close) is tenondb.ClosedError
        assert b.lrange(f"q{n}", 0, -1) == [b"x"]


def test_a_coroutine_does_not_wait_for_a_handle_that_is_closed(twice: Any) -> None:
    a, b = twice

    async def main() -> None:
        db = aio.Db(a)
        job = asyncio.create_task(db.blpop("q"))
        while b.info("clients")["blocked_clients"] < 1:
            await asyncio.sleep(0.001)
        await db.aclose()
        assert b.rpush("q", "x") == 1 and b.lrange("q", 0, -1) == [b"x"]
        with pytest.raises(tenondb.ClosedError):
            await asyncio.wait_for(job, 20)

    asyncio.run(main())


def test_a_connection_ends_with_its_handle(twice: Any) -> None:
    a, b = twice
    r = tenondb.redis.Redis(a, retry=None)
    assert ended(lambda: r.blpop("q", timeout=0), lambda: blocked(b), a.close) is redis.ConnectionError
    assert b.rpush("q", "x") == 1 and b.lrange("q", 0, -1) == [b"x"]
    assert b.client_list() == []


def test_an_asyncio_connection_ends_with_its_handle(twice: Any) -> None:
    a, b = twice

    async def main() -> None:
        r = tenondb.redis.asyncio.Redis(a, retry=None)
        job = asyncio.create_task(r.blpop("q", timeout=0))
        while b.info("clients")["blocked_clients"] < 1:
            await asyncio.sleep(0.001)
        a.close()
        with pytest.raises(redis.ConnectionError):
            await asyncio.wait_for(job, 20)
        await r.aclose()

    asyncio.run(main())
    assert b.rpush("q", "x") == 1 and b.lrange("q", 0, -1) == [b"x"]


def test_subscriptions_and_watches_of_threads_end(twice: Any) -> None:
    a, b = twice
    for end in (a, tenondb.memory()):
        sub, watch = end.subscribe("c"), end.watch_prefix("")
        ready = threading.Event()

        def read(things: Any = (sub, watch), ready: threading.Event = ready) -> Any:
            ready.set()
            return [list(thing) for thing in things]

        assert ended(read, ready.wait, end.close) == [[], []]
        for thing in (sub, watch):
            with pytest.raises(tenondb.ClosedError):
                thing.get(timeout=0)
    assert b.publish("c", "m") == 0


def test_subscriptions_and_watches_of_coroutines_end(twice: Any) -> None:
    async def main(db: aio.Db) -> None:
        async def read(things: Any) -> list[Any]:
            return [thing async for thing in things]

        jobs = [asyncio.create_task(read(things)) for things in (db.subscribe("c"), db.watch_prefix(""))]
        get = asyncio.create_task(db.subscribe("c").get())
        await asyncio.sleep(0.01)
        await db.aclose()
        assert await asyncio.wait_for(asyncio.gather(*jobs), 20) == [[], []]
        with pytest.raises(tenondb.ClosedError):
            await asyncio.wait_for(get, 20)

    for db in (tenondb.memory(), twice[0]):
        asyncio.run(main(aio.Db(db)))


def test_a_closed_database_is_a_connection_error_of_redis_py(db: tenondb.Db) -> None:
    r = tenondb.redis.Redis(db, retry=None)
    assert r.ping()
    db.close()
    for _ in range(2):
        with pytest.raises(redis.ConnectionError):
            r.ping()


def test_a_closed_database_is_a_connection_error_of_redis_asyncio(program: Any) -> None:
    done = program(
        """
        import asyncio, gc, redis, tenondb, tenondb.redis.asyncio
        async def main():
            db = tenondb.memory()
            r = tenondb.redis.asyncio.Redis(db, retry=None)
            await r.ping()
            db.close()
            for _ in range(2):
                try:
                    await r.ping()
                except redis.ConnectionError:
                    print("refused")
            await r.aclose()
        asyncio.run(main())
        gc.collect()
        """
    )
    assert (done.stdout, done.stderr) == ("refused\nrefused\n", "")
