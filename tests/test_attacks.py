"""Hostile words come in by every way there is, and by none do they leave: not on a screen, in a file, in the journal.

A quick run joins two hundred texts from pieces; `CALMDESK_ATTACK_EXAMPLES=20000` is the full form.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import re
import signal
import sys
import time
import unicodedata
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import calmdesk.cli
from calmdesk.call import asides, giving, moves
from calmdesk.call import events as e
from calmdesk.call.moves import NotAllowed
from calmdesk.call.play import Conversation
from calmdesk.call.play import play as play_call
from calmdesk.call.state import replay
from calmdesk.call.values import Call
from calmdesk.call.wrapup import write_path
from calmdesk.journal.codec import encode
from calmdesk.journal.opening import close_journal, open_journal, open_to_read
from calmdesk.journal.rows import Entry
from calmdesk.journal.salvage import write_rescue
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.library import open_edition
from calmdesk.terminal import live, sitting
from calmdesk.terminal.board import Board
from calmdesk.terminal.locks import take_lock
from calmdesk.terminal.plain import Lines, NoMoreLines, Plain
from calmdesk.terminal.summary import render_summary
from tests.conftest import NOON, Clock
from tests.forms import some_of
from tests.journal.examples import EXAMPLES
from tests.terminal.pty_terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from calmdesk.playbook.model import Edition
    from tests.conftest import Desk

EXAMPLES_TRIED = int(os.environ.get("CALMDESK_ATTACK_EXAMPLES", "80"))

# --- the words

HIDDEN = {
    "a cursor that moves": "\x1b[2J\x1b[1;1H\x1b[31m zebra",
    "another screen": "zebra \x1b[?1049h\x1b[6n\x1bc\x1b(0",
    "a title": "\x1b]0;evil\x07zebra",
    "a title, ended otherwise": "\x1b]2;evil\x1b\\zebra",
    "a title of C1": "\x9d0;evil\x9czebra",
    "a title never ended": "zebra \x1b]0;evil",
    "a link": "\x1b]8;;https://evil.example\x1b\\zebra\x1b]8;;\x1b\\",
    "the clipboard, by BEL": "zebra\x1b]52;c;ZXZpbA==\x07",
    "the clipboard, by ST": "zebra\x1b]52;c;ZXZpbA==\x1b\\",
    "the clipboard, by C1": "zebra\x9d52;c;ZXZpbA==\x9c",
    "a string for the device": "zebra\x1bPq#0;2;0;0;0\x1b\\\x90q\x9c",
    "a program's command": "zebra\x1b_Gf=100;evil\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\",
    "single bytes of C1": "zebra\x84\x85\x8d\x90\x9b2J\x9f",
    "an escape without width": "zebra\x01\x1b]52;c;ZXZpbA==\x07\x02 \x01evil\x02",
    "controls": "zebra\x00\x08\x08\x08\x0b\x0c\x0e\x0f\x7f\x07",
    "letters that run backwards": "zebra \u202egnp.exe\u202c\u202dx",
    "letters set apart": "zebra \u2066x\u2067y\u2068z\u2069\u200e\u200f\u061c",
    "letters without width": "ze\u200bbra\u2060\u2063\u00ad\u180e\u034f\u115f\u3164\uffa0",
    "a joiner between Latin letters": "ze\u200dbra a\u200cb",
    "marks of shorthand and of music": "zebra\U0001bca0\U0001bca3\U0001d173\U0001d17a",
    "tags": "zebra\U000e0041\U000e0042\U000e007f",
    "a mark of the byte order": "\ufeffzebra\ufeff\ufffe",
    "half a character": "zebra \ud83d \udc9b",
    "a tower of accents": "zebra e" + "\u0300\u0316" * 60,
    "a line begun anew": "zebra\rFORGED Call ended",
    "a line of its own": "zebra\nFORGED [x] accepted: yes",
    "a line of its own, after a CR": "zebra\r\nFORGED saved: fault = ours",
    "a line of Unicode": "zebra\u2028FORGED saved\u2029FORGED ended",
    "the next line of C1": "zebra\x85FORGED Call ended",
    "a page and a line of old": "zebra\x0bFORGED one\x0cFORGED two\x1cFORGED\x1dFORGED\x1eFORGED",
}
PLAIN = {
    "a link of rich": "[link=file:///etc/passwd]zebra[/link]",
    "an end of rich": "zebra [/] [/bold] [bold red]x",
    "an emoji of rich": "zebra :warning: [pause]",
    "markup of prompt_toolkit": "zebra <ansired>x</ansired> &amp; %s",
    "a slot with a class": "zebra {customer.__class__.__init__.__globals__} {0} {!r}",
    "a slot that is wide": "zebra {problem:>300000000} {problem!r:>9}",
    "percent signs": "zebra %s %(problem)s %n %300000000d",
    "dollars": "zebra $problem ${HOME} $(id) `id`",
    "a value of the policy": "zebra {policy.company}",
    "a fact": "zebra {agent} {customer} {problem} {case}",
    "half a slot": "{ zebra {{agent}} }{",
    "a formula": '=HYPERLINK("http://evil.example","zebra")',
    "a formula with @": "@SUM(1+1)*zebra",
    "a formula with +": "+1+cmd|' /C calc'!zebra",
    "a formula with -": "-1+1+zebra",
    "a formula after a tab": "\t=1+1+zebra",
    "a formula of full width": "＝1＋1＋zebra",
    "a script": "<script>alert('zebra')</script>",
    "an image that fails": '<img src=x onerror="alert(1)">zebra',
    "a comment of HTML": "<!-- zebra --> <![CDATA[ x ]]> <?x?>",
    "an address in brackets": "zebra <https://evil.example> <evil@evil.example>",
    "an entity": "zebra &lt;script&gt; &#60;script&#62; &colon;",
    "a link of Markdown": "[zebra](javascript:alert(1)) [x][1]",
    "an image of Markdown": "![zebra](https://evil.example/x.png)",
    "where a link leads": "[1]: javascript:alert('zebra')",
    "a heading": "# zebra",
    "a heading by its line": "zebra ===",
    "code": "```zebra",
    "code after spaces": "        zebra",
    "code within": "zebra `code` ``x``",
    "a quotation": "> zebra",
    "a line across": "--- zebra",
    "a list": "- 1. zebra",
    "a table": "| zebra | b |",
    "emphasis": "*zebra* __x__ ~~y~~ \\",
}
PAYLOADS = HIDDEN | PLAIN
NEVER_FILLED = "ACME-FILLED"

POLICY = """
calmdesk-policy: 1
company: ACME-FILLED
"""
BOOK = """
calmdesk: 1
title: Attack
goal: Stand.
facts:
  customer: {ask: "Who is it?"}
  agent: {ask: "Who are you?", default: Bo}
  problem: {ask: "What happened?"}
  price: {ask: "What did it cost?", kind: money}
