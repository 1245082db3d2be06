"""Django's own cache on Redis, and django-redis, through everything that a cache has."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

import django  # noqa: E402
import tenondb.redis  # noqa: E402
from django.core.cache import caches  # noqa: E402

django.setup()


@pytest.fixture(params=["default", "django-redis"])
def cache(request: pytest.FixtureRequest) -> Iterator[Any]:
    cache = caches[request.param]
    cache.clear()
    yield cache
    cache.clear()


def test_values_of_all_kinds(cache: Any) -> None:
    for value in [1, -5, 1.5, "text", b"bytes", None, True, [1, {"a": (2, 3)}], {"nested": {"x": 1}}, "ä" * 100_000]:
        cache.set("key", value)
        assert cache.get("key") == value
    assert cache.get("none") is None and cache.get("none", "default") == "default"
    assert "key" in cache and cache.has_key("key") and "none" not in cache
    assert cache.delete("key") and not cache.delete("key")


def test_many_at_once(cache: Any) -> None:
    assert not cache.set_many({f"k{n}": n for n in range(100)})
    assert cache.get_many([f"k{n}" for n in range(100)] + ["none"]) == {f"k{n}": n for n in range(100)}
    cache.delete_many(["k0", "k1"])
    assert cache.get_many(["k0", "k1", "k2"]) == {"k2": 2}


def test_add_and_get_or_set(cache: Any) -> None:
    assert cache.add("a", 1) and not cache.add("a", 2)
    assert cache.get("a") == 1
    assert cache.get_or_set("b", lambda: 5) == 5 and cache.get_or_set("b", lambda: 6) == 5


def test_time_outs(cache: Any) -> None:
    cache.set("short", 1, timeout=0.05)
    cache.set("long", 1, timeout=100)
    cache.set("never", 1, timeout=None)
    cache.set("not-at-all", 1, timeout=0)
    assert cache.get("not-at-all") is None
    end = time.monotonic() + 60
    while cache.get("short") is not None:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert cache.get("long") == cache.get("never") == 1
    assert cache.touch("long", 200) and not cache.touch("none", 200)


def test_versions(cache: Any) -> None:
    cache.set("v", "one", version=1)
    cache.set("v", "two", version=2)
    assert (cache.get("v"), cache.get("v", version=2)) == ("one", "two")
    cache.incr_version("v", version=2)
    assert cache.get("v", version=3) == "two"


def test_counters_of_django_s_own_cache() -> None:
    cache = caches["default"]
    cache.set("n", 1)
    assert cache.incr("n") == 2 and cache.incr("n", 10) == 12 and cache.decr("n", 2) == 10

    def count() -> None:
        for _ in range(100):
            cache.incr("n")

    threads = [threading.Thread(target=count) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert cache.get("n") == 410
    with pytest.raises(ValueError):
        cache.incr("none")
    cache.clear()


def test_what_django_redis_has_besides() -> None:
    cache = caches["django-redis"]
    cache.clear()
    cache.set_many({f"user:{n}": n for n in range(50)}, timeout=100)
    assert 90 < cache.ttl("user:1") <= 100 and 90_000 < cache.pttl("user:1") <= 100_000
    assert cache.persist("user:1") and cache.ttl("user:1") is None
    assert cache.expire("user:1", timeout=50) and cache.ttl("user:1") <= 50
    assert sorted(cache.keys("user:1*")) == sorted(["user:1", *(f"user:1{n}" for n in range(10))])
    assert len(list(cache.iter_keys("user:*"))) == 50
    assert cache.delete_pattern("user:*") == 50 and list(cache.iter_keys("*")) == []
    assert cache.set("once", 1, nx=True) and not cache.set("once", 2, nx=True)


def test_sessions() -> None:
    from django.contrib.sessions.backends.cache import SessionStore

    session = SessionStore()
    session["user"] = {"name": "alice", "cart": [1, 2]}
    session.save()
    again = SessionStore(session_key=session.session_key)
    assert again["user"]["cart"] == [1, 2]
    again.flush()
    assert not SessionStore().exists(session.session_key)


def test_both_are_in_one_database() -> None:
    for cache in caches.all(initialized_only=True):
        cache.clear()
    caches["default"].set("a", 1)
    caches["django-redis"].set("a", 2)
    db = tenondb.redis.store(":memory:django")
    assert db.dbsize() == 1 and db.select(1).dbsize() == 1
