"""A trainer's own scenario: it works from the first minute, says what was typed as it was typed, and keeps a call's words out."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calmdesk.bench.rehearsing import prove
from calmdesk.coach.drafting import KINDS, Told, draft_case, write_draft
from calmdesk.coach.scenario import Scenario, read_scenario
from calmdesk.playbook.folders import built_in_folder
from calmdesk.safetext import clean
from tests.coach.test_review import judge
from tests.forms import some_of
from tests.terminal.pty_terminal import Terminal

if TYPE_CHECKING:
    from tests.conftest import Desk

SCHEMA = "# yaml-language-server: $schema=../schema/scenario.schema.json"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that a trainer stands in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def ids(desk: Desk) -> list[str]:
    listed = json.loads(desk.run("playbook", "list", "--json").out)["playbooks"]
    return [book["id"] for book in listed if book["id"] != "reset"]


def written(desk: Desk) -> Path:
    return desk.home / "playbooks" / "scenarios"


def holds(desk: Desk, *paths: Path) -> None:
    """What was written lints without a word, and is proved both ways."""
    linted = json.loads(desk.run("playbook", "lint", *paths, "--format", "json").out)
    assert linted["findings"] == []
    proved = desk.run("playbook", "test", *paths)
    assert proved.code == 0, proved.out
    assert "FAILED" not in proved.out


# --- from nothing


def test_a_new_scenario_is_rehearsed_at_once_and_holds_for_every_playbook(desk: Desk, here: Path) -> None:
    for playbook in (tried := some_of(ids(desk), 4)):
        assert desk.run("practice", "new", f"on-{playbook}", "--playbook", playbook).code == 0
        ran = desk.run("practice", f"on-{playbook}", "--seed", "0", lines=["/end"])
        assert "ENDED HERE" in ran.out
    assert not list(here.iterdir())
    files = sorted(written(desk).glob("*.yaml"))
    assert len(files) == len(tried) > 2
    holds(desk, *files)
    for file in files:
        assert file.read_text(encoding="utf-8").splitlines()[0] == SCHEMA
    schema = written(desk).parent / "schema" / "scenario.schema.json"
    assert "model-answers" in json.loads(schema.read_text(encoding="utf-8"))["properties"]


def test_the_path_is_said_and_nothing_is_ever_written_over(desk: Desk) -> None:
    ran = desk.run("practice", "new", "broken-kettle")
    file = written(desk) / "broken-kettle.yaml"
    assert ran.out.startswith(f"Written: {file}\n")
    assert "calmdesk practice broken-kettle" in ran.out
    before = file.read_bytes()
    for name in ("broken-kettle", str(file), "bike-for-saturday"):
        again = desk.run("practice", "new", name)
        assert again.code == 2
        assert "already" in again.err
    assert file.read_bytes() == before
    assert [f.name for f in written(desk).iterdir()] == ["broken-kettle.yaml"]


def test_it_is_written_where_the_team_keeps_its_playbooks_the_nearest_first(
    desk: Desk, here: Path, tmp_path: Path
) -> None:
    team, own = tmp_path / "team", here / "books"
    team.mkdir()
    own.mkdir()
    folders = os.pathsep.join(map(str, (team, own)))
    assert desk.run("practice", "new", "in-it", CALMDESK_PLAYBOOKS=folders).out.startswith(
        "Written: books/scenarios/in-it.yaml"
    )
    assert desk.run("practice", "new", "far", CALMDESK_PLAYBOOKS=str(team)).out.startswith(
        f"Written: {team}/scenarios/far.yaml"
    )
    os.chdir(own)
    assert desk.run("practice", "new", "at-it", CALMDESK_PLAYBOOKS=folders).out.startswith(
        "Written: scenarios/at-it.yaml"
    )
    listed = json.loads(desk.run("practice", "--json", CALMDESK_PLAYBOOKS=folders).out)["scenarios"]
    assert {"in-it", "far", "at-it"} <= {s["id"] for s in listed}


def test_a_path_is_taken_as_it_is(desk: Desk, here: Path) -> None:
    ran = desk.run("practice", "new", "my folder/mine.yaml")
    assert ran.code == 0
    assert "calmdesk practice 'my folder/mine.yaml'" in ran.out
    holds(desk, here / "my folder" / "mine.yaml")
    assert desk.run("practice", "my folder/mine.yaml", lines=["/end"]).code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "What is the scenario called?"),
        (["Broken_Kettle"], "small letters, digits and hyphens"),
        (["new"], "is what this command is called"),
        (["-"], "can't be the name"),
        (["\x1b[31mred"], "can't be the name"),
        (["./kettle.yml"], "doesn't end in .yaml"),
        (["kettle", "--playbook", "late-delivary"], "Did you mean “late-delivery”?"),
        (["kettle", "--playbook", "reset"], "There is no playbook “reset” to rehearse."),
        (["kettle", "--playbook", "./mine.yaml"], "is a file"),
        (["kettle", "--from-call", "99"], "There is no call “99” on this desk."),
    ],
)
def test_bad_input_gets_one_clear_sentence_and_writes_nothing(
    desk: Desk, here: Path, arguments: list[str], says: str
) -> None:
    ran = desk.run("practice", "new", *arguments)
    assert ran.code == 2
    assert ran.err.startswith("calmdesk: ")
    assert says in ran.err
    assert "\x1b" not in ran.err
    assert not list(here.iterdir())
    assert not written(desk).exists()


def test_where_nobody_may_write_it_says_so(desk: Desk, here: Path) -> None:
    (here / "file").write_text("", encoding="utf-8")
    ran = desk.run("practice", "new", "file/mine.yaml")
    assert ran.code == 3
    assert "can't be written" in ran.err


def test_on_a_terminal_one_question_a_line_is_asked_and_the_words_stand_in_the_file(desk: Desk) -> None:
    terminal = Terminal(desk.environment, "practice", "new")
    try:
        terminal.keys(
            ("Odd Name!\r", "Use small letters"),
            ("broken-kettle\r", "Which playbook does it rehearse?"),
            ("77\r", "Write a number from 1 to 10."),
            ("৪\r", "first and last name"),
            ("রহিম উদ্দিন\r", "Their first words?"),
            ('It says: "off" # again, call 4111 1111 1111 1111\r', "What is it about"),
            ("\r", "Written:"),
        )
        assert "card number" in terminal.flat
        assert terminal.end() == 0
    finally:
        terminal.close()
    read = read_scenario((written(desk) / "broken-kettle.yaml").read_bytes(), "broken-kettle")
    assert read.findings == ()
    assert read.scenario is not None
    assert (read.scenario.playbook, read.scenario.name) == ("late-delivery", "রহিম উদ্দিন")
    assert read.scenario.opening == 'It says: "off" # again, call [card number]'
    assert read.scenario.facts == {"customer": "রহিম"}


def test_who_stops_answering_has_written_nothing(desk: Desk) -> None:
    terminal = Terminal(desk.environment, "practice", "new", "broken-kettle")
    try:
        terminal.wait("Which playbook does it rehearse?")
        terminal.send("\x04")
        terminal.wait("Nothing was written.")
        assert terminal.end() == 4
    finally:
        terminal.close()
    assert not written(desk).exists()


def read_back(told: Told, playbook: str = "angry-caller") -> Scenario:
    text = write_draft(draft_case(playbook, "phone", told), "../schema/scenario.schema.json", ["A comment."])
    read = read_scenario(text.encode(), "odd")
    assert read.findings == ()
    assert read.scenario is not None
    return read.scenario


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=60))
@example('"', "\\", "'")
@example("true", "1e3", "- a: b # c")
@example("রহিম 😀", "“quoted”: {a, b} [c] # lint-ok-file one-way: no", "\u200b\x07\ufeff")
@example("null", "\\u0041 \\n \\", "%TAG ! --- ...")
def test_whatever_is_typed_comes_out_as_it_was_typed(name: str, opening: str, title: str) -> None:
    usual = read_back(Told())
    scenario = read_back(Told(name, opening, title))
    assert scenario.name == (clean(name) or usual.name)
    assert scenario.opening == (clean(opening) or usual.opening)
    assert scenario.title == (clean(title) or usual.title)
    assert scenario.model_answers == usual.model_answers


def test_the_case_holds_whatever_the_customers_first_words_are() -> None:
    openings = [
        read_scenario(f.read_bytes(), f.stem).scenario for f in (Path(built_in_folder()) / "scenarios").glob("*.yaml")
    ]
    for playbook in ("angry-caller", *KINDS):
        for other in some_of(openings, 5):
            assert other is not None
            proof = prove(read_back(Told(opening=other.opening), playbook), judge().review)
            assert proof.differences == (), (playbook, other.opening)


# --- from a call

BOOK = """\
calmdesk: 1
title: Lost luggage
goal: Say where it is.
signals: ["where is my bag"]
facts:
  customer: {ask: "Customer's first name", default: there}
  fault: {ask: "Whose slip?", one-of: {ours: Ours, them: {label: "The airline's", slip: partner}}}
  bag: {ask: "Which bag, such as: the red one"}
  tag: {ask: "Its number?", kind: number}
  flew: {ask: "When did they fly?", kind: date}
  insured: {ask: "Is it insured?", kind: yes-no}
  owed: {ask: "How much do we owe them back?", kind: money}
  by: {ask: "There by when?", kind: moment}
