"""Handles, threads, the garbage collector, the end of the interpreter, forks."""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tenondb
import tenondb.redis

Program = Callable[..., subprocess.CompletedProcess[str]]


def test_what_calls_the_database_while_it_is_collected(db: tenondb.Db) -> None:
    """Making replies runs the garbage collector, which may run anything: also a call to the same key."""

    class Loop:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            db.incr("collected")
            db.hset("h", "f", 1)

    before = gc.get_threshold()
    gc.set_threshold(1)
    try:
        db.hset("h", mapping={f"f{n}": n for n in range(50)})
        for _ in range(300):
            Loop()
            db.hgetall("h")
            db.pipeline().hgetall("h").zadd("z", {"m": 1}).execute()
            db.call("CONFIG", "GET", "*")
    finally:
        gc.set_threshold(*before)
    gc.collect()
    assert int(db.get("collected")) == 300


def test_threads_with_everything_at_once(db: tenondb.Db) -> None:
    faults: list[BaseException] = []
    stop = threading.Event()

    def work(body: Callable[[int], Any]) -> None:
        n = 0
        try:
            while not stop.is_set():
                body(n)
                n += 1
        except BaseException as error:
            faults.append(error)

    def subscribe(n: int) -> None:
        with db.subscribe("c") as sub:
            sub.get(timeout=0.001)

    bodies: list[Callable[[int], Any]] = [
        lambda n: db.set(f"k{n % 50}", b"x" * n),
        lambda n: db.get(f"k{n % 50}"),
        lambda n: db.hset("h", f"f{n % 100}", n),
        lambda n: db.hgetall("h"),
        lambda n: db.rpush("q", n),
        lambda n: db.blpop("q", timeout=0.01),
        lambda n: db.transact(lambda tx: tx.incr("t")),
        lambda n: db.pipeline().incr("p").get("p").execute(),
        lambda n: db.publish("c", n),
        subscribe,
        lambda n: db.keys("*"),
        lambda n: gc.collect() if n % 50 == 0 else None,
        lambda n: db.get_view(f"k{n % 50}"),
        lambda n: list(db.scan_iter()),
    ]
    threads = [threading.Thread(target=work, args=(body,)) for body in bodies]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        [thread.start() for thread in threads]
        threading.Event().wait(3)
    finally:
        stop.set()
        [thread.join(60) for thread in threads]
        sys.setswitchinterval(interval)
    assert not [thread for thread in threads if thread.is_alive()]
    assert faults == [] and int(db.get("t")) > 0


@pytest.mark.parametrize(
    "call",
    [
        lambda db: db.call("DEBUG", "SLEEP", "0.2"),
        lambda db: db.blpop("none", timeout=0.2),
        lambda db: db.subscribe("c").get(timeout=0.2),
        lambda db: tenondb.redis.Redis(db).execute_command("DEBUG", "SLEEP", "0.2"),
    ],
)
def test_what_takes_long_lets_other_threads_run(db: tenondb.Db, call: Callable[[tenondb.Db], Any]) -> None:
    turns, done = 0, threading.Event()
    running = threading.Event()

    def count() -> None:
        nonlocal turns
        while not done.is_set():
            turns += 1
            running.set()
            # Gives the interpreter away, and needs it to go on.
            time.sleep(0.001)

    interval = sys.getswitchinterval()
    thread = threading.Thread(target=count)
    thread.start()
    running.wait()
    # Nobody is asked to give up the interpreter: whoever gets it was given it.
    sys.setswitchinterval(1000)
    try:
        before = turns
        # Within one call, unless this machine stood still meanwhile.
        for _ in range(20):
            call(db)
            if turns > before:
                break
        assert turns > before
    finally:
        sys.setswitchinterval(interval)
        done.set()
        thread.join(60)


