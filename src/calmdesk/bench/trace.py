"""A path of an exploration, told in words and as the facts and choices that play it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calmdesk.bench.explore import Came, Inner, Run
    from calmdesk.bench.flow import Stop
    from calmdesk.bench.space import Field

MOST_TOLD = 14
"""So many steps of a path are told in one sentence; the middle of a longer one is left out."""


class Leg(NamedTuple):
    """One step of a path: its file and name, the choice that left it, and what was known when it was left."""

    file: str
    step: Stop
    choice: str
    came: int
    """What was known when it was come to."""
    left: int
    """What was known when it was left, before its choice forgot anything."""
    box: int
    """What was known where it led to."""
    forgot: int = 0
    """The silent bits of the facts that its choice left to be asked anew."""


class Script(NamedTuple):
    """What plays a path: facts given beforehand, the answers to each fact in order, and the choices in order."""

    given: dict[str, str]
    answers: dict[str, list[str]]
    choices: list[str]


def trace(run: Run, node: int, inner: Inner | None = None, box: int | None = None) -> list[Leg]:
    """The legs from the first step to a node, and into the file that is played there where `inner` is given.

    `box` is what is known when that comes which the path leads to.
    """
    legs = list(_legs(run, node))
    number, _, known = run.nodes[node]
    last = Leg(run.flow.name, run.flow.stops[number], "", run.came[node].box, known, known)
    if inner is not None:
        legs += [last, *_inside(inner)]
        return legs if box is None else [*legs, last._replace(came=box, left=box, box=box)]
    if box is not None:
        came = sum((last.came & box & f.all) or last.came & f.all for f in run.maze.space.fields.values())
        last = last._replace(came=came, left=box, box=box)
    return [*legs, last]


def trace_exit(run: Run, number: int) -> list[Leg]:
    """The legs from the first step to a way out."""
    return trace_way(run, run.exits[number].came)


def trace_way(run: Run, came: Came) -> list[Leg]:
    """The legs from the first step to the one that was left so."""
    return [*_legs(run, came.parent), *_left(run, came)]


def _legs(run: Run, node: int) -> Iterator[Leg]:
    """The legs before a node."""
    chain: list[Came] = []
    while node >= 0:
        came = run.came[node]
        chain.append(came)
        node = came.parent
    for came in reversed(chain):
        if came.parent >= 0:
            yield from _left(run, came)


def trace_along(run: Run, cames: list[Came]) -> list[Leg]:
    """The legs of the steps that were left so, one after the other."""
    boxes = [None, *(came.box for came in cames)]
    return [leg for came, entered in zip(cames, boxes, strict=False) for leg in _left(run, came, entered)]


def _left(run: Run, came: Came, entered: int | None = None) -> Iterator[Leg]:
    """The step that was left, and what was played inside it."""
    if came.parent < 0:
        return
    number, _, box = run.nodes[came.parent]
    stop = run.flow.stops[number]
    if entered is None:
        entered = run.came[came.parent].box
    if came.inner is not None:
        yield Leg(run.flow.name, stop, "", entered, box, box)
        yield from trace_exit(came.inner.run, came.inner.exit)
        entered = came.left
    yield Leg(run.flow.name, stop, came.choice, entered, came.left, came.box, came.forgot)


def _inside(inner: Inner) -> list[Leg]:
    if inner.exit >= 0:
        return trace_exit(inner.run, inner.exit)
    number = -1 - inner.exit
    if number < len(inner.run.offers):
        return trace(inner.run, inner.run.offers[number].node)
    offer, deeper = inner.run.inner_offers[number - len(inner.run.offers)]
    return trace(inner.run, offer.node, deeper)


def tell(legs: list[Leg], root: str, *, whole: bool = False) -> str:
    """A path in one sentence: steps, and in braces the choices that lead on; long ones without their middle."""
    told = []
    for leg in legs:
        if leg.step.play:
            continue
        name = leg.step.name if leg.file == root else f"{leg.file}/{leg.step.name}"
        told.append(f"{name} ({leg.choice})" if leg.choice else name)
    if len(told) > MOST_TOLD and not whole:
        told = [*told[:6], "…", *told[-6:]]
    return " → ".join(told)


def make_script(legs: list[Leg], fields: dict[str, Field]) -> Script:
    """Facts and choices that walk these legs: of all values that would do, one for each fact."""
    given: dict[str, str] = {}
    answers: dict[str, list[str]] = {}
    for name, field in fields.items():
        if not field.silent:
            if name == "channel" and (value := value_of(field, _pieces(legs, field)[-1])) != field.values[0]:
                given[name] = value
            continue
        pieces = _pieces(legs, field)
        for number, bits in enumerate(pieces):
            if bits & field.silent and number == 0:
                continue
            value = value_of(field, bits)
            if number == 0:
                given[name] = value
            elif bits & field.answered:
                answers.setdefault(name, []).append(value)
    return Script(given, answers, [leg.choice for leg in legs if leg.choice])


def _pieces(legs: list[Leg], field: Field) -> list[int]:
    """What a fact may be, from each time that it is asked or forgotten to the next."""
    pieces: list[int] = []
    now = field.all
    for leg in legs:
        now = _narrow(now, leg.came & field.all, pieces)
        if field in leg.step.asks and now & field.silent:
            pieces.append(now & field.silent)
            now = field.answered
        now = _narrow(now, leg.left & field.all, pieces)
        if leg.forgot & field.silent:
            pieces.append(now)
            now = field.silent
        now = _narrow(now, leg.box & field.all, pieces)
    return [*pieces, now]


def _narrow(now: int, bits: int, pieces: list[int]) -> int:
    """What a fact may still be; where that is nothing, it was asked on the spot."""
    if now & bits:
        return now & bits
    pieces.append(now)
    return bits


def value_of(field: Field, bits: int) -> str:
    """A value of a fact that these bits stand for."""
    number = 0
    bit = field.answered & -field.answered
    while not bits & bit and number < len(field.values) - 1:
        bit, number = bit << 1, number + 1
    return field.values[number]
