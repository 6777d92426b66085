"""Playbook text becomes plain nodes with the line and column of every place; hostile text is refused.

Rules of this file (`format.md`, Reading): only parser events are used, so nothing is constructed,
merged or recursed into; every refusal is a finding in the trainer's words, never the parser's; the
verdict is the same with libyaml and with PyYAML's own scanner.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

import yaml

from calmdesk.playbook.findings import MOST, Finding
from calmdesk.playbook.raw import decode_text, find_hidden, show_hidden
from calmdesk.playbook.trouble import QUOTES, explain

MAX_VALUES = 20_000
MAX_DEPTH = 24
MAX_TEXT = 8_000
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,9})?\Z")


class Node:
    """A value of the file and where it stands: `kind` is text, number, flag, null, map or list."""

    __slots__ = ("column", "kind", "line", "value")

    def __init__(self, kind: str, value: object, line: int, column: int) -> None:
        self.kind = kind
        self.value = value
        self.line = line
        self.column = column

    @property
    def entries(self) -> dict[str, tuple[Node, Node]]:
        """A map's entries: key → (the key's own node, the value's node); empty for other kinds."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[Node]:
        """A list's items; empty for other kinds."""
        return self.value if isinstance(self.value, list) else []

    @property
    def text(self) -> str:
        """A scalar as it was written."""
        return self.value if isinstance(self.value, str) else ""


class Source(NamedTuple):
    """One file, read: the root node (None where nothing could be read) and what is wrong with it."""

    root: Node | None
    findings: tuple[Finding, ...]


