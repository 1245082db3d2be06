"""Scripts that do not end: they freeze nobody, Ctrl-C ends them, and so does the end of the database."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tenondb
import tenondb.redis

Program = Callable[..., subprocess.CompletedProcess[str]]

ENDLESS = "while true do end"
# It has written, and ends.
WRITES = "redis.call('SET', 'k', 'written') for n = 1, 1e8 do end return 'done'"


#: What a quick call is, by the handle that it is a call of.
QUICK = [
    "db.get('k')",
    "db.get_view('k')",
    "db.set('k', 'v')",
    "db.call('INCR', 'n')",
    "db.transaction(lambda tx: tx.incr('n'))",
    "db.blpop('jobs', timeout=0.01)",
    "client.get('k')",
    "client.pipeline().incr('n').execute()",
]


@pytest.mark.parametrize("quick", QUICK)
def test_a_quick_command_beside_an_endless_script_leaves_the_others_alone(quick: str, program: Program) -> None:
    """Nobody could say SCRIPT KILL if it waited with the interpreter. In a process of its own: it would stand still."""
    done = program(
        """
        import faulthandler, sys, threading, time, tenondb, tenondb.redis
        faulthandler.dump_traceback_later(60, exit=True)
        db, client = tenondb.memory(), tenondb.redis.Redis()
        call = client.execute_command if "client" in sys.argv[1] else db.call
        ended = []
        def script():
            try:
                call("EVAL", "while true do end", 0)
            except Exception as error:
                ended.append(str(error))
        threads = [threading.Thread(target=script), threading.Thread(target=lambda: eval(sys.argv[1]))]
        for thread in threads:
            thread.start()
            time.sleep(0.3)
        while not ended:
            try:
                call("SCRIPT", "KILL")
            except Exception:
                # It has not begun.
                time.sleep(0.01)
        for thread in threads:
            thread.join()
        print(*ended)
        """,
        quick,
    )
    assert "killed" in done.stdout


def interrupt(count: int = 1, pause: float = 0.3) -> threading.Thread:
    """Interrupts the main thread after a while; has done so when the thread has ended."""

    def send() -> None:
        for _ in range(count):
            time.sleep(pause)
            os.kill(os.getpid(), signal.SIGINT)

    sends = threading.Thread(target=send)
    sends.start()
    return sends


def test_ctrl_c_ends_a_script_of_the_main_thread(db: tenondb.Db) -> None:
    interrupt()
    with pytest.raises(KeyboardInterrupt):
        db.call("EVAL", ENDLESS, 0)
    assert db.call("EVAL", "return 1", 0) == 1
    # One of slow commands comes by the hook too rarely.
    for n in range(20_000):
        db.set(f"k{n}", "v")
    interrupt()
    with pytest.raises(KeyboardInterrupt):
        db.call("EVAL", "while true do redis.call('KEYS', '*') end", 0)


def test_ctrl_c_ends_a_script_in_a_transaction_or_a_pipeline(db: tenondb.Db) -> None:
    interrupt()
    with pytest.raises(KeyboardInterrupt), db.transaction() as tx:
        tx.set("k", "1")
        tx.call("EVAL", ENDLESS, 0)
    assert db.get("k") is None
    interrupt()
    with pytest.raises(KeyboardInterrupt):
        db.pipeline().incr("n").call("EVAL", ENDLESS, 0).incr("n").execute()
    # The others are a step that was taken.
    assert db.get("n") == b"2"


def test_ctrl_c_comes_behind_a_script_that_has_written(db: tenondb.Db) -> None:
    sends = interrupt(pause=0.05)
    with pytest.raises(KeyboardInterrupt):
        db.call("EVAL", WRITES, 0)
        # Where it has come late, it comes to nobody else.
        sends.join()
    assert db.get("k") == b"written"


def test_a_handler_that_raises_nothing_changes_nothing(db: tenondb.Db) -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    try:
        sends = interrupt(pause=0.05)
        assert db.call("EVAL", "for n = 1, 1e8 do end return 'whole'", 0) == b"whole"
        sends.join()
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [signal.SIGINT]


def test_who_had_the_alarm_gets_it_back_and_hears_of_what_came(db: tenondb.Db) -> None:
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    before = signal.set_wakeup_fd(writes)
    try:
        interrupt()
        with pytest.raises(KeyboardInterrupt):
            db.call("EVAL", ENDLESS, 0)
        assert os.read(reads, 8) == bytes([signal.SIGINT])
    finally:
        assert signal.set_wakeup_fd(before) == writes
        os.close(reads)
        os.close(writes)


def test_ctrl_c_ends_a_script_of_redis_py() -> None:
    client = tenondb.redis.Redis()
    interrupt()
    with pytest.raises(KeyboardInterrupt):
        client.eval(ENDLESS, 0)
    # Its reply is nobody's.
    assert client.get("none") is None


def test_closing_ends_a_script(tmp_path: Path) -> None:
    for db in [tenondb.memory(), tenondb.open(tmp_path / "store")]:
        ended: list[str] = []

        def script(run: Callable[..., Any] = db.call, ended: list[str] = ended) -> None:
            try:
                run("EVAL", ENDLESS, 0)
            except tenondb.TenonError as error:
                ended.append(str(error))

        runs = threading.Thread(target=script)
        runs.start()
        time.sleep(0.2)
        db.close()
        runs.join()
        assert "killed" in ended[0]


def test_the_process_ends_beside_a_script_of_a_daemon(program: Program) -> None:
    program(
        """
        import threading, time, tenondb
        db = tenondb.memory()
        threading.Thread(target=lambda: db.call("EVAL", "while true do end", 0), daemon=True).start()
        time.sleep(0.3)
        """
    )
