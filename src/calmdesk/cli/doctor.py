"""`doctor`: whether this desk is ready for a call, a line a finding, and below it what to do."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from calmdesk.safetext import clean, json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calmdesk.cli.checking import Check

Group = tuple[str, "list[Check]"]
_FEW = 4
"""How many of a long list a screen names."""
_WIDE, _NARROW = 60, 24
_WIDEST = 100
"""Longer rows are hard to read, however wide a window is."""
_NAME = 11


def doctor(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Whether this desk is ready for a call: terminal, journal, machine and settings, and what to do about each.

    “ok” is fine, “LOOK” is something to do when there is time, and with “BAD” a call may be lost or the program can't
    work: then the exit code is 1. Nothing is changed.

    Examples: `calmdesk doctor` · `calmdesk doctor --json`
    """
    groups = list(_look())
    checks = [check for _, found in groups for check in found]
    if as_json:
        listed = [{"check": c.name, "state": c.state, "found": c.said(), "do": clean(c.do)} for c in checks]
        sys.stdout.write(json_text({"schema": 1, "checks": listed}) + "\n")
    else:
        columns = min(max(shutil.get_terminal_size().columns, _NARROW), _WIDEST)
        for row in render_checks(groups, columns):
            typer.echo(row)
    raise typer.Exit(int(any(check.state == "BAD" for check in checks)))


def _look() -> Iterator[Group]:
    """Every look at this desk, in groups; none stops the others."""
    from calmdesk.cli import checking as c
    from calmdesk.cli import checking_journal as j
    from calmdesk.cli import make_clock
    from calmdesk.cli.checking_terminal import look_at_terminal
    from calmdesk.settings import read_settings
    from calmdesk.terminal.locks import is_open
    from calmdesk.terminal.sitting import Desk, Options

    settings = read_settings(os.environ)
    folder = settings.data
    desk = Desk(settings, make_clock(), Options())
    now = desk.clock()
    last: list[int | None] = [None]

    def look_at_journal() -> tuple[Check, ...]:
        seen = j.look_at_journal(folder, now, lambda number: is_open(desk, number))
        last[0] = seen.last
        return seen.checks

    yield "This terminal", c.try_to_look("terminal", lambda: look_at_terminal(settings))
    yield (
        "What is kept",
        [
            *c.try_to_look("journal", look_at_journal),
            *c.try_to_look("saving", lambda: j.look_at_saving(folder)),
            *c.try_to_look("left over", lambda: j.look_at_left_overs(folder)),
            *c.try_to_look("private", lambda: c.look_at_privacy(settings)),
            *c.try_to_look("disk", lambda: c.look_at_disk(folder)),
            *c.try_to_look("drive", lambda: c.look_at_drive(folder)),
        ],
    )
    yield (
        "This machine",
        [
            *c.try_to_look("clock", lambda: c.look_at_clock(now, last[0])),
            *c.try_to_look("versions", lambda: c.look_at_versions(j.SQLITE, j.OLDEST_SQLITE, j.how_saved())),
        ],
    )
    yield (
        "What it is set to",
        [
            *c.try_to_look("settings", lambda: c.look_at_configuration(settings)),
            *c.try_to_look("playbooks", lambda: c.look_at_playbooks(settings)),
            *c.try_to_look("policy", lambda: c.look_at_policy(settings)),
        ],
    )


def render_checks(groups: list[Group], columns: int) -> Iterator[str]:
    """Groups of findings as rows of at most so many columns (a path or a command's word is never cut), then the sum."""
    for title, checks in groups:
        yield title
        for check in checks:
            yield from _render(check, columns)
    yield ""
    yield from _wrapped(_sum([check for _, checks in groups for check in checks]), columns, "", "")


def _render(check: Check, columns: int) -> Iterator[str]:
    name = clean(check.name)
    if columns >= _WIDE:
        first = f"  {check.state:<4}  {name:<{_NAME}} "
        rest = " " * len(first)
    else:
        first, rest = f"{check.state:<4} {name}: ", "     "
    yield from _wrapped(check.said(_FEW), columns, first, rest)
    if check.do and check.state != "ok":
        yield from _wrapped(clean(check.do), columns, f"{rest}- ", f"{rest}  ")


def _wrapped(text: str, columns: int, first: str, rest: str) -> list[str]:
    import re
    import textwrap

    room = columns - len(rest)
    # A command that fits a row stays on one: it is to be copied.
    held = re.sub("`[^`]+`", lambda m: m[0].replace(" ", "\xa0") if len(m[0]) < room else m[0], text)
    rows = textwrap.wrap(
        held, columns, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
    return [row.replace("\xa0", " ") for row in rows]


def _sum(checks: list[Check]) -> str:
    bad = ", ".join(dict.fromkeys(check.name for check in checks if check.state == "BAD"))
    look = ", ".join(dict.fromkeys(check.name for check in checks if check.state == "LOOK"))
    if bad:
        return f"BAD: {bad}. Put that right before the next call.{f' To look at: {look}.' if look else ''}"
    return f"Ready for a call. To look at: {look}." if look else "Ready for a call."
