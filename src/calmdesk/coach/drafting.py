"""A scenario that a trainer starts from: a whole little case that works at once, a comment beside what they will change.

The case is a repair visit that nobody came to, told as the playbook needs it: the slip is ours, or another's; the
customer is angry, insulting, or sorry to bother. Whatever a trainer typed stands in double quotes and comes back as typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.playbook.wording import quote
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Answer(NamedTuple):
    """A reaction: what it answers (`on: OWN`), how the meters move, and what the customer says."""

    on: str
    moves: str
    says: Sequence[str]


class Hidden(NamedTuple):
    """The hidden need of a draft."""

    need: str
    after: str
    says: str
    met_by: Sequence[str]


class Draft(NamedTuple):
    """A scenario to be written; texts as they are, without quotes."""

    title: str
    playbook: str
    level: int
    channel: str
    name: str
    about: str
    meters: Mapping[str, tuple[int, int]]
    """Name → where it starts, and down to where it is won."""
    facts: Mapping[str, str]
    know: Sequence[str]
    may: Sequence[str]
    others: Sequence[str]
    plans: Sequence[str]
    opening: str
    reactions: Sequence[Answer]
    hidden: Hidden | None
    win: Sequence[str]
    routes: Sequence[Sequence[str]]
    bad: Sequence[tuple[str, str]]
    review: Mapping[str, str] = {}
    """Key → why what stands there is only a guess."""
    asks: Sequence[str] = ()
    """What a trainer might ask themselves, a line each."""


class Told(NamedTuple):
    """What a trainer said when asked; nothing where the draft's own words will do."""

    name: str = ""
    opening: str = ""
    title: str = ""


# --- the case

_NOBODY = "So you sat there from nine till twelve on Tuesday, and nobody came."
_OWN = "We moved your visit to Friday and told you nothing. That's our mistake, and I'm sorry."
_CAKES = "Twelve cakes for Saturday, and a cold oven: no wonder you're worried."
_LEND = "I'll have a small oven brought to you today, so that you can bake tomorrow."
_STALL = "Your first stall on Saturday, and twelve cakes promised: that must weigh on you."
_FITTER = "I'm booking the fitter for tomorrow at eight while we talk."
_ELSE = "Is there anything else I can help you with today?"
_LIMITS = (
    "I want to get your oven working, and I won't be called names while I do it. Can we leave those out?",
    "I'm here to put this right, and the name-calling has to stop. Shall we go on without it?",
)
_KNOW = ("The oven has been cold since Sunday", "A visit was booked for today, Tuesday, from 9 to 12. Now it is 13:20")
_OPENINGS = {
    "": "I sat here from nine till twelve for your people. Nobody came. Nobody rang. Do you think I've nothing else to do?",
    "insults": "Three hours I sat here for you lot! Are you idiots, or only the ones who pick up the phone?",
    "shy": "Sorry to bother you. It's nothing much. Somebody was going to come about my oven, but you must all be so busy.",
}
_ABOUT = {
    "": "Choir leader, 52. Quick and dry, and fair once somebody takes it on.",
    "insults": "Choir leader, 52. Loud and rude when afraid, and short of words once a limit is plain.",
    "shy": "Choir leader, 52. Says that it's nothing, apologises for asking, and hangs up rather than be a burden.",
}
_PLANS = {
    "": ("If they ask a question that is none, then I say back what happened.",),
    "insults": ("If they call me names, then I say the limit once, and go on with the oven.",),
    "shy": ("If they say that it's nothing, then I say what it was, and that I'm glad they rang.",),
}


