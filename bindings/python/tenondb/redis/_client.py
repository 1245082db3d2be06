"""``Redis``: redis-py's client on a database inside the process."""

from __future__ import annotations

import copy
import inspect
from typing import Any

import redis
from redis.connection import AbstractConnection
from redis.maint_notifications import MaintNotificationsConfig

from .. import _db, aio
from ._connection import Connection
from ._store import Place
from ._url import parse_url


def pool_arguments(place: Place | aio.Db | None, kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a pool of connections to ``place``; nothing: a database in memory of its own."""
    if place is None:
        place = _db.Db()
    if isinstance(place, aio.Db):
        place = place.sync_db
    # Libraries read the address out of a pool's arguments. Nobody moves this server.
    calm = MaintNotificationsConfig(enabled=False)
    return {"path": place, "host": "embedded", "port": 0, "maint_notifications_config": calm, **kwargs}


def client_arguments(client: Any, connection: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    """``kwargs`` with the client's own default for trying again. What neither it nor a connection knows, or what is about sockets, is
    refused."""
    known = inspect.signature(client.__init__).parameters
    of_connections = inspect.signature(connection.__init__).parameters
    for name in kwargs:
        if (name not in known and name not in of_connections) or name.startswith(("ssl", "socket_keepalive")) or name in ADDRESSES:
            raise TypeError(
                f"{name!r} has no meaning for a connection inside the process; options of the database go to tenondb.open(), "
                "whose result can be given for the place"
            )
    return {"retry": copy.deepcopy(known["retry"].default), **kwargs}


ADDRESSES = ("self", "host", "port", "unix_socket_path", "maint_notifications_config", "oss_cluster_maint_notifications_handler")


class ConnectionPool(redis.ConnectionPool):
    """A pool of connections to ``place``: a directory, ``:memory:NAME``, a ``tenondb.Db``, or nothing: a database in memory of its own."""

    def __init__(self, place: Place | aio.Db | None = None, **kwargs: Any) -> None:
        if "path" in kwargs:
            place = kwargs.pop("path")
        kwargs.pop("connection_class", None)
        limit = kwargs.pop("max_connections", None)
        super().__init__(connection_class=Connection, max_connections=limit, **pool_arguments(place, kwargs))


class Redis(redis.Redis):
    """``redis.Redis`` without a server. Arguments by name are those of ``redis.Redis``, but for the ones about sockets."""

    def __init__(
        self,
        place: Place | aio.Db | None = None,
        *,
        connection_pool: Any = None,
        single_connection_client: bool = False,
        **kwargs: Any,
    ) -> None:
        owns = connection_pool is None
        if owns:
            connection_pool = ConnectionPool(place, **client_arguments(redis.Redis, AbstractConnection, kwargs))
        elif place is not None or kwargs:
            raise TypeError("a pool has its arguments already")
        super().__init__(connection_pool=connection_pool, single_connection_client=single_connection_client)
        self.auto_close_connection_pool = owns


def from_url(url: str, **kwargs: Any) -> Redis:
    """A client of ``tenon:///directory?option=value`` or ``tenon://memory/name``, with the options that ``redis.from_url`` knows."""
    return Redis(**url_arguments(url, kwargs))


def url_arguments(url: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a client that a URL stands for."""
    arguments = {**kwargs, **parse_url(url)}
    for name in ("host", "port"):
        arguments.pop(name)
    return {"place": arguments.pop("path"), **arguments}
