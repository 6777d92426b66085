"""The words first: a call's first screen is painted with nothing heavy loaded, then the keys come alive."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, Any

from calmdesk.terminal import paint
from calmdesk.terminal.board import UNFINISHED, Board

if TYPE_CHECKING:
    from calmdesk.call.play import Conversation
    from calmdesk.terminal.showing import Beside
    from calmdesk.terminal.sitting import Sitting


def wants_colour() -> bool:
    """Whether the screen is to show colour."""
    return paint.wants_colour(sys.stdout)


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def copy_here(text: str) -> None:
    """Put a text on the clipboard, through this terminal where nothing else can."""
    from calmdesk.terminal.clipboard import copy

    copy(text, _write)


def play_on_screen(talk: Conversation, beside: Beside, sitting: Sitting) -> bool:
    """Play a call on the screen until it is over or parked; whether the agent then wants minutes of their own.

    Signals and Ctrl-C come through as exceptions.
    """
    board = Board(
        talk, copy=copy_here, earlier=beside.earlier(), resume=beside.resume, wrapup=beside.wrapup, keeper=sitting
    )
    note = talk.call.notes[-1] if talk.call.notes else None
    if note and note.text.startswith(UNFINISHED) and note.at.wall >= sitting.parked_at:
        board.message = f"left unfinished, kept as a note: {note.text.removeprefix(UNFINISHED)}"
    colour = wants_colour()
    before = quiet_terminal()
    screen = None
    try:
        size = os.get_terminal_size(sys.stdout.fileno())
        first = board.draw(size.columns, size.lines)
        _write(
            paint.first_paint(
                [*first.body, *[[]] * (size.lines - len(first.body) - len(first.foot)), *first.foot], colour=colour
            )
        )
        from calmdesk.terminal.prompts import StepScreen, leave_unfinished

        screen = StepScreen(board, colour=colour, still=sitting.desk.settings.still)
        gc.freeze()
        gc.enable()
        screen.run()
    finally:
        restore_terminal(before)
        if screen is not None:
            leave_unfinished(screen)
    return board.wants_reset


def quiet_terminal() -> Any:  # noqa: ANN401 - the terminal's own settings
    """No echo, and away with what was typed before there was anything to see; gives back what to restore."""
    if sys.platform == "win32":
        from calmdesk.terminal.windows import drop_typed

        # A console shows what is typed only while somebody reads a line: there is nothing to restore.
        drop_typed()
        return None
    try:
        import termios
    except ImportError:
        return None
    fd = sys.stdin.fileno()
    before = termios.tcgetattr(fd)
    quiet = termios.tcgetattr(fd)
    quiet[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(fd, termios.TCSAFLUSH, quiet)
    return before


def restore_terminal(before: Any) -> None:  # noqa: ANN401 - the terminal's own settings
    """The terminal as it was found, back on its first page."""
    try:
        _write("\x1b[?1049l\x1b[?25h")
        if sys.platform != "win32" and before is not None:
            import termios

            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, before)
    except OSError:
        return
