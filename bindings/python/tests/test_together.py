"""Transactions, pipelines, locks: many commands as one step."""

from __future__ import annotations

import threading
import time

import pytest

import tenondb
from tenondb.lock import LockError, LockNotOwnedError


def test_a_transaction_commits_at_its_end_and_is_seen_by_nobody_before(db: tenondb.Db) -> None:
    db.set("a", 1)
    with db.transaction() as tx:
        assert tx.incr("a") == 2
        tx.zadd("z", {"m": 1})
        assert tx.get("a") == b"2" and tx.zrange("z", 0, -1, withscores=True) == [(b"m", 1.0)]
        assert db.get("a") == b"1" and not db.exists("z")
        assert tx.call("GET", "a") == b"2"
    assert db.get("a") == b"2" and db.zscore("z", "m") == 1.0
    with pytest.raises(tenondb.MisuseError, match="over"):
        tx.get("a")


def test_an_exception_leaves_nothing_behind(db: tenondb.Db) -> None:
    with pytest.raises(KeyError), db.transaction() as tx:
        tx.set("a", 1)
        raise KeyError("a")
    assert db.get("a") is None
    tx = db.transaction()
    tx.set("a", 1)
    tx.abort()
    tx.abort()
    assert db.dbsize() == 0
    with db.transaction() as tx:
        tx.set("a", 1)
        tx.abort()
    assert db.dbsize() == 0


def test_what_somebody_else_has_changed_is_a_conflict(db: tenondb.Db) -> None:
    db.set("a", 1)
    with pytest.raises(tenondb.ConflictError, match="begin again"), db.transaction() as tx:
        tx.incr("a")
        tx.set("b", 1)
        db.set("a", 10)
    assert db.mget("a", "b") == [b"10", None]
    with db.transaction() as tx:
        tx.get("a")
        db.set("elsewhere", 1)
        tx.set("b", 2)
    assert db.get("b") == b"2"


def test_transact_runs_until_nobody_interferes(db: tenondb.Db) -> None:
    runs = []

    def body(tx: tenondb.Transaction) -> int:
        runs.append(1)
        value = int(tx.get("a") or 0)
        if len(runs) < 3:
            db.incr("a")
        tx.set("a", value + 100)
        return value

    assert db.transact(body) == 2
    assert (len(runs), db.get("a")) == (3, b"102")
    with pytest.raises(tenondb.ConflictError, match="BUSYGROUP"):
        # A command's own conflict is no reason to begin again.
        db.transact(lambda tx: [tx.xgroup_create("x", "g", mkstream=True) for _ in range(2)])
    assert not db.exists("x")


def test_transfers_of_many_threads_add_up(db: tenondb.Db) -> None:
    db.mset({f"account:{n}": 100 for n in range(4)})

    def transfer(seed: int) -> None:
        for n in range(200):
            source, target = f"account:{(seed + n) % 4}", f"account:{(seed * 3 + n * 2 + 1) % 4}"

            def body(tx: tenondb.Transaction) -> None:
                tx.decr(source)
                tx.incr(target)

            db.transact(body)

    threads = [threading.Thread(target=transfer, args=(n,)) for n in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sum(int(value) for value in db.mget([f"account:{n}" for n in range(4)])) == 400


def test_two_threads_in_one_transaction_are_told(db: tenondb.Db) -> None:
    tx = db.transaction()
    with pytest.raises(tenondb.CommandError, match="keys only"):
        tx.call("PING")
    with pytest.raises(tenondb.TenonError):
        tx.call("KEYS", "*")
    tx.abort()


def test_a_pipeline_is_one_step_and_goes_on_behind_an_error(db: tenondb.Db) -> None:
    pipe = db.pipeline().set("a", 1).incr("a").lpush("a", "x").hset("h", "f", "v").hgetall("h")
    assert len(pipe) == 5 and db.dbsize() == 0
    replies = pipe.execute(raise_on_error=False)
    assert replies[:2] == [True, 2] and replies[3:] == [1, {b"f": b"v"}]
    assert isinstance(replies[2], tenondb.WrongTypeError)
    assert len(pipe) == 0 and pipe.execute() == []
    with pytest.raises(tenondb.WrongTypeError) as wrong:
        db.pipeline().set("b", 1).lpush("a", "x").set("c", 1).execute()
    assert "command 2" in wrong.value.__notes__[0]
    assert db.mget("b", "c") == [b"1", b"1"]
    with pytest.raises(tenondb.CommandError):
        # A command that does not exist: none is run.
        db.pipeline().set("d", 1).call("NOSUCH").execute()
    assert not db.exists("d")


def test_a_pipeline_may_run_command_by_command(db: tenondb.Db) -> None:
    pipe = db.pipeline(transaction=False).set("d", 1).call("NOSUCH").zadd("z", {"a": 1}).zrange("z", 0, -1, withscores=True)
    replies = pipe.execute(raise_on_error=False)
    assert isinstance(replies[1], tenondb.CommandError)
    assert [replies[0], *replies[2:]] == [True, 1, [(b"a", 1.0)]]
    with db.pipeline() as pipe:
        pipe.set("never", 1)
    assert not db.exists("never") and pipe


def test_nobody_sees_half_a_pipeline(db: tenondb.Db) -> None:
    stop = threading.Event()
    halves = []

    def look() -> None:
        while not stop.is_set():
            left, right = db.mget("left", "right")
            if left != right:
                halves.append((left, right))

    thread = threading.Thread(target=look)
    thread.start()
    for n in range(2000):
        db.pipeline().set("left", n).set("right", n).execute()
    stop.set()
    thread.join()
    assert halves == []


def test_a_lock_has_one_holder(db: tenondb.Db) -> None:
    count, held = 0, 0

    def work() -> None:
        nonlocal count, held
        for _ in range(20):
            with db.lock("lock", timeout=60, sleep=0.0005):
                held += 1
                assert held == 1
                count += 1
                held -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert count == 80 and not db.exists("lock")


def test_a_lock_ends_with_its_time_and_is_prolonged() -> None:
    clock = tenondb.Clock.manual(1_000_000)
    with tenondb.memory(clock=clock, decode="utf-8") as db:
        mine, other = db.lock("lock", timeout=10), db.lock("lock", timeout=10)
        assert mine.acquire() and mine.owned() and mine.locked() and not other.acquire(blocking=False)
        clock.advance(5_000)
        assert mine.extend(10) and db.pttl("lock") == 15_000
        assert mine.extend(3, replace_ttl=True) and db.pttl("lock") == 3_000
        assert mine.reacquire() and db.pttl("lock") == 10_000
        clock.advance(10_000)
        assert other.acquire(blocking=False) and not mine.owned()
        with pytest.raises(LockNotOwnedError):
            mine.extend(1)
        with pytest.raises(LockNotOwnedError):
            mine.release()
        other.release()
        with pytest.raises(LockError):
            other.release()
        with pytest.raises(LockError):
            db.lock("endless").reacquire()
        assert other.acquire()
        start = time.monotonic()
        assert not db.lock("lock", sleep=0.01).acquire(blocking_timeout=0.05)
        assert time.monotonic() - start < 30
