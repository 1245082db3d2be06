"""The databases behind connections: by their names, one each in a process."""

from __future__ import annotations

import atexit
import os
import threading
from typing import Union

from redis.exceptions import ConnectionError

from .. import _db
from ..errors import TenonError

#: What a connection may be told to connect to: a directory, ``:memory:NAME``, or a database that is open.
Place = Union[str, "os.PathLike[str]", _db.Db]

#: In front of the name of a database in memory, which all connections of the process share.
MEMORY = ":memory:"

_lock = threading.Lock()
_stores: dict[str, _db.Db] = {}
_owner = os.getpid()


def store(place: Place) -> _db.Db:
    """The database at ``place``: opened by the first who asks, and open until :func:`close`, or the end of the process.

    In the child of a ``fork()`` a directory that the parent has is refused, as it is in any other process.
    """
    if isinstance(place, _db.Db):
        return place
    name = os.fspath(place)
    key = name if name.startswith(MEMORY) else os.path.realpath(name)
    with _lock:
        found = _stores.get(key)
        if found is not None and not found.closed:
            if name.startswith(MEMORY) and _owner != os.getpid():
                raise ConnectionError("this database in memory belongs to the parent of this process")
            return found
        try:
            found = _stores[key] = _db.Db() if name.startswith(MEMORY) else _db.Db(name)
        except TenonError as error:
            raise ConnectionError(str(error)) from error
        return found


def close(place: Place | None = None) -> None:
    """Closes the database at ``place``, or all that connections have opened. Their connections end."""
    with _lock:
        if place is None:
            found = list(_stores.values())
            _stores.clear()
        elif isinstance(place, _db.Db):
            found = [place]
        else:
            name = os.fspath(place)
            key = name if name.startswith(MEMORY) else os.path.realpath(name)
            found = [_stores.pop(key)] if key in _stores else []
    for db in found:
        db.close()


def _in_child() -> None:
    """A forked child has none of its parent's directories, and a lock that nobody holds."""
    global _lock
    _lock = threading.Lock()
    for key in [key for key in _stores if not key.startswith(MEMORY)]:
        del _stores[key]


def _at_exit() -> None:
    if _owner == os.getpid():
        close()


os.register_at_fork(after_in_child=_in_child)
atexit.register(_at_exit)
