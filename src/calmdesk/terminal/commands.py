"""What a typed line means: the commands of the reference, one table for plain mode and for the screen's own line."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call import asides, giving, moves
from calmdesk.call.moves import Misfit, NotAllowed
from calmdesk.safetext import clean, fold_digits

if TYPE_CHECKING:
    from calmdesk.call.moves import Move, Standing


class Ask(NamedTuple):
    """A command that wants one line more, or only wants to be told something: fact, interruption, step, time, keys."""

    what: str
    name: str = ""


COMMANDS = {"z", "new", "b", "e", "n", "x", "i", "s", "g", "h", "o", "r", "w", "p", "t", "!", "?", "end"}
USAGE = (
    "b  take the last answer back          e FACT  correct a fact\n"
    "n TEXT  note                          x 1 3  tick or untick\n"
    "i, i ID  it cuts in (i 0: back)       s  say it differently\n"
    "g STEP  go to a step                  h 60s  hold, with its words\n"
    "o  offer                              r WHAT by WHEN  promise\n"
    "w  hand over                          t  time on this step\n"
    "p  park                               end ID  end the call\n"
    "!  go on with checks open             ?  these keys\n"
    "z  bring back what was hidden         new  take the playbook's new text\n"
    "again  the whole step once more       d  danger; also the policy's other keys\n"
    "Where a fact is asked, write a command with a slash: /b, /n TEXT."
)


def read_command(s: Standing, line: str) -> Move | Ask | None:
    """The move that a line means, what it asks for more, or None where it is no command.

    Raises Misfit where a command has an argument that fits nothing.
    """
    word, _, rest = clean(line).partition(" ")
    rest = rest.strip()
    plain: dict[str, Move] = {"b": moves.back, "s": asides.say_otherwise, "!": asides.override, "p": asides.park}
    if word in plain and not rest:
        return plain[word]
    asks = {
        "t": Ask("time"),
        "?": Ask("keys"),
        "i": Ask("interruption"),
        "g": Ask("step"),
        "u": Ask("resume"),
        "z": Ask("unmask"),
        "new": Ask("renew"),
        "again": Ask("again"),
    }
    if word in asks and not rest:
        return asks[word]
    if word == "n":
        return partial(asides.note, text=rest)
    if word == "e":
        return _edit(s, rest)
    if word == "x":
        return partial(asides.toggle, checks=_numbered(s, rest))
    if word == "i":
        return partial(asides.interrupt, name=_listed(rest, [*asides.find_interruptions(s)]))
    if word == "g":
        return partial(moves.go_to, wanted=_listed(rest, [*moves.find_steps(s)]))
    if word == "h":
        return partial(asides.hold, typed=rest)
    if word == "o":
        return partial(giving.offer, typed=rest)
    if word == "r":
        return _promise(rest)
    if word == "w":
        return partial(asides.hand_over, to=rest)
    if word == "end":
        return partial(asides.end, disposition=rest)
    # The policy's own keys, where they are no command here: danger is as near in lines as on the screen.
    own = next((i.id for i in s.edition.policy.interruptions if word and i.key == word and not rest), None)
    return partial(asides.interrupt, name=own) if own else None


def _edit(s: Standing, rest: str) -> Move | Ask:
    names = moves.find_facts(s)
    name, _, value = rest.partition(" ")
    if name not in names:
        from calmdesk.safetext import nearest

        raise Misfit(
            (f"There is no fact “{name}” here. " if name else "Which fact? ")
            + (nearest(name, names) or "Facts: " + ", ".join(names) + ".")
        )
    return partial(moves.correct, name=name, typed=value) if value else Ask("fact", name)


def _numbered(s: Standing, rest: str) -> list[str]:
    checks = s.step.checks
    if not checks:
        raise NotAllowed("There is nothing to tick here.")
    numbers = fold_digits(rest.replace(",", " ")).split()
    if not numbers or not all(x.isdecimal() and 1 <= int(x) <= len(checks) for x in numbers):
        raise Misfit(f"Tick with numbers from 1 to {len(checks)}, such as x 1.")
    return [checks[int(x) - 1] for x in dict.fromkeys(numbers)]


def _listed(word: str, names: list[str]) -> str:
    digits = fold_digits(word)
    if digits == "0":
        return "return"
    return names[int(digits) - 1] if digits.isdecimal() and 1 <= int(digits) <= len(names) else word


def _promise(rest: str) -> Move:
    what, by, when = rest.rpartition(" by ")
    if not by:
        raise Misfit("Write a promise like this: r WHAT by WHEN, such as r call back by 17:00.")
    return partial(giving.promise, what=what, when=when)
