"""redis-py on a database inside the process: RESP2 and RESP3, the parser in C and the one in Python."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from redis._parsers import _HiredisParser, _RESP2Parser, _RESP3Parser
from redis.cache import CacheConfig

import tenondb
import tenondb.redis

SETTINGS = {
    "resp2-c": {"protocol": 2, "parser_class": _HiredisParser},
    "resp3-c": {"protocol": 3, "parser_class": _HiredisParser},
    "resp2-python": {"protocol": 2, "parser_class": _RESP2Parser},
    "resp3-python": {"protocol": 3, "parser_class": _RESP3Parser},
    "default": {},
}


@pytest.fixture(params=SETTINGS.values(), ids=SETTINGS.keys())
def r(request: pytest.FixtureRequest, db: tenondb.Db) -> Iterator[redis.Redis]:
    client = tenondb.redis.Redis(db, **request.param)
    yield client
    client.close()


def blocked(db: tenondb.Db, count: int = 1) -> None:
    while db.info("clients")["blocked_clients"] != count:
        time.sleep(0.001)


def eventually(look: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not look():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_values_of_every_size(r: redis.Redis, db: tenondb.Db) -> None:
    for size in (0, 1, 100, 6000, 70_000, 3_000_000):
        data = bytes(range(256)) * (size // 256) + b"\r\n" * (size % 256 // 2)
        assert r.set("k", data) is True
        assert r.get("k") == data == db.get("k")
    assert r.mget(["k", "none"])[1] is None
    assert r.hset("h", mapping={"a": 1, "b": "ö"}) == 2
    assert r.hgetall("h") == {b"a": b"1", b"b": "ö".encode()}
    assert r.lpush("l", *range(1000)) == 1000 and len(r.lrange("l", 0, -1)) == 1000


def test_errors_are_redis_py_s(r: redis.Redis) -> None:
    r.lpush("l", "x")
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        r.get("l")
    with pytest.raises(redis.ResponseError, match="unknown command"):
        r.execute_command("NOSUCH")
    with pytest.raises(redis.ResponseError, match="no such key"):
        r.rename("none", "x")
    assert r.ping()


def test_pipelines(r: redis.Redis) -> None:
    with r.pipeline(transaction=False) as pipe:
        for n in range(2000):
            pipe.set(f"key:{n}", n)
        assert pipe.get("key:500").incr("key:500").execute()[-2:] == [b"500", 501]
    with r.pipeline() as pipe:
        replies = pipe.set("a", 1).incr("a").lpush("a", "x").get("a").execute(raise_on_error=False)
    assert replies[:2] == [True, 2] and isinstance(replies[2], redis.ResponseError) and replies[3] == b"2"


def test_watch_and_multi(r: redis.Redis) -> None:
    r.set("balance", 100)
    with r.pipeline() as pipe:
        pipe.watch("balance")
        before = int(pipe.get("balance"))
        pipe.multi()
        pipe.set("balance", before - 10)
        r.set("balance", 50)
        with pytest.raises(redis.WatchError):
            pipe.execute()
    assert r.get("balance") == b"50"

    def add(pipe: Any) -> None:
        amount = int(pipe.get("balance"))
        pipe.multi()
        pipe.set("balance", amount + 1)

    threads = [
        threading.Thread(target=lambda: [r.transaction(add, "balance") for _ in range(25)]) for _ in range(4)
    ]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert r.get("balance") == b"150"


def test_blocking_commands_and_their_times(r: redis.Redis, db: tenondb.Db) -> None:
    assert r.blpop("q", timeout=0.02) is None
    got: list[Any] = []
    thread = threading.Thread(target=lambda: got.append(r.blpop(["q", "p"], timeout=60)))
    thread.start()
    blocked(db)
    r.rpush("q", "job")
    thread.join()
    assert [tuple(found) for found in got] == [(b"q", b"job")]
    assert r.blmove("q", "p", timeout=0.01) is None
    r.rpush("q", "a")
    assert r.blmove("q", "p", timeout=1) == b"a"
    assert not r.xread({"x": "$"}, block=5)


def test_a_socket_s_time_out_ends_a_wait_for_ever(db: tenondb.Db) -> None:
    with tenondb.redis.Redis(db, socket_timeout=0.05, retry=None) as r:
        with pytest.raises(redis.TimeoutError):
            r.blpop("q", timeout=0)
        # Who gave up does not wait any longer: what comes is not lost.
        blocked(db, 0)
        r.rpush("q", "kept")
        assert r.lrange("q", 0, -1) == [b"kept"]


def test_messages(r: redis.Redis, db: tenondb.Db) -> None:
    pubsub = r.pubsub()
    pubsub.subscribe("news")
    pubsub.psubscribe("n*")
    assert pubsub.get_message(timeout=1)["type"] == "subscribe"
    assert pubsub.get_message(timeout=1)["type"] == "psubscribe"
    assert pubsub.get_message(timeout=0.01) is None
    assert r.publish("news", "hello") == 2
    found = [pubsub.get_message(timeout=1), pubsub.get_message(timeout=1)]
    assert [(one["type"], one["data"]) for one in found] == [("message", b"hello"), ("pmessage", b"hello")]
    threading.Timer(0.05, db.publish, ("news", "late")).start()
    message = next(one for one in pubsub.listen() if one["type"] == "message")
    assert message["data"] == b"late"
    pubsub.unsubscribe()
    pubsub.punsubscribe()
    pubsub.close()
    eventually(lambda: db.pubsub_numpat() == 0)


def test_messages_by_a_thread_of_redis_py(r: redis.Redis, db: tenondb.Db) -> None:
    got: list[bytes] = []
    pubsub = r.pubsub(ignore_subscribe_messages=True)
    pubsub.subscribe(**{"news": lambda message: got.append(message["data"])})
    thread = pubsub.run_in_thread(sleep_time=0.01, daemon=True)
    try:
        eventually(lambda: db.pubsub_numsub("news") == [(b"news", 1)])
        for n in range(300):
            db.publish("news", n)
        eventually(lambda: len(got) == 300)
        assert got == [str(n).encode() for n in range(300)]
    finally:
        thread.stop()
        thread.join(60)
    assert not thread.is_alive()


def test_connections_are_named_listed_and_killed(r: redis.Redis, db: tenondb.Db) -> None:
    assert r.client_setname("me") and str(r.client_getname()).find("me") >= 0
    assert any(client["name"] == "me" for client in db.client_list())
    me = r.client_id()
    db.call("CLIENT", "KILL", "ID", me)
    # The pool finds out, and makes another one.
    assert r.ping() and r.client_id() != me
    assert r.info()["redis_version"] >= "7.4"


def test_logical_databases(db: tenondb.Db) -> None:
    with tenondb.redis.Redis(db, db=2) as r:
        r.set("a", 1)
    assert (db.get("a"), db.select(2).get("a")) == (None, b"1")


def test_text_replies(db: tenondb.Db) -> None:
    with tenondb.redis.Redis(db, decode_responses=True) as r:
        r.set("k", "ö")
        assert r.get("k") == "ö" and r.hgetall("none") == {}


def test_one_connection_for_a_client(db: tenondb.Db) -> None:
    with tenondb.redis.Redis(db, single_connection_client=True) as r:
        assert r.set("a", 1) and r.get("a") == b"1"
        assert db.info("clients")["connected_clients"] == 1


def test_scripts_and_the_locks_that_are_made_of_them(r: redis.Redis) -> None:
    assert r.eval("return {1, ARGV[1], redis.call('SET', KEYS[1], ARGV[1])}", 1, "k", "v") == [1, b"v", b"OK"]
    add = r.register_script("return redis.call('INCRBY', KEYS[1], ARGV[1])")
    assert add(["n"], [2]) == 2 and add(["n"], [3]) == 5
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        r.eval("return redis.call('LPUSH', KEYS[1], 1)", 1, "k")
    with r.lock("lock", timeout=60) as lock:
        assert lock.owned() and lock.extend(60) and lock.reacquire()
        assert not r.lock("lock", timeout=60).acquire(blocking=False)
    assert r.get("lock") is None


def test_descriptors_are_readable_while_there_is_something(db: tenondb.Db) -> None:
    import select

    with tenondb.redis.Redis(db) as r:
        pubsub = r.pubsub()
        pubsub.subscribe("c")
        assert pubsub.get_message(timeout=1)
        fd = pubsub.connection._sock.fileno()
        assert select.select([fd], [], [], 0) == ([], [], [])
        db.publish("c", "m")
        assert select.select([fd], [], [], 60) == ([fd], [], [])
        assert pubsub.get_message(timeout=1)["data"] == b"m"
        assert select.select([fd], [], [], 0) == ([], [], [])
        pubsub.close()


def test_the_client_s_own_cache_forgets_what_others_change(db: tenondb.Db) -> None:
    r = tenondb.redis.Redis(db, protocol=3, cache_config=CacheConfig(max_size=100))

    def becomes(key: str, wanted: bytes | None) -> None:
        eventually(lambda: r.get(key) == wanted)

    db.mset({"a": 1, "b": 1})
    assert r.mget("a", "b") == [b"1", b"1"] and r.get("a") == b"1" and r.get_cache().size > 0
    hits = db.info("stats")["keyspace_hits"]
    for _ in range(10):
        assert r.get("a") == b"1"
    assert db.info("stats")["keyspace_hits"] == hits
    for n in range(2, 50):
        db.set("a", n)
        becomes("a", str(n).encode())
    r.set("a", "own")
    becomes("a", b"own")
    db.pexpire("a", 20)
    becomes("a", None)
    assert r.get("b") == b"1"
    db.flushall()
    becomes("b", None)
    r.close()


def test_a_directory_is_shared_with_the_native_handles(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    r = tenondb.redis.Redis(path)
    r.set("a", 1)
    with tenondb.open(path) as db:
        assert db.get("a") == b"1"
        db.set("b", 2)
    assert r.get("b") == b"2"
    r.close()
    tenondb.redis.close(path)
    again = tenondb.redis.Redis(str(path))
    assert again.mget("a", "b") == [b"1", b"2"]
    tenondb.redis.close(path)
    # Its connections have ended: the pool makes new ones, which open the directory again.
    assert again.get("a") == b"1"
    again.close()
    tenondb.redis.close()


def test_urls(tmp_path: Path) -> None:
    r = tenondb.redis.from_url(f"tenon://{tmp_path}/s?protocol=3&decode_responses=true&db=1", client_name="url")
    assert r.set("a", "ä") and r.get("a") == "ä" and r.client_getname() == "url"
    assert r.connection_pool.connection_kwargs["db"] == 1
    one, same, other = (tenondb.redis.from_url(f"tenon://memory/{name}") for name in ("x", "x", "y"))
    one.set("a", 1)
    assert (same.get("a"), other.get("a")) == (b"1", None)
    for client in (r, one, same, other):
        client.close()
    for wrong in ("redis://localhost", "tenon://", "tenon://host/x"):
        with pytest.raises(ValueError):
            tenondb.redis.from_url(wrong)
    tenondb.redis.close()


def test_the_hook_for_those_who_have_only_a_url(tmp_path: Path) -> None:
    original = redis.connection.parse_url
    with pytest.raises(ValueError):
        redis.Redis.from_url("tenon://memory/z")
    tenondb.redis.install()
    tenondb.redis.install()
    try:
        r = redis.Redis.from_url("tenon://memory/z?db=3", decode_responses=True)
        assert r.set("a", 1) and r.get("a") == "1"
        pool = redis.ConnectionPool.from_url("tenon://memory/z")
        assert redis.Redis(connection_pool=pool, db=0).dbsize() == 0
        assert redis.connection.parse_url("redis://h:1/2") == {"host": "h", "port": 1, "db": 2}
    finally:
        tenondb.redis.uninstall()
    assert redis.connection.parse_url is original
    tenondb.redis.close()


def test_pools_of_others_take_the_class(db: tenondb.Db) -> None:
    pool = redis.ConnectionPool(connection_class=tenondb.redis.Connection, path=db, max_connections=2)
    r = redis.Redis(connection_pool=pool)
    assert r.set("a", 1) and r.get("a") == b"1"
    blocking = redis.BlockingConnectionPool(connection_class=tenondb.redis.Connection, path=db, timeout=5)
    assert redis.Redis(connection_pool=blocking).get("a") == b"1"
    pool.disconnect()
    blocking.disconnect()


def test_a_password_is_asked_for() -> None:
    with tenondb.memory(requirepass="secret") as db:
        with tenondb.redis.Redis(db, password="secret") as r:
            assert r.set("a", 1)
        for wrong in ({}, {"password": "wrong"}):
            with tenondb.redis.Redis(db, retry=None, **wrong) as r, pytest.raises(redis.RedisError):
                r.get("a")
        assert db.get("a") == b"1"


def test_connections_that_are_closed_leave_nothing(db: tenondb.Db) -> None:
    for n in range(200):
        with tenondb.redis.Redis(db) as r:
            pubsub = r.pubsub()
            pubsub.subscribe("c")
            r.set("a", n)
            if n % 2:
                pubsub.close()
    del r, pubsub
    gc.collect()
    assert db.info("clients")["connected_clients"] == 0 and db.pubsub_channels() == []


def test_a_child_of_a_fork_is_no_second_owner(program: Any, tmp_path: Path) -> None:
    done = program(
        """
        import os, sys, redis, tenondb.redis, warnings
        from redis.backoff import NoBackoff
        from redis.retry import Retry
        warnings.simplefilter("ignore")
        once = {"retry": Retry(NoBackoff(), 0)}
        kept = tenondb.redis.Redis(sys.argv[1], **once)
        fleeting = tenondb.redis.from_url("tenon://memory/x", **once)
        kept.set("a", 1), fleeting.set("a", 1)
        if (pid := os.fork()) == 0:
            for client in (kept, fleeting):
                try:
                    client.get("a")
                    os._exit(1)
                except redis.ConnectionError:
                    pass
            own = tenondb.redis.from_url("tenon://memory/own")
            sys.exit(0 if own.set("a", 2) and own.get("a") == b"2" else 1)
        assert os.waitpid(pid, 0)[1] == 0
        print(kept.get("a"), fleeting.get("a"))
        """,
        tmp_path / "s",
    )
    assert done.stdout == "b'1' b'1'\n"


def test_what_is_about_sockets_is_refused(db: tenondb.Db) -> None:
    for options in [{"host": "localhost"}, {"ssl": True}, {"unix_socket_path": "/x"}, {"nonsense": 1}]:
        with pytest.raises(TypeError):
            tenondb.redis.Redis(db, **options)
    # Those who make connections by a list of arguments for all classes may pass them.
    assert tenondb.redis.Connection(db, host="localhost", port=1, socket_keepalive=True).host == "embedded"


def test_many_threads_share_a_client(r: redis.Redis) -> None:
    def work() -> None:
        for _ in range(200):
            r.incr("n")

    threads = [threading.Thread(target=work) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert r.get("n") == b"1600"
