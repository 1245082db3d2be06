"""A suite that was written for fakeredis."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from accounts import CALLS_A_MINUTE, LimitExceeded, call, log_in, visit


def test_a_session_lasts_a_day(r: Any) -> None:
    token = log_in(r, "alice")
    assert 86_340 <= r.ttl(f"session:{token}") <= 86_400
    assert r.hgetall(f"session:{token}") == {"user": "alice", "visits": "0"}


def test_visits_are_counted(r: Any) -> None:
    token = log_in(r, "alice")
    assert [visit(r, token) for _ in range(3)] == [1, 2, 3]
    assert visit(r, "no such token") is None
    assert r.smembers("sessions:alice") == {token}


def test_the_eleventh_call_of_a_minute_is_refused(r: Any) -> None:
    assert [call(r, "alice") for _ in range(CALLS_A_MINUTE)] == list(range(9, -1, -1))
    with pytest.raises(LimitExceeded):
        call(r, "alice")
    assert call(r, "bob") == 9


def test_errors_are_redis_py_s(r: Any) -> None:
    r.set("calls:alice", "many")
    with pytest.raises(redis.ResponseError, match="not an integer"):
        call(r, "alice")


def test_a_session_that_was_changed_meanwhile(r: Any) -> None:
    token = log_in(r, "alice")
    with r.pipeline() as pipe:
        pipe.watch(f"session:{token}")
        visit(r, token)
        pipe.multi()
        pipe.hset(f"session:{token}", "visits", 0)
        with pytest.raises(redis.WatchError):
            pipe.execute()
    assert visit(r, token) == 2


def test_messages(r: Any) -> None:
    pubsub = r.pubsub(ignore_subscribe_messages=True)
    pubsub.subscribe("logins")
    pubsub.get_message(timeout=1)
    r.publish("logins", "alice")
    message = pubsub.get_message(timeout=1)
    assert message is not None and message["data"] == "alice"
    pubsub.close()
