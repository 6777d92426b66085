"""`playbook preview` on a real terminal: a save is seen within a second, on the step where one stands."""

from __future__ import annotations

import os
import random
import re
import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.library import open_edition
from calmdesk.settings import read_settings
from calmdesk.terminal.previewing import PreviewBoard
from calmdesk.terminal.saves import Found, Preview
from calmdesk.terminal.sitting import Desk as LiveDesk
from calmdesk.terminal.sitting import Options
from tests.terminal.pty_terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Clock, Desk

BOOK = """\
calmdesk: 1
title: Late parcel
goal: A true date.
facts:
  problem: {ask: "What is wrong?"}
  when: {ask: "Since when?"}
steps:
  hear: {say: "Tell me."}
  check:
    ask: problem
    say: "So {problem}."
    cue: [Their words]
    check: [They said yes]
    choices:
      yes: {label: They say yes, go: close}
      no: {label: Not quite, go: hear}
  close: {say: "Did I miss anything?", end: recovered}
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    file = tmp_path / "parcel.yaml"
    file.write_text(BOOK, encoding="utf-8")
    return file


@pytest.fixture
def previews(desk: Desk, book: Path) -> Iterator[Any]:
    """`previews(STEP…, columns=…, rows=…)`: the book's preview on a terminal, closed at the end."""
    opened: list[Terminal] = []

    def make(*arguments: str, columns: int = 80, rows: int = 24) -> Terminal:
        terminal = Terminal(desk.environment, "playbook", "preview", str(book), *arguments, columns=columns, rows=rows)
        opened.append(terminal)
        return terminal

    yield make
    for terminal in opened:
        terminal.close()


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def still(terminal: Terminal) -> str:
    """The screen without its clock."""
    return re.sub(r"\d+:\d\d", "0:00", terminal.text)


def at_the_choice(terminal: Terminal) -> None:
    terminal.wait("What is wrong?")
    terminal.send("it is late\r")
    terminal.wait("So it is late.")


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 12)])
def test_a_good_save_a_broken_one_and_a_mended_one(
    previews: Any, book: Path, golden: Callable[[str, str], None], columns: int, rows: int
) -> None:
    size = f"{columns}x{rows}"
    terminal = previews("check", columns=columns, rows=rows)
    at_the_choice(terminal)
    golden(f"preview-step-{size}", still(terminal).replace("saved: problem = it is late", ""))
    change(book, "So {problem}.", "As I hear it, {problem}.")
    terminal.wait("As I hear it, it is late.")
    golden(f"preview-saved-{size}", still(terminal))
    change(book, "go: close", "go: clse")
    terminal.wait("Line 15: There is no step")
    assert "As I hear it, it is late." in terminal.flat
    golden(f"preview-broken-{size}", still(terminal))
    terminal.send("f")
    terminal.wait("error[unknown-step]")
    assert "Did you mean “close”?" in terminal.flat
    terminal.send("\x1b")
    terminal.wait("Line 15: There is no step")
    change(book, "go: clse", "go: close")
    terminal.wait("Mended: the saved text")
    assert "Line 15" not in terminal.flat
    terminal.send("q")
    assert terminal.end() == 0
    assert "nothing of it was kept" in terminal.flat


def test_a_step_that_is_gone_gives_way_to_the_nearest_before_it(previews: Any, book: Path) -> None:
    terminal = previews("check")
    at_the_choice(terminal)
    before, _, rest = BOOK.partition("  check:\n")
    book.write_text(before + "  close:" + rest.partition("  close:")[2], encoding="utf-8")
    terminal.wait("The step “check” is gone: this is “hear”, the nearest before it.")
    terminal.wait("Tell me.")
    terminal.send("\r")
    terminal.wait("Did I miss anything?")


def test_half_a_line_stays_while_its_question_is_saved_anew(previews: Any, book: Path) -> None:
    terminal = previews("check")
    terminal.wait("What is wrong?")
    terminal.send("it is")
    terminal.wait("▸ it is")
    change(book, 'ask: "What is wrong?"', 'ask: "What went wrong?"')
    terminal.wait("What went wrong?")
    terminal.send(" late\r")
    terminal.wait("So it is late.")


def test_a_save_that_asks_for_something_else_opens_its_line_and_keeps_what_was_typed(previews: Any, book: Path) -> None:
    terminal = previews("check")
    terminal.wait("What is wrong?")
    terminal.send("it is")
    terminal.wait("▸ it is")
    change(book, "ask: problem\n", "ask: [when, problem]\n")
    change(book, "So {problem}.", "So.")
    terminal.wait("Since when?")
    assert "▸ it is" not in terminal.flat
    terminal.send("monday\r")
    terminal.wait("▸ it is")