steps:
  hello:
    title: "About {problem}"
    ask: [customer, problem]
    say: "So {customer}, {problem}."
    cue: "A cue: {problem}"
    avoid: {line: "Not {problem}", instead: "But {problem}"}
    check: "Heard {problem}"
    must-check: "Said {problem}"
    draft: letter
    promise: {what: "Fixed: {problem}", by: 24h, who: "{customer}"}
    choices:
      yes: {label: "Yes, {problem}", go: bye}
      no: {label: "No, {problem}", go: hello, forget: problem, at-most: 9}
  bye:
    say: "Goodbye {customer}: {problem}."
    end: recovered
drafts:
  letter: |
    Dear {customer},
    about {problem}.
"""


def as_argument(text: str) -> str:
    """The text as a command line can carry it: no NUL, and bytes that are no UTF-8 come as they come."""
    return os.fsdecode(text.encode("utf-8", "surrogatepass").replace(b"\0", b""))


# --- what must not come out

_INVISIBLE = set("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | {chr(c) for c in range(0xFE00, 0xFE10)}
# Of the format characters, signs that stand before a number are seen.
_VISIBLE = {*map(chr, range(0x600, 0x606)), *"\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"}
# Between letters from Arabic to Mongolian a joiner means something.
_JOINER = re.compile("(?<=[\u0600-\u18af])[\u200c\u200d](?=[\u0600-\u18af])")
_TOWER = re.compile("[\u0300-\u036f]{5}")


def harm(text: str, *, tabs: bool = False) -> list[str]:
    """What of a text moves a cursor, hides, reorders, or begins a line that isn't the program's own."""
    found = [
        f"U+{ord(c):04X}"
        for c in set(_JOINER.sub("", text)) - _VISIBLE - {"\n", "\t" if tabs else "\n"}
        if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} or c in _INVISIBLE
    ]
    found += ["a tower of accents"] if _TOWER.search(text) else []
    found += [f"a forged line: {x}" for x in text.split("\n") if x.startswith("FORGED")]
    return found + (["a slot that was filled"] if NEVER_FILLED in text else [])


def harm_of_json(text: str) -> list[str]:
    """What is wrong with a document: with its own letters, and with what it says."""
    return harm(text) + [f"{x} in JSON" for said in _texts(json.loads(text)) for x in harm_of_words(said)]


def harm_of_words(text: str) -> list[str]:
    """What is wrong with words that stand in one line, whatever it begins with."""
    return harm(f"│{text}") + (["two lines"] if "\n" in text else [])


def _texts(value: Any) -> Iterator[str]:
    """Every text within a value; a draft may have lines of its own, whatever they say."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            drafts = one.values() if key == "drafts" else ()
            yield from (line for draft in drafts for line in draft.split("\n")) if drafts else _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


_HARMLESS = {"heading", "paragraph", "bullet_list", "list_item", "inline", "text", "softbreak", "text_special"} | {
    "code_inline", "em", "strong", "hardbreak", "blockquote", "ordered_list",
}  # fmt: skip


def harm_of_markdown(text: str) -> list[str]:
    """What of a Markdown text is alive: tags, links, images, and headings or code that the program didn't write."""
    found = harm(text)
    found += [f"a tag: {x}" for x in re.findall(r"<[A-Za-z/!?][^\n]{0,20}", text)]
    found += [f"a line: {x}" for x in text.split("\n") if re.match(r"[=@+]|#+ zebra\Z", x)]
    reader = MarkdownIt("commonmark")
    # Not every reader looks at where a link leads.
    reader.validateLink = bool  # type: ignore[method-assign, assignment]
    for token in reader.parse(text):
        for part in [token, *(token.children or [])]:
            kind = part.type.removesuffix("_open").removesuffix("_close")
            if kind not in _HARMLESS:
                found.append(f"{kind}: {part.content[:30]}{part.attrs.get('href', '')}")
        if token.type == "heading_open" and token.level:
            found.append("a heading in a list")
    return found


# --- the program, without a process of its own


class Ran(NamedTuple):
    """What a command left behind; `broke` is the error that no sentence told."""

    code: int
    out: str
    err: str
    broke: str = ""


@contextlib.contextmanager
def _locks_freed() -> Iterator[None]:
    """What a process holds on to until it ends is let go of here."""
    taken: list[Any] = []

    def take(folder: str, number: int) -> Any:
        taken.append(take_lock(folder, number))
        return taken[-1]

    try:
        with mock.patch.object(sitting, "take_lock", take), mock.patch.object(live, "take_lock", take):
            yield
    finally:
        for lock in filter(None, taken):
            lock.close()


