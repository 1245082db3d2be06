"""What the package costs, beside what else there is. Ratios are what counts: the two sides of each are measured in turns.

    python bench.py [get] [redis] [asyncio] [burner]      all by default

- get: `db.get` against `dict.get`, a million keys in random order, values of 100 bytes. The keys that are asked for are equal to those that were
  stored, and other objects, as they are in a program that makes them of an id; and, for the sake of completeness, the very same objects, which a dictionary
  recognises without looking at them.
- redis: redis-py on a database inside the process against redis-py and a redis-server over a unix socket (where there is one).
- asyncio: the same for `redis.asyncio`, and `tenondb.aio` besides.
- burner: burner-redis, another one that lives inside the process, where it is installed.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import tenondb

ROUNDS = 7
KEYS = int(os.environ.get("TENON_BENCH_KEYS", "1000000"))
VALUE = b"x" * 100


def seconds(body: Callable[[], object]) -> float:
    start = time.perf_counter()
    body()
    return time.perf_counter() - start


def compare(title: str, count: int, ours: Callable[[], object], theirs: Callable[[], object], name: str) -> None:
    """Measures both in turns; prints the medians for one call, and the median of the ratios of neighbours."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(ROUNDS)]
    mine, their = (statistics.median(one[side] for one in pairs) / count for side in (0, 1))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{title}: {mine * 1e9:,.0f} ns, {name} {their * 1e9:,.0f} ns, ratio {ratio:.2f}", flush=True)


def get() -> None:
    keys = [f"key:{n:09}".encode() for n in range(KEYS)]
    db = tenondb.memory()
    plain: dict[bytes, bytes] = {}
    for key in keys:
        db.set(key, VALUE)
        plain[bytes(key)] = VALUE[:50] + VALUE[50:]
    random.shuffle(keys)
    asked = [bytes(bytearray(key)) for key in keys]
    few = asked[:1000] * (KEYS // 1000)

    def loop(get: Callable[[bytes], object], keys: list[bytes]) -> Callable[[], None]:
        def run() -> None:
            for key in keys:
                get(key)

        return run

    compare(f"get, {KEYS:,} keys at random", KEYS, loop(db.get, asked), loop(plain.get, asked), "dict.get")
    compare("get, the very same objects", KEYS, loop(db.get, keys), loop(plain.get, keys), "dict.get")
    compare("get, a thousand keys", len(few), loop(db.get, few), loop(plain.get, few), "dict.get")
    names = [key.decode() for key in asked]
    texts = {key.decode(): (VALUE[:50] + VALUE[50:]).decode() for key in sorted(keys)}
    decoded = db.decoding("utf-8")
    compare(f"get of str, {KEYS:,} keys at random", KEYS, loop(decoded.get, names), loop(texts.get, names), "dict.get")
    db.close()


@contextmanager
def server() -> Iterator[str | None]:
    """A redis-server on a unix socket, while it is needed."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "redis.sock")
        options = ["--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no", "--dir", folder]
        process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        try:
            while not os.path.exists(path):
                time.sleep(0.01)
            yield path
        finally:
            process.terminate()
            process.wait()


def redis_py() -> None:
    import redis

    import tenondb.redis

    with server() as path:
        if path is None:
            print("no redis-server to compare with")
            return
        ours, theirs = tenondb.redis.Redis(tenondb.memory()), redis.Redis(unix_socket_path=path)
        for client in (ours, theirs):
            client.set("k", VALUE)
        count = 5000

        def calls(client: Any) -> Callable[[], None]:
            return lambda: [client.get("k") for _ in range(count)] and None

        def pipes(client: Any) -> Callable[[], None]:
            def run() -> None:
                for _ in range(count // 100):
                    pipe = client.pipeline(transaction=False)
                    for _ in range(100):
                        pipe.get("k")
                    pipe.execute()

            return run

        compare("redis-py GET", count, calls(ours), calls(theirs), "redis-server")
        compare("redis-py GET in pipelines of 100", count, pipes(ours), pipes(theirs), "redis-server")
        single = tenondb.redis.Redis(ours.connection_pool.connection_kwargs["path"], single_connection_client=True)
        other = redis.Redis(unix_socket_path=path, single_connection_client=True)
        compare("redis-py GET, one connection", count, calls(single), calls(other), "redis-server")
        for client in (ours, theirs, single, other):
            client.close()


def redis_asyncio() -> None:
    import redis.asyncio

    import tenondb.redis.asyncio
    from tenondb import aio

    count = 3000

    def timed(make: Callable[[], Any]) -> Callable[[], object]:
        async def run() -> None:
            client = make()
            await client.set("k", VALUE)
            for _ in range(count):
                await client.get("k")
            await client.aclose()

        return lambda: asyncio.run(run())

    with server() as path:
        if path is None:
            print("no redis-server to compare with")
            return
        theirs = timed(lambda: redis.asyncio.Redis(unix_socket_path=path))
        compare("redis.asyncio GET", count, timed(tenondb.redis.asyncio.Redis), theirs, "redis-server")
        compare("tenondb.aio get", count, timed(aio.memory), theirs, "redis.asyncio and redis-server")


def burner() -> None:
    try:
        from burner_redis import BurnerRedis
    except ImportError:
        print("burner-redis is not installed")
        return
    count = 20_000

    def timed(make: Callable[[], Any], ends: Callable[[Any], Awaitable[object]]) -> Callable[[], object]:
        async def run() -> None:
            client = make()
            await client.set("k", VALUE)
            for _ in range(count):
                await client.get("k")
            await ends(client)

        return lambda: asyncio.run(run())

    async def nothing(client: Any) -> None:
        pass

    from tenondb import aio

    ours = timed(aio.memory, lambda client: client.aclose())
    compare("tenondb.aio get", count, ours, timed(BurnerRedis, nothing), "burner-redis")


PARTS = {"get": get, "redis": redis_py, "asyncio": redis_asyncio, "burner": burner}


def main() -> None:
    chosen = sys.argv[1:] or list(PARTS)
    for name in chosen:
        if name not in PARTS:
            sys.exit(__doc__)
    for name in chosen:
        PARTS[name]()


if __name__ == "__main__":
    main()
