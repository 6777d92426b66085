"""A step, a fact or a choice under another name, wherever it is meant, and nothing else touched.

Edits are made at the places that the reader names, so that comments and layout stay byte for byte. A text is kept only
where, read again, it is what it was with this one name exchanged everywhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.bench.marking import COMMENT, Marked
from calmdesk.bench.same import Renames, exchange
from calmdesk.bench.testing import Player
from calmdesk.playbook.names import BUILTIN
from calmdesk.playbook.read import read_playbook
from calmdesk.playbook.shapes import is_id
from calmdesk.playbook.source import read_source
from calmdesk.safetext import clean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from calmdesk.call.moves import Move, Standing
    from calmdesk.playbook.model import Edition, Policy
    from calmdesk.playbook.node import Node

Path = tuple[str | int, ...]
_TAKEN = {"return", "offer", "true", "false", "null"}
_SLOTTED = {"steps", "facts", "interruptions", "drafts"}


class Wanted(NamedTuple):
    """What is to be called otherwise."""

    kind: str
    """step, fact or choice."""
    old: str
    new: str
    step: str = ""
    """Whose choice it is."""

    @property
    def renames(self) -> Renames:
        """The same as old name → new name."""
        one = {self.old: self.new}
        if self.kind == "choice":
            return Renames(choices={(self.step, self.old): self.new})
        return Renames(steps=one) if self.kind == "step" else Renames(facts=one)


class File(NamedTuple):
    """One file that may mean the name."""

    name: str
    text: bytes
    data: dict[str, Any]
    """As it was read, before anything was exchanged."""
    edition: Edition | None
    """What it plays, so that its tests can be played; None where it has none."""
    own: bool
    """Whether it is the file whose name is exchanged."""


class CantRename(Exception):  # noqa: N818 - it is told as a sentence
    """Why the name stays as it is, and what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def find_clash(data: Mapping[str, Any], wanted: Wanted, others: Iterable[Mapping[str, Any]] = ()) -> None:
    """Raise CantRename where there is no such name, or the new one can't be used.

    Args:
        data: the file.
        wanted: what is to be called otherwise.
        others: the files that share its facts.

    """
    known = _known(data, wanted)
    if wanted.old not in known:
        hint = nearest(wanted.old, known) or f"Here are {', '.join(known)}." if known else ""
        raise CantRename(f"{_has(wanted)} no {wanted.kind} “{clean(wanted.old)}”.", hint)
    if wanted.new in _TAKEN:
        raise CantRename(f"“{wanted.new}” means something else in a playbook.", "Use another name.")
    if not is_id(wanted.new) or len(wanted.new) < 2:
        near = re.sub(r"[^a-z0-9]+", "-", wanted.new.lower()).strip("-")
        like = f"Did you mean “{near}”? " if is_id(near) and len(near) > 1 else ""
        rule = "Small letters, digits and hyphens, two characters or more, a letter first."
        raise CantRename(f"“{clean(wanted.new)}” can't be a name.", like + rule)
    if wanted.new == wanted.old:
        raise CantRename(f"It is called “{wanted.new}” already.")
    if wanted.kind == "fact" and wanted.old == "customer":
        raise CantRename(
            "“customer” is what `--customer` fills, and what the wrap-up calls them by.", "Keep this name."
        )
    if wanted.kind == "fact" and wanted.new in BUILTIN:
        raise CantRename(f"“{wanted.new}” is always there and can't be declared.", "Use another name.")
    for each in (data, *others):
        if wanted.new in _known(each, wanted):
            where = " in a file that shares this one" if each is not data else ""
            raise CantRename(f"{_has(wanted)} a {wanted.kind} “{wanted.new}” already{where}.", "Use another name.")


def _known(data: Mapping[str, Any], wanted: Wanted) -> list[str]:
    if wanted.kind != "choice":
        return list(data.get(f"{wanted.kind}s") or ())
    if wanted.step not in data["steps"]:
        hint = nearest(wanted.step, data["steps"]) or f"Here are {', '.join(data['steps'])}."
        raise CantRename(f"There is no step “{clean(wanted.step)}”.", hint)
    return list(data["steps"][wanted.step].get("choices") or ())


def _has(wanted: Wanted) -> str:
    return f"“{wanted.step}” has" if wanted.kind == "choice" else "There is"


def means(data: Mapping[str, Any], wanted: Wanted) -> bool:
    """Whether a file that isn't the name's own may mean it: it shares the fact, or its tests come by the file."""
    tests = data.get("tests") or ()
    if wanted.kind == "fact":
        return wanted.old in (data.get("facts") or {}) or any(wanted.old in (t.get("facts") or {}) for t in tests)
    return bool(tests)