class Program:
    """`calmdesk …` in this process, with a home of its own."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        keep = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "TMPDIR"}}
        self.environment = {**keep, "CALMDESK_HOME": str(home), "TZ": "UTC", "NO_COLOR": "1", **environment}

    def run(self, *arguments: str | Path, lines: str = "", **environment: str) -> Ran:
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", "replace", "\n", write_through=True) for _ in range(2))
        kept = sys.argv, sys.stdin, dict(os.environ)
        handlers = {n: signal.getsignal(n) for n in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)}
        broke, code = "", 0
        try:
            sys.argv = ["calmdesk", *(as_argument(str(x)) for x in arguments)]
            sys.stdin = io.StringIO(lines)
            os.environ.clear()
            os.environ.update(self.environment | environment)
            with _locks_freed(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = calmdesk.cli.run(calmdesk.cli._dispatch)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except Exception as error:  # noqa: BLE001 - what nobody told is what is looked for
            broke = f"{type(error).__name__}: {error!s:.80}"
        finally:
            sys.argv, sys.stdin = kept[:2]
            os.environ.clear()
            os.environ.update(kept[2])
            for number, handler in handlers.items():
                signal.signal(number, handler)
        out.seek(0)
        err.seek(0)
        return Ran(code, out.read(), err.read(), broke)


class Shown(NamedTuple):
    """Something that somebody gets to see, and what is wrong with it."""

    what: str
    wrong: list[str]


JUDGES: dict[str, Callable[[str], list[str]]] = {
    "text": harm,
    "json": harm_of_json,
    "md": harm_of_markdown,
    "table": partial(harm, tabs=True),
}


def looked_at(what: str, ran: Ran, form: str = "text") -> list[Shown]:
    """Both streams of a command, judged; an error that nobody told is as bad."""
    wrong = JUDGES[form](ran.out) if ran.out.strip() else []
    return [
        Shown(f"{what}, stdout", wrong),
        Shown(f"{what}, stderr", harm(ran.err)),
        Shown(f"{what}, at all", [ran.broke] if ran.broke else []),
    ]


def expect_no_harm(shown: Sequence[Shown]) -> None:
    wrong = [f"{x.what}: {'; '.join(x.wrong[:4])}" for x in shown if x.wrong]
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


COMMANDS: tuple[tuple[tuple[str, ...], str], ...] = (
    ((), "text"),
    (("call", "list"), "table"),
    (("call", "list", "--json"), "json"),
    (("promise", "list", "--all"), "table"),
    (("promise", "list", "--json"), "json"),
    (("approve",), "table"),
    (("approve", "--json"), "json"),
    (("journal", "verify"), "text"),
    (("playbook", "list"), "table"),
    (("playbook", "list", "--json"), "json"),
    (("config", "show", "--origin"), "table"),
    (("config", "show", "--json"), "json"),
    (("config", "path", "--json"), "json"),
)
OF_A_CALL: tuple[tuple[tuple[str, ...], str], ...] = (
    (("call", "show", "ID"), "text"),
    (("call", "export", "ID", "--format", "md"), "md"),
    (("call", "export", "ID", "--format", "json"), "json"),
)


def look_everywhere(program: Program) -> list[Shown]:
    """What every command shows that shows all calls."""
    return [x for words, form in COMMANDS for x in looked_at(" ".join(words), program.run(*words), form)]


def look_at_call(program: Program, name: str, *, forms: str = "text json md") -> list[Shown]:
    """What every command shows of one call, in these forms."""
    shown = []
    for words, form in OF_A_CALL:
        if form in forms:
            ran = program.run(*(name if w == "ID" else w for w in words))
            shown += looked_at(" ".join(words), ran, form)
    return shown


def look_at_journal(home: Path) -> list[Shown]:
    """What the journal keeps; the path of a playbook is kept as it is, so that it is found again."""
    journal = open_to_read(str(home))
    wrong = []
    for number in journal.calls():
        for entry in journal.read(number):
            event = entry.event._replace(path="") if isinstance(entry.event, e.Started) else entry.event
            row = encode(event)
            wrong += [f"{row.kind}: {x}" for said in (*_texts(row.data), *row.words) for x in harm_of_words(said)]
    journal.close()
    return [Shown("the journal", wrong)]


def make_book(folder: Path, text: str = BOOK, policy: str = POLICY) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "attack.yaml").write_text(text, encoding="utf-8")
    (folder / "policy.yaml").write_text(policy, encoding="utf-8")
    return folder / "attack.yaml"


# --- typed on a call


class Desk1(NamedTuple):
    """A desk where each text was typed on a call of its own, by every way there is, and what could be seen meanwhile."""

    program: Program
    names: dict[str, str]
    seen: dict[str, list[Shown]]
    files: dict[str, str]


ANSWERS = (
    "no",
    "/n {0}",
    "{0}",
    "/n {0}",
    "e problem {0}",
    "r {0} by 17:00",
    "t",
    "i {0}",
    "t",
    "g {0}",
    "t",
    "{0}",
    "h {0}",
    "t",
    "x {0}",
    "s",
    "o {0}",
    "end {0}",
    "t",
    "x 1",
    "x 2",
)


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Desk1:
    folder = tmp_path_factory.mktemp("typed")
    book, program = make_book(folder / "books"), Program(folder / "home")
    seen: dict[str, list[Shown]] = {}
    names, files = {}, {}
    for number, (name, payload) in enumerate(PAYLOADS.items()):
        given, last = as_argument(payload), ("yes", "w {0}")[number % 2]
        answers = folder / "answers.txt"
        answers.write_bytes(
            "\n".join(x.replace("{0}", payload) for x in (*ANSWERS, last, "yes")).encode("utf-8", "surrogatepass")
        )
        summary = folder / f"summary-{number}.md"
        words = ("--customer", given, "--case", given, "--fact", f"problem={given}", "--answers", answers)
        ran = program.run("handle", book, *words, "--summary", summary, "--format", "md")
        seen[name] = looked_at("the call in lines", ran)
        files[name] = summary.read_text(encoding="utf-8")
        calls = json.loads(program.run("call", "list", "--json").out)["calls"]
        names[name] = calls[0]["call"]
        assert len(calls) == number + 1, (name, ran)
        assert "zebra" in ran.out or name == "letters without width", (name, ran)
    return Desk1(program, names, seen, files)


@pytest.mark.parametrize("name", some_of(list(PAYLOADS), 20))
def test_what_is_typed_on_a_call_does_nothing_while_it_lasts(typed: Desk1, name: str) -> None:
    expect_no_harm(typed.seen[name])


@pytest.mark.parametrize("name", some_of(list(PAYLOADS), 20))
def test_what_was_typed_does_nothing_in_text_or_json(typed: Desk1, name: str) -> None:
    shown = look_at_call(typed.program, typed.names[name], forms="text json")
    expect_no_harm(shown)


@pytest.mark.parametrize("name", some_of(list(PAYLOADS), 20))
def test_what_was_typed_is_words_in_markdown_and_no_more(typed: Desk1, name: str) -> None:
    shown = look_at_call(typed.program, typed.names[name], forms="md")
    expect_no_harm([*shown, Shown("the wrap-up's file", harm_of_markdown(typed.files[name]))])


def test_slots_that_a_person_types_stay_as_they_were_typed(typed: Desk1) -> None:
    for name in (
        "a slot with a class",
        "a slot that is wide",
        "percent signs",
        "dollars",
        "a value of the policy",
        "a fact",
    ):
        told = json.loads(typed.program.run("call", "show", typed.names[name], "--json").out)
        said = " ".join(PAYLOADS[name].split())
        assert told["facts"]["problem"] == told["notes"][0]["text"] == told["case"] == said
        assert told["checks"][0]["text"] == f"Heard {said}"
        assert f"about {said}." in told["drafts"]["letter"]
        promised = next(p for p in told["promises"] if p["what"].startswith("Fixed"))
        assert (promised["what"], promised["who"]) == (f"Fixed: {said}", told["facts"]["customer"])


def test_what_was_typed_does_nothing_in_lists(typed: Desk1) -> None:
    expect_no_harm(look_everywhere(typed.program))


def test_what_was_typed_is_clean_in_the_journal_and_in_one_line(typed: Desk1) -> None:
    expect_no_harm(look_at_journal(typed.program.home))


def test_a_list_in_a_pipe_has_as_many_columns_as_it_should_and_no_formulas(typed: Desk1) -> None:
    for words, columns in ((("call", "list"), 5), (("promise", "list", "--all"), 6)):
        rows = [line.split("\t") for line in typed.program.run(*words).out.splitlines()]
        assert len(rows) >= len(PAYLOADS)
        assert {len(row) for row in rows} == {columns}
        assert [cell for row in rows for cell in row if cell[:1] in set("=+-@＝＋－＠")] == []


# --- written by an older calmdesk, or by hand


@cache
def shared_edition(folder: str) -> Edition:
    library = Library((str(Path(built_in_folder()).resolve()),), os.path.join(folder, "cache"))
    return open_edition(library, str(make_book(Path(folder) / "books"))).edition


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return shared_edition(str(tmp_path_factory.mktemp("edition")))


def old_events(edition: Edition, payload: str) -> list[e.Event]:
    """A call as one that cleaned nothing would have written it."""
    start = moves.start(edition)
    bye = (start.place[0]._replace(step="bye"),)
    return [
        start._replace(case=payload),
        e.Answered("customer", "text", payload, given=True),
        e.Answered("problem", "text", payload),
        e.Answered("price", "money", "8.90"),
        e.Corrected("problem", "text", payload, 0, start.place),
        e.Noted(payload),
        e.Noted(f"(unfinished) {payload}"),
        e.Unmasked("note 0", payload),
        e.Promised("p1", payload, "2026-11-25T17:00+00:00", payload),
        e.Promised("p2", payload, payload, "me"),
        e.Offered("o1", "gesture", "goodwill", "5.00", "USD", "8.90", payload, "price"),
        e.Refused("o2", payload),
        e.Ticked(payload),
        e.Overrode((payload,)),
        e.Interrupted(payload, start.place),
        e.Moved("go", payload, bye),
        e.HandedOver(payload),
        e.Parked(payload),
    ]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory, edition: Edition) -> Desk1:
    folder = tmp_path_factory.mktemp("old")
    program, names = Program(folder / "home"), {}
    journal = open_journal(str(program.home))
    for name, payload in HIDDEN.items():
        # What JSON in UTF-8 can't hold was never written.
        payload = payload.encode("utf-8", "ignore").decode()
        number = journal.append(None, old_events(edition, payload), NOON, dict(edition.texts))
        names[name] = f"{journal.desk}-{number}"
    close_journal(journal)
    return Desk1(program, names, {}, {})


@pytest.mark.parametrize("name", HIDDEN)
def test_what_an_old_journal_holds_does_nothing_when_it_is_shown(old: Desk1, name: str) -> None:
    shown = look_at_call(old.program, old.names[name])
    shown += looked_at("resume", old.program.run("resume", old.names[name], lines="n more\nt\n"))
    expect_no_harm(shown)


def test_what_an_old_journal_holds_does_nothing_in_lists(old: Desk1) -> None:
    shown = look_everywhere(old.program)
    for promise in json.loads(old.program.run("promise", "list", "--json").out)["promises"][:4]:
        shown += looked_at("promise done", old.program.run("promise", "done", promise["promise"]))
        shown += looked_at("promise move", old.program.run("promise", "move", promise["promise"], "17:00"))
    expect_no_harm(shown)


@pytest.mark.parametrize("name", HIDDEN)
def test_what_an_old_journal_holds_does_nothing_on_the_screen(old: Desk1, edition: Edition, name: str) -> None:
    journal = open_to_read(str(old.program.home))
    call = replay(journal.read(int(old.names[name].rpartition("-")[2])))
    journal.close()
    talk = Conversation(edition, call._replace(parked=False), record=lambda _, __: None, now=Clock())
    expect_no_harm(look_at_screen(talk))


SIZES = ((80, 24), (40, 12), (24, 8))


def look_at_screen(talk: Conversation, sizes: Sequence[tuple[int, int]] = SIZES) -> list[Shown]:
    """The screen of a call, its lists, what is copied from it, and its wrap-up, at these sizes."""
    copied: list[str] = []
    board = Board(talk, copy=copied.append, wrapup=lambda: render_summary(talk.edition, talk.call, "x-1", "text"))
    shown, open_call = [Shown("the step", harm_of_screen(board, sizes))], talk.call
    for key in "eigq?":
        board.leave_line("")
        board.press(key)
        shown.append(Shown(f"the list of {key}", harm_of_screen(board, sizes)))
        board.press("escape")
    board.press("c")
    talk.call = open_call._replace(ended="dropped")
    shown.append(Shown("the wrap-up", harm_of_screen(board, sizes)))
    board.press("c")
    talk.call = open_call
    assert len(copied) == 2
    # A draft has lines of its own.
    line, summary = copied
    return [*shown, Shown("the clipboard", harm(line.replace("\n", " "))), Shown("the summary's", harm(summary))]


def harm_of_screen(board: Board, sizes: Sequence[tuple[int, int]]) -> list[str]:
    """What is wrong with the rows of a screen: each is one, whatever words it begins with."""
    found = []
    for width, height in sizes:
        drawn = board.draw(width, height)
        rows = ["".join(text for _, text in row) for row in (*drawn.body, *drawn.foot)]
        found += [x for row in rows for x in harm_of_words(row)]
    return list(dict.fromkeys(found))


# --- a rescue file made by hand

POISON = "zebra\x1b]0;evil\x07\x9b2J\u202e\nFORGED saved\rFORGED"
NONSENSE: tuple[object, ...] = (POISON, 5, {}, "half \ud83d", "", None, True, [])


def poisoned(value: Any, poison: object, *, deep: bool) -> Any:
    """An event with other words in each of its fields; `deep`: in its places and digests too."""
    if isinstance(value, str):
        return poison
    if isinstance(value, tuple):
        whole = deep or not (value and isinstance(value[0], tuple))
        inside = [poisoned(x, poison, deep=deep) if whole else x for x in value]
        return type(value)(*inside) if hasattr(value, "_fields") else tuple(inside)
    return value


def look_at_rescued(folder: Path, edition: Edition, calls: Sequence[Sequence[e.Event]], forms: str) -> list[Shown]:
    """What is shown of a desk after a rescue file of each call was brought in."""
    program = Program(folder / "home")
    shown: list[Shown] = []
    for events in calls:
        entries = [Entry(NOON._replace(mono=len(shown) + n), x) for n, x in enumerate(events)]
        file = folder / "calmdesk-rescue-x.json"
        os.replace(write_rescue([str(folder)], POISON, entries, dict(edition.texts)), file)
        shown += looked_at(f"salvage of {type(events[-1]).__name__}", program.run("journal", "salvage", file))
        file.unlink(missing_ok=True)
    listed = program.run("call", "list", "--json")
    for call in json.loads(listed.out or '{"calls": []}')["calls"]:
        of_call = look_at_call(program, call["call"], forms=forms)
        of_call += looked_at("resume", program.run("resume", call["call"], lines="n more\nt\n"))
        shown += [x._replace(what=f"{call['call']}: {x.what}") for x in of_call]
    return shown + look_everywhere(program)


def test_a_rescue_file_with_other_words_in_every_field_does_nothing(tmp_path: Path, edition: Edition) -> None:
    start = moves.start(edition)
    sound = {"place": start.place, "digests": start.digests}
    said = []
    for kind in EXAMPLES:
        event = poisoned(kind, POISON, deep=False)
        said.append(event._replace(**{k: v for k, v in sound.items() if k in event._fields}))
    last = (e.Started, e.Forgotten, e.Ended)
    calls: list[list[e.Event]] = [[x] for x in said if isinstance(x, e.Started | e.ApprovalGiven)]
    calls += [[start, *(x for x in said if not isinstance(x, last)), end] for end in said if isinstance(end, last[1:])]
    expect_no_harm(look_at_rescued(tmp_path, edition, calls, "text json md"))


@pytest.mark.parametrize("turn", range(len(NONSENSE) if EXAMPLES_TRIED > 200 else 1))
def test_a_rescue_file_that_makes_no_sense_is_refused_or_told_of_and_ends_no_command(
    tmp_path: Path, edition: Edition, turn: int
) -> None:
    start, calls = moves.start(edition), []
    for number, event in enumerate(EXAMPLES):
        poison = NONSENSE[(number + turn) % len(NONSENSE)]
        began = isinstance(event, e.Started)
        calls.append([poisoned(start, poison, deep=True)] if began else [start, poisoned(event, poison, deep=True)])
    expect_no_harm(look_at_rescued(tmp_path, edition, calls, "md"))


# --- from a playbook, a policy, or a pack of them

STRONG = (
    "".join(x for name, x in HIDDEN.items() if "never ended" not in name and "FORGED" not in x),
    "zebra \x1b]0;evil",
    "zebra\nFORGED saved: fault = ours\rFORGED\x85FORGED\u2028FORGED",
)
REFUSED = {name: x for name, x in HIDDEN.items() if "tower" not in name and name != "a line of its own"}


def hiding(payload: str) -> bytes:
    """A playbook that says this, as it is and by YAML's escapes."""
    raw = f'title: "{payload}"' if not payload.replace("\r", "").isprintable() else "title: A title"
    text = f"calmdesk: 1\n{raw}\ngoal: {json.dumps(payload)}\nsteps:\n  a-step: {{say: Hello, end: recovered}}\n"
    return text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("name", REFUSED)
