"""What the tests share: databases that are closed behind them, and programs that are run beside them."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tenondb

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def db() -> Iterator[tenondb.Db]:
    """A database in memory, with ``bytes``."""
    with tenondb.memory() as db:
        yield db


@pytest.fixture
def text() -> Iterator[tenondb.Db]:
    """A database in memory, with ``str``."""
    with tenondb.memory(decode="utf-8") as db:
        yield db


@pytest.fixture
def program() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a Python program of its own, and fails when it does."""

    def run(source: str, *arguments: object, succeeds: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(source), *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=240,
        )
        if succeeds:
            assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return run
