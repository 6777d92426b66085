"""`playbook diff` at work: two texts of a playbook told apart in the trainer's words, and whom the newer one touches."""

from __future__ import annotations

import os
import shutil
import sys
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.bench.change import Comparison, compare
from calmdesk.bench.pairing import GROUPS, Change
from calmdesk.bench.touched import TouchedCall, TouchedTest, find_touched_call, find_touched_tests
from calmdesk.cli.versions import Version, pinned_edition, read_version, stands_for
from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean, json_text

if TYPE_CHECKING:
    from calmdesk.journal.store import Journal
    from calmdesk.terminal.sitting import Desk

WIDEST, NARROWEST = 100, 30


class Told(NamedTuple):
    """All that is told of two texts."""

    old: Version
    new: Version
    comparison: Comparison
    tests: list[TouchedTest]
    calls: list[tuple[str, TouchedCall]]
    """(the call's id, where it would go on), the newest first."""
    unread: list[str]
    """Open calls whose texts can't be read."""

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.comparison.changes


def diff(desk: Desk, old: str, new: str, *, as_json: bool = False, exit_code: bool = False) -> int:
    """Tell what differs; 1 where something does and `exit_code` asks for it. Raises CalmdeskError (1, 2, 3, 5).

    Args:
        desk: whose calls are looked at.
        old: the older text; alone it is the newer one, and compared with what calls were handled with.
        new: the newer text, or nothing.
        as_json: as JSON.
        exit_code: whether a difference is exit code 1.

    """
    library, journal = desk.settings.library, open_journal(desk)
    later = read_version(library, new or old)
    before = read_version(library, old) if new else _handled(desk, journal, later)
    comparison = compare(before.edition, later.edition)
    tests = find_touched_tests(before.edition, later.edition, comparison)
    calls, unread = _touched_calls(desk, journal, later) if journal and later.path else ([], [])
    told = Told(before, later, comparison, tests, calls, unread)
    if as_json:
        sys.stdout.write(json_text(_document(told)) + "\n")
    else:
        width = max(NARROWEST, min(WIDEST, shutil.get_terminal_size((80, 24)).columns))
        sys.stdout.write("\n".join(_rows(told, width)) + "\n")
    return 1 if exit_code and not told.same else 0


def open_journal(desk: Desk) -> Journal | None:
    """The journal of this desk; None where there is none."""
    from calmdesk.cli.calls import open_desk_journal

    return open_desk_journal(desk) if os.path.exists(os.path.join(desk.settings.data, "journal.db")) else None


def _handled(desk: Desk, journal: Journal | None, later: Version) -> Version:
    """The text that the newest call with a playbook was handled with."""
    from calmdesk.cli.calls import local
    from calmdesk.terminal.sitting import call_name

    root = later.edition.root
    for number, outline in journal.outlines() if journal else ():
        if stands_for(outline, root, later.path) and outline.ended != "unused":
            assert journal is not None
            call = journal.call(number)
            day = f", {local(call.started.wall):%Y-%m-%d %H:%M}" if call.started else ""
            name = f"{clean(root)} as on call {call_name(journal, number)}{day}"
            return Version(name, pinned_edition(desk.settings.library, journal, call))
    hint = f"Name what to compare it with: another file, or {clean(root)}.yaml@HEAD where it is kept in git."
    raise CalmdeskError(f"No call on this desk was handled with “{clean(root)}”.", hint, 2)


def _touched_calls(desk: Desk, journal: Journal, later: Version) -> tuple[list[tuple[str, TouchedCall]], list[str]]:
    """The open calls with this playbook that would go on with another text than they play."""
    from calmdesk.terminal.sitting import call_name, reopen_all

    found, unread = [], []
    for number in journal.unfinished():
        call = journal.call(number)
        if not stands_for(call, later.edition.root, later.path):
            continue
        name = call_name(journal, number)
        try:
            plays = reopen_all(desk.settings.library, call, journal.text)
        except CalmdeskError:
            unread.append(name)
            continue
        if compare(pinned_edition(desk.settings.library, journal, call), later.edition).changes:
            found.append((name, find_touched_call(plays, later.edition, call, desk.clock())))
    return found, unread


# --- as text


def _rows(told: Told, width: int) -> list[str]:
    from calmdesk.terminal.paint import wrap

    rows = _wrapped(f"Before: {told.old.name}", width, 0, 4) + _wrapped(f"Now: {told.new.name}", width, 0, 4)
    if told.same:
        rows += ["", *wrap("Nothing differs: every situation hears what it heard, and every limit stands.", width)]
    for group, changes in groupby(told.comparison.changes, lambda c: c.group):
        rows += ["", *wrap(GROUPS[group].upper(), width)]
        for (_, where), them in groupby(changes, lambda c: (c.book, c.where)):
            here = list(them)
            rows += _wrapped(_placed(told, where, here), width, 2, 4)
            for change in here:
                rows += _change(change, width)
    return [*rows, *_tests(told, width), *_calls(told, width)]


