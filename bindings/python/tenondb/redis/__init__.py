"""The official client, redis-py, on a database inside your own process: no server, no socket.

    import tenondb.redis
    r = tenondb.redis.Redis("app.db")          # a directory, or a tenondb.Db, or nothing: a database in memory
    r = tenondb.redis.from_url("tenon:///data/app?protocol=3")

    import redis                               # for frameworks that take a URL, once, early:
    tenondb.redis.install()
    r = redis.Redis.from_url("tenon:///data/app")

``Connection`` is a connection class for whoever makes pools by himself: ``redis.ConnectionPool(connection_class=Connection, path="app.db")``.
``tenondb.redis.asyncio`` has the same for ``redis.asyncio``.
"""

from __future__ import annotations

from ._client import ConnectionPool, Redis, from_url
from ._connection import Connection
from ._store import close, store
from ._url import install, parse_url, uninstall

__all__ = [
    "Connection",
    "ConnectionPool",
    "Redis",
    "close",
    "from_url",
    "install",
    "parse_url",
    "store",
    "uninstall",
]
