"""Waiting: for keys, for messages, for changes; and ways for it to end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

import tenondb


def blocked(db: tenondb.Db, count: int = 1) -> None:
    """Waits until so many callers wait for a key."""
    while db.info("clients")["blocked_clients"] < count:
        time.sleep(0.001)


def test_a_thread_waits_while_others_run(db: tenondb.Db) -> None:
    got = []
    thread = threading.Thread(target=lambda: got.append(db.blpop("jobs")))
    thread.start()
    blocked(db)
    db.rpush("jobs", "build")
    thread.join()
    assert got == [(b"jobs", b"build")]


@pytest.mark.parametrize(
    ("wait", "serve", "wanted"),
    [
        (lambda db: db.brpop(["a", "q"]), lambda db: db.rpush("q", 1), (b"q", b"1")),
        (lambda db: db.blmove("q", "r", 0), lambda db: db.rpush("q", 1), b"1"),
        (lambda db: db.brpoplpush("q", "r"), lambda db: db.rpush("q", 1), b"1"),
        (lambda db: db.blmpop(0, 1, "q", direction="LEFT"), lambda db: db.rpush("q", 1), [b"q", [b"1"]]),
        (lambda db: db.bzpopmin("q"), lambda db: db.zadd("q", {"m": 1}), (b"q", b"m", 1.0)),
        (lambda db: db.bzpopmax(["q"]), lambda db: db.zadd("q", {"m": 1}), (b"q", b"m", 1.0)),
        (lambda db: db.bzmpop(0, 1, "q", min=True), lambda db: db.zadd("q", {"m": 1}), [b"q", [[b"m", 1.0]]]),
        (
            lambda db: db.xread({"q": "$"}, block=0),
            lambda db: db.xadd("q", {"f": "v"}, id="1-1"),
            [[b"q", [(b"1-1", {b"f": b"v"})]]],
        ),
    ],
)
def test_every_command_that_waits_is_served(db: tenondb.Db, wait, serve, wanted) -> None:  # type: ignore[no-untyped-def]
    got = []
    thread = threading.Thread(target=lambda: got.append(wait(db)))
    thread.start()
    blocked(db)
    serve(db)
    thread.join()
    assert got == [wanted]


def test_those_who_wait_are_served_in_their_order(db: tenondb.Db) -> None:
    got: list[tuple[int, bytes]] = []

    def worker(n: int) -> None:
        got.append((n, db.blpop("q")[1]))  # type: ignore[index]

    threads = []
    for n in range(8):
        threads.append(threading.Thread(target=worker, args=(n,)))
        threads[-1].start()
        blocked(db, n + 1)
    db.rpush("q", *range(8))
    [thread.join() for thread in threads]
    assert sorted(got) == [(n, str(n).encode()) for n in range(8)]


def test_a_wait_ends_with_its_time(db: tenondb.Db) -> None:
    assert db.blpop("q", timeout=0.02) is None
    assert db.xread({"x": "$"}, block=5) == []
    assert db.call("BLPOP", "q", "0.02") is None
    assert db.info("clients")["blocked_clients"] == 0


def test_closing_ends_waits(tmp_path) -> None:  # type: ignore[no-untyped-def]
    for db in (tenondb.memory(), tenondb.open(tmp_path / "s")):
        seen = []

        def wait() -> None:
            try:
                db.blpop("q")
            except tenondb.ClosedError:
                seen.append("closed")

        thread = threading.Thread(target=wait)
        thread.start()
        blocked(db)
        db.close()
        thread.join(20)
        assert seen == ["closed"]


CTRL_C = {
    "blpop": "db.blpop('q')",
    "call": "db.call('BLPOP', 'q', 0)",
    "subscription": "next(db.subscribe('c'))",
    "timeout": "db.subscribe('c').get(timeout=1000)",
    "prefix": "next(db.watch_prefix('p'))",
    "redis-py": "r.blpop('q')",
    "redis-py forever": "tenondb.redis.Redis(db, socket_timeout=None).blpop('q')",
    "pubsub": "list(r.pubsub(ignore_subscribe_messages=True).listen()) or list(subscribed(r).listen())",
}


@pytest.mark.parametrize("wait", CTRL_C.values(), ids=CTRL_C.keys())
def test_ctrl_c_ends_a_wait_and_nothing_is_lost(wait: str) -> None:
    source = f"""
    import threading, tenondb, tenondb.redis
    db = tenondb.memory()
    r = tenondb.redis.Redis(db)
    def subscribed(r):
        p = r.pubsub()
        p.subscribe("c")
        return p
    print("waits", flush=True)
    try:
        while True:
            {wait}
    except KeyboardInterrupt:
        pass
    db.rpush("q", "kept")
    assert db.lrange("q", 0, -1) == [b"kept"], db.lrange("q", 0, -1)
    print("interrupted")
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(source)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waits\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "interrupted\n"), err


