"""What a digit or a typed line means where it stands: a choice, an answer, a note, a promise, an offer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from calmdesk.call import asides, giving, moves
from calmdesk.call import need as n

if TYPE_CHECKING:
    from calmdesk.call.moves import Move


ASKED = "answer"
"""The line of what the step itself asks."""
LINES = {
    "n": ("note", "Note"),
    "r": ("promise", "Promise WHAT by WHEN, such as: call her back by 17:00"),
    "w": ("hand over", "Hand over to whom? The call ends here for you; Esc goes back"),
    "o": ("offer", "Offer: Enter takes what the rules propose; or an amount; or gesture / restore and an amount"),
    "/": ("command", "Command, such as n TEXT, e FACT, g STEP, end ID"),
}
"""The keys that open a line: what it is for, and the hint above it."""


def typed_move(need: n.Need, what: str, text: str) -> Move | None:
    """The move that a typed line makes; None where there is nothing to save."""
    match what:
        case "answer" if isinstance(need, n.AskAmount):
            return partial(giving.amount, typed=text.strip() or "ok")
        case "answer" if isinstance(need, n.AskApproval):
            return partial(giving.approve, typed=text.strip() or ("ok" if need.late else ""))
        case "answer":
            default = need.default if isinstance(need, n.AskFact) else None
            return partial(moves.answer, typed=text or default or "")
        case "hand over":
            return partial(asides.hand_over, to=text)
        case "offer":
            return partial(giving.offer, typed="" if text.strip().lower() == "ok" else text)
    if what.startswith("fact "):
        return partial(moves.correct, name=what[5:], typed=text)
    if not text.strip():
        return None
    if what == "promise":
        said, by, when = text.rpartition(" by ")
        return partial(giving.promise, what=said if by else text, when=when if by else "")
    return partial(asides.note, text=text)


def picked_move(need: n.Need, number: int) -> Move | None:
    """The move that a digit makes, or None where nothing has that number."""
    match need:
        case n.AskFact(fact, _) if fact.options and 1 <= number <= len(fact.options):
            return partial(moves.answer, typed=fact.options[number - 1].id)
        case n.AskFact(fact, _) if fact.kind == "yes-no" and number in {1, 2}:
            return partial(moves.answer, typed="yes" if number == 1 else "no")
        case n.AskAccept() if number in {1, 2}:
            return partial(giving.accept, typed=str(number))
        case n.AskAgain() if number in {1, 2, 3}:
            return partial(giving.again, typed=str(number))
        case n.AskChoice(options, _, _) if 1 <= number <= len(options):
            return partial(moves.choose, choice=options[number - 1].choice.id)
    return None


def is_typed(need: n.Need) -> bool:
    """Whether what is asked is answered in a line, rather than with one key."""
    if isinstance(need, n.AskFact):
        return not need.fact.options and need.fact.kind != "yes-no"
    return isinstance(need, n.AskAmount | n.AskApproval)


def entered_move(need: n.Need) -> tuple[Move | None, bool, str]:
    """What Enter does: a move, or opens the line that is asked for, or is refused and why."""
    if is_typed(need):
        return None, True, ""
    match need:
        case n.GoOn():
            return moves.go_on, False, ""
        case n.AskChoice(_, _, old) if old:
            return partial(moves.choose, choice=old), False, ""
        case n.AskFact(_, default) if default is not None:
            return partial(moves.answer, typed=default), False, ""
        case n.AskFact():
            return None, True, ""
        case n.AskTicks():
            return None, False, "Tick what is done, or ! goes on anyway."
    return None, False, "Pick one with its number."
