"""In lines, a step can be heard once more, and what may be chosen after taking back is read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Desk


def test_again_reads_the_whole_step_once_more(desk: Desk) -> None:
    once = desk.run("taste", lines=[]).out
    twice = desk.run("taste", lines=["again"]).out
    line = next(row for row in once.splitlines() if row.startswith("SAY"))
    assert twice.count(line) == once.count(line) + 1


def test_what_was_chosen_from_is_read_again_after_taking_back(desk: Desk) -> None:
    out = desk.run("taste", lines=["1", "/b"]).out
    assert out.count("1 Sam has told me (told)") == 2


def test_one_letter_is_no_reply_to_a_drill(desk: Desk) -> None:
    ran = desk.run("practice", "--quick", "fix", "--seed", "1", lines=["a", "/stop"])
    assert "That is no reply yet" in ran.out
    assert "The slip is gone" not in ran.out


def test_what_was_picked_in_spot_the_slip_was_said_by_nobody(desk: Desk) -> None:
    desk.run("practice", "--quick", "spot", "--seed", "1", lines=["a", "b", "a", "b", "a"])
    page = desk.home / "mine.html"
    assert desk.run("progress", "export", page).code == 0
    text = page.read_text(encoding="utf-8")
    assert "Of two replies, the one with the slip was to be found" in text
    assert "The reply" not in text