@pytest.mark.parametrize(
    "left",
    [
        "db.get('a')",
        "keep = [db, db.transaction(), db.pipeline(), db.subscribe('c'), db.watch_prefix('p'), db.get_view('a')]",
        "threading.Thread(target=db.blpop, args=('q',), daemon=True).start()",
        "[threading.Thread(target=db.blpop, args=('q',), daemon=True).start() for _ in range(20)]",
        "threading.Thread(target=lambda: list(db.subscribe('c')), daemon=True).start()",
        "threading.Thread(target=busy, daemon=True).start()",
        "[threading.Thread(target=slow, daemon=True).start() for _ in range(4)]",
        "threading.Thread(target=lambda: r.blpop('q', timeout=0), daemon=True).start()",
        "r.pubsub().run_in_thread if True else 0; p = r.pubsub(); p.subscribe(c=print); p.run_in_thread(daemon=True)",
        "async def main():\n    asyncio.create_task(adb.blpop('q')); await asyncio.sleep(0.01)\nasyncio.run(main())",
        "async def main():\n    asyncio.create_task(adb.blpop('q')); await asyncio.sleep(0.01)\n"
        "loop = asyncio.new_event_loop(); loop.run_until_complete(main())",
        "import atexit; atexit.register(lambda: db.set('late', 1))",
        "import builtins; builtins.kept = db; db.set('late', 1)",
    ],
)
@pytest.mark.parametrize("where", ["memory", "directory"])
def test_the_interpreter_ends_with_things_left_open(left: str, where: str, program: Program, tmp_path: Path) -> None:
    source = f"""
import asyncio, sys, threading, time, tenondb, tenondb.aio, tenondb.redis
db = tenondb.memory() if {where!r} == "memory" else tenondb.open(sys.argv[1])
adb = tenondb.aio.Db(db)
r = tenondb.redis.Redis(db)
db.set("a", "kept")
def busy():
    while True:
        db.incr("n")
def slow():
    while True:
        db.keys("*"); db.sync()
{left}
time.sleep(0.1)
print("end", flush=True)
"""
    assert program(source, tmp_path / "s").stdout == "end\n"
    if where == "directory":
        with tenondb.open(tmp_path / "s") as db:
            assert db.get("a") == b"kept"


FORKS = int(os.environ.get("TENON_FORKS", "1000"))

FORK = """
import faulthandler, os, sys, threading, time, tenondb, tenondb.redis, warnings
from redis.backoff import NoBackoff
from redis.retry import Retry
warnings.simplefilter("ignore")
faulthandler.dump_traceback_later(200, exit=True)
path, elsewhere, forks = sys.argv[1], sys.argv[2], int(sys.argv[3])
kept = tenondb.open(path)
fleeting = tenondb.memory()
sub, watch, tx = kept.subscribe("c"), kept.watch_prefix("p"), fleeting.transaction()
r = tenondb.redis.Redis(kept, retry=Retry(NoBackoff(), 0))
r.ping()
stop, counts = threading.Event(), [0] * 4

def hammer(n):
    while not stop.is_set():
        kept.set(f"key:{n}:{counts[n]}", counts[n])
        fleeting.rpush("q", 1)
        fleeting.blpop("q", timeout=1)
        kept.transact(lambda tx: tx.incr("sum"))
        kept.publish("c", "m")
        counts[n] += 1
        time.sleep(0.0005)

def wait():
    while not stop.is_set():
        kept.blpop("never", timeout=0.05)

def refused(call):
    try:
        call()
    except tenondb.MisuseError:
        return
    except tenondb.TenonError as error:
        print("child:", repr(error), flush=True)
        os._exit(3)
    print("child: not refused", flush=True)
    os._exit(4)

def child(n):
    refused(lambda: kept.get("a"))
    refused(lambda: kept.set("a", 1))
    refused(lambda: fleeting.incr("a"))
    refused(lambda: kept.blpop("never", timeout=1))
    refused(lambda: kept.pipeline().set("a", 1).execute())
    refused(lambda: tx.get("a"))
    try:
        r.get("a")
        os._exit(5)
    except tenondb.redis._store.ConnectionError:
        pass
    if n % 50 == 0:
        try:
            tenondb.open(path)
            os._exit(6)
        except tenondb.BusyError:
            pass
        with tenondb.open(f"{elsewhere}/{n}") as own:
            own.set("a", n)
            if own.get("a") != str(n).encode():
                os._exit(7)
        with tenondb.memory() as own:
            own.rpush("q", 1)
            if own.blpop("q") != (b"q", b"1"):
                os._exit(8)
    os._exit(0)

threads = [threading.Thread(target=hammer, args=(n,)) for n in range(4)] + [threading.Thread(target=wait)]
[thread.start() for thread in threads]
for n in range(forks):
    pid = os.fork()
    if pid == 0:
        child(n)
    status = os.waitpid(pid, 0)[1]
    if status:
        print("a child of", n, "ended with", status, flush=True)
        os._exit(1)
stop.set()
[thread.join() for thread in threads]
for n, count in enumerate(counts):
    assert kept.mget([f"key:{n}:{k}" for k in range(count)]) == [str(k).encode() for k in range(count)]
assert int(kept.get("sum")) == sum(counts) > 0
kept.close()
with tenondb.open(path) as again:
    assert int(again.get("sum")) == sum(counts)
print("forked", forks)
"""


