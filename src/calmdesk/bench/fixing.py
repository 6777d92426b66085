"""Small repairs of a playbook's text: each is kept only where it mends its finding and does no harm.

Only what a finding is about is edited, so that comments, layout and every other text stay as they are. A repair
is kept where its own finding is gone, where nothing new is wrong on the line that it changed, and where the
reader has no new error anywhere; what can only be judged now that the file can be read was there all along.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.bench.marking import BLOCK, COMMENT, QUOTED, Marked, leaves
from calmdesk.bench.naming import KEYS, Names
from calmdesk.bench.repairs import Repair, find_repairs
from calmdesk.playbook.findings import is_error
from calmdesk.playbook.source import read_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from calmdesk.playbook.findings import Finding
    from calmdesk.playbook.node import Node

    Lint = Callable[[str], tuple[Finding, ...]]

MOST_REPAIRS = 200
"""So many repairs are made in one file: what needs more wants a person."""
MOST_TRIES = 1_000
"""So many texts are linted for one file."""
_BENCH = {
    "asked-again",
    "endless-loop",
    "first-step-skipped",
    "may-be-unknown",
    "offer-before-own",
    "one-way-left",
    "own-unmarked",
    "path-rule-broken",
    "path-rule-unproved",
    "unreachable-step",
    "when-always",
    "when-never",
}
"""Errors and warnings that a proof finds: they show only once nothing else is wrong."""
_BETWEEN = {"unknown-playbook", "plays-itself", "fact-differs", "returns-after-all", "dead-end"}
"""Errors that show only once a file has all of its required keys."""
_KEY = re.compile(r"(?<![\w-])([\w-]+)\s*:(?=\s|$)")


class Mended(NamedTuple):
    """A finding that is gone, and what was done, in words."""

    finding: Finding
    says: str


class Fixed(NamedTuple):
    """A text after its repairs, what they mended, and what is left."""

    text: str
    mended: tuple[Mended, ...]
    left: tuple[Finding, ...]


class _State(NamedTuple):
    """One text as it is judged."""

    text: str
    marked: Marked
    root: Node | None
    found: tuple[Finding, ...]


def _no_names(_rule: str) -> Iterable[str]:
    return ()


def fix(text: str, lint: Lint, path: str = "", names: Callable[[str], Iterable[str]] = _no_names) -> Fixed:
    """Repair what can be repaired without asking, as much as possible in one go.

    Args:
        text: the file's text, with line feeds.
        lint: text → findings, in the order of the file.
        path: how findings name this file; those of other files are left alone.
        names: rule → names beyond the text's own that may be meant where the rule finds an unknown one.

    """
    return _Fixer(lint, path, names).run(text)


class _Fixer:
    """Tries repairs one after the other until none is kept."""

    def __init__(self, lint: Lint, path: str, names: Callable[[str], Iterable[str]]) -> None:
        self.lint = lint
        self.path = path
        self.names = names
        self.tries = 0
        self.mended: list[Mended] = []

    def run(self, text: str) -> Fixed:
        """The repairs in their order; one that was refused is tried again once others are made."""
        state = self.look(text)
        more = True
        while more and len(self.mended) < MOST_REPAIRS:
            more, tried = False, set[tuple[str, str]]()
            while (step := self.next(state, tried)) and len(self.mended) < MOST_REPAIRS:
                state, more = step, True
        return Fixed(state.text, tuple(self.mended), self.own(state))

    def look(self, text: str) -> _State:
        """A text with its findings."""
        self.tries += 1
        return _State(text, Marked(text), read_source(text.encode("utf-8", "replace")).root, self.lint(text))

    def own(self, state: _State) -> tuple[Finding, ...]:
        """The findings of this file itself."""
        return tuple(f for f in state.found if not self.path or f.path == self.path)

    def next(self, state: _State, tried: set[tuple[str, str]]) -> _State | None:
        """The text after the first repair that can be kept."""
        # A key that was mistyped is renamed before another one is put in for it.
        for finding in sorted(self.own(state), key=lambda f: f.rule == "missing-key"):
            kept: list[tuple[_State, Repair]] = []
            for repair in self.repairs(state, finding):
                text = repair.apply(state.text)
                if text == state.text or (key := (_sign(finding), text)) in tried or self.tries >= MOST_TRIES:
                    continue
                tried.add(key)
                if not _spares(state, repair, finding):
                    continue
                after = self.look(text)
                if _is_kept(state, after, finding, repair):
                    kept.append((after, repair))
                    if finding.rule != "tab":
                        break
            if kept:
                after, repair = min(kept, key=lambda pair: _badness(pair[0]))
                self.mended.append(Mended(finding, repair.says))
                return after
        return None

    def repairs(self, state: _State, finding: Finding) -> Iterator[Repair]:
        """What a finding's text may be meant to be, the likeliest first."""
        yield from find_repairs(state.marked, finding)
        if state.root is not None:
            for named in Names(state.marked, state.root, self.names).find(finding):
                yield Repair(*named)


def _badness(state: _State) -> tuple[bool, int]:
    return state.root is None, len(state.found)


