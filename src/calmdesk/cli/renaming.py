"""`playbook rename` at work: a name exchanged in every file that means it, or nowhere at all."""

from __future__ import annotations

import os
import sys
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.bench.lint import Linter
from calmdesk.bench.renaming import CantRename, File, Wanted, find_clash, means, rename
from calmdesk.bench.testing import play_tests
from calmdesk.cli.files import replace_files
from calmdesk.cli.versions import playbook_path
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.compiling import make_edition
from calmdesk.playbook.folders import find_file
from calmdesk.playbook.library import BrokenPlaybookError
from calmdesk.playbook.read import plays, read_playbook
from calmdesk.playbook.shelf import Shelf, shown_path
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calmdesk.bench.testing import Outcome
    from calmdesk.playbook.folders import Library
    from calmdesk.playbook.shelf import Closure


FEW = 6
"""So many lines of a file are named."""


class Renamed(NamedTuple):
    """One file as it will be written."""

    path: str
    before: bytes
    after: bytes
    lines: list[int]


def exchange_name(library: Library, playbook: str, kind: str, old: str, new: str, *, dry: bool = False) -> int:
    """Rename, and say where; nothing is written with `dry`. Raises CalmdeskError (1, 2, 3).

    Args:
        library: where the files stand that may mean the name.
        playbook: an id or a path.
        kind: step, fact or choice (whose `old` is STEP/CHOICE).
        old: the name as it is.
        new: the name as it shall be.
        dry: whether to show what would be changed.

    """
    step, _, name = old.rpartition("/") if kind == "choice" else ("", "", old)
    if kind == "choice" and not step:
        raise CalmdeskError(
            f"“{clean(old)}” names no step.", "Write the choice as STEP/CHOICE, such as hear/finished.", 2
        )
    wanted = Wanted(kind, name, new, step)
    path = os.path.realpath(playbook_path(library, playbook))
    shelf = Shelf(library)
    closure = _sound(shelf.closure(path))
    _mind_home(closure, wanted)
    near, far, known = _find_files(shelf, closure, wanted)
    data = {p: c.data[c.root] for p, c in near.items()}
    try:
        find_clash(data[path], wanted, [d for p, d in data.items() if p != path and kind == "fact"])
        made = [x for p, c in near.items() if (x := _rename(shelf, p, c, wanted, closure.root)).before != x.after]
        _mind_others([p for p, c in far.items() if _rename(shelf, p, c, wanted, closure.root).lines], wanted)
    except CantRename as no:
        raise CalmdeskError(no.message, no.hint, 2) from None
    changed = {x.path for x in made}
    _stay_clean(library, made, [p for p, c in known.items() if p in changed or _played(c) & changed])
    if not dry:
        replace_files({x.path: x.after for x in made})
    sys.stdout.write("\n".join(_told(made, wanted, closure, dry=dry)) + "\n")
    return 0


def _mind_home(closure: Closure, wanted: Wanted) -> None:
    """Raise CalmdeskError (2) where a fact is declared by a file that this one plays, and not here."""
    declaring = [n for n, d in closure.data.items() if wanted.kind == "fact" and wanted.old in (d.get("facts") or {})]
    if declaring and closure.root not in declaring:
        path = next(shown_path(p) for n, p, _ in closure.places if n == declaring[0])
        raise CalmdeskError(
            f"“{closure.root}” doesn't declare the fact “{wanted.old}”; “{declaring[0]}”, which it plays, does.",
            f"`calmdesk playbook rename {clean(path)} {wanted.old} {clean(wanted.new)} --fact` follows it everywhere.",
            2,
        )


def _sound(closure: Closure) -> Closure:
    if closure.errors:
        raise BrokenPlaybookError(shown_path(closure.path), closure.errors)
    return closure


def _find_files(
    shelf: Shelf, closure: Closure, wanted: Wanted
) -> tuple[dict[str, Closure], dict[str, Closure], dict[str, Closure]]:
    """Path → what it plays: of those beside the file that may mean the name, those elsewhere that may, and all."""
    home, folder = closure.path, os.path.dirname(closure.path)
    known: dict[str, Closure] = {home: closure}
    for name in shelf.ids(folder):
        found = find_file(shelf.library, name, folder)
        path = os.path.realpath(found) if found else home
        if path not in known:
            with suppress(CalmdeskError):
                other = shelf.closure(path)
                if other.files[other.root].data is not None:
                    known[path] = other
    linked = {home}
    while more := {p for p in known if p not in linked and _shares(known, p, linked, wanted)}:
        linked |= more
    found_near = {p: c for p, c in known.items() if p in linked and os.path.dirname(p) == folder}
    return found_near, {p: c for p, c in known.items() if p in linked and p not in found_near}, known


def _shares(known: Mapping[str, Closure], path: str, linked: set[str], wanted: Wanted) -> bool:
    """Whether a file and one of those that are looked at play each other, and it may mean the name."""
    closure = known[path]
    if not means(closure.data[closure.root], wanted):
        return False
    if wanted.kind != "fact":
        return bool(_played(closure) & linked)
    return bool(_played(closure) & linked) or any(path in _played(known[p]) for p in linked)


