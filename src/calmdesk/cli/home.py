"""`calmdesk` alone: what waits on this desk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import typer

from calmdesk.cli.calls import local, open_desk_journal
from calmdesk.cli.promises import find_promises, is_late, promise_state, spoken_time
from calmdesk.journal.opening import NAME, read_mark
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from calmdesk.journal.store import Journal
    from calmdesk.terminal.sitting import Desk


def show_home(desk: Desk) -> None:
    """`calmdesk` alone: what waits on this desk, and three examples."""
    typer.echo("calmdesk walks you through a call with an unhappy customer.\n")
    if os.path.exists(os.path.join(desk.settings.data, NAME)) or read_mark(desk.settings.data).desk:
        _waiting(desk)
    typer.echo(
        "Try:\n  calmdesk handle angry-caller      a live call, step by step\n"
        "  calmdesk practice                 rehearse one first, with a simulated customer\n"
        "  calmdesk playbook list            the playbooks there are\n"
        "  calmdesk --help                   everything else"
    )


def _waiting(desk: Desk) -> None:
    from calmdesk.journal.opening import find_left_over
    from calmdesk.journal.salvage import rescue_folders
    from calmdesk.terminal.live import find_earlier, keep_words
    from calmdesk.terminal.sitting import call_name

    journal = open_desk_journal(desk)
    keep_words(desk, journal)
    for path in find_left_over(*rescue_folders(desk.settings.data)):
        typer.echo(
            f"{clean(path)} waits: calmdesk journal salvage {clean(path)} (delete it when you have what is in it)\n"
        )
    now = local(desk.clock().wall)
    if number := find_earlier(desk, journal, 0):
        call = journal.call(number)
        begun = local(call.started.wall).strftime("%H:%M") if call.started else ""
        how = "parked" if call.parked else "cut off"
        typer.echo(f"A call from {begun} was {how} ({call.root}): calmdesk resume {call_name(journal, number)}\n")
    waiting = [x for x in find_promises(journal) if x.promise.kept is None]
    waiting.sort(key=lambda x: not is_late(x, now))
    for listed in waiting[:5]:
        typer.echo(
            f"{promise_state(listed, now)} {spoken_time(listed.promise.by, now)}  {listed.promise.what}   calmdesk promise done {listed.id}"
        )
    if waiting:
        typer.echo("")
    if due := _count_due(desk, journal):
        typer.echo(f"{due} skill{' is' if due == 1 else 's are'} due: calmdesk practice --due\n")


def _count_due(desk: Desk, journal: Journal) -> int:
    """How many skills come round again today; nobody who never practised waits for the count."""
    if not any(journal.calls_with(kind) for kind in ("RehearsalEnded", "Drilled")):
        return 0
    from calmdesk.cli.progressing import read_cards

    now = desk.clock().wall
    return sum(card.due <= now for card in read_cards(desk, journal))
