"""A thousand players, in one process with the server and the database.

    python simulate.py [PLAYERS] [DIRECTORY]
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from typing import Any

import httpx
import tenondb.redis.asyncio as redis
from app import make_app

LOCATIONS = ["village", "forest", "mine", "harbour", "castle"]
#: How many requests are on their way at the same time.
AT_ONCE = 50


class Player:
    """Somebody who plays, and hears what is said to him and around him."""

    def __init__(self, name: str, http: httpx.AsyncClient, r: redis.Redis) -> None:
        self.name, self.http = name, http
        self.location = random.choice(LOCATIONS)
        self.pubsub = r.pubsub(ignore_subscribe_messages=True)
        self.heard: list[str] = []
        self.news = asyncio.Event()

    async def begin(self) -> None:
        reply = await self.http.post(f"/login/{self.name}", params={"location": self.location})
        self.token = reply.json()["token"]
        await self.pubsub.subscribe(f"player:{self.name}", f"location:{self.location}")
        self.listener = asyncio.create_task(self.listen())

    async def listen(self) -> None:
        async for message in self.pubsub.listen():
            self.heard.append(message["data"])
            self.heard_at = time.perf_counter()
            self.news.set()

    async def delivery(self, r: redis.Redis) -> float:
        """How long a message takes, from who publishes it to the coroutine that reads it."""
        self.news.clear()
        begun = time.perf_counter()
        await r.publish(f"player:{self.name}", "news")
        await self.news.wait()
        return self.heard_at - begun

    async def play(self, friend: str) -> None:
        self.location = random.choice(LOCATIONS)
        for item in random.choices(["sword", "bread", "rope"], k=3):
            await self.http.post(f"/take/{self.token}/{item}")
        await self.http.post(f"/move/{self.token}/{self.location}")
        reply = await self.http.get(f"/inventory/{self.name}")
        assert sum(reply.json().values()) == 3, reply.text
        rewards = [await self.http.post(f"/reward/{self.token}") for _ in range(2)]
        assert [reply.status_code for reply in rewards] == [200, 409]
        text = f"hello from {self.name}"
        reply = await self.http.post(f"/whisper/{self.token}/{friend}", params={"text": text})
        assert reply.json() == {"heard": 1}

    async def end(self) -> None:
        self.listener.cancel()
        await self.pubsub.aclose()


def p95(values: list[float]) -> float:
    """The 95th percentile, in milliseconds."""
    return sorted(values)[int(len(values) * 0.95)] * 1000


async def simulate(count: int, place: Any) -> dict[str, float]:
    """Lets `count` players play; returns what was measured. Fails when anything does not add up."""
    async with redis.Redis(place, decode_responses=True, max_connections=count + 2 * AT_ONCE) as r:
        transport = httpx.ASGITransport(make_app(r))
        async with httpx.AsyncClient(transport=transport, base_url="http://game") as http:
            players = [Player(f"player{n}", http, r) for n in range(count)]
            gate = asyncio.Semaphore(AT_ONCE)

            async def gated(step: Any) -> None:
                async with gate:
                    await step

            await asyncio.gather(*(gated(player.begin()) for player in players))
            start = time.perf_counter()
            friends = [players[(n + 1) % count].name for n in range(count)]
            await asyncio.gather(*(gated(one.play(friend)) for one, friend in zip(players, friends, strict=True)))
            took = time.perf_counter() - start

            cached = []
            for player in players:
                begun = time.perf_counter()
                assert await r.get(f"cache:inventory:{player.name}") is not None
                cached.append(time.perf_counter() - begun)

            where = [(await http.get(f"/players/{location}")).json() for location in LOCATIONS]
            assert sorted(sum(where, [])) == sorted(player.name for player in players)
            for n, player in enumerate(players):
                wanted = f"hello from {players[n - 1].name}"
                while wanted not in player.heard:
                    await asyncio.sleep(0.001)
            delays = [await player.delivery(r) for player in players]
            await asyncio.gather(*(player.end() for player in players))
            return {
                "requests a second": 8 * count / took,
                "p95 of a cached operation, ms": p95(cached),
                "p95 of a delivery, ms": p95(delays),
            }


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    place = sys.argv[2] if len(sys.argv) > 2 else None
    for name, value in asyncio.run(simulate(count, place)).items():
        print(f"{name}: {value:.3f}")


if __name__ == "__main__":
    main()