def test_a_playbook_that_hides_something_is_refused_with_clean_words(tmp_path: Path, name: str) -> None:
    file = tmp_path / "attack.yaml"
    file.write_bytes(hiding(REFUSED[name]))
    ran = Program(tmp_path / "home").run("handle", file)
    assert ran.code == 1, ran
    expect_no_harm(looked_at("handle", ran))


def test_a_folder_of_playbooks_that_hide_something_is_linted_and_listed_with_clean_words(tmp_path: Path) -> None:
    program, folder = Program(tmp_path / "home"), tmp_path / "pack"
    folder.mkdir()
    for number, payload in enumerate(REFUSED.values()):
        (folder / f"attack-{number}.yaml").write_bytes(hiding(payload))
    shown = []
    for form in ("text", "json", "github"):
        ran = program.run("playbook", "lint", folder, "--format", form)
        shown += looked_at(form, ran, "json" if form == "json" else "text")
        assert {f"attack-{n}.yaml" for n in range(len(REFUSED))} == set(re.findall(r"attack-\d+\.yaml", ran.out))
        assert ran.code == 1
    for words, form in ((("list",), "table"), (("list", "--json"), "json")):
        ran = program.run("playbook", *words, CALMDESK_PLAYBOOKS=str(folder))
        shown += looked_at(f"playbook {words}", ran, form)
        assert "attack-0" in ran.out
    expect_no_harm(shown)


