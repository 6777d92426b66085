"""A journaled call retold as the draft of a scenario: what was picked and amounts come in, nothing that anybody typed.

Names, notes, promises, texts, numbers and dates of a call stay where they are. What can only be guessed is guessed from
how the call went, and says so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from calmdesk.coach.drafting import Answer, Draft, harm_reactions, silence_reactions
from calmdesk.playbook.kinds import DAYS_END
from calmdesk.safetext import slots

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from calmdesk.call.values import Call
    from calmdesk.playbook.model import Edition, Fact, Interruption

NAMES = ("Nora Lindqvist", "Idris Okafor", "Paula Reyes", "Tomas Havel", "Mei Tanaka", "Greta Brandt")
_HEAT = {"recovered": 5, "done": 4, "follow-up": 6, "dropped": 6, "handed-over": 7, "lost": 7, "ended-by-us": 7}
_HARD = {"handed-over", "lost", "ended-by-us"}
OURS, PARTNER = "ours", "partner"
_MOST_HEAT = 7
"""From here the ways below still come down to where it is won."""
_EXAMPLE = re.compile(r",? such as\b", re.IGNORECASE)
_COUNTS = ("no", "one", "two", "three")


def is_unsafe(edition: Edition, call: Call) -> bool:
    """Whether somebody was in danger on a call: that is nothing to rehearse with."""
    stops = {cut.id for cut in edition.policy.interruptions if not cut.returns}
    return call.ended == "ended-unsafe" or any(cut.id in stops for cut in call.cuts)


def draft_call(edition: Edition, call: Call, playbook: str, typed: str) -> Draft:
    """A call as a draft, which can be rehearsed as it is.

    Args:
        edition: what the call played.
        call: how it went.
        playbook: the id of what is rehearsed.
        typed: every word that was typed on it: an invented name must not be one of them.

    """
    book = edition.books[call.root]
    cuts = _cuts(edition, call)
    insulted = call.root == "abusive-caller" or any(cut.book == "abusive-caller" for cut in cuts)
    slip = _slip(edition, call)
    ours = slip == OURS
    name = next((n for n in NAMES if not any(part in typed.lower() for part in n.lower().split())), "A Customer")
    gives = _gives(call)
    heat, why_heat = _guess_heat(call, cuts)
    level, why_level = _guess_level(call, cuts, insulted=insulted)
    know = dict.fromkeys([f"It is about: {book.title}", *_picked(edition, call)])
    routes = _routes(slip, gives, insulted=insulted)
    won = ["BOUNDARY"] * insulted + ["REFLECT", "ACK"] + ["OWN"] * ours + ["NEXT_STEP"]
    return Draft(
        f"{book.title}, from a call",
        playbook,
        level,
        call.channel or "phone",
        name,
        "Somebody who has waited for this to be put right, and says so.",
        {"heat": (heat, 3)},
        {"customer": name.split()[0], **_known_facts(call)},
        tuple(know),
        tuple(gives),
        tuple(_others(call, slip)),
        (),
        _opening(insulted=insulted),
        _reactions(ours=ours, insulted=insulted),
        None,
        won,
        routes,
        _BAD,
        {
            "name": "invented, like the sentence below it: tell the temper, and nothing that somebody could be known by",
            "title": "what would a colleague call this case?",
            "level": why_level,
            "meters": why_heat,
            "you-know": "what was picked on the call: add what one must know, in your own words",
            "opening": _heard(book.compiled.get("signals") or ()),
            "reactions": "the same for every call: let this customer speak",
            "win": "guessed from whose slip it was and what cut in: what mattered on this call?",
            "model-answers": "wordings for any call: write the ones that would have helped on this one",
        },
        tuple(_asks(edition, call)),
    )


# --- what a call tells by itself


def _facts(edition: Edition, call: Call) -> Iterator[tuple[Fact, str]]:
    """The facts that were picked or are amounts or times, as the playbook declares them."""
    for key, (kind, value) in call.facts.items():
        books = sorted(edition.books.values(), key=lambda b: b.id != call.root)
        fact = next((f for book in books if (f := book.fact(key))), None)
        if fact is not None and fact.kind == kind and value and value != "…":
            yield fact, value


def _picked(edition: Edition, call: Call) -> Iterator[str]:
    for fact, value in _facts(edition, call):
        said = ""
        if fact.kind == "one-of":
            said = next((o.label for o in fact.options if o.id == value), "")
        elif fact.kind == "yes-no":
            said = value
        elif fact.kind == "money":
            said = f"{value} {edition.policy.currency}"
        elif fact.kind == "moment":
            said = _time_of_day(value)
        if said and not slots(said):
            yield f"{_question(fact)} {said}"


def _question(fact: Fact) -> str:
    """What a fact asks, without its examples; its name where the question has a fact in it."""
    asked = _EXAMPLE.split(fact.ask)[0].strip()
    if slots(asked) or not asked:
        asked = fact.id.replace("-", " ").capitalize()
    return asked if asked[-1] in ".?!:…" else f"{asked}:"


def _time_of_day(value: str) -> str:
    """The time of a moment, where one was said; its day is the call's own affair."""
    time = value.partition("T")[2][:5]
    return "" if time == DAYS_END else time


