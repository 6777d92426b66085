"""Playbook text becomes plain nodes with the line and column of every place; hostile text is refused.

Rules of this file (`format.md`, Reading): only parser events are used, so nothing is constructed,
merged or recursed into; every refusal is a finding in the trainer's words, never the parser's; the
verdict is the same with libyaml and with PyYAML's own scanner.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from calmdesk.playbook.findings import MOST, Finding
from calmdesk.playbook.node import Node, Source
from calmdesk.playbook.raw import decode_text, find_hidden, find_odd_spaces, show_hidden, tell_odd_spaces
from calmdesk.playbook.trouble import (
    QUOTES,
    explain,
    find_cut,
    find_joined,
    find_lone,
    find_open_bracket,
    find_open_quote,
    find_slip,
)
from calmdesk.playbook.unlike import CURLY, Curly, find_curly, find_tab, find_unlike, mark_breaking, tell_curly

if TYPE_CHECKING:
    from collections.abc import Callable

_Event = Any
"""A parser's event: its marks are always there, though the stubs say that they may not be."""

MAX_VALUES = 20_000
MAX_DEPTH = 24
MAX_TEXT = 8_000
MOST_LINKS = 3
_QUOTED = {"'", '"'}
_SPECIAL = {"", *"-0123456789tfn", *CURLY}
"""What an empty scalar, a number, a flag, null or a text in Word's quotation marks begins with."""
_WORDS = {"": "null", "null": "null", "true": "flag", "false": "flag"}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,9})?\Z")


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
        self.errors = 0
        self.tagged: list[Node] = []
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
        self.curly: list[Curly] = []
        self.stop = False

    def say(self, rule: str, message: str, line: int, column: int, tip: str = "") -> None:
        if line > len(self.lines) > 0:
            # The parser looks for what is missing behind the last line; a person looks at its end.
            line, column = len(self.lines), len(self.lines[-1]) + 1
        self.add(Finding(rule, "error", message, self.path, line, column, tip))

    def add(self, finding: Finding) -> None:
        wrong = finding.severity == "error"
        self.errors += wrong
        if wrong or len(self.findings) < MOST:
            self.findings.append(finding)
        # Nobody mends a thousand things at once.
        self.stop = self.stop or self.errors >= MOST

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
                    if self.flow:
                        if "?" in value or value[-1] == ":":
                            self.in_braces(value, node.line, node.column)
                    elif "- " in value:
                        self.joined(event)
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
        message = f"*{event.anchor} points to another place, which playbooks don't do."
        self.say("alias", message, line, column, f"Write the text out. If the * belongs to it: {QUOTES.lower()}")
        self.put(Node("refused", None, line, column))

    def close(self, event: _Event) -> None:
        begun = self.begun.pop()
        if self.flow:
            self.flows.append((begun, event.end_mark.index))
        self.top, self.flow, self.key = self.stack.pop()

    def open(self, event: _Event) -> None:
        line, column = _place(event)
        self.values += 1
        if event.anchor or event.tag:
            self.named(event, line, column)
        if type(event) is yaml.MappingStartEvent:
            node = Node("map", {}, line, column)
        else:
            node = Node("list", [], line, column)
        if event.tag:
            self.tagged.append(node)
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
            message = f"&{event.anchor} names a place, which playbooks don't do."
            self.say("anchor", message, line, column, f"Take it out. If the & belongs to the text: {QUOTES.lower()}")
        if getattr(event, "tag", None):
            self.say("tag", "A text can't start with !.", line, column, QUOTES)

    def scalar(self, event: _Event, line: int, column: int) -> Node:
        """A scalar that is quoted, empty, long, or may be a number or a flag."""
        value = event.value
        if event.anchor or event.tag:
            self.named(event, line, column)
            if event.tag and not value:
                return Node("refused", None, line, column)
        if len(value) > MAX_TEXT:
            message = f"A text of {len(value):,} characters; the limit is {MAX_TEXT:,}."
            self.say("too-long", message, line, column, "Cut it, or split it into several.")
            value = value[:80]
        if event.style:
            self.quotes(event, line, column)
            return Node("text", value, line, column)
        if value[:1] in CURLY and value:
            value = self.in_curly(value, line, column)
        if self.flow and ("?" in value or value.endswith(":")):
            self.in_braces(value, line, column)
        elif not self.flow and "- " in value:
            self.joined(event)
        if self.hashes and event.end_mark.line in self.hashes:
            self.cut_short(event)
        if value in _WORDS:
            kind = _WORDS[value]
            return Node(kind, None if kind == "null" else value, line, column)
        return Node("number" if _NUMBER.match(value) else "text", value, line, column)

    def joined(self, event: _Event) -> None:
        """Items of a list that were read as part of the text above."""
        if event.end_mark.line > event.start_mark.line:
            self.findings += find_joined(self.lines, event.start_mark.line, event.end_mark.line, self.path)

    def in_curly(self, value: str, line: int, column: int) -> str:
        """A text in Word's quotation marks is told once; a single word is read without them."""
        named = self.top is not None and self.top.kind == "map" and self.key is None
        found = find_curly(self.lines[line - 1], column - 1, value, flow=self.flow, named=named)
        if found is None:
            return value
        self.curly.append(found._replace(line=line))
        return found.text if named or " " not in found.text.strip() else value

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
        if event.value:
            self.findings += find_cut(self.lines, event.end_mark.line, event.end_mark.column, self.path)

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
        found = find_lone(self.lines, key, top, self.path)
        if found.rule != "comma-ends-text":
            top.kind = "refused"
        known = {(f.rule, f.line, f.column) for f in self.findings[-2:]}
        if key.text and (found.rule, found.line, found.column) not in known:
            self.add(found)

    def as_key(self, node: Node, top: Node) -> Node:
        if node.kind != "text":
            if node.kind in {"map", "list"}:
                message = "A text that starts with { or [ is read as a group."
                self.say("text-in-braces", message, node.line, node.column, QUOTES)
            told = node.kind == "refused"
            node = Node(
                "text", "" if told else node.text or ("null" if node.kind == "null" else ""), node.line, node.column
            )
        written = node.text
        if written == "<<":
            message = "<< merges another place, which playbooks don't do."
            self.say("merge-key", message, node.line, node.column, "Write the keys out.")
        elif written in top.entries:
            first = top.entries[written][0].line
            message = f"“{written}” stands twice here; the first is on line {first}."
            self.say("duplicate-key", message, node.line, node.column, "Rename one of them, or take one out.")
        return node

    def no_colon(self, key: Node) -> bool:
        line = self.lines[key.line - 1] if key.line <= len(self.lines) else ""
        return not _COLON.match(line, key.column - 1 + len(key.text))

    def trouble(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        here = self.lines[line - 1] if line <= len(self.lines) else ""
        since, slip = error.context_mark or mark, None
        if mark and (slip := find_open_quote(self.text, self.quoted, mark.index, self.path)):
            self.findings.append(slip)
            return
        if self.told(line, column) or (since and self.told(since.line + 1, since.column + 1)):
            return
        missed = error.context == "while scanning a simple key"
        if error.context_mark is not None and (missed or not here.strip()):
            line, column = error.context_mark.line + 1, error.context_mark.column + 1
            here = self.lines[line - 1] if line <= len(self.lines) else ""
        flow = (error.context or "").startswith("while parsing a flow")
        if flow and error.context_mark and not re.search(r"\s#", here):
            slip = find_open_bracket(self.lines, error.context_mark.line, error.context_mark.column, self.path)
        elif mark and not flow:
            slip = find_slip(self.lines, (mark.line, line - 1), _find_failure, self.path, _TRIED)
        if slip:
            self.findings.append(slip)
            return
        rule, message, tip = explain(here, column, self._since(error.context_mark, line), error.problem or "")
        if rule == "hash-in-braces":
            # The comment's own place; what was only a warning there is the error now.
            cut = next((f for f in self.findings if f.rule == "cut-by-hash"), None)
            line, column = (cut.line, cut.column) if cut else (line, column)
            self.findings = [f for f in self.findings if f.rule != "cut-by-hash"]
        self.say(rule, message, line, column, tip)

    def told(self, line: int, column: int) -> bool:
        """Whether the trouble comes from a slip on its line that is told already, or from Word's quotation marks."""
        if line <= len(self.lines) and mark_breaking(self.curly, self.lines[line - 1], line, column):
            return True
        return any(f.line == line and f.column <= column and f.rule in _BREAKING for f in self.findings)

    def _since(self, mark: yaml.Mark | None, line: int) -> str:
        """The text from where the parser began to wonder: a # there may have eaten the closing brace."""
        return "\n".join(self.lines[mark.line : line]) if mark and mark.line < line else ""


_COLON = re.compile(r"\s*:")
_BREAKING = {"text-in-braces", "colon-in-text"}
"""What is told before reading stops because of it."""
_TRIED = (64 if hasattr(yaml, "CSafeLoader") else 8) * 1024
"""So much text is read again for each mend that is tried; PyYAML's own scanner is slow."""


def _loader(*, pure: bool) -> Any:  # noqa: ANN401
    return yaml.SafeLoader if pure or not hasattr(yaml, "CSafeLoader") else yaml.CSafeLoader


def _find_failure(text: str) -> int | None:
    """The line, from 0, where a text can't be read on; None where all of it can."""
    try:
        for _ in yaml.parse(text, _loader(pure=False)):
            pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return mark.line if mark else 0
    except (yaml.YAMLError, RecursionError, ValueError):
        return 0
    return None


def _read(text: str, path: str, *, pure: bool) -> tuple[_Reader, yaml.MarkedYAMLError | None]:
    reader = _Reader(text, path)
    try:
        reader.take_all(_loader(pure=pure)(text).get_event)
    except yaml.MarkedYAMLError as error:
        return reader, error
    except (yaml.YAMLError, RecursionError, ValueError):
        reader.say("not-yaml", "This file can't be read.", 1, 1, "Save it again as plain UTF-8 text.")
    return reader, None


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
    odd = find_odd_spaces(text)
    reader, failed = _read(odd.mended, path, pure=pure)
    if inside := odd.inside(reader.quoted):
        odd = odd.without(text, inside)
        reader, failed = _read(odd.mended, path, pure=pure)
    findings += tell_odd_spaces(text, odd, path)
    if found := find_tab(reader.text, reader.quoted):
        reader.say(*found)
    taken = {f.line for f in reader.findings} | reader.block_lines
    for found in find_unlike(reader.text, reader.quoted, reader.flows, taken):
        reader.say(*found)
    if failed is not None and not any(f.rule == "tab" for f in reader.findings):
        reader.trouble(failed)
    if reader.curly:
        reader.findings = tell_curly(reader.curly, reader.findings, path)
    for node in reader.tagged:
        node.kind = "refused"
    linked = [f for f in reader.findings if f.rule in {"anchor", "alias", "merge-key"}]
    if len(linked) > MOST_LINKS:
        # A file that is built on them isn't read at all: one thing is wrong with it.
        return Source(None, (linked[0],))
    broken = failed is not None or reader.stop
    return Source(None if broken else reader.root, tuple(findings + reader.findings))