def test_a_signal_handler_runs_during_a_wait(db: tenondb.Db) -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda *_: seen.append(db.rpush("q", "from the handler")))
    try:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        assert db.blpop("q", timeout=60) == (b"q", b"from the handler")
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert seen == [1]


def test_messages_come_in_order_by_channel_pattern_and_shard(text: tenondb.Db) -> None:
    with text.subscribe("news", "sport") as sub:
        sub.psubscribe("n*").ssubscribe("shard")
        assert text.publish("news", "a") == 2 and text.spublish("shard", "b") == 1
        assert sub.get() == ("message", None, "news", "a")
        assert sub.get(timeout=1) == ("pmessage", "n*", "news", "a")
        message = next(sub)
        assert (message.type, message.channel, message.data) == ("smessage", "shard", "b")
        assert sub.get(timeout=0) is None and sub.get(timeout=0.01) is None
        sub.punsubscribe("n*").unsubscribe("news").sunsubscribe("shard")
        assert text.publish("news", "c") == 0 and text.publish("sport", "d") == 1
        assert len(sub) == 1 and sub.dropped == 0
    with pytest.raises(tenondb.ClosedError):
        sub.get()
    assert list(sub) == [] and text.pubsub_channels() == []


def test_a_subscription_is_bounded(db: tenondb.Db) -> None:
    cut = db.subscribe("c", capacity=2)
    latest = db.subscribe("c", capacity=1, overflow="drop-oldest")
    first = db.subscribe("c", capacity=1, overflow="drop-newest")
    for n in range(3):
        db.publish("c", n)
    assert [cut.get().data, cut.get().data] == [b"0", b"1"]  # type: ignore[union-attr]
    with pytest.raises(tenondb.LimitError, match="cut"):
        cut.get(timeout=0)
    assert (latest.get().data, latest.dropped) == (b"2", 2)  # type: ignore[union-attr]
    assert first.get().data == b"0"  # type: ignore[union-attr]
    with pytest.raises(ValueError):
        db.subscribe("c", overflow="wait")
    with pytest.raises(TypeError):
        db.subscribe("c", size=1)


def test_a_thread_reads_messages_until_it_is_closed(db: tenondb.Db) -> None:
    sub, got = db.subscribe("c"), []
    thread = threading.Thread(target=lambda: got.extend(message.data for message in sub))
    thread.start()
    for n in range(100):
        db.publish("c", n)
    while len(got) < 100:
        time.sleep(0.001)
    sub.close()
    thread.join(20)
    assert not thread.is_alive() and got == [str(n).encode() for n in range(100)]


def test_changes_of_a_prefix_are_told_before_the_call_returns(text: tenondb.Db) -> None:
    with text.watch_prefix("user:") as watch:
        text.set("user:1", "a")
        text.set("other", "b")
        assert watch.get(timeout=0) == ("user:1",) and watch.get(timeout=0) is None
        text.pipeline().set("user:2", 1).delete("user:1").execute()
        assert {watch.get(timeout=0), watch.get(timeout=0)} == {("user:1",), ("user:2",)}
        text.flushall()
        assert next(watch).key is None and len(watch) == 0
    with text.watch_prefix("", capacity=1) as watch:
        text.mset({"a": 1, "b": 2, "c": 3})
        assert watch.get() == (None,)
