"""TenonDB: Redis's data structures as a library, inside your own process.

    >>> import tenondb
    >>> db = tenondb.memory(decode="utf-8")
    >>> db.set("greeting", "hello", ex=60)
    True
    >>> db.zadd("board", {"alice": 10, "bob": 12})
    2
    >>> db.zrange("board", 0, -1, desc=True, withscores=True)
    [('bob', 12.0), ('alice', 10.0)]

``tenondb.open("app.db")`` keeps it in a directory. ``tenondb.aio`` is the same for asyncio; ``tenondb.redis`` puts the official client
on top of it.
"""

from __future__ import annotations

import os
from typing import Any

from ._db import Db
from ._native import Clock
from .errors import (
    BusyError,
    ClosedError,
    CommandError,
    ConflictError,
    CorruptError,
    InternalError,
    IoError,
    LimitError,
    MisuseError,
    TenonError,
    WrongTypeError,
)
from .lock import Lock
from .pipeline import Pipeline
from .subscription import Invalidation, Message, PrefixWatch, Subscription
from .transaction import Transaction

__version__ = "0.1.0"

__all__ = [
    "BusyError",
    "Clock",
    "ClosedError",
    "CommandError",
    "ConflictError",
    "CorruptError",
    "Db",
    "InternalError",
    "Invalidation",
    "IoError",
    "LimitError",
    "Lock",
    "Message",
    "MisuseError",
    "Pipeline",
    "PrefixWatch",
    "Subscription",
    "TenonError",
    "Transaction",
    "WrongTypeError",
    "memory",
    "open",
]


def open(path: str | os.PathLike[str], **options: Any) -> Db:
    """Opens the store in directory ``path``, and makes it when there is none.

    One that this process has open already gives the same database; one that another process has is a :class:`BusyError`.

    Options, all by name (an unknown one is a ``TypeError``). Those of the engine are the first one's: who opens a directory again
    and names one that it is not open with gets a :class:`MisuseError`; what he leaves out is as it is.

    - ``fsync``: when writes are on the disk for good: ``"always"`` before they return, ``"everysec"`` (the default), ``"no"``. The death of the
      process loses nothing, whatever it is.
    - ``decode``: ``bytes`` (the default) or ``"utf-8"``: what byte strings of replies are. ``decode_errors``: ``"strict"`` (the default),
      ``"replace"`` or ``"surrogateescape"``.
    - ``clock``: a :class:`Clock`. ``seed``: an integer that chance starts from. For tests.
    - ``threads``: 1 (the default) or 0: then the host calls ``db.tick()``.
    - ``salvage``: opens a damaged store with what is left of it. It says nothing of one that is open already.
    - ``stripes``, ``segment_bytes``, ``requirepass``: as the engine has them.
    """
    return Db(path, **options)


def memory(**options: Any) -> Db:
    """Opens a database that lives in memory and ends with its last handle. Options as in :func:`open`."""
    return Db(**options)
