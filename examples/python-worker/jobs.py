"""Jobs in queues: a small sibling of RQ on redis-py's BLMOVE. It knows redis-py, and nothing of what is below.

A job waits in `queue`; a worker moves it to a list of its own, does it, and takes it out of there in the step that keeps its result.
Whoever finds the list of a worker that is no more puts its jobs back: nothing is lost, and no result is kept twice.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

QUEUE = "queue"
#: Seconds after which a worker that has not said that it lives counts as dead.
LIFE_SECONDS = 30


def enqueue(r: Any, function: str, *arguments: Any) -> str:
    """Puts a job into the queue; returns its id."""
    job = uuid.uuid4().hex
    with r.pipeline(transaction=True) as pipe:
        pipe.hset(f"job:{job}", mapping={"function": function, "arguments": json.dumps(arguments), "tries": 0})
        pipe.lpush(QUEUE, job)
        pipe.execute()
    return job


def take_over(r: Any, is_alive: Callable[[str], bool]) -> list[str]:
    """Puts the jobs of workers that are no more back into the queue, to be the next ones; returns their ids."""
    found = []
    for worker in r.smembers("workers"):
        if is_alive(worker):
            continue
        while job := r.lmove(f"working:{worker}", QUEUE, "LEFT", "RIGHT"):
            found.append(job)
        r.srem("workers", worker)
    return found


class Worker:
    """Does jobs, one after the other."""

    def __init__(self, r: Any, functions: dict[str, Callable[..., Any]], name: str | None = None) -> None:
        self.r, self.functions = r, functions
        self.name = name or uuid.uuid4().hex
        self.own = f"working:{self.name}"

    def register(self) -> None:
        """Says that it is there, before it takes anything."""
        self.r.set(f"alive:{self.name}", 1, ex=LIFE_SECONDS)
        self.r.sadd("workers", self.name)

    def work_once(self, timeout: float) -> str | None:
        """Waits for a job and does it; returns its id, `None` when there was none."""
        self.r.set(f"alive:{self.name}", 1, ex=LIFE_SECONDS)
        job = self.r.blmove(QUEUE, self.own, timeout, "RIGHT", "LEFT")
        if job is None:
            return None
        self.r.hincrby(f"job:{job}", "tries", 1)
        found = self.r.hgetall(f"job:{job}")
        try:
            result = self.functions[found["function"]](*json.loads(found["arguments"]))
        except Exception as error:
            result = f"failed: {error!r}"
        with self.r.pipeline(transaction=True) as pipe:
            pipe.lrem(self.own, 1, job)
            pipe.hset(f"job:{job}", "result", json.dumps(result))
            pipe.incr("done")
            pipe.execute()
        return str(job)