def test_a_save_in_which_nothing_is_asked_any_more_gives_the_keys_back(previews: Any, book: Path) -> None:
    terminal = previews("check")
    terminal.wait("What is wrong?")
    change(book, '    ask: problem\n    say: "So {problem}."\n', '    say: "So."\n')
    terminal.wait("1 They say yes")
    terminal.send("1")
    terminal.wait("Did I miss anything?")


def test_a_file_that_is_taken_away_is_told_and_the_preview_goes_on(previews: Any, book: Path) -> None:
    terminal = previews("check")
    at_the_choice(terminal)
    book.unlink()
    terminal.wait("is gone")
    terminal.send("1")
    terminal.wait("Did I miss anything?")
    book.write_text(BOOK, encoding="utf-8")
    terminal.wait("Mended: the saved text")


def test_the_end_shows_the_wrapup_and_begins_again(
    previews: Any, desk: Desk, golden: Callable[[str, str], None]
) -> None:
    terminal = previews("check")
    at_the_choice(terminal)
    terminal.keys(("n", "Note"), ("she is kind\r", "noted: she is kind"), ("1", "Did I miss anything?"))
    terminal.keys(("\r", "Late parcel — Put right"))
    assert "she is kind" in terminal.flat
    golden("preview-end-80x24", re.sub(r"\d{4}-\d\d-\d\d", "DATE", still(terminal)))
    terminal.keys(("b", "Did I miss anything?"), ("\r", "begins again"), ("\r", "What is wrong?"))
    terminal.keys(("it is late\r", "So it is late."), ("1", "Did I miss anything?"), ("R", "What is wrong?"))
    terminal.keys(("\x1b", "Enter to type"), ("g", "Go to which step?"), ("3", "Did I miss anything?"))
    terminal.send("\x03")
    assert terminal.end() == 130
    assert not (desk.home / "journal.db").exists()


def test_the_list_of_keys_tells_those_of_the_preview(previews: Any) -> None:
    terminal = previews("check")
    at_the_choice(terminal)
    terminal.keys(("?", "R from the start again"), ("R", "What is wrong?"))
    terminal.keys(("/again\r", "From the start again."), ("/findings\r", "There are no findings"), ("/q\r", "is over"))
    assert terminal.end() == 0


def test_whatever_is_saved_the_preview_goes_on_with_a_screen_that_fits(tmp_path: Path, clock: Clock) -> None:
    folder = os.path.abspath(built_in_folder())
    library = Library((folder,), str(tmp_path / "cache"))
    texts = []
    for at, file in enumerate(sorted(Path(folder).glob("*.yaml"))):
        if file.stem not in {"policy", "claims", "evidence"}:
            # Each is another save of the same file.
            (tmp_path / str(at)).mkdir()
            shutil.copy(file, tmp_path / str(at) / "mine.yaml")
            texts.append(open_edition(library, str(tmp_path / str(at) / "mine.yaml")))
    dice = random.Random(7)  # noqa: S311 - the same keys each time
    keys = ["enter"] * 4 + list("1234ab n!sHgiqeofRcd? ") + ["escape", "f11"]
    words = ["ok", "5", "17:00", "yes", "none", "today", "it is late", "/b", "/again", "/findings", "x by 17:00"]
    for _ in range(60):
        saved: list[Found | None] = []
        desk = LiveDesk(read_settings({"CALMDESK_HOME": str(tmp_path)}), clock, Options(playbook="mine"))
        preview = Preview(desk, dice.choice(texts), "", partial(saved.pop, 0))
        board = PreviewBoard(preview, preview.begin(), lambda _: None)
        taken = 0
        for _ in range(40):
            clock.pass_ms(500)
            if board.over:
                board.closed = False
                board.again()
            if dice.random() < 0.2:
                saved.append(Found(dice.choice(texts).edition))
                taken += board.look("half a line")
                assert board.talk.edition is preview.edition
            elif board.typing:
                board.typed(dice.choice(words))
            else:
                board.press(dice.choice(keys))
            width, height = dice.choice([(80, 24), (40, 12), (24, 8)])
            drawn = board.draw(width, height)
            assert board.over or 0 < len(drawn.body) + board.typing + len(drawn.foot) <= height
        assert taken