def _routes(kind: str) -> list[list[str]]:
    """The ways to win, as the case is told."""
    if kind == "others":
        maker = "I'll ring the maker's service right now and ring you back by five today with what they say."
        return [
            [f"{_NOBODY} What does it hold up?", f"{_CAKES} {_LEND}", maker],
            [
                "That must have been a miserable morning.",
                _NOBODY,
                f"{_STALL} I'll lend you a small oven today. {maker}",
            ],
        ]
    if kind == "shy":
        glad = f"I'm glad you rang. {_NOBODY}"
        return [
            [f"{glad} {_OWN} What does it hold up?", f"{_CAKES} {_LEND}", f"{_FITTER} {_ELSE}"],
            [f"It isn't nothing: you lost a whole morning. {_OWN}", _NOBODY, f"{_STALL} {_LEND}", f"{_FITTER} {_ELSE}"],
        ]
    back = "I'll ring you by five today with the name, and the 45.00 for the visit goes back to you."
    routes = [
        [f"{_NOBODY} {_OWN} What does it hold up?", f"{_CAKES} {_LEND}", f"{_FITTER} {back}"],
        [f"That must have been a miserable morning. {_OWN}", _NOBODY, f"{_STALL} {_LEND}", f"{_FITTER} {back}"],
    ]
    return [[limit, *route] for limit, route in zip(_LIMITS, routes, strict=True)] if kind == "insults" else routes


def _facts_of(kind: str) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """What is known, what may be given, and what is for others to decide."""
    know: Sequence[str]
    may: Sequence[str]
    if kind == "others":
        know = (*_KNOW, "The maker's own service was to come; they moved it to Friday and told nobody")
        may = ("ring the maker's service while they wait", "lend them a small oven until then")
        return know, may, ("when the maker's service comes",)
    know = (*_KNOW, "Our planner moved it to Friday and told nobody", "A fitter of ours is free tomorrow at 8:00")
    may = ("book the fitter for tomorrow at 8:00", "lend them a small oven today", "give back the 45.00 for the visit")
    return know, may, ("whether the part that it needs is in the van",)


def harm_reactions(more: str = "") -> list[Answer]:
    """What anybody answers to words that hurt; `more` moves another meter by one as well."""
    by = f", {more}: 1" if more else ""
    return [
        Answer("on: BLAME", f"heat: 2{by}", ["So now it's somebody else's doing. Or mine?"]),
        Answer("on: DISMISS", f"heat: 2{by}", ["It isn't much to you, I can hear that."]),
        Answer("on: EMPTY_APOLOGY", f"heat: 1{by}", ["Sorry for “any”. Do you read that off a card?"]),
        Answer("on: OVERPROMISE", f"heat: 1{by}", ["That is what I was told the last time."]),
        Answer("on: STONEWALL", f"heat: 2{by}", ["So that's it? You do nothing, and I do what?"]),
        Answer("on: HOSTILE", f"heat: 3{by}", ["I beg your pardon?"]),
    ]


def silence_reactions(meter: str = "heat") -> list[Answer]:
    """What anybody answers to words with nothing in them, and to the same words again."""
    silence = ["Are you still there?", "And what does that mean for me?", "I hear words. I don't hear an answer."]
    return [
        Answer("on: nothing", f"{meter}: 1", silence),
        Answer("on: again", f"{meter}: 1", ["You have said that already, word for word."]),
    ]


def _reactions(kind: str) -> list[Answer]:
    meter = "shame" if kind == "shy" else "heat"
    good = [
        Answer(
            "on: REFLECT", f"{meter}: -2", ["Yes. That is how it was.", "From nine till twelve, yes. You've got it."]
        ),
        Answer("on: OWN", f"{meter}: -2", ["Well. Thank you for saying so.", "So it wasn't me who got the day wrong."]),
        Answer("on: ACK", f"{meter}: -1", ["It was. I'd put my coat on twice, to look for the van."]),
        Answer("on: APOLOGY", f"{meter}: -1", ["All right. I'll take that."]),
        Answer(
            "on: REMEDY", f"{meter}: -1", ["And that really comes? Good.", "That would help. That would help a lot."]
        ),
        Answer(
            "on: NEXT_STEP", f"{meter}: -1", ["Good. Then I know when to be by the phone.", "I'm writing that down."]
        ),
    ]
    if kind == "insults":
        names = [
            Answer("on: BOUNDARY", "heat: -1", ["… All right. Fair enough. Go on, then."]),
            Answer("on: OWN, before: BOUNDARY", "heat: 0", ["Of course it was you lot. Who else is that thick?"]),
            Answer("on: REMEDY, before: BOUNDARY", "heat: 1", ["Throwing me scraps now, are you, genius?"]),
        ]
        good = [*names, *good]
    elif kind == "shy":
        good.append(Answer("on: OFFER_HELP", "shame: -1", ["That's kind. I might really ask, then."]))
        good.append(
            Answer("on-words: [glad you rang, glad that you rang]", "shame: -1", ["Are you? Well. That's nice."])
        )
    elif not kind:
        early = ["That was quick. And what went wrong doesn't matter, does it?"]
        good.append(Answer("on: REMEDY, before: OWN", "heat: 1", early))
    asks = "on-words: [hold up, holds up, what do you need, which day do you need, what is it for]"
    good.append(Answer(asks, f"{meter}: -1", ["Now that is a question."]))
    return [*good, *harm_reactions("shame" if kind == "shy" else ""), *silence_reactions(meter)]


