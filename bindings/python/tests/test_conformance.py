"""The corpus of replies that Redis gives, through the connection that the official client sits on."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import tnt
from conftest import ROOT

import tenondb
from tenondb import _native

FILES = sorted((ROOT / "tests" / "conformance").rglob("*.tnt"))


def play(section: tnt.Section, setting: tuple[str, str] | None) -> list[str]:
    """Plays a part of a file; returns what differs."""
    db = tenondb.memory()
    lines = [_native.Line(db) for _ in range(section.clients())]

    def send(client: int, argv: list[bytes]) -> list[tnt.Value]:
        line = lines[client - 1]
        if argv:
            line.write(tnt.command(argv))
        return tnt.replies(line.read_all() or b"")

    if setting:
        send(1, [b"CONFIG", b"SET", setting[0].encode(), setting[1].encode()])
    if section.resp == 3:
        for client in range(1, len(lines) + 1):
            send(client, [b"HELLO", b"3"])
    faults = []
    for item in section.items:
        if isinstance(item, int):
            time.sleep(item / 1000)
            continue
        got = send(item.client, item.argv)
        if [how for how, _ in item.replies] == ["silence"]:
            fits = not got
        else:
            fits = len(got) == len(item.replies) and all(map(tnt.accepts, item.replies, got))
        if not fits:
            faults.append(f"line {item.line}: {item.argv}\n  expected {item.replies}\n  got      {got}")
    db.close()
    return faults


def test_there_is_a_corpus() -> None:
    assert len(FILES) > 200


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_replies_are_redis_s(file: Path) -> None:
    faults = []
    for section in tnt.parse(file.read_text()):
        for setting in section.settings or [None]:
            faults += play(section, setting)
    assert not faults, "\n".join(faults)
