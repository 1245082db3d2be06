"""A game's server: sessions, players by location, inventories, messages, daily rewards. It knows `redis.asyncio`, and nothing of what is below."""

from __future__ import annotations

import json
import secrets
from typing import Any

from fastapi import FastAPI, HTTPException

SESSION_SECONDS = 3600
CACHE_SECONDS = 60
DAY_SECONDS = 86_400


def make_app(r: Any) -> FastAPI:
    """The application on a client of `redis.asyncio` that decodes its replies."""
    app = FastAPI()

    async def session(token: str) -> dict[str, str]:
        found: dict[str, str] = await r.hgetall(f"session:{token}")
        if not found:
            raise HTTPException(401, "no such session")
        return found

    @app.post("/login/{player}")
    async def login(player: str, location: str = "village") -> dict[str, str]:
        token = secrets.token_hex(8)
        async with r.pipeline(transaction=True) as pipe:
            pipe.hset(f"session:{token}", mapping={"player": player, "location": location})
            pipe.expire(f"session:{token}", SESSION_SECONDS)
            pipe.sadd(f"at:{location}", player)
            await pipe.execute()
        return {"token": token}

    @app.post("/move/{token}/{location}")
    async def move(token: str, location: str) -> dict[str, Any]:
        who = await session(token)
        async with r.pipeline(transaction=True) as pipe:
            pipe.smove(f"at:{who['location']}", f"at:{location}", who["player"])
            pipe.hset(f"session:{token}", "location", location)
            pipe.scard(f"at:{location}")
            pipe.publish(f"location:{location}", f"{who['player']} arrives")
            replies = await pipe.execute()
        return {"players": replies[2]}

    @app.get("/players/{location}")
    async def players(location: str) -> list[str]:
        return sorted(await r.smembers(f"at:{location}"))

    @app.post("/take/{token}/{item}")
    async def take(token: str, item: str) -> dict[str, int]:
        player = (await session(token))["player"]
        async with r.pipeline(transaction=True) as pipe:
            pipe.rpush(f"inventory:{player}", item)
            pipe.delete(f"cache:inventory:{player}")
            replies = await pipe.execute()
        return {"items": replies[0]}

    @app.get("/inventory/{player}")
    async def inventory(player: str) -> dict[str, int]:
        """How many there are of each item: counted once, and then from the cache."""
        cached = await r.get(f"cache:inventory:{player}")
        if cached is not None:
            return dict(json.loads(cached))
        counts: dict[str, int] = {}
        for item in await r.lrange(f"inventory:{player}", 0, -1):
            counts[item] = counts.get(item, 0) + 1
        await r.set(f"cache:inventory:{player}", json.dumps(counts), ex=CACHE_SECONDS)
        return counts

    @app.post("/say/{token}")
    async def say(token: str, text: str) -> dict[str, int]:
        who = await session(token)
        return {"heard": await r.publish(f"location:{who['location']}", text)}

    @app.post("/whisper/{token}/{player}")
    async def whisper(token: str, player: str, text: str) -> dict[str, int]:
        await session(token)
        return {"heard": await r.publish(f"player:{player}", text)}

    @app.post("/reward/{token}")
    async def reward(token: str) -> dict[str, int]:
        """Once a day: whoever sets the lock gets it."""
        player = (await session(token))["player"]
        if not await r.set(f"lock:reward:{player}", "taken", nx=True, ex=DAY_SECONDS):
            raise HTTPException(409, "the reward was taken today")
        return {"gold": await r.hincrby(f"purse:{player}", "gold", 100)}

    return app