@pytest.mark.timeout(280)
def test_forks_under_load_leave_the_parent_s_store_alone(program: Program, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    done = program(FORK, tmp_path / "s", tmp_path / "elsewhere", FORKS)
    assert done.stdout == f"forked {FORKS}\n"


def test_a_child_may_drop_and_collect_what_it_has_inherited(program: Program, tmp_path: Path) -> None:
    done = program(
        """
        import gc, os, sys, tenondb
        db = tenondb.open(sys.argv[1])
        db.set("a", 1)
        things = [db, db.subscribe("c"), db.watch_prefix("p"), db.transaction(), db.durable()]
        if (pid := os.fork()) == 0:
            del things, db
            gc.collect()
            sys.exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        db.set("b", 2)
        assert db.publish("c", "m") == 1
        print(db.mget("a", "b"))
        """,
        tmp_path / "s",
    )
    assert done.stdout == "[b'1', b'2']\n"


def test_a_child_takes_over_when_its_parent_has_gone(program: Program, tmp_path: Path) -> None:
    done = program(
        """
        import os, sys, time, tenondb
        db = tenondb.open(sys.argv[1])
        db.set("a", 1)
        if os.fork():
            # The output is the child's, too: whoever reads it waits for both.
            os._exit(0)
        parent = db
        while True:
            try:
                db = tenondb.open(sys.argv[1])
                break
            except tenondb.BusyError:
                time.sleep(0.001)
        print(db.incr("a"))
        db.close()
        try:
            parent.get("a")
        except tenondb.MisuseError:
            print("misuse")
        with tenondb.open(sys.argv[1]) as again:
            print(again.get("a"))
        """,
        tmp_path / "s",
    )
    assert done.stdout == "2\nmisuse\nb'2'\n"


def test_a_child_s_own_stores_behind_connections(program: Program, tmp_path: Path) -> None:
    done = program(
        """
        import os, sys, tenondb.redis, redis
        inherited = tenondb.redis.Redis(":memory:parent", retry=None)
        inherited.ping()
        tenondb.redis.Redis(sys.argv[1]).set("a", "parent")
        if (pid := os.fork()) == 0:
            # Two connections each: one name is one database.
            for place in (":memory:x", sys.argv[2]):
                tenondb.redis.Redis(place).set("a", "child")
                print(tenondb.redis.Redis(place).get("a"))
            for place in (":memory:parent", sys.argv[1]):
                for client in (tenondb.redis.Redis(place, retry=None), inherited):
                    try:
                        client.ping()
                    except redis.ConnectionError:
                        print("refused")
            tenondb.redis.close()
            try:
                tenondb.redis.Redis(":memory:parent", retry=None).ping()
            except redis.ConnectionError:
                print("still refused")
            own = tenondb.redis.store(sys.argv[2])
            import atexit
            # Those that were registered first come last.
            atexit._run_exitfuncs()
            print("closed", own.closed, flush=True)
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        print(tenondb.redis.Redis(sys.argv[1]).get("a"))
        """,
        tmp_path / "parent",
        tmp_path / "child",
    )
    assert done.stdout == "b'child'\nb'child'\n" + "refused\n" * 4 + "still refused\nclosed True\nb'parent'\n"


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def test_many_calls_leave_nothing_behind(db: tenondb.Db) -> None:
    def calls() -> None:
        for n in range(3000):
            db.set("k", b"x" * 1000)
            db.get("k")
            db.get_view("k")
            db.hset("h", mapping={"f": n})
            db.hgetall("h")
            db.zadd("z", {"m": n})
            db.zrange("z", 0, -1, withscores=True)
            db.blpop("none", timeout=0.0001) if n % 500 == 0 else None
            db.pipeline().incr("n").execute()
            with db.transaction() as tx:
                tx.incr("n")
            with db.subscribe("c") as sub:
                db.publish("c", "m")
                sub.get()
            try:
                db.lpush("k", 1)
            except tenondb.WrongTypeError:
                pass
            try:
                db.call("NOSUCH")
            except tenondb.CommandError:
                pass

    calls()
    gc.collect()
    objects, memory = len(gc.get_objects()), resident()
    for _ in range(4):
        calls()
    gc.collect()
    assert len(gc.get_objects()) < objects + 200
    # A leak of one value of 1000 bytes a round would be 12 MB.
    assert resident() < memory + 6_000_000
    assert db.info("clients")["connected_clients"] == 0 and db.pubsub_channels() == []