_WIN = {
    "": ("REFLECT", "OWN", "REMEDY", "NEXT_STEP"),
    "insults": ("BOUNDARY", "REFLECT", "OWN", "NEXT_STEP"),
    "others": ("REFLECT", "ACK", "NEXT_STEP"),
    "shy": ("REFLECT", "OWN", "OFFER_HELP"),
}
BAD = (
    ("Please calm down, it's only an oven.", "DISMISS"),
    ("We apologise for any inconvenience this may have caused.", "EMPTY_APOLOGY"),
    ("The part will definitely be in the van, I promise.", "OVERPROMISE"),
    ("There's nothing I can do before Friday.", "STONEWALL"),
    ("Do you always shout like that? You're being ridiculous.", "HOSTILE"),
)
KINDS = {"abusive-caller": "insults", "not-our-fault": "others", "silent-customer-checkin": "shy"}
"""Playbook → how the case is told for it; every other one tells it as our own slip."""


def draft_case(playbook: str, channel: str, told: Told) -> Draft:
    """The case as a playbook needs it, with a trainer's own words where they gave some.

    Args:
        playbook: the id of what is rehearsed.
        channel: how the customer comes.
        told: the trainer's words.

    """
    kind = KINDS.get(playbook, "")
    know, may, others = _facts_of(kind)
    name = clean(told.name) or "Nora Lindqvist"
    after = "{shame: {at-most: 5}, said: REFLECT}" if kind == "shy" else "{heat: {at-most: 6}, said: REFLECT}"
    heard = kind if kind in _OPENINGS else ""
    blames = (
        "That's the maker's fault. You'd have to ask them."
        if kind == "others"
        else "The planner messed this up, not us."
    )
    return Draft(
        clean(told.title) or "Nobody came for the oven",
        playbook,
        3 if kind == "insults" else 2,
        channel,
        name,
        _ABOUT[heard],
        {"heat": (3, 3), "shame": (7, 3)} if kind == "shy" else {"heat": (7, 3)},
        {"customer": name.split()[0]},
        know,
        may,
        others,
        _PLANS[heard],
        clean(told.opening) or _OPENINGS[heard],
        _reactions(kind),
        Hidden(
            "Their first market stall is on Saturday, with twelve cakes that are ordered and paid for.",
            after,
            "It's Saturday, you see. My first market stall. Twelve cakes, all paid for, and nothing to bake them in.",
            ("Saturday", "cakes", "stall", "bake"),
        ),
        _WIN[kind],
        _routes(kind),
        ((blames, "BLAME"), *BAD),
    )


# --- writing it

_WIDE = 62
"""From this column on, a comment stands above its line."""
_WHAT = {
    "title": "2 to 6 words, as the list of scenarios shows them",
    "playbook": "what it rehearses: an id of `calmdesk playbook list`",
    "level": "1 easy … 5 hard; from 3 up, one reply calms them less",
    "channel": "phone, chat, email or desk",
    "name": "first and last name, invented",
    "about": "who they are and how they talk, in a sentence or two",
    "meters": "from 0 to 10: the start, where they hang up, and from where down it is won",
    "facts": "facts of the playbook that are known beforehand: its lines use them",
    "you-know": "what the agent sees; the coach reads it too",
    "you-may": "what the agent may promise",
    "others-decide": "who promises this loses a mark",
    "plans": "said aloud before it begins",
    "opening": "the customer's first words",
    "reactions": "what they answer. The strongest that fits speaks, in another way each time. `on` is a label, `nothing` or "
    "`again`; `on-words` is words of the reply; with `before` it holds only until that was said",
    "hidden": "what they don't say at first, when it comes out, and words of which an answer to it has one",
    "win": "what must have been said. Labels: REFLECT OWN ACK APOLOGY REMEDY NEXT_STEP OFFER_HELP BOUNDARY",
    "model-answers": "whole ways to win, at least two, each a list of replies; one of them is shown at the end",
    "bad-answers": "what somebody might say, and the marks it costs. Labels: BLAME DISMISS EMPTY_APOLOGY OVERPROMISE "
    "STONEWALL HOSTILE",
}


