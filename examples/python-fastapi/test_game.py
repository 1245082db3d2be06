"""The game, played."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import httpx
import tenondb
import tenondb.redis.asyncio as redis
from app import make_app
from simulate import simulate

PLAYERS = int(os.environ.get("TENON_PLAYERS", "1000"))


def test_a_thousand_players_in_memory() -> None:
    measured = asyncio.run(simulate(PLAYERS, None))
    for name, value in measured.items():
        print(f"{name}: {value:.3f}")
    assert all(value > 0 for value in measured.values())


def test_players_in_a_directory(tmp_path: Path) -> None:
    db = tenondb.open(tmp_path / "game")
    asyncio.run(simulate(50, db))
    assert len(list(db.scan_iter("session:*"))) == 50
    db.close()
    with tenondb.open(tmp_path / "game", decode="utf-8") as again:
        assert all(again.hget(f"purse:player{n}", "gold") == "100" for n in range(50))


def test_a_session_ends_and_a_reward_comes_again() -> None:
    clock = tenondb.Clock.manual(1_700_000_000_000)

    async def play() -> None:
        async with redis.Redis(tenondb.memory(clock=clock), decode_responses=True) as r:
            transport = httpx.ASGITransport(make_app(r))
            async with httpx.AsyncClient(transport=transport, base_url="http://game") as http:
                token = (await http.post("/login/alice")).json()["token"]
                assert (await http.post(f"/reward/{token}")).json() == {"gold": 100}
                clock.advance(3_600_000)
                assert (await http.post(f"/reward/{token}")).status_code == 401
                token = (await http.post("/login/alice")).json()["token"]
                assert (await http.post(f"/reward/{token}")).status_code == 409
                clock.advance(86_400_000 - 3_600_000 - 1000)
                token = (await http.post("/login/alice")).json()["token"]
                assert (await http.post(f"/reward/{token}")).status_code == 409
                clock.advance(1000)
                assert (await http.post(f"/reward/{token}")).json() == {"gold": 200}

    asyncio.run(play())
