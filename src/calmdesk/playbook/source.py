"""Playbook text becomes plain nodes with the line and column of every place; hostile text is refused.

Rules of this file (`format.md`, Reading): only parser events are used, so nothing is constructed
or merged, and nothing nested deeper than a playbook needs is gone into; every refusal is a finding in the trainer's words, never the parser's; the
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
    find_cut,
    find_joined,
    find_lone,
)
from calmdesk.playbook.unlike import CURLY, Curly, find_curly, find_tab, find_unlike, tell_curly

if TYPE_CHECKING:
    from collections.abc import Callable

_Event = Any
"""A parser's event: its marks are always there, though the stubs say that they may not be."""

MAX_VALUES = 20_000
MAX_DEPTH = 24
MAX_TEXT = 8_000
MOST_LINKS = 3
_QUOTED = {"'", '"'}
_LISTS = {"check", "must-check", "cue", "say", "ask", "avoid", "claims", "evidence"}
"""Keys that take several, as one list."""
_SPECIAL = {"", *"-0123456789", *CURLY}
"""What an empty scalar, a number or a text in Word's quotation marks begins with."""
_WORDS = {"": "null", "null": "null", "true": "flag", "false": "flag"}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,9})?\Z")


_Scalar, _Alias, _MapEnd, _ListEnd = yaml.ScalarEvent, yaml.AliasEvent, yaml.MappingEndEvent, yaml.SequenceEndEvent
_GROUPS = {yaml.MappingStartEvent: "map", yaml.SequenceStartEvent: "list"}
_EDGES = {yaml.StreamStartEvent, yaml.DocumentEndEvent}
"""What says nothing about the file's values."""


class _Enough(Exception):  # noqa: N818
    """Reading on makes no sense; why has been told."""


def _place(event: _Event) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


