"""What goes wrong, as classes: one for each thing that the caller can do next.

The text starts with Redis's code, byte for byte as Redis says it.
"""

from __future__ import annotations

__all__ = [
    "BusyError",
    "ClosedError",
    "CommandError",
    "ConflictError",
    "CorruptError",
    "InternalError",
    "IoError",
    "LimitError",
    "MisuseError",
    "TenonError",
    "WrongTypeError",
]


class TenonError(Exception):
    """Any error of the database."""

    #: What to do next, as a word.
    kind = "internal"

    @property
    def code(self) -> str:
        """Redis's code: the first word of the text (``ERR``, ``WRONGTYPE``, …)."""
        return str(self).split(" ", 1)[0]


class CommandError(TenonError, ValueError):
    """Fix the call: its syntax, a number or a range is wrong."""

    kind = "command"


class WrongTypeError(TenonError, TypeError):
    """Use another key or another command: the key holds another type."""

    kind = "wrong-type"


class ConflictError(TenonError):
    """The state is not what was assumed: read again, retry or give up."""

    kind = "conflict"


class LimitError(TenonError, MemoryError):
    """Free memory or send less."""

    kind = "limit"


class BusyError(TenonError, TimeoutError):
    """Wait: another process has it, or a time-out."""

    kind = "busy"


class IoError(TenonError, OSError):
    """The disk failed: writes are refused until it is well again."""

    kind = "io"


class CorruptError(TenonError):
    """Restore the store, or open it with ``salvage=True``."""

    kind = "corrupt"


class ClosedError(TenonError):
    """Open again: the database was closed."""

    kind = "closed"


class MisuseError(TenonError):
    """Fix the program: a handle is used against its rules, such as in the child of a ``fork()``."""

    kind = "misuse"


class InternalError(TenonError):
    """Report it: a panic was caught."""

    kind = "internal"
