"""Playbook text becomes plain nodes with the line and column of every place; hostile text is refused.

Rules of this file (`format.md`, Reading): only parser events are used, so nothing is constructed,
merged or recursed into; every refusal is a finding in the trainer's words, never the parser's; the
verdict is the same with libyaml and with PyYAML's own scanner.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from calmdesk.playbook.findings import MOST, Finding
from calmdesk.playbook.node import Node
from calmdesk.playbook.raw import decode_text, find_hidden, show_hidden
from calmdesk.playbook.trouble import QUOTES, explain
from calmdesk.playbook.unlike import find_tab, find_unlike

if TYPE_CHECKING:
    from collections.abc import Callable

_Event = Any
"""A parser's event: its marks are always there, though the stubs say that they may not be."""

MAX_VALUES = 20_000
MAX_DEPTH = 24
MAX_TEXT = 8_000
_NO_TAG = {None, "!"}
_QUOTED = {"'", '"'}
_SPECIAL = {"", *"-0123456789tfn"}
"""What an empty scalar, a number, a flag or null begins with."""
_WORDS = {"": "null", "null": "null", "true": "flag", "false": "flag"}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,9})?\Z")


class Source(NamedTuple):
    """One file, read: the root node (None where nothing could be read) and what is wrong with it."""

    root: Node | None
    findings: tuple[Finding, ...]


def _nothing(_event: object) -> None:
    """What says nothing about the file's values."""


def _place(event: _Event) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


