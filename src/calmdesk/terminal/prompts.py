"""The step screen: one persistent application for the whole call, and the picker. Keys in, rows out.

What is shown comes from `views.draw`, the same rows that stood on the screen before this was loaded.
"""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING, Generic, TypeVar

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import ConditionalContainer, HSplit, Layout, VSplit, Window
from prompt_toolkit.layout.controls import BufferControl, FormattedTextControl
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.layout.screen import _CHAR_CACHE
from prompt_toolkit.utils import _CHAR_SIZES_CACHE

from calmdesk.call import asides
from calmdesk.safetext import HIDDEN, clean
from calmdesk.terminal.board import UNFINISHED
from calmdesk.terminal.paint import is_mark, letter_after, letter_before, ptk_style
from calmdesk.terminal.views import Screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from calmdesk.terminal.board import Board
    from calmdesk.terminal.paint import Row


T = TypeVar("T")
PROBE = "কি"
"""A letter and a spacing vowel sign."""


def set_mark_width(width: int) -> None:
    """How many columns the terminal gives a spacing vowel sign (Unicode category Mc), told to prompt_toolkit.

    It repaints by columns: with a wrong width, letters of one row end up in another.
    """
    # What was measured with another width is measured anew.
    for text in [text for text in _CHAR_SIZES_CACHE if len(text) > 1]:
        del _CHAR_SIZES_CACHE[text]
    _CHAR_CACHE.clear()
    for code in range(0x900, 0xE00):
        if unicodedata.category(chr(code)) == "Mc":
            _CHAR_SIZES_CACHE[chr(code)] = width


def in_rows(rows: list[Row], *, colour: bool) -> StyleAndTextTuples:
    """Rows as prompt_toolkit takes them."""
    out: StyleAndTextTuples = []
    for at, row in enumerate(rows):
        out += [(ptk_style(style, colour=colour), text) for style, text in row]
        if row and is_mark(row[-1][1][-1:]):
            # prompt_toolkit leaves a mark in the cell behind it, too, where nothing comes to stand there.
            out.append(("", " "))
        if at < len(rows) - 1:
            out.append(("", "\n"))
    return out


def bind_letters(keys: KeyBindings, buffer: Buffer, typing: Condition) -> None:
    """The arrows go, and Delete takes, a whole letter with its marks; Backspace takes the last mark, as it was typed."""

    @keys.add("left", filter=typing)
    def _(_event: KeyPressEvent) -> None:
        buffer.cursor_position = letter_before(buffer.text, buffer.cursor_position)

    @keys.add("right", filter=typing)
    def _(_event: KeyPressEvent) -> None:
        buffer.cursor_position = letter_after(buffer.text, buffer.cursor_position)

    @keys.add("delete", filter=typing)
    def _(_event: KeyPressEvent) -> None:
        buffer.delete(letter_after(buffer.text, buffer.cursor_position) - buffer.cursor_position)


