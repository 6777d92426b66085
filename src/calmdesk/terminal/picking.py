"""What a digit means where something is asked: the choice, answer, amount or way on with that number."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from calmdesk.call import giving, moves
from calmdesk.call import need as n

if TYPE_CHECKING:
    from calmdesk.call.moves import Move


def picked_move(need: n.Need, number: int) -> Move | None:
    """The move that a digit makes, or None where nothing has that number."""
    match need:
        case n.AskFact(fact, _) if fact.options and 1 <= number <= len(fact.options):
            return partial(moves.answer, typed=fact.options[number - 1].id)
        case n.AskFact(fact, _) if fact.kind == "yes-no" and number in {1, 2}:
            return partial(moves.answer, typed="yes" if number == 1 else "no")
        case n.AskAmount() if number in {1, 3}:
            return partial(giving.amount, typed="ok" if number == 1 else "none")
        case n.AskAccept() if number in {1, 2}:
            return partial(giving.accept, typed=str(number))
        case n.AskAgain() if number in {1, 2, 3}:
            return partial(giving.again, typed=str(number))
        case n.AskChoice(options, _, _) if 1 <= number <= len(options):
            return partial(moves.choose, choice=options[number - 1].choice.id)
        case n.GoOn() if number == 1:
            return moves.go_on
    return None
