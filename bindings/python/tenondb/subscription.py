"""``Subscription`` and ``PrefixWatch``: what others say, and which keys they change."""

from __future__ import annotations

from types import TracebackType
from typing import Any, NamedTuple, Self

from . import _native
from .errors import ClosedError


class Message(NamedTuple):
    """A message, as a subscription got it."""

    #: ``message``, ``pmessage`` or ``smessage``: by which kind of subscription it came.
    type: str
    #: The pattern by which it came, when it came by one.
    pattern: Any
    #: The channel it was published to.
    channel: Any
    #: What was published.
    data: Any


class Invalidation(NamedTuple):
    """What a cache has to forget: a key, or with ``None`` everything."""

    key: Any


class Subscription(_native.Subscription):
    """Messages of channels, patterns and shard channels, in a bounded queue; a publisher never waits for it.

    An iterator that blocks; it ends when the subscription is closed. Threads may share it: each message goes to one of them. When there is no
    room for a message, ``overflow`` says what happens: ``"cut"`` (the default) ends the subscription with a ``LimitError``.
    """

    __slots__ = ()

    def subscribe(self, *channels: Any) -> Self:
        """Subscribes to some more channels."""
        self._add("channel", *channels)
        return self

    def psubscribe(self, *patterns: Any) -> Self:
        """Subscribes to all channels whose names match."""
        self._add("pattern", *patterns)
        return self

    def ssubscribe(self, *channels: Any) -> Self:
        """Subscribes to some more shard channels."""
        self._add("shard", *channels)
        return self

    def unsubscribe(self, *channels: Any) -> Self:
        """Leaves channels."""
        self._remove("channel", *channels)
        return self

    def punsubscribe(self, *patterns: Any) -> Self:
        """Leaves patterns."""
        self._remove("pattern", *patterns)
        return self

    def sunsubscribe(self, *channels: Any) -> Self:
        """Leaves shard channels."""
        self._remove("shard", *channels)
        return self

    def get(self, timeout: float | None = None) -> Message | None:
        """The next message; waits ``timeout`` seconds at most (``None``: for ever). ``None``: there was none."""
        parts = self._next(timeout)
        return None if parts is None else Message(*parts)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Message:
        try:
            parts = self._next(None)
        except ClosedError:
            raise StopIteration from None
        if parts is None:
            raise StopIteration
        return Message(*parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __bool__(self) -> bool:
        return True


class PrefixWatch(_native.PrefixWatch):
    """Tells which keys that begin with a prefix have changed, since it was made: what a cache has to forget.

    A change is told before the call that makes it returns. An iterator that blocks; it ends when the watch is closed. What has no room is not
    lost: all that waits becomes one ``Invalidation(None)``.
    """

    __slots__ = ()

    def get(self, timeout: float | None = None) -> Invalidation | None:
        """The next change; waits ``timeout`` seconds at most (``None``: for ever). ``None``: there was none."""
        part = self._next(timeout)
        return None if part is None else Invalidation(*part)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Invalidation:
        try:
            part = self._next(None)
        except ClosedError:
            raise StopIteration from None
        if part is None:
            raise StopIteration
        return Invalidation(*part)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __bool__(self) -> bool:
        return True
