"""Screens hold in Bengali and Nepali, on terminals that give a spacing vowel sign a column and on those that give it none.

The emulator here is told how wide such a sign is (pyte by itself drops what stands behind one), and answers the
program's question about it as a real terminal does. One golden screen is for both kinds; tmux, a real terminal that
gives it a column, must show the same.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
import time
import unicodedata
from typing import TYPE_CHECKING, Any

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyte import modes

from calmdesk.terminal.paint import cells, clip, cut, is_mark, letter_after, letter_before, wrap
from calmdesk.terminal.tables import render_table
from tests.terminal.pty_terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.conftest import Desk

    Golden = Callable[[str, str], None]

BENGALI = """
calmdesk: 1
title: রাগান্বিত গ্রাহক
goal: শোনা, ক্ষমা চাওয়া, ঠিক করা।
facts:
  customer: {ask: "গ্রাহকের নাম", default: বন্ধু}
  problem: {ask: "এক বাক্যে সমস্যাটি কী"}
  fault: {ask: "ভুলটি কার?", one-of: {ours: {label: আমাদের, slip: ours}, theirs: {label: গ্রাহকের নিজের, slip: customer}}}
  fix-by: {ask: "কখন ঠিক হবে?", kind: time}
interruptions:
  anger: {label: তিনি চিৎকার করছেন, card: {say: "ধীরে শ্বাস নিন।"}}
steps:
  hear:
    title: মন দিয়ে শুনুন
    cue: [শেষ করতে দিন, তারিখ লিখুন]
    say: "{customer}, আমি শুনছি। শুরু থেকে বলুন, আমি সব লিখে রাখছি যাতে আপনাকে দ্বিতীয়বার বলতে না হয়।"
    avoid: [{line: "শান্ত হোন।", why: এতে রাগ বাড়ে।, instead: যা শুনলেন তা বলুন।}]
    check: [তিনি শেষ করেছেন]
    choices:
      finished: {label: তিনি শেষ করেছেন, go: check}
      again: {label: আবার শুরু করছেন, go: hear, at-most: 2, then: check}
  check:
    title: ফিরিয়ে বলুন
    ask: problem
    say: "তাহলে, {problem}। ঠিক বললাম কি?"
    choices:
      yes: {label: হ্যাঁ, go: own}
      no: {label: পুরোটা নয়, go: hear, forget: problem, at-most: 2, then: own}
  own:
    title: একবার ক্ষমা চান
    principle: own
    ask: fault
    say: "ভুলটা আমাদের। আমি ক্ষমা চাইছি, {customer}।"
    must-check: [একবার বলেছি]
  fix:
    title: একটি সময় দিন
    ask: fix-by
    say: "{fix-by} এর মধ্যে পেয়ে যাবেন।"
    promise: {what: "ঠিক করা: {problem}", by: "{fix-by}"}
  close:
    title: শেষ করুন
    say: "আর কিছু কি বাকি রইল?"
    end: recovered
"""
NEPALI = """
calmdesk: 1
title: रिसाएको ग्राहक
goal: सुन्ने, क्षमा माग्ने, मिलाउने।
facts:
  customer: {ask: "ग्राहकको नाम", default: साथी}
steps:
  hear:
    title: ध्यान दिएर सुन्नुहोस्
    cue: [बोल्न दिनुहोस्, मिति लेख्नुहोस्]
    say: "{customer} जी, क्षमा गर्नुहोस्, गल्ती हाम्रो हो। सुरुदेखि भन्नुहोस्, म सबै लेखिरहेको छु।"
    check: [उहाँले भनिसक्नुभयो]
    choices:
      finished: {label: उहाँले भनिसक्नुभयो, go: close}
      again: {label: फेरि सुरु गर्दै हुनुहुन्छ, go: hear, at-most: 2, then: close}
  close:
    title: बिदा गर्नुहोस्
    say: "अरू केही बाँकी छ कि?"
    end: recovered
