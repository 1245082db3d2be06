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
#: With the process that has opened each.
_stores: dict[str, tuple[int, _db.Db]] = {}


def store(place: Place) -> _db.Db:
    """The database at ``place``: opened by the first who asks, and open until :func:`close`, or the end of the process.

    In the child of a ``fork()`` a directory that the parent has is refused, as it is in any other process.
    """
    if isinstance(place, _db.Db):
        return place
    name, key = os.fspath(place), _key(place)
    with _lock:
        owner, found = _stores.get(key, (0, None))
        if found is not None and not found.closed:
            if owner != os.getpid():
                raise ConnectionError("this database in memory belongs to the parent of this process")
            return found
        try:
            found = _db.Db() if name.startswith(MEMORY) else _db.Db(name)
        except TenonError as error:
            raise ConnectionError(str(error)) from error
        _stores[key] = (os.getpid(), found)
        return found


def _key(place: str | os.PathLike[str]) -> str:
    name = os.fspath(place)
    return name if name.startswith(MEMORY) else os.path.realpath(name)


def close(place: Place | None = None) -> None:
    """Closes the database at ``place``, or all that connections of this process have opened. Their connections end."""
    if isinstance(place, _db.Db):
        place.close()
        return
    with _lock:
        keys = list(_stores) if place is None else [_key(place)]
        found = [_stores.pop(key)[1] for key in keys if key in _stores and _stores[key][0] == os.getpid()]
    for db in found:
        db.close()


def _in_child() -> None:
    """A forked child has none of its parent's directories, and a lock that nobody holds. Names in memory stay taken: two databases of one
    name would be taken for one."""
    global _lock
    _lock = threading.Lock()
    for key in [key for key in _stores if not key.startswith(MEMORY)]:
        del _stores[key]


os.register_at_fork(after_in_child=_in_child)
atexit.register(close)
