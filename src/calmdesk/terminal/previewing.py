"""A playbook is played while it is written: each good save is shown at once where one stands, and nothing is kept."""

from __future__ import annotations

import gc
import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from calmdesk.call import asides, moves
from calmdesk.call.play import play
from calmdesk.errors import CalmdeskError
from calmdesk.journal.opening import close_journal
from calmdesk.playbook.findings import render_finding
from calmdesk.safetext import clean
from calmdesk.terminal.board import Board
from calmdesk.terminal.menus import ALL_KEYS_TITLE, F_KEYS, policy_key
from calmdesk.terminal.paint import cells, clip, cut, wrap
from calmdesk.terminal.picking import ASKED
from calmdesk.terminal.plain import MISFITS, Lines, NoMoreLines, Plain
from calmdesk.terminal.saves import Noticed
from calmdesk.terminal.showing import is_on_screen, open_lines
from calmdesk.terminal.sitting import Stopped, catch_signals
from calmdesk.terminal.typed import OpenLine
from calmdesk.terminal.views import Screen, draw_wrapup

if TYPE_CHECKING:
    from collections.abc import Callable

    from calmdesk.call.moves import Move, NotAllowed, Standing
    from calmdesk.call.play import Conversation
    from calmdesk.terminal.blocks import Face
    from calmdesk.terminal.paint import Row
    from calmdesk.terminal.saves import Preview

SIGN, SHORT_SIGN = " PREVIEW, nothing is kept", " PREVIEW, not kept"
OVER = "The preview is over; nothing of it was kept."
OWN_KEYS = {
    "R": "from the start again",
    "f": "all findings of a save that can't be played",
    "q": "end the preview (F11)",
}
FINDINGS = "What is wrong with the save"
NO_FINDINGS = "There are no findings: this is the text as it is saved."
ENDED = "Enter begins again, b goes back into the call, q ends"


# --- on the screen


