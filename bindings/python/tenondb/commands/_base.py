"""What all families of commands share: how they run, and the shapes of replies."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Union

#: A key, a field or a member.
Key = Union[str, bytes, bytearray, memoryview, int, float]
#: What is stored: numbers are stored as their text.
Value = Key
#: One key, or several.
Keys = Union[Key, Iterable[Key]]
#: A byte string of a reply: ``bytes``, or ``str`` when the database was opened with ``decode="utf-8"``.
Raw = Any
#: A time to live.
Span = Union[int, datetime.timedelta]
#: A moment.
Moment = Union[int, datetime.datetime]
Shape = Callable[[Any], Any]
Words = tuple[Any, ...]


class Runs:
    """Where commands run: a database, a transaction, a pipeline."""

    __slots__ = ()

    def _run(self, args: Words, shape: Shape | None = None, /) -> Any:
        """Runs a command and returns what ``shape`` makes of its reply."""
        raise NotImplementedError


def listed(keys: Keys, more: Iterable[Key] = ()) -> list[Key]:
    """One key or several, and some more, as a list."""
    if isinstance(keys, (str, bytes, bytearray, memoryview, int, float)):
        return [keys, *more]
    return [*keys, *more]


def seconds(span: Span) -> int:
    return int(span.total_seconds()) if isinstance(span, datetime.timedelta) else span


def milliseconds(span: Span) -> int:
    return round(span.total_seconds() * 1000) if isinstance(span, datetime.timedelta) else span


def at_seconds(when: Moment) -> int:
    return int(when.timestamp()) if isinstance(when, datetime.datetime) else when


def at_milliseconds(when: Moment) -> int:
    return round(when.timestamp() * 1000) if isinstance(when, datetime.datetime) else when


def expiry(
    ex: Span | None = None,
    px: Span | None = None,
    exat: Moment | None = None,
    pxat: Moment | None = None,
) -> list[Any]:
    """The words of the expiry options that were given."""
    words: list[Any] = []
    if ex is not None:
        words += ("EX", seconds(ex))
    if px is not None:
        words += ("PX", milliseconds(px))
    if exat is not None:
        words += ("EXAT", at_seconds(exat))
    if pxat is not None:
        words += ("PXAT", at_milliseconds(pxat))
    return words


def flags(**given: bool) -> list[str]:
    """The names, in capitals, of the flags that are set."""
    return [name.upper() for name, is_set in given.items() if is_set]


def option(name: str, value: Any) -> Words:
    """An option with its value, unless that is ``None``."""
    return () if value is None else (name, value)


def flat(pairs: Mapping[Any, Any]) -> list[Any]:
    """The keys and values of a mapping side by side."""
    return [word for pair in pairs.items() for word in pair]


# Shapes: what redis-py's replies look like with protocol=2.


def truth(reply: Any) -> bool:
    """An integer, or ``OK``, as a truth."""
    return bool(reply)


def done(reply: Any) -> bool | None:
    """``OK`` as ``True``, nothing as ``None``."""
    return None if reply is None else True


def truths(reply: Any) -> list[bool]:
    return [bool(one) for one in reply]


def as_set(reply: Any) -> set[Any]:
    return set(reply)


def as_list(reply: Any) -> list[Any]:
    return list(reply)


def pairs(reply: Any) -> Any:
    """``[[a, b], …]`` as ``[(a, b), …]``."""
    return None if reply is None else [tuple(pair) for pair in reply]


def flat_list(reply: Any) -> Any:
    """``[[a, b], …]`` as ``[a, b, …]``."""
    if reply and isinstance(reply, list) and isinstance(reply[0], list):
        return [one for pair in reply for one in pair]
    return reply


def pair(reply: Any) -> Any:
    """A list as a tuple."""
    return None if reply is None else tuple(reply)


def paired(reply: Sequence[Any]) -> list[tuple[Any, Any]]:
    """``[a, b, …]`` as ``[(a, b), …]``."""
    return list(zip(reply[::2], reply[1::2], strict=True))


def text(reply: Any) -> Any:
    """Bytes as ``str``."""
    return reply.decode() if isinstance(reply, bytes) else reply


def text_keys(reply: Mapping[Any, Any]) -> dict[str, Any]:
    return {text(key): value for key, value in reply.items()}
