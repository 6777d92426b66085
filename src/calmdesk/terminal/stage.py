"""The screen of a rehearsal: the customer above, the playbook's step below where it is wanted, and the line being typed."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from calmdesk.call.moves import NotAllowed
from calmdesk.call.values import elapsed
from calmdesk.coach.customer import HEAT
from calmdesk.coach.scenario_keys import MOST
from calmdesk.safetext import clean
from calmdesk.terminal.board import Board
from calmdesk.terminal.paint import Row, cells, clip, cut, wrap
from calmdesk.terminal.picking import is_typed
from calmdesk.terminal.practice import PLAYBOOK
from calmdesk.terminal.rehearsing import KEYS, MOVES
from calmdesk.terminal.scorecard import render_score
from calmdesk.terminal.views import Screen, draw

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calmdesk.call.events import Event
    from calmdesk.terminal.practice import Practice

REPLY = "reply"
"""The line of what is said to the customer."""
PRESSED = {"tab": "why", "f1": "hint", "p": "p", "f10": "p", "q": "end", "f11": "end", "b": "b", "f2": "b"}
"""Keys of the rehearsal, and the command that each gives."""
_READS = {"enter", "escape", "q"}
"""Keys that close a page that is only read."""


class Stage(Board):
    """The state of a rehearsal's screen: letters are words to the customer until Esc makes them keys of the playbook."""

    def __init__(self, practice: Practice, *, copy: Callable[[str], None]) -> None:
        self.practice = practice
        self.on_keys = self.left = False
        self.top = 0
        turns = len(practice.rehearsal.turns)
        self.reading = list(practice.brief_lines()) if not turns else []
        """A page that is read before anything is typed: what the hire knows, or all keys."""
        super().__init__(practice.talk, copy=copy)
        self.message = f"Turn {turns + 1}, where you left it." if turns else ""

    @property
    def guided(self) -> bool:
        """Whether the playbook stands below the customer."""
        return self.practice.rehearsal.level == PLAYBOOK

    @property
    def over(self) -> bool:
        """Whether this screen has nothing more to do."""
        return self.left or self.practice.is_over() or self.talk.call.over

    # --- moves

    def await_answer(self) -> None:
        """Where keys aren't wanted, a reply is being typed."""
        if self.on_keys:
            super().await_answer()
        elif not self.over and not self.reading:
            self.menu = []
            self.line.open(REPLY, "")

    def do(self, turn: Callable[[], Sequence[Event]]) -> bool:
        """Take a turn; behind a move that leads on, the next thing is to talk."""
        before = self.talk.call.spot, len(self.practice.rehearsal.turns)
        done = super().do(turn)
        if done and before != (self.talk.call.spot, len(self.practice.rehearsal.turns)):
            self._talk()
            if rose := self.practice.rise_line():
                self._tell(f"heat up{rose}")
        return done

    def _talk(self) -> None:
        self.on_keys = False
        self.line.close()
        self.await_answer()

    def leave_line(self, text: str) -> None:
        """Esc: letters are keys, and what was typed waits."""
        self.on_keys = True
        super().leave_line(text)
        self.left_line = True

    def typed(self, text: str) -> bool:
        """Enter: it is said to the customer; with a slash it is a command, or a move in the playbook."""
        if self.over:
            return True
        if self.line.what != REPLY:
            return super().typed(text)
        self.message, self.refused = "", False
        said = clean(text)
        if said.startswith("/"):
            self.command(said[1:].strip())
        elif said:
            # Until it is on disk it stands in the line.
            self.line.kept[REPLY] = text
            self.take(self.practice.reply(said))
        self.line.kept.pop(REPLY, None)
        if not self.on_keys and not self.menu:
            self.await_answer()
        return True

    def command(self, text: str) -> None:
        """A command of the rehearsal, else one of the playbook."""
        name, _, rest = text.partition(" ")
        name = "p" if name.lower() == "park" else name.lower()
        acts: dict[str, Callable[[], None]] = {
            "hint": lambda: self._tell(self.practice.hint()),
            "why": lambda: self._tell("; ".join(self.practice.why_lines())),
            "ways": lambda: self._tell("; ".join(self.practice.ways_lines())),
            "again": lambda: self._tell(f"{self.practice.first_name}: {self.practice.last_words}"),
            "facts": lambda: self._read(list(self.practice.brief_lines())),
            "?": lambda: self._read((f"{KEYS}\n{MOVES}" if self.guided else KEYS).split("\n")),
            "end": self.practice.end,
            "p": self._leave,
            "say": self._say,
        }
        if name in {"b", "back", "rewind"}:
            if rest and not rest.isdecimal():
                turns = max(1, len(self.practice.rehearsal.turns))
                self._tell(f"Go back to a turn with its number, such as /b {turns}.", refused=True)
                return
            self._back(int(rest) if rest else None)
        elif name in acts and not rest:
            acts[name]()
        elif self.guided:
            self._playbook(text)
        else:
            self._tell(f"/{clean(text)} is no command. /? shows all.", refused=True)

    def _playbook(self, text: str) -> None:
        """A number picks a way on; what else fits is a command of `handle`."""
        self.line.close()
        if text.isdecimal() and len(text) == 1:
            self.number(int(text))
        elif not text:
            self.enter()
        else:
            super().command(text)
        if not self.menu and not self.typing:
            self._talk_on()

    def _talk_on(self) -> None:
        """Back to typing, with what was told still in sight."""
        message, refused = self.message, self.refused
        self._talk()
        self.message, self.refused = message, refused

    def _tell(self, text: str, *, refused: bool = False) -> None:
        self.message, self.refused = text, refused

    def _leave(self) -> None:
        self.left = True

    def _say(self) -> None:
        if self.guided and self.s.line:
            self.take(self.practice.reply(self.s.line))
        else:
            self._tell("There is no line here. Say it in your own words.", refused=True)

    def _back(self, to: int | None) -> None:
        try:
            self._tell(self.practice.back(to))
        except NotAllowed as no:
            self._tell(str(no), refused=True)

    def _read(self, lines: list[str]) -> None:
        self.reading, self.top = lines, 0
        self.line.close()

    def press(self, key: str) -> None:
        """One key: of a page that is read, of the rehearsal, or of the playbook's step."""
        if self.over:
            return
        if self.reading:
            self._press_reading(key)
            return
        if key in PRESSED and not self.menu:
            self.message, self.refused = "", False
            self.command(PRESSED[key])
            if key == "f1":
                # Help doesn't take the line away; what was typed in it waits there.
                self._talk_on()
        elif key in {"t", "escape"} and not self.menu:
            self._talk()
        elif key == "?" or not self.guided:
            self.command("?")
        else:
            super().press(key)

    def _press_reading(self, key: str) -> None:
        if key == " ":
            self.top += 8
        elif key == "b":
            self.top = max(0, self.top - 8)
        elif key in _READS:
            self.reading, self.top = [], 0
            self.practice.listen()
            self._talk()

    # --- drawing

    def draw(self, width: int, height: int) -> Screen:
        """The rows as they stand; drawn each second, so a customer who waited too long speaks up here."""
        if self.reading and not self.over:
            return self._draw_reading(width, height)
        if (silence := self.practice.silence()) is not None:
            self.take(silence)
        if self.over:
            return Screen([], [])
        if self.menu:
            return draw(self.s, self.face(), width, height)
        foot = [clip(self._foot_row(), width)]
        room = height - len(foot) - self.typing
        below = self._step_rows(width, room) if self.guided else []
        return Screen([*self._talk_rows(width, room - len(below)), *below], foot)

    def _draw_reading(self, width: int, height: int) -> Screen:
        rows: list[Row] = []
        for line in self.reading:
            inset = line[: len(line) - len(line.lstrip())]
            rows += [[("", f" {inset}{part}")] for part in wrap(line, width - len(inset) - 2)]
        room = height - 1
        self.top = min(self.top, max(0, len(rows) - room))
        more = self.top + room < len(rows)
        foot: Row = [("key", " space"), ("dim", " more  ")] if more else []
        foot += [("key", " Enter"), ("dim", " goes on")]
        return Screen([clip(row, width) for row in rows[self.top : self.top + room]], [clip(foot, width)])

    def _meter_row(self, width: int) -> Row:
        """The meters, first on their row; then who it is."""
        p = self.practice
        heat = p.meters[HEAT]
        row: Row = [("key", f" heat {heat:>2} of {MOST} "), ("not" if heat > 6 else "bar", f"{'#' * heat:·<{MOST}}")]
        row += [("key", f"  {name} {value}") for name, value in p.meters.items() if name != HEAT]
        if clock := p.rehearsal.clock:
            left = clock - (elapsed(p.spoken_to, p.room.now()) or 0) // 1000
            row += [("key", f"  {max(0, left)} s")]
        by = f"  turn {len(p.rehearsal.turns) + 1}"
        row += [("dim", by), ("dim", f" · {p.scenario.name}")]
        return clip(row, width)

    def _talk_rows(self, width: int, room: int) -> list[Row]:
        """The meters, the last words of both, and what was asked for: what is newest stays longest."""
        p = self.practice
        below: list[Row] = []
        if self.message:
            style = "no" if self.refused else "told"
            below += [[(style, f" {part}")] for part in wrap(self.message, width - 2)]
        elif p.cue and not self.guided:
            below += [
                [("dim", f" {'cue:' if not at else '    '} {part}")] for at, part in enumerate(wrap(p.cue, width - 7))
            ]
        spoken: list[Row] = []
        for who, text, style in [(p.first_name, p.scenario.opening, "say"), *self._exchanges()]:
            lead = f" {who}{' ' * max(0, 6 - cells(who))} " if width >= 50 else f" {cut(who, 5)}: "
            for at, part in enumerate(wrap(text, width - cells(lead) - 1)):
                spoken.append([("dim", lead if not at else " " * cells(lead)), (style, part)])
        size = max(2, room - 1 - len(below))
        shown = spoken[-size:]
        air: list[Row] = [[]] if below and size > len(shown) else []
        return [self._meter_row(width), *shown, *air, *below][:room]

    def _exchanges(self) -> list[tuple[str, str, str]]:
        told = []
        for turn in self.practice.rehearsal.turns[-6:]:
            told.append(("you", f"(silence, {turn.waited} s)" if turn.waited else turn.said, "dim"))
            told.append((self.practice.first_name, turn.answer or "(says nothing)", "say"))
        return told

    def _step_rows(self, width: int, room: int) -> list[Row]:
        """The playbook's step, without the clock of a call."""
        own = self.line.what not in {"", REPLY}
        face = self.face()._replace(message="", hint=self.line.hint if own else "", typing=own)
        share = max(4, room // 2, room - len(self._talk_rows(width, 10 * room)))
        body = draw(self.s, face, width, share + 2).body[1:]
        return [[("dim", "─" * (width - 1))], *body[: share - 1]] if room >= 12 else body[: share - 1]

    def _foot_row(self) -> Row:
        keys = [("t", "types again"), ("b", "back"), ("p", "stops"), ("?", "all")]
        if self.typing and self.line.what == REPLY:
            asked = self.guided and is_typed(self.s.need)
            keys = [("Enter", "says it"), ("Esc Enter", "the step") if asked else ("Esc", "keys")]
            keys += [("Tab", "why"), ("F1", "hint"), ("/b", "takes it back"), ("/?", "all")]
        elif self.typing:
            keys = [("Enter", "saves"), ("Esc", "keys")]
        elif self.guided:
            keys[1:1] = [("1-9", "choose"), ("Enter", "goes on")]
        row: Row = []
        for key, what in keys:
            row += [("key", f" {key}"), ("dim", f" {what} ")]
        return row


def rehearse_on_screen(practice: Practice, *, still: bool = False) -> None:
    """A rehearsal on the screen, to its end or to where it is laid aside; then its scorecard, where it has one."""
    from calmdesk.terminal.plain import Lines
    from calmdesk.terminal.prompts import StepScreen
    from calmdesk.terminal.screen import copy_here, quiet_terminal, restore_terminal, wants_colour

    stage = Stage(practice, copy=copy_here)
    before = quiet_terminal()
    try:
        os.write(sys.stdout.fileno(), b"\x1b[?1049h\x1b[H\x1b[2J")
        StepScreen(stage, colour=wants_colour(), tab=True, still=still).run()
    finally:
        restore_terminal(before)
        if left := stage.line.kept.get(REPLY, ""):
            sys.stderr.write(f"Not said yet: {clean(left)}\n")
    lines = Lines(sys.stdin, sys.stdout, asked=True)
    if not practice.rehearsal.outcome:
        return
    if practice.rehearsal.turns:
        lines.say_wrapped(f"{practice.first_name}: {practice.last_words}\n")
    for row in render_score(practice.scenario, practice.rehearsal, practice.card()):
        lines.say_wrapped(row)
