"""What changed lately: where a playbook comes from, when its file was changed, and what differs since its last call."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from calmdesk import __version__
from calmdesk.cli.versions import pinned_edition, read_version, stands_for
from calmdesk.errors import CalmdeskError
from calmdesk.playbook.folders import built_in_folder, wanted_path
from calmdesk.playbook.library import open_edition
from calmdesk.playbook.shelf import shown_path
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from calmdesk.call.values import Call
    from calmdesk.playbook.search import Entry
    from calmdesk.terminal.sitting import Desk


class Lately(NamedTuple):
    """What is known of one playbook without comparing its texts."""

    origin: str
    """`calmdesk` for what is shipped, else the name of the folder it stands in."""
    changed: str
    """The day its file was changed, YYYY-MM-DD; empty for what is shipped."""
    since: str
    """The newest call with it, where that was handled with other words or limits than stand there now; else empty."""

    def __str__(self) -> str:
        """In a few words, for a column."""
        return ", ".join(filter(None, (self.origin, self.changed, self.since and f"since call {self.since}")))


def find_lately(desk: Desk, entries: Iterable[Entry]) -> list[Lately]:
    """What is known of each of these playbooks; nothing of calls where the journal can't be read."""
    from calmdesk.cli.changing import open_journal
    from calmdesk.terminal.sitting import call_name

    journal, found, outlines = None, [], []
    with suppress(CalmdeskError):
        journal = open_journal(desk)
        outlines = journal.outlines() if journal else []
    for x in entries:
        last = _find_last(outlines, x.id, x.path)
        since = ""
        if journal and last and _differs(desk, last[1], x.path):
            since = call_name(journal, last[0])
        found.append(Lately(_origin(x.path), _changed(x.path)[:10], since))
    return found


def tell_lately(desk: Desk, wanted: str) -> Iterator[str]:
    """What changed lately in one playbook, in a line or two; nothing of it where its texts can't be read."""
    with suppress(CalmdeskError):
        from calmdesk.bench.change import compare
        from calmdesk.bench.pairing import GROUPS
        from calmdesk.cli.calls import local
        from calmdesk.cli.changing import open_journal
        from calmdesk.terminal.sitting import call_name

        path = os.path.abspath(wanted_path(desk.settings.library, wanted))
        if changed := _changed(path):
            yield clean(f"{shown_path(path)}: changed {changed}.")
        else:
            yield f"Comes with calmdesk {__version__}."
        version = read_version(desk.settings.library, wanted)
        journal = open_journal(desk)
        last = _find_last(journal.outlines() if journal else [], version.edition.root, version.path)
        if journal is None or last is None:
            return
        number, call = last
        day = f" of {local(call.started.wall):%Y-%m-%d}" if call.started else ""
        name = call_name(journal, number)
        changes = compare(pinned_edition(desk.settings.library, journal, journal.call(number)), version.edition).changes
        if not changes:
            yield f"Nothing differs from what call {name}{day} was handled with."
            return
        counts = Counter(c.group for c in changes)
        told = ", ".join(f"{GROUPS[g][:1].lower()}{GROUPS[g][1:]}: {counts[g]}" for g in GROUPS if counts[g])
        yield f"Changed since call {name}{day}: {told}. `calmdesk playbook diff {clean(wanted)}` tells each."


def _find_last(outlines: list[tuple[int, Call]], root: str, path: str) -> tuple[int, Call] | None:
    """The newest call that was handled with a playbook."""
    return next(((n, c) for n, c in outlines if stands_for(c, root, path) and c.ended != "unused"), None)


def _differs(desk: Desk, call: Call, path: str) -> bool:
    """Whether a call was handled with another text of a playbook, or of a file that both play."""
    with suppress(CalmdeskError):
        now = dict(open_edition(desk.settings.library, path).edition.digests)
        return any(now.get(name, was) != was for name, was in call.digests)
    return False


def _is_shipped(path: str) -> bool:
    return os.path.dirname(os.path.realpath(path)) == os.path.realpath(built_in_folder())


def _origin(path: str) -> str:
    return "calmdesk" if _is_shipped(path) else os.path.basename(os.path.dirname(os.path.abspath(path)))


def _changed(path: str) -> str:
    """When a file of somebody's own was changed, YYYY-MM-DD HH:MM."""
    from calmdesk.cli.calls import local

    with suppress(OSError):
        return "" if _is_shipped(path) else f"{local(int(os.stat(path).st_mtime * 1000)):%Y-%m-%d %H:%M}"
    return ""
