"""Arguments and replies on their way through the door, options, handles, errors."""

from __future__ import annotations

import datetime
import gc
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tenondb

Program = Callable[..., subprocess.CompletedProcess[str]]


def test_words_are_made_of_bytes_text_numbers_and_buffers(db: tenondb.Db) -> None:
    for value, stored in [
        (b"\x00\xff\r\n", b"\x00\xff\r\n"),
        ("äöü", "äöü".encode()),
        (0, b"0"),
        (-(2**63), b"-9223372036854775808"),
        (2**63 - 1, b"9223372036854775807"),
        (2**100, str(2**100).encode()),
        (1.5, b"1.5"),
        (0.1, b"0.1"),
        (float("-inf"), b"-inf"),
        (bytearray(b"array"), b"array"),
        (memoryview(b"abcdef")[1:4], b"bcd"),
        ("\udcff", b"\xff"),
    ]:
        db.set("k", value)
        assert db.get("k") == stored, value
        assert db.call("SET", "k2", value) == b"OK"
        assert db.get(b"k2") == stored


@pytest.mark.parametrize("value", [None, True, [], {}, object(), "\ud800"])
def test_what_has_no_one_meaning_as_bytes_is_refused(db: tenondb.Db, value: Any) -> None:
    with pytest.raises((TypeError, UnicodeEncodeError)):
        db.set("k", value)
    with pytest.raises((TypeError, UnicodeEncodeError)):
        db.get(value)
    with pytest.raises((TypeError, UnicodeEncodeError)):
        db.call("SET", "k", value)
    assert db.dbsize() == 0


def test_replies_are_python_objects(db: tenondb.Db) -> None:
    db.hset("h", mapping={"a": 1})
    db.sadd("s", "x")
    db.zadd("z", {"m": 1.5})
    db.rpush("l", 1, 2)
    assert db.call("HGETALL", "h") == {b"a": b"1"}
    assert db.call("SMEMBERS", "s") == {b"x"}
    assert db.call("ZRANGE", "z", 0, -1, "WITHSCORES") == [[b"m", 1.5]]
    assert db.call("LRANGE", "l", 0, -1) == [b"1", b"2"]
    assert db.call("ZSCORE", "z", "m") == 1.5
    assert db.call("GET", "none") is None
    assert db.call("LLEN", "l") == 2
    assert db.call("PING") == b"PONG"


def test_replies_are_text_when_asked_for(text: tenondb.Db) -> None:
    text.hset("h", mapping={"ä": "ö"})
    assert text.hgetall("h") == {"ä": "ö"}
    assert text.call("PING") == "PONG"
    text.set("raw", b"\xff")
    with pytest.raises(UnicodeDecodeError):
        text.get("raw")
    with pytest.raises(UnicodeDecodeError):
        text.mget("raw", "raw")
    assert text.decoding(bytes).get("raw") == b"\xff"
    assert text.decoding("utf-8", "surrogateescape").get("raw") == "\udcff"
    assert text.decoding("utf-8", "replace").get("raw") == "\ufffd"


def test_unknown_options_are_type_errors(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="fsnyc"):
        tenondb.memory(fsnyc="always")
    with pytest.raises(TypeError):
        tenondb.open(tmp_path, path="x")
    with pytest.raises(TypeError):
        tenondb.memory(clock=5)
    for options in [
        {"fsync": "sometimes"},
        {"threads": 2},
        {"stripes": 0},
        {"decode": "latin-1"},
        {"decode_errors": "ignore"},
        {"segment_bytes": 1},
    ]:
        with pytest.raises(ValueError):
            tenondb.memory(**options)
    with pytest.raises((TypeError, OverflowError)):
        tenondb.memory(seed=-1)
    assert tenondb.memory(fsync=None, clock=None, decode=None).ping()


def test_errors_are_classes_by_what_comes_next(db: tenondb.Db) -> None:
    db.lpush("l", "x")
    with pytest.raises(tenondb.WrongTypeError, match="^WRONGTYPE Operation against a key") as wrong:
        db.get("l")
    assert isinstance(wrong.value, TypeError) and isinstance(wrong.value, tenondb.TenonError)
    assert (wrong.value.code, wrong.value.kind) == ("WRONGTYPE", "wrong-type")
    with pytest.raises(tenondb.CommandError, match="unknown command") as unknown:
        db.call("NOSUCH")
    assert isinstance(unknown.value, ValueError)
    with pytest.raises(ValueError):
        db.incr("l2", "x")  # type: ignore[arg-type]
    db.xgroup_create("x", "g", mkstream=True)
    with pytest.raises(tenondb.ConflictError, match="^BUSYGROUP"):
        db.xgroup_create("x", "g")
    assert issubclass(tenondb.LimitError, MemoryError)
    assert issubclass(tenondb.BusyError, TimeoutError)
    assert issubclass(tenondb.IoError, OSError)
    with pytest.raises(TypeError):
        db.call()


def test_expiry_takes_spans_and_moments() -> None:
    clock = tenondb.Clock.manual(1_700_000_000_000)
    with tenondb.memory(clock=clock) as db:
        db.set("a", 1, ex=datetime.timedelta(hours=1))
        db.set("b", 1, px=1500)
        db.set("c", 1, exat=datetime.datetime.fromtimestamp(1_700_000_100))
        assert (db.ttl("a"), db.pttl("b"), db.ttl("c")) == (3600, 1500, 100)
        assert db.set("a", 2, keepttl=True) is True and db.ttl("a") == 3600
        assert db.set("a", 3, nx=True) is None
        assert db.set("a", 4, xx=True, get=True) == b"2"
        clock.advance(1500)
        assert db.get("b") is None and clock.now() == db.clock.now() == 1_700_000_001_500
        clock.set(1_700_000_200_000)
        assert db.exists("c") == 0 and db.time() == (1_700_000_200, 0)
        assert clock.is_manual and not tenondb.Clock.system().is_manual