class StepScreen:
    """The screen of one call; `run` returns when the call is over, parked or left.

    Args:
        board: what is shown, and what keys do.
        colour: whether to show colour.
        tab: whether Tab is a key of the board, while a line is being typed too.
        still: whether it is drawn at a key only; else once a second, too, so that its clocks go on.

    """

    def __init__(self, board: Board, *, colour: bool, tab: bool = False, still: bool = False) -> None:
        self.board = board
        self.colour = colour
        self.tab = tab
        self.buffer = Buffer(multiline=False)
        self.opened = ""
        self.drawn = (-1, Screen([], []))
        typing = Condition(lambda: self.board.typing)
        self.keys_window = Window(
            FormattedTextControl(self._body, focusable=True, show_cursor=False),
            wrap_lines=False,
            height=lambda: Dimension.exact(len(self._screen().body)),
        )
        line = VSplit(
            [
                Window(FormattedTextControl(self._question), width=3, height=1),
                Window(BufferControl(self.buffer), height=1),
            ]
        )
        root = HSplit(
            [
                self.keys_window,
                ConditionalContainer(line, typing),
                Window(),
                Window(
                    FormattedTextControl(self._foot),
                    wrap_lines=False,
                    height=lambda: Dimension.exact(len(self._screen().foot)),
                ),
            ]
        )
        self.app: Application[None] = Application(
            Layout(root, focused_element=self.keys_window),
            key_bindings=self._bindings(typing),
            full_screen=True,
            refresh_interval=None if still else 1.0,
            mouse_support=False,
            enable_page_navigation_bindings=False,
            include_default_pygments_style=False,
        )
        # An Esc must act at once; half a second is for slow lines of the last century.
        self.app.ttimeoutlen = 0.05
        self.app.timeoutlen = 0.05
        self.sync()

    def run(self) -> None:
        """Show the call until it is over, parked or left."""
        if not self.board.over:
            set_mark_width(1)
            self.app.run(pre_run=self._probe, handle_sigint=False)

    # --- the width of vowel signs

    def _probe(self) -> None:
        """Ask the terminal how wide it draws a spacing vowel sign: most say 1 column, prompt_toolkit believes 0.

        The letters are written concealed, where the first render covers them.
        """
        self.app.output.write_raw(f"\x1b7\x1b[1;1H\x1b[8m{PROBE}\x1b[0m\x1b[6n\x1b8")
        self.app.output.flush()

    def _probed(self, event: KeyPressEvent) -> None:
        column = event.data.rstrip("R").rpartition(";")[2]
        if column == "2":
            set_mark_width(0)
            event.app.renderer.clear()
            event.app.invalidate()

    # --- drawing

    def _screen(self) -> Screen:
        """The rows, drawn once for each time that the application renders."""
        if self.drawn[0] != self.app.render_counter:
            size = self.app.output.get_size()
            try:
                rows = self.board.draw(size.columns, size.rows)
            except Exception as error:  # noqa: BLE001 - whatever it is, it ends the screen and is told once, in cli
                rows = Screen([], [])
                self._end(error)
            if self.board.over:
                # It ended by itself, while nobody pressed a key.
                self._end()
            self.drawn = (self.app.render_counter, rows)
        return self.drawn[1]

    def _end(self, error: Exception | None = None) -> None:
        if self.app.is_running and not self.app.is_done:
            if error is not None:
                self.app.exit(exception=error)
            else:
                self.app.exit()

    def _body(self) -> StyleAndTextTuples:
        return in_rows(self._screen().body, colour=self.colour)

    def _foot(self) -> StyleAndTextTuples:
        return in_rows(self._screen().foot, colour=self.colour)

    def _question(self) -> StyleAndTextTuples:
        return in_rows([[("ask", " ▸ ")]], colour=self.colour)

    # --- keys

    def sync(self) -> None:
        """After each key: the focus follows the board, the line takes up what was left in it, and the end ends."""
        if self.board.over:
            self._end()
            return
        opened = self.board.line_id
        if opened != self.opened:
            self.opened = opened
            self.buffer.text = self.board.unsaved if opened else ""
            self.buffer.cursor_position = len(self.buffer.text)
        self.app.layout.focus(self.buffer if self.board.typing else self.keys_window)

    def _bindings(self, typing: Condition) -> KeyBindings:
        keys = KeyBindings()

        def bind(*names: str, when: Condition | None = None) -> None:
            @keys.add(*names, filter=when if when is not None else Condition(lambda: True), eager=True)
            def _(event: KeyPressEvent) -> None:
                self._key(names[0], event)

        for name in ("enter", "escape", *(f"f{n}" for n in range(1, 13))):
            bind(name)
        bind("c-c")
        bind("c-z")
        if self.tab:
            bind("tab")

        @keys.add(Keys.Any, filter=~typing)
        def _(event: KeyPressEvent) -> None:
            self._key(event.data, event)

        keys.add(Keys.CPRResponse, eager=True)(self._probed)
        bind_letters(keys, self.buffer, typing)

        @keys.add(Keys.BracketedPaste)
        def _(event: KeyPressEvent) -> None:
            # A paste is words, never keys; where no line is open it is nothing.
            if self.board.typing:
                self.buffer.insert_text(clean(event.data))

        @keys.add(Keys.Any, filter=typing)
        def _(event: KeyPressEvent) -> None:
            # What a paste without brackets brings in is looked at letter by letter.
            if not HIDDEN.search(event.data):
                self.buffer.insert_text(event.data)

        return keys

    def _key(self, key: str, event: KeyPressEvent) -> None:
        if key == "c-c":
            event.app.exit(exception=KeyboardInterrupt)
            return
        if key == "c-z":
            if hasattr(os, "killpg"):
                event.app.suspend_to_background()
            return
        try:
            self._act(key)
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends the screen and is told once, in cli
            event.app.exit(exception=error)
            return
        self.sync()

    def _act(self, key: str) -> None:
        if not self.board.typing or key == "tab":
            self.board.press(key)
        elif key == "enter":
            text = self.buffer.text
            if self.board.typed(text):
                self.opened = ""
            else:
                self.buffer.cursor_position = len(self.buffer.text)
        else:
            self.board.leave_line(self.buffer.text)
            if key != "escape":
                self.board.press(key)

    @property
    def unfinished(self) -> str:
        """Everything typed and not saved."""
        return self.board.unfinished(self.buffer.text if self.board.typing else "")


