"""A call at a desk whose journal fails: in memory, in a file of its own, and never twice."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from calmdesk.call import asides
from calmdesk.call import events as e
from calmdesk.journal.check import verify
from calmdesk.journal.opening import move_aside, open_journal, stand_in
from calmdesk.journal.salvage import salvage
from calmdesk.journal.trouble import UnusableError
from calmdesk.settings import read_settings
from calmdesk.terminal.live import _switch, _tell_stopped
from calmdesk.terminal.sitting import Desk, Options, Sitting, Stopped
from tests.conftest import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from calmdesk.call.play import Conversation
    from calmdesk.playbook.model import Edition

BOOK = "calmdesk: 1\ntitle: A\ngoal: G.\nsteps:\n  aa: {say: Hi, choices: {on-now: bb}}\n  bb: {say: Bye, end: lost}\n"


@pytest.fixture
def sitting(tmp_path: Path, books: Callable[..., Edition]) -> Iterator[Sitting]:
    desk = Desk(read_settings({"CALMDESK_HOME": str(tmp_path / "home")}, system=""), Clock(), Options())
    made = Sitting(desk, open_journal(desk.settings.data), books(BOOK))
    yield made
    made.release()
    made.journal.close()


def note(talk: Conversation, text: str) -> None:
    talk.take(lambda s: asides.note(s, text))


def notes(sitting: Sitting) -> list[str]:
    with closing(open_journal(sitting.desk.settings.data)) as journal:
        return [x.event.text for n in sorted(journal.calls()) for x in journal.read(n) if isinstance(x.event, e.Noted)]


def fail(sitting: Sitting, monkeypatch: pytest.MonkeyPatch, error: BaseException, *, after: bool = False) -> None:
    """The next write fails: before anything is on disk, or `after` all of it is."""
    whole = sitting.journal.append_entries

    def once(*given: object) -> int:
        monkeypatch.setattr(sitting.journal, "append_entries", whole)
        if after:
            whole(*given)  # type: ignore[arg-type]
        raise error

    monkeypatch.setattr(sitting.journal, "append_entries", once)


FULL = UnusableError("The disk is full.", "Make room.", "disk full")


@pytest.mark.parametrize("after", [False, True])
def test_a_write_that_failed_is_made_once_whether_or_not_it_was_on_disk(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    talk = sitting.begin()
    fail(sitting, monkeypatch, FULL, after=after)
    note(talk, "one")
    assert sitting.why == "disk full"
    note(talk, "two")
    assert sitting.why == ""
    assert notes(sitting) == ["one", "two"]


@pytest.mark.parametrize("after", [False, True])
def test_a_signal_in_the_middle_of_a_write_writes_nothing_twice(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    talk = sitting.begin()
    fail(sitting, monkeypatch, Stopped(129), after=after)
    with pytest.raises(Stopped):
        note(talk, "one")
    talk.take(asides.park)
    assert notes(sitting) == ["one"]
    assert verify(open_journal(sitting.desk.settings.data))[0] == 3


def test_what_waits_is_tried_again_every_two_seconds(sitting: Sitting, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = sitting.desk.clock
    assert isinstance(clock, Clock)
    talk = sitting.begin()
    fail(sitting, monkeypatch, FULL)
    note(talk, "one")
    clock.pass_ms(1999)
    sitting.save_again()
    assert sitting.why == "disk full"
    clock.pass_ms(1)
    sitting.save_again()
    assert (sitting.why, notes(sitting)) == ("", ["one"])


def test_a_journal_that_is_moved_aside_under_a_call_gets_the_whole_call_in_a_new_one(sitting: Sitting) -> None:
    talk = sitting.begin()
    note(talk, "one")
    assert move_aside(sitting.desk.settings.data, "a test", (0, 0)) == ""
    assert move_aside(sitting.desk.settings.data, "a test", sitting.journal.file)
    note(talk, "two")
    assert sitting.why == ""
    assert notes(sitting) == ["one", "two"]


def test_a_call_goes_on_in_memory_until_its_home_can_be_made(sitting: Sitting, tmp_path: Path) -> None:
    (tmp_path / "later").write_text("in the way")
    settings = read_settings({"CALMDESK_HOME": str(tmp_path / "later")}, system="")
    later = Sitting(sitting.desk._replace(settings=settings), stand_in(), sitting.edition)
    talk = later.begin()
    note(talk, "one")
    assert later.why == "can't write"
    (tmp_path / "later").unlink()
    note(talk, "two")
    assert later.why == ""
    assert notes(later) == ["one", "two"]
    assert later.lock is not None
    later.release()


def test_leaving_a_call_for_an_earlier_one_keeps_what_was_typed(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    talk = sitting.begin()
    monkeypatch.setattr(sitting, "_write", lambda: (_ for _ in ()).throw(FULL))
    note(talk, "one")
    switch: list[int] = []
    _switch(sitting, talk, 7, switch)
    assert (switch, talk.call.parked, talk.call.over) == ([7], True, False)
    _tell_stopped(sitting, talk.call)
    (rescue,) = [*(tmp_path / "home").glob("calmdesk-rescue-*")]
    assert str(rescue) in capsys.readouterr().err
    salvage(sitting.desk.settings.data, str(rescue))
    assert notes(sitting) == ["one"]


def test_an_unused_call_is_no_call(sitting: Sitting) -> None:
    talk = sitting.begin()
    _switch(sitting, talk, 7, [])
    assert talk.call.ended == "unused"
