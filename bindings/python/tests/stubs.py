"""Writes the stubs that can be derived from the commands: pipelines, whose methods return the pipeline, and asyncio, whose methods are
awaited.

    python tests/stubs.py            # writes them
    python tests/stubs.py --check    # fails when they are not what it would write
"""

from __future__ import annotations

import ast
import builtins
import copy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "tenondb"
FAMILIES = ["strings", "keys", "lists", "hashes", "sets", "sorted_sets", "streams", "server"]
#: Methods that iterate: not there in pipelines, asynchronous iterators in asyncio.
SCANS = {"scan_iter", "hscan_iter", "sscan_iter", "zscan_iter"}

HEADER = '''"""{what} Written by tests/stubs.py."""

import builtins
import datetime
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from . import _db, _native
from .commands._base import Key, Keys, Moment, Raw, Shape, Span, Value
from .commands.sorted_sets import Cast, Weighted
from .subscription import Invalidation, Message
'''

EXIT = """    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
"""
AEXIT = EXIT.replace("def __exit__", "async def __aexit__")

PIPELINE = """
class Pipeline:
    def __init__(self, db: _db.Db, transaction: bool = True) -> None: ...
    def call(self, *args: Any) -> Self: ...
    def execute(self, raise_on_error: bool = True) -> builtins.list[Any]: ...
    def reset(self) -> None: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __enter__(self) -> Self: ...
"""

AIO = '''
__all__ = ["Db", "Pipeline", "PrefixWatch", "Subscription", "Transaction", "memory", "open"]

T = TypeVar("T")

async def open(path: str | os.PathLike[str], **options: Any) -> Db: ...
def memory(**options: Any) -> Db: ...

class Pipeline:
    def __init__(self, db: Db, transaction: bool = True) -> None: ...
    def call(self, *args: Any) -> Self: ...
    async def execute(self, raise_on_error: bool = True) -> builtins.list[Any]: ...
    def reset(self) -> None: ...
    def __len__(self) -> int: ...
    async def __aenter__(self) -> Self: ...
{aexit}{pipeline}
class Subscription:
    def __new__(
        cls, db: _db.Db, *, capacity: int = 65536, bytes_max: int = 33554432, overflow: str = "cut"
    ) -> Self: ...
    def subscribe(self, *channels: Any) -> Self: ...
    def psubscribe(self, *patterns: Any) -> Self: ...
    def ssubscribe(self, *channels: Any) -> Self: ...
    def unsubscribe(self, *channels: Any) -> Self: ...
    def punsubscribe(self, *patterns: Any) -> Self: ...
    def sunsubscribe(self, *channels: Any) -> Self: ...
    async def get(self, timeout: float | None = None) -> Message | None: ...
    def __aiter__(self) -> Self: ...
    async def __anext__(self) -> Message: ...
    def __len__(self) -> int: ...
    @property
    def dropped(self) -> int: ...
    def close(self) -> None: ...
    async def __aenter__(self) -> Self: ...
{aexit}
class PrefixWatch:
    def __new__(
        cls, db: _db.Db, prefix: Any, *, capacity: int = 65536, bytes_max: int = 33554432
    ) -> Self: ...
    async def get(self, timeout: float | None = None) -> Invalidation | None: ...
    def __aiter__(self) -> Self: ...
    async def __anext__(self) -> Invalidation: ...
    def __len__(self) -> int: ...
    def close(self) -> None: ...
    async def __aenter__(self) -> Self: ...
{aexit}
class _Data:
    async def call(self, *args: Any) -> Any: ...
{data}
class Transaction(_Data):
    def __init__(self, db: Db) -> None: ...
    async def commit(self) -> None: ...
    def abort(self) -> None: ...
    async def __aenter__(self) -> Self: ...
{aexit}
class Db(_Data):
    sync_db: _db.Db
    def __init__(self, db: _db.Db) -> None: ...
    async def get_view(self, name: Any) -> memoryview | None: ...
    def pipeline(self, transaction: bool = True) -> Pipeline: ...
    def transaction(self) -> Transaction: ...
    async def transact(self, body: Callable[[Transaction], Awaitable[T]]) -> T: ...
    def subscribe(self, *channels: Any, **options: Any) -> Subscription: ...
    def psubscribe(self, *patterns: Any, **options: Any) -> Subscription: ...
    def ssubscribe(self, *channels: Any, **options: Any) -> Subscription: ...
    def watch_prefix(self, prefix: Any, **options: Any) -> PrefixWatch: ...
    def durable(self) -> Db: ...
    def select(self, index: int) -> Db: ...
    async def sync(self) -> None: ...
    async def aclose(self) -> None: ...
    @property
    def clock(self) -> _native.Clock: ...
    @property
    def closed(self) -> bool: ...
    async def __aenter__(self) -> Self: ...
{aexit}{server}'''