def _played(closure: Closure) -> set[str]:
    """The files that one plays, directly or through others; what the policy brings in keeps its facts to itself."""
    places = {name: os.path.realpath(path) for name, path, _ in closure.places}
    found, todo = set[str](), [closure.root]
    while todo:
        for name in plays(closure.data.get(todo.pop(), {"steps": {}})):
            if name in places and name not in found:
                found.add(name)
                todo.append(name)
    return {places[name] for name in found}


def _rename(shelf: Shelf, path: str, closure: Closure, wanted: Wanted, home: str) -> Renamed:
    """One file with the name exchanged. Raises CantRename."""
    text, policy = shelf.data(path), closure.policies.policy
    data = read_playbook(text, closure.root, policy).data
    if data is None or closure.errors:
        # It can't be played as it is: nobody knows what its tests mean.
        return Renamed(path, text, text, [])
    edition = make_edition(closure.root, closure.data, policy) if data.get("tests") else None
    own = wanted.kind == "fact" or closure.root == home
    after, lines = rename(File(closure.root, text, data, edition, own), wanted, home, policy)
    return Renamed(path, text, after, lines)


def _mind_others(paths: list[str], wanted: Wanted) -> None:
    """Raise CantRename where a file in another folder means the name: it isn't changed from here."""
    if paths:
        shown = ", ".join(clean(shown_path(p)) for p in paths)
        raise CantRename(
            f"“{wanted.old}” is also meant in {shown}, which stands in another folder.",
            "Copy that file beside this one, or keep the name.",
        )


def _stay_clean(library: Library, made: list[Renamed], paths: list[str]) -> None:
    """Raise CalmdeskError (1) where a file would have a finding that it hasn't now, or a test would come out otherwise."""
    before, after = Linter(library), Linter(library, {x.path: x.after for x in made})
    for path in paths:
        had = Counter((f.rule, f.path) for f in before.lint(path))
        for finding in after.lint(path):
            had[finding.rule, finding.path] -= 1
            if had[finding.rule, finding.path] < 0:
                raise CalmdeskError(
                    f"{clean(finding.path)} would have a new finding: {clean(finding.message)} Nothing was changed.",
                    clean(finding.tip) or f"`calmdesk explain {finding.rule}` says more.",
                    1,
                )
        for was, now in zip(_play(before, path), _play(after, path), strict=True):
            if bool(was.difference) != bool(now.difference):
                raise CalmdeskError(
                    f"The test “{clean(now.name)}” of {clean(shown_path(path))} would come out otherwise. Nothing was changed.",
                    clean(now.difference or was.difference),
                    1,
                )


def _play(linter: Linter, path: str) -> list[Outcome]:
    """How the tests of a file come out; nothing where it can't be played."""
    closure = linter.shelf.closure(path)
    if closure.errors:
        return []
    edition = make_edition(closure.root, closure.data, closure.policies.policy)
    return play_tests(edition, closure.data[closure.root].get("tests") or [])


def _told(made: list[Renamed], wanted: Wanted, closure: Closure, *, dry: bool) -> list[str]:
    what = f"choice “{wanted.step}/{wanted.old}”" if wanted.kind == "choice" else f"{wanted.kind} “{wanted.old}”"
    rows = [f"{'Would rename' if dry else 'Renamed'} the {what} to “{wanted.new}”:"]
    for each in made:
        count = f"{len(each.lines)} line{'' if len(each.lines) == 1 else 's'}"
        few = ", ".join(map(str, each.lines[:FEW])) + (" …" if len(each.lines) > FEW else "")
        rows.append(f"  {clean(shown_path(each.path))}: {count} ({few})")
        if dry:
            old, new = (t.decode("utf-8-sig").split("\n") for t in (each.before, each.after))
            for line in each.lines:
                rows += [f"    - {clean(old[line - 1])}", f"    + {clean(new[line - 1])}"]
    if words := _shown_by_id(wanted, closure):
        rows.append(
            f"It is shown by its name, so agents read “{words}” now; write a {words_key(wanted)} to keep the words."
        )
    if not dry:
        rows.append(
            "Calls that were handled before keep the name they were handled with; `diff` and what `graph` counts know both as one."
        )
    return rows


def words_key(wanted: Wanted) -> str:
    """The key that holds the words an agent reads."""
    return "`label`" if wanted.kind == "choice" else "`title`"


def _shown_by_id(wanted: Wanted, closure: Closure) -> str:
    """What agents read of the new name, where the file has no words of its own for it."""
    steps = closure.data[closure.root]["steps"]
    named = {
        "step": lambda: steps[wanted.old].get("title"),
        "choice": lambda: steps[wanted.step]["choices"][wanted.old].get("label"),
    }
    return "" if wanted.kind == "fact" or named[wanted.kind]() else wanted.new.replace("-", " ").capitalize()