def _known_facts(call: Call) -> dict[str, str]:
    kinds = {"one-of", "yes-no", "money"}
    return {k: value for k, (kind, value) in call.facts.items() if kind in kinds and value and ":" not in k}


def _asks(edition: Edition, call: Call) -> Iterator[str]:
    """The questions that were answered in words: the answers stay in the journal."""
    for fact, _ in _facts(edition, call):
        if fact.kind in {"text", "number", "date"} and fact.id != "customer":
            yield _question(fact)
    if not _gives(call):
        yield "What might be promised here? Write it below `you-may:`."
    yield "What didn't they say at first? A need to find is written below `hidden:`; the schema tells its keys."


def _slip(edition: Edition, call: Call) -> str:
    """Whose slip it was, as far as the call knows: ours where nobody said otherwise."""
    slips = [o.slip for fact, value in _facts(edition, call) for o in fact.options if o.id == value and o.slip]
    return slips[-1] if slips else OURS


def _gives(call: Call) -> list[str]:
    given = {"restore": "give back {}, which is owed", "gesture": "add {} as a gesture"}
    found = [
        given.get(o.made.kind, "give {}").replace("{}", f"{o.made.amount} {o.made.currency}")
        for o in call.offers
        if not o.withdrawn
    ]
    return list(dict.fromkeys(found))


def _others(call: Call, slip: str) -> Iterator[str]:
    if slip == PARTNER:
        yield "what those do whose slip it was, and when"
    if any(p.who != "me" and not p.withdrawn for p in call.promises):
        yield "what a colleague does, and by when"
    if call.handed_to or call.ended == "handed-over":
        yield "what the colleague decides who took it over"
    if any(o.made.kind == "restore" and not o.withdrawn for o in call.offers):
        yield "the day on which their bank shows the money"


def _cuts(edition: Edition, call: Call) -> list[Interruption]:
    """What the customer cut in with; what the agent needed, or the team's policy has for everybody, doesn't count."""
    known = {cut.id: cut for book in edition.books.values() for cut in book.interruptions}
    policy = {cut.id for cut in edition.policy.interruptions}
    return [known[cut.id] for cut in call.cuts if cut.id in known and cut.id not in policy]


# --- what is guessed


def _counted(number: int, what: str) -> str:
    return f"{_COUNTS[number] if number < len(_COUNTS) else number} {what}{'' if number == 1 else 's'}"


def _guess_heat(call: Call, cuts: Sequence[Interruption]) -> tuple[int, str]:
    start = _HEAT.get(call.ended, 6) + min(2, len(cuts)) + bool(call.overridden)
    signs = [f"how it ended ({call.ended})" if call.ended else "a call that hasn't ended"]
    signs += [_counted(len(cuts), "interruption")] if cuts else []
    signs += [f"{_counted(len(call.overridden), 'check')} left open"] if call.overridden else []
    return min(_MOST_HEAT, start), f"guessed from {' and '.join(signs)}: please check"