"""
SCENARIO = """
calmdesk-scenario: 1
title: শনিবারের সাইকেল
playbook: main
level: 2
channel: phone
customer: {name: রহিমা বেগম, about: "স্কুলের রাঁধুনি, ৪১।"}
meters: {heat: {start: 7, lose-at: 10, won-at: 4}}
facts: {customer: রহিমা, problem: লাল সাইকেলটি দেরি}
you-know: [একটি লাল সাইকেল]
you-may: [ডাকমাশুল ফেরত দিতে]
opening: "তাহলে আমার সাইকেলটি কোথায়? আমাকে আর ট্র্যাকিং পড়ে শোনাবেন না, আমি নিজেই পড়তে পারি।"
reactions:
  - {on: OWN, heat: -4, says: ["হ্যাঁ। এই প্রথম কেউ সত্যি কথা বলল।"]}
  - {on: nothing, heat: 1, says: ["হ্যালো? কেউ কি আছেন?"]}
win: {said: [OWN]}
model-answers:
  - ["We lost your red bike. That's our fault."]
  - ["This was our mistake, and you had to ask."]
bad-answers:
  - {reply: "Please calm down.", loses: [DISMISS]}
"""
OWNS = "We lost your red bike, রহিমা. That's our fault."
LONG = "আমি দুঃখিত, ভুলটা আমাদের। আপনার লাল সাইকেলটি আমরা হারিয়ে ফেলেছি, আর সেটা একেবারেই ঠিক হয়নি।"
WORDS = ["কি", "রহিমা", "গ্রাহক", "অসন্তুষ্ট", "ক্ষমা", "ग्राहकहरूले", "क्षमा", "श्री", "a", "cafe\u0301", "你好", "र्\u200dय"]
sizes = pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 12)])
marks = pytest.mark.parametrize("mark", [1, 0], ids=["a column a sign", "no column a sign"])


class Cells(pyte.Screen):
    """A screen that gives a spacing vowel sign (category Mc) so many columns, and other marks none."""

    def __init__(self, columns: int, rows: int, mark: int, answer: Callable[[str], None]) -> None:
        self.mark = mark
        self.answer = answer
        super().__init__(columns, rows)

    def width(self, letter: str) -> int:
        kind = unicodedata.category(letter)
        if kind == "Mc":
            return self.mark
        return 0 if kind in {"Mn", "Me", "Cf"} else 2 if unicodedata.east_asian_width(letter) in "WF" else 1

    def wide(self, text: str) -> int:
        return sum(map(self.width, text))

    def draw(self, data: str) -> None:
        for letter in data:
            wide = self.width(letter)
            row = self.buffer[self.cursor.y]
            if not wide:
                at = max(0, self.cursor.x - 1)
                row[at] = row[at]._replace(data=row[at].data + letter)
                continue
            if self.cursor.x + wide > self.columns:
                if modes.DECAWM in self.mode:
                    self.carriage_return()
                    self.linefeed()
                    row = self.buffer[self.cursor.y]
                else:
                    self.cursor.x = self.columns - wide
            row[self.cursor.x] = self.cursor.attrs._replace(data=letter)
            if wide == 2:
                row[self.cursor.x + 1] = self.cursor.attrs._replace(data="")
            self.cursor.x = min(self.cursor.x + wide, self.columns)

    def write_process_input(self, data: str) -> None:
        self.answer(data)

    @property
    def display(self) -> list[str]:
        return ["".join(self.buffer[y][x].data for x in range(self.columns)) for y in range(self.lines)]


class Indic(Terminal):
    """The program on a terminal whose vowel signs are so wide; it answers where its cursor is when it is asked."""

    def __init__(self, environment: Mapping[str, str], *arguments: str, mark: int, columns: int, rows: int) -> None:
        super().__init__(environment, *arguments, columns=columns, rows=rows)
        self.cells = self.screen = Cells(columns, rows, mark, self.send)
        self.stream = pyte.ByteStream(self.screen)

    def pump(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and select.select([self.fd], [], [], left)[0]:
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                return
            if not data:
                return
            self.raw += data
            self.stream.feed(data)

    def settled(self) -> str:
        """The screen once nothing more comes, without clocks and ids."""
        seen = -1
        while seen != len(self.raw):
            seen = len(self.raw)
            self.pump(0.4)
        return scrubbed(self.text)


def scrubbed(text: str) -> str:
    text = re.sub(r"^ call \d+:\d\d · step \d+:\d\d", " call 0:00 · step 0:00", text)
    text = re.sub(r"\b[a-z]{5}-(\d+)", lambda found: "abcde-" + "1" * len(found[1]), text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "2026-11-25 14:05", text)
    text = re.sub(r"\d+(\s+)min(\s+)\d+(\s+)s\b", r"0\1min\g<2>9\3s", text)
    text = re.sub(r"by [A-Z]\w+ \d+ [A-Z]\w+", "by Wednesday 25 November", text)
    text = re.sub(r"\bon [A-Z]\w+day\b", "on Friday", text)
    return "\n".join(line.rstrip() for line in text.split("\n"))


@pytest.fixture
def books(desk: Desk, tmp_path: Path) -> Path:
    folder = tmp_path / "books"
    (folder / "scenarios").mkdir(parents=True)
    for name, text in (("main", BENGALI), ("nepali", NEPALI), ("scenarios/saturday", SCENARIO)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    desk.environment["CALMDESK_PLAYBOOKS"] = str(folder)
    return folder


@pytest.fixture
def terminals(desk: Desk, books: Path) -> Iterator[Callable[..., Indic]]:
    """`terminals(arguments, mark=…, columns=…, rows=…)`: the program on a terminal, closed at the end."""
    assert books.exists()
    opened: list[Indic] = []

    def make(*arguments: str, mark: int, columns: int = 80, rows: int = 24) -> Indic:
        opened.append(Indic(desk.environment, *arguments, mark=mark, columns=columns, rows=rows))
        return opened[-1]

    yield make
    for terminal in opened:
        terminal.close()


# --- a call


@sizes
@marks
def test_a_call_in_bengali_is_the_same_on_either_kind_of_terminal(
    terminals: Callable[..., Indic], golden: Golden, mark: int, columns: int, rows: int
) -> None:
    terminal = terminals(
        "handle", "main", "--customer", "রহিমা", "--case", "৪৪৭১", mark=mark, columns=columns, rows=rows
    )
    terminal.wait("আমি শুনছি")
    golden(f"bengali-step-{columns}x{rows}", terminal.settled())
    terminal.keys((" ", "[x]"), ("১", "এক বাক্যে সমস্যাটি কী"), ("লাল সাইকেলটি দেরি", "লাল সাইকেলটি দেরি"))
    golden(f"bengali-typed-{columns}x{rows}", terminal.settled())
    terminal.keys(
        ("\r", "তাহলে, লাল সাইকেলটি দেরি।"), ("১", "ভুলটি কার?"), ("1", "Tick what is done"), (" ", "কখন ঠিক হবে?")
    )
    terminal.keys(("২৩:৫৯\r", "Enter goes on"), ("\r", "আর কিছু কি বাকি রইল?"), ("\r", "What happened"))
    golden(f"bengali-wrapup-{columns}x{rows}", terminal.settled())
    terminal.send("\r")
    assert terminal.end() == 0


@sizes
@marks
def test_a_call_in_nepali_is_the_same_on_either_kind_of_terminal(
    terminals: Callable[..., Indic], golden: Golden, mark: int, columns: int, rows: int
) -> None:
    terminal = terminals(
        "handle", "nepali", "--customer", "सीता", "--case", "४४७१", mark=mark, columns=columns, rows=rows
    )
    terminal.wait("क्षमा गर्नुहोस्")
    golden(f"nepali-step-{columns}x{rows}", terminal.settled())
    terminal.keys((" ", "[x]"), ("१", "अरू केही बाँकी छ कि?"), ("\r", "What happened"))
    terminal.send("\r")
    assert terminal.end() == 0


@marks
def test_the_clock_goes_on_beside_such_words_and_touches_none_of_them(
    terminals: Callable[..., Indic], mark: int
) -> None:
    terminal = terminals("handle", "main", "--customer", "রহিমা", mark=mark)
    terminal.wait("আমি শুনছি")
    before = terminal.settled().split("\n")
    end = time.monotonic() + 3.2
    seen = set()
    while time.monotonic() < end:
        terminal.pump(0.2)
        seen.add(terminal.text.split("\n")[0])
        assert terminal.text.split("\n")[1:] == before[1:]
    assert len(seen) >= 3
    assert all(re.fullmatch(r" call 0:\d\d · step 0:\d\d", row) for row in seen), seen


@pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux, a real terminal")
@pytest.mark.parametrize(("book", "shows", "name"), [("main", "আমি শুনছি", "bengali"), ("nepali", "क्षमा", "nepali")])
def test_a_real_terminal_shows_what_the_emulator_shows(
    desk: Desk, books: Path, golden: Golden, book: str, shows: str, name: str
) -> None:
    assert books.exists()
    who, case = {"main": ("রহিমা", "৪৪৭১"), "nepali": ("सीता", "४४७१")}[book]
    tmux = ["tmux", "-f", "/dev/null", "-L", f"calmdesk-scripts-{name}-{os.getpid()}"]

    def ask(*arguments: str) -> str:
        return subprocess.run([*tmux, *arguments], capture_output=True, text=True, check=True).stdout

    settings = [f"-e{k}={v}" for k, v in {**desk.environment, "LC_ALL": "C.UTF-8"}.items()]
    program = [sys.executable, "-m", "calmdesk", "handle", book, "--customer", who, "--case", case]
    ask("new-session", "-d", "-x", "80", "-y", "24", *settings, *program)
    try:
        for _ in range(100):
            time.sleep(0.1)
            if shows in ask("capture-pane", "-p"):
                break
        time.sleep(1)
        golden(f"{name}-step-80x24", scrubbed(ask("capture-pane", "-p").removesuffix("\n")))
    finally:
        ask("kill-server")


# --- a rehearsal, and what is listed


@sizes
@marks
def test_a_rehearsal_in_bengali_is_the_same_on_either_kind_of_terminal(
    terminals: Callable[..., Indic], golden: Golden, mark: int, columns: int, rows: int
) -> None:
    beside = ("--seed", "1", "--level", "playbook")
    terminal = terminals("practice", "saturday", *beside, mark=mark, columns=columns, rows=rows)
    terminal.keys(("", "Enter goes on"), ("\r", "turn 1"), (LONG, "ঠিক হয়নি।"), ("\r", "turn 2"))
    golden(f"bengali-rehearsal-{columns}x{rows}", terminal.settled())
    terminal.send(f"{OWNS}\r")
    assert terminal.end() == 0
    assert "“We lost your red bike, রহিমা." in terminal.flat


@sizes
@marks
def test_lists_in_bengali_stand_in_their_columns_or_one_below_the_other(
    terminals: Callable[..., Indic], desk: Desk, golden: Golden, mark: int, columns: int, rows: int
) -> None:
    lines = ["x 1", "1", "লাল সাইকেলটি দেরি", "1", "ours", "x 1", "২৩:৫৯"]
    assert desk.run("handle", "main", "--customer", "রহিমা", "--case", "মামলা-৪৪৭১", lines=lines).code == 0
    assert desk.run("handle", "main", "--case", "৭", lines=["p"]).code == 0
    assert desk.run("practice", "saturday", "--seed", "1", lines=[OWNS]).code == 0
    shown = []
    for command in (("call", "list"), ("promise", "list"), ("progress",)):
        terminal = terminals(*command, mark=mark, columns=columns, rows=2 * rows)
        assert terminal.end() == 0
        shown += [f"$ calmdesk {' '.join(command)}", scrubbed(terminal.text).rstrip()]
    golden(f"bengali-lists-{columns}x{rows}", "\n".join(shown))


# --- editing, key by key


class Line:
    """What a line of text should be after each key: letters with their marks, and a cursor between them."""

    def __init__(self) -> None:
        self.text, self.at = "", 0

    def press(self, key: str) -> None:
        match key:
            case "\x1b[D":
                self.at = letter_before(self.text, self.at)
            case "\x1b[C":
                self.at = letter_after(self.text, self.at)
            case "\x7f":
                self.text = self.text[: max(0, self.at - 1)] + self.text[self.at :]
                self.at = max(0, self.at - 1)
            case "\x1b[3~":
                self.text = self.text[: self.at] + self.text[letter_after(self.text, self.at) :]
            case _:
                self.text = self.text[: self.at] + key + self.text[self.at :]
                self.at += 1


LEFT, RIGHT, BACK, DELETE = "\x1b[D", "\x1b[C", "\x7f", "\x1b[3~"


@pytest.mark.parametrize(
    ("keys", "ends"),
    [
        ([*"রহিমা বেগম", LEFT, LEFT, LEFT, BACK, *" সুলতানা ", RIGHT, BACK, BACK, *"বে", RIGHT, RIGHT], "রহিমা সুলতানা বেগম"),
        ([*"গ্রাহক", LEFT, LEFT, LEFT, LEFT, LEFT, LEFT, DELETE, *"গ্", RIGHT, LEFT, BACK, BACK, *"গ্"], "গ্রাহক"),
        ([*"सीता शर्मा", LEFT, LEFT, LEFT, DELETE, *"श", RIGHT, LEFT, *"x", BACK], "सीता शर्मा"),
    ],
    ids=["রহিমা", "গ্রাহক", "सीता"],
)
@marks
def test_a_name_is_edited_key_by_key_and_each_key_shows_what_it_did(
    terminals: Callable[..., Indic], mark: int, keys: list[str], ends: str
) -> None:
    terminal = terminals("handle", "main", mark=mark, columns=40)
    terminal.keys(("", "আমি শুনছি"), ("1", "এক বাক্যে সমস্যাটি কী"))
    terminal.settled()
    line = Line()
    for key in keys:
        line.press(key)
        terminal.send(key)
        until = time.monotonic() + 5
        column = 3 + terminal.cells.wide(line.text[: line.at])
        while (row := row_of(terminal)) != line.text.rstrip() or terminal.screen.cursor.x != column:
            shown = f"{row!r} at {terminal.screen.cursor.x} instead of {line.text!r} at {column} after {key!r}"
            assert time.monotonic() < until, shown
            terminal.pump(0.02)
    assert line.text == ends
    terminal.send("\r")
    terminal.wait(f"তাহলে, {ends}।")


def row_of(terminal: Indic) -> str:
    """What stands in the line that is typed in, behind its sign."""
    rows = [row for row in terminal.text.split("\n") if row.startswith(" ▸")]
    return rows[0].removeprefix(" ▸").strip() if rows else ""


# --- rows of any words


def letters(text: str) -> list[str]:
    """A text as letters, each with its marks."""
    found: list[str] = []
    for letter in text:
        if is_mark(letter) and found:
            found[-1] += letter
        else:
            found.append(letter)
    return found


@given(st.lists(st.sampled_from(WORDS), max_size=8), st.integers(1, 30))
def test_no_letter_is_parted_from_its_marks_and_no_row_is_too_wide(words: list[str], width: int) -> None:
    text = "".join(words)
    widest = max([width, *map(cells, letters(text))])
    lines = wrap(" ".join(words), width)
    assert "".join("".join(lines).split()) == text
    assert not any(is_mark(line[0]) for line in lines if line)
    assert all(cells(line) <= widest for line in lines)
    [(_, clipped)] = clip([("", text)], width) or [("", "")]
    kept = clipped.removesuffix("…")
    assert cells(clipped) <= width
    assert text.startswith(kept)
    assert letters(text)[: len(letters(kept))] == letters(kept)
    assert cut(text, width) == text or cells(cut(text, width) + letters(text[len(cut(text, width)) :])[0]) > width


@given(st.text(alphabet="কগ্রাহিম ক্ষेশর्मा\u200da", max_size=12), st.data())
def test_the_arrows_go_from_letter_to_letter_and_back(text: str, data: Any) -> None:
    at = data.draw(st.integers(0, len(text)))
    assert 0 <= letter_before(text, at) <= at <= letter_after(text, at) <= len(text)
    stops = [0]
    while stops[-1] < len(text):
        stops.append(letter_after(text, stops[-1]))
    back = [len(text)]
    while back[-1] > 0:
        back.append(letter_before(text, back[-1]))
    assert stops == back[::-1] or is_mark(text[:1])


@given(st.lists(st.tuples(*[st.sampled_from(["", *WORDS, "রহিমা বেগম আজ আসবেন"])] * 3), max_size=4), st.integers(20, 90))
def test_a_table_of_any_words_fits_its_window_and_says_all_of_them(
    rows: list[tuple[str, str, str]], width: int
) -> None:
    lines = render_table(("name", "", "what"), rows, width)
    assert all(cells(line) <= width for line in lines)
    said = "".join(lines).replace(" ", "").replace("·", "")
    assert all(word in said for row in rows for text in row for word in text.split())


def test_a_column_behind_free_text_begins_where_its_head_begins() -> None:
    head, *rows = render_table(("what", "who"), [("ঠিক করা: লাল সাইকেলটি দেরি", "me"), ("गल्ती", "us"), ("fix", "you")], 80)
    starts = {cells(row[: row.rindex("  ") + 2]) for row in rows}
    assert starts == {cells(head[: head.index("who")])}
