"""`journal`: a copy of it, whether it is what was written, and what comes back from a damaged one."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from calmdesk.cli import make_desk
from calmdesk.cli.calls import open_desk_journal
from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from calmdesk.journal.salvage import Found, Salvaged

journal_app = typer.Typer(help="The journal: backup, verify, salvage.", no_args_is_help=True)


@journal_app.command("verify")
def verify_journal() -> None:
    """Whether the journal is what was written, row by row. Example: `calmdesk journal verify`"""
    from calmdesk.journal.check import count_lost_texts, verify

    journal = open_desk_journal(make_desk())
    events, forgotten = verify(journal)
    if lost := count_lost_texts(journal):
        sys.stderr.write(f"calmdesk: {lost} playbook texts of calls are gone: those calls can't be shown whole.\n")
    more = f", the words of {forgotten} forgotten" if forgotten else ""
    typer.echo(f"{clean(journal.path)}: {events} events{more}; every row is what was written.")


@journal_app.command("backup")
def backup_journal(file: Annotated[str, typer.Argument(help="A new file.")]) -> None:
    """A whole copy of the journal, while calls may go on. Example: `calmdesk journal backup monday.db`"""
    from calmdesk.journal.check import backup

    desk = make_desk()
    journal = open_desk_journal(desk)
    hint = "Keep the earlier backups, and run `calmdesk journal salvage`: it takes what is whole in them first."
    if journal.notices:
        raise CalmdeskError("Nothing was copied: the journal isn't whole.", hint, 5)
    backup(journal, file, desk.clock())
    typer.echo(f"copied to {clean(file)}")
    if journal.is_small and journal.integrity():
        raise CalmdeskError("The journal is damaged, and so is this copy.", hint, 5)


def _can_be_shown(found: Found) -> bool:
    """Whether a call that comes from a file makes sense with its own texts; one whose texts are lost may come in, too."""
    from calmdesk.call.state import replay
    from calmdesk.call.wrapup import write_path, write_summary
    from calmdesk.terminal.sitting import reopen_all

    try:
        call = replay(found.entries)
        edition = reopen_all(make_desk().settings.library, call, found.texts.get)
        return bool(write_summary(edition, call, "x") + write_path(edition, call))
    except CalmdeskError:
        return True
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError):
        return False


@journal_app.command("salvage")
def salvage_journal(
    file: Annotated[
        str, typer.Argument(help="A journal that was moved aside, a backup, or a rescue file; without it, this desk's.")
    ] = "",
) -> None:
    """Bring back what can be read of a damaged journal, or a call that couldn't be written.

    What is here already doesn't come in twice. Without a file, the backups that the journal knew come first: what was
    typed is whole there. A rescue file is deleted once all of it is in; others stay as they are.

    Examples: `calmdesk journal salvage` · `calmdesk journal salvage calmdesk-rescue-2026-11-25-140512-7.json`
    """
    from calmdesk.journal.salvage import find_copies, find_damage, remember_copies, salvage

    desk = make_desk()
    folder, copies = desk.settings.data, list[str]()
    if not file:
        file, notice = find_damage(folder)
        if notice:
            sys.stderr.write(f"calmdesk: {clean(notice)}\n")
        if not file:
            typer.echo("Nothing waits to be salvaged: the journal is what was written.")
            return
        if not file.endswith(".json"):
            # What a backup has is whole; the damaged file then adds what happened since.
            copies = find_copies(file)
    for copy in copies:
        try:
            _tell(copy, salvage(folder, copy, _can_be_shown))
        except CalmdeskError as error:
            sys.stderr.write(f"calmdesk: {clean(error.message)}\n")
    remember_copies(folder, copies, desk.clock())
    found = salvage(folder, file, _can_be_shown)
    _tell(file, found)
    if os.path.basename(file).startswith("calmdesk-rescue-") and not found.lost:
        os.unlink(file)
        typer.echo("The file was deleted: all of it is in the journal.")


def _tell(file: str, found: Salvaged) -> None:
    here = f", {found.here} events were here already" if found.here else ""
    lost = f"; {found.lost} rows can't be read" if found.lost else ""
    words = f"; the words typed in {found.wordless} can't be read" if found.wordless else ""
    typer.echo(f"{clean(file)}: {found.events} events of {found.calls} calls came back{here}{lost}{words}.")