def rename(file: File, wanted: Wanted, home: str, policy: Policy) -> tuple[bytes, list[int]]:
    """A file's text with the name exchanged wherever it is meant, and the lines that changed.

    Args:
        file: the file.
        wanted: what is to be called otherwise.
        home: the id of the file whose name it is.
        policy: the team's policy, to read the text with.

    Raises CantRename where that can't be done without touching something else.

    """
    mark = b"\xef\xbb\xbf" if file.text.startswith(b"\xef\xbb\xbf") else b""
    try:
        text = file.text[len(mark) :].decode()
    except UnicodeDecodeError:
        raise CantRename(
            f"Some letters of {file.name}.yaml were saved in an old encoding.", "Save it as UTF-8."
        ) from None
    # A line that ends in two characters keeps both; the reader is given as many.
    shadow = text.replace("\r\n", " \n")
    if "\r" in shadow:
        raise CantRename(
            f"The lines of {file.name}.yaml end in different ways.", "Save it with one kind of line ending."
        )
    root = read_source(shadow.encode()).root
    if root is None:
        raise CantRename(f"{file.name}.yaml can't be read.", f"`calmdesk playbook lint {file.name}.yaml` says why.")
    tests = _chosen(file, wanted, home)
    places = _Places(shadow, root, wanted, "" if file.own else home, tests)
    edits = sorted(set(places.find()), reverse=True)
    lines = sorted({places.marked.line_of(start) for start, _ in edits})
    for start, end in edits:
        text = text[:start] + wanted.new + text[end:]
    made = mark + text.encode()
    names = wanted.renames if file.own or wanted.kind == "fact" else wanted.renames._replace(choices={})
    meant = exchange(file.data, names, "" if file.own else home)
    for n, choose in tests.items():
        meant["tests"][n] = {**meant["tests"][n], "choose": [wanted.new if hit else c for c, hit in choose]}
    if read_playbook(made, file.name, policy).data != meant:
        where = f"line {lines[0]}" if lines else "the text"
        hint = "Rename it in an editor, and let `calmdesk playbook lint` look at it."
        raise CantRename(
            f"“{wanted.old}” is written in {file.name}.yaml in a way that can't be edited safely ({where}).", hint
        )
    return made, lines


# --- where it is meant


class _Places:
    """Where one text means the name, as (from, to) of the name itself."""

    def __init__(
        self, text: str, root: Node, wanted: Wanted, home: str, tests: Mapping[int, list[tuple[str, bool]]]
    ) -> None:
        self.marked = Marked(text)
        self.root = root
        self.wanted = wanted
        self.home = home
        self.tests = tests

    def find(self) -> Iterator[tuple[int, int]]:
        """Each place; a name that isn't found where it should stand is left out, and shows when it is read again."""
        for path, key, node in _walk(self.root, ()):
            if key is not None and key.text == self.wanted.old and self._is_key(path):
                yield from self._name(key, key.text)
            if node.kind == "text" and (written := self._value(path, node.text)):
                yield from self._name(node, written)
        if self.wanted.kind == "fact":
            yield from self._slots()

    def _name(self, node: Node, written: str) -> Iterator[tuple[int, int]]:
        start = self.marked.name_at(self.marked.at(node.line, node.column), written)
        if start >= 0:
            end = start + len(written)
            yield end - len(self.wanted.old), end

    def _is_key(self, path: Path) -> bool:
        """Whether the key at the end of a path is the name."""
        kind = self.wanted.kind
        if kind == "step":
            return len(path) == 2 and path[0] == "steps" and not self.home
        if kind == "choice":
            return path == ("steps", self.wanted.step, "choices", self.wanted.old) and not self.home
        if len(path) == 2 and path[0] == "facts":
            return True
        if len(path) == 4 and path[0] == "tests" and path[2] == "facts":
            return True
        return _in_condition(path)

    def _value(self, path: Path, text: str) -> str:
        """How the name is written in the value at a path, where it stands there; else nothing."""
        old, top = self.wanted.old, path[0] if path else ""
        keys = [k for k in path if isinstance(k, str)]
        if self.wanted.kind == "step":
            full = f"{self.home}/{old}" if self.home else old
            passed = top == "tests" and keys[1:2] == ["expect"] and keys[-1] in {"passes", "not-passes"}
            goes = not self.home and (
                _leads(path) or (top == "path-rules" and keys[-1] in {"before", "must-pass", "never"})
            )
            return full if text == full and (passed or goes) else ""
        if text != old:
            return ""
        if self.wanted.kind == "choice":
            if top != "tests" or keys[1:] != ["choose"] or not isinstance(path[1], int):
                return ""
            at = path[3] if len(path) > 3 else 0
            choose = self.tests.get(path[1]) or []
            return old if isinstance(at, int) and at < len(choose) and choose[at][1] else ""
        asked = top == "steps" and len(path) > 2 and (path[2] == "ask" or path[2:4] == ("offer", "on"))
        forgotten = top == "steps" and path[2:3] == ("choices",) and path[4:5] == ("forget",)
        return old if asked or forgotten else ""

    def _slots(self) -> Iterator[tuple[int, int]]:
        """`{fact}` in the texts that have slots; not in comments, nor in what tests say was shown."""
        spans = [*self._spans()]
        for found in re.finditer(rf"\{{({re.escape(self.wanted.old)})\}}", self.marked.text):
            if self.marked.marks[found.start()] != COMMENT and any(a <= found.start() < b for a, b in spans):
                yield found.start(1), found.end(1)

    def _spans(self) -> Iterator[tuple[int, int]]:
        """From where to where single values stand whose slots are filled."""
        starts = sorted(
            {
                (self.marked.at(n.line, n.column), path)
                for path, key, n in _walk(self.root, ())
                if n.kind not in {"map", "list"}
            }
            | {(self.marked.at(k.line, k.column), ()) for _, k, _ in _walk(self.root, ()) if k is not None},
            key=lambda pair: pair[0],
        )
        ends = [*(at for at, _ in starts[1:]), len(self.marked.text)]
        for (at, path), end in zip(starts, ends, strict=True):
            ticked = path[:1] == ("tests",) and "ticked" in path
            if path and (path[0] in _SLOTTED or ticked):
                yield at, end


