"""redis-py's parsers, with the engine reading the plain replies: they are there when the command was sent."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Any

from redis._parsers import Encoder, _RESP2Parser, _RESP3Parser
from redis.exceptions import ConnectionError

from .. import _native
from ._socket import Socket

#: Takes a reply from the engine: ``take(disable_decoding)``. ``NotImplemented``: it is for redis-py's parser to read.
Take = Callable[[bool], Any]


def is_utf8(encoder: Any) -> bool:
    """Whether text is UTF-8, and redis-py's own ``Encoder`` says what becomes of it."""
    try:
        return type(encoder) is Encoder and codecs.lookup(encoder.encoding).name == "utf-8"
    except (LookupError, TypeError):
        return False


def taking(line: _native.Line, encoder: Any, resp3: bool) -> Take | None:
    """What takes the replies of a line; ``None``: they are text of which the engine knows nothing."""
    text = bool(encoder.decode_responses)
    if text and not is_utf8(encoder):
        return None
    return _native.Replies(line, resp3, text).take


class Direct:
    """What all parsers have in common, for threads and for asyncio. Replies are taken from the engine as long as redis-py's parser has
    no bytes left of what it has read itself."""

    RESP3 = False
    #: ``None``: the next reply is redis-py's to read.
    take: Take | None = None
    _take: Take | None = None

    def on_connect(self, connection: Any) -> None:
        super().on_connect(connection)  # type: ignore[misc]
        line = connection.line()
        if line is not None:
            self.take = self._take = taking(line, connection.encoder, self.RESP3)

    def on_disconnect(self) -> None:
        self.take = self._take = None
        super().on_disconnect()  # type: ignore[misc]


class Blocking(Direct):
    """What the two parsers for threads have in common."""

    def read_response(self, disable_decoding: bool = False, *args: Any, **options: Any) -> Any:
        take = self.take
        if take is not None:
            reply = take(disable_decoding)
            if reply is not NotImplemented:
                return reply
            self.take = None
        try:
            return super().read_response(disable_decoding, *args, **options)  # type: ignore[misc]
        finally:
            if not self.unread():
                self.take = self._take

    def unread(self) -> bool:
        """Whether redis-py's parser has bytes that it has not used yet."""
        buffer: Any = getattr(self, "_buffer", None)
        try:
            return buffer is not None and bool(buffer.unread_bytes())
        except (AttributeError, ValueError):  # another thread has closed it
            return False

    def can_read(self, timeout: float | None = 0) -> bool:
        """Whether there is something to read. What there is stays where it is."""
        sock: Any = getattr(self, "_sock", None)
        if not isinstance(sock, Socket):
            return bool(super().can_read(timeout))  # type: ignore[misc]
        if self.unread() or sock.pending():
            return True
        if not sock.ended and (timeout == 0 or not sock.wait(timeout)):
            return False
        if sock.pending():
            return True
        if sock.ended:
            raise ConnectionError("Connection closed by server.")
        return False


class RESP2Parser(Blocking, _RESP2Parser):
    """redis-py's parser of RESP2."""


class RESP3Parser(Blocking, _RESP3Parser):
    """redis-py's parser of RESP3."""

    RESP3 = True


#: What stands in for redis-py's own.
PARSERS: dict[Any, Any] = {_RESP2Parser: RESP2Parser, _RESP3Parser: RESP3Parser}
