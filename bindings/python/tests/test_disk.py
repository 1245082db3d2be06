"""Who waits for the disk, or takes long, lets others run: threads, and the event loop."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import tenondb
import tenondb.redis
from tenondb import _native, aio


@pytest.fixture
def db(tmp_path: Path) -> Iterator[tenondb.Db]:
    with tenondb.open(tmp_path / "s") as db:
        db.rpush("l", *range(50_000))
        db.xadd("x", {"f": "v"})
        yield db


def lines_of(db: tenondb.Db) -> Callable[[bytes], bool]:
    line = _native.Line(db)

    def write(request: bytes) -> bool:
        line.write(request)
        return line.read_all() is not None

    return write


CALLS: dict[str, Callable[[tenondb.Db], Callable[[], Any]]] = {
    "durable": lambda db: lambda: db.durable().set("a", 1),
    "durable, waiting": lambda db: lambda: db.durable().blpop("l"),
    "durable connection": lambda db: (
        lambda write: lambda: write(b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n")
    )(lines_of(db.durable())),
    "connection, waitaof": lambda db: (
        lambda write: lambda: write(b"*4\r\n$7\r\nWAITAOF\r\n$1\r\n1\r\n$1\r\n0\r\n$1\r\n0\r\n")
    )(lines_of(db)),
    "waitaof": lambda db: lambda: db.waitaof(1, 0, 0),
    "xread": lambda db: lambda: db.call("XREAD", "STREAMS", "x", "0"),
    "transaction": lambda db: (lambda tx: lambda: tx.lrange("l", 0, -1))(db.transaction()),
    "commit": lambda db: lambda: db.durable().transact(lambda tx: tx.set("a", 1)),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_other_threads_run(db: tenondb.Db, call: Callable[[tenondb.Db], Callable[[], Any]]) -> None:
    turns, stop = 0, False

    def turn() -> None:
        nonlocal turns
        while not stop:
            turns += 1
            time.sleep(0)

    run = call(db)
    thread = threading.Thread(target=turn)
    interval = sys.getswitchinterval()
    thread.start()
    # From now on the interpreter changes hands only where somebody lets it go.
    sys.setswitchinterval(1000)
    try:
        before, end = turns, time.monotonic() + 20
        # One may have been asked for before; the rest was given.
        while turns < before + 5 and time.monotonic() < end:
            run()
        after = turns
    finally:
        stop = True
        sys.setswitchinterval(interval)
        thread.join()
    assert after >= before + 5


class Counting(ThreadPoolExecutor):
    """Counts what it is given."""

    count = 0

    def submit(self, *args: Any, **kwargs: Any) -> Any:
        self.count += 1
        return super().submit(*args, **kwargs)


def test_the_loop_does_not_wait_for_the_disk(db: tenondb.Db) -> None:
    async def main() -> None:
        executor = Counting()
        asyncio.get_running_loop().set_default_executor(executor)
        adb = aio.Db(db)
        durable = adb.durable()
        await adb.set("a", 1)
        assert await adb.blpop("l") == (b"l", b"0") and executor.count == 0
        assert await durable.blpop("l") == (b"l", b"1") and executor.count == 1
        assert await adb.waitaof(1, 0, 0) == [1, 0] and executor.count == 2
        await durable.pipeline(transaction=False).set("a", 1).get("a").rpush("l", "x").execute()
        assert executor.count == 4
        # Served later: its pop is on the disk before it is told, and before it is taken.
        job = asyncio.create_task(durable.blpop("q"))
        while db.info("clients")["blocked_clients"] < 1:
            await asyncio.sleep(0.001)
        assert executor.count == 5
        db.rpush("q", "x")
        assert await job == (b"q", b"x") and executor.count == 6
        # Cancelled while it waits for a key, it has taken nothing.
        job = asyncio.create_task(durable.blpop("q"))
        while db.info("clients")["blocked_clients"] < 1:
            await asyncio.sleep(0.001)
        job.cancel()
        db.rpush("q", "kept")
        with pytest.raises(asyncio.CancelledError):
            await job
        assert db.lrange("q", 0, -1) == [b"kept"]

    asyncio.run(main())


def test_a_pipeline_that_waits_lets_the_loop_run() -> None:
    async def main() -> None:
        async with aio.memory() as db:
            pipe = db.pipeline(transaction=False).set("a", "x").lpush("a", 1).blpop("q", timeout=20).get("a")
            job = asyncio.create_task(pipe.execute(raise_on_error=False))
            while (await db.info("clients"))["blocked_clients"] < 1:
                await asyncio.sleep(0.001)
            await db.rpush("q", 1)
            replies = await job
            assert isinstance(replies[1], tenondb.WrongTypeError)
            assert [replies[0], *replies[2:]] == [True, (b"q", b"1"), b"x"] and len(pipe) == 0
            with pytest.raises(tenondb.WrongTypeError):
                await db.pipeline(transaction=False).lpush("a", 1).set("b", 1).execute()
            assert await db.get("b") == b"1"

    asyncio.run(main())
