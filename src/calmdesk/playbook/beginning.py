"""A playbook that a trainer starts from: it plays, is proved by its own tests, and says beside each part what to change.

The order is the house's: hear, say it back, own it once, one fix with a time, what is owed, a gesture last, close.
Whatever a trainer typed stands in double quotes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.playbook.wording import comment, plain, quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PROBLEM, BY = "it broke on the first day", "17:00"
FAULTS = {"ours": "Ours", "partner": "A partner's", "theirs": "Their own", "unknown": "Not known yet"}
"""Whose slip it may be, by id."""
GIVING = {"both": "What is owed, and a gesture", "owed": "Only what is owed", "nothing": "Nothing"}
"""What may be given back, by id."""
_SLIPS = {"ours": "ours", "partner": "partner", "theirs": "customer", "unknown": "unknown"}
_OWNING = {
    "ours": "We got this wrong, and it cost you. I'm sorry. I'm working on it with you now.",
    "partner": "You bought it from us, so it's ours to put right. I'm sorry.",
    "theirs": "Okay, I can see where it went off track. Let's put it right together, starting now.",
    "unknown": "I don't know yet what went wrong, and I won't guess. I'm finding out now.",
}


class Told(NamedTuple):
    """What a trainer answered; what is empty is taken from the case that comes with it."""

    title: str = ""
    problem: str = ""
    fault: str = "ours"
    giving: str = "both"
    by: str = BY


def write_beginning(told: Told, schema: str, heading: Sequence[str], *, steady: bool) -> str:
    """A playbook to start from.

    Args:
        told: what a trainer answered; `by` is a moment that can be read.
        schema: where the file finds the schema for editors.
        heading: the comment at the top, a line each.
        steady: whether the module `steady` is there to be played.

    """
    told = told._replace(title=plain(told.title) or "My playbook", problem=plain(told.problem) or PROBLEM)
    rows = [f"# yaml-language-server: $schema={schema}", *(comment(row) for row in heading)]
    rows += [*_head(told), *_steps(told, steady=steady), *_proofs(told, steady=steady)]
    return "\n".join(rows) + "\n"


def _head(told: Told) -> Iterator[str]:
    yield "calmdesk: 1                          # always"
    yield f"title: {quote(told.title)}"
    yield "# One sentence: what is better when the call ends."
    yield 'goal: "Agree the problem in one sentence, then one fix with a time."'
    yield "# What an agent hears. Add more: the playbook is found by these words."
    yield f"signals: [{quote(told.problem)}]"
    yield ""
    yield "# What is asked, once each. {name} puts the answer into any sentence below."
    yield "facts:"
    yield '  customer: {ask: "Customer\'s first name", default: there}'
    yield f'  problem: {{ask: "The problem in one sentence, in their words", such-as: {quote(told.problem)}}}'
    yield "  fault:"
    yield '    ask: "Whose slip was it?"'
    yield "    one-of:"
    for fault in (told.fault, *(f for f in FAULTS if f != told.fault)):
        yield f"      {fault}: {{label: {quote(FAULTS[fault])}, slip: {_SLIPS[fault]}}}"
    yield '  fix: {ask: "What are you doing about it?", such-as: "a new one goes out tonight"}'
    yield f"  fix-by: {{ask: {quote(f'Done by when? Usually: {told.by}')}, kind: moment}}"
    if told.giving != "nothing":
        yield '  owed: {ask: "How much do we owe them back?", kind: money, default: 0}'
    if told.giving == "both":
        yield '  price: {ask: "What did they pay for what failed?", kind: money, default: 0}'
    yield ""
    yield "# What may cut in at every step. The call comes back to the very step it left."
    yield "interruptions:"
    yield "  loud:"
    yield "    label: They get loud"
    yield "    card:"
    yield "      title: Name it once"
    yield '      cue: ["Go low and slow", "Once, then keep quiet"]'
    yield '      say: "You have every right to be fed up. I have got it right in front of me."'
    yield ""


def _steps(told: Told, *, steady: bool) -> Iterator[str]:
    yield "# In order. `choices` say where each way leads; without them, the next step comes."
    yield "steps:"
    if steady:
        yield "  steady:"
        yield "    play: steady                     # another file: a breath before the first answer"
    yield from _HEARING
    yield "  own:"
    yield "    title: Own it once"
    yield "    principle: own                   # nothing is offered before this step"
    yield "    ask: fault"
    yield '    cue: ["Once, then stop"]'
    yield "    say:                             # the first line whose `when` holds; the last has none"
    for fault in list(FAULTS)[:-1]:
        yield f"      - {{when: {{fault: {fault}}}, line: {quote(_OWNING[fault])}}}"
    yield f"      - line: {quote(_OWNING['unknown'])}"
    yield "    must-check: [\"Said once, without 'but'\"]     # ticked before the call goes on"
    yield from _FIXING
    if told.giving != "nothing":
        yield "  money:"
        yield "    title: What is owed"
        yield "    principle: make-good"
        yield f"    ask: [{'owed, price' if told.giving == 'both' else 'owed'}]"
        yield '    cue: ["Reckon it, don\'t say it yet"]'
        yield '    say: "One moment, I\'m looking at the money side of this."'
        yield from _RESTORING
    if told.giving == "both":
        yield from _GIVING
    yield "  close:"
    yield "    title: Close"
    yield "    principle: follow-up"
    yield '    say: "So: {fix}, by {fix-by}. Did I miss anything?"'
    yield "    end: recovered                   # how it ended, as the team's policy names it"
    yield ""


_HEARING = [
    "  hear:",
    "    title: Hear them out",
    "    principle: listen",
    '    cue: ["Let them finish", "Nouns, dates, amounts on paper"]     # at most three',
    "    say:                             # other words for the same; `s` shows the next",
    '      - "Hi {customer}, tell me what happened. I\'m writing it down."',
    '      - "I\'m listening, {customer}. Start wherever you like."',
    "    avoid:",
    '      - line: "Please calm down."',
    '        why: "It tells them the feeling is wrong."',
    '        instead: "Say back one thing that you heard."',
    "    choices:",
    '      finished: {label: "They have finished", go: check}',
    '      looping: {label: "They go round again", go: check}',
    "  check:",
    "    title: Say it back",
    "    principle: listen",
    "    ask: problem",
    '    cue: ["One sentence, their nouns", "Wait for the yes"]',
    '    say: "So {problem}. Have I got that right?"',
    "    choices:",
    '      yes: {label: "They say yes", go: own}',
    "      # Once back to listening, then on: nobody is kept in a circle.",
    '      no: {label: "Not quite", go: hear, forget: problem, at-most: 1, then: own}',
]
_FIXING = [
    "  fix:",
    "    title: One fix, one time",
    "    principle: fix",
    "    ask: [fix, fix-by]",
    '    cue: ["What, who, a clock time", "Promise less, keep it all"]',
    '    say: "Right, the plan: {fix}, by {fix-by}. I\'m on it now."',
    '    promise: {what: "{fix}", by: "{fix-by}"}     # stands in `calmdesk promise list` until it is kept',
    '    check: ["They agreed to it"]',
]
_RESTORING = [
    "  restore:",
    "    title: Give it back",
    "    principle: make-good",
    "    when: {owed: {over: 0}}          # else the step is skipped",
    "    say: \"I'm sending {offer} back to you, the way you paid. It's yours, not a favour.\"",
    "    offer: {kind: restore, ladder: goodwill, on: owed}     # how much an agent may: the team's policy",
]
_GIVING = [
    "  gesture:",
    "    title: A gesture, last",
    "    principle: make-good",
    "    when: {fault: [ours, partner], price: {over: 0}}",
    '    say: "I\'d like to add {offer} for the extra trouble. There are no strings on it."',
    "    offer: {kind: gesture, ladder: goodwill, on: price}",
]


def _proofs(told: Told, *, steady: bool) -> Iterator[str]:
    yield "# What must be true on every way through: lint shows the way that breaks one."
    yield "path-rules:"
    yield "  - {before: own, must-pass: check}"
    yield "  - {before: fix, must-pass: own}"
    yield "  - {every-end: recovered, must-pass: fix}"
    if told.giving != "nothing":
        yield "  - {before: restore, must-pass: fix}"
    if told.giving == "both":
        yield "  - {before: gesture, must-pass: fix}"
        yield "  - {never: gesture, when: {fault: theirs}}"
    yield ""
    yield "# Plays of this file, as agents would. Name each after its situation."
    yield "tests:"
    ready = ["ready"] if steady else []
    yield from _test(told, told.fault, [*ready, "finished", "yes"])
    other = "ours" if told.fault in {"theirs", "unknown"} else "theirs"
    yield from _test(told, other, [*ready, "i:loud", "looping", "no", "finished", "no"])


def _test(told: Told, fault: str, choose: Sequence[str]) -> Iterator[str]:
    owed, gift = told.giving != "nothing", told.giving == "both" and fault in {"ours", "partner"}
    named = {"ours": "It was our slip", "partner": "A partner let us down", "theirs": "It was their own slip"}
    again = ", and they cut in and put me right" if "no" in choose else ", and they say yes to my summary"
    facts = f'customer: Rosa, problem: {quote(told.problem)}, fault: {fault}, fix: "a new one goes out tonight"'
    facts += f", fix-by: {quote(told.by)}" + (", owed: 8.90" if owed else "")
    facts += ", price: 40" if told.giving == "both" else ""
    passes = ["hear", "check", *(["hear", "check"] if "no" in choose else []), "own", "fix"]
    passes += [*(["money", "restore"] if owed else []), *(["gesture"] if gift else []), "close"]
    yield f"  - name: {quote(named.get(fault, 'Nobody knows the cause yet') + again)}"
    yield f"    facts: {{{facts}}}"
    yield f"    choose: [{', '.join(choose)}]"
    yield "    expect:"
    yield "      disposition: recovered"
    yield f"      passes: [{', '.join(passes)}]"
    if told.giving == "both" and not gift:
        yield "      not-passes: [gesture]"
    yield "      promises: 1"
    yield f"      offers: {owed + gift}"
    yield "      ticked: \"Said once, without 'but'\""
    yield f"      says: {quote(_OWNING[fault])}"
