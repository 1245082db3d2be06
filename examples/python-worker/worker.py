"""A process with some workers, as threads.

    python worker.py DIRECTORY THREADS      works until the queue is empty
"""

from __future__ import annotations

import random
import sys
import threading
import time

import tenondb.redis as redis
from jobs import Worker, take_over


def square(number: int) -> int:
    time.sleep(random.random() / 500)
    return number * number


def fail(text: str) -> None:
    raise ValueError(text)


FUNCTIONS = {"square": square, "fail": fail}


def main() -> None:
    directory, threads = sys.argv[1], int(sys.argv[2])
    r = redis.Redis(directory, decode_responses=True)
    # A directory belongs to one process: whoever has it now is alone, and every worker of before is dead.
    for job in take_over(r, is_alive=lambda worker: False):
        print("takes over", job, flush=True)

    def work() -> None:
        worker = Worker(r, FUNCTIONS)
        worker.register()
        while job := worker.work_once(timeout=0.2):
            print("did", job, flush=True)

    crew = [threading.Thread(target=work) for _ in range(threads)]
    [thread.start() for thread in crew]
    [thread.join() for thread in crew]
    print("nothing left", flush=True)


if __name__ == "__main__":
    main()