def hostile_texts(words: Iterator[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A playbook and a policy, sound in every way, with these words in each text that may be any."""

    def text() -> str:
        return next(words)

    step = {
        "title": text(), "cue": [text()], "say": [text(), text()], "check": [text()], "must-check": [text()], "why": text(),
        "avoid": [{"line": text(), "why": text(), "instead": text()}], "draft": "letter",
    }  # fmt: skip
    book = {
        "calmdesk": 1, "title": text(), "goal": text(), "signals": [text()],
        "facts": {
            "customer": {"ask": text()},
            "problem": {"ask": text(), "default": "it leaks"},
            "fault": {"ask": text(), "one-of": {"ours": {"label": text(), "slip": "ours"}, "theirs": {"label": text()}}},
            "price": {"ask": text(), "kind": "money"},
        },
        "interruptions": {"anger": {"label": text(), "card": {"say": text(), "title": text(), "cue": [text()]}}},
        "steps": {
            "hello": {**step, "ask": ["customer", "problem", "fault", "price"], "choices": {
                "yes": {"label": text(), "go": "offer-it"}, "no": {"label": text(), "go": "hello", "at-most": 1},
            }},
            "offer-it": {"title": text(), "principle": "own", "offer": {"kind": "restore", "ladder": "goodwill", "on": "price"}},
            "promise-it": {"say": text(), "promise": {"what": text(), "by": "24h", "who": text()}},
            "bye": {"say": text(), "end": "recovered"},
        },
        "drafts": {"letter": f"{text()}\n{text()}"},
        "tests": [{"name": text(), "facts": {"fault": "ours"}, "choose": "no", "expect": {"disposition": "recovered"}}],
    }  # fmt: skip
    policy = {
        "calmdesk-policy": 1, "company": text(), "team-line": text(), "lines": {"hold": text(), "back": text()},
        "dispositions": {"recovered": text(), "lost": {"label": text(), "any-time": True}, "handed-over": text()},
        "ladders": {"goodwill": {"rungs": [{"role": text(), "restore": 50, "gesture": 20}, {"role": text(), "restore": 90, "gesture": 20}]}},
        "interruptions": {"danger": {"label": text(), "card": {"say": text()}, "returns": False, "key": "d"}},
        "emergency-card": f"{text()}\n{text()}",
    }  # fmt: skip
    return book, policy


# What a trainer writes in braces is meant, where there is such a fact or value.
MEANT = ("a value of the policy", "a fact", "half a slot")
WRITTEN = [x for name, x in PLAIN.items() if name not in MEANT and x.strip() == x]
AT_THE_CALL = [
    "Rosa Delgado",
    "2",
    "8.90",
    "?",
    "i anger",
    "",
    "n a note",
    "x 1",
    "x 2",
    "yes",
    "80",
    "none",
    "ok",
    "yes",
    "r call by 17:00",
    "h",
    "h",
]


@pytest.mark.parametrize("turn", [*range(0, len(WRITTEN), 12), -1])
def test_what_a_playbook_or_a_policy_says_is_words_wherever_it_is_shown(tmp_path: Path, turn: int) -> None:
    """Turn -1: each text has a second line, which looks as if calmdesk had written it."""
    words = itertools.cycle([*WRITTEN[turn:], *WRITTEN[:turn]] if turn >= 0 else ["zebra\nFORGED saved: fault = ours"])
    book, policy = hostile_texts(words)
    program, dumps = Program(tmp_path / "home"), partial(json.dumps, ensure_ascii=False, indent=1)
    file = make_book(tmp_path / "books", dumps(book), dumps(policy))
    shown = looked_at("lint", program.run("playbook", "lint", file))
    shown += looked_at(
        "the call in lines", program.run("handle", file, "--summary", "-", lines="\n".join([*AT_THE_CALL, "w Bo"]))
    )
    shown += looked_at(
        "resume in lines", program.run("resume", lines="\n".join([*AT_THE_CALL[9:], "d", "yes", "end lost"]))
    )
    calls = json.loads(program.run("call", "list", "--json").out)["calls"]
    assert calls, shown
    shown += look_at_call(program, calls[0]["call"])
    for command, option, form in (("show", (), "text"), ("show", ("--json",), "json"), ("test", (), "text")):
        shown += looked_at(f"playbook {command}", program.run("playbook", command, file, *option), form)
    for command_line, form in COMMANDS[:10]:
        ran = program.run(*command_line, CALMDESK_PLAYBOOKS=str(file.parent))
        shown += looked_at(" ".join(command_line), ran, form)
    edition = open_edition(
        Library((str(Path(built_in_folder()).resolve()),), str(tmp_path / "cache")), str(file)
    ).edition
    talk = Conversation(edition, Call(), record=lambda _, __: None, now=Clock())
    talk.take(lambda _: [moves.start(edition)])
    shown += look_at_screen(talk)
    for typed_ in ("Rosa", "it leaks", "ours", "80"):
        talk.take(partial(moves.answer, typed=typed_))
        shown += look_at_screen(talk)
    talk.take(partial(asides.interrupt, name="danger"))
    shown += look_at_screen(talk)
    expect_no_harm(shown)


# --- from the command line, the environment, the configuration


COMMAND_LINES = """
handle P|handle ./P.yaml|handle P P|handle --P|P|P P|playbook show P|playbook lint P|playbook lint ./P.yaml|playbook test P
playbook lint hold --format P|playbook list P|call show P|call summary P --format md|call summary 1 --format P|call export P
call export --case P|call export P --format P|call forget P --yes|call forget --case P --yes|call forget --older-than P --yes
resume P|resume P --format P|promise done P|promise move P P|approve P|approve --seen P|approve --seen FILE|journal salvage P
journal backup P|journal backup P/x|config set P x|config set role P|config set limits.P.P.gesture 5|config set hook P
config set hook -- /P P|config set playbooks P|config set retention P|config set plain P|config set team-key P|config P
handle hold --fact P|handle angry-caller --fact P=x|handle angry-caller --fact fault=P|handle angry-caller --channel P
handle angry-caller --answers P|handle angry-caller --summary P/x|handle angry-caller --format P|handle angry-caller --lang P
handle angry-caller --summary P|config show --origin|config show --json|config path
"""


@pytest.mark.parametrize("payload", STRONG[::2], ids=["all", "lines"])
def test_what_stands_on_the_command_line_does_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, payload: str
) -> None:
    program, shown = Program(tmp_path / "home"), []
    monkeypatch.chdir(tmp_path)
    summary = {"call": payload, "offers": [{"approval": payload}]}
    (tmp_path / "FILE").write_text(json.dumps(summary), encoding="utf-8")
    for command in re.split(r"[|\n]", COMMAND_LINES.strip()):
        words = [word.replace("P", payload) for word in command.split()]
        shown += looked_at(command, program.run(*words), "json" if "--json" in command else "table")
    expect_no_harm(shown)


@pytest.mark.parametrize("payload", [x.replace("/", "-") for x in STRONG], ids=["all", "unended", "lines"])
def test_what_a_file_or_a_folder_is_called_does_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, payload: str
) -> None:
    name = as_argument(payload.encode("utf-8", "replace")[:120].decode("utf-8", "ignore"))
    program = Program(tmp_path / name, CALMDESK_PLAYBOOKS=f"{tmp_path / 'nowhere' / name}:{tmp_path / 'books' / name}")
    monkeypatch.chdir(tmp_path)
    folder = make_book(tmp_path / "books" / name).parent
    file = (folder / "attack.yaml").rename(folder / f"{name}.yaml")
    (folder / "broken.yaml").write_text("title: [", encoding="utf-8")
    shown = looked_at("a call", program.run("handle", file, lines="Rosa\nit leaks\nr ring by 17:00\n"))
    shown += looked_at("a rescue file", program.run("journal", "backup", tmp_path / name / "calmdesk-rescue-x.json"))
    shown += looked_at("lint", program.run("playbook", "lint", folder))
    shown += looked_at("github", program.run("playbook", "lint", folder, "--format", "github"))
    shown += look_everywhere(program)
    calls = json.loads(program.run("call", "list", "--json").out)["calls"]
    assert len(calls) == 1
    shown += look_at_call(program, calls[0]["call"])
    shown += looked_at("salvage", program.run("journal", "salvage"))
    (tmp_path / name / "journal.db").write_bytes(b"no journal" * 1000)
    shown += looked_at("a journal that is none", program.run("handle", file, lines="Rosa\n"))
    expect_no_harm(shown)


@pytest.mark.parametrize(
    "payload", [x.encode("utf-8", "ignore").decode() for x in STRONG], ids=["all", "unended", "lines"]
)
def test_what_a_configuration_says_does_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, payload: str) -> None:
    project, program, shown = tmp_path / "project", Program(tmp_path / "home"), []
    project.mkdir(mode=0o700)
    program.home.mkdir(mode=0o700)
    monkeypatch.chdir(project)
    word = json.dumps(payload).replace("\\u007f", "\\u007F")
    for text in (
        f"role = {word}\nretention = {word}\nhook = [{word}, {word}]\nplaybooks = [{word}]\n{word} = {word}\nplain = {word}\n",
        f"[limits.{word}.{word}]\ngesture = {word}\n{word} = 5\n",
        f'lock = [{word}]\nrole = "{payload}"\n',
        f'hook = ["/bin/true", {word}]\nplaybooks = [{word}]\nteam-key = {word}\n',
    ):
        for place in (program.home / "config.toml", project / "calmdesk.toml"):
            place.write_text(text, encoding="utf-8")
        for words, form in (*COMMANDS[-3:], COMMANDS[0], (("approve",), "table"), (("handle", "hold"), "text")):
            shown += looked_at(" ".join(words), program.run(*words), form)
        ended = program.run(
            "handle",
            make_book(tmp_path / "books"),
            lines="Rosa\nit leaks\nend lost\n",
            CALMDESK_ROLE=payload.replace("\0", ""),
        )
        shown += looked_at("a call", ended)
    expect_no_harm(shown)


# --- any of it, together, by the ways that need no command

PIECES = (
    "\x1b", "[2J", "[31m", "]0;", "]8;;", "]52;c;ZXZpbA==", "\x07", "\x1b\\", "P", "_", "\x84", "\x90", "\x9b", "\x9c", "\x9d", "\x00", "\x01", "\x02",
    "\x08", "\x7f", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\U000e0041", "\ud83d", "e\u0300", "\u0300\u0316\u0300\u0316\u0300", "\u0915\u094d",
    "\nFORGED saved: x", "\rFORGED", "\x85FORGED", "\u2028FORGED", "\x0bFORGED", "\n", "\t", " ", "zebra", "=1+1", "@SUM(1)", "+", "-", "<b>", "<script>",
    "<!--", "[x](javascript:alert(1))", "![x](y)", "<https://x.example>", "# ", "```", "`", "> ", "---", "*", "_", "|", "\\", "&lt;", "[/]", "[bold]", ":warning:",
    "{policy.company}", "{agent}", "{customer}", "{problem}", "{", "}", "{0}", "%s", "/n ", "/", " by 17:00", "ok", "1", "5.00", "রহিমা", "日本",
)  # fmt: skip


_TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), min_size=1, max_size=10).map("".join)
_THOROUGH = settings(max_examples=EXAMPLES_TRIED, deadline=None, suppress_health_check=list(HealthCheck))


def talked(edition: Edition, text: str) -> tuple[Conversation, list[e.Event], list[str]]:
    """A call on which somebody typed this wherever they could, what was kept of it, and why moves were refused."""
    kept: list[e.Event] = []
    talk = Conversation(edition, Call(), record=lambda events, _: kept.extend(events), now=Clock())
    talk.take(lambda _: [moves.start(edition, case=text)])
    return talk, kept, [_tried(talk, move) for move in _moves(text)]


@given(_TEXTS)
@_THOROUGH
def test_no_words_put_together_from_such_pieces_do_anything(edition: Edition, text: str) -> None:
    talk, kept, refused = talked(edition, text)
    shown = [Shown("an answer to a move", [x for no in refused for x in harm_of_words(no)])]
    shown += [Shown("lines", harm(_in_lines(talk, text))), *look_at_screen(talk, SIZES[2:])]
    shown.append(Shown("a typed line", [x for screen in _typed(talk, text) for x in screen]))
    for form, judge in (("text", harm), ("json", harm_of_json)):
        shown.append(Shown(form, judge(render_summary(edition, talk.call, "x-1", form))))
    shown.append(Shown("the way", harm(write_path(edition, talk.call))))
    said = [x for event in kept for x in (*_texts(encode(event).data), *encode(event).words)]
    shown.append(Shown("the journal", [x for words in said for x in harm_of_words(words)]))
    expect_no_harm(shown)


@given(_TEXTS)
@_THOROUGH
def test_no_words_put_together_from_such_pieces_are_alive_in_markdown(edition: Edition, text: str) -> None:
    talk, _, _ = talked(edition, text)
    expect_no_harm([Shown("Markdown", harm_of_markdown(render_summary(edition, talk.call, "x-1", "md")))])


def _moves(text: str) -> list[Callable[[moves.Standing], Sequence[e.Event]]]:
    return [
        partial(moves.tell, name="customer", typed=text),
        partial(moves.tell, name="problem", typed=text),
        partial(moves.tell, name="price", typed=text),
        partial(moves.tell, name=text, typed=text),
        partial(moves.answer, typed=text),
        partial(moves.answer, typed="plain"),
        partial(moves.correct, name="problem", typed=text),
        partial(moves.correct, name=text, typed=text),
        partial(moves.choose, choice=text),
        partial(moves.go_to, wanted=text),
        partial(asides.note, text=text),
        partial(asides.toggle, checks=[text]),
        partial(asides.interrupt, name=text),
        partial(asides.hold, typed=text),
        partial(asides.end, disposition=text),
        partial(giving.promise, what=text, when="17:00"),
        partial(giving.promise, what="call", when=text),
        partial(giving.offer, typed=text),
        partial(giving.accept, typed=text),
        partial(giving.approve, typed=text),
        partial(giving.again, typed=text),
    ]


def _tried(talk: Conversation, move: Callable[[moves.Standing], Sequence[e.Event]]) -> str:
    """Why a move was refused; nothing where it wasn't."""
    try:
        talk.take(move)
    except NotAllowed as no:
        return str(no)
    return ""


def _in_lines(talk: Conversation, text: str) -> str:
    """What plain mode writes of a call on which somebody types this."""
    out = io.StringIO()
    typed = io.StringIO(
        "\n".join([f"/n {text}", f"/e problem {text}", "t", text, "t", f"/r {text} by 17:00", f"/w {text}"])
    )
    face, kept = Plain(Lines(typed, out, asked=False)), talk.call
    with contextlib.suppress(NoMoreLines):
        play_call(talk, show=face.show, ask=face.ask, tell=face.tell, refuse=face.refuse)
    talk.call = kept
    return out.getvalue()


def _typed(talk: Conversation, text: str) -> Iterator[list[str]]:
    """The screen after the words were typed or pasted into each of its lines, and what is left of an unfinished one."""
    kept = talk.call
    board = Board(talk, copy=lambda _: None)
    for key in ("n", "r", "/", "o", "w"):
        board.leave_line("")
        board.press(key)
        if board.typing:
            board.typed(text)
        yield harm_of_screen(board, SIZES[1:2])
        talk.call = kept
        for letter in text[:8]:
            if not board.typing:
                board.press(letter)
                yield harm_of_screen(board, SIZES[1:2])
        talk.call = kept
    board.press("n")
    yield harm_of_words(board.unfinished(text))
    talk.call = kept


# --- on a real terminal


RAW = re.compile(
    rb"\x1b[\]P_X^]|\x07|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf|\xf3\xa0[\x80\x81]"
)
"""A string for the terminal, C1, bidi, zero-width, tags: none of it is ever written."""


@pytest.fixture
def terminals(desk: Desk) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def make(*arguments: str | Path) -> Terminal:
        opened.append(Terminal(desk.environment, *(as_argument(str(x)) for x in arguments)))
        return opened[-1]

    yield make
    for terminal in opened:
        terminal.close()


def test_what_is_typed_pasted_or_kept_does_nothing_to_a_real_terminal(
    desk: Desk, terminals: Callable[..., Terminal], tmp_path: Path
) -> None:
    text = f"{STRONG[0]}{STRONG[2]}{STRONG[1]}".replace("\0", "").encode("utf-8", "ignore").decode()
    book = make_book(tmp_path / "books")
    journal = open_journal(str(desk.home))
    edition = shared_edition(str(tmp_path / "edition"))
    journal.append(None, [*old_events(edition, text)[:9], e.Ended("lost")], NOON, dict(edition.texts))
    close_journal(journal)
    terminal = terminals("handle", book, "--customer", text, "--case", text)
    terminal.wait("What happened?")
    # A terminal that pastes takes out the end of a paste; everything else may come.
    terminal.send(f"\x1b[200~{text}\x1b[201~")
    terminal.wait("zebra")
    terminal.pump(0.2)
    terminal.keys(("\r", "A cue: "), ("n", "Note"), (f"\x1b[200~{text}\x1b[201~\r", "noted: "))
    terminal.keys(("e", "Edit what?"), ("\x1b", "A cue:"), ("i", "What cuts in?"), ("\x1b", "A cue: "))
    terminal.send("p")
    assert terminal.end() == 0
    raw = terminal.raw
    for words in (("call", "list"), ("promise", "list"), ("call", "show", "1"), ("playbook", "lint", book)):
        listed = terminals(*words)
        assert listed.end() == 0
        raw += listed.raw
    assert set(RAW.findall(raw)) == set()
    assert re.findall(rb"(?:^|[\r\n])FORGED", raw) == []


def test_what_a_hook_gets_is_clean(tmp_path: Path) -> None:
    program, got = Program(tmp_path / "home"), tmp_path / "got"
    program.home.mkdir(mode=0o700)
    command = ["/bin/sh", "-c", f"cat > {got}.part; mv {got}.part {got}"]
    (program.home / "config.toml").write_text(f"hook = {json.dumps(command)}\n", encoding="utf-8")
    (program.home / "config.toml").chmod(0o600)
    given = [x for payload in PAYLOADS.values() for x in ("--fact", f"problem={as_argument(payload)}")][-2:]
    lines = "\n".join(["Rosa", *(f"/n {x}" for x in PAYLOADS.values()), "w Bo"])
    program.run("handle", make_book(tmp_path / "books"), *given, "--case", STRONG[0], lines=lines)
    for _ in range(500):
        if got.exists():
            break
        time.sleep(0.01)
    expect_no_harm([Shown("the hook's document", harm_of_json(got.read_text(encoding="utf-8")))])
