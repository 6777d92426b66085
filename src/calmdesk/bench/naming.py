"""Names that were mistyped, and ids that can't be ids: each place where the file's reading resolves a name."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.playbook import keys
from calmdesk.playbook.names import BUILTIN
from calmdesk.playbook.shapes import MapOf, Record, Shape, Word, is_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from calmdesk.bench.marking import Marked
    from calmdesk.playbook.findings import Finding
    from calmdesk.playbook.node import Node

NEAR, APART = 0.75, 0.08
"""A name is meant where it is as near as this, and no other one nearly as near."""
_NAMED, _MEANT = re.compile("“([^”]+)”"), re.compile("Did you mean “([^”]+)”")
_SIMPLE = re.compile(r"[A-Za-z0-9 _.-]+")
_RECORDS = [r for r in vars(keys).values() if isinstance(r, Record)]
_WORDS = [w for r in _RECORDS for s, _ in r.keys.values() for w in [getattr(s, "item", s)] if isinstance(w, Word)]
KEYS = {name for record in _RECORDS for name in record.keys} | {"when", "line", "step"}
"""Every key that a trainer may write anywhere."""
_NOT_TEXT = {"module", "returns", "calmdesk", "calmdesk-policy", "at-most", "promises", "offers", "amount"}


def _takes_text(shape: Shape) -> bool:
    return not isinstance(shape, MapOf | Record) and shape is not keys.WHEN


TEXT_KEYS = (
    ({n for r in _RECORDS for n, (s, _) in r.keys.items() if _takes_text(s)} | {"line"})
    - _NOT_TEXT
    - {
        "path-rules",
        "tests",
        "rungs",
        "choices",
        "offer",
        "go",
        "when",
    }
)
"""The keys behind which a text may stand."""


class Renamed(NamedTuple):
    """A name's places, each with what to write there, in words."""

    edits: tuple[tuple[int, int, str], ...]
    says: str
    guess: bool = False
    key: bool = False


