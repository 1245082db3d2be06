"""The one line. The suite runs on both, to show that nothing else had to change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def clock() -> Any:
    """A clock that a test can set."""
    import tenondb

    return tenondb.Clock.manual(1_700_000_000_000)


@pytest.fixture(params=["fakeredis", "tenondb"])
def r(request: pytest.FixtureRequest, clock: Any) -> Iterator[Any]:
    if request.param == "fakeredis":
        import fakeredis

        client = fakeredis.FakeRedis(decode_responses=True)
    else:
        import tenondb
        import tenondb.redis

        client = tenondb.redis.Redis(tenondb.memory(clock=clock), decode_responses=True)
    yield client
    client.close()
