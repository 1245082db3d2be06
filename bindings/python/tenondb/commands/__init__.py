"""Redis's commands as methods, with redis-py's names and arguments, and its replies with ``protocol=2`` but for those that the README names.

Sugar: a method builds a command's words and reshapes its reply. What a command means is decided by the engine; what has no method
is reached by ``db.call("NAME", …)``.
"""

from __future__ import annotations

from .hashes import Hashes
from .keys import KeyCommands
from .lists import Lists
from .server import Server
from .sets import Sets
from .sorted_sets import SortedSets
from .streams import Streams
from .strings import Strings

__all__ = ["Commands", "DataCommands"]


class DataCommands(Strings, KeyCommands, Lists, Hashes, Sets, SortedSets, Streams):
    """Commands about keys."""

    __slots__ = ()


class Commands(DataCommands, Server):
    """All commands."""

    __slots__ = ()