class Names:
    """The names of one text: `root` is what was read of it, `others` gives names that stand elsewhere."""

    def __init__(self, marked: Marked, root: Node, others: Callable[[str], Iterable[str]]) -> None:
        self.marked = marked
        self.root = root
        self.others = others

    def find(self, finding: Finding) -> Iterator[Renamed]:
        """What the name in a finding may be meant to be."""
        named = _NAMED.search(finding.message)
        if named is None:
            return
        if finding.rule == "bad-id":
            yield from self._id(named.group(1), finding)
        elif finding.rule.startswith("unknown-"):
            # “There is no option of fault “x””: the name itself stands last.
            old = _NAMED.findall(finding.message)[0]
            if "," in old:
                yield from self._several(old, finding)
            elif (meant := _MEANT.search(finding.tip)) and self._is_near(old, meant.group(1), finding):
                yield from self._replaced(old, meant.group(1), finding)

    def _several(self, old: str, finding: Finding) -> Iterator[Renamed]:
        """Names with commas between them, behind a key that takes a list."""
        at = self.marked.at(finding.line, finding.column)
        start = self.marked.name_at(at, old)
        line = self.marked.body(finding.line - 1)
        keyed = re.match(r" *(?:- +)*(ask|choose|forget|passes|not-passes): +", line)
        if start == at and keyed and keyed.end() == finding.column - 1 and line[finding.column - 1 :] == old:
            listed = f"[{', '.join(n.strip() for n in old.split(','))}]"
            if not re.search(r"\[\s*,|,\s*[,\]]", listed):
                yield Renamed(((start, start + len(old), listed),), f"the names are a list now: {listed}")

    def _is_near(self, old: str, new: str, finding: Finding) -> bool:
        """Whether a name is near, and the only one; numbers in names are no slips."""
        if re.findall(r"\d+", old) != re.findall(r"\d+", new) or finding.rule in {"unknown-claim", "unknown-evidence"}:
            return False
        near = _ratio(old, new)
        rest = [n for n in self._candidates(finding) if n != new]
        return near >= NEAR and all(_ratio(old, n) < near - APART for n in rest)

    def _candidates(self, finding: Finding) -> Iterable[str]:
        """The names that may be meant in a finding."""
        rule, found = finding.rule, set(self.others(finding.rule))
        ids = self._ids()
        if rule == "unknown-key":
            return {k for r in _RECORDS if finding.message.lower().startswith(f"{r.what} has no") for k in r.keys}
        if rule == "unknown-word":
            meant = _MEANT.search(finding.tip)
            return {w for word in _WORDS if meant and meant.group(1) in word.words for w in word.words}
        if rule == "unknown-fact":
            return found | set(BUILTIN) | {n for kind, n in ids if kind == "fact"}
        return found | {n for kind, n in ids if rule == f"unknown-{kind}"}

    def _ids(self) -> set[tuple[str, str]]:
        return {(kind, key.text) for kind, key, _ in self._declared()}

    def _replaced(self, old: str, new: str, finding: Finding) -> Iterator[Renamed]:
        """The name where it stands: at the finding's place, behind the key there, or in braces in the text there."""
        says, at = f"“{old}” is now “{new}”", self.marked.at(finding.line, finding.column)
        is_key = finding.rule == "unknown-key"
        for place in (at, *([] if is_key else [self.marked.value_of(at)])):
            for prefix in ("", "i:"):
                start = self.marked.name_at(place, prefix + old) if place >= 0 else -1
                if start >= 0:
                    start += len(prefix)
                    yield Renamed(((start, start + len(old), new),), says, guess=True, key=is_key)
                    return
        if finding.rule in {"unknown-fact", "unknown-policy-value"}:
            slot = f"{{policy.{old}}}" if finding.rule == "unknown-policy-value" else f"{{{old}}}"
            inner = slot.index(old, 8 if "policy" in slot[:8] and finding.rule == "unknown-policy-value" else 1)
            edits = [(n + inner, n + inner + len(old), new) for n in self._slots(at, slot)]
            if edits:
                yield Renamed(tuple(edits), says, guess=True)

    def _slots(self, at: int, slot: str) -> Iterator[int]:
        """The places of a slot in the one text that begins at an offset, or behind the key there."""
        text, begins = self.marked.text, sorted(self._texts())
        place = max(at, self.marked.value_of(at))
        start = next((b for b in begins if b >= place), -1)
        if start < 0:
            return
        end = next((b for b in begins if b > start), len(text))
        n = text.find(slot, start, end)
        while n >= 0:
            if self.marked.marks[n] != "#":
                yield n
            n = text.find(slot, n + 1, end)

    def _texts(self) -> Iterator[int]:
        """Where each key and each single value begins."""
        for key, value in _walk(self.root):
            yield self.marked.at(key.line, key.column)
            if value is not None and value.kind not in {"map", "list"}:
                yield self.marked.at(value.line, value.column)

    # --- ids

    def _declared(self) -> Iterator[tuple[str, Node, Node]]:
        """Every id of the file: what it names, its node and its value."""
        for group, kind in (
            ("steps", "step"),
            ("facts", "fact"),
            ("drafts", "draft"),
            ("interruptions", "interruption"),
        ):
            for key, value in _entries(self.root, group):
                yield kind, key, value
                inner, what = ("choices", "choice") if kind == "step" else ("one-of", "option")
                if kind in {"step", "fact"}:
                    yield from ((what, k, v) for k, v in _entries(value, inner))

    def _id(self, old: str, finding: Finding) -> Iterator[Renamed]:
        """An id as it can be, at its own place and wherever it is meant."""
        new = re.sub(r"[^a-z0-9]+", "-", old.lower()).strip("-")
        same = [(k, n) for k, n, _ in self._declared() if n.text == old]
        here = [k for k, n in same if (n.line, n.column) == (finding.line, finding.column)]
        if not _SIMPLE.fullmatch(old) or not is_id(new) or len(here) != 1 or (here[0], new) in self._ids():
            return
        kind = here[0]
        if len([k for k, _ in same if k == kind]) > 1:
            # The same word names several options or choices: who means which can't be told.
            return
        places = [(finding.line, finding.column, old), *self._meant(kind, old)]
        edits = []
        for line, column, written in places:
            start = self.marked.name_at(self.marked.at(line, column), written)
            if start < 0:
                return
            start += len(written) - len(old)
            edits.append((start, start + len(old), new))
        if kind == "fact":
            edits += [
                (m.start(1), m.end(1), new)
                for m in re.finditer(rf"\{{({re.escape(old)})\}}", self.marked.text)
                if self.marked.marks[m.start()] in "qb."
            ]
        yield Renamed(tuple(dict.fromkeys(edits)), f"“{old}” is now “{new}”, wherever it is meant", key=True)

    def _meant(self, kind: str, old: str) -> Iterator[tuple[int, int, str]]:
        """The places where the reading takes a scalar or a key for this id: line, column, how it is written."""
        prefix = "i:" if kind == "interruption" else ""
        for path, key, value in _paths(self.root, ()):
            last = [p for p in path if isinstance(p, str)]
            top = last[0] if last else ""
            if key is not None and key.text == old and _names_key(kind, last, top):
                yield key.line, key.column, old
            if value.kind in {"map", "list"} or value.text != prefix + old:
                continue
            if _names_value(kind, last, top, old, self.root):
                yield value.line, value.column, prefix + old


