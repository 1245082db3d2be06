"""The types that the package says it has are those it has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import stubs

import tenondb

PACKAGE = Path(tenondb.__file__).parent


def python(*arguments: str, cwd: Path | None = None) -> str:
    done = subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_package_is_typed() -> None:
    assert (PACKAGE / "py.typed").exists()


def test_derived_stubs_are_what_the_commands_say() -> None:
    if not (stubs.PACKAGE / "commands" / "strings.py").exists():
        pytest.skip("no sources")
    stale = [path.name for path, text in stubs.generated().items() if path.read_text() != text]
    assert stale == [], "run tests/stubs.py"


def test_stubs_are_those_of_the_native_module() -> None:
    python("mypy.stubtest", "tenondb._native", "tenondb.aio", "tenondb.pipeline")


def test_the_package_keeps_to_its_types(tmp_path: Path) -> None:
    settings = Path(__file__).resolve().parents[1] / "pyproject.toml"
    python("mypy", "--config-file", str(settings), "--cache-dir", str(tmp_path), "-p", "tenondb", cwd=tmp_path)


PROGRAM = """
import tenondb
from tenondb import aio

db = tenondb.memory()
reveal_type(db.incr("n"))
reveal_type(db.hgetall("h"))
reveal_type(db.pipeline().set("a", 1).incr("a").execute())
reveal_type(db.get_view("k"))
reveal_type(db.durable())
reveal_type(db.transact(lambda tx: tx.incr("n")))

async def main(db: aio.Db) -> None:
    reveal_type(await db.incr("n"))
    async for key in db.scan_iter("*"):
        pass
    async with db.transaction() as tx:
        reveal_type(await tx.zscore("z", "m"))
    async for message in db.subscribe("c"):
        reveal_type(message)
"""

REVEALED = [
    "int",
    "dict[Any, Any]",
    "list[Any]",
    "memoryview[int] | None",
    "tenondb._db.Db",
    "int",
    "int",
    "float | None",
    "tenondb.subscription.Message",
]


def test_a_type_checker_knows_what_commands_return(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    shown = python("mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "program.py", cwd=tmp_path)
    lines = [line for line in shown.splitlines() if "Revealed type" in line]
    assert len(lines) == len(REVEALED)
    for line, wanted in zip(lines, REVEALED, strict=True):
        # Names of built-in types come with or without their module; tuples with what is in them.
        assert wanted in line.replace("builtins.", "").replace("typing.", ""), line
