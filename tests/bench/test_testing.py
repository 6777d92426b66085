"""A playbook's tests: told as a story where they fail, with what they passed through and which faults they'd miss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calmdesk.bench.covering import cover, find_goals
from calmdesk.bench.lint import Linter
from calmdesk.bench.mutating import Mutation, find_mutants, make_bed, mutate
from calmdesk.bench.recording import record_test, render_test
from calmdesk.bench.testing import Outcome, play_tests
from calmdesk.call import events as e
from calmdesk.playbook.compiling import make_edition
from calmdesk.playbook.folders import Library, built_in_folder
from tests.conftest import NOON
from tests.proving import shared_cache

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from calmdesk.call.events import Stamp
    from calmdesk.playbook.model import Edition
    from calmdesk.playbook.shelf import Closure

BOOK = """\
calmdesk: 1
title: Late parcel
goal: Say where it is.
facts:
  fault: {ask: "Whose slip?", one-of: {ours: Ours, theirs: Theirs}}
  problem: {ask: "What happened?"}
steps:
  hear:
    say: "Tell me."
    ask: problem
    choices:
      done: own
      again: {go: hear, forget: problem, at-most: 1, then: own}
  own:
    ask: fault
    say:
      - {when: {fault: ours}, line: "It's ours. I'm sorry."}
      - {line: "I'm finding out."}
    must-check: [Said once]
  extra:
    title: Extra
    when: {fault: ours}
  close:
    say: "So {problem}. Goodbye."
    end: recovered
path-rules:
  - {before: extra, must-pass: own}
"""
TEST = """\
tests:
  - name: It was ours
    facts: {fault: ours, problem: the box is late}
    choose: [done]
    expect: {disposition: recovered, passes: [own, extra, close], ticked: Said once}
"""


class Bed:
    """A playbook's text with what its tests are played on."""

    def __init__(self, folder: Path, text: str) -> None:
        path = str(folder / "main.yaml")
        linter = Linter(Library((built_in_folder(),), shared_cache()), {path: text.encode()})
        closure: Closure
        closure, self.cuts = linter.prepare(path)
        self.files = {n: f.data for n, f in closure.files.items() if f.data is not None}
        self.policy = closure.policies.policy
        self.tests: list[dict[str, Any]] = self.files["main"].get("tests") or []
        self.edition: Edition = make_edition("main", self.files, self.policy)

    def play(self) -> list[Outcome]:
        return play_tests(self.edition, self.tests)

    def mutate(self) -> Mutation:
        bed = make_bed("main", self.files, self.policy, self.cuts, self.play())
        return mutate("main", self.files["main"], [bed])


def test_a_test_that_holds_says_nothing_and_shows_its_way(tmp_path: Path) -> None:
    (outcome,) = Bed(tmp_path, BOOK + TEST).play()
    assert outcome.difference == ""
    assert outcome.path == ("hear (done)", "own", "extra", "close")
    assert outcome.situation == "fault “ours”, problem “the box is late”"


@pytest.mark.parametrize(
    ("old", "new", "story"),
    [
        ("fault: ours,", "fault: theirs,", "Behind “own” it never comes to “extra”: it goes on with close."),
        ("choose: [done]", "choose: [done, done]", "These choices are left over: done."),
        ("choose: [done]", "choose: []", "At “hear”: a choice is missing; here are done, again."),
        ("disposition: recovered", "disposition: lost", "It ended as “recovered”, expected “lost”."),
        ("passes: [own", "passes: [close, own", "Behind “close” it never comes to “own”: it goes on with the end, “recovered”."),
        ("ticked: Said once", "ticked: Said twice", "“Said twice” was not ticked."),
        ("ticked: Said once", "says: Never said", "Nobody said “Never said”."),
        ("ticked: Said once", "promises: 1", "0 promises, expected 1."),
        ("ticked: Said once", "not-passes: hear", "It came to “hear”, which it shouldn't."),
    ],
)  # fmt: skip
def test_the_first_difference_is_told_as_a_story(tmp_path: Path, old: str, new: str, story: str) -> None:
    assert old in TEST
    (outcome,) = Bed(tmp_path, BOOK + TEST.replace(old, new)).play()
    assert outcome.difference == story