def _names_key(kind: str, last: list[str], top: str) -> bool:
    """Whether a key stands for a fact: in a condition, or in what a test gives."""
    return kind == "fact" and ("when" in last[:-1] or (top == "tests" and last[-2:-1] == ["facts"]))


def _names_value(kind: str, last: list[str], top: str, old: str, root: Node) -> bool:
    """Whether a single value is read as the id of a step, fact, draft, choice, option or interruption."""
    key = last[-1] if last else ""
    if "when" in last:
        return kind == "option" and _has_option(root, key, old)
    if kind == "step":
        goes = top == "steps" and (
            key in {"go", "then"} or (key == "step" and "go" in last) or last[-2:-1] == ["choices"]
        )
        return (
            goes or (top == "path-rules" and key in {"before", "must-pass", "never"}) or key in {"passes", "not-passes"}
        )
    if kind == "fact":
        return top == "steps" and (key in {"ask", "forget"} or last[-2:] == ["offer", "on"])
    if kind == "option":
        given = (top == "tests" and last[-2:-1] == ["facts"]) or (top == "facts" and key == "default")
        return given and _has_option(root, last[1] if key == "default" else key, old)
    return (kind == "draft" and top == "steps" and key == "draft") or (
        kind in {"choice", "interruption"} and top == "tests" and key == "choose"
    )


def _has_option(root: Node, fact: str, option: str) -> bool:
    return any(
        k.text == fact and any(o.text == option for o, _ in _entries(v, "one-of")) for k, v in _entries(root, "facts")
    )


def _entries(node: Node, key: str) -> list[tuple[Node, Node]]:
    found = node.entries.get(key)
    return list(found[1].entries.values()) if found else []


def _walk(node: Node) -> Iterator[tuple[Node, Node | None]]:
    """Every key with its value, and every item alone."""
    for key, value in node.entries.values():
        yield key, value
        yield from _walk(value)
    for item in node.items:
        yield item, None
        yield from _walk(item)


def _paths(node: Node, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Node | None, Node]]:
    """Every value with its path and its key, where it has one."""
    for name, (key, value) in node.entries.items():
        yield (*path, name), key, value
        yield from _paths(value, (*path, name))
    for n, item in enumerate(node.items):
        yield (*path, n), None, item
        yield from _paths(item, (*path, n))


def _ratio(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one.lower(), other.lower()).ratio()
