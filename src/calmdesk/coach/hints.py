"""Help during a rehearsal, a little at a time: what is still to be said, a cue, and an example from the playbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.safetext import fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calmdesk.coach.customer import Mood
    from calmdesk.coach.scenario import Scenario
    from calmdesk.playbook.model import Edition, Step

ORDER = ("BOUNDARY", "REFLECT", "ACK", "OWN", "APOLOGY", "REMEDY", "NEXT_STEP", "OFFER_HELP")
"""What comes before what, where a scenario asks for several."""
STEPS = {
    "BOUNDARY": ("boundary",),
    "REFLECT": ("listen",),
    "ACK": ("empathise", "listen"),
    "OWN": ("own",),
    "APOLOGY": ("apologise", "own"),
    "REMEDY": ("fix", "make-good"),
    "NEXT_STEP": ("fix", "follow-up"),
    "OFFER_HELP": ("invite", "follow-up"),
}
NUDGES = {
    "BOUNDARY": "Nobody has said yet which words have to stop, and that you want to go on.",
    "REFLECT": "They can't tell yet that you heard it: which of their own words could you say back?",
    "ACK": "What this is like for them hasn't been named yet.",
    "OWN": "Whose slip it was hasn't been said yet.",
    "APOLOGY": "Nobody has said sorry for the thing itself yet.",
    "REMEDY": "What they get hasn't been said yet.",
    "NEXT_STEP": "What happens next, who does it and by when is still open.",
    "OFFER_HELP": "The door for the next question isn't open yet.",
}
CUES = {
    "BOUNDARY": "Name the words, your wish to help, and what has to stop. Then keep quiet.",
    "REFLECT": "One sentence, their nouns: the day, the thing, the number.",
    "ACK": "A guess, not a verdict: what it cost them.",
    "OWN": "“We” for the failure, without “but”.",
    "APOLOGY": "Say what happened, in your own words, once.",
    "REMEDY": "One thing you may really give, named.",
    "NEXT_STEP": "“I'll …”, with a clock time you can keep.",
    "OFFER_HELP": "One open question, and how they reach you.",
}


class Hint(NamedTuple):
    """Help of a grade: 1 a nudge, 2 a cue, 3 an example. `label` is what it is about, empty where nothing is missing."""

    grade: int
    label: str
    text: str


def find_next(scenario: Scenario, mood: Mood) -> str:
    """What is to be said next, as a label; nothing where all of it has been said."""
    return next((x for x in ORDER if x in scenario.win and x not in mood.said), "")


def find_hint(scenario: Scenario, mood: Mood, edition: Edition, grade: int) -> Hint:
    """The next help, a grade stronger each time it is asked for."""
    label = find_next(scenario, mood)
    if not label:
        if scenario.hidden and mood.hidden != "met":
            text = (
                "Something is still unsaid on their side."
                if not mood.hidden
                else "Answer what they have just told you."
            )
            return Hint(grade, "", text)
        return Hint(grade, "", "All of it is said. Now let them come down: say back, and keep what you promised.")
    if grade == 1:
        return Hint(1, label, NUDGES[label])
    if grade == 2:
        return Hint(2, label, CUES[label])
    return Hint(3, label, find_example(scenario, edition, label) or CUES[label])


def find_example(scenario: Scenario, edition: Edition, label: str) -> str:
    """A line of the playbook for a label, with the facts that the scenario gives; nothing where it has none."""

    def known(name: str) -> str:
        if name.startswith("policy."):
            return edition.policy.value(name[7:]) or "…"
        return scenario.facts.get(name) or "…"

    steps = (step for principle in STEPS[label] for step in _steps(edition, principle))
    return next((fill(line.variants[0], known) for step in steps for line in step.say), "")


def _steps(edition: Edition, principle: str) -> Iterator[Step]:
    """The steps of a principle, of the playbook first, then of what it plays."""
    for book in sorted(edition.books.values(), key=lambda b: b.id != edition.root):
        for name in book.order:
            step = book.step(name)
            if step.principle == principle and step.say:
                yield step