def methods(families: list[str]) -> Iterator[ast.FunctionDef]:
    """The methods of some families of commands, aliases as methods of their own."""
    for family in families:
        module = ast.parse((PACKAGE / "commands" / f"{family}.py").read_text())
        for kind in (one for one in module.body if isinstance(one, ast.ClassDef)):
            known: dict[str, ast.FunctionDef] = {}
            for one in kind.body:
                if isinstance(one, ast.FunctionDef) and not one.name.startswith("_"):
                    known[one.name] = one
                elif isinstance(one, ast.Assign) and isinstance(one.value, ast.Name) and one.value.id in known:
                    target = one.targets[0]
                    assert isinstance(target, ast.Name)
                    known[target.id] = copy.deepcopy(known[one.value.id])
                    known[target.id].name = target.id
            yield from known.values()


class Builtins(ast.NodeTransformer):
    """Names of types that a class has methods of: `set` is `builtins.set`."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in vars(builtins) and isinstance(vars(builtins)[node.id], type):
            return ast.copy_location(ast.Attribute(ast.Name("builtins", ast.Load()), node.id, ast.Load()), node)
        return node


def stub(method: ast.FunctionDef, change: Callable[[ast.FunctionDef], ast.FunctionDef | ast.AsyncFunctionDef]) -> str:
    method = copy.deepcopy(method)
    for argument in [*method.args.args, *method.args.kwonlyargs, method.args.vararg]:
        if argument is not None and argument.annotation is not None:
            argument.annotation = Builtins().visit(argument.annotation)
    if method.returns is not None:
        method.returns = Builtins().visit(method.returns)
    method.body = [ast.Expr(ast.Constant(...))]
    return "    " + ast.unparse(ast.fix_missing_locations(change(method))).replace("\n    ...", " ...")


def chained(method: ast.FunctionDef) -> ast.FunctionDef:
    method.returns = ast.Name("Self", ast.Load())
    return method


def awaited(method: ast.FunctionDef) -> ast.FunctionDef | ast.AsyncFunctionDef:
    if method.name in SCANS:
        assert isinstance(method.returns, ast.Subscript)
        method.returns.value = ast.Name("AsyncIterator", ast.Load())
        return method
    fields = {field: getattr(method, field) for field in method._fields}
    return ast.copy_location(ast.AsyncFunctionDef(**fields), method)


def generated() -> dict[Path, str]:
    """The stubs, as they should be."""
    everything = [one for one in methods(FAMILIES) if one.name not in SCANS]
    pipeline = "\n".join(stub(one, chained) for one in everything) + "\n"
    data = "\n".join(stub(one, awaited) for one in methods(FAMILIES[:-1])) + "\n"
    server = "\n".join(stub(one, awaited) for one in methods(FAMILIES[-1:])) + "\n"
    aio = AIO.format(aexit=AEXIT, pipeline=pipeline, data=data, server=server)
    return {
        PACKAGE / "pipeline.pyi": HEADER.format(what="Pipelines.") + PIPELINE + EXIT + pipeline,
        PACKAGE / "aio.pyi": HEADER.format(what="TenonDB for asyncio.") + aio,
    }


def main() -> int:
    stale = [path for path, text in generated().items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.name} is not what tests/stubs.py writes")
        return len(stale)
    for path, text in generated().items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
