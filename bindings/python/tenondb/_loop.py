"""``Hub``: what an event loop waits with – one descriptor for all calls, subscriptions and connections of the engine.

No thread of the engine ever runs Python: it puts a token into the poller, whose descriptor the loop watches.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from time import perf_counter
from typing import Any, TypeVar

from ._native import Poller

T = TypeVar("T")

#: Seconds after which somebody who never has to wait lets the loop turn: timers and other tasks come to their turn.
BUDGET = 0.001


class Hub:
    """The engine's end of one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # The loop holds the hub, by the reader: the hub must not hold the loop.
        self._loop = weakref.ref(loop)
        self.poller = Poller()
        self._called: dict[int, Callable[[], object]] = {}
        self._latest = 0
        self._turning = False
        self._since = 0.0
        loop.add_reader(self.poller.fileno(), self._ready)

    @staticmethod
    def current() -> Hub:
        """The hub of the running loop."""
        global _latest
        loop = asyncio.get_running_loop()
        hub = _latest[1]() if _latest[0]() is loop else None
        if hub is None:
            hub = _hubs.get(loop)
            if hub is None:
                hub = _hubs[loop] = Hub(loop)
            # Nearly always the loop that asks next.
            _latest = (weakref.ref(loop), weakref.ref(hub))
        return hub

    def add(self, callback: Callable[[], object]) -> int:
        """A new token; ``callback`` is called in the loop when it comes."""
        self._latest += 1
        self._called[self._latest] = callback
        return self._latest

    def remove(self, token: int) -> None:
        self._called.pop(token, None)

    def call(self, token: int) -> None:
        """Acts as if the token had come."""
        callback = self._called.get(token)
        if callback is not None:
            callback()

    def _ready(self) -> None:
        for token in self.poller.take():
            try:
                self.call(token)
            except Exception as error:  # one that fails must not keep the others waiting
                loop = self._loop()
                if loop is not None:
                    loop.call_exception_handler({"message": "a reader of TenonDB has failed", "exception": error})

    async def until(
        self,
        look: Callable[[Poller, int], T | None],
        began: Callable[[int], object] | None = None,
        before: Callable[[], None] | None = None,
    ) -> T:
        """Waits until ``look`` returns something; it has armed the token that it is given otherwise. Nothing happens between
        the look that finds something and the return: who is cancelled has taken nothing. ``before`` is called in a thread before each
        look but the first."""
        loop = asyncio.get_running_loop()
        waiting: list[asyncio.Future[None]] = []

        def come() -> None:
            if waiting and not waiting[-1].done():
                waiting[-1].set_result(None)

        token = self.add(come)
        try:
            if began is not None:
                began(token)
            while True:
                waiting[:] = [loop.create_future()]
                found = look(self.poller, token)
                if found is not None:
                    return found
                await waiting[-1]
                if before is not None:
                    await loop.run_in_executor(None, before)
        finally:
            self.remove(token)

    def is_due(self) -> bool:
        """Whether the loop has not turned for its budget: time to ``await asyncio.sleep(0)``."""
        now = perf_counter()
        if self._turning:
            return now - self._since >= BUDGET
        loop = self._loop()
        if loop is not None:
            self._turning, self._since = True, now
            loop.call_soon(self._turned)
        return False

    def _turned(self) -> None:
        self._turning = False


_hubs: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = weakref.WeakKeyDictionary()
_latest: tuple[Callable[[], Any], Callable[[], Any]] = (lambda: None, lambda: None)
