"""What the engine reads and writes for redis-py is what redis-py would have: its own parsers and serializer are the judges."""

from __future__ import annotations

import asyncio
import enum
import gc
import random
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from redis._parsers import Encoder, _HiredisParser, _RESP2Parser, _RESP3Parser
from redis.connection import AbstractConnection, PythonRespSerializer

import tenondb
import tenondb.redis
import tenondb.redis.asyncio as embedded
from tenondb import _native

CUTOFF = 6000


class Theirs(tenondb.redis.Connection):
    """The same connection, with redis-py's own parser and serializer."""

    def __init__(self, **options: Any) -> None:
        encode = Encoder(options.get("encoding", "utf-8"), "strict", False).encode
        super().__init__(command_packer=PythonRespSerializer(CUTOFF, encode), **options)

    def set_parser(self, parser_class: Any) -> None:
        AbstractConnection.set_parser(self, parser_class)


class Still:
    """A socket with some bytes, and no more."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def recv(self, size: int) -> bytes:
        data, self.data = self.data, b""
        return data


class Place:
    """As much of a connection as a parser looks at."""

    socket_timeout = None

    def __init__(self, data: bytes, text: bool) -> None:
        self._sock, self.encoder = Still(data), Encoder("utf-8", "strict", text)


def theirs(data: bytes, resp3: bool, text: bool) -> tuple[str, int] | None:
    """What redis-py's parser makes of the first reply, and how long that is; ``None``: it makes an error of it."""
    parser = (_RESP3Parser if resp3 else _RESP2Parser)(socket_read_size=1 << 20)
    parser.on_connect(Place(data, text))
    before: list[int] = []
    purge = parser._buffer.purge
    parser._buffer.purge = lambda: before.append(parser._buffer.get_pos()) or purge()
    try:
        return repr(parser.read_response()), before[0]
    except Exception:
        return None


def reply(rng: random.Random, resp3: bool, depth: int = 3) -> bytes:
    kinds = "+:$$NE" + ("*" * 2 if depth else "") + ("_,#=(!" + ("~%>|" if depth else "") if resp3 else "")
    kind = rng.choice(kinds)
    octets = bytes(rng.randrange(256) for _ in range(5))
    text = rng.choice([b"", b"OK", b"a b", "ö€".encode(), b"\xff\x00", octets, b"\r\n"])
    count = rng.randrange(4) if kind in "*~%>|" else 0
    parts = [reply(rng, resp3, depth - 1) for _ in range(count * (2 if kind in "%|" else 1))]
    match kind:
        case "+":
            return b"+%b\r\n" % text.replace(b"\r", b"").replace(b"\n", b"")
        case ":":
            return b":%d\r\n" % rng.choice([0, 1, -1, 42, -(10**17), 2**63 - 1, -(2**63)])
        case "$":
            return b"$%d\r\n%b\r\n" % (len(text), text)
        case "N":
            return rng.choice([b"$-1\r\n", b"*-1\r\n"])
        case "E":
            return b"-ERR wrong\r\n"
        case "_":
            return b"_\r\n"
        case ",":
            return b",%b\r\n" % rng.choice(b"1 1.5 -0 inf -inf nan 1e300 3.0e-7 0.1 -nan 1_0 . e5".split())
        case "#":
            return rng.choice([b"#t\r\n", b"#f\r\n"])
        case "=":
            return b"=%d\r\ntxt:%b\r\n" % (len(text) + 4, text)
        case "(":
            return b"(%d\r\n" % 10**30
        case "!":
            return b"!5\r\nERR x\r\n"
    return b"%b%d\r\n%b" % (kind.encode(), count, b"".join(parts))