def test_a_channel_given_in_a_test_is_the_calls_channel(tmp_path: Path) -> None:
    text = BOOK.replace("when: {fault: ours}\n  close", "when: {channel: chat}\n  close")
    bed = Bed(tmp_path, text + TEST.replace("fault: ours,", "fault: ours, channel: chat,"))
    assert bed.play()[0].difference == ""


def test_what_no_test_comes_to_is_named(tmp_path: Path) -> None:
    bed = Bed(tmp_path, BOOK + TEST)
    coverage = cover("main", bed.files["main"], bed.play())
    assert coverage.counted("step") == (4, 4)
    assert coverage.counted("choice") == (1, 2)
    assert coverage.counted("line") == (3, 4)
    assert [g.name for g in coverage.missed] == ["hear: choice again", "own: line 2"]
    assert len(find_goals(bed.files["main"])) == 10


def test_each_kind_of_fault_is_planted_once(tmp_path: Path) -> None:
    mutants = list(find_mutants(Bed(tmp_path, BOOK).files["main"]))
    assert [f"{m.step}: {m.what}" for m in mutants] == [
        "hear: choice done led to “extra” instead of “own”",
        "hear: choice done taken out",
        "hear: choice again led to “own” instead of “hear”",
        "hear: choice again taken out",
        "hear: choice again: at-most 2 instead of 1",
        "own: line 1: its `when` turned round",
        "own: must-check “Said once” dropped",
        "extra: its `when` turned round",
    ]
    assert len({str(m.data) for m in mutants}) == len(mutants)


def test_a_fault_that_no_test_notices_is_named(tmp_path: Path) -> None:
    mutation = Bed(tmp_path, BOOK + TEST).mutate()
    assert [f"{m.step}: {m.what}" for m in mutation.survivors] == [
        "hear: choice again led to “own” instead of “hear”",
        "hear: choice again taken out",
        "hear: choice again: at-most 2 instead of 1",
        "own: line 1: its `when` turned round",
    ]
    assert (mutation.mutants, mutation.by_tests, mutation.by_rules) == (8, 4, 0)
    assert mutation.score == 0.5


def test_a_path_rule_notices_what_no_test_does(tmp_path: Path) -> None:
    mutation = Bed(tmp_path, BOOK).mutate()
    assert mutation.by_tests == 0
    # The choice that leaves `own` out breaks the rule.
    assert mutation.by_rules == 1


def test_a_call_becomes_a_test_that_passes_and_holds_no_words(tmp_path: Path) -> None:
    bed = Bed(tmp_path, BOOK + TEST)
    (outcome,) = bed.play()
    place = outcome.call.trail[0].place
    answered = [
        (NOON, e.Answered(f, "text" if f == "problem" else "one-of", v)) for f, v in bed.tests[0]["facts"].items()
    ]
    # The way that the call took, as its journal tells it.
    steps = [v.place for v in outcome.call.trail]
    entries: list[tuple[Stamp, e.Event]] = [
        (NOON, e.Started(place, (), "phone", "", "")),
        *answered,
        (NOON, e.Moved("choice", "done", steps[1], ())),
        (NOON, e.Moved("on", "", steps[2], ())),
        (NOON, e.Moved("on", "", steps[3], ())),
        (NOON, e.Ended("recovered")),
    ]
    made = record_test(bed.edition, entries, "As on call x-1")
    assert made["choose"] == ["done"]
    assert made["facts"] == {"fault": "ours", "problem": "(problem)"}
    assert "the box" not in render_test(made)
    again = Bed(tmp_path, BOOK + "tests:\n" + render_test(made))
    assert [o.difference for o in again.play()] == [""]
