"""The lists to pick from on the screen: what cuts in, steps, facts, endings, all keys."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from calmdesk.call import asides, moves

if TYPE_CHECKING:
    from collections.abc import Callable

    from calmdesk.call.moves import Move, Standing
    from calmdesk.playbook.model import Fact

    Act = Callable[[], object]
    Take = Callable[[Move], bool]
    Items = list[tuple[str, Act]]

KEYS = "123456789abcdefghijklmnopqrstuvwxyz"
BACK = "Back to the step it left"
"""Always picked with 0, so that the other numbers stay what they were."""
F_KEYS = {
    "f1": "?",
    "f2": "b",
    "f3": "n",
    "f4": "i",
    "f5": "h",
    "f6": "e",
    "f7": "s",
    "f8": "c",
    "f9": "r",
    "f10": "p",
    "f11": "q",
    "f12": "danger",
}
"""For keyboards where Latin letters don't arrive."""
ALL_KEYS = {
    "b": "back: take the last answer back (F2)",
    "n": "note (F3)",
    "i": "it cuts in; 0 in its list goes back (F4)",
    "e": "edit a fact (F6)",
    "s": "other words (F7)",
    "c": "copy the line or the draft (F8)",
    "r": "promise (F9)",
    "g": "go to a step",
    "o": "offer",
    "w": "hand over",
    "H": "hold, with the words for it",
    "!": "go on with checks open",
    "q": "end the call (F11)",
    "p": "park (F10)",
    "z": "bring back what was hidden, where it was nothing private",
    "/": "type a command, as in plain mode",
}
ALL_KEYS_TITLE = "All keys. Digits choose, space ticks, a ticks all, Enter goes on, F12 is danger."


def is_danger(s: Standing, key: str) -> bool:
    """Whether a key starts an interruption with no way back: it works from everywhere."""
    return any(not i.returns and key in {i.key, "danger"} for i in s.edition.policy.interruptions)


def policy_key(s: Standing, key: str) -> str | None:
    """The policy's interruption that a key starts."""
    cuts = s.edition.policy.interruptions
    return next((i.id for i in cuts if i.key == key or (key == "danger" and not i.returns)), None)


def list_cuts(s: Standing, take: Take) -> Items:
    """What may cut in; the way back first, where an interruption is open."""
    items: Items = []
    if asides.depth(s.call.place):
        items.append((BACK, partial(take, asides.come_again)))
    for name, (label, _, _) in asides.find_interruptions(s).items():
        items.append((label, partial(take, partial(asides.interrupt, name=name))))
    return items


def list_steps(s: Standing, take: Take) -> Items:
    """The steps of the file being played, and of those that play it."""
    steps = moves.find_steps(s).items()
    return [(title, partial(take, partial(moves.go_to, wanted=name))) for name, (title, _) in steps]


def list_facts(s: Standing, edit: Callable[[str], None]) -> Items:
    """The facts that were answered, and those that may be told in advance."""
    return [(f"{x}: {s.known.spoken(x) or '–'}", partial(edit, x)) for x in moves.find_facts(s)]


def list_answers(fact: Fact, take: Take) -> Items:
    """The answers to a fact that is picked rather than typed; empty for one that is typed."""
    pairs = [(o.label, o.id) for o in fact.options]
    if fact.kind == "yes-no":
        pairs = [("Yes", "yes"), ("No", "no")]
    return [(label, partial(take, partial(moves.correct, name=fact.id, typed=x))) for label, x in pairs]


def list_ends(s: Standing, take: Take) -> Items:
    """The endings that are possible at any time."""
    policy = s.edition.policy
    return [(policy.disposition(x) or x, partial(take, partial(asides.end, disposition=x))) for x in policy.any_time]


def list_keys(s: Standing) -> list[tuple[str, str]]:
    """All keys and what they do, the policy's own first."""
    own = [(i.key, i.label) for i in s.edition.policy.interruptions if i.key]
    return [*own, *((key, label) for key, label in ALL_KEYS.items() if key not in {k for k, _ in own})]