def _leads(path: Path) -> bool:
    """Whether a value within `steps` is a step that a way leads to."""
    if len(path) < 3 or path[0] != "steps":
        return False
    rest = path[2:]
    if rest[0] == "choices":
        rest = ("go",) if len(rest) == 2 else rest[2:]
    return rest in {("go",), ("then",)} or (len(rest) == 3 and rest[0] == "go" and rest[2] == "step")


def _in_condition(path: Path) -> bool:
    """Whether the key at the end of a path is a fact of a condition: behind `when`, or `not` within it."""
    if path[:1] == ("tests",) or "when" not in path[1:-1]:
        return False
    at = len(path) - 2
    while at > 0 and path[at] == "not":
        at -= 1
    if path[-1] == "not" or path[at] != "when":
        return False
    # A step, a choice or an option may itself be called “when”.
    above = path[at - 1]
    return isinstance(above, int) or above not in {"steps", "choices", "facts", "one-of", "interruptions"}


def _walk(node: Node, path: Path) -> Iterator[tuple[Path, Node | None, Node]]:
    """Every value with its path, and its key, where it has one."""
    for name, (key, value) in node.entries.items():
        yield (*path, name), key, value
        yield from _walk(value, (*path, name))
    for n, item in enumerate(node.items):
        yield (*path, n), None, item
        yield from _walk(item, (*path, n))


# --- what tests choose


class Chooser(Player):
    """Plays a test and notes on which step of which file each of its choices is taken."""

    def __init__(self, edition: Edition, test: dict[str, Any]) -> None:
        super().__init__(edition, test)
        self.taken: dict[int, tuple[str, str]] = {}
        """A choice's number in the test → (file, step)."""

    def _choice(self, s: Standing, ids: list[str]) -> Move:
        left = len(self.choose)
        move = super()._choice(s, ids)
        if len(self.choose) < left:
            frame = s.call.place[-1]
            self.taken[len(self.test["choose"]) - left] = (frame.book, frame.step)
        return move


def _chosen(file: File, wanted: Wanted, home: str) -> dict[int, list[tuple[str, bool]]]:
    """The tests that choose the name: each of their choices, and whether it is this one; found by playing them."""
    found: dict[int, list[tuple[str, bool]]] = {}
    if wanted.kind != "choice" or file.edition is None:
        return found
    for n, test in enumerate(file.data.get("tests") or ()):
        choose = test.get("choose") or []
        if wanted.old in choose:
            player = Chooser(file.edition, test)
            player.play()
            hits = [c == wanted.old and player.taken.get(at) == (home, wanted.step) for at, c in enumerate(choose)]
            if any(hits):
                found[n] = list(zip(choose, hits, strict=True))
    return found
