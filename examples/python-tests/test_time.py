"""What a clock that can be set adds: a day passes in no time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import tenondb
import tenondb.redis
from accounts import CALLS_A_MINUTE, LimitExceeded, call, log_in, visit


@pytest.fixture
def r(clock: Any) -> Iterator[Any]:
    with tenondb.redis.Redis(tenondb.memory(clock=clock), decode_responses=True) as client:
        yield client


def test_a_session_is_over_after_exactly_a_day(r: Any, clock: Any) -> None:
    token = log_in(r, "alice")
    clock.advance(86_399_999)
    assert visit(r, token) == 1
    clock.advance(1)
    assert visit(r, token) is None


def test_after_a_minute_calls_are_allowed_again(r: Any, clock: Any) -> None:
    for _ in range(3):
        for _ in range(CALLS_A_MINUTE):
            call(r, "alice")
        with pytest.raises(LimitExceeded):
            call(r, "alice")
        clock.advance(60_000)
    assert call(r, "alice") == 9


def test_time_to_live_is_exact(r: Any, clock: Any) -> None:
    token = log_in(r, "alice")
    clock.advance(60_000)
    assert r.ttl(f"session:{token}") == 86_340