interruptions:
  loud: {label: They get loud, card: {say: "I hear you."}}
steps:
  hear:
    say: "I'm listening."
    ask: [fault, bag, tag, flew, insured, owed, by]
    must-check: [Said once]
    choices: {done: own}
  own:
    principle: own
    say: "I'm sorry about {bag}."
  give:
    say: "It's yours."
    offer: {kind: restore, ladder: goodwill, on: owed}
  promise:
    say: "It's with you by {by}."
    promise: {what: "{bag} is there", by: "{by}", who: "Quetzal"}
  close:
    say: "Goodbye."
    end: follow-up
"""
PLANTED = ("Pangolin", "Axolotl", "8841", "773311", "Quokka", "Zebrafish", "Quetzal", "1987", "Okapi")
CALL = [
    "/n Zebrafish said it was Quokka",
    "/i loud",
    "/i 0",
    "ours",
    "the Axolotl suitcase",
    "773311",
    "1987-05-04",
    "yes",
    "18.40",
    "17:15",
    "/r Okapi is sent by 18:00",
    "!",
    "done",
    "18.40",
    "yes",
]


def handled(desk: Desk, folder: Path, lines: list[str] = CALL) -> None:
    (folder / "lost-luggage.yaml").write_text(BOOK, encoding="utf-8")
    desk.environment["CALMDESK_PLAYBOOKS"] = str(folder)
    desk.run(
        "handle", "lost-luggage", "--customer", "Idris Pangolin", "--case", "8841", "--channel", "chat", lines=lines
    )


def test_nothing_that_was_typed_on_a_call_is_in_its_scenario(desk: Desk, here: Path) -> None:
    handled(desk, here)
    call = desk.run("call", "show", "1").out
    assert all(word in call for word in PLANTED if word != "Pangolin"), call
    ran = desk.run("practice", "new", "the-bag", "--from-call", "1")
    assert ran.code == 0
    file = here / "scenarios" / "the-bag.yaml"
    text = file.read_text(encoding="utf-8")
    for word in (*PLANTED, "Idris", "Nora"):
        assert word.lower() not in text.lower().replace("nora lindqvist", "").replace('"nora"', "")
    for word in PLANTED:
        assert word.lower() not in ran.out.lower()
    holds(desk, file)


def test_what_was_picked_and_amounts_come_along_and_guesses_say_so(desk: Desk, here: Path) -> None:
    handled(desk, here)
    desk.run("practice", "new", "the-bag", "--from-call", "1")
    text = (here / "scenarios" / "the-bag.yaml").read_text(encoding="utf-8")
    scenario = read_scenario(text.encode(), "the-bag").scenario
    assert scenario is not None
    assert (scenario.playbook, scenario.channel) == ("lost-luggage", "chat")
    assert scenario.you_know == (
        "It is about: Lost luggage",
        "Whose slip? Ours",
        "Is it insured? yes",
        "How much do we owe them back? 18.40 USD",
        "There by when? 17:15",
    )
    assert scenario.facts == {"customer": "Nora", "fault": "ours", "insured": "yes", "owed": "18.40"}
    assert scenario.you_may == ("give back 18.40 USD, which is owed",)
    assert "what a colleague does, and by when" in scenario.others_decide
    assert "# ask yourself: Which bag" in text
    assert "# review: guessed from one interruption: please check\nlevel: 3" in text
    heat = text.index("# review: guessed from how it ended (follow-up) and one interruption and one check left open")
    assert heat < text.index("meters:")
    assert scenario.meters["heat"].start == 7
    assert "OWN" in scenario.win


def test_anothers_slip_is_not_owned_in_the_model_answers(desk: Desk, here: Path) -> None:
    handled(desk, here, ["them"])
    desk.run("practice", "new", "the-bag", "--from-call", "1")
    file = here / "scenarios" / "the-bag.yaml"
    scenario = read_scenario(file.read_bytes(), "the-bag").scenario
    assert scenario is not None
    assert "OWN" not in scenario.win
    assert "our mistake" not in " ".join(line for route in scenario.model_answers for line in route)
    holds(desk, file)


def test_a_call_of_every_playbook_makes_a_scenario_that_holds(desk: Desk) -> None:
    for playbook in dict.fromkeys([*some_of(ids(desk), 3), "abusive-caller"]):
        desk.run("handle", playbook, "--customer", "Rosa")
        name = json.loads(desk.run("call", "list", "--json").out)["calls"][0]["call"]
        assert desk.run("practice", "new", f"from-{playbook}", "--from-call", name).code == 0
    holds(desk, *sorted(written(desk).glob("*.yaml")))
    rude = read_scenario((written(desk) / "from-abusive-caller.yaml").read_bytes(), "rude").scenario
    assert rude is not None
    assert "BOUNDARY" in rude.win


def test_a_call_whose_words_are_forgotten_still_makes_one(desk: Desk, here: Path) -> None:
    handled(desk, here)
    desk.run("call", "forget", "1")
    assert desk.run("practice", "new", "the-bag", "--from-call", "1").code == 0
    text = (here / "scenarios" / "the-bag.yaml").read_text(encoding="utf-8")
    assert "Whose slip? Ours" in text
    assert "# ask yourself: …" not in text
    holds(desk, here / "scenarios" / "the-bag.yaml")


def test_a_rehearsal_is_no_call_and_danger_is_no_rehearsal(desk: Desk) -> None:
    desk.run("practice", "bike-for-saturday", lines=["/end"])
    ran = desk.run("practice", "new", "again", "--from-call", "1")
    assert ran.code == 2
    assert "is a rehearsal, no call" in ran.err
    desk.run("handle", "angry-caller", lines=["i danger"])
    name = json.loads(desk.run("call", "list", "--json").out)["calls"][0]["call"]
    ran = desk.run("practice", "new", "again", "--from-call", name)
    assert ran.code == 2
    assert "somebody was in danger" in ran.err
    assert not written(desk).exists()


def test_a_call_whose_playbook_is_gone_asks_what_is_rehearsed(desk: Desk, here: Path) -> None:
    handled(desk, here)
    desk.environment.pop("CALMDESK_PLAYBOOKS")
    ran = desk.run("practice", "new", "the-bag", "--from-call", "1")
    assert ran.code == 2
    assert "--playbook" in ran.err
    assert desk.run("practice", "new", "the-bag", "--from-call", "1", "--playbook", "late-delivery").code == 0
    holds(desk, written(desk) / "the-bag.yaml")


# --- proving it


def test_a_scenario_is_proved_by_its_id_and_its_first_difference_is_a_story(desk: Desk) -> None:
    desk.run("practice", "new", "mine")
    assert desk.run("playbook", "test", "mine").code == 0
    file = written(desk) / "mine.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("[REFLECT, OWN, REMEDY, NEXT_STEP]", "[REFLECT, OWN, BOUNDARY]"), encoding="utf-8")
    ran = desk.run("playbook", "test", "mine")
    assert ran.code == 1
    line = next(n for n, row in enumerate(text.splitlines(), 1) if row.startswith("  - - "))
    assert f"FAILED  mine: way 1 doesn't win with full marks\n   {file}:{line}\n" in ran.out
    assert "      the coach saw: " in ran.out
    assert "A limit (BOUNDARY) was seen in no reply." in ran.out
    found = json.loads(desk.run("playbook", "test", "mine", "--json").out)["scenarios"][0]
    assert (found["passed"], found["differences"][0]["line"]) == (False, line)


def test_a_folder_is_proved_with_its_scenarios_and_a_broken_one_says_where(desk: Desk, here: Path) -> None:
    assert desk.run("practice", "new", "./scenarios/mine.yaml").code == 0
    (here / "book.yaml").write_text(BOOK, encoding="utf-8")
    ran = desk.run("playbook", "test", str(here))
    assert "book: there are no tests in it." in ran.out
    assert "passed  mine: 2 ways win" in ran.out
    (here / "scenarios" / "mine.yaml").write_text("calmdesk-scenario: 1\ntitle: Mine\n", encoding="utf-8")
    ran = desk.run("playbook", "test", str(here))
    assert ran.code == 1
    assert "scenarios/mine.yaml:1:1: error[missing-key]" in ran.err
