"""`playbook show`: a playbook to read from top to bottom, with every condition, limit and way on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.bench.graph import find_facts, name_facts
from calmdesk.bench.situation import tell_when
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from calmdesk.playbook.model import Choice, Edition, Playbook, Route, Step, When


def tell_outline(edition: Edition, name: str, indent: str = "") -> Iterator[str]:
    """A file's steps in order, and those of the files that it plays where it plays them, a line each."""
    book = edition.books[name]
    yield f"{indent}{book.title} ({name}): {book.goal}"
    facts = name_facts(find_facts(edition, book))

    def only(when: When | None) -> str:
        told = tell_when(when, facts)
        return f" (where {told})" if told else ""

    for step_id in book.order:
        step = book.step(step_id)
        yield f"{indent}  {step.title} ({step_id}){only(step.when)}"
        if step.play:
            yield from tell_outline(edition, step.play, indent + "    ")
        for line in step.say:
            yield from (f"{indent}    SAY{only(line.when)}  {variant}" for variant in line.variants)
        yield from (f"{indent}    {told}" for told in _beside(step, book))
        for choice in step.choices:
            yield f"{indent}    {choice.label}{only(choice.when)} -> {_ways(choice.routes, only)}{_limit(choice)}"
        if step.go:
            yield f"{indent}    goes on -> {_ways(step.go, only)}"
        if step.end or step.returns:
            told = edition.policy.disposition(step.end or step.returns) or step.end or step.returns
            yield f"{indent}    ends: {told}" + ("" if step.end else ", or goes back to where it was played")


def _beside(step: Step, book: Playbook) -> Iterator[str]:
    """What a step asks, offers, promises and sends."""
    for name in step.ask:
        fact = book.fact(name)
        yield f"ASKS  {clean(fact.ask) if fact else name} ({name})"
    if step.offer:
        yield f"OFFERS  {step.offer.kind} on the ladder “{step.offer.ladder}”, by {{{step.offer.on}}}"
    if step.promise:
        yield f"PROMISES  {step.promise.what}, by {step.promise.by}"
    if step.draft:
        yield f"SENDS  the letter “{step.draft}”"


def _ways(routes: Sequence[Route], only: Callable[[When | None], str]) -> str:
    return "; else ".join(f"{route.step}{only(route.when)}" for route in routes) or "the next step"


def _limit(choice: Choice) -> str:
    if not choice.at_most:
        return ""
    times = "once" if choice.at_most == 1 else f"at most {choice.at_most} times"
    return f" ({times}{f', then {choice.then}' if choice.then else ''})"