def broken(rng: random.Random, data: bytes) -> bytes:
    """Something near it."""
    at = rng.randrange(len(data))
    match rng.randrange(4):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + bytes([rng.choice(b"\r\n$*:+-_0129%~,#>x\xff")]) + data[at + 1 :]
        case 2:
            return data[:at] + data[at + 1 :]
    return data[:at] + rng.choice([b"\r\n", b"9", b"*1\r\n", b"$1\r\n", b" ", b"-"]) + data[at:]


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("resp3", [False, True])
def test_replies_are_read_as_redis_py_reads_them(resp3: bool, text: bool) -> None:
    rng, read, left = random.Random(11), 0, 0
    for _ in range(4000):
        whole = reply(rng, resp3)
        data = whole + rng.choice([b"", b":1\r\n", b"$"])
        for data in (data, broken(rng, data)):
            ours = _native.Replies.read(data, resp3, text)
            if ours is None:
                left += 1
            else:
                read += 1
                assert (repr(ours[0]), ours[1]) == theirs(data, resp3, text), data
    assert read > 1000 and left > 1000


def test_what_has_no_end_or_no_bottom_is_left() -> None:
    most = b"9" * 18
    for data in (b"", b"*", b"*%b\r\n" % most, b"*%b\r\n:1\r\n" % most, b"$%b\r\nx" % most, b"*1\r\n" * 100_000 + b":1\r\n"):
        assert _native.Replies.read(data, True, False) is None
    assert _native.Replies.read(b"*1\r\n" * 10 + b":1\r\n", False, False) == ([[[[[[[[[[1]]]]]]]]]], 44)
    # No keys of a dict, and redis-py says so.
    assert _native.Replies.read(b"%1\r\n*0\r\n:1\r\n", True, False) is None


SETTINGS = [
    {"protocol": protocol, **more}
    for protocol in (2, 3)
    for more in ({}, {"decode_responses": True}, {"decode_responses": True, "encoding": "latin-1"})
]


@pytest.fixture(params=SETTINGS, ids=str)
def both(request: pytest.FixtureRequest, db: tenondb.Db) -> Iterator[tuple[Any, Any]]:
    pair = tenondb.redis.Connection(db, **request.param), Theirs(path=db, **request.param)
    yield pair
    for connection in pair:
        connection.disconnect()


def answer(connection: Any, *args: Any, **options: Any) -> str:
    """What becomes of a command."""
    try:
        connection.send_command(*args)
        return repr(connection.read_response(**options))
    except redis.RedisError as error:
        return repr(error)
    except UnicodeError:  # its bytes are of a buffer of redis-py's
        return "UnicodeError"


COMMANDS: list[tuple[Any, ...]] = [
    ("PING",),
    ("ECHO", "ö"),
    ("ECHO", b"\xff\xfe"),
    ("ECHO", b"x" * 100_000),
    ("SET", "k", "v"),
    ("SET", "big", b"y\r\n" * 30_000),
    ("GET", "big"),
    ("GET", "k"),
    ("GET", "none"),
    ("MGET", "k", "none", "big"),
    ("INCRBY", "n", 2**62),
    ("INCRBY", "n", -5),
    ("INCRBYFLOAT", "f", 0.1),
    ("INCR", "k"),
    ("HSET", "h", "a", 1, "b", 2.5, "c", "ä"),
    ("HGETALL", "h"),
    ("HRANDFIELD", "h", 0),
    ("SADD", "s", 1, 2, 3),
    ("SMEMBERS", "s"),
    ("SMISMEMBER", "s", 1, 9),
    ("ZADD", "z", 1.5, "a", "inf", "b", "-inf", "c", 0.1, "d"),
    ("ZRANGE", "z", 0, -1, "WITHSCORES"),
    ("ZSCORE", "z", "a"),
    ("ZMSCORE", "z", "a", "none"),
    ("XADD", "x", "1-1", "f", "v"),
    ("XRANGE", "x", "-", "+"),
    ("XREAD", "STREAMS", "x", 0),
    ("XINFO STREAM", "x", "FULL"),
    ("BLPOP", "none", 0.001),
    ("LPUSH", "k", 1),
    ("NOSUCH",),
    ("CONFIG GET", "maxmemory*"),
    ("COMMAND INFO", "get", "nosuch"),
    ("COMMAND DOCS", "get"),
    ("CLIENT TRACKINGINFO",),
    ("OBJECT ENCODING", "k"),
    ("GEOADD", "g", 13.361389, 38.115556, "p"),
    ("GEOPOS", "g", "p", "none"),
    ("SCAN", 0),
    ("MULTI",),
    ("GET", "k"),
    ("LPUSH", "k", 1),
    ("HGETALL", "h"),
    ("EXEC",),
    ("DEL", "k", "big", "n", "f", "h", "s", "z", "x", "g"),
]

