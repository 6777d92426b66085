"""Every shipped scenario gives drills of every kind, and each is true: what is good does no harm, what is bad has its slip."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calmdesk.coach import quick
from calmdesk.coach.labels import TEXTS
from calmdesk.coach.quick import (
    Drill,
    Task,
    find_rehearsal,
    make_drill,
    plan,
    plan_due,
    rate,
    remark_on,
    remark_on_pick,
)
from calmdesk.coach.scenario import Scenario, read_scenario
from calmdesk.coach.scenario_keys import PRINCIPLES, VIOLATIONS
from calmdesk.coach.skills import AGAIN, EASY, GOOD, HARD, Attempt, Card, Skill
from calmdesk.playbook.folders import built_in_folder
from tests.coach.test_review import judge

if TYPE_CHECKING:
    from calmdesk.coach.review import Review

FILES = sorted((Path(built_in_folder()).resolve() / "scenarios").glob("*.yaml"))
every = pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)


@cache
def scenario(file: Path) -> Scenario:
    found = read_scenario(file.read_bytes(), file.stem).scenario
    assert found is not None
    return found


def shipped() -> list[Scenario]:
    return [scenario(f) for f in FILES]


def named(name: str) -> Scenario:
    return next(s for s in shipped() if s.id == name)


@cache
def review(reply: str, line: str, case: str) -> Review:
    return judge().review(reply, line, case)


@cache
def drills(file: Path, kind: str, seed: int = 0) -> list[Drill]:
    """All the drills of a kind that a scenario has under a seed."""
    tasks = (Task(kind, (scenario(file),), turn=n) for n in range(40))
    return [d for d in (make_drill(task, review, seed) for task in tasks) if d]


def labels(drill: Drill, reply: str) -> set[str]:
    return set(review(reply, drill.line, drill.case).labels)


@every
def test_the_words_that_should_work_do_what_the_drill_is_for_and_harm_nobody(file: Path) -> None:
    found = drills(file, "reply")
    # What only answers the hidden need can't be drilled from a single line.
    assert len({d.skill.label for d in found} & scenario(file).win) >= max(2, len(scenario(file).win) - 1)
    for drill in found:
        said = labels(drill, drill.model)
        assert drill.skill.label in said, drill
        assert not said & set(VIOLATIONS), drill
        assert any(drill.model in reply for route in scenario(file).model_answers for reply in route)
        assert remark_on(drill, review(drill.model, drill.line, drill.case)).well


@every
@pytest.mark.parametrize("kind", ["spot", "fix"])
def test_one_reply_has_the_slip_and_the_other_is_good(file: Path, kind: str) -> None:
    found = drills(file, kind)
    assert {d.skill.label for d in found} == {label for _, loses in scenario(file).bad_answers for label in loses}
    for drill in found:
        assert drill.skill.label in labels(drill, drill.bad), drill
        assert drill.words in drill.bad
        good = labels(drill, drill.model)
        assert not good & set(VIOLATIONS), drill
        assert good & set(PRINCIPLES), drill


@every
def test_a_drill_can_be_taken_in_at_a_glance(file: Path) -> None:
    for kind in quick.KINDS:
        for drill in drills(file, kind):
            assert len(drill.facts) <= 3
            assert len(" ".join(drill.facts)) <= 200, drill.facts
            assert len(drill.model) <= 260, drill.model
            assert bool(drill.facts) == (kind != "spot")


@every
def test_a_line_that_answers_a_slip_says_which(file: Path) -> None:
    s = scenario(file)
    for drill in drills(file, "reply"):
        if drill.after:
            assert any(drill.line in r.says for r in s.reactions if r.on == drill.after)
            assert drill.skill.label in quick.MENDS[drill.after]
        else:
            assert drill.line == s.opening


def test_the_reply_with_the_slip_stands_now_first_now_last_and_the_pick_is_judged_by_it() -> None:
    bike = next(f for f in FILES if f.stem == "bike-for-saturday")
    found = [d for seed in range(6) for d in drills(bike, "spot", seed)]
    assert {d.side for d in found} == {"a", "b"}
    for drill in found:
        assert drill.replies[drill.side] == drill.bad
        assert remark_on_pick(drill, drill.side).well
        wrong = remark_on_pick(drill, "b" if drill.side == "a" else "a")
        assert not wrong.well
        assert wrong.why == TEXTS[drill.skill.label].why


def test_a_sitting_begins_easily_and_gets_harder_with_those_that_were_done() -> None:
    first = plan(shipped(), 0)
    assert [t.kind for t in first] == ["spot", "fix", "reply", "spot", "fix"]
    assert len({t.scenarios[0].id for t in first}) == quick.MOST
    for seed in range(0, 60, 5):
        levels = [t.scenarios[0].level for t in plan(shipped(), seed)]
        assert levels == sorted(levels)
        assert max(levels) <= 2 + seed // 10
    assert max(t.scenarios[0].level for seed in range(30, 60) for t in plan(shipped(), seed)) == 5


def test_the_same_seed_gives_the_same_sitting_and_another_one_another() -> None:
    def sitting(seed: int) -> list[Drill | None]:
        return [make_drill(task, review, seed) for task in plan(shipped(), seed)]

    assert sitting(3) == sitting(3)
    assert len({str(sitting(seed)) for seed in range(4)}) == 4


@every
@pytest.mark.parametrize("kind", ["", *quick.KINDS])
def test_nothing_comes_twice_in_a_sitting_of_one_scenario(file: Path, kind: str) -> None:
    for seed in range(3):
        made = [make_drill(task, review, seed) for task in plan([scenario(file)], seed, kind)]
        asked = [(d.line, d.bad, d.skill.label) for d in made if d]
        assert len(asked) >= 3
        assert len(set(asked)) == len(asked)


def test_no_example_gives_away_what_the_customer_has_not_said() -> None:
    toll = next(f for f in FILES if f.stem == "double-toll")
    assert "Truus" in str(scenario(toll).model_answers)
    for kind in quick.KINDS:
        assert not any("Truus" in d.model for d in drills(toll, kind))


def remarked(kind: str, reply: str, label: str = "OWN") -> quick.Remark:
    s = named("bike-for-saturday")
    drill = make_drill(Task(kind, (s,), Skill(label, s.playbook)), review, 2)
    assert drill is not None
    return remark_on(drill, review(reply, drill.line, drill.case))


def test_what_harms_is_told_before_anything_that_is_good() -> None:
    told = remarked("reply", "We lost your bike, that's our mistake. Anyway, please calm down.")
    assert not told.well
    assert (told.label, told.words) == ("DISMISS", "calm down")
    assert told.why
    assert told.instead


def test_what_is_missing_is_told_with_an_example_and_what_was_heard_instead() -> None:
    told = remarked("reply", "No wonder you're furious, waiting since Wednesday.")
    assert not told.well
    assert (told.label, told.words, told.also) == ("OWN", "", "ACK")
    assert "our mistake" in told.instead


def test_praise_names_the_very_words() -> None:
    told = remarked("reply", "We promised you Wednesday and didn't keep it. That was our mistake.")
    assert told.well
    assert told.label == "OWN"
    assert "mistake" in told.words


def test_a_mended_sentence_needs_something_good_and_no_slip_of_any_kind() -> None:
    assert remarked("fix", "You had every right to expect it on Wednesday, and we let you down.", "DISMISS").well
    assert not remarked("fix", "One moment.", "DISMISS").well
    assert not remarked("fix", "It's the courier's fault, not ours.", "DISMISS").well


def test_a_second_try_counts_less_and_a_hard_one_more() -> None:
    easy = make_drill(Task("reply", (named("bike-for-saturday"),)), review, 0)
    hard = make_drill(Task("reply", (named("cold-spa"),)), review, 0)
    assert easy is not None
    assert hard is not None
    assert [rate(easy, 1, well=True), rate(easy, 2, well=True), rate(easy, 2, well=False)] == [GOOD, HARD, AGAIN]
    assert [rate(hard, 1, well=True), rate(hard, 2, well=True), rate(hard, 1, well=False)] == [EASY, HARD, AGAIN]


def card(label: str, situation: str) -> Card:
    tried = Attempt(Skill(label, situation), AGAIN, 0, "drill", 1)
    return Card(tried.skill, tried, tried, 1, 0)


def test_what_is_due_is_drilled_in_its_own_situation_or_at_least_as_the_same_skill() -> None:
    cards = [card("OWN", "billing-error"), card("BLAME", "late-delivery"), card("ACK", "gone"), card("DISMISS", "")]
    tasks = plan_due(cards, shipped(), 0)
    made = [make_drill(task, review, 0) for task in tasks]
    assert [d.skill if d else None for d in made] == [c.skill for c in cards]
    assert [t.kind == "reply" for t in tasks] == [True, False, True, False]
    homes = [named(d.scenario).playbook for d in made if d]
    assert homes[:2] == ["billing-error", "late-delivery"]
    assert len(plan_due(cards * 3, shipped(), 0)) == quick.MOST


def test_a_whole_rehearsal_is_worth_it_where_two_skills_are_due_or_one_was_lost() -> None:
    two = [card("OWN", "late-delivery"), card("ACK", "late-delivery")]
    assert find_rehearsal(two[:1], shipped(), []) is None
    easiest = find_rehearsal(two, shipped(), [])
    assert easiest is not None
    assert easiest.id == "bike-for-saturday"
    harder = find_rehearsal(two, shipped(), [("bike-for-saturday", "won")])
    assert harder is not None
    assert (harder.playbook, harder.level > easiest.level) == ("late-delivery", True)
    lost = find_rehearsal([], shipped(), [("rent-week", "lost")])
    assert lost is not None
    assert lost.playbook == "billing-error"
    assert find_rehearsal([], shipped(), [("rent-week", "won"), ("rent-week", "lost")]) is None
