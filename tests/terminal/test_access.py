"""Plain mode is for ears: words where the screen has signs, each change said once, and nothing drawn twice."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pytest

from tests.terminal.pty_terminal import Terminal
from tests.terminal.test_plain import CALL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Desk

ORDINARY = set(" \n\t.,:;!?'\"()-–—…“”‘’/%&")
"""Punctuation that a voice either leaves out or reads as anybody would; a slash begins a command, and is to be heard."""
EXCEPTIONS = {
    r"(?m)^> .*$": "what came from a file or pipe is repeated; nobody who listens is answering there",
    r"(?m) \[[^\[\]\n]*\](?=$| \(answer it)": "the answer that Enter takes: brackets aren't read, and the words are",
    r"\[(?:One sentence of your own: [^\]]*|Your first name)\]": "a gap that a draft leaves to the agent",
    r" \[[a-z/-]+\](?= \()": "a step's id beside its title",
    r"`[^`\n]+`": "a command to type; the marks around it aren't read",
    r"(?m)^saved: [\w-]+ = ": "a voice says “equals”, which is meant",
    r"[\d.]+ × [\d.]+": "a voice says “times”, which is meant",
    r"(?m)^ {4,}[a-z][^\n]*\{[^\n]*$": "a piece of a playbook, as it is written in its file",
    r"\b[A-Z]+_[A-Z]+(?:=\w+)?": "the name of a variable, which is typed as it stands",
    r"(?m)^ +\w+ +font [\S\s]*?Mono\.$": "the font sample of doctor is there to be seen, and its last sentence says so",
    r"(?m)^\s+\d+ \| .*\n\s+\^+$": "lint's picture of a place, which the line above it tells in figures",
    r"(?:error|warning|note)\[[a-z-]+\]": "the form of a finding that editors and scripts read",
}
"""What may stand there nevertheless, and why."""
UNTOLD = {
    r"(?m)^ +~+$": "cli/coaching.py: which words of the sentence above are meant",
}
"""Signs that are still to be put into words, and where; a row goes as soon as that is done."""
OWNS = "That was our mistake, I'm sorry. You lost your Saturday because of us."
REHEARSAL = (
    "/hint", "/why", "/facts", "/t", "/x 1", "/1", OWNS, "/why", "please calm down", "/b", "/ways", "/again", "/?",
    "please calm down", "I'll call you by 5 pm today myself.", "/end",
)  # fmt: skip
DRILLS = ("a", "Sorry about that.", "We'll see.", "Sorry.", "/?", "b", "Fine.", "Fine.", "/skip")
LONGER = ("t", "?", "ready", "n call her Rosa", "x 1", "h 60s", "i manager", "i 0", "g check", "b", "maybe", "p")


def odd(text: str) -> str:
    """The characters that a voice would stumble over."""
    return "".join(
        sorted(
            c
            for c in set(text) - ORDINARY
            if unicodedata.category(c)[0] not in "LMN" and unicodedata.category(c) != "Sc"
        )
    )


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """All that the commands say at a desk with a call, a rehearsal and drills behind it: command → its words."""
    from tests.conftest import Desk

    folder = tmp_path_factory.mktemp("access")
    desk = Desk(folder / "home")
    answers = folder / "answers.txt"
    answers.write_text("\n".join(CALL) + "\n", encoding="utf-8")
    bad = folder / "bad.yaml"
    bad.write_text("calmdesk: 1\ntitle: x\nsteps:\n  hear:\n    say: hi {foo}\n    go: own\n", encoding="utf-8")
    said: dict[str, str] = {}

    def run(name: str, *arguments: str | Path, lines: tuple[str, ...] = ()) -> str:
        ran = desk.run(*arguments, lines=lines)
        said[name] = ran.out + ran.err
        return ran.out

    run("handle", "handle", "angry-caller", "--customer", "Rosa", "--case", "4471", "--answers", answers)
    run("handle, parked", "handle", "angry-caller", "--plain", lines=LONGER)
    run("practice", "practice", "bike-for-saturday", "--level", "playbook", "--clock", "30", lines=REHEARSAL)
    run("practice --quick", "practice", "--quick", "--seed", "1", lines=DRILLS)
    listed = run("call list", "call", "list")
    run("call show", "call", "show", listed.split("\t")[0])
    run("call summary", "call", "summary", listed.splitlines()[-1].split("\t")[0])
    for name in (
        "",
        "practice",
        "progress",
        "promise list",
        "doctor",
        "playbook list",
        "config show",
        "journal verify",
    ):
        run(name if name != "practice" else "practice, listed", *name.split())
    run("lint", "playbook", "lint", bad)
    run("explain", "explain", "unknown-fact")
    run("coach", "coach", "Please calm down. Sorry if that upset you.")
    run("nothing such", "handel", "angry-caller")
    return said


def test_no_sign_is_said_that_a_voice_would_stumble_over(spoken: dict[str, str]) -> None:
    for name, text in spoken.items():
        for pattern in (*EXCEPTIONS, *UNTOLD):
            text = re.sub(pattern, "", text)
        rows = [row for row in text.splitlines() if odd(row)]
        assert not rows, (name, odd(text), rows)


@pytest.mark.parametrize("pattern", [*EXCEPTIONS, *UNTOLD])
def test_each_exception_is_still_needed(spoken: dict[str, str], pattern: str) -> None:
    assert any(odd(found) for text in spoken.values() for found in re.findall(pattern, text))


def test_nothing_moves_the_cursor_or_draws_twice(spoken: dict[str, str]) -> None:
    for name, text in spoken.items():
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text), name


def test_a_change_is_said_once(spoken: dict[str, str]) -> None:
    for change in (
        "noted: call her Rosa",
        "saved: fault = partner",
        "ticked: Said once",
        "accepted: yes",
        "ended: Put right",
    ):
        assert spoken["handle"].count(change) == 1, change


def test_the_ways_on_are_read_again_only_where_somebody_is_lost(desk: Desk) -> None:
    way = "1 I'm steady (ready), then back"
    assert desk.run("handle", "angry-caller", lines=["t", "n breathe", "x 1"]).out.count(way) == 1
    assert desk.run("handle", "angry-caller", lines=["maybe", "?"]).out.count(way) == 3


def test_a_check_says_in_a_word_that_it_is_ticked(desk: Desk) -> None:
    ran = desk.run("handle", "angry-caller", lines=["x 2", "g check", "/b"])
    assert "check 1: My voice is low and slow" in ran.out
    assert ran.out.rpartition("STEP")[2].count(", ticked: First fact is on paper") == 1


def test_t_tells_the_time_in_words(desk: Desk) -> None:
    told = desk.run("handle", "angry-caller", lines=["t"]).out
    assert re.search(r"^On this step \d+ seconds?, on the call \d+ seconds?\.$", told, re.MULTILINE)


@pytest.mark.parametrize(
    ("clock", "says"),
    [((), r"Turn 2\. No clock is running\."), (("--clock", "90"), r"Turn 2\. They wait (90|8\d) seconds more\.")],
    ids=["no clock", "against the clock"],
)
def test_t_tells_the_turn_and_how_long_they_wait(desk: Desk, clock: tuple[str, ...], says: str) -> None:
    ran = desk.run("practice", "bike-for-saturday", *clock, lines=[OWNS, "/t", "/?"])
    assert re.search(says, ran.out)
    assert "/t      which turn it is" in ran.out


def test_a_scorecard_in_lines_has_words_where_the_screens_has_signs(spoken: dict[str, str]) -> None:
    card = spoken["practice"].partition("ENDED HERE")[2]
    assert "  earned: owning it (turn 1, after a hint): “" in card
    assert "  hurts: dismissing (turn 2): “please calm down”" in card
    assert re.search(r"^  turn 2: \d, up \d, “please calm down”$", card, re.MULTILINE)
    assert "###" not in card


def test_a_gap_in_a_sentence_is_read_as_an_aside(spoken: dict[str, str]) -> None:
    assert "SAY  So (The problem in one sentence). Have I got that right?" in spoken["handle"]


# --- the screen

COLOUR = re.compile(rb"\x1b\[(?:[\d;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[\d;]*)?m")


@pytest.mark.parametrize(
    ("said", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"TERM": "linux"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "TERM": "linux"}, True),
    ],
    ids=str,
)
def test_the_screen_obeys_what_is_said_about_colour(desk: Desk, said: dict[str, str], coloured: bool) -> None:
    environment = {name: value for name, value in desk.environment.items() if name != "NO_COLOR"}
    terminal = Terminal({**environment, **said}, "handle", "angry-caller")
    try:
        terminal.wait("One slow breath")
        terminal.send("H")
        terminal.wait("ON HOLD")
        assert bool(COLOUR.search(terminal.raw)) == coloured
    finally:
        terminal.close()


def test_a_dumb_terminal_gets_lines(desk: Desk) -> None:
    terminal = Terminal({**desk.environment, "TERM": "dumb"}, "handle", "angry-caller")
    try:
        terminal.wait("STEP One slow breath")
        assert b"\x1b" not in terminal.raw
    finally:
        terminal.close()


def test_no_word_is_cut_in_two_on_a_narrow_terminal(desk: Desk) -> None:
    terminal = Terminal({**desk.environment, "ACCESSIBLE": "1"}, "handle", "angry-caller", columns=40, rows=50)
    try:
        terminal.wait("Choose")
        terminal.send("1\r1\r")
        seen = terminal.wait("the time and the trouble]")
        assert "SAY  Hi there, I'm listening. Start\n     wherever you like" in seen
        assert "such as: the\nmissed birthday" in seen.replace("Such", "such")
    finally:
        terminal.close()


@pytest.mark.parametrize("still", [False, True], ids=["ticking", "still"])
@pytest.mark.parametrize(
    "arguments",
    [("handle", "angry-caller"), ("practice", "bike-for-saturday", "--level", "none", "--clock", "90")],
    ids=["a call", "a rehearsal"],
)
def test_a_screen_that_is_to_stand_still_changes_at_a_key_only(
    desk: Desk, arguments: tuple[str, ...], still: bool
) -> None:
    terminal = Terminal({**desk.environment, **({"CALMDESK_STILL": "1"} if still else {})}, *arguments)
    try:
        if arguments[0] == "practice":
            terminal.wait("goes on")
            terminal.send("\r")
            terminal.wait("says it")
        else:
            terminal.wait("One slow breath")
            terminal.send("b")
            terminal.wait("nothing to take back")
        terminal.pump(0.4)
        before = len(terminal.raw)
        terminal.pump(2.2)
        assert (len(terminal.raw) == before) == still
    finally:
        terminal.close()
