"""A trainer's own playbook: it plays from the first minute, its tests notice faults, and nothing is ever written over."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from calmdesk.bench.lint import Linter
from calmdesk.bench.testing import play_tests
from calmdesk.playbook.beginning import FAULTS, GIVING, Told, write_beginning
from calmdesk.playbook.compiling import make_edition
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.keys import playbook_schema
from calmdesk.playbook.snippets import SNIPPETS, vscode_snippets
from tests.forms import often
from tests.terminal.pty_terminal import Terminal

if TYPE_CHECKING:
    from tests.conftest import Desk

SCHEMA = "# yaml-language-server: $schema=./schema/playbook.schema.json"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that a trainer stands in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def holds(desk: Desk, file: Path) -> None:
    """What was written lints without a word, explores clean, and its tests catch nearly every planted fault."""
    linted = json.loads(desk.run("playbook", "lint", file, "--format", "json").out)
    assert linted["findings"] == []
    tested = json.loads(desk.run("playbook", "test", file, "--mutate", "--json").out)["playbooks"][0]
    assert tested["tests"]
    assert all(test["passed"] for test in tested["tests"])
    assert tested["mutants"]["score"] >= 0.8
    assert desk.run("playbook", "explore", file).code == 0


def test_a_new_playbook_is_found_by_its_name_plays_to_its_end_and_is_proved(desk: Desk, here: Path) -> None:
    ran = desk.run("playbook", "new", "broken-bike")
    file = desk.home / "playbooks" / "broken-bike.yaml"
    assert ran.code == 0
    assert ran.out.startswith(f"Written: {file}\n")
    assert "its 2 tests pass" in ran.out
    holds(desk, file)
    asked = ["ready", "finished", "the bike broke", "yes", "ours", "x 1", "a new wheel", "17:00", "8.90", "40"]
    played = desk.run("handle", "broken-bike", lines=[*asked, "ok", "yes", "ok", "yes"])
    assert played.code == 0, played.out
    assert "Right, the plan: a new wheel, by 17:00. I'm on it now." in played.out
    assert "promised: a new wheel" in played.out
    assert not list(here.iterdir())


def test_the_first_line_names_the_schema_that_was_written_for_editors(desk: Desk, here: Path) -> None:
    assert desk.run("playbook", "new", "my folder/mine.yaml").code == 0
    file = here / "my folder" / "mine.yaml"
    first = file.read_text(encoding="utf-8").splitlines()[0]
    assert first == SCHEMA
    schema = (file.parent / first.partition("$schema=")[2]).resolve()
    assert json.loads(schema.read_text(encoding="utf-8")) == playbook_schema()
    schema.write_text("{}", encoding="utf-8")
    assert desk.run("playbook", "new", "my folder/other.yaml").code == 0
    assert schema.read_text(encoding="utf-8") == "{}"


def test_it_is_written_where_the_team_keeps_its_playbooks(desk: Desk, here: Path) -> None:
    (here / "books").mkdir()
    ran = desk.run("playbook", "new", "in-it", CALMDESK_PLAYBOOKS=str(here / "books"))
    assert ran.out.startswith("Written: books/in-it.yaml\n")
    assert (here / "books" / "schema" / "playbook.schema.json").is_file()


def test_nothing_is_ever_written_over(desk: Desk) -> None:
    desk.run("playbook", "new", "./mine.yaml")
    before = Path("mine.yaml").read_bytes()
    again = desk.run("playbook", "new", "./mine.yaml")
    assert again.code == 2
    assert "mine.yaml is there already." in again.err
    assert Path("mine.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 2, "What is the playbook called?"),
        (["Broken_Bike"], 2, "can't be the name of a playbook"),
        (["./bike.yml"], 2, "doesn't end in .yaml"),
        (["con"], 2, "is what Windows calls a device"),
        (["./aux.yaml"], 2, "is what Windows calls a device"),
        (["lpt9"], 2, "is what Windows calls a device"),
        (["steady"], 2, "“steady” is there already"),
        (["./hold.yaml"], 2, "“hold” is there already"),
        (["policy"], 2, "is the name of a file beside the playbooks"),
        (["\x1b[31mred"], 2, "can't be the name"),
        (["bike", "--from", "nowhere.md"], 3, "There is no file nowhere.md."),
        (["bike", "--from", "."], 3, "is a folder"),
        (["bike", "--from", "long.md"], 2, "is too long for an outline"),
        (["bike", "--from", "many.md"], 2, "700 lines; 600 are read"),
        (["bike", "--from", "odd.md"], 3, "can't be read"),
    ],
)
def test_bad_input_gets_one_clear_sentence_and_writes_nothing(
    desk: Desk, here: Path, arguments: list[str], code: int, says: str
) -> None:
    (here / "long.md").write_text("# A\n" * 20_000, encoding="utf-8")
    (here / "many.md").write_text("# A\n" * 700, encoding="utf-8")
    (here / "odd.md").write_bytes("# Caf\u00e9\n".encode("latin-1"))
    ran = desk.run("playbook", "new", *arguments)
    assert ran.code == code
    assert ran.err.startswith("calmdesk: ")
    assert says in ran.err
    assert "\x1b" not in ran.err
    assert not (desk.home / "playbooks").exists()
    assert sorted(f.name for f in here.iterdir()) == ["long.md", "many.md", "odd.md"]


@pytest.mark.parametrize("name", ["con", "prn", "aux", "nul", "com1", "lpt9"])
def test_a_scenario_is_not_called_like_a_device_either(desk: Desk, name: str) -> None:
    ran = desk.run("practice", "new", name)
    assert ran.code == 2
    assert f"“{name}” is what Windows calls a device" in ran.err


def test_on_a_terminal_one_question_a_line_is_asked_and_the_answers_stand_in_the_file(desk: Desk) -> None:
    terminal = Terminal(desk.environment, "playbook", "new", rows=60)
    try:
        terminal.keys(
            ("Angry-Caller\r", "is there already"),
            ("broken-bike\r", "as agents see it?"),
            ("\r", "a few words of theirs?"),
            ('It says: "off" # {again}, call 4111 1111 1111 1111\r', "Whose slip is it usually?"),
            ("7\r", "Write a number from 1 to 4."),
            ("৩\r", "What may an agent give back"),
            ("2\r", "By when do you usually promise"),
            ("soonish\r", "“soonish”"),
            ("2h\r", "Written:"),
        )
        assert "card number" in terminal.flat
        assert terminal.end() == 0
    finally:
        terminal.close()
    file = desk.home / "playbooks" / "broken-bike.yaml"
    text = file.read_text(encoding="utf-8")
    assert 'title: "Broken bike"' in text
    assert r'signals: ["It says: \"off\" # (again), call [card number]"]' in text
    assert 'fix-by: "+2h"' in text
    assert "gesture" not in text
    assert re.search(r"one-of:\n +theirs:", text)
    holds(desk, file)


def test_who_stops_answering_has_written_nothing(desk: Desk) -> None:
    terminal = Terminal(desk.environment, "playbook", "new", "broken-bike")
    try:
        terminal.wait("as agents see it?")
        terminal.send("\x04")
        terminal.wait("Nothing was written.")
        assert terminal.end() == 4
    finally:
        terminal.close()
    assert not (desk.home / "playbooks").exists()


def test_an_outline_becomes_a_playbook_and_what_was_done_with_it_is_told(desk: Desk, here: Path) -> None:
    outline = "# Broken bike\nThey ride again.\n## Hear\n> Tell me.\n- done -> Close\n- odd -> Nowhere\n## Close\nDid I miss anything?\n"
    (here / "outline.md").write_text(outline, encoding="utf-8")
    ran = desk.run("playbook", "new", "bike", "--from", "outline.md", "--title", "The bike")
    assert ran.code == 0
    assert "   line 6: “odd -> Nowhere” is kept as a comment: there is no step “Nowhere”." in ran.out
    file = desk.home / "playbooks" / "bike.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.startswith(f"{SCHEMA}\n# Begun from outline.md.")
    assert 'title: "The bike"' in text
    holds(desk, file)
    played = desk.run("handle", "bike", lines=["done"])
    assert played.code == 0
    assert "Did I miss anything?" in played.out


LIBRARY = (os.path.abspath(built_in_folder()),)


def faults(folder: Path, told: Told, *, steady: bool) -> list[str]:
    """What lint and its tests say of a beginning."""
    path = str(folder / "mine.yaml")
    text = write_beginning(told, "./s.json", ["A comment."], steady=steady)
    linter = Linter(Library(LIBRARY, str(folder / "cache")), {path: text.encode()})
    findings = [f"{f.line}: {f.rule} {f.message}" for f in linter.lint(path)]
    if findings:
        return findings
    closure, _ = linter.prepare(path)
    edition = make_edition(closure.root, closure.data, closure.policies.policy)
    return [o.difference for o in play_tests(edition, closure.data[closure.root]["tests"]) if o.difference]


@pytest.mark.parametrize("steady", [True, False])
@pytest.mark.parametrize("giving", GIVING)
@pytest.mark.parametrize("fault", FAULTS)
def test_every_answer_to_the_questions_gives_a_playbook_that_holds(
    tmp_path: Path, fault: str, giving: str, steady: bool
) -> None:
    assert faults(tmp_path, Told("Bike", "it broke", fault, giving, "fri 9:00"), steady=steady) == []


@settings(max_examples=often(20, 60))
@given(st.text(max_size=60), st.text(max_size=120))
@example("true", "- a: b # lint-ok-file long-line: no")
@example('"', "\\")
@example("রহিম 😀", "{problem} {price} 1e3 “so”")
def test_whatever_is_typed_the_playbook_holds(
    tmp_path_factory: pytest.TempPathFactory, title: str, problem: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    assert faults(folder, Told(title, problem), steady=True) == []


# --- short words for editors

BOOK = """\
calmdesk: 1
title: A book
goal: Say when.
facts:
  customer: {ask: "Name?", default: there}