class PreviewBoard(Board):
    """The board of a call, with keys of its own: from the start again, all findings, the end."""

    def __init__(self, preview: Preview, talk: Conversation, copy: Callable[[str], None]) -> None:
        self.preview = preview
        self.width, self.tight = 80, False
        super().__init__(talk, copy=copy, wrapup=lambda: preview.wrapup(self.talk.call), keeper=preview)

    def look(self, typed: str) -> bool:
        """Look at the files; whether something is new. `typed` stands in the line, and stays there where it can."""
        found = self.preview.look()
        if found is None:
            return False
        asked = self.line.what == ASKED
        if self.typing:
            self.line.keep(typed, self.s.need)
        noticed = self.preview.notice(self.talk, found)
        # What stands in the message row must be seen, and a list may be one of another text.
        self.menu = []
        if noticed.taken and asked:
            self.line.close()
        self.await_answer()
        self.message, self.refused = noticed.said, False
        return True

    def again(self) -> None:
        """From the start again."""
        try:
            self.talk, said = self.preview.again()
        except CalmdeskError as error:
            self.message, self.refused = error.message, True
            return
        self.line, self.menu, self.left_line, self.page = OpenLine(), [], False, 0
        self.await_answer()
        self.message, self.refused = said or "From the start again.", False

    def press(self, key: str) -> None:
        """One key: of the preview, where the team's policy hasn't given it to something else."""
        own = F_KEYS.get(key, key)
        if self.menu or self.talk.call.over or own not in OWN_KEYS or policy_key(self.s, own) is not None:
            super().press(key)
        elif own == "q":
            self.closed = True
        elif own == "R":
            self.again()
        elif self.preview.findings:
            self._show_findings()
        else:
            # Without findings it may tick a check.
            super().press(key)

    def _press_wrapup(self, key: str) -> None:
        if key in {"enter", "R", "r"}:
            self.again()
        elif key == "f" and self.preview.findings:
            self._show_findings()
        else:
            super()._press_wrapup(key)

    def _show_findings(self) -> None:
        if not self.preview.findings:
            self.message, self.refused = NO_FINDINGS, False
            return
        self.open_menu(FINDINGS, [])
        told = "\n".join(render_finding(f) for f in self.preview.findings)
        self.menu = [("", part, str) for line in told.split("\n") for part in wrap(line, max(20, self.width - 6))]

    def _command_move(self, text: str) -> Move | None:
        match text.strip().lstrip("/"):
            case "again":
                self.again()
            case "findings":
                self._show_findings()
            case "q":
                self.closed = True
            case _:
                return super()._command_move(text)
        return None

    def open_list(self, key: str) -> None:
        """The list that a letter opens; of all keys, those of the preview first."""
        super().open_list(key)
        if self.menu_title == ALL_KEYS_TITLE:
            rest = [(k, label, act) for k, label, act in self.menu if k not in OWN_KEYS]
            self.menu = [*((k, label, partial(self.press, k)) for k, label in OWN_KEYS.items()), *rest]

    # --- drawing

    def face(self) -> Face:
        """What is shown beside the call: as long as the newest save can't be played, that."""
        face = super().face()
        if face.message or not self.preview.broken:
            return face
        return face._replace(message=self._broken_row(), refused=True)

    def _broken_row(self) -> str:
        """Why the save can't be played: whole, and in one row where room is short."""
        told, room = self.preview.told("/findings" if self.typing else "f"), self.width - 2
        if not self.tight or cells(told) <= room:
            return told
        more = f"… {'/findings' if self.typing else 'f'}: all"
        return cut(told, room - cells(more)) + more if self.preview.findings else f"{cut(told, room - 1)}…"

    def draw(self, width: int, height: int) -> Screen:
        """The screen of a call; its first row says what it is."""
        self.width, self.tight = width, height < 16 or width < 50
        if self.talk.call.over and not self.over and not self.menu:
            return self._draw_end(width, height)
        screen = super().draw(width, height)
        if screen.body:
            screen.body[0] = _signed(screen.body[0], width, "/again" if self.typing else "R")
        return screen

    def _draw_end(self, width: int, height: int) -> Screen:
        told = self.message or (self._broken_row() if self.preview.broken else "")
        body, foot = draw_wrapup(self.wrapup(), width, height - 1, told, self.page)
        keys = [("Enter", "begins again"), ("b", "back into the call"), ("c", "copies this"), ("space", "more")]
        own: list[Row] = [
            [x for key, what in keys for x in (("key", f" {key}"), ("dim", f" {what} "))],
            [("key", " q"), ("dim", " ends the preview")],
        ]
        return Screen([_signed([], width, ""), *body], [*foot[:-2], *(clip(row, width) for row in own)])


def _signed(row: Row, width: int, again: str) -> Row:
    """The first row: that nothing is kept; behind it what fits of the clock, and the key that begins anew."""
    sign = SIGN if cells(SIGN) <= width else SHORT_SIGN
    kept: Row = [("key", sign)]
    parts: list[Row] = [[("dim", " ·"), part] if not at else [part] for at, part in enumerate(row)]
    for part in [*parts, *([[("key", f"  {again} "), ("dim", "begins anew")]] if again else [])]:
        if sum(cells(text) for _, text in [*kept, *part]) > width:
            break
        kept += part
    return clip(kept, width)


def _play_on_screen(preview: Preview) -> int:
    from calmdesk.terminal.prompts import StepScreen
    from calmdesk.terminal.screen import copy_here, quiet_terminal, restore_terminal, wants_colour

    board = PreviewBoard(preview, preview.begin(), copy_here)
    screen = StepScreen(board, colour=wants_colour(), still=preview.desk.settings.still)

    def look(_: object) -> None:
        try:
            if board.look(screen.buffer.text if board.typing else ""):
                screen.sync()
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends the screen and is told once, in cli
            screen.app.exit(exception=error)

    screen.app.before_render += look
    before = quiet_terminal()
    try:
        os.write(sys.stdout.fileno(), b"\x1b[?1049h\x1b[H\x1b[2J")
        screen.run()
    finally:
        restore_terminal(before)
    return 0


# --- in lines