#: Decoded as the connection says, and not.
BOTH: list[dict[str, Any]] = [{}, {"disable_decoding": True}]


def test_commands_are_answered_alike(both: tuple[Any, Any]) -> None:
    ours, judge = both
    answers = []
    for connection in both:
        # One behind the other: what one has made is there for the other to make again.
        answers.append([answer(connection, *command, **options) for command in COMMANDS for options in BOTH])
    for command, mine, their in zip([one for one in COMMANDS for _ in BOTH], *answers):
        assert mine == their, command
    assert ours._direct is not None and judge._direct is None


def test_a_pipeline_of_plain_and_other_replies(both: tuple[Any, Any]) -> None:
    rng = random.Random(5)
    for _ in range(30):
        commands = [rng.choice(COMMANDS[:8] + COMMANDS[12:25] + COMMANDS[28:31]) for _ in range(40)]
        answers = []
        for connection in both:
            connection.send_command("FLUSHALL")
            connection.read_response()
            connection.send_packed_command(connection.pack_commands(commands))
            found = []
            for _ in commands:
                try:
                    found.append(repr(connection.read_response(disable_decoding=True)))
                except redis.ResponseError as error:
                    found.append(repr(error))
            answers.append(found)
            assert not connection.can_read()
        assert answers[0] == answers[1]


def test_the_engine_reads_again_when_redis_py_has_nothing_left(db: tenondb.Db) -> None:
    connection = tenondb.redis.Connection(db)
    connection.connect()
    direct = connection._direct
    assert direct is not None and direct.take is not None
    for _ in range(3):
        connection.send_packed_command(connection.pack_commands([("NOSUCH",), ("ECHO", "a"), ("ECHO", "b")]))
        with pytest.raises(redis.ResponseError):
            connection.read_response()
        assert direct.take is None and connection.can_read()
        assert [connection.read_response(), connection.read_response()] == [b"a", b"b"]
        assert direct.take is not None and not connection.can_read()
    connection.disconnect()
    assert direct.take is None and connection._send is None


@pytest.mark.parametrize("options", SETTINGS, ids=str)
def test_a_reply_that_nobody_has_read_is_nobody_s(db: tenondb.Db, options: dict[str, Any]) -> None:
    with tenondb.redis.Redis(db, **options) as r:
        pool = r.connection_pool
        for left in (["ECHO", "old"], ["NOSUCH"]):
            connection = pool.get_connection()
            connection.send_command(*left)
            pool.release(connection)
            assert r.echo("new") in ("new", b"new")

    async def main() -> None:
        async with embedded.Redis(db, **options) as r:
            for left in (["ECHO", "old"], ["NOSUCH"]):
                connection = await r.connection_pool.get_connection()
                await connection.send_command(*left)
                await r.connection_pool.release(connection)
                assert await r.echo("new") in ("new", b"new")

    asyncio.run(main())


@pytest.mark.parametrize("options", SETTINGS, ids=str)
def test_messages_are_waited_for(db: tenondb.Db, options: dict[str, Any]) -> None:
    with tenondb.redis.Redis(db, **options) as r, r.pubsub(ignore_subscribe_messages=True) as pubsub:
        pubsub.subscribe("c")
        for n in range(3):
            assert pubsub.get_message(timeout=0.01) is None
            late = threading.Timer(0.05, db.publish, ("c", n))
            late.start()
            message = pubsub.get_message(timeout=60)
            late.join()
            assert message is not None and message["data"] in (str(n), str(n).encode())