def _guess_level(call: Call, cuts: Sequence[Interruption], *, insulted: bool) -> tuple[int, str]:
    level = 2 + bool(cuts) + (call.ended in _HARD) + insulted
    signs = [_counted(len(cuts), "interruption")] if cuts else []
    signs += [f"how it ended ({call.ended})"] if call.ended in _HARD else []
    signs += ["insults"] if insulted else []
    why = f"guessed from {' and '.join(signs)}" if signs else "guessed: nothing cut in, and it didn't end badly"
    return level, f"{why}: please check"


def _heard(signals: Sequence[str]) -> str:
    heard = " · ".join(s for s in signals[:4] if not slots(s))
    return f"invented. What agents hear with this playbook: {heard}" if heard else "invented: how do they begin?"


# --- words for any call


def _opening(*, insulted: bool) -> str:
    if insulted:
        return "How stupid can you lot be? I've told you what's wrong, I've waited, and nothing has happened."
    return "I've told you what's wrong, I've waited, and nothing has happened. So what are you going to do about it?"


def _routes(slip: str, gives: Sequence[str], *, insulted: bool) -> list[list[str]]:
    limits = (
        ["I want to put this right, and I won't be called names while I do it. Can we leave those out?"],
        ["I'm here to help you with this, and the insults have to stop. Shall we go on without them?"],
    )
    owns = (
        " We got this wrong, and that's on us. I'm sorry.",
        " We let you down there. That's our mistake, and I'm sorry.",
    )
    owns = owns if slip == OURS else ("", "")
    given = next((g.partition("give back ")[2].partition(",")[0] for g in gives if g.startswith("give back ")), "")
    money = f" I'm sending {given} back to you now, the way you paid." if given and slip == OURS else ""
    step = (
        "I'm looking into it now, and I'll ring you by five today to tell you where it stands."
        if slip != PARTNER
        else "I'll ask them for you now, and I'll call you at five today and tell you what they say."
    )
    routes = [
        [
            f"So you told us, you waited, and it still isn't put right.{owns[0]}",
            f"That must have been a wearing wait. I can see why you're angry.{money}",
            step,
        ],
        [
            f"You must be tired of explaining it. You only have to tell me once.{owns[1]}",
            f"So you came to us with this, you waited, and it isn't put right yet.{money}",
            f"{step} Is there anything else you need from me today?",
        ],
    ]
    return [[*limit, *route] if insulted else route for limit, route in zip(limits, routes, strict=True)]


def _reactions(*, ours: bool, insulted: bool) -> list[Answer]:
    good = [
        Answer("on: REFLECT", "heat: -2", ["Yes. That is how it was.", "Exactly that. Thank you."]),
        Answer("on: ACK", "heat: -2", ["It is wearing, yes.", "Well. At least somebody sees that."]),
        Answer("on: APOLOGY", "heat: -1", ["All right. I'll take that."]),
        Answer("on: REMEDY", "heat: -1", ["That would help."]),
        Answer("on: NEXT_STEP", "heat: -1", ["Good. Then I know where I stand.", "By five. I'm writing that down."]),
    ]
    if ours:
        good.append(
            Answer("on: OWN", "heat: -2", ["Well. Thank you for saying so.", "That's the first time I hear that."])
        )
    if insulted:
        good.append(Answer("on: BOUNDARY", "heat: -1", ["… All right. Fair enough. Go on, then."]))
        good.append(
            Answer("on: OWN, before: BOUNDARY", "heat: 0", ["Of course it was you lot. Who else is that thick?"])
        )
    return [*good, *harm_reactions(), *silence_reactions()]


_BAD = (
    ("You should have told us sooner.", "BLAME"),
    ("Please calm down, it isn't that bad.", "DISMISS"),
    ("We apologise for any inconvenience this may have caused.", "EMPTY_APOLOGY"),
    ("It will definitely be settled by tomorrow, I promise.", "OVERPROMISE"),
    ("There's nothing I can do about that.", "STONEWALL"),
    ("Do you always shout like that? You're being ridiculous.", "HOSTILE"),
)
