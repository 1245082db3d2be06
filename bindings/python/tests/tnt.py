"""Reads `.tnt` files: sessions with the replies that Redis gives (tests/conformance/README.md). A value is `(type, content)`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

Value = tuple[str, Any]


@dataclass
class Step:
    """A command, on which connection, and its replies. Without words: what comes by itself is read."""

    line: int
    client: int
    argv: list[bytes]
    replies: list[tuple[str, Any]] = field(default_factory=list)


@dataclass
class Section:
    """A part of a file that starts with an empty database and new connections."""

    resp: int = 2
    settings: list[tuple[str, str]] = field(default_factory=list)
    items: list[Step | int] = field(default_factory=list)

    def clients(self) -> int:
        return max((item.client for item in self.items if isinstance(item, Step)), default=1)


def parse(text: str) -> list[Section]:
    sections = [Section()]
    for at, line in _lines(text):
        section = sections[-1]
        command = re.match(r"([1-9]?)>(.*)", line, re.S)
        if line == "---":
            sections.append(Section())
        elif command:
            section.items.append(Step(at, int(command[1] or 1), _Text(command[2]).words()))
        elif not line or line.startswith("#"):
            _directive(section, line)
        elif wait := re.fullmatch(r"\(wait (\d+) ms\)", line):
            section.items.append(int(wait[1]))
        else:
            step = section.items[-1]
            assert isinstance(step, Step), f"line {at}: a reply without its command"
            step.replies.append(expectation(line))
    return sections


def _lines(text: str) -> list[tuple[int, str]]:
    """Lines with their numbers; one that starts with a space goes on with the one before."""
    lines: list[tuple[int, str]] = []
    for at, line in enumerate(text.split("\n"), 1):
        if line[:1] in (" ", "\t") and line.strip() and lines:
            lines[-1] = (lines[-1][0], lines[-1][1] + " " + line.strip())
        else:
            lines.append((at, line.strip()))
    return lines


def _directive(section: Section, line: str) -> None:
    name, _, value = line[1:].partition(":")
    if name.strip() == "resp":
        section.resp = int(value)
    elif name.strip() == "encodings":
        parameter, _, values = value.strip().partition(" ")
        section.settings += [(parameter, one.strip()) for one in values.split("|")]


def expectation(line: str) -> tuple[str, Any]:
    """What a reply must be: `(how, value)`."""
    if line.startswith("! "):
        return "exactly", ("error", line[2:].encode())
    for how, mark in [("order", "(any order)"), ("pairs", "(any pairs)")]:
        if line.startswith(mark):
            return how, _Text(line[len(mark) :]).whole()
    if line == "(no reply)":
        return "silence", None
    if about := re.fullmatch(r"\(about (-?\d+)\)", line):
        return "about", int(about[1])
    if kind := re.fullmatch(r"\(any *(.*)\)", line):
        return "any", kind[1]
    return "exactly", _Text(line).whole()


def accepts(expected: tuple[str, Any], value: Value) -> bool:
    """Whether `value` is what is expected."""
    (how, wanted), (kind, content) = expected, value
    if how == "exactly":
        return bool(wanted == value)
    if how == "order":
        return bool(wanted[0] == kind) and sorted(wanted[1]) == sorted(content)
    if how == "pairs":
        flat = [list(zip(one[::2], one[1::2], strict=True)) for one in (wanted[1], content)]
        return kind == "list" and sorted(flat[0]) == sorted(flat[1])
    if how == "about":
        return kind == "int" and abs(content - wanted) <= max(abs(wanted) // 50, 2)
    return how == "any" and (kind == wanted if wanted else kind != "error")


MARKS: dict[str, Value] = {
    "nil": ("nil", None),
    "nil list": ("nil list", None),
    "true": ("bool", True),
    "false": ("bool", False),
}
ESCAPES = {"n": 10, "r": 13, "t": 9, "a": 7, "b": 8}


class _Text:
    """A place in a line."""

    def __init__(self, text: str) -> None:
        self.rest = text.strip()

    def whole(self) -> Value:
        value = self.value()
        assert not self.rest.strip(), f"text after the reply: {self.rest}"
        return value

    def words(self) -> list[bytes]:
        """The words of a command, as redis-cli cuts them."""
        words = []
        while self.rest:
            if self.rest[0] in "\"'":
                words.append(self.quoted())
            else:
                word, _, self.rest = (self.rest + " ").partition(" ")
                words.append(word.encode())
            self.rest = self.rest.strip()
        return words

    def eat(self, pattern: str) -> str | None:
        found = re.match(r"\s*(" + pattern + ")", self.rest, re.S)
        if found:
            self.rest = self.rest[found.end() :]
        return found[1] if found else None

    def value(self) -> Value:
        if mark := self.eat(r"\([^)]*\)"):
            return self.marked(mark[1:-1])
        if self.eat(r"\["):
            return "list", self.items("]")
        if self.eat(r"\{"):
            return "map", self.items("}", self.pair)
        if self.eat(r"\+"):
            return "status", self.word()
        if self.eat("!!?"):
            return "error", self.quoted()
        if digits := self.eat(r"-?\d+"):
            return "int", int(digits)
        return "bulk", self.word()

    def marked(self, mark: str) -> Value:
        if mark in MARKS:
            return MARKS[mark]
        if mark in ("double", "bignum"):
            return mark, (self.eat(r"[^,\]}: \t]+") or "").encode()
        if mark in ("set", "push"):
            assert self.eat(r"\["), self.rest
            return mark, self.items("]")
        assert mark.startswith("text"), mark
        return "verbatim", (mark[5:].encode() or b"txt", self.quoted())

    def items(self, end: str, one: Any = None) -> tuple[Any, ...]:
        found = []
        while not self.eat(re.escape(end)):
            found.append((one or self.value)())
            self.eat(",")
        return tuple(found)

    def pair(self) -> tuple[Value, Value]:
        key = self.value()
        assert self.eat(":"), self.rest
        return key, self.value()

    def word(self) -> bytes:
        self.rest = self.rest.lstrip()
        if self.rest.startswith('"'):
            return self.quoted()
        # `key: value` in a map: the colon before a space is no part of the word.
        found = re.match(r"[A-Za-z_][\w.:/@*-]*", self.rest, re.A)
        assert found, f"this needs quotes: {self.rest}"
        word = found[0].removesuffix(":")
        self.rest = self.rest[len(word) :]
        return word.encode()

    def quoted(self) -> bytes:
        self.rest = self.rest.lstrip()
        quote, at, out = self.rest[0], 1, bytearray()
        while (letter := self.rest[at]) != quote:
            at += 1
            if letter == "\\" and (quote == '"' or self.rest[at] == "'"):
                letter = self.rest[at]
                at += 1
                if quote == '"' and letter == "x":
                    out.append(int(self.rest[at : at + 2], 16))
                    at += 2
                    continue
                if quote == '"' and letter in ESCAPES:
                    out.append(ESCAPES[letter])
                    continue
            out += letter.encode()
        self.rest = self.rest[at + 1 :]
        return bytes(out)


def command(argv: list[bytes]) -> bytes:
    """A command as RESP."""
    words = b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in argv)
    return b"*%d\r\n%s" % (len(argv), words) if argv else b""


def replies(data: bytes) -> list[Value]:
    """All replies in `data`, which ends with one."""
    at, found = 0, []
    while at < len(data):
        value, at = _reply(data, at)
        found.append(value)
    return found


KINDS = {b"+": "status", b"-": "error", b",": "double", b"(": "bignum"}
LISTS = {b"*": "list", b"~": "set", b">": "push"}


def _reply(data: bytes, at: int) -> tuple[Value, int]:
    end = data.index(b"\r\n", at)
    kind, line, at = data[at : at + 1], data[at + 1 : end], end + 2
    if kind in KINDS:
        return (KINDS[kind], line), at
    if kind == b":":
        return ("int", int(line)), at
    if kind == b"#":
        return ("bool", line == b"t"), at
    if kind == b"_" or (kind in b"$*" and line == b"-1"):
        return MARKS["nil list" if kind == b"*" else "nil"], at
    if kind in b"$=!":
        text, at = data[at : at + int(line)], at + int(line) + 2
        if kind == b"=":
            return ("verbatim", (text[:3], text[4:])), at
        return ("bulk" if kind == b"$" else "error", text), at
    if kind == b"%":
        pairs = []
        for _ in range(int(line)):
            key, at = _reply(data, at)
            value, at = _reply(data, at)
            pairs.append((key, value))
        return ("map", tuple(pairs)), at
    items = []
    for _ in range(int(line)):
        item, at = _reply(data, at)
        items.append(item)
    return (LISTS[kind], tuple(items)), at
