"""`playbook preview` in lines: a book is played while it is written, each save is taken, and nothing is kept."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Desk

BOOK = """\
calmdesk: 1
title: Late parcel
goal: A true date.
facts:
  problem: {ask: "What is wrong?"}
  slip: {ask: "Whose slip?", one-of: {ours: {label: Ours}, theirs: {label: Theirs}}}
interruptions:
  anger: {label: They shout, play: calm}
steps:
  hear: {say: "Tell me."}
  check:
    ask: problem
    say: "So {problem}."
    choices:
      yes: {label: They say yes, go: own}
      no: {label: Not quite, go: hear}
  own: {when: {slip: ours}, say: "We got this wrong."}
  again: {play: sorry}
  close: {say: "Did I miss anything?", end: recovered}
"""
SORRY = """\
calmdesk: 1
title: Sorry
goal: One apology.
module: true
steps:
  first: {say: "I'm sorry."}
  once: {say: "Only once.", choices: {done: {label: Done, go: return}}}
"""
CALM = """\
calmdesk: 1
title: Calm
goal: Quiet.
module: true
steps:
  breathe: {say: "Breathe out.", choices: {back: {label: Back, go: return}}}
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    file = tmp_path / "parcel.yaml"
    file.write_text(BOOK, encoding="utf-8")
    (tmp_path / "sorry.yaml").write_text(SORRY, encoding="utf-8")
    (tmp_path / "calm.yaml").write_text(CALM, encoding="utf-8")
    return file


