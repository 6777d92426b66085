"""Keys become moves: what one key, or one typed line, does to a call on the screen. No terminal is needed here.

A key that can't be used says why. Text that was typed and not yet saved is kept for when its line is
opened again; nothing asks "are you sure".
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from calmdesk.call import asides, moves
from calmdesk.call import events as e
from calmdesk.call import need as n
from calmdesk.call.moves import NotAllowed
from calmdesk.safetext import clean, fold_digits
from calmdesk.terminal.blocks import CHECK_KEYS, Face, draft_text, emergency_text
from calmdesk.terminal.commands import Ask, read_command
from calmdesk.terminal.keeping import Remembered, hidden_line
from calmdesk.terminal.lines import said_back
from calmdesk.terminal.menus import (
    ALL_KEYS_TITLE,
    BACK,
    F_KEYS,
    KEYS,
    is_danger,
    list_answers,
    list_cuts,
    list_ends,
    list_facts,
    list_keys,
    list_steps,
    policy_key,
)
from calmdesk.terminal.paint import wrap
from calmdesk.terminal.picking import ASKED, LINES, entered_move, is_typed, picked_move, typed_move
from calmdesk.terminal.typed import OpenLine
from calmdesk.terminal.views import Screen, draw, draw_wrapup

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calmdesk.call.events import Event
    from calmdesk.call.moves import Move, Standing
    from calmdesk.call.play import Conversation
    from calmdesk.terminal.keeping import Keeper
    from calmdesk.terminal.menus import Items


UNFINISHED = "(unfinished) "
"""What a note begins with that holds half a line, typed when the call was cut off."""


class Board:
    """The state of the screen beside the call: a message, an open menu, a line being typed.

    Args:
        talk: the call.
        copy: puts a text on the clipboard.
        earlier: when an earlier call began that can be resumed; empty where there is none.
        resume: goes on with that call.
        wrapup: the summary, once the call is over.
        keeper: what remembers the call.

    """

    def __init__(
        self,
        talk: Conversation,
        *,
        copy: Callable[[str], None],
        earlier: str = "",
        resume: Callable[[], None] | None = None,
        wrapup: Callable[[], str] = str,
        keeper: Keeper | None = None,
    ) -> None:
        self.talk = talk
        self.keeper = keeper or Remembered()
        self.noticed = 0
        self.wrapup = wrapup
        self.copy = copy
        self.earlier = earlier
        self.resume = resume
        self.message = ""
        self.refused = False
        self.menu: list[tuple[str, str, Callable[[], object]]] = []
        self.menu_title = ""
        self.menu_page = 0
        self.line = OpenLine()
        self.left_line = False
        self.switched = self.closed = self.wants_reset = False
        self.page, self.room = 0, 8
        self.await_answer()
        slash = "/" if self.typing else ""
        self.message = hidden_line(talk, f"{slash}z")
        if self.keeper.changes:
            key = "/new" if self.typing else "u"
            self.message = f"{self.keeper.changes} {key} takes the new text; else the call goes on with its own."

    @property
    def s(self) -> Standing:
        """The call as it stands."""
        return self.talk.standing

    @property
    def typing(self) -> bool:
        """Whether letters are words of a line rather than moves."""
        return bool(self.line.what)

    @property
    def over(self) -> bool:
        """Whether this screen has nothing more to do."""
        return self.talk.call.parked or self.switched or self.closed

    def face(self) -> Face:
        """What is to be shown beside the call."""
        first = self.earlier if not self.talk.call.marks else ""
        menu = tuple((k, label) for k, label, _ in self.menu)
        return Face(
            self.message,
            self.refused,
            menu,
            self.menu_title,
            self.menu_page,
            self.typing,
            self.line.hint,
            first,
            bool(self.keeper.changes),
            self.keeper.why,
        )

    # --- moves

    def take(self, move: Move) -> bool:
        """Make a move; say what was saved, or why it was refused."""
        return self.do(partial(self.talk.take, move))

    def do(self, turn: Callable[[], Sequence[Event]]) -> bool:
        """Take a turn; say what was saved, or why it was refused."""
        self.message, self.refused = "", False
        before = self.talk.hidden
        try:
            events = turn()
        except NotAllowed as no:
            self.message, self.refused = str(no), True
            return False
        # What is to be said stands in its own place on the screen already.
        told = [line for x in events for line in said_back(self.s, x).split("\n") if line]
        told = [line for line in told if not line.startswith(("ticked", "unticked", "SAY"))]
        # Taken back, keys stay keys: the next `b` must not be typed into an answer.
        self.left_line = any(isinstance(x, e.WentBack) for x in events)
        self.line.close()
        self.await_answer()
        if self.talk.hidden is not before and self.talk.hidden:
            told.insert(0, hidden_line(self.talk, "/z" if self.typing else "z"))
        self.message = ("not on disk yet: " if self.keeper.why and told else "") + "  ".join(told)
        return True

    def await_answer(self) -> None:
        """Open the line of a fact that is typed; facts to pick from take one key."""
        if self.over or self.talk.call.over or self.typing or self.menu or self.left_line:
            return
        if is_typed(self.s.need):
            # The question stands in the step already.
            self.line.open(ASKED, "")

    def press(self, key: str) -> None:
        """One key, by its name: a letter, a digit, enter, space, escape, f1 to f12."""
        key = F_KEYS.get(key, key)
        self.refused = False
        if self.talk.call.over:
            self._press_wrapup(key)
            return
        if self.menu:
            self._press_menu(key)
            return
        self.message = ""
        if is_danger(self.s, key) and (card := emergency_text(self.s)):
            self.open_menu("Emergency card", [])
            self.menu = [("", part, str) for line in card.splitlines() for part in wrap(line, 34)]
            return
        if (digit := fold_digits(key)) in "0123456789":
            self.number(int(digit))
        elif key == "enter":
            self.enter()
        elif key in {" ", "a"}:
            self.tick(every=key == "a")
        elif key == "escape":
            self.message = ""
        elif (name := policy_key(self.s, key)) is not None:
            self.take(partial(asides.interrupt, name=name))
        elif key in CHECK_KEYS and CHECK_KEYS.index(key) < len(self.s.step.checks):
            self.take(partial(asides.toggle, checks=[self.s.step.checks[CHECK_KEYS.index(key)]]))
        else:
            self.letter(key)

    def _press_wrapup(self, key: str) -> None:
        """The call is over: its summary stands there until it is closed."""
        if key in {"enter", "escape", "q", "r"}:
            self.closed, self.wants_reset = True, key == "r"
        elif key == "c":
            self.copy_text(self.wrapup(), "the summary")
        elif key == " ":
            self.page += self.room
        elif key == "b":
            self.take(partial(moves.back, stops=True))

    def draw(self, width: int, height: int) -> Screen:
        """The rows of the screen as it stands; drawn each second, so what waits to be saved is tried again here."""
        self.keeper.save_again()
        if len(self.keeper.notices) > self.noticed:
            self.message, self.refused = " ".join(self.keeper.notices[self.noticed :]), True
            self.noticed = len(self.keeper.notices)
        if self.over:
            return Screen([], [])
        if self.talk.call.over:
            self.room = max(1, height - 4 - bool(self.message))
            return draw_wrapup(self.wrapup(), width, height, self.message, self.page, self.keeper.why)
        return draw(self.s, self.face(), width, height)

    def letter(self, key: str) -> None:
        """The moves that have a letter of their own."""
        plain: dict[str, Move] = {
            "b": partial(moves.back, stops=True),
            "s": asides.say_otherwise,
            "p": asides.park,
            "!": asides.override,
        }
        if key in plain:
            self.take(plain[key])
        elif key in LINES:
            self.line.open(*LINES[key])
        elif key in {"e", "i", "g", "q", "?"}:
            self.open_list(key)
        elif key in {"h", "H"}:
            self.take(asides.come_back if self.talk.call.held_until is not None else asides.hold)
        elif key == "c":
            self.copy_here()
        elif key == "z":
            self.do(self.talk.unmask)
        elif key == "u" and self.keeper.changes:
            self.do(lambda: self.keeper.renew(self.talk))
        elif key == "u" and self.earlier and not self.talk.call.marks and self.resume:
            self.resume()
            self.switched = True
        elif key.isprintable():
            self.message, self.refused = f"{clean(key)} is no key here. ? shows all keys.", True

    def number(self, number: int) -> None:
        """A digit: a choice, or an answer to pick."""
        need = self.s.need
        move = picked_move(need, number)
        if move is not None:
            self.take(move)
            return
        self.left_line = False
        self.await_answer()
        if self.typing:
            # A figure is asked here: the digit is its beginning.
            self.line.kept[self.line.slot(need)] = str(number)
        else:
            self.message, self.refused = f"There is no {number} here.", True

    def enter(self) -> None:
        """Enter goes on, takes the old answer, or opens the line that is asked for."""
        move, opens, why = entered_move(self.s.need)
        if move is not None:
            self.take(move)
        elif opens:
            self.left_line = False
            self.await_answer()
        else:
            self.message, self.refused = why, True

    def tick(self, *, every: bool) -> None:
        """The next check, or all that are left."""
        done = {c for spot, c in self.talk.call.ticks if spot == self.talk.call.spot}
        left = [c for c in self.s.step.checks if c not in done]
        if left:
            self.take(partial(asides.toggle, checks=left if every else left[:1]))
        else:
            self.message, self.refused = "There is nothing left to tick.", True

    def copy_here(self) -> None:
        """Copy the step's draft where it has one, else the line to say."""
        need, draft = self.s.need, draft_text(self.s)
        code = need.code if isinstance(need, n.AskApproval) else ""
        text = code or draft or self.s.line
        if text:
            self.copy_text(text, "the code" if code else "the draft" if draft else "the line")

    def copy_text(self, text: str, what: str) -> None:
        """Put a text on the clipboard, and say so."""
        self.copy(text)
        self.message = f"sent to the clipboard: {what}"

    # --- a line being typed

    @property
    def unsaved(self) -> str:
        """What the line starts with."""
        return self.line.start(self.s.need)

    @property
    def line_id(self) -> str:
        """What tells one line from the next: the buffer is filled anew for another."""
        return f"{self.talk.call.spot}:{self.line.slot(self.s.need)}" if self.typing else ""

    def leave_line(self, text: str) -> None:
        """Escape: keys are moves, and what was typed waits."""
        self.line.keep(text, self.s.need)
        self.left_line = self.line.what == ASKED
        self.line.close()

    def typed(self, text: str) -> bool:
        """Enter: the line is saved. False where it was refused; then it stays to be mended."""
        slot, what = self.line.slot(self.s.need), self.line.what
        if text.startswith("/"):
            self.line.kept.pop(slot, None)
            self.left_line = what == ASKED
            self.line.close()
            self.command(text[1:])
            self.await_answer()
            return True
        move = self._command_move(text) if what == "command" else typed_move(self.s.need, what, text)
        if move is None:
            if self.line.what == what:
                self.line.close()
            self.await_answer()
            return True
        saved = self.take(move)
        self.line.kept.pop(slot, None)
        return saved

    def command(self, text: str) -> None:
        """A command as plain mode knows it, typed with a slash."""
        move = self._command_move(text)
        if move is not None:
            self.take(move)

    def _command_move(self, text: str) -> Move | None:
        """The move of a typed command; None where it opened a list, or was none and is told so."""
        try:
            found = read_command(self.s, text.lstrip("/"))
        except NotAllowed as no:
            self.message, self.refused = str(no), True
            return None
        lists = {"keys": "?", "interruption": "i", "step": "g"}
        if not isinstance(found, Ask):
            if found is None:
                self.message, self.refused = f"/{clean(text)} is no command. /? shows all.", True
            return found
        self.line.close()
        if found.what == "fact":
            self.edit(found.name)
        elif found.what in {"unmask", "renew"}:
            self.letter("z" if found.what == "unmask" else "u")
        elif found.what in lists:
            self.open_list(lists[found.what])
        return None

    def unfinished(self, text: str) -> str:
        """Everything typed and not saved, for the note that a stop leaves behind."""
        return self.line.unfinished(text, self.s.need)

    # --- menus

    def _press_menu(self, key: str) -> None:
        if key == " ":
            self.menu_page += 1
            return
        items, self.menu = self.menu, []
        if is_danger(self.s, key) and not any(name == key for name, _, _ in items):
            self.press(key)
            return
        act = next((act for name, _, act in items if name == fold_digits(key)), None)
        if self.menu_title == ALL_KEYS_TITLE and act is None:
            # In the list of keys each key does what it does outside; digits pick for other keyboards.
            digit = fold_digits(key)
            at = int(digit) - 1 if digit.isdecimal() and len(digit) == 1 else -1
            if 0 <= at < len(items):
                items[at][2]()
            elif key not in {"escape", "enter", "?"}:
                self.press(key)
        elif act is not None:
            act()
        elif key not in {"escape", "b", "enter"}:
            self.message, self.refused = f"{clean(key)} picks nothing there.", True
        self.await_answer()

    def open_menu(self, title: str, items: Items) -> None:
        """Show a list; digits, then letters, pick from it."""
        self.menu_title, self.menu_page = title, 0
        back = [("0", label, act) for label, act in items if label == BACK]
        rest = [x for x in items if x[0] != BACK]
        self.menu = [*back, *((KEYS[at], label, act) for at, (label, act) in enumerate(rest[: len(KEYS)]))]
        self.line.close()

    def open_list(self, key: str) -> None:
        """The list that a letter opens."""
        match key:
            case "e":
                self.open_menu("Edit what?", list_facts(self.s, self.edit))
            case "i":
                self.open_menu("What cuts in?", list_cuts(self.s, self.take))
            case "g":
                self.open_menu("Go to which step?", list_steps(self.s, self.take))
            case "q":
                self.open_menu("End the call how?", list_ends(self.s, self.take))
            case _:
                self.open_menu(ALL_KEYS_TITLE, [])
                self.menu = [(key, label, partial(self.press, key)) for key, label in list_keys(self.s)]

    def edit(self, name: str) -> None:
        """Another answer to a fact: picked, where there is something to pick."""
        fact = self.s.known.declared(name)
        if fact is not None and (answers := list_answers(fact, self.take)):
            self.open_menu(fact.ask, answers)
            return
        self.line.open(f"fact {name}", fact.ask if fact else name, self.s.known.spoken(name) or "")
