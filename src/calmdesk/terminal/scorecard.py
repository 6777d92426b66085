"""A scorecard as rows of text: what was earned and lost with the very words, the heat, and what would do better."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.coach.customer import HEAT
from calmdesk.coach.labels import TEXTS
from calmdesk.coach.rehearsal import LEFT, find_reasons

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from calmdesk.coach.rehearsal import Rehearsal, Turn
    from calmdesk.coach.scenario import Scenario
    from calmdesk.coach.score import Scorecard


SIGNS = {"got": "+ ", "open": "· ", "unmet": "· ", "hurt": "− "}
SPOKEN = {"got": "earned: ", "open": "", "unmet": "not found: ", "hurt": "hurts: "}
"""The same in words, for who listens."""


def render_score(scenario: Scenario, rehearsal: Rehearsal, card: Scorecard, *, aloud: bool = False) -> Iterator[str]:
    """A scorecard as rows of text; `aloud` in words where it would have signs and bars."""
    sign = SPOKEN if aloud else SIGNS
    got, asked = card.marks
    told = {"won": "WON", "lost": "LOST: they have hung up", "left": "ENDED HERE"}[card.outcome or "left"]
    turns = len(rehearsal.turns)
    yield f"{told}. {turns} turn{'' if turns == 1 else 's'}, {got} of {asked} marks."
    if card.outcome == "lost" and rehearsal.turns:
        why = [m.why for m in find_reasons(scenario, rehearsal) if m.by > 0]
        names = [f"{TEXTS[x].name}{'' if TEXTS[x].instead else ' too early'}" for x in why if x in TEXTS]
        yield f"  They hung up at turn {turns}{', for ' + ', '.join(names) if names else ''}."
    yield from _mark_rows(scenario, card, sign)
    if card.outcome == LEFT and turns:
        yield from _left(scenario, card, sign["open"])
    yield ""
    yield "How the heat went"
    yield from _heat_rows(rehearsal, card, aloud=aloud)
    if card.better:
        yield ""
        yield "What would do better"
        for better in card.better:
            yield f"  turn {better.turn}: “{better.words}”"
            yield f"     {better.why}"
            yield f"     instead: {better.instead}"
    if card.keep:
        yield ""
        yield f"Worth saying again: “{card.keep.words}”"
    yield ""
    yield "One way that works"
    for line in scenario.model_answers[rehearsal.seed % len(scenario.model_answers)]:
        yield f"  “{line}”"


def _mark_rows(scenario: Scenario, card: Scorecard, sign: Mapping[str, str]) -> Iterator[str]:
    """Each mark that there is, earned or not, with the words that it is about."""
    for mark in card.earned:
        helped = ", after a hint" if mark.hints else ""
        yield f"  {sign['got']}{TEXTS[mark.label].name} (turn {mark.turn}{helped}): “{mark.words}”"
    if card.need_met is not None:
        need = scenario.hidden.need if scenario.hidden else ""
        if card.need_told and not card.need_met:
            yield f"  {sign['open']}told, and not answered yet: {need}"
        else:
            yield f"  {sign['got' if card.need_met else 'unmet']}what they didn't say at first: {need}"
    early = {mark.label: mark for mark in card.early}
    for label in card.missing:
        if label in early:
            mark = early[label]
            before = f", before {TEXTS[mark.before].name}" if mark.before else ""
            yield f"  {sign['open']}too early (turn {mark.turn}{before}): {TEXTS[label].name}: “{mark.words}”"
        else:
            yield f"  {sign['open']}not said: {TEXTS[label].name}"
    if card.harmless:
        yield f"  {sign['got']}no words in it that are known to hurt"
    elif card.lost or card.unsure or card.habits:
        yield f"  {sign['open']}no words in it that are known to hurt: this mark is lost by"
    for mark in card.lost:
        yield f"  {sign['hurt']}{TEXTS[mark.label].name} (turn {mark.turn}): “{mark.words}”"
    for mark in card.habits:
        yield f"  {sign['hurt']}words by rote (turn {mark.turn}): “{mark.words}”"
    for mark in card.unsure:
        yield f"  {sign['hurt']}said for sure, and nothing here bears it out (turn {mark.turn}): “{mark.words}”"
    if card.steady:
        yield f"  {sign['got']}no turn made them angrier"
    elif card.risen:
        at = ", ".join(map(str, card.risen))
        yield f"  {sign['open']}made them angrier at turn{'' if len(card.risen) == 1 else 's'} {at}"


def _heat_rows(rehearsal: Rehearsal, card: Scorecard, *, aloud: bool) -> Iterator[str]:
    """The heat after each turn, with the words that moved it most."""
    for number, heat in enumerate(card.heat):
        by = heat - card.heat[number - 1] if number else 0
        words = _words(rehearsal.turns[number - 1]) if number in card.points else ""
        if aloud:
            way = f", {'up' if by > 0 else 'down'} {abs(by)}" if by else ", as before" if number else ""
            yield f"  {f'turn {number}' if number else 'start'}: {heat}{way}{f', {words}' if words else ''}"
            continue
        step = f" {'+' if by > 0 else '−'}{abs(by)}" if by else "   "
        yield f"  {number or 'start':>5}  {heat:>2} {'#' * heat:<10}{step}  {words}".rstrip()


def _left(scenario: Scenario, card: Scorecard, sign: str) -> Iterator[str]:
    """What it would have taken, where it was ended before it was won or lost."""
    won_at = scenario.meters[HEAT].won_at
    if won_at is not None and card.heat[-1] > won_at:
        yield f"  {sign}heat {card.heat[-1]}: they are won at {won_at} or lower"
    yield "  Ended before it was won or lost, it leaves no mark in `calmdesk progress`."


def _words(turn: Turn) -> str:
    if turn.waited:
        return f"(silence, {turn.waited} s)"
    text = turn.said
    return f"“{text if len(text) <= 48 else text[:47].rsplit(' ', 1)[0] + ' …'}”"