def test_who_brings_a_parser_or_a_packer_keeps_it(db: tenondb.Db) -> None:
    packer = PythonRespSerializer(CUTOFF, Encoder("utf-8", "strict", False).encode)
    connection = tenondb.redis.Connection(db, parser_class=_HiredisParser, command_packer=packer)
    connection.connect()
    assert type(connection._parser) is _HiredisParser and connection._command_packer is packer
    assert connection._direct is None and connection._send is None
    assert answer(connection, "ECHO", "x") == "b'x'"
    connection.disconnect()


class Number(enum.IntEnum):
    ONE = 1


class Text(str):
    def encode(self, *args: Any) -> bytes:
        return b"of its own"


class Name(str, enum.Enum):
    A = "a"


class Octets(bytes):
    pass


NAMES: list[Any] = [
    "GET", "CONFIG GET", b"CONFIG GET", b"GET", "", b"", " a\tb\x0b ", b" a\tb ", b"a\tb", "\u00a0x y", "\ud800", 5, 1.5, None,
    Text("PING"), bytearray(b"a b"), memoryview(b"a"), Octets(b"x y"),
]  # fmt: skip
ARGUMENTS: list[Any] = [
    b"", b"bytes", b"\r\n\x00\xff", "", "text", "ö€😀", "\ud800", "\udcff", 0, 1, -1, 2**63 - 1, -(2**63), 2**63, 10**30,
    0.0, -0.0, 0.1, 1e22, 1e-7, float("inf"), float("nan"), True, False, None, [], (), {}, object, 1 + 2j, range(3),
    Number.ONE, Text("x"), Name.A, Octets(b"x"), bytearray(b"array"), bytearray(7000), memoryview(b"view"), memoryview(b"x" * 7000),
    b"x" * 5999, b"x" * 6000, b"x" * 6001, "t" * 6000, "t" * 6001, "ö" * 3500,
]  # fmt: skip
ENCODINGS = [
    ("utf-8", "strict"),
    ("UTF8", "surrogateescape"),
    ("utf-8", "replace"),
    ("latin-1", "strict"),
    ("utf-16", "strict"),
    ("ascii", "ignore"),
]


def made(pack: Callable[..., Any], *args: Any) -> Any:
    """The bytes, or the error."""
    try:
        return b"".join(pack(*args))
    except Exception as error:
        return type(error), str(error)


@pytest.mark.parametrize(("encoding", "errors"), ENCODINGS)
def test_commands_are_written_as_redis_py_writes_them(encoding: str, errors: str) -> None:
    rng = random.Random(3)
    encoder = Encoder(encoding, errors, False)
    judge = PythonRespSerializer(CUTOFF, encoder.encode)
    ours = _native.Packer(judge.pack, encoding.lower() in ("utf-8", "utf8"), CUTOFF)
    commands = [(name, *args) for name in NAMES for args in ((), *((one,) for one in ARGUMENTS))]
    commands += [(rng.choice(NAMES), *rng.choices(ARGUMENTS, k=rng.randrange(6))) for _ in range(5000)]
    refused = 0
    for command in commands:
        expected = made(judge.pack, *command)
        assert made(ours.pack, *command) == expected, command
        refused += isinstance(expected, tuple)
    assert 0.2 < refused / len(commands) < 0.8
    assert made(ours.pack) == made(judge.pack)