class _Reader:
    """Builds nodes from parser events with a stack of its own."""

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.path = path
        self.findings: list[Finding] = []
        self.root: Node | None = None
        self.top: Node | None = None
        self.flow = False
        self.key: Node | None = None
        self.stack: list[tuple[Node | None, bool, Node | None]] = []
        """What is open around the innermost map or list, with the key that waits for its value."""
        self.values = 0
        self.documents = 0
        self.hashes = {n for n, line in enumerate(self.lines) if "#" in line} if "#" in text else set[int]()
        self.escapes = "\\" in text
        self.quoted: list[tuple[int, int]] = []
        self.begun: list[int] = []
        self.flows: list[tuple[int, int]] = []
        self.block_lines: set[int] = set()
        self.stop = False

    def say(self, rule: str, message: str, line: int, column: int, tip: str = "") -> None:
        if line > len(self.lines) > 0:
            # The parser looks for what is missing behind the last line; a person looks at its end.
            line, column = len(self.lines), len(self.lines[-1]) + 1
        self.findings.append(Finding(rule, "error", message, self.path, line, column, tip))
        # Nobody mends a thousand things at once.
        self.stop = self.stop or len(self.findings) >= MOST

    def take_all(self, next_event: Callable[[], _Event]) -> None:
        """Read events to the end of the file, or to where reading on makes no sense.

        Nearly all of a file's events are scalars, and nearly all of these are plain words: they are taken here.
        """
        take: dict[type, Callable[[Any], None]] = {
            yaml.MappingStartEvent: self.open,
            yaml.SequenceStartEvent: self.open,
            yaml.MappingEndEvent: self.close,
            yaml.SequenceEndEvent: self.close,
            yaml.AliasEvent: self.alias,
            yaml.DocumentStartEvent: self.document,
            yaml.StreamStartEvent: _nothing,
            yaml.DocumentEndEvent: _nothing,
        }
        scalar, stop, put, hashes = yaml.ScalarEvent, yaml.StreamEndEvent, self.put, self.hashes
        event = next_event()
        while (kind := type(event)) is not stop:
            if kind is scalar:
                begin, value = event.start_mark, event.value
                if event.style or value[:1] in _SPECIAL or event.anchor or event.tag or len(value) > MAX_TEXT:
                    node = self.scalar(event, begin.line + 1, begin.column + 1)
                else:
                    node = Node("text", value, begin.line + 1, begin.column + 1)
                    if self.flow and ("?" in value or value[-1] == ":"):
                        self.in_braces(value, node.line, node.column)
                    if hashes and event.end_mark.line in hashes:
                        self.cut_short(event)
                self.values += 1
                put(node)
            else:
                take[kind](event)
            if self.values > MAX_VALUES:
                self.too_many(event)
            if self.stop:
                return
            event = next_event()

    def too_many(self, event: _Event) -> None:
        line, column = _place(event)
        tip = "Split it: a module is a file of its own, played with `play:`."
        self.say("too-many-values", f"The file has more than {MAX_VALUES:,} values.", line, column, tip)
        self.stop = True

    def document(self, event: _Event) -> None:
        self.documents += 1
        if self.documents > 1:
            line, column = _place(event)
            tip = "Keep one playbook a file; take the line out."
            self.say("second-document", "A second playbook starts here (---).", line, column, tip)
            self.stop = True

    def alias(self, event: _Event) -> None:
        line, column = _place(event)
        self.say(
            "alias",
            f"*{event.anchor} points to another place, which playbooks don't do.",
            line,
            column,
            f"Write the text out. If the * belongs to it: {QUOTES.lower()}",
        )
        self.put(Node("refused", None, line, column))

    def close(self, event: _Event) -> None:
        begun = self.begun.pop()
        if self.flow:
            self.flows.append((begun, event.end_mark.index))
        self.top, self.flow, self.key = self.stack.pop()

    def open(self, event: _Event) -> None:
        line, column = _place(event)
        self.values += 1
        if event.anchor or event.tag not in _NO_TAG:
            self.named(event, line, column)
        if type(event) is yaml.MappingStartEvent:
            node = Node("map", {}, line, column)
        else:
            node = Node("list", [], line, column)
        self.put(node)
        self.stack.append((self.top, self.flow, self.key))
        self.top, self.flow, self.key = node, bool(event.flow_style), None
        self.begun.append(event.start_mark.index)
        if len(self.stack) > MAX_DEPTH:
            tip = "Take brackets or levels out: no playbook needs so many."
            self.say("too-deep", f"This is nested deeper than {MAX_DEPTH} levels.", line, column, tip)
            self.stop = True

    def named(self, event: _Event, line: int, column: int) -> None:
        """An anchor or a tag, which playbooks don't use."""
        if event.anchor:
            self.say(
                "anchor",
                f"&{event.anchor} names a place, which playbooks don't do.",
                line,
                column,
                f"Take it out. If the & belongs to the text: {QUOTES.lower()}",
            )
        if getattr(event, "tag", None) not in _NO_TAG:
            self.say("tag", "A text can't start with !.", line, column, QUOTES)

    def scalar(self, event: _Event, line: int, column: int) -> Node:
        """A scalar that is quoted, empty, long, or may be a number or a flag."""
        value = event.value
        if event.anchor or event.tag not in _NO_TAG:
            self.named(event, line, column)
        if len(value) > MAX_TEXT:
            self.say(
                "too-long",
                f"A text of {len(value):,} characters; the limit is {MAX_TEXT:,}.",
                line,
                column,
                "Cut it, or split it into several.",
            )
            value = value[:80]
        if event.style:
            self.quotes(event, line, column)
            return Node("text", value, line, column)
        if self.flow and ("?" in value or value.endswith(":")):
            self.in_braces(value, line, column)
        if self.hashes and event.end_mark.line in self.hashes:
            self.cut_short(event)
        if value in _WORDS:
            kind = _WORDS[value]
            return Node(kind, None if kind == "null" else value, line, column)
        return Node("number" if _NUMBER.match(value) else "text", value, line, column)

    def in_braces(self, value: str, line: int, column: int) -> None:
        if value.endswith(":"):
            self.say(
                "colon-in-text", "A colon at the end of a text inside { } or [ ] needs quotes.", line, column, QUOTES
            )
        if "?" in value:
            self.say(
                "question-mark", "A question mark inside { } or [ ] can't stand without quotes.", line, column, QUOTES
            )

    def quotes(self, event: _Event, line: int, column: int) -> None:
        """Where a quoted or block text stands, for what is looked for outside of them."""
        begin, end = event.start_mark, event.end_mark
        if event.style in _QUOTED:
            self.quoted.append((begin.index, end.index))
        else:
            self.block_lines.update(range(begin.line + 2, end.line + 1))
        if event.style == '"' and self.escapes and (bad := find_hidden(event.value)):
            self.say(
                "hidden-character", f"An escape makes the hidden character {bad}.", line, column, "Take the escape out."
            )

    def cut_short(self, event: _Event) -> None:
        """` #12` after a plain text is a comment to YAML: the text ends there without a word."""
        end = event.end_mark
        if event.value and (found := _HASH.match(self.lines[end.line], end.column)):
            self.findings.append(
                Finding(
                    "cut-by-hash",
                    "warning",
                    "The text ends before the #: what follows is a comment.",
                    self.path,
                    end.line + 1,
                    found.end(),
                    f"If it belongs to the text: {QUOTES.lower()}",
                )
            )

    def put(self, node: Node) -> None:
        top, key = self.top, self.key
        if top is None:
            self.root = self.root or node
        elif top.kind == "list":
            top.value.append(node)
        elif key is None:
            plain = node.kind == "text" and node.value not in top.value and node.value != "<<"
            self.key = node if plain else self.as_key(node, top)
        else:
            self.key = None
            if self.flow and node.kind == "null" and self.no_colon(key):
                self.lone(key, top)
            elif key.value not in top.value:
                top.value[key.value] = (key, node)

    def lone(self, key: Node, top: Node) -> None:
        """A key in braces without a colon is the rest of a text that a comma ended, or a text in braces."""
        if not top.entries and top.line == key.line and "," not in self._between(top, key):
            self.say("text-in-braces", "A text that starts with { is read as a group.", top.line, top.column, QUOTES)
            return
        message = f"“{key.text}” stands alone: the comma before it ended a text."
        self.say("comma-ends-text", message, key.line, key.column, QUOTES)

    def _between(self, top: Node, key: Node) -> str:
        return self.lines[key.line - 1][top.column : key.column - 1]

    def as_key(self, node: Node, top: Node) -> Node:
        if node.kind != "text":
            if node.kind in {"map", "list"}:
                self.say(
                    "text-in-braces",
                    "A text that starts with { or [ is read as a group.",
                    node.line,
                    node.column,
                    QUOTES,
                )
            node = Node("text", node.text or ("null" if node.kind == "null" else ""), node.line, node.column)
        written = node.text
        if written == "<<":
            self.say(
                "merge-key",
                "<< merges another place, which playbooks don't do.",
                node.line,
                node.column,
                "Write the keys out.",
            )
        elif written in top.entries:
            first = top.entries[written][0].line
            self.say(
                "duplicate-key",
                f"“{written}” stands twice here; the first is on line {first}.",
                node.line,
                node.column,
                "Rename one of them, or take one out.",
            )
        return node

    def no_colon(self, key: Node) -> bool:
        line = self.lines[key.line - 1] if key.line <= len(self.lines) else ""
        return not _COLON.match(line, key.column - 1 + len(key.text))

    def trouble(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        here = self.lines[line - 1] if line <= len(self.lines) else ""
        if mark and self.open_quote(mark.index):
            return
        missed = error.context == "while scanning a simple key"
        if error.context_mark is not None and (missed or not here.strip()):
            line, column = error.context_mark.line + 1, error.context_mark.column + 1
            here = self.lines[line - 1] if line <= len(self.lines) else ""
        if (
            (error.context or "").startswith("while parsing a flow")
            and error.context_mark
            and not re.search(r"\s#", here)
        ):
            opened = error.context_mark
            at = self.lines[opened.line][opened.column : opened.column + 1] if opened.line < len(self.lines) else ""
            if at in {"{", "["} and not self._closed(opened.line, at):
                self.say(
                    "open-bracket",
                    f"The {at} that opens here isn't closed.",
                    opened.line + 1,
                    opened.column + 1,
                    f"Close it with {'}' if at == '{' else ']'}, or put the text in quotes.",
                )
                return
        rule, message, tip = explain(here, column, self._since(error.context_mark, line), error.problem or "")
        if rule == "hash-in-braces":
            # The comment's own place; what was only a warning there is the error now.
            cut = next((f for f in self.findings if f.rule == "cut-by-hash"), None)
            line, column = (cut.line, cut.column) if cut else (line, column)
            self.findings = [f for f in self.findings if f.rule != "cut-by-hash"]
        self.say(rule, message, line, column, tip)

    def open_quote(self, at: int) -> bool:
        """Whether the trouble comes right behind a quoted text over several lines: it was closed by the next one's opening."""
        begun, end = self.quoted[-1] if self.quoted else (0, 0)
        if "\n" not in self.text[begun:end] or end > at or self.text[end:at].strip():
            return False
        line, column = self.text.count("\n", 0, begun) + 1, begun - self.text.rfind("\n", 0, begun)
        message = "The quotation mark that opens here isn't closed."
        self.say("open-quote", message, line, column, "Close it at the end of the text.")
        return True

    def _closed(self, line: int, opener: str) -> bool:
        """Whether as many brackets close as open, from a line to the next blank one."""
        rest = "\n".join(self.lines[line:]).split("\n\n", 1)[0]
        return rest.count(opener) <= rest.count("}" if opener == "{" else "]")

    def _since(self, mark: yaml.Mark | None, line: int) -> str:
        """The text from where the parser began to wonder: a # there may have eaten the closing brace."""
        return "\n".join(self.lines[mark.line : line]) if mark and mark.line < line else ""


_HASH, _COLON = re.compile(r"\s+#(?=[^\s#])"), re.compile(r"\s*:")


def read_source(data: bytes, path: str = "playbook.yaml", *, pure: bool = False) -> Source:
    """Bytes of a playbook → nodes and findings. Never raises.

    Args:
        data: the file as it stands on disk.
        path: how findings name the file.
        pure: use PyYAML's own scanner even where libyaml is at hand (a test compares the verdicts).

    """
    text, findings = decode_text(data, path)
    if findings:
        return Source(None, tuple(findings))
    text, findings = show_hidden(text, path)
    loader = yaml.SafeLoader if pure or not hasattr(yaml, "CSafeLoader") else yaml.CSafeLoader
    reader = _Reader(text, path)
    failed = None
    try:
        reader.take_all(loader(text).get_event)
    except yaml.MarkedYAMLError as error:
        failed = error
    except (yaml.YAMLError, RecursionError, ValueError):
        reader.say("not-yaml", "This file can't be read.", 1, 1, "Save it again as plain UTF-8 text.")
    if found := find_tab(reader.text, reader.quoted):
        reader.say(*found)
    taken = {f.line for f in reader.findings} | reader.block_lines
    for found in find_unlike(reader.text, reader.quoted, reader.flows, taken):
        reader.say(*found)
    if failed is not None and not any(f.rule == "tab" for f in reader.findings):
        reader.trouble(failed)
    broken = failed is not None or reader.stop
    return Source(None if broken else reader.root, tuple(findings + reader.findings))
