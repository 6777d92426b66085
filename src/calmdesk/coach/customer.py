"""The simulated customer: a fold over what is said to them, which remembers, and calms down for a reason.

Adding something good to a reply never makes them angrier, and adding harm never calmer, but where a scenario says that
something came too early (`before`). The same seed and the same replies give the same customer, to the letter.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.coach.asking import asks_openly, asks_something, find_answers_to
from calmdesk.coach.features import content_words
from calmdesk.coach.promised import find_changed, find_promised
from calmdesk.coach.scenario_keys import AGAIN, MOST, NOTHING, PRINCIPLES, VIOLATIONS
from calmdesk.digest import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from calmdesk.coach.rehearsal import Turn
    from calmdesk.coach.scenario import Reaction, Scenario

HEAT = "heat"
USUAL = {
    "REFLECT": -2,
    "OWN": -2,
    "ACK": -1,
    "APOLOGY": -1,
    "REMEDY": -1,
    "NEXT_STEP": -1,
    "EMPTY_APOLOGY": 1,
    "OVERPROMISE": 1,
    "BLAME": 2,
    "DISMISS": 2,
    "STONEWALL": 2,
    "HOSTILE": 3,
    NOTHING: 1,
    AGAIN: 1,
}
"""How heat moves where a scenario says nothing else."""
MOST_ANGERED = 4
"""No single reply does more harm than this."""
MOST_CALMED, HARD = -4, 3
"""No single reply calms more than this, and from this level up one step less."""
_HELPS_AGAIN = frozenset({"REFLECT", "ACK", "REMEDY", "NEXT_STEP"})
"""What still does some good in other words; who owns it or says sorry once more only says it once more."""
_WORD = re.compile(r"[^\W_]+")
_ANSWERS_NEED = frozenset({"REFLECT", "ACK", "REMEDY", "NEXT_STEP"})


class Mood(NamedTuple):
    """Where the customer stands."""

    meters: Mapping[str, int]
    said: frozenset[str] = frozenset()
    """The principles that have been said to them."""
    replies: frozenset[str] = frozenset()
    """What was said to them, word for word."""
    used: frozenset[str] = frozenset()
    """The lines that they have spoken."""
    promised: Mapping[str, str] = {}
    """What they were told would be done, deed → when, as it was said."""
    hidden: str = ""
    """`out` once the hidden need has come out, `met` once it was answered."""
    turns: int = 0
    asked: int = 0
    """How many replies in a row only asked something: the first ones cost nothing."""
    ended: str = ""
    """`won`, `lost`, or nothing yet."""


class Moved(NamedTuple):
    """A meter's move, and what for: a label, `nothing`, `again`, or words."""

    meter: str
    by: int
    why: str


class Answer(NamedTuple):
    """What the customer does after a reply."""

    mood: Mood
    says: str
    moved: tuple[Moved, ...]
    """Each reason; together they may do less, for no reply does more than so much."""


def begin(scenario: Scenario) -> Mood:
    """The customer before a word is said to them."""
    return Mood({name: meter.start for name, meter in scenario.meters.items()}, used=frozenset({scenario.opening}))


def _same(reply: str) -> str:
    return " ".join(_WORD.findall(reply.lower()))


def _holds(words: str, reply: str) -> bool:
    return f" {_same(words)} " in f" {reply} "


