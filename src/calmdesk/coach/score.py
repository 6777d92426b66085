"""A scorecard: what a rehearsal earned and lost, each with the very words, and what to say otherwise next time.

It speaks of sentences and never of the person, and gives no mark for what can't be judged.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.coach.customer import HEAT, find_answers
from calmdesk.coach.hearing import find_sentence
from calmdesk.coach.labels import TEXTS
from calmdesk.coach.promised import find_unsure
from calmdesk.coach.quick import MENDS, find_model
from calmdesk.coach.scenario_keys import PRINCIPLES, VIOLATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from calmdesk.coach.phrases import Hit
    from calmdesk.coach.rehearsal import Rehearsal, Turn
    from calmdesk.coach.review import Review
    from calmdesk.coach.scenario import Scenario

    Read = Callable[[str, str], Review]
    FindHabits = Callable[[str], Sequence[Hit]]

_WEAK = re.compile(
    r"\b(?:but|as I said|promise|you typed|you entered|inconvenience|something nice|right away|no worries|don['’]t worry|please"
    r"|according to|records?|required|do you wish|shame|frustration|my bad|suppose|seems?|maybe|thank you for)\b",
    re.IGNORECASE,
)
"""Words that nobody should get used to, whatever good stands beside them."""
_EARLY_TURNS = 2
"""So far a talk goes alike in every telling; later, what a model says fits only its own."""
ADVICE = {
    "HOSTILE": "leave it out: one calm sentence, and back to what happened to them.",
    "BLAME": "leave it out, and say what was ours, or what you do about it now.",
    "DISMISS": "leave it out, and name what it costs them, in their own words.",
    "STONEWALL": "say what you can do, or who can, and by when.",
    "OVERPROMISE": "say only what you do yourself, and by when they hear how it went.",
    "EMPTY_APOLOGY": "say sorry for what happened, in one sentence with it in it.",
}
"""What to do instead, at any moment of a talk; a wording made for another moment misfits."""
_WORTH = 6
"""A sentence of fewer words shows nobody how it is done."""
MOST_BETTER = 3
"""So many rewordings are told: more are read by nobody."""


class Mark(NamedTuple):
    """A label with the turn (from 1) and the words that earned it, or cost it."""

    label: str
    turn: int
    words: str
    """The whole sentence."""
    hints: int = 0
    hurt: bool = False
    """Whether words that hurt stand beside it."""
    before: str = ""
    """For what came too early: the label that should have come first."""


class Better(NamedTuple):
    """Words that hurt or did nothing, why, and what would do better."""

    turn: int
    words: str
    why: str
    instead: str


class Scorecard(NamedTuple):
    """What came of a rehearsal."""

    outcome: str
    earned: tuple[Mark, ...]
    """What the scenario asks for and was said, each the first time that it was heard."""
    early: tuple[Mark, ...]
    """What was said before its time had come, and not again: nobody heard it."""
    missing: tuple[str, ...]
    """What the scenario asks for and nobody said."""
    lost: tuple[Mark, ...]
    habits: tuple[Mark, ...]
    """Words that earn no label, and that nobody should get used to."""
    unsure: tuple[Mark, ...]
    """What was said for sure of a day that nothing known of the case bears out, or with a word like definitely."""
    need_met: bool | None
    """Whether the hidden need came out and was answered; None where there is none to meet."""
    need_told: bool
    """Whether it came out, answered or not."""
    points: tuple[int, ...]
    """The turns at which the heat moved most, at most three."""
    better: tuple[Better, ...]
    keep: Mark | None
    """One thing to say again."""
    heat: tuple[int, ...]
    """Where the heat stood: at the beginning, and after each turn."""

    @property
    def harmless(self) -> bool:
        """Whether something was said, nothing of it hurt, and nothing was promised that nobody can answer for."""
        return len(self.heat) > 1 and not self.lost and not self.unsure and not self.habits

    @property
    def risen(self) -> tuple[int, ...]:
        """The turns that made them angrier."""
        return tuple(n for n in range(1, len(self.heat)) if self.heat[n] > self.heat[n - 1])

    @property
    def steady(self) -> bool:
        """Whether something was said, and no turn made them angrier."""
        return len(self.heat) > 1 and not self.risen

    @property
    def marks(self) -> tuple[int, int]:
        """Marks earned and marks there were.

        One for each thing asked for, for the hidden need, for no harm done, and for no turn that made it worse.
        """
        asked = len(self.earned) + len(self.missing) + (self.need_met is not None) + 2
        return len(self.earned) + bool(self.need_met) + self.harmless + self.steady, asked


def find_heat(scenario: Scenario, turns: Sequence[Turn]) -> tuple[int, ...]:
    """Where the heat stood at the beginning and after each turn."""
    start = scenario.meters[HEAT].start
    return (start, *(turn.meters.get(HEAT, start) for turn in turns))


def score(
    scenario: Scenario, rehearsal: Rehearsal, read: Read, find_habits: FindHabits, *, need_met: bool
) -> Scorecard:
    """The scorecard of a rehearsal as it stands.

    Args:
        scenario: what was rehearsed.
        rehearsal: what was said; labels count as they were recorded.
        read: gives a reply's review, with what the customer had said before it: for the words of each label.
        find_habits: finds words in a reply that earn no label, and that nobody should get used to.
        need_met: whether the hidden need was answered.

    """
    answers = find_answers(scenario, rehearsal.turns, rehearsal.seed)
    heat = find_heat(scenario, rehearsal.turns)
    marks = _Marks(scenario, heat, read, find_habits)
    before = scenario.opening
    hidden = ""
    for number, (turn, answer) in enumerate(zip(rehearsal.turns, answers, strict=True), 1):
        marks.take(number, turn, before, answer.mood.said, out=bool(hidden))
        before, hidden = turn.answer or before, answer.mood.hidden
    asked = {label: mark for label, mark in marks.earned.items() if label in scenario.win}
    moved = {n: heat[n] - heat[n - 1] for n in range(1, len(heat))}
    points = sorted((n for n in moved if abs(moved[n]) >= 2), key=lambda n: -abs(moved[n]))
    return Scorecard(
        rehearsal.outcome,
        tuple(asked.values()),
        tuple(mark for label, mark in marks.early.items() if label in scenario.win and label not in marks.earned),
        tuple(x for x in PRINCIPLES if x in scenario.win and x not in asked),
        tuple(marks.lost),
        tuple(marks.habits),
        tuple(mark for mark in marks.unsure if mark.words not in {m.words for m in marks.lost}),
        need_met if scenario.hidden_met else None,
        bool(answers and answers[-1].mood.hidden),
        tuple(sorted(points[:3])),
        marks.better,
        _find_keep(marks.earned.values(), asked, moved),
        heat,
    )


class _Marks:
    """What each turn earned and lost, gathered turn by turn."""

    def __init__(self, scenario: Scenario, heat: Sequence[int], read: Read, find_habits: FindHabits) -> None:
        self.scenario = scenario
        self.heat = heat
        self.read = read
        self.find_habits = find_habits
        self.habits: list[Mark] = []
        self._told_of: set[str] = set()
        """The rules of habits that have been advised on."""
        self.earned: dict[str, Mark] = {}
        self.early: dict[str, Mark] = {}
        self.lost: list[Mark] = []
        self._plain: dict[str, tuple[bool, int]] = {}
        """Label → whether a rule knows the words that stand for it, and how far they brought the heat down."""
        self._slips: list[tuple[int, Better, str, tuple[str, ...]]] = []
        self._told: set[int] = set()
        """The turns before which the hidden need had come out."""
        self.unsure: list[Mark] = []

    @property
    def better(self) -> tuple[Better, ...]:
        """What would do better, for the most harmful first; no advice is given twice."""
        found: list[Better] = []
        for _, better, line, labels in sorted(self._slips, key=lambda x: x[0]):
            told = {b.instead for b in found}
            if wanted := next((x for x in self._advise(better, line, labels) if x not in told), ""):
                found.append(better._replace(instead=wanted))
        return tuple(found[:MOST_BETTER])

    def _advise(self, better: Better, line: str, labels: tuple[str, ...]) -> Iterator[str]:
        """Advice on a slip, the best first: words of a model answer of that turn, then what fits any moment."""
        if better.turn <= _EARLY_TURNS:
            # In its place in the way: before the hidden need is out, no advice may give it away.
            before = () if better.turn in self._told else ("",) * (better.turn - 1)
            routes = tuple(
                (*before, route[better.turn - 1]) for route in self.scenario.model_answers if len(route) >= better.turn
            )
            scenario = self.scenario._replace(model_answers=routes)
            if model := find_model(scenario, labels, line, lambda reply, said, _: self.read(reply, said)):
                yield f"“{model}”"
        if better.instead:
            yield better.instead
            yield "leave it out, and say what you'll do."
            yield "say it without these words."
            yield "see the way that works, below."

    def take(self, number: int, turn: Turn, line: str, heard: Collection[str], *, out: bool) -> None:
        """A turn, with what the customer had said before it, what they have heard by its end, and whether their need was out."""
        if out:
            self._told.add(number)
        known = f"{self.scenario.case} {self.scenario.opening} {line}"
        self.unsure += [Mark("OVERPROMISE", number, words) for words in find_unsure(turn.said, known)]
        for hit in self.find_habits(turn.said):
            self.habits.append(Mark(hit.rule.label, number, hit.text))
            if hit.rule.id not in self._told_of:
                self._told_of.add(hit.rule.id)
                better = Better(number, hit.text, hit.rule.why, hit.rule.instead)
                self._slips.append((len(VIOLATIONS), better, line, ()))
        found = {r.label: r for r in sorted(self.read(turn.said, line).remarks, key=lambda r: r.sure)}
        hurt = any(x in VIOLATIONS for x in turn.labels)
        for label in turn.labels:
            told = found.get(label)
            words = find_sentence(turn.said, told) if told else turn.said
            mark = Mark(label, number, words, turn.hints, hurt=hurt)
            if label in VIOLATIONS:
                why = told.why if told else TEXTS[label].why
                # Where only something learned says so, advice for any moment would too often miss this one.
                advice = ADVICE[label] if told and told.rule else ""
                self.lost.append(mark)
                first = ("BOUNDARY",) if "BOUNDARY" in self.scenario.win - set(heard) else ()
                mends = (*first, *MENDS[label], "ACK", "REFLECT")
                self._slips.append((VIOLATIONS.index(label), Better(number, words, why, advice), line, mends))
            elif label in PRINCIPLES:
                kept = self.earned if label in heard else self.early
                before = "" if label in heard else self._find_first(label, heard)
                # What says it plainest stands for it, then what did more; that help was needed at first isn't forgotten.
                plain = bool(told and told.rule), _drop(self.heat, number)
                if label not in kept or plain > self._plain[label]:
                    self._plain[label] = plain
                    hints = max(mark.hints, kept[label].hints if label in kept else 0)
                    kept[label] = mark._replace(hints=hints, before=before)

    def _find_first(self, label: str, heard: Collection[str]) -> str:
        """What should have come before a label."""
        befores = (r.before for r in self.scenario.reactions if r.on == label and r.before)
        return next((x for x in befores if x not in heard), "")


def _find_keep(earned: Iterable[Mark], asked: Mapping[str, Mark], moved: Mapping[int, int]) -> Mark | None:
    """One thing to say again: from the turn that calmed most, and of what was asked for.

    Words that made it worse are nothing to say again, nor are those beside words that hurt, nor one more sorry.
    """
    worth = [
        m
        for m in earned
        if moved[m.turn] <= 0
        and not m.hurt
        and m.label != "APOLOGY"
        and len(m.words.split()) >= _WORTH
        and not _WEAK.search(m.words)
    ]
    return max(worth, key=lambda m: (-moved[m.turn], m.label in asked), default=None)


def _drop(heat: Sequence[int], turn: int) -> int:
    return heat[turn - 1] - heat[turn]
