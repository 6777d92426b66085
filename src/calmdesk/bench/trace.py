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
    box: int


class Script(NamedTuple):
    """What plays a path: facts given beforehand, the answers to each fact in order, and the choices in order."""

    given: dict[str, str]
    answers: dict[str, list[str]]
    choices: list[str]


def trace(run: Run, node: int, inner: Inner | None = None) -> list[Leg]:
    """The legs from the first step to a node, and into the file that is played there where `inner` is given."""
    legs = list(_legs(run, node))
    number, _, box = run.nodes[node]
    legs.append(Leg(run.flow.name, run.flow.stops[number], "", box))
    if inner is not None:
        legs += _inside(inner)
    return legs


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
    return [leg for came in cames for leg in _left(run, came)]


def _left(run: Run, came: Came) -> Iterator[Leg]:
    """The step that was left, and what was played inside it."""
    stop = run.flow.stops[run.nodes[came.parent].stop]
    yield Leg(run.flow.name, stop, came.choice, came.box)
    if came.inner is not None:
        yield from trace_exit(came.inner.run, came.inner.exit)


def _inside(inner: Inner) -> list[Leg]:
    if inner.exit >= 0:
        return trace_exit(inner.run, inner.exit)
    # An offer inside: the shortest way to the first of them.
    if inner.run.offers:
        return trace(inner.run, inner.run.offers[0].node)
    offer, deeper = inner.run.inner_offers[0]
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
    pieces, now = [], field.all
    for leg in legs:
        if field in leg.step.asks and now & field.silent:
            pieces.append(now & field.silent)
            now = field.answered
        after = now & leg.box & field.all
        if not after:
            # It was asked on the spot, or forgotten.
            pieces.append(now)
            after = leg.box & field.all
        now = after
        pick = next((p for p in leg.step.picks if p.id == leg.choice), None)
        if pick and pick.asked_anew & field.silent:
            pieces.append(now)
            now = field.silent
    return [*pieces, now]


def value_of(field: Field, bits: int) -> str:
    """A value of a fact that these bits stand for."""
    number = 0
    bit = field.answered & -field.answered
    while not bits & bit and number < len(field.values) - 1:
        bit, number = bit << 1, number + 1
    return field.values[number]