@pytest.mark.parametrize("protocol", [2, 3])
def test_many_commands_are_written_as_one(db: tenondb.Db, protocol: int) -> None:
    rng = random.Random(7)
    ours, judge = tenondb.redis.Connection(db, protocol=protocol), Theirs(path=db, protocol=protocol)
    fine = [one for one in ARGUMENTS if not isinstance(made(judge.pack_command, "X", one), tuple)]
    for _ in range(300):
        commands = [(rng.choice(NAMES[:4]), *rng.choices(fine, k=rng.randrange(4))) for _ in range(rng.randrange(8))]
        assert made(ours.pack_commands, commands) == made(judge.pack_commands, commands)
        commands.append(["SET", "k", rng.choice(ARGUMENTS)])
        assert made(ours.pack_commands, commands) == made(judge.pack_commands, commands)
    small = [("GET", f"key:{n}") for n in range(1000)]
    assert len(ours.pack_commands(small)) == 1


def test_large_values_are_handed_on_as_they_are(db: tenondb.Db) -> None:
    connection, value = tenondb.redis.Connection(db), b"x" * 1_000_000
    for pieces in (connection.pack_command("SET", "k", value), connection.pack_commands([("SET", "k", value), ("GET", "k")])):
        assert len(pieces) == 3 and pieces[1] is value


def test_a_command_that_is_refused_leaves_the_connection(db: tenondb.Db) -> None:
    connection = tenondb.redis.Connection(db)
    assert answer(connection, "CLIENT ID").isdigit()
    me = answer(connection, "CLIENT ID")
    for wrong in (None, True, []):
        with pytest.raises(redis.DataError):
            connection.send_command("SET", "k", wrong)
    assert answer(connection, "CLIENT ID") == me
    connection.disconnect()


@pytest.mark.parametrize("options", SETTINGS, ids=str)
def test_the_same_of_redis_asyncio(db: tenondb.Db, options: dict[str, Any]) -> None:
    class Theirs(embedded.Connection):
        def set_parser(self, parser_class: Any) -> None:
            redis.asyncio.connection.AbstractConnection.set_parser(self, parser_class)

        def pack_command(self, *args: Any) -> Any:
            return redis.asyncio.connection.AbstractConnection.pack_command(self, *args)

        async def send_command(self, *args: Any, **kwargs: Any) -> None:
            await self.send_packed_command(self.pack_command(*args))

    async def answer(connection: Any, *args: Any, **more: Any) -> str:
        try:
            await connection.send_command(*args)
            return repr(await connection.read_response(**more))
        except redis.RedisError as error:
            return repr(error)
        except UnicodeError:
            return "UnicodeError"

    async def main() -> None:
        pair = embedded.Connection(path=db, **options), Theirs(path=db, **options)
        answers = []
        for connection in pair:
            await connection.connect()
            answers.append([await answer(connection, *one, **more) for one in COMMANDS for more in BOTH])
            for name in NAMES:
                for one in ARGUMENTS:
                    answers[-1].append(made(connection.pack_command, name, one))
            await connection.send_packed_command(connection.pack_commands([("ECHO", "a"), ("NOSUCH",), ("ECHO", "b")]))
            assert await connection.read_response(disable_decoding=True) == b"a" and await connection.can_read()
            with pytest.raises(redis.ResponseError):
                await connection.read_response()
            assert await connection.read_response(disable_decoding=True) == b"b" and not await connection.can_read()
        assert pair[0]._direct is not None and pair[1]._direct is None
        for mine, their in zip(*answers):
            assert mine == their
        for connection in pair:
            await connection.disconnect()

    asyncio.run(main())


def test_connections_that_nobody_has_are_gone_at_once(db: tenondb.Db) -> None:
    connection = tenondb.redis.Connection(db)
    connection.connect()
    assert len(db.client_list()) == 1

    async def main() -> None:
        other = embedded.Connection(path=db)
        await other.connect()
        kept = weakref.ref(other)
        del other
        assert kept() is None

    gc.disable()
    try:
        del connection
        assert len(db.client_list()) == 0
        with warnings.catch_warnings(action="ignore", category=ResourceWarning):
            asyncio.run(main())
    finally:
        gc.enable()