#facts
interruptions:
  loud: {label: They get loud, card: {say: "I hear you."}}
#interruptions
steps:
  hear:
    say: "I'm listening, {customer}."
    choices:
      done: {label: They have finished, go: look-first}
#choices
  look-first:
    title: Look first
#steps
  close:
    say: "Did I miss anything?"
    draft: other
    end: recovered
drafts:
  other: It is done.
#drafts
tests:
  - {name: It goes, choose: [done], expect: {disposition: recovered}}
#tests
"""
PLACES = {
    "A step": ("#steps", 2),
    "An interruption": ("#interruptions", 2),
    "A letter": ("#drafts", 2),
    "A test": ("#tests", 2),
    "A fact": ("#facts", 2),
    "A choice": ("#choices", 6),
}


def put_in(name: str) -> str:
    """The book with a snippet in its place, everything left as it stands."""
    snippet = next(each for each in SNIPPETS if each.name == name)
    place, inset = PLACES[name]
    body = "\n".join(" " * inset + row for row in snippet.body)
    body = re.sub(r"\$\{\d\|([^,|]*)[^|]*\|\}", r"\1", body)
    return BOOK.replace(place, re.sub(r"\$\{\d:([^}]*)\}", r"\1", body))


@pytest.mark.parametrize("name", PLACES)
def test_each_snippet_is_valid_where_it_is_put_in(tmp_path: Path, name: str) -> None:
    path = str(tmp_path / "book.yaml")
    text = put_in(name)
    assert "$" not in text
    assert text != BOOK
    found = Linter(Library(LIBRARY, str(tmp_path / "cache")), {path: text.encode()}).lint(path)
    # What was just put in isn't used yet, which lint says rightly.
    unused = {"A fact": ["unused-fact"], "A letter": ["unused-draft"]}
    assert [f.rule for f in found] == unused.get(name, [])


def test_the_snippets_are_printed_as_vs_code_reads_them(desk: Desk) -> None:
    printed = json.loads(desk.run("playbook", "snippets", "--format", "vscode").out)
    assert printed == vscode_snippets()
    assert len(printed) == len(PLACES)
    assert all(set(each) == {"scope", "prefix", "description", "body"} for each in printed.values())
    assert desk.run("playbook", "snippets", "--format", "vim").code == 2