class Reader:
    """Builds nodes from parser events, a group within a group as deep as they may stand."""

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.path = path
        self.findings: list[Finding] = []
        self.errors = 0
        self.tagged: list[Node] = []
        self.root: Node | None = None
        self.flow = False
        self.naming = False
        """What is read is a key of a map."""
        self.depth = 0
        self.left = MAX_VALUES
        """So many values may still be read; none once too much is wrong."""
        self.documents = 0
        self.hashes = {n for n, line in enumerate(self.lines) if "#" in line} if "#" in text else set[int]()
        self.escapes = "\\" in text
        self.quoted: list[tuple[int, int]] = []
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
        if self.errors >= MOST:
            self.stop, self.left = True, 0

    def take_all(self, next_event: Callable[[], _Event]) -> None:
        """Read events to the end of the file, or to where reading on makes no sense."""
        self.next = next_event
        while type(event := next_event()) is not yaml.StreamEndEvent:
            if type(event) is yaml.DocumentStartEvent:
                self.document(event)
            elif type(event) not in _EDGES:
                self.root = self.take(event)

    def take(self, event: _Event) -> Node:
        """A value, with all that is in it; nearly all values are plain words."""
        kind = type(event)
        self.left -= 1
        if self.left < 0:
            self.give_up(event)
        if kind is _Scalar:
            begin, value = event.start_mark, event.value
            if event.anchor or event.tag or len(value) > MAX_TEXT:
                return self.scalar(event)
            if event.style:
                self.quotes(event)
                return Node("text", value, begin)
            if value[:1] in _SPECIAL or value in _WORDS:
                return self.scalar(event)
            if self.flow:
                if "?" in value or value[-1] == ":":
                    self.in_braces(value, begin.line + 1, begin.column + 1)
            elif "- " in value:
                self.joined(event)
            if self.hashes and event.end_mark.line in self.hashes:
                self.cut_short(event)
            return Node("text", value, begin)
        if kind is _Alias:
            return self.alias(event)
        return self.group(event)

    def group(self, event: _Event) -> Node:
        """A map or a list with all that is in it."""
        if event.anchor or event.tag:
            self.named(event)
        around, place = self.flow, event.start_mark
        self.depth += 1
        self.flow, self.naming = bool(event.flow_style), False
        node = Node("map", {}, place) if type(event) is yaml.MappingStartEvent else Node("list", [], place)
        if event.tag:
            self.tagged.append(node)
        if self.depth > MAX_DEPTH:
            tip = "Take brackets or levels out: no playbook needs so many."
            self.say("too-deep", f"This is nested deeper than {MAX_DEPTH} levels.", *_place(event), tip)
            raise _Enough
        end = self.take_map(node) if node.kind == "map" else self.take_list(node)
        if self.flow:
            self.flows.append((event.start_mark.index, end.end_mark.index))
        self.depth -= 1
        self.flow = around
        return node

    def take_list(self, node: Node) -> _Event:
        items, take, next_event, end = node.value, self.take, self.next, _ListEnd
        while type(event := next_event()) is not end:
            items.append(take(event))
        return event

    def take_key(self, event: _Event, node: Node) -> Node:
        """A key that is more than a plain word; a group there is told before what is in it."""
        if type(event) in _GROUPS:
            key = self.as_key(Node(_GROUPS[type(event)], None, event.start_mark), node)
            self.take(event)
            return key
        self.naming = True
        key = self.take(event)
        self.naming = False
        return self.as_key(key, node) if key.kind != "text" or key.value in node.value or key.value == "<<" else key

    def take_map(self, node: Node) -> _Event:
        entries, take, next_event, end, flow = node.value, self.take, self.next, _MapEnd, self.flow
        hashes = self.hashes
        while (kind := type(event := next_event())) is not end:
            begin = event.start_mark
            if kind is _Scalar and not (
                event.style
                or (name := event.value)[:1] in _SPECIAL
                or name in _WORDS
                or event.anchor
                or event.tag
                or name == "<<"
                or (flow and ("?" in name or name[-1] == ":" or (hashes and event.end_mark.line in hashes)))
            ):
                # Nearly all keys: a plain word.
                if name in entries:
                    self.as_key(Node("text", name, begin), node)
                value = take(next_event())
                if flow and value.kind == "null" and self.no_colon(key := Node("text", name, begin)):
                    self.lone(key, node)
                    continue
            else:
                key = self.take_key(event, node)
                name, begin = key.value, key.mark
                value = take(next_event())
                if flow and value.kind == "null" and self.no_colon(key):
                    self.lone(key, node)
                    continue
            if name not in entries:
                entries[name] = (begin, value)
        return event

    def give_up(self, event: _Event) -> None:
        if not self.stop:
            line, column = _place(event)
            tip = "Split it: a module is a file of its own, played with `play:`."
            self.say("too-many-values", f"The file has more than {MAX_VALUES:,} values.", line, column, tip)
        raise _Enough

    def document(self, event: _Event) -> None:
        self.documents += 1
        if self.documents > 1:
            line, column = _place(event)
            tip = "Keep one playbook a file; take the line out."
            self.say("second-document", "A second playbook starts here (---).", line, column, tip)
            raise _Enough

    def alias(self, event: _Event) -> Node:
        line, column = _place(event)
        message = f"*{event.anchor} points to another place, which playbooks don't do."
        self.say("alias", message, line, column, f"Write the text out. If the * belongs to it: {QUOTES.lower()}")
        return Node("refused", None, event.start_mark)

    def named(self, event: _Event) -> None:
        """An anchor or a tag, which playbooks don't use."""
        line, column = _place(event)
        if event.anchor:
            message = f"&{event.anchor} names a place, which playbooks don't do."
            self.say("anchor", message, line, column, f"Take it out. If the & belongs to the text: {QUOTES.lower()}")
        if getattr(event, "tag", None):
            self.say("tag", "A text can't start with !.", line, column, QUOTES)

    def scalar(self, event: _Event) -> Node:
        """A scalar that is quoted, empty, long, or may be a number or a flag."""
        value, place = event.value, event.start_mark
        if event.anchor or event.tag:
            self.named(event)
            if event.tag and not value:
                return Node("refused", None, place)
        if len(value) > MAX_TEXT:
            message = f"A text of {len(value):,} characters; the limit is {MAX_TEXT:,}."
            self.say("too-long", message, *_place(event), "Cut it, or split it into several.")
            value = value[:80]
        if event.style:
            self.quotes(event)
            return Node("text", value, place)
        if value[:1] in CURLY and value:
            value = self.in_curly(value, *_place(event))
        if self.flow and ("?" in value or value.endswith(":")):
            self.in_braces(value, *_place(event))
        elif not self.flow and "- " in value:
            self.joined(event)
        if self.hashes and event.end_mark.line in self.hashes:
            self.cut_short(event)
        if value in _WORDS:
            kind = _WORDS[value]
            return Node(kind, None if kind == "null" else value, place)
        return Node("number" if _NUMBER.match(value) else "text", value, place)

    def joined(self, event: _Event) -> None:
        """Items of a list that were read as part of the text above."""
        if event.end_mark.line > event.start_mark.line:
            self.findings += find_joined(self.lines, event.start_mark.line, event.end_mark.line, self.path)

    def in_curly(self, value: str, line: int, column: int) -> str:
        """A text in Word's quotation marks is told once; a single word is read without them."""
        named = self.naming
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

    def quotes(self, event: _Event) -> None:
        """Where a quoted or block text stands, for what is looked for outside of them."""
        begin, end = event.start_mark, event.end_mark
        if event.style in _QUOTED:
            self.quoted.append((begin.index, end.index))
        else:
            self.block_lines.update(range(begin.line + 2, end.line + 1))
        if self.escapes and event.style == '"' and (bad := find_hidden(event.value)):
            self.say(
                "hidden-character",
                f"An escape makes the hidden character {bad}.",
                *_place(event),
                "Take the escape out.",
            )

    def cut_short(self, event: _Event) -> None:
        """` #12` after a plain text is a comment to YAML: the text ends there without a word."""
        if event.value:
            self.findings += find_cut(self.lines, event.end_mark.line, event.end_mark.column, self.path)

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
            node = Node("text", "" if told else node.text or ("null" if node.kind == "null" else ""), node.mark)
        written = node.text
        if written == "<<":
            message = "<< merges another place, which playbooks don't do."
            self.say("merge-key", message, node.line, node.column, "Write the keys out.")
        elif written in top.names:
            first = top.value[written][0].line + 1
            message = f"“{written}” stands twice here; the first is on line {first}."
            tip = "Rename one of them, or take one out."
            if written in _LISTS:
                tip = f"Write both as one list, `{written}: [one, two]`, or take one out."
            self.say("duplicate-key", message, node.line, node.column, tip)
        return node

    def no_colon(self, key: Node) -> bool:
        line = self.lines[key.line - 1] if key.line <= len(self.lines) else ""
        return not _COLON.match(line, key.column - 1 + len(key.text))


_COLON = re.compile(r"\s*:")
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


def _read(text: str, path: str, *, pure: bool) -> tuple[Reader, yaml.MarkedYAMLError | None]:
    reader = Reader(text, path)
    try:
        reader.take_all(_loader(pure=pure)(text).get_event)
    except yaml.MarkedYAMLError as error:
        return reader, error
    except _Enough:
        reader.stop = True
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
        from calmdesk.playbook.failing import find_failure_cause

        if found := find_failure_cause(reader, failed, _find_failure, _TRIED):
            reader.say(*found)
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
