"""The words that show how an attempt went, found again in the journal; what was forgotten stays forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.call import events as e
from calmdesk.coach.hints import STEPS
from calmdesk.coach.rehearsal import Rehearsal, replay
from calmdesk.coach.scenario import read_scenario
from calmdesk.coach.scenario_keys import VIOLATIONS
from calmdesk.coach.skills import AGAIN, GOOD
from calmdesk.pages.progress import Evidence
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from calmdesk.coach.misses import Miss
    from calmdesk.coach.rehearsal import Turn
    from calmdesk.coach.scenario import Scenario
    from calmdesk.coach.skills import Attempt
    from calmdesk.journal.store import Journal

FORGOTTEN = "…"
"""As the journal gives words back that were forgotten."""
MISSED = {
    "skipped": "On a call, the step “{step}” was passed over.",
    "open": "On a call, “{step}” was left with its checks open.",
    "slow": "On a call, “{step}” took longer than its timer.",
}
DRILLS = {"reply": "one reply", "spot": "spot the slip", "fix": "fix the sentence"}


class Finder:
    """Finds evidence; each rehearsal and scenario is read once.

    Args:
        journal: what is remembered.
        misses: a call's number → what it missed.

    """

    def __init__(self, journal: Journal, misses: dict[int, list[Miss]]) -> None:
        self._journal = journal
        self._misses = misses
        self._rehearsals: dict[int, Rehearsal] = {}
        self._scenarios: dict[str, Scenario | None] = {}

    def find(self, attempt: Attempt, when: str, went: str) -> Evidence:
        """What shows how an attempt went. Raises CalmdeskError (5) where the journal can't be read.

        Args:
            attempt: the attempt.
            when: its day, in words.
            went: how it went, in a word.

        """
        label, number = attempt.skill.label, attempt.number
        match attempt.source:
            case "rehearsal":
                return self._in_rehearsal(attempt, when, went)
            case "drill":
                drilled = (x.event for x in self._journal.read(number))
                found = next((d for d in drilled if isinstance(d, e.Drilled) and d.label == label), None)
                kind = DRILLS.get(found.drill, "") if found else ""
                text = found.text if found else ""
                where = f"quick drill: {kind}" if kind else "quick drill"
                if found and found.drill == "spot":
                    # What was picked was said by nobody here.
                    well = found.rating > AGAIN
                    note = "Of two replies, the one with the slip was to be found: it was " + (
                        "found." if well else "taken for the other one."
                    )
                    return Evidence(when, "found" if well else "missed", where, note=note)
                return _with_words(Evidence(when, went, where), "", text)
            case "call":
                steps = [m for m in self._misses.get(number, ()) if m.principle in STEPS.get(label, ())]
                notes = " ".join(MISSED[m.how].replace("{step}", clean(m.step)) for m in steps)
                return Evidence(when, went, "a call on this desk", note=notes)
        said = (
            "The coach found it in a reply that was read before it went out"
            if attempt.rating == AGAIN
            else ("A reply was read by the coach, and it wasn't in it")
        )
        return Evidence(when, went, "the coach", note=f"{said}; such replies aren't kept.")

    def _in_rehearsal(self, attempt: Attempt, when: str, went: str) -> Evidence:
        rehearsal = self._rehearsal(attempt.number)
        scenario = self._scenario(rehearsal)
        title = scenario.title if scenario else rehearsal.scenario
        where = (
            f"rehearsal “{clean(title)}”, {rehearsal.outcome}" if rehearsal.outcome else f"rehearsal “{clean(title)}”"
        )
        bare = Evidence(when, went, where)
        label = attempt.skill.label
        if label in VIOLATIONS and attempt.rating >= GOOD:
            return bare._replace(note="It was kept out to the end.")
        ways = (rehearsal.turns, *rehearsal.tried) if label in VIOLATIONS else (rehearsal.turns,)
        for way in ways:
            for at, turn in enumerate(way):
                if label in turn.labels:
                    taken_back = "It was taken back, and said otherwise." if way is not rehearsal.turns else ""
                    return _with_words(bare._replace(note=taken_back), _before(scenario, way, at), turn.said)
        return bare._replace(note="It wasn't said.")

    def _rehearsal(self, number: int) -> Rehearsal:
        if number not in self._rehearsals:
            entries = self._journal.read(number)
            ends = [n for n, x in enumerate(entries) if isinstance(x.event, e.RehearsalEnded) and x.event.ratings]
            # What was tried after the end that was rated shows nothing of it.
            self._rehearsals[number] = replay(entries[: ends[-1] + 1] if ends else entries)
        return self._rehearsals[number]

    def _scenario(self, rehearsal: Rehearsal) -> Scenario | None:
        if rehearsal.digest not in self._scenarios:
            text = self._journal.text(rehearsal.digest)
            self._scenarios[rehearsal.digest] = read_scenario(text, rehearsal.scenario).scenario if text else None
        return self._scenarios[rehearsal.digest]


def _before(scenario: Scenario | None, way: tuple[Turn, ...], at: int) -> str:
    """What the customer had said before a turn."""
    said = [turn.answer for turn in way[:at] if turn.answer]
    return said[-1] if said else scenario.opening if scenario else ""


def _with_words(evidence: Evidence, customer: str, said: str) -> Evidence:
    if said == FORGOTTEN:
        return evidence._replace(note=f"{evidence.note} The words were forgotten.".strip())
    return evidence._replace(customer=clean(customer, lines=True), said=clean(said, lines=True))