def leave_unfinished(screen: StepScreen) -> None:
    """Half a line is worth a note: nothing typed is lost when a call is cut off."""
    text = screen.unfinished
    if text:
        screen.board.talk.take(lambda s: asides.note(s, UNFINISHED + text))


class Finder(Generic[T]):
    """A line to type in, and below it what fits, the best first.

    Args:
        find: what fits the words typed so far.
        render: rows for what was found, the number of the picked one, and the room there is.
        typed: what stands in the line already.

    """

    def __init__(
        self,
        find: Callable[[str], list[T]],
        render: Callable[[list[T], int, int, int], list[Row]],
        typed: str,
        *,
        colour: bool,
    ) -> None:
        self.find, self.render, self.colour = find, render, colour
        self.at = 0
        self.found = find(typed)
        self.buffer = Buffer(multiline=False, on_text_changed=self._look)
        self.buffer.insert_text(typed)
        root = HSplit(
            [
                Window(FormattedTextControl([("bold", " What do you hear?")]), height=1),
                VSplit(
                    [
                        Window(FormattedTextControl([("", " ▸ ")]), width=3, height=1),
                        Window(BufferControl(self.buffer), height=1),
                    ]
                ),
                Window(height=1),
                Window(FormattedTextControl(self._listed), wrap_lines=False),
                Window(FormattedTextControl([("", " Enter takes ▸  ↑ ↓ another  Esc leaves")]), height=1),
            ]
        )
        self.app: Application[T | None] = Application(
            Layout(root, focused_element=self.buffer),
            key_bindings=self._bindings(),
            full_screen=True,
            include_default_pygments_style=False,
        )
        self.app.ttimeoutlen = self.app.timeoutlen = 0.05

    def _look(self, _: Buffer) -> None:
        self.found, self.at = self.find(clean(self.buffer.text)), 0

    def _listed(self) -> StyleAndTextTuples:
        size = self.app.output.get_size()
        rows = self.render(self.found, self.at, size.columns, max(1, size.rows - 4))
        return in_rows(rows, colour=self.colour)

    def _bindings(self) -> KeyBindings:
        keys = KeyBindings()

        @keys.add("enter", eager=True)
        def _(event: KeyPressEvent) -> None:
            if self.found:
                event.app.exit(result=self.found[self.at])

        for name, by in (("up", -1), ("down", 1), ("c-p", -1), ("c-n", 1), ("tab", 1)):

            @keys.add(name, eager=True)
            def _(_event: KeyPressEvent, by: int = by) -> None:
                self.at = (self.at + by) % max(1, len(self.found))

        @keys.add("escape", eager=True)
        def _(event: KeyPressEvent) -> None:
            event.app.exit(result=None)

        bind_letters(keys, self.buffer, Condition(lambda: True))

        @keys.add("c-c", eager=True)
        def _(event: KeyPressEvent) -> None:
            event.app.exit(exception=KeyboardInterrupt)

        return keys


def pick(
    find: Callable[[str], list[T]],
    render: Callable[[list[T], int, int, int], list[Row]],
    typed: str = "",
    *,
    colour: bool,
) -> T | None:
    """One of what fits the words typed (see `Finder`); None where nobody picks. Raises KeyboardInterrupt on Ctrl-C."""
    return Finder(find, render, typed, colour=colour).app.run(handle_sigint=False)
