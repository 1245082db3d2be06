"""URLs: ``tenon:///directory``, ``tenon://memory/name``, and the hook for callers who have nothing but a URL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import redis.asyncio.connection
import redis.connection

from ._store import MEMORY

SCHEME = "tenon://"


def parse_url(url: str) -> dict[str, Any]:
    """The arguments of a connection: ``path``, and the options behind the question mark, read as redis-py reads them."""
    return _parse(url, _own(redis.connection.parse_url))


def _own(parse: Callable[[str], dict[str, Any]]) -> Callable[[str], dict[str, Any]]:
    """redis-py's function, also when it was replaced by :func:`install`."""
    return getattr(parse, "replaces", parse)


def _parse(url: str, original: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme != "tenon":
        raise ValueError(f"the scheme of the URL is not {SCHEME}")
    if parts.netloc == "memory":
        path = MEMORY + unquote(parts.path.strip("/"))
    elif parts.netloc in ("", "."):
        path = parts.netloc + unquote(parts.path)
    else:
        raise ValueError("the URL is tenon:///directory, tenon://./directory or tenon://memory/name")
    if not path.strip("/"):
        raise ValueError("the URL names no directory")
    options = original(f"unix://?{parts.query}" if parts.query else "unix://")
    options.pop("connection_class", None)
    return {**options, "path": path, "host": "embedded", "port": 0}


def install() -> None:
    """Lets ``redis.Redis.from_url``, ``redis.asyncio.Redis.from_url`` and the pools' ``from_url`` take ``tenon://`` URLs: for frameworks that have nothing
    but a URL in their settings. Other URLs mean what they meant. The second time it does nothing."""
    from ._connection import Connection
    from .asyncio import Connection as AsyncConnection

    for module, kind in ((redis.connection, Connection), (redis.asyncio.connection, AsyncConnection)):
        original: Any = module.parse_url
        if not hasattr(original, "replaces"):
            setattr(module, "parse_url", _hook(original, kind))


def _hook(original: Callable[[str], dict[str, Any]], kind: type) -> Callable[[str], dict[str, Any]]:
    def parse(url: str) -> dict[str, Any]:
        if isinstance(url, str) and url.startswith(SCHEME):
            return {**_parse(url, original), "connection_class": kind}
        return original(url)

    parse.replaces = original  # type: ignore[attr-defined]
    return parse


def uninstall() -> None:
    """Takes back what :func:`install` did."""
    modules: tuple[Any, ...] = (redis.connection, redis.asyncio.connection)
    for module in modules:
        module.parse_url = _own(module.parse_url)
