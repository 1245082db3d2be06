"""The face for asyncio: complete at once, awaited, cancelled, fair."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
import weakref
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import tenondb
from tenondb import aio


def run(body: Callable[[aio.Db], Awaitable[Any]], **options: Any) -> Any:
    async def main() -> Any:
        async with aio.memory(**options) as db:
            return await body(db)

    return asyncio.run(main())


async def blocked(db: aio.Db, count: int = 1) -> None:
    while (await db.info("clients"))["blocked_clients"] != count:
        await asyncio.sleep(0.001)


def test_commands_have_the_same_names_and_replies() -> None:
    async def body(db: aio.Db) -> None:
        assert await db.set("k", "v", ex=100) is True and await db.get("k") == "v"
        assert await db.hset("h", mapping={"a": 1}) == 1 and await db.hgetall("h") == {"a": "1"}
        await db.zadd("z", {"m": 1})
        assert await db.zrange("z", 0, -1, withscores=True) == [("m", 1.0)]
        assert await db.call("PING") == "PONG"
        view = await db.get_view("k")
        assert view is not None and bytes(view) == b"v"
        with pytest.raises(tenondb.WrongTypeError):
            await db.lpush("k", 1)
        await db.mset({f"key:{n}": n for n in range(100)})
        assert len([key async for key in db.scan_iter("key:*")]) == 100
        assert [pair async for pair in db.hscan_iter("h")] == [("a", "1")]
        assert [one async for one in db.zscan_iter("z")] == [("m", 1.0)]
        await db.sadd("s", "x")
        assert [one async for one in db.sscan_iter("s")] == ["x"]
        assert await db.select(1).dbsize() == 0
        assert db.clock.now() > 0 and not db.closed

    run(body, decode="utf-8")


def test_a_command_that_need_not_wait_is_done_when_it_is_called() -> None:
    async def body(db: aio.Db) -> None:
        # Driven by hand: it ends without ever asking for a turn of the loop.
        for coroutine, wanted in [(db.set("k", 1), True), (db.get("k"), b"1"), (db.blpop("l"), (b"l", b"x"))]:
            await asyncio.sleep(0)
            db.sync_db.rpush("l", "x")
            with pytest.raises(StopIteration) as stop:
                coroutine.send(None)  # type: ignore[union-attr]
            assert stop.value.value == wanted

    run(body)


def test_a_command_that_waits_lets_the_loop_run() -> None:
    async def body(db: aio.Db) -> None:
        jobs = [asyncio.create_task(db.blpop("q", timeout=60)) for _ in range(100)]
        await blocked(db, 100)
        await db.rpush("q", *range(100))
        assert [int(job[1]) for job in await asyncio.gather(*jobs)] == list(range(100))
        assert await db.blpop("q", timeout=0.01) is None
        assert await db.xread({"x": "$"}, block=5) == []

    run(body)


def test_a_thread_wakes_a_coroutine() -> None:
    async def body(db: aio.Db) -> None:
        for _ in range(50):
            job = asyncio.create_task(db.blpop("q"))
            await blocked(db)
            threading.Thread(target=db.sync_db.rpush, args=("q", "x")).start()
            assert await asyncio.wait_for(job, 60) == (b"q", b"x")

    run(body)


def test_who_is_cancelled_has_taken_nothing() -> None:
    async def body(db: aio.Db) -> None:
        job = asyncio.create_task(db.blpop("q"))
        await blocked(db)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        await blocked(db, 0)
        # Served, and cancelled before it has come to its turn: the element goes back.
        for _ in range(100):
            job = asyncio.create_task(db.blpop("q"))
            await blocked(db)
            db.sync_db.rpush("q", "x", "y")
            job.cancel()
            with pytest.raises(asyncio.CancelledError):
                await job
            assert db.sync_db.lrange("q", 0, -1) == [b"x", b"y"]
            db.sync_db.delete("q")

    run(body)


def test_elements_are_neither_lost_nor_doubled_by_cancelling() -> None:
    async def body(db: aio.Db) -> None:
        got: list[bytes] = []

        async def worker() -> None:
            while True:
                try:
                    found = await asyncio.wait_for(db.blpop("q"), 0.0005)
                except TimeoutError:
                    continue
                if found[1] == b"stop":
                    return
                got.append(found[1])

        workers = [asyncio.create_task(worker()) for _ in range(8)]

        def push() -> None:
            for n in range(2000):
                db.sync_db.rpush("q", n)
                if n % 50 == 0:
                    time.sleep(0.001)

        thread = threading.Thread(target=push)
        thread.start()
        while thread.is_alive():
            await asyncio.sleep(0.005)
        await db.rpush("q", *["stop"] * 8)
        await asyncio.gather(*workers)
        assert sorted(map(int, got)) == list(range(2000))

    run(body)


def test_a_timer_ticks_beside_a_coroutine_that_never_waits() -> None:
    async def body(db: aio.Db) -> None:
        ticks = 0
        done = False

        async def tick() -> None:
            nonlocal ticks
            while not done:
                await asyncio.sleep(0.001)
                ticks += 1

        timer = asyncio.create_task(tick())
        sub = db.subscribe("c")
        calls = 0
        while ticks < 50:
            # Ends only because the timer comes to its turn.
            await db.set("k", calls)
            await db.get("k")
            await db.publish("c", "m")
            await sub.get()
            calls += 1
        done = True
        await timer
        assert calls > 50

    run(body)


def test_transactions() -> None:
    async def body(db: aio.Db) -> None:
        async with db.transaction() as tx:
            await tx.incr("a")
            assert await tx.get("a") == b"1" and await db.get("a") is None
        with pytest.raises(tenondb.ConflictError):
            async with db.transaction() as tx:
                await tx.incr("a")
                await db.incr("a")
        with pytest.raises(KeyError):
            async with db.transaction() as tx:
                await tx.set("b", 1)
                raise KeyError
        assert await db.get("b") is None
        runs = 0

        async def add(tx: aio.Transaction) -> int:
            nonlocal runs
            runs += 1
            value = int(await tx.get("a"))
            await asyncio.sleep(0)
            await tx.set("a", value + 1)
            return value

        await asyncio.gather(*(db.transact(add) for _ in range(20)))
        assert await db.get("a") == b"22" and runs >= 20
        replies = await db.pipeline().set("p", 1).incr("p").zadd("z", {"a": 1}).execute()
        assert replies == [True, 2, 1]
        async with db.pipeline(transaction=False) as pipe:
            assert await pipe.get("p").execute() == [b"2"]

    run(body)


def test_a_transaction_that_conflicts_with_itself_ends() -> None:
    async def body(db: aio.Db) -> None:
        runs = 0

        async def add(tx: aio.Transaction) -> None:
            nonlocal runs
            runs += 1
            await tx.get("a")
            await db.incr("a")
            await tx.set("b", 1)

        with pytest.raises(tenondb.ConflictError, match="begun 1000 times"):
            await db.transact(add)
        assert runs == 1000 and await db.get("b") is None

    run(body)


def test_messages_and_changes() -> None:
    async def body(db: aio.Db) -> None:
        async with db.subscribe("c") as sub:
            sub.psubscribe("c*")
            job = asyncio.create_task(sub.get())
            await asyncio.sleep(0)
            with pytest.raises(tenondb.MisuseError):
                await sub.get()
            threading.Thread(target=db.sync_db.publish, args=("c", "m")).start()
            assert (await job).data == "m"  # type: ignore[union-attr]
            assert (await sub.get()).type == "pmessage"  # type: ignore[union-attr]
            assert await sub.get(timeout=0.01) is None
            job = asyncio.create_task(sub.get(timeout=60))
            await asyncio.sleep(0)
        with pytest.raises(tenondb.ClosedError):
            await job
        got = []
        sub = db.subscribe("d")

        async def read() -> None:
            async for message in sub:
                got.append(message.data)

        reader = asyncio.create_task(read())
        for n in range(500):
            await db.publish("d", n)
        while len(got) < 500:
            await asyncio.sleep(0)
        sub.close()
        await reader
        assert got == [str(n) for n in range(500)]
        watch = db.watch_prefix("user:")
        change = asyncio.create_task(watch.get())
        await asyncio.sleep(0)
        await db.set("user:1", "x")
        assert await change == ("user:1",)
        job2 = asyncio.create_task(watch.__anext__())
        await asyncio.sleep(0)
        watch.close()
        with pytest.raises(StopAsyncIteration):
            await job2

    run(body, decode="utf-8")


def test_writes_that_wait_for_the_disk_leave_the_loop_alone(tmp_path: Path) -> None:
    async def main() -> None:
        async with await aio.open(tmp_path / "s", fsync="always") as db:
            threads = {threading.get_ident()}
            await asyncio.gather(*(db.set(f"k{n}", n) for n in range(50)))
            assert await db.dbsize() == 50 and len(threads) == 1
            job = asyncio.create_task(db.blpop("q"))
            await blocked(db)
            await db.durable().rpush("q", "x")
            assert await job == (b"q", b"x")
            async with db.transaction() as tx:
                await tx.set("t", 1)
            assert await db.pipeline().get("t").execute() == [b"1"]
            await db.sync()
        with pytest.raises(tenondb.ClosedError):
            await db.get("t")

    asyncio.run(main())


def test_loops_come_and_go() -> None:
    db = aio.memory()

    async def once() -> weakref.ref[asyncio.AbstractEventLoop]:
        job = asyncio.create_task(db.blpop("q"))
        await asyncio.sleep(0)
        await db.rpush("q", 1)
        await job
        return weakref.ref(asyncio.get_running_loop())

    def descriptors() -> int:
        gc.collect()
        return len(os.listdir("/proc/self/fd"))

    asyncio.run(once())
    before = descriptors()
    loops = [asyncio.run(once()) for _ in range(50)]
    assert descriptors() <= before + 1
    gc.collect()
    assert [loop for loop in loops if loop() is not None] == []
    found = []
    threads = [threading.Thread(target=lambda: found.append(asyncio.run(once()))) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(found) == 8
