"""``Pipeline``: commands that are collected and run together."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .commands import Commands
from .commands._base import Shape, Words

if TYPE_CHECKING:
    from ._db import Db


class Pipeline(Commands):
    """Commands of a database that :meth:`execute` runs: with ``transaction=True`` in one atomic step, as MULTI and EXEC do, otherwise
    one after the other.

    Every method of a command returns the pipeline, so that they can be chained. One thread at a time.
    """

    __slots__ = ("_db", "_commands", "_atomic")

    def __init__(self, db: Db, transaction: bool = True) -> None:
        self._db = db
        self._atomic = transaction
        self._commands: list[tuple[Words, Shape | None]] = []

    def _run(self, args: Words, shape: Shape | None = None, /) -> Any:
        self._commands.append((args, shape))
        return self

    def call(self, *args: Any) -> Self:
        """Adds any command."""
        self._commands.append((args, None))
        return self

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Runs the commands and returns the reply of each. A command that fails does not undo the others: the first such error is
        raised when all have run; with ``raise_on_error=False`` it stands in the list."""
        commands = self._taken()
        if not commands:
            return []
        if self._atomic:
            replies = self._db._batch([words for words, _ in commands])
        else:
            replies = [self._attempt(words) for words, _ in commands]
        return self._shaped(commands, replies, raise_on_error)

    def _taken(self) -> list[tuple[Words, Shape | None]]:
        commands, self._commands = self._commands, []
        return commands

    @staticmethod
    def _shaped(commands: list[tuple[Words, Shape | None]], replies: list[Any], raise_on_error: bool) -> list[Any]:
        for at, (reply, (words, shape)) in enumerate(zip(replies, commands, strict=True)):
            if isinstance(reply, Exception):
                if raise_on_error:
                    reply.add_note(f"command {at + 1} of the pipeline: {words[0]}")
                    raise reply
            elif shape is not None:
                replies[at] = shape(reply)
        return replies

    def _attempt(self, words: Words) -> Any:
        try:
            return self._db.call(*words)
        except Exception as error:  # one that fails does not keep the others from running
            return error

    def reset(self) -> None:
        """Forgets the commands."""
        self._commands = []

    def __len__(self) -> int:
        return len(self._commands)

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reset()