def write_draft(draft: Draft, schema: str, heading: Sequence[str]) -> str:
    """A draft as a scenario file.

    Args:
        draft: what is written.
        schema: where the file finds the schema for editors.
        heading: the comment at the top, a line each.

    """
    rows = [f"# yaml-language-server: $schema={schema}", *(f"# {clean(line)}".rstrip() for line in heading)]
    return "\n".join([*rows, "calmdesk-scenario: 1", *_write_head(draft), *_write_rest(draft)]) + "\n"


def _noted(draft: Draft, key: str, row: str) -> Iterator[str]:
    """A row with its comment, beside it where there is room; a guess says so above it."""
    inset = row[: len(row) - len(row.lstrip())]
    if why := draft.review.get(key):
        yield f"{inset}# review: {clean(why)}"
    what = _WHAT[key]
    if len(row) < _WIDE and len(what) < _WIDE:
        yield f"{row:<34}  # {what}"
        return
    yield from (f"{inset}# {part}" for part in _wrapped(what))
    yield row


def _wrapped(text: str) -> Iterator[str]:
    from textwrap import wrap

    yield from wrap(text, 100)


def _write_head(draft: Draft) -> Iterator[str]:
    yield from _noted(draft, "title", f"title: {quote(draft.title)}")
    yield from _noted(draft, "playbook", f"playbook: {quote(draft.playbook)}")
    yield from _noted(draft, "level", f"level: {draft.level}")
    yield from _noted(draft, "channel", f"channel: {draft.channel}")
    yield "customer:"
    yield from _noted(draft, "name", f"  name: {quote(draft.name)}")
    yield from _noted(draft, "about", f"  about: {quote(draft.about)}")
    yield from _noted(draft, "meters", "meters:")
    for name, (start, won) in draft.meters.items():
        yield f"  {name}: {{start: {start}, lose-at: 10, won-at: {won}}}"
    if draft.facts:
        yield from _noted(draft, "facts", "facts:")
        yield from (f"  {name}: {quote(value)}" for name, value in draft.facts.items())


def _write_rest(draft: Draft) -> Iterator[str]:
    yield from (f"# ask yourself: {clean(line)}" for line in draft.asks)
    items = {"you-know": draft.know, "you-may": draft.may, "others-decide": draft.others, "plans": draft.plans}
    for key, texts in items.items():
        if texts:
            yield from _noted(draft, key, f"{key}:")
            yield from (f"  - {quote(text)}" for text in texts)
    yield from _noted(draft, "opening", f"opening: {quote(draft.opening)}")
    yield from _noted(draft, "reactions", "reactions:")
    for on, moves, says in draft.reactions:
        yield f"  - {{{on}, {moves}, says: [{', '.join(map(quote, says))}]}}"
    if hidden := draft.hidden:
        yield from _noted(draft, "hidden", "hidden:")
        yield f"  need: {quote(hidden.need)}"
        yield f"  after: {hidden.after}"
        yield f"  says: {quote(hidden.says)}"
        yield f"  met-by: [{', '.join(map(quote, hidden.met_by))}]"
    met = ", hidden-met: true" if draft.hidden else ""
    yield from _noted(draft, "win", f"win: {{said: [{', '.join(draft.win)}]{met}}}")
    yield from _noted(draft, "model-answers", "model-answers:")
    for route in draft.routes:
        yield from (f"  {' ' if n else '-'} - {quote(reply)}" for n, reply in enumerate(route))
    yield from _noted(draft, "bad-answers", "bad-answers:")
    yield from (f"  - {{reply: {quote(reply)}, loses: [{label}]}}" for reply, label in draft.bad)