def react(scenario: Scenario, mood: Mood, reply: str, labels: Iterable[str], seed: int = 0) -> Answer:
    """What the customer answers to a reply. Never raises.

    Args:
        scenario: who they are.
        mood: where they stand.
        reply: what is said to them.
        labels: what it does, as the coach labels it.
        seed: which of several wordings they use.

    """
    if mood.ended:
        return Answer(mood, "", ())
    same = _same(reply)
    again = bool(same) and same in mood.replies
    # What was said word for word before does no good a second time.
    fresh = frozenset(() if again else (x for x in labels if x in PRINCIPLES))
    harm = frozenset(x for x in labels if x in VIOLATIONS)
    asked = asks_something(reply) and not (fresh or harm or again) and mood.asked < _FREE_QUESTIONS
    causes = (
        [*sorted(harm), *sorted(fresh)] + ([] if fresh or harm or asked else [NOTHING]) + ([AGAIN] if again else [])
    )
    reactions = [r for r in scenario.reactions if _fits(r, causes, same, mood.said)]
    early = {r.on for r in reactions if r.before and r.on in PRINCIPLES and any(by >= 0 for by in r.moves.values())}
    moved = (*_moves(mood, causes, reactions), *_at_least(scenario, mood, fresh, harm, reactions))
    calmed = MOST_CALMED + (scenario.level >= HARD)
    meters = {name: _moved(value, name, moved, calmed) for name, value in mood.meters.items()}
    after = mood._replace(
        meters=meters,
        # What came too early hasn't been heard: it can still be said when its time has come.
        said=mood.said | (fresh - early) | {_mark(r) for r in reactions if r.words},
        replies=mood.replies | {same},
        promised=_remember(mood.promised, promised := find_promised(reply)),
        turns=mood.turns + 1,
        asked=mood.asked + 1 if asked else 0,
        hidden="met" if mood.hidden == "out" and _meets(scenario, fresh, same) else mood.hidden,
    )
    after = _spare(scenario, mood, after, harm)
    line = _pick(reactions, moved, after, seed)
    if changed := find_changed(mood.promised, promised):
        line = " ".join(filter(None, (f"You said {changed[0]} before. Now it's {changed[1]}?", line)))
    after = after._replace(used=after.used | ({line} if line else frozenset()))
    plain = line
    opened = asks_openly(reply) and not (harm or again)
    if (need := scenario.hidden) and not after.hidden and _is_earned(scenario, after, opened=opened):
        line = " ".join(filter(None, (line, need.says)))
        after = after._replace(hidden="out")
    elif not (harm or again or any(r.words for r in reactions)):
        line, after = _answer(reply, line, after, seed)
    after = after._replace(ended=_ending(scenario, after))
    return Answer(after, _part(scenario, after, line, plain, seed) if after.ended else line, moved)


def _part(scenario: Scenario, mood: Mood, line: str, plain: str, seed: int) -> str:
    """Their last words; who is content doesn't part with an answer to a question, such as “let me think”."""
    if mood.ended == "lost":
        return " ".join(filter(None, (line, LOST[_number(seed, mood.turns, "lost") % len(LOST)])))
    held = REMEMBERED[_number(seed, mood.turns, "held") % len(REMEMBERED)]
    last = [f"{when[:1].upper()}{when[1:]}{held}" for when in mood.promised.values()][-1:]
    return " ".join(filter(None, (scenario.goodbye or plain, *last)))


def find_answers(scenario: Scenario, turns: Iterable[Turn], seed: int) -> list[Answer]:
    """What the customer did at each turn, with the reasons: their memory is what was said to them."""
    mood, found = begin(scenario), []
    for turn in turns:
        found.append(react(scenario, mood, turn.said, turn.labels, seed))
        mood = found[-1].mood
    return found


