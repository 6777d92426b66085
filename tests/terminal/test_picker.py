"""Picking a playbook by what is heard: in lines, and on a screen that puts the list in order with each letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.search import find_entries, rank
from calmdesk.terminal.paint import cells, plain_text
from calmdesk.terminal.picker import draw_entries
from tests.terminal.pty_terminal import Terminal

if TYPE_CHECKING:
    from tests.conftest import Desk


def test_words_typed_in_lines_narrow_the_list_until_one_is_picked(desk: Desk) -> None:
    ran = desk.run("handle", lines=["charged twice and shouting", "1"])
    assert "\n  1 Billing error (billing-error)\n  2 Angry caller (angry-caller)\n" in ran.out
    assert "STEP  One slow breath (Billing error, Settle yourself)" in ran.out
    assert ran.code == 4


def test_words_in_quotes_on_the_command_line_are_what_was_heard(desk: Desk) -> None:
    ran = desk.run("handle", "where is my parcel", lines=["1"])
    assert ran.out.startswith("  1 Late delivery (late-delivery)\n")


def test_what_fits_nothing_says_so_and_shows_all_again(desk: Desk) -> None:
    ran = desk.run("handle", lines=["zzqx", "zzqx", "zzqx"])
    assert ran.out.count("Nothing fits these words.") == 3
    assert (ran.code, "No playbook was picked." in ran.err) == (2, True)


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 12)])
def test_no_row_is_wider_than_the_window_and_the_picked_one_is_in_sight(columns: int, rows: int) -> None:
    entries = find_entries(Library((built_in_folder(),), ""))
    for at in range(len(entries)):
        drawn = draw_entries(entries, at, columns, rows - 4)
        assert len(drawn) <= rows - 4
        assert all(cells("".join(text for _, text in row)) <= columns for row in drawn)
        assert f"▸ {entries[at].title}" in plain_text(drawn)
    assert "Nothing fits" in plain_text(draw_entries(rank(entries, "zzqx"), 0, columns, rows))


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 12)])
def test_on_the_screen_each_letter_puts_the_best_first_and_enter_takes_it(desk: Desk, columns: int, rows: int) -> None:
    terminal = Terminal(desk.environment, "handle", columns=columns, rows=rows)
    terminal.wait("What do you hear?")
    terminal.wait("▸ Abusive caller")
    terminal.send("chargd twice, loud")
    terminal.wait("▸ Billing error")
    terminal.send("\x1b[B")
    terminal.wait("▸ Angry caller")
    terminal.send("\x1b[A")
    terminal.wait("▸ Billing error")
    terminal.send("\r")
    terminal.wait("One slow breath")
    terminal.send("p")
    terminal.end()
    terminal.close()
    assert desk.run("call", "list").out.count("billing-error") == 1


def test_escape_picks_nothing(desk: Desk) -> None:
    terminal = Terminal(desk.environment, "handle")
    terminal.wait("What do you hear?")
    terminal.send("\x1b")
    terminal.wait("No playbook was picked.")
    terminal.end()
    terminal.close()
    assert terminal.code == 2
