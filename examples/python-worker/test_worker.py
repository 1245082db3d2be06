"""Workers that are killed, and others who take over."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import tenondb
import tenondb.redis
from jobs import Worker, enqueue, take_over

HERE = Path(__file__).parent


def test_a_worker_is_killed_and_its_jobs_are_taken_over(tmp_path: Path) -> None:
    place = str(tmp_path / "jobs")
    with tenondb.open(place) as db:
        r = tenondb.redis.Redis(db, decode_responses=True)
        jobs = {enqueue(r, "square", n): n * n for n in range(600)}
        failing = enqueue(r, "fail", "on purpose")
        r.close()

    kills, taken_over = 0, 0
    while True:
        # A small pipe: it does not run far ahead of who reads, and is not done before it is killed.
        worker = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), place, "4"],
            stdout=subprocess.PIPE,
            text=True,
            pipesize=4096,
        )
        assert worker.stdout is not None
        # Killed in the middle of its work, without a warning; the last one may live.
        left = random.randint(20, 60) if kills < 5 else 10**9
        finished = False
        for line in worker.stdout:
            taken_over += line.startswith("takes over")
            finished |= line.startswith("nothing left")
            left -= line.startswith("did")
            if left <= 0:
                worker.kill()
                kills += 1
                break
        worker.stdout.close()
        worker.wait(60)
        if finished:
            break

    with tenondb.open(place, decode="utf-8") as db:
        assert {job: json.loads(db.hget(f"job:{job}", "result")) for job in jobs} == jobs
        assert "on purpose" in db.hget(f"job:{failing}", "result")
        # Every job has counted once, however often it was begun.
        assert int(db.get("done")) == len(jobs) + 1
        assert db.llen("queue") == 0 and list(db.scan_iter("working:*")) == []
        begun = sum(int(db.hget(f"job:{job}", "tries")) for job in jobs)
        assert begun >= len(jobs)
    assert kills == 5 and taken_over >= begun - len(jobs)
    print(f"{kills} kills, {taken_over} jobs taken over, {begun - len(jobs)} begun twice")


def test_a_worker_dies_in_a_job_and_another_thread_takes_it_over() -> None:
    clock = tenondb.Clock.manual(1_700_000_000_000)
    r = tenondb.redis.Redis(tenondb.memory(clock=clock), decode_responses=True)

    class Killed(BaseException):
        pass

    def die(*arguments: Any) -> None:
        raise Killed

    def is_alive(worker: str) -> bool:
        return bool(r.exists(f"alive:{worker}"))

    job = enqueue(r, "add", 1, 2)
    first = Worker(r, {"add": die})
    first.register()
    try:
        first.work_once(timeout=1)
    except Killed:
        pass
    assert r.lrange(first.own, 0, -1) == [job] and take_over(r, is_alive) == []
    clock.advance(30_000)
    assert take_over(r, is_alive) == [job]
    second = Worker(r, {"add": lambda a, b: a + b})
    second.register()
    assert second.work_once(timeout=1) == job
    assert r.hget(f"job:{job}", "result") == "3" and r.hget(f"job:{job}", "tries") == "2"
    assert r.llen("queue") == 0 and not r.exists(second.own)
    r.close()


def test_a_waiting_worker_gets_a_job_at_once() -> None:
    r = tenondb.redis.Redis(decode_responses=True, socket_timeout=None)
    done: list[str | None] = []
    worker = Worker(r, {"add": lambda a, b: a + b})
    worker.register()
    thread = threading.Thread(target=lambda: done.append(worker.work_once(timeout=60)))
    thread.start()
    job = enqueue(r, "add", 1, 2)
    thread.join(60)
    assert done == [job]
    r.close()