def _sign(finding: Finding) -> str:
    """What a finding is about, wherever it stands: a repair above may have moved it."""
    message = re.sub(r"\bline \d+", "line", finding.message)
    return f"{finding.rule} {finding.path} {message}"


# --- what a repair may touch


def _spares(state: _State, repair: Repair, finding: Finding) -> bool:
    """Whether a repair leaves comments and other texts alone."""
    for start, end, new in repair.edits:
        marks = set(state.marked.marks[start:end]) - {"\n"}
        if COMMENT in marks and not repair.cut:
            return False
        if BLOCK in marks and not (_in_text(finding.rule) or new == ""):
            return False
        if QUOTED in marks and not (repair.guess or repair.key or _in_text(finding.rule) or new == ""):
            return False
    after = Marked(repair.apply(state.text))
    before, now = state.marked.comments(), after.comments()
    if repair.cut:
        line = finding.line - 1
        if "lint-ok" in state.marked.comment(line) and "lint-ok" not in after.comment(line):
            return False
        cut, rest = state.marked.comment(line), after.comment(line)
        if cut in before:
            before.remove(cut)
        if rest and (not cut.endswith(rest)):
            return False
        if rest:
            now.remove(rest)
    if before != now:
        return False
    return state.root is not None or repair.key or finding.rule == "tab" or _keys(state.marked) == _keys(after)


def _in_text(rule: str) -> bool:
    """Whether the finding is about some characters of a text, whichever way it is written."""
    return rule in {"hidden-character", "unknown-fact", "unknown-policy-value", "bad-id", "odd-space", "tab"}


def _keys(marked: Marked) -> list[str]:
    """The known keys that stand outside quotes, comments and blocks, in their order."""
    shown = "".join(c if m == "." or c == "\n" else " " for c, m in zip(marked.text, marked.marks, strict=True))
    return [k for k in _KEY.findall(shown) if k in KEYS]


def _same_values(before: _State, after: _State, repair: Repair) -> bool:
    """Whether every key and value that no edit touches reads as it did."""
    assert before.root is not None
    assert after.root is not None
    old, new = leaves(before.marked, before.root), leaves(after.marked, after.root)
    ends = [*(offset for offset, _, _ in old[1:]), len(before.text) + 1]
    touched = [
        any(start < end and offset < e and s < end for s, e, _ in repair.edits for start in (offset,))
        for (offset, _, _), end in zip(old, ends, strict=True)
    ]
    untouched = [leaf[1:] for leaf, hit in zip(old, touched, strict=True) if not hit]
    todo = iter([leaf[1:] for leaf in new])
    kept = all(any(leaf == other for other in todo) for leaf in untouched)
    return kept and len(new) <= len(old) + sum(touched) + 2


# --- whether it helped


def _is_kept(before: _State, after: _State, finding: Finding, repair: Repair) -> bool:
    """Whether the finding is gone, and nothing else got worse."""
    had, has = Counter(map(_sign, before.found)), Counter(map(_sign, after.found))
    sign = _sign(finding)
    if has[sign] >= had[sign] and (
        before.root is not None
        or any(_sign(f) == sign and (f.line, f.column) == (finding.line, finding.column) for f in after.found)
    ):
        return False
    if before.root is not None and (after.root is None or not _same_values(before, after, repair)):
        return False
    edited = _edited_lines(repair, before.marked)
    below = _below(after.marked, edited) if repair.key else set[int]()
    partly = any(f.rule == "missing-key" and "playbook needs" in f.message for f in before.found)
    for new in after.found:
        if has[_sign(new)] <= had[_sign(new)]:
            continue
        here = new.line in edited and new.path == finding.path
        if _is_judged(new):
            if here and repair.guess:
                return False
        elif here:
            if new.rule not in {"long-line", "hidden-character"} or repair.guess:
                return False
        elif is_error(new) and not (
            before.root is None or new.line in below or (partly and new.rule in _BETWEEN and not repair.guess)
        ):
            return False
    return True


def _is_judged(finding: Finding) -> bool:
    """Whether a finding comes from what is judged once a file can be read: proofs, words, phrases."""
    if finding.rule in _BENCH or (finding.rule == "dead-end" and not finding.message.startswith("The last step")):
        return True
    return not is_error(finding) and finding.rule not in {"long-line", "empty-list", "cut-by-hash", "no-clock"}


def _edited_lines(repair: Repair, marked: Marked) -> set[int]:
    """The lines that a repair changed, as they are counted afterwards; none where it took lines out or put them in."""
    found: set[int] = set()
    for start, end, new in repair.edits:
        if "\n" in marked.text[start:end] or new.endswith("\n"):
            continue
        found |= {marked.line_of(start)}
    return found


def _below(marked: Marked, lines: set[int]) -> set[int]:
    """The lines that belong to the keys on these lines: they couldn't be read before."""
    found: set[int] = set()
    for line in lines:
        indent = marked.indent(line - 1)
        for n in range(line, len(marked.lines)):
            if marked.lines[n].strip() and marked.indent(n) <= indent:
                break
            found.add(n + 1)
    return found
