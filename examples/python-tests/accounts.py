"""The code under test: sessions that last a day, and a limit of ten calls a minute. It knows redis-py, and nothing of what is below."""

from __future__ import annotations

import secrets
from typing import Any

SESSION_SECONDS = 86_400
CALLS_A_MINUTE = 10


class LimitExceeded(Exception):
    """Too many calls within a minute."""


def log_in(r: Any, user: str) -> str:
    """Begins a session; returns its token."""
    token = secrets.token_hex(8)
    with r.pipeline(transaction=True) as pipe:
        pipe.hset(f"session:{token}", mapping={"user": user, "visits": 0})
        pipe.expire(f"session:{token}", SESSION_SECONDS)
        pipe.sadd(f"sessions:{user}", token)
        pipe.execute()
    return token


def visit(r: Any, token: str) -> int | None:
    """Counts a visit; `None` when the session is over."""
    if not r.exists(f"session:{token}"):
        return None
    return int(r.hincrby(f"session:{token}", "visits", 1))


def call(r: Any, user: str) -> int:
    """Counts a call; returns how many are left in this minute."""
    key = f"calls:{user}"
    count = r.incr(key)
    if count == 1:
        r.expire(key, 60)
    if count > CALLS_A_MINUTE:
        raise LimitExceeded(user)
    return CALLS_A_MINUTE - int(count)