def test_chance_can_be_seeded() -> None:
    def draw() -> list[Any]:
        with tenondb.memory(seed=7) as db:
            db.sadd("s", *range(1000))
            return list(db.srandmember("s", -20))

    assert draw() == draw()


def test_a_view_of_a_large_value_is_no_copy_and_stays(db: tenondb.Db) -> None:
    data = bytes(range(256)) * 4096
    db.set("large", data)
    view = db.get_view("large")
    assert isinstance(view, memoryview) and view.readonly and view.nbytes == len(data)
    db.append("large", b"more")
    db.delete("large")
    gc.collect()
    assert view == data and view[255] == 255
    with pytest.raises(TypeError):
        view[0] = 1
    again = db.get_view("large")
    assert again is None
    db.set("small", b"x")
    small = db.get_view("small")
    assert small is not None and bytes(small) == b"x"
    db.close()
    assert bytes(view[:3]) == b"\x00\x01\x02"


def test_a_number_of_a_class_of_its_own_is_its_digits(db: tenondb.Db) -> None:
    class Degrees(float):
        def __repr__(self) -> str:
            return "Degrees(1.5)"

    db.set("a", Degrees(1.5))
    db.zadd("z", {"m": Degrees(2)})
    assert (db.get("a"), db.zscore("z", "m")) == (b"1.5", 2.0)


def test_a_transaction_that_conflicts_with_itself_ends(db: tenondb.Db) -> None:
    runs = 0

    def add(tx: tenondb.Transaction) -> None:
        nonlocal runs
        runs += 1
        tx.get("a")
        db.incr("a")
        tx.set("b", 1)

    with pytest.raises(tenondb.ConflictError, match="begun 1000 times"):
        db.transact(add)
    assert runs == 1000 and db.get("b") is None


def test_closing_ends_every_handle() -> None:
    db = tenondb.memory()
    durable, second, sub = db.durable(), db.select(1), db.subscribe("c")
    tx, pipe = db.transaction(), db.pipeline().set("a", 1)
    db.close()
    db.close()
    assert db.closed and durable.closed
    for call in [
        lambda: db.get("k"),
        lambda: db.set("k", 1),
        lambda: db.call("PING"),
        lambda: second.set("k", 1),
        lambda: durable.get("k"),
        lambda: tx.get("k"),
        lambda: pipe.execute(),
        lambda: db.subscribe("x"),
        lambda: db.transaction(),
        lambda: db.sync(),
    ]:
        with pytest.raises(tenondb.ClosedError):
            call()
    sub.close()


def test_a_directory_is_kept_and_shared_within_the_process(tmp_path: Path, program: Program) -> None:
    path = tmp_path / "app.db"
    with tenondb.open(path, fsync="no") as db, tenondb.open(str(path)) as same:
        db.set("color", "green")
        assert same.get("color") == b"green"
        db.durable().set("order", "paid")
        db.sync()
        assert db.path is not None and path.samefile(db.path)
        busy = program(
            """
            import sys, tenondb
            try:
                tenondb.open(sys.argv[1])
            except tenondb.BusyError as error:
                print("busy", error)
            """,
            path,
        )
        assert busy.stdout.startswith("busy")
        same.close()
        assert db.get("color") == b"green"
    with tenondb.open(path) as again:
        assert again.mget("color", "order") == [b"green", b"paid"]
        assert again.open_report


def test_a_dropped_handle_lets_the_directory_go(tmp_path: Path, program: Program) -> None:
    db = tenondb.open(tmp_path / "s")
    db.set("a", 1)
    del db
    gc.collect()
    found = program("import sys, tenondb; print(tenondb.open(sys.argv[1]).get('a'))", tmp_path / "s")
    assert found.stdout.strip() == "b'1'"


def test_always_and_durable_writes(tmp_path: Path) -> None:
    with tenondb.open(tmp_path / "s", fsync="always") as db:
        assert db._syncs
        db.set("a", 1)
        db.config_set("appendfsync", "no")
        assert not db._syncs and db.durable()._syncs
        db.call("config", "set", "appendfsync", "always")
        assert db._syncs


def test_logical_databases(db: tenondb.Db) -> None:
    other = db.select(3)
    other.set("a", 1)
    assert (db.get("a"), other.index, db.index) == (None, 3, 0)
    assert other.move("a", 0) and db.get("a") == b"1"
    with pytest.raises(tenondb.CommandError, match="out of range"):
        db.select(16)


def test_a_host_may_tick() -> None:
    clock = tenondb.Clock.manual(1_000_000)
    with tenondb.memory(threads=0, clock=clock) as db:
        db.set("a", 1, px=10)
        clock.advance(100)
        for _ in range(100):
            db.tick()
        assert db.dbsize() == 0


def test_it_describes_itself(db: tenondb.Db, tmp_path: Path) -> None:
    assert repr(db) == "<tenondb.Db memory db0>"
    with tenondb.open(tmp_path / "s") as kept:
        assert str(tmp_path / "s") in repr(kept)
    assert "closed" in repr(kept)
    assert "manual 5" in repr(tenondb.Clock.manual(5))
    assert db.info("server")["redis_mode"] and isinstance(db.info()["uptime_in_seconds"], int)
