"""Options: none is taken and not heeded."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

import tenondb


@pytest.mark.parametrize(
    ("first", "second", "named"),
    [
        ({}, {"fsync": "always"}, "fsync"),
        ({"fsync": "always"}, {"fsync": "no"}, "fsync"),
        ({}, {"requirepass": "secret"}, "requirepass"),
        ({}, {"stripes": 2}, "stripes"),
        ({}, {"threads": 0}, "threads"),
        ({"seed": 1}, {"seed": 2}, "seed"),
        ({}, {"segment_bytes": 1 << 20}, "segment_bytes"),
        ({"clock": tenondb.Clock.manual(1)}, {"clock": tenondb.Clock.manual(1)}, "clock"),
        ({}, {"clock": tenondb.Clock.system()}, "clock"),
    ],
)
def test_what_a_directory_is_not_open_with_is_refused(
    tmp_path: Path, first: Any, second: Any, named: str
) -> None:
    with tenondb.open(tmp_path / "s", **first) as db:
        with pytest.raises(tenondb.MisuseError, match=f"with another {named}$"):
            tenondb.open(tmp_path / "s", **second)
        os.symlink(tmp_path / "s", tmp_path / "link")
        with pytest.raises(tenondb.MisuseError, match=named):
            tenondb.open(tmp_path / "link", **second)
        assert db.set("a", 1)
    # What was refused does not count: the directory was let go.
    with tenondb.open(tmp_path / "s", **second) as db:
        assert db.get("a") == b"1"


def test_what_a_directory_is_open_with_may_be_said_again(tmp_path: Path) -> None:
    clock = tenondb.Clock.manual(1_000)
    options: Any = {
        "fsync": "always", "seed": 3, "threads": 0, "stripes": 3, "clock": clock, "segment_bytes": 1 << 20, "requirepass": "x",
    }  # fmt: skip
    with tenondb.open(tmp_path / "s", **options) as db:
        for again in ({}, options, {"stripes": 4, "clock": db.clock}, {"decode": "utf-8", "fsync": None, "salvage": True}):
            with tenondb.open(tmp_path / "s", **again) as other:
                assert other.config_get("appendfsync") == {"appendfsync": "always"}
        # What has been changed meanwhile is what counts.
        db.config_set("appendfsync", "no")
        tenondb.open(tmp_path / "s", fsync="no").close()
        with pytest.raises(tenondb.MisuseError, match="fsync"):
            tenondb.open(tmp_path / "s", fsync="always")


def test_whoever_comes_first_all_have_one_engine(tmp_path: Path) -> None:
    for n in range(20):
        found: list[Any] = []
        asked: list[Any] = [{"seed": 1}, {}, {"stripes": 2}, {"seed": 2}]

        def work(options: Any, n: int = n, found: list[Any] = found) -> None:
            try:
                found.append(tenondb.open(tmp_path / f"s{n}", **options))
            except tenondb.MisuseError:
                found.append(None)

        threads = [threading.Thread(target=work, args=(options,)) for options in asked]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        handles = [db for db in found if db is not None]
        assert handles
        handles[0].set("a", 1)
        assert {db.get("a") for db in handles} == {b"1"}
        [db.close() for db in handles]


def test_a_handle_takes_no_options(db: tenondb.Db) -> None:
    assert tenondb.Db(db).set("a", 1) and db.get("a") == b"1"
    for options in ({"decode": "utf-8"}, {"fsync": "always"}, {"nonsense": 1}):
        with pytest.raises(TypeError):
            tenondb.Db(db, **options)
        with pytest.raises(TypeError):
            tenondb.open(db, **options)  # type: ignore[arg-type]


def test_a_directory_that_could_not_be_opened_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    for options in ({"seed": 1}, {"seed": 2}):
        with pytest.raises(tenondb.IoError):
            tenondb.open(tmp_path / "file", **options)