def _remember(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """What they were promised, the latest last."""
    return {**{deed: when for deed, when in before.items() if deed not in now}, **now}


def _meets(scenario: Scenario, fresh: frozenset[str], reply: str) -> bool:
    """Whether a reply answers the hidden need: something good in it, and words that take it up.

    Those that the scenario names, or any that the need came out with and that nobody knew before.
    """
    need = scenario.hidden
    if need is None or not fresh & _ANSWERS_NEED:
        return False
    if need.met_by:
        return any(_holds(words, reply) for words in need.met_by)
    known = _stems(" ".join((scenario.opening, scenario.case, *scenario.you_know)))
    return bool(_stems(reply) & (_stems(f"{need.says} {need.need}") - known))


def _stems(text: str) -> set[str]:
    """The words of a text that say something, by their first letters: rooms and room are one."""
    return {word[:5] if len(word) > 5 else word.rstrip("s") for word in content_words(text)}


def _spare(scenario: Scenario, before: Mood, after: Mood, harm: frozenset[str]) -> Mood:
    """Nobody hangs up at the first sentence, but where it strikes at them."""
    if before.turns or "HOSTILE" in harm:
        return after
    most = {name: (m.lose_at or MOST + 1) - 1 for name, m in scenario.meters.items()}
    return after._replace(meters={name: min(value, most[name]) for name, value in after.meters.items()})


def _fits(reaction: Reaction, causes: Sequence[str], reply: str, said: frozenset[str]) -> bool:
    if reaction.before and reaction.before in said:
        return False
    if reaction.on and reaction.on not in causes:
        return False
    if reaction.before and reaction.before in causes:
        # What comes before something that stands in the same reply doesn't come too early.
        return False
    if not reaction.words:
        return True
    if not reaction.on and any(by > 0 for by in reaction.moves.values()) and {"OWN", "APOLOGY"} & set(causes):
        # Who says sorry for it may name it.
        return False
    return any(_holds(words, reply) for words in reaction.words)


def _mark(reaction: Reaction) -> str:
    """What is remembered of words that were heard: they do good only once."""
    return "words " + " ".join(reaction.words)


def _moves(mood: Mood, causes: Sequence[str], reactions: Sequence[Reaction]) -> Iterator[Moved]:
    """Each reason to move a meter; a scenario's own step takes the place of the usual one."""
    for cause in causes:
        own = [r for r in reactions if r.on == cause and HEAT in r.moves]
        usual = USUAL.get(cause, 0)
        if cause in PRINCIPLES and cause in mood.said:
            # Said in other words again it still shows that somebody listens, or acts; it doesn't do the same again.
            usual = max(usual, -1) if cause in _HELPS_AGAIN else 0
            own = [r for r in own if r.before]
        if own:
            early = [r for r in own if r.before]
            step = max((r.moves[HEAT] for r in early or own), key=abs)
            yield Moved(HEAT, step, cause)
        elif usual and HEAT in mood.meters:
            yield Moved(HEAT, usual, cause)
    for reaction in reactions:
        why = reaction.on or "words"
        first = why not in PRINCIPLES or why not in mood.said
        for meter, by in reaction.moves.items():
            again = not first or (by < 0 and not reaction.on and _mark(reaction) in mood.said)
            if by > 0 and meter == HEAT and not reaction.on:
                # The words of a harm that was counted already add only what they weigh more.
                by = max(0, by - sum(USUAL.get(cause, 0) for cause in causes if cause in VIOLATIONS))
            if by and not again and (meter != HEAT or not reaction.on):
                yield Moved(meter, by, why)


def _at_least(
    scenario: Scenario, mood: Mood, fresh: frozenset[str], harm: frozenset[str], reactions: Sequence[Reaction]
) -> Iterator[Moved]:
    """Harm is never taken better than nothing at all would have been."""
    if harm and not fresh and HEAT in mood.meters:
        done = sum(m.by for m in _moves(mood, sorted(harm), reactions) if m.meter == HEAT)
        plain = [r for r in scenario.reactions if r.on == NOTHING and not r.words]
        nothing = sum(m.by for m in _moves(mood, [NOTHING], plain) if m.meter == HEAT)
        if nothing > done:
            yield Moved(HEAT, nothing - done, NOTHING)


def _moved(value: int, name: str, moved: Sequence[Moved], calmed: int) -> int:
    by = sum(m.by for m in moved if m.meter == name)
    return max(0, min(MOST, value + max(calmed, min(MOST_ANGERED, by))))


def _strength(reaction: Reaction) -> tuple[int, int]:
    """Harm speaks before good, and more before less."""
    steps = list(reaction.moves.values()) or [0]
    worst, best = max(steps), min(steps)
    return (1, worst) if worst > 0 else (0, -best)


def _pick(reactions: Sequence[Reaction], moved: Sequence[Moved], mood: Mood, seed: int) -> str:
    """The line of the strongest reaction that has one left; after those, one for how the heat moved."""
    for reaction in sorted(reactions, key=_strength, reverse=True):
        if left := [line for line in reaction.says if line not in mood.used]:
            return left[_number(seed, mood.turns, reaction.on) % len(left)]
    by = sum(m.by for m in moved if m.meter == HEAT)
    lines = [x for x in LINES["angrier" if by > 0 else "calmer" if by < 0 else "same"] if x not in mood.used]
    return lines[_number(seed, mood.turns, "") % len(lines)] if lines else ""


def _number(seed: int, turn: int, what: str) -> int:
    return int(digest(f"{seed} {turn} {what}".encode())[:8], 16)


def _answer(reply: str, line: str, mood: Mood, seed: int) -> tuple[str, Mood]:
    """A question that nothing else answers isn't left without a word."""
    left = [x for x in find_answers_to(reply, calm=mood.meters.get(HEAT, 0) <= _CALM) if x not in mood.used]
    if not left:
        return line, mood
    word = left[_number(seed, mood.turns, "asked") % len(left)]
    return " ".join(filter(None, (line, word))), mood._replace(used=mood.used | {word})


_CALM, _FREE_QUESTIONS, _SOONER = 3, 2, 2
"""Up to this heat somebody is easy to ask; so many questions in a row are borne; so much sooner one opens somebody."""


def _is_earned(scenario: Scenario, mood: Mood, *, opened: bool) -> bool:
    """Whether the need comes out now: what had to be said was said, or an open question asks for it, and they are calm enough."""
    need = scenario.hidden
    assert need is not None
    sooner = _SOONER if opened and mood.said else 0
    return (opened or need.said <= mood.said) and all(
        mood.meters.get(m, 0) <= most + sooner for m, most in need.at_most.items()
    )


def _ending(scenario: Scenario, mood: Mood) -> str:
    for name, meter in scenario.meters.items():
        if meter.lose_at is not None and mood.meters[name] >= meter.lose_at:
            return "lost"
    calm = all(m.won_at is None or mood.meters[name] <= m.won_at for name, m in scenario.meters.items())
    met = not scenario.hidden_met or mood.hidden == "met"
    return "won" if calm and met and scenario.win <= mood.said else ""


REMEMBERED = (", then. I'll be here.", ". I'm writing that down.", ": I'll hold you to that.")
"""What somebody says who was told by when."""
LOST = (
    "I'm hanging up.",
    "That's it. Goodbye.",
    "I've had enough of this. Goodbye.",
    "No. We're done here.",
)
LINES = {
    "angrier": (
        "Are you even listening to me?",
        "That's not an answer.",
        "Oh, wonderful. Thanks for nothing.",
        "I can't believe I'm hearing this.",
        "And what am I supposed to do with that?",
        "So that's it? That's all I get?",
        "You people are all the same.",
        "Try again. And this time think about who you're talking to.",
        "Unbelievable.",
        "I've heard that one before.",
        "No. No, that won't do.",
        "Do you hear yourself?",
    ),
    "calmer": (
        "Right. Okay.",
        "Well. That's something, at least.",
        "Hm. Go on.",
        "All right. And then what?",
        "Okay, that I can work with.",
        "Fine. I'm listening.",
        "You could have said that straight away.",
        "Good. Yes.",
        "That helps a bit.",
        "Okay. Thank you for saying that.",
        "Right, yes. That's it.",
        "Then let's see.",
    ),
    "same": (
        "And?",
        "So what happens now?",
        "Yes?",
        "I'm still here.",
        "Okay, and that means what?",
        "I'm waiting.",
        "Well?",
        "Is that all?",
        "Go on, then.",
        "What else?",
    ),
}
"""What anybody says where a scenario has no words of its own."""