class Played:
    """A preview that is answered line by line, with saves in between."""

    def __init__(self, desk: Desk, *arguments: str | Path) -> None:
        self.program = subprocess.Popen(
            [sys.executable, "-m", "calmdesk", "playbook", "preview", *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=desk.environment,
        )
        self.told = ""

    def wait(self, text: str) -> str:
        """What was told since the last wait, up to this text."""
        assert self.program.stdout is not None
        end = time.monotonic() + 20
        while text not in self.told:
            assert time.monotonic() < end, f"never told {text!r} in\n{self.told}"
            if select.select([self.program.stdout], [], [], 0.1)[0]:
                read = os.read(self.program.stdout.fileno(), 65536)
                assert read, f"ended without telling {text!r}:\n{self.told}"
                self.told += read.decode()
        told, _, self.told = self.told.partition(text)
        return told + text

    def answer(self, line: str, then: str) -> str:
        """An answer, and what is told up to this text."""
        assert self.program.stdin is not None
        self.program.stdin.write(f"{line}\n".encode())
        self.program.stdin.flush()
        return self.wait(then)

    def end(self) -> int:
        assert self.program.stdin is not None
        self.program.stdin.close()
        code = self.program.wait(20)
        if self.program.stdout is not None:
            self.told += self.program.stdout.read().decode()
            self.program.stdout.close()
        return code


@pytest.fixture
def played(desk: Desk, book: Path) -> Iterator[Played]:
    """The book, played from `check` on, with its first question answered."""
    playing = Played(desk, book, "check", "--fact", "slip=ours")
    playing.wait("What is wrong?")
    playing.answer("the bike is late", "Choose")
    yield playing
    if playing.program.poll() is None:
        playing.program.kill()
        playing.end()


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_whole_preview_leaves_nothing_behind(desk: Desk, book: Path, tmp_path: Path) -> None:
    answers = tmp_path / "answers.txt"
    answers.write_text("the bike is late\nn she is kind\nyes\nours\ndone\n", encoding="utf-8")
    ran = desk.run("playbook", "preview", book, "--answers", answers)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("PREVIEW  Late parcel: nothing is kept.")
    assert "SAY  So the bike is late." in ran.out
    assert "Late parcel — Put right" in ran.out
    assert "she is kind" in ran.out.rpartition("Put right")[2]
    assert not (desk.home / "journal.db").exists()


def test_it_begins_at_any_step_with_the_facts_given_and_asks_the_rest(desk: Desk, book: Path) -> None:
    told = desk.run("playbook", "preview", book, "check").out
    assert "Tell me." not in told
    assert "What is wrong?" in told
    told = desk.run("playbook", "preview", book, "check", "--fact", "problem=it is late").out
    assert "SAY  So it is late." in told
    assert "What is wrong?" not in told


def test_it_begins_inside_a_module_and_comes_back_from_it(desk: Desk, book: Path) -> None:
    told = desk.run("playbook", "preview", book, "sorry/once", lines=["1"]).out
    assert told.index("Only once.") < told.index("Did I miss anything?")
    assert "I'm sorry." not in told


def test_it_begins_inside_what_cuts_in_and_comes_back_from_it(desk: Desk, book: Path) -> None:
    told = desk.run("playbook", "preview", book, "calm/breathe", lines=["1"]).out
    assert told.index("Breathe out.") < told.index("Tell me.")


def test_a_step_that_plays_a_file_begins_with_that_file(desk: Desk, book: Path) -> None:
    assert "I'm sorry." in desk.run("playbook", "preview", book, "again").out


def test_a_module_can_be_previewed_by_itself(desk: Desk, book: Path) -> None:
    ran = desk.run("playbook", "preview", book.parent / "sorry.yaml", lines=["1"])
    assert (ran.code, "Only once." in ran.out) == (0, True)


@pytest.mark.parametrize(
    ("step", "hint"),
    [("chekc", "Did you mean “check”?"), ("once", "Did you mean “sorry/once”?"), ("sorry/onec", "“sorry/once”")],
)
def test_an_unknown_step_is_told_with_the_one_that_was_meant(desk: Desk, book: Path, step: str, hint: str) -> None:
    ran = desk.run("playbook", "preview", book, step)
    assert (ran.code, ran.out) == (2, "")
    assert f"“{step}”" in ran.err
    assert hint in ran.err


def test_a_step_that_these_facts_skip_is_told_to_be_so(desk: Desk, book: Path) -> None:
    ran = desk.run("playbook", "preview", book, "own", "--fact", "slip=theirs")
    assert ran.code == 2
    assert "is skipped with these facts" in ran.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--fact", "slip=nobody"), 2, "slip"),
        (("--fact", "slip"), 2, "has no value"),
        (("--channel", "fax"), 2, "isn't known"),
        (("--answers", "nowhere.txt"), 3, "can't be read"),
    ],
)
def test_what_makes_no_sense_is_refused_before_it_begins(
    desk: Desk, book: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ran = desk.run("playbook", "preview", book, *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err


def test_a_file_that_is_not_there_is_3_and_an_unknown_id_is_2(desk: Desk, book: Path) -> None:
    assert desk.run("playbook", "preview", book.parent / "no.yaml").code == 3
    assert desk.run("playbook", "preview", "no-such-playbook").code == 2


def test_a_file_with_errors_is_1_with_its_findings(desk: Desk, book: Path) -> None:
    change(book, "go: own", "go: onw")
    ran = desk.run("playbook", "preview", book)
    assert (ran.code, ran.out) == (1, "")
    assert "parcel.yaml:15:34: error[unknown-step]" in ran.err
    assert "Did you mean “own”?" in ran.err


def test_a_file_with_errors_is_played_with_its_last_good_text_where_there_is_one(desk: Desk, book: Path) -> None:
    assert desk.run("playbook", "preview", book).code == 0
    change(book, "go: own", "go: onw")
    ran = desk.run("playbook", "preview", book, lines=["the bike"])
    assert ran.code == 0
    assert "! Line 15: There is no step “onw”. Did you mean “own”? The last good text goes on." in ran.out
    assert "So the bike." in ran.out
    assert "error[unknown-step]" in ran.err


def test_a_save_shows_the_same_step_in_its_new_words_with_what_was_answered(played: Played, book: Path) -> None:
    change(book, "So {problem}.", "As I hear it, {problem}.")
    told = played.answer("n noted", "Choose")
    assert "The save is shown: “Check” (say)." in told
    assert "SAY  As I hear it, the bike is late." in told
    assert "We got this wrong." in played.answer("1", "Only once.")
    assert played.end() == 0


def test_a_save_of_another_step_tells_so_and_shows_nothing_again(played: Played, book: Path) -> None:
    change(book, "Did I miss anything?", "Anything else?")
    told = played.answer("n noted", "Choose")
    assert "The save is shown: “Close” (say)." in told
    assert "SAY" not in told
    assert "Anything else?" in played.answer("1", "Choose") + played.answer("1", "Put right")


def test_a_broken_save_is_told_once_and_the_last_good_text_goes_on_until_it_is_mended(
    played: Played, book: Path
) -> None:
    change(book, "go: own", "go: onw")
    told = played.answer("n one", "Choose")
    assert "! Line 15: There is no step “onw”. Did you mean “own”? The last good text goes on." in told
    assert "Line 15" not in played.answer("n two", "Choose")
    assert "parcel.yaml:15:34: error[unknown-step]" in played.answer("/findings", "Choose")
    change(book, "go: onw", "go: own")
    assert "! Mended: the saved text is shown." in played.answer("n three", "Choose")
    assert "There are no findings" in played.answer("/findings", "Choose")


def test_a_mended_save_with_other_words_shows_them(played: Played, book: Path) -> None:
    change(book, "go: own", "go: onw")
    played.answer("n one", "The last good text goes on.")
    change(book, "go: onw}", "go: own}")
    change(book, "So {problem}.", "Well: {problem}.")
    assert "! Mended. The save is shown: “Check” (say)." in played.answer("n two", "Well: the bike is late.")


def test_a_step_that_is_gone_gives_way_to_the_nearest_before_it(played: Played, book: Path) -> None:
    text = book.read_text(encoding="utf-8")
    before, _, rest = text.partition("  check:\n")
    book.write_text(before + "  own:" + rest.partition("  own:")[2], encoding="utf-8")
    told = played.answer("n one", "Choose")
    assert "! The step “check” is gone: this is “hear”, the nearest before it." in told
    assert "SAY  Tell me." in told
    # The answer isn't lost with the step that asked it.
    book.write_text(text, encoding="utf-8")
    played.answer("n two", "The save is shown: new step “Check”.")
    played.answer("g check", "SAY  So the bike is late.")


def test_a_step_that_comes_to_be_skipped_is_passed_and_that_is_told(played: Played, book: Path) -> None:
    change(book, "  check:\n", "  check:\n    when: {slip: theirs}\n")
    assert "! “check” no longer stops here: this is “own”." in played.answer("n one", "We got this wrong.")


def test_an_answer_that_no_longer_fits_is_asked_anew(desk: Desk, book: Path) -> None:
    playing = Played(desk, book, "check", "--fact", "slip=ours")
    playing.wait("What is wrong?")
    playing.answer("the bike is late", "Choose")
    change(book, 'ask: "What is wrong?"', 'ask: "How many?", kind: number')
    playing.answer("n one", "How many?")
    assert "So 3." in playing.answer("3", "Choose")
    assert playing.end() == 0


def test_a_save_of_a_module_is_taken_too(desk: Desk, book: Path) -> None:
    playing = Played(desk, book, "sorry/once")
    playing.wait("Choose")
    change(book.parent / "sorry.yaml", "Only once.", "Once is enough.")
    assert "SAY  Once is enough." in playing.answer("n one", "Choose")
    change(book.parent / "sorry.yaml", "go: return", "go: nowhere")
    assert "sorry.yaml, line 7: " in playing.answer("n two", "Choose")
    assert playing.end() == 0


def test_a_policy_that_comes_and_goes_is_taken_too(played: Played, book: Path) -> None:
    policy = book.parent / "policy.yaml"
    policy.write_text("calmdesk-policy: [\n", encoding="utf-8")
    assert "policy.yaml, line " in played.answer("n one", "Choose")
    policy.unlink()
    assert "! Mended" in played.answer("n two", "Choose")


def test_a_file_that_is_taken_away_is_told_and_the_preview_goes_on(played: Played, book: Path) -> None:
    text = book.read_text(encoding="utf-8")
    book.unlink()
    assert "parcel.yaml is gone. The last good text goes on." in played.answer("n one", "Choose")
    book.write_text(text, encoding="utf-8")
    assert "! Mended" in played.answer("n two", "Choose")


def test_back_goes_back_over_a_save(played: Played, book: Path) -> None:
    played.answer("1", "Only once.")
    change(book, "So {problem}.", "Well: {problem}.")
    played.answer("b", "taken back")
    played.wait("Well: the bike is late.")


def test_a_save_under_an_open_interruption_keeps_it_open(played: Played, book: Path) -> None:
    played.answer("i anger", "Breathe out.")
    change(book, "So {problem}.", "Well: {problem}.")
    change(book.parent / "calm.yaml", "Breathe out.", "Breathe in.")
    played.answer("n one", "Breathe in.")
    played.answer("1", "Well: the bike is late.")


def test_again_begins_anew_at_the_same_step_with_the_same_facts(played: Played) -> None:
    played.answer("1", "Only once.")
    told = played.answer("/again", "What is wrong?")
    assert "From the start again." in told
    assert "We got this wrong." in played.answer("late", "Choose") + played.answer("1", "Only once.")


def test_at_the_end_it_begins_again_or_goes_back(desk: Desk, book: Path) -> None:
    ran = desk.run("playbook", "preview", book, "sorry/once", lines=["1", "b", "1", "again", "1", "q", "1"])
    assert ran.code == 0
    assert ran.out.count("Late parcel — Put right") == 3
    assert ran.out.count("From the start again.") == 1


def test_words_that_fit_nothing_end_it_as_they_end_a_call(desk: Desk, book: Path) -> None:
    assert desk.run("playbook", "preview", book, "sorry/once", lines=["what", "is", "this"]).code == 4
    assert desk.run("playbook", "preview", book, "sorry/once", lines=["what"]).code == 0