class PreviewPlain(Plain):
    """The plain face of a preview: before each question the files are looked at."""

    def __init__(self, lines: Lines, preview: Preview) -> None:
        super().__init__(lines, keeper=preview)
        self.preview = preview
        self.broken = ""
        self.wants_again = False

    def look(self, talk: Conversation) -> None:
        """Tell what a save has changed; the step is shown anew where it has."""
        found = self.preview.look()
        noticed = self.preview.notice(talk, found) if found is not None else Noticed("")
        if noticed.said:
            self.lines.say_wrapped(f"! {noticed.said}")
        if self.preview.broken != self.broken:
            self.broken = self.preview.broken
            if self.broken:
                self.lines.say_wrapped(f"! {self.preview.told('/findings')}")
        if noticed.here:
            self.seen = 0
        if noticed.taken:
            self.listed = []

    def show(self, talk: Conversation) -> None:
        """The step as it is saved now."""
        self.look(talk)
        super().show(talk)

    def understood(self, s: Standing, line: str) -> Move | None:
        """What a line means here; where it changed nothing, the files are looked at before it is asked again."""
        move = super().understood(s, line)
        if move is None and not self.resumed and self.talk is not None:
            self.show(self.talk)
        return move

    def refuse(self, no: NotAllowed) -> None:
        """Why a move was refused; a save may be what mends it."""
        super().refuse(no)
        if self.talk is not None:
            self.show(self.talk)

    def command(self, s: Standing, line: str) -> Move | None:
        """A command of a call, or one of the preview: again, findings, q."""
        match line.strip():
            case "again":
                self.resumed = self.wants_again = True
                return None
            case "findings":
                self.listed, self.misfits = [], 0
                found = self.preview.findings
                self.lines.say_wrapped("\n".join(render_finding(f) for f in found) or NO_FINDINGS)
                return None
            case "q":
                return asides.park
        return super().command(s, line)

    def ask_at_the_end(self, talk: Conversation) -> str:
        """What is wanted once the call is over: again, b, or q."""
        while True:
            self.look(talk)
            line = self.lines.read(ENDED)
            word = line.strip().lstrip("/")
            if word in {"", "again"}:
                return "again"
            if word in {"b", "q"}:
                return word
            self.refuse(moves.Misfit(f"“{clean(line)}” fits nothing here."))


def _play_in_lines(preview: Preview) -> int:
    gc.enable()
    answers = preview.desk.options.answers
    source = open_lines(answers) if answers else sys.stdin
    lines = Lines(source, sys.stdout, asked=not answers and sys.stdin.isatty())
    face = PreviewPlain(lines, preview)
    talk = preview.begin()
    lines.say_wrapped(
        f"PREVIEW  {clean(preview.edition.books[preview.edition.root].title)}: nothing is kept. "
        "/again begins anew, /findings shows what is wrong with a save, /q ends."
    )
    try:
        while not talk.call.parked:
            play(talk, show=face.show, ask=face.ask, tell=face.tell, refuse=face.refuse)
            if talk.call.over:
                lines.say(f"\n{preview.wrapup(talk.call)}")
                wanted = face.ask_at_the_end(talk)
                if wanted == "b":
                    talk.take(moves.back)
                    continue
                face.wants_again = wanted == "again"
            if not face.wants_again:
                break
            talk, said = preview.again()
            lines.say_wrapped(f"\n{said or 'From the start again.'}")
            face.seen, face.said, face.listed, face.wants_again, face.resumed = 0, "", [], False, False
    except NoMoreLines as none:
        if not talk.call.over:
            sys.stderr.write(f"{none}\n")
        return 4 if face.misfits >= MISFITS else 0
    finally:
        if answers:
            source.close()
    return 0


def play_preview(preview: Preview) -> int:
    """Play it until somebody ends it. Returns the exit code of `cli.md`; who stops in the middle leaves nothing unanswered."""
    on_screen = is_on_screen(preview.desk)
    for finding in preview.findings if not on_screen else ():
        sys.stderr.write(render_finding(finding) + "\n")
    try:
        catch_signals()
        code = _play_on_screen(preview) if on_screen else _play_in_lines(preview)
    except KeyboardInterrupt:
        code = 130
    except Stopped as stopped:
        return stopped.code
    except OSError:
        # Nobody looks any more: a closed pipe, a terminal that is gone.
        return 4
    finally:
        close_journal(preview.journal)
    if on_screen:
        Lines(sys.stdin, sys.stdout, asked=True).say_wrapped(OVER)
    return code
