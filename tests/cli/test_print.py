"""`playbook show --print`: every line that is said stands on the sheet, with its situation and what it rests on."""

from __future__ import annotations

import html
import os
import re
from typing import TYPE_CHECKING

import pytest

from calmdesk.cli.versions import read_edition
from calmdesk.playbook.folders import Library, built_in_folder, find_ids

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Desk

BOOK = """\
calmdesk: 1
title: Late parcel
goal: Say where it is.
facts:
  customer: {ask: "Customer's first name", default: there}
  fault: {ask: "Whose slip?", one-of: {ours: Ours, theirs: Theirs}}
  paid: {ask: "What did they pay?", kind: money}
interruptions:
  shouts: {label: They shout, card: {say: "I hear you, {customer}."}}
steps:
  own:
    principle: own
    ask: [fault, paid]
    say:
      - {when: {fault: ours}, line: ["That was us, {customer}.", "We got it wrong."]}
      - {line: "I'm finding out, within {policy.callback}."}
    avoid: [{line: Calm down., why: It stings., instead: Say it back.}]
    claims: [A19]
    evidence: [E07]
  gift: {say: "There's {offer} on top.", offer: {kind: gesture, ladder: goodwill, on: paid}}
  close: {say: "You hear from me.", promise: {what: News, by: 24h}, draft: letter, end: recovered}
drafts:
  letter: |
    Dear {customer},
    thank you.
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "books"
    made.mkdir()
    monkeypatch.chdir(made)
    (made / "main.yaml").write_text(BOOK, encoding="utf-8")
    return made


def words_of(page: str) -> str:
    """What a page says, as one text."""
    return " ".join(html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)).split())


def test_a_sheet_is_written_beside_and_says_what_it_is(desk: Desk, folder: Path) -> None:
    ran = desk.run("playbook", "show", "main.yaml", "--print")
    assert (ran.code, ran.out, ran.err) == (
        0,
        "written: main-review.html. Open it in a browser; it prints on A4.\n",
        "",
    )
    page = words_of((folder / "main-review.html").read_text(encoding="utf-8"))
    for told in (
        "Where “Whose slip?” is “Ours” That was us, ⟨Customer's first name⟩. 2 s",
        "or, said differently We got it wrong.",
        "Otherwise I'm finding out, within 30 minutes. 2 s",
        "“Calm down.” It stings. Say it back.",
        "Offered A gesture is offered, measured by ⟨What did they pay?⟩. Who may give how much: agent up to 20 USD, lead up to 75 USD",
        "There's ⟨the amount⟩ on top.",
        "Promised News, by 24h",
        "When it cuts in: They shout",
        "I hear you, ⟨Customer's first name⟩.",
        "Sent in writing: letter",
        "Dear ⟨Customer's first name⟩, thank you.",
        "While somebody else must approve an offer",
        "A19 How to behave with dissatisfied customers (article 000):",
        "E07 evidence, experiment:",
        "2 steps rest on the house's own judgement alone.",
    ):
        assert told in page, told


def test_the_version_changes_with_the_text_and_only_with_it(desk: Desk, folder: Path) -> None:
    def version() -> str:
        assert desk.run("playbook", "show", "main.yaml", "--print", "--force").code == 0
        found = re.search(r"version <code>(\w+)</code>", (folder / "main-review.html").read_text(encoding="utf-8"))
        assert found is not None
        return found[1]

    first = version()
    assert version() == first
    (folder / "main.yaml").write_text(BOOK.replace("You hear", "You'll hear"), encoding="utf-8")
    assert version() != first


def test_a_file_that_is_there_stays_unless_it_is_to_be_written_over(desk: Desk, folder: Path) -> None:
    (folder / "sheet.html").write_text("mine", encoding="utf-8")
    ran = desk.run("playbook", "show", "main.yaml", "--print", "sheet.html")
    assert (ran.code, (folder / "sheet.html").read_text(encoding="utf-8")) == (2, "mine")
    assert "write over it with --force" in ran.err
    assert desk.run("playbook", "show", "main.yaml", "--print", "sheet.html", "--force").code == 0
    assert (folder / "sheet.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_what_cant_be_written_is_said(desk: Desk, folder: Path) -> None:
    assert folder.is_dir()
    ran = desk.run("playbook", "show", "main.yaml", "--print", "nowhere/sheet.html")
    assert ran.code == 3
    assert "nowhere/sheet.html can't be written" in ran.err
    assert desk.run("playbook", "show", "main.yaml", "sheet.html").code == 2


def test_a_playbook_with_errors_has_no_sheet(desk: Desk, folder: Path) -> None:
    (folder / "main.yaml").write_text(BOOK.replace("draft: letter", "draft: lettre"), encoding="utf-8")
    ran = desk.run("playbook", "show", "main.yaml", "--print")
    assert ran.code == 1
    assert "Did you mean “letter”?" in ran.err
    assert os.listdir(folder) == ["main.yaml"]


@pytest.mark.parametrize("name", [*find_ids(Library((built_in_folder(),), ""))][::5])
def test_every_line_of_a_shipped_playbook_stands_on_its_sheet(name: str, desk: Desk, tmp_path: Path) -> None:
    path = os.path.join(os.path.abspath(built_in_folder()), f"{name}.yaml")
    assert desk.run("playbook", "show", name, "--print", tmp_path / "sheet.html").code == 0
    page = words_of((tmp_path / "sheet.html").read_text(encoding="utf-8"))
    edition = read_edition(Library((built_in_folder(),), str(tmp_path / "cache")), path)
    book = edition.books[edition.root]
    for step in map(book.step, book.order):
        for line in (words for said in step.say for words in said.variants):
            parts = [" ".join(part.split()) for part in re.split(r"\{[^}]*\}", line)]
            assert all(part in page for part in parts), line
        assert all(avoid.line in page for avoid in step.avoid)