def _placed(told: Told, where: str, changes: list[Change]) -> str:
    """The situation, with its file where that isn't the playbook itself."""
    book = changes[0].book
    books = told.new.edition.books if book in told.new.edition.books else told.old.edition.books
    title = books[book].title if book in books and book != told.new.edition.root else ""
    return f"{title}: {where}" if title and not where.startswith(title) else where


def _change(change: Change, width: int) -> list[str]:
    if not change.old and not change.new:
        return _wrapped(change.what, width, 4, 6)
    if not change.old or not change.new:
        sign = "+" if change.new else "-"
        return _wrapped(change.what, width, 4, 6) + _wrapped(f"{sign} {change.new or change.old}", width, 6, 8)
    return [
        *_wrapped(change.what, width, 4, 6),
        *_wrapped(f"- {change.old}", width, 6, 8),
        *_wrapped(f"+ {change.new}", width, 6, 8),
    ]


def _wrapped(text: str, width: int, first: int, more: int) -> list[str]:
    """A text in rows, those behind the first one further in."""
    from calmdesk.terminal.paint import wrap

    rows = wrap(clean(text), width - max(first, more))
    return [" " * (first if n == 0 else more) + row for n, row in enumerate(rows)]


def _tests(told: Told, width: int) -> list[str]:
    tests = told.old.edition.books[told.old.edition.root].compiled.get("tests") or []
    if not tests:
        return []
    count = f"{len(tests)} test{'' if len(tests) == 1 else 's'} of the older text"
    if not told.tests:
        rest = "" if told.same else f"The {count}, played on both: each comes out as it did."
        return ["", *_wrapped(rest, width, 0, 0)] if rest else []
    rows = ["", "TESTS", *_wrapped(f"The {count}, played on both. Otherwise now:", width, 2, 2)]
    for test in told.tests:
        rows += _wrapped(f"“{test.name}” {'passes now' if not test.now else 'no longer passes'}", width, 4, 6)
        rows += _wrapped(test.now or f"Before: {test.before}", width, 6, 6)
        if test.rewritten:
            rows += _wrapped("The newer text has this test in another form.", width, 6, 6)
    return rows


def _calls(told: Told, width: int) -> list[str]:
    if not told.calls and not told.unread:
        return []
    rows = ["", "OPEN CALLS"]
    rows += _wrapped("Each goes on with the text it began with, unless the agent takes the newer one.", width, 2, 2)
    for name, call in told.calls:
        rows += _wrapped(f"{name} stands at “{call.stands}”. {_landing(call)}", width, 4, 6)
    for name in told.unread:
        rows += _wrapped(f"{name}: the text it began with can't be read. `calmdesk journal verify`", width, 4, 6)
    return rows


def _landing(call: TouchedCall) -> str:
    if not call.lands:
        return "The newer text has no step for it to go on with."
    again = f", and passes {call.undone} step{'' if call.undone == 1 else 's'} again" if call.undone else ""
    if not call.moved:
        return f"With the newer text it stays there{again}."
    return f"With the newer text it goes on at “{call.lands}”{again}."


# --- as JSON


def _document(told: Told) -> dict[str, Any]:
    renames = [
        {"playbook": book, "kind": kind, "step": step, "old": old, "new": new}
        for book, names in told.comparison.renames.items()
        for kind, step, old, new in (
            *(("step", None, a, b) for a, b in names.steps.items()),
            *(("fact", None, a, b) for a, b in names.facts.items()),
            *(("choice", s, a, b) for (s, a), b in names.choices.items()),
        )
    ]
    return {
        "schema": 1,
        "old": told.old.name,
        "new": told.new.name,
        "same": told.same,
        "changes": [
            {
                "group": c.group, "playbook": c.book, "step": c.step or None, "where": clean(c.where),
                "what": clean(c.what), "old": clean(c.old) or None, "new": clean(c.new) or None,
            }
            for c in told.comparison.changes
        ],
        "renames": renames,
        "tests": [
            {"name": clean(t.name), "passed": not t.before, "passes": not t.now, "difference": clean(t.now) or None, "rewritten": t.rewritten}
            for t in told.tests
        ],
        "calls": [
            {"call": name, "stands": clean(c.stands), "lands": clean(c.lands) or None, "moved": c.moved, "again": c.undone}
            for name, c in told.calls
        ],
    }  # fmt: skip
