"""`playbook preview`: a playbook is played while it is written, from any step, and each save is seen at once."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Annotated

import typer

from calmdesk.cli import make_desk
from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from calmdesk.playbook.folders import Library
    from calmdesk.playbook.library import Opened
    from calmdesk.playbook.shelf import Stamp
    from calmdesk.terminal.saves import Found

CHANNELS = ("phone", "chat", "email", "desk")
PAUSE = 0.05
"""Seconds that a file is given to be written whole, or put back in its place, before it is called broken."""
LOOKS = 5
"""So often at most, where it changes each time."""


def preview_playbook(
    playbook: Annotated[str, typer.Argument(help="A file or an id.")],
    step: Annotated[
        str, typer.Argument(metavar="[STEP]", help="Begin there; MODULE/STEP, where another file that it plays has it.")
    ] = "",
    fact: Annotated[
        list[str] | None, typer.Option("--fact", metavar="KEY=VALUE", help="A fact known beforehand; may be repeated.")
    ] = None,
    channel: Annotated[
        str, typer.Option("--channel", metavar="phone|chat|email|desk", help="How they reached you.")
    ] = "phone",
    plain: Annotated[bool, typer.Option("--plain", help="Lines of text instead of a screen.")] = False,
    answers: Annotated[
        str, typer.Option("--answers", metavar="FILE", help="Read the answers from a file; nobody is asked.")
    ] = "",
) -> None:
    """Play a playbook while you write it: each save is shown at once, on the step where you are.

    Nothing of it is kept. A save that can't be played is told, and the last good text goes on.

    Examples: `calmdesk playbook preview my.yaml` · `calmdesk playbook preview my.yaml promise --fact arrives=17:00`
    · `calmdesk playbook preview angry-caller apology/own`
    """
    raise typer.Exit(_preview(playbook, step, tuple(fact or ()), channel, plain=plain, answers=answers))


def _preview(wanted: str, step: str, facts: tuple[str, ...], channel: str, *, plain: bool, answers: str) -> int:
    from calmdesk.playbook.library import open_edition
    from calmdesk.terminal.previewing import play_preview
    from calmdesk.terminal.saves import Preview
    from calmdesk.terminal.sitting import Options

    if channel not in CHANNELS:
        raise CalmdeskError(f"--channel {clean(channel)} isn't known.", "Use phone, chat, email or desk.", 2)
    if answers and not (os.path.isfile(answers) and os.access(answers, os.R_OK)):
        raise CalmdeskError(f"The answers in {clean(answers)} can't be read.", "Check the path and who may read it.")
    desk = make_desk(Options(playbook=wanted, facts=facts, channel=channel, plain=plain, answers=answers))
    library = desk.settings.library
    opened = open_edition(library, wanted)
    return play_preview(Preview(desk, opened, step, Files(library, wanted, opened).look))


class Files:
    """The files that a preview plays, and what became of them since they were looked at last."""

    def __init__(self, library: Library, wanted: str, opened: Opened) -> None:
        from calmdesk.playbook.folders import wanted_path

        self.library = library
        self.wanted = wanted
        self.root = wanted_path(library, wanted)
        self.stamps: dict[str, Stamp] = {}
        # A save since it was opened is found at the first look: nothing has a stamp yet.
        self.paths: set[str] = set()
        self.paths = self._paths(_found(opened))

    def look(self) -> Found | None:
        """What stands there now; None where nothing was saved since the last look."""
        from calmdesk.cli.watching import has_changed

        if self.stamps and not has_changed(self.stamps):
            return None
        for _ in range(LOOKS):
            found = self._read()
            if found.good:
                break
            time.sleep(PAUSE)
            if not has_changed(self.stamps):
                break
        return found

    def _read(self) -> Found:
        """The playbook as it is on disk, read once more where it turns out to play other files than it did."""
        from calmdesk.cli.watching import read_stamps

        while True:
            self.stamps = read_stamps(self.paths)
            found = self._open()
            paths = self._paths(found)
            if paths <= self.stamps.keys():
                return found
            self.paths = paths

    def _open(self) -> Found:
        from calmdesk.playbook.library import BrokenPlaybookError, open_edition
        from calmdesk.playbook.shelf import shown_path
        from calmdesk.terminal.saves import Found

        try:
            return _found(open_edition(self.library, self.wanted))
        except BrokenPlaybookError as broken:
            return Found(None, broken.findings)
        except CalmdeskError as error:
            there = os.path.exists(self.root)
            return Found(None, gone=error.message if there else f"The file {shown_path(self.root)} is gone.")

    def _paths(self, found: Found) -> set[str]:
        """Every file that is played, or that keeps it from being played, and the folders where one may come or go."""
        from calmdesk.playbook.folders import policy_paths

        own = os.path.dirname(self.root)
        folders = {own, *self.library.folders}
        names = [name for name, _ in found.edition.digests] if found.edition else []
        paths = {os.path.join(folder, f"{name}.yaml") for folder in folders for name in names}
        paths |= {os.path.abspath(finding.path) for finding in found.findings}
        return (
            {path for path in paths if os.path.isfile(path)}
            | self.paths
            | folders
            | {self.root, *policy_paths(self.library, own)}
        )


def _found(opened: Opened) -> Found:
    from calmdesk.terminal.saves import Found

    return Found(opened.edition, opened.findings)
