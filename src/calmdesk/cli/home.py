"""`calmdesk` alone: what it is, what waits on this desk, and what to try."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from calmdesk.cli.calls import local, open_desk_journal
from calmdesk.cli.manual import find_width, render_pairs
from calmdesk.cli.promises import find_promises, is_late, promise_state, spoken_time
from calmdesk.journal.glance import glance_calls
from calmdesk.journal.opening import NAME, read_mark
from calmdesk.safetext import clean
from calmdesk.terminal.paint import cells, clip, plain_text, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from calmdesk.journal.store import Journal
    from calmdesk.terminal.sitting import Desk

WHAT_IT_IS = "calmdesk gives you the next sentence for an unhappy customer: one key a move."
MOST_PROMISES = 3
LEAST_ROWS = 18
LEAST_WORDS = 24
"""With less room than this beside its command, what waits stands above it."""
TASTE = ("calmdesk taste", "two minutes with a made-up customer, not kept")
TRY = (
    ("calmdesk handle angry-caller", "a live call, step by step"),
    ("calmdesk practice", "rehearse with a customer who answers back"),
    ("calmdesk --help", "everything else"),
)

Waiting = tuple[str, str]
"""What waits, and the command that takes it up."""


def show_home(desk: Desk) -> None:
    """Write what it is, what waits (a call, promises, what is due to practise), and what to try."""
    width = find_width()
    rows = [*wrap(WHAT_IT_IS, width), ""]
    sys.stdout.write("\n".join(rows) + "\n")
    handled = bool(glance_calls(desk.settings.data))
    waiting: list[str] = []
    try:
        if os.path.exists(os.path.join(desk.settings.data, NAME)) or read_mark(desk.settings.data).desk:
            waiting = [row for each in _find_waiting(desk) for row in _render(each, width)]
            sys.stdout.write("".join(f"{row}\n" for row in [*waiting, *([""] if waiting else [])]))
    finally:
        # Also where the journal can't be used: the way on is what a person needs then.
        tries: Sequence[Waiting] = (*TRY, TASTE) if handled else (TASTE, *TRY)
        if waiting and shutil.get_terminal_size().lines < LEAST_ROWS:
            # In a small window what waits mustn't scroll away above advice.
            tries = TRY[-1:]
        sys.stdout.write("\n".join(render_pairs(tries, width)) + "\n")


def _render(waiting: Waiting, width: int) -> list[str]:
    """A line for what waits, with its command behind it, or below it where there is no room."""
    words, command = waiting
    gap = " " if words.endswith(":") else "   "
    room = width - cells(command) - len(gap)
    if room < min(LEAST_WORDS, cells(words)):
        return [*wrap(words, width), f"  {command}"]
    return [f"{plain_text([clip([('', words)], room)])}{gap}{command}"]


def _find_waiting(desk: Desk) -> Iterator[Waiting]:
    from calmdesk.journal.opening import find_left_over
    from calmdesk.journal.salvage import rescue_folders
    from calmdesk.terminal.live import find_earlier, keep_words
    from calmdesk.terminal.sitting import call_name

    journal = open_desk_journal(desk)
    keep_words(desk, journal)
    for path in find_left_over(*rescue_folders(desk.settings.data)):
        yield "What couldn't be kept waits (delete it once it is in):", f"calmdesk journal salvage {clean(path)}"
    now = local(desk.clock().wall)
    if number := find_earlier(desk, journal, 0):
        call = journal.call(number)
        begun = local(call.started.wall).isoformat(timespec="minutes") if call.started else ""
        when = f" from {spoken_time(begun, now)}" if begun else ""
        how = "is parked" if call.parked else "was cut off"
        yield f"A call{when} {how} ({call.root}):", f"calmdesk resume {call_name(journal, number)}"
    waiting = [x for x in find_promises(journal, waiting=True) if x.promise.kept is None]
    waiting.sort(key=lambda x: not is_late(x, now))
    shown = waiting if len(waiting) <= MOST_PROMISES else waiting[: MOST_PROMISES - 1]
    for x in shown:
        said = f"{promise_state(x, now)} {spoken_time(x.promise.by, now)}  {clean(x.promise.what)}"
        yield said, f"calmdesk promise done {x.id}"
    if more := waiting[len(shown) :]:
        late = sum(is_late(x, now) for x in more)
        yield f"{len(more)} more promises{f', {late} of them late' if late else ''}:", "calmdesk promise list"
    if due := _count_due(desk, journal):
        yield f"{due} skill{' is' if due == 1 else 's are'} due:", "calmdesk practice --due"


def _count_due(desk: Desk, journal: Journal) -> int:
    """How many skills come round again today; nobody who never practised waits for the count."""
    if not any(journal.calls_with(kind) for kind in ("RehearsalEnded", "Drilled")):
        return 0
    from calmdesk.cli.progressing import read_cards

    now = desk.clock().wall
    return sum(card.due <= now for card in read_cards(desk, journal))