class _Reader:
    """Builds nodes from parser events with a stack of its own."""

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.path = path
        self.findings: list[Finding] = []
        self.root: Node | None = None
        self.stack: list[tuple[Node, bool]] = []
        self.key: list[Node | None] = []
        self.values = 0
        self.documents = 0
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

    def take(self, event: yaml.Event) -> None:
        begin = event.start_mark
        line, column = (begin.line + 1, begin.column + 1) if begin else (1, 1)
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.say(
                    "second-document",
                    "A second document starts here (---).",
                    line,
                    column,
                    "Keep one playbook a file; take the line out.",
                )
                self.stop = True
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            _, flow = self.stack.pop()
            self.key.pop()
            begun = self.begun.pop()
            if flow and event.end_mark:
                self.flows.append((begun, event.end_mark.index))
        elif isinstance(event, yaml.AliasEvent):
            self.say(
                "alias",
                f"*{event.anchor} points to another place, which playbooks don't do.",
                line,
                column,
                f"Write the text out. If the * belongs to it: {QUOTES.lower()}",
            )
            self.put(Node("null", None, line, column))
        elif isinstance(event, yaml.NodeEvent):
            self.node(event, line, column)

    def node(self, event: yaml.NodeEvent, line: int, column: int) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            self.say(
                "too-many-values",
                f"The file has more than {MAX_VALUES:,} values.",
                line,
                column,
                "Split it: a module is a file of its own, played with `play:`.",
            )
            self.stop = True
            return
        if getattr(event, "anchor", None):
            self.say(
                "anchor",
                f"&{event.anchor} names a place, which playbooks don't do.",
                line,
                column,
                f"Take it out. If the & belongs to the text: {QUOTES.lower()}",
            )
        if getattr(event, "tag", None) not in {None, "!"}:
            self.say(
                "tag", "A text that starts with ! is a tag in YAML, which playbooks don't use.", line, column, QUOTES
            )
        if isinstance(event, yaml.ScalarEvent):
            self.put(self.scalar(event, line, column))
            return
        kind = "map" if isinstance(event, yaml.MappingStartEvent) else "list"
        node = Node(kind, {} if kind == "map" else [], line, column)
        self.put(node)
        self.stack.append((node, bool(getattr(event, "flow_style", False))))
        self.key.append(None)
        self.begun.append(event.start_mark.index if event.start_mark else 0)
        if len(self.stack) > MAX_DEPTH:
            self.say(
                "too-deep",
                f"This is nested deeper than {MAX_DEPTH} levels.",
                line,
                column,
                "Flatten it: no playbook needs this many.",
            )
            self.stop = True

    def scalar(self, event: yaml.ScalarEvent, line: int, column: int) -> Node:
        value = event.value
        if len(value) > MAX_TEXT:
            self.say(
                "too-long",
                f"A text of {len(value):,} characters; the limit is {MAX_TEXT:,}.",
                line,
                column,
                "Cut it, or split it into several.",
            )
            value = value[:80]
        plain = event.style is None or event.style == ""
        if not plain:
            if event.style in {"'", '"'} and event.start_mark and event.end_mark:
                self.quoted.append((event.start_mark.index, event.end_mark.index))
            if event.style in {"|", ">"} and event.start_mark and event.end_mark:
                self.block_lines.update(range(event.start_mark.line + 2, event.end_mark.line + 1))
            if event.style == '"' and (bad := find_hidden(value)):
                self.say(
                    "hidden-character",
                    f"An escape makes the hidden character {bad}.",
                    line,
                    column,
                    "Take the escape out.",
                )
            return Node("text", value, line, column)
        if value.endswith(":") and self.stack and self.stack[-1][1]:
            self.say(
                "colon-in-text", "A colon at the end of a text inside { } or [ ] needs quotes.", line, column, QUOTES
            )
        if "?" in value and self.stack and self.stack[-1][1]:
            self.say(
                "question-mark", "A question mark inside { } or [ ] can't stand without quotes.", line, column, QUOTES
            )
        self.cut_short(event)
        if value in {"", "null"}:
            return Node("null", None, line, column)
        if value in {"true", "false"}:
            return Node("flag", value, line, column)
        return Node("number" if _NUMBER.match(value) else "text", value, line, column)

    def cut_short(self, event: yaml.ScalarEvent) -> None:
        """` #12` after a plain text is a comment to YAML: the text ends there without a word."""
        end = event.end_mark
        line = self.lines[end.line] if end and end.line < len(self.lines) else ""
        if end and event.value and (found := _HASH.match(line, end.column)):
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
        if not self.stack:
            if self.root is None:
                self.root = node
            return
        top, flow = self.stack[-1]
        if top.kind == "list":
            top.items.append(node)
        elif self.key[-1] is None:
            self.key[-1] = self.as_key(node, top)
        else:
            key = self.key[-1]
            self.key[-1] = None
            if flow and node.kind == "null" and node.value is None and self.no_colon(key):
                if not top.entries and top.line == key.line and "," not in self._between(top, key):
                    self.say(
                        "text-in-braces", "A text that starts with { is read as a group.", top.line, top.column, QUOTES
                    )
                    return
                self.say(
                    "comma-ends-text",
                    f"“{key.text}” stands alone: the comma before it ended a text.",
                    key.line,
                    key.column,
                    QUOTES,
                )
                return
            top.entries.setdefault(key.text, (key, node))

    def _between(self, top: Node, key: Node) -> str:
        return self.lines[key.line - 1][top.column : key.column - 1]

    def as_key(self, node: Node, top: Node) -> Node:
        if node.kind in {"map", "list"}:
            self.say(
                "text-in-braces", "A text that starts with { or [ is read as a group.", node.line, node.column, QUOTES
            )
        written = node.text or ("null" if node.kind == "null" else "")
        key = Node("text", written, node.line, node.column)
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
        return key

    def no_colon(self, key: Node) -> bool:
        line = self.lines[key.line - 1] if key.line <= len(self.lines) else ""
        return not _COLON.match(line, key.column - 1 + len(key.text))

    def trouble(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        here = self.lines[line - 1] if line <= len(self.lines) else ""
        if error.context_mark is not None and not here.strip():
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

    def _closed(self, line: int, opener: str) -> bool:
        """Whether as many brackets close as open, from a line to the next blank one."""
        rest = "\n".join(self.lines[line:]).split("\n\n", 1)[0]
        return rest.count(opener) <= rest.count("}" if opener == "{" else "]")

    def _since(self, mark: yaml.Mark | None, line: int) -> str:
        """The text from where the parser began to wonder: a # there may have eaten the closing brace."""
        return "\n".join(self.lines[mark.line : line]) if mark and mark.line < line else ""

    def unlike(self) -> None:
        """What only one of the two parsers would refuse, outside quotes and block texts."""
        quoted, flows = _merged(self.quoted), _merged(self.flows)
        for pattern, rule, message, tip in _UNLIKE:
            for found in pattern.finditer(self.text):
                at = found.start()
                if _inside(quoted, at) or (rule == "colon-in-text" and not _inside(flows, at)):
                    continue
                line = self.text.count("\n", 0, at) + 1
                if not any(f.line == line for f in self.findings) and line not in self.block_lines:
                    self.say(rule, message, line, at - self.text.rfind("\n", 0, at), tip)
                break

    def tabs(self) -> None:
        """A tab outside quotes: one parser takes it, the other doesn't, and nobody sees it."""
        at, spans, n = -1, self.quoted, 0
        while (at := self.text.find("\t", at + 1)) >= 0:
            while n < len(spans) and spans[n][1] <= at:
                n += 1
            if n == len(spans) or at < spans[n][0]:
                line = self.text.count("\n", 0, at) + 1
                self.say("tab", "A tab outside quotes.", line, at - self.text.rfind("\n", 0, at), "Use spaces instead.")
                return


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same places as spans that don't overlap, in their order."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _inside(spans: list[tuple[int, int]], at: int) -> bool:
    n = bisect_right(spans, (at, 1 << 60)) - 1
    return n >= 0 and spans[n][0] <= at < spans[n][1]


_HASH, _COLON = re.compile(r"\s+#(?=[^\s#])"), re.compile(r"\s*:")
_UNLIKE = (
    (re.compile(r"^%", re.MULTILINE), "special-start", "A line can't start with %.", "Take the line out."),
    (
        re.compile(r"[:-][ ]+[|>][+-]?[0-9]?[+-]?(?=#)"),
        "hash-after-bar",
        "A # stands right after | or >.",
        "Put a space before it.",
    ),
    (
        re.compile(r"[{\[,]\s*[\w-]+:(?=[,}\]])"),
        "colon-in-text",
        "A key in braces has no value after its colon.",
        "Write the value.",
    ),
)
"""What one of PyYAML's two parsers reads and the other refuses; we refuse it with both."""


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
        for event in yaml.parse(text, Loader=loader):
            reader.take(event)
            if reader.stop:
                break
    except yaml.MarkedYAMLError as error:
        failed = error
    except (yaml.YAMLError, RecursionError, ValueError):
        reader.say("not-yaml", "This can't be read as YAML.", 1, 1, "Save it again as plain UTF-8 text.")
    reader.tabs()
    reader.unlike()
    if failed is not None and not any(f.rule == "tab" for f in reader.findings):
        reader.trouble(failed)
    broken = failed is not None or reader.stop
    return Source(None if broken else reader.root, tuple(findings + reader.findings))
