"""A rehearsal in lines of text: the customer speaks, the hire types, and what moved can always be asked for."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call import events as e
from calmdesk.coach.customer import HEAT
from calmdesk.coach.hints import CUES, find_example, find_hint, find_next
from calmdesk.coach.labels import TEXTS
from calmdesk.coach.rehearsal import Rehearsal, evolve, find_mood, find_reasons, say
from calmdesk.coach.score import find_heat, score
from calmdesk.private import mask
from calmdesk.terminal.paint import cells, wrap
from calmdesk.terminal.plain import NoMoreLines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from calmdesk.call.events import Event, Stamp
    from calmdesk.coach.review import Judge, Review
    from calmdesk.coach.scenario import Scenario
    from calmdesk.coach.score import Scorecard
    from calmdesk.playbook.model import Edition
    from calmdesk.terminal.plain import Lines

LEVELS = ("playbook", "cues", "none")
WHY = {"nothing": "nothing in it for them", "again": "said before, word for word", "words": "those very words"}
KEYS = """  /hint   a nudge; again: a cue; again: an example
  /why    what moved the meters, and by how much
  /again  the customer's last words once more
  /b      takes the last reply back; /b 2 goes back to turn 2. What you tried is kept beside it
  /ways   the ways you tried, side by side
  /end    ends it here and shows the scorecard
  /p      stops; the next time goes on from here"""


class Room(NamedTuple):
    """What a rehearsal needs from the world."""

    scenario: Scenario
    edition: Edition
    judge: Judge
    record: Callable[[Sequence[Event], Stamp], None]
    now: Callable[[], Stamp]
    lines: Lines


class Practice:
    """One rehearsal from where it stands to its end, or to where it is laid aside."""

    def __init__(self, room: Room, rehearsal: Rehearsal) -> None:
        self.room = room
        self.scenario = room.scenario
        self.rehearsal = rehearsal

    def say(self, text: str = "") -> None:
        """A line of the conversation; on a terminal no word is cut in two."""
        lines = self.room.lines
        width = shutil.get_terminal_size().columns if lines.asked else 0
        for row in text.split("\n"):
            if cells(row) <= width or not width:
                lines.say(row)
                continue
            inset = row[: len(row) - len(row.lstrip())]
            for part in wrap(row, width - len(inset)):
                lines.say(inset + part)

    # --- what happens

    def take(self, events: Sequence[Event]) -> None:
        """Events are on disk before anything is shown of them."""
        self.room.record(events, self.room.now())
        for event in events:
            self.rehearsal = evolve(self.rehearsal, event)

    def run(self) -> None:
        """Play on until it is over or laid aside."""
        self._begin()
        self._help()
        while not self.rehearsal.outcome:
            try:
                line = self.room.lines.read("You?").strip()
            except NoMoreLines:
                return
            if line.startswith("/"):
                if not self._command(line[1:].strip()):
                    return
            elif line:
                self._reply(line)
        self._close()

    def _reply(self, line: str) -> None:
        text = mask(line)[0]
        before = find_heat(self.scenario, self.rehearsal.turns)[-1]
        labels = self._read(text, self.last_words).labels
        self.take(say(self.scenario, self.rehearsal, text, labels))
        self._answer()
        heat = find_heat(self.scenario, self.rehearsal.turns)[-1]
        way = "as before" if heat == before else f"{'up' if heat > before else 'down'} {abs(heat - before)}"
        self.say(f"heat {heat} of 10, {way}{self._others()}")
        if not self.rehearsal.outcome:
            self._help()

    def _others(self) -> str:
        """The other meters, where there are some."""
        meters = self.rehearsal.turns[-1].meters if self.rehearsal.turns else {}
        return "".join(f"; {name} {value}" for name, value in meters.items() if name != HEAT)

    def _read(self, text: str, customer: str) -> Review:
        return self.room.judge.review(text, customer, self.scenario.case)

    @property
    def last_words(self) -> str:
        """What the customer said last."""
        said = [turn.answer for turn in self.rehearsal.turns if turn.answer]
        return said[-1] if said else self.scenario.opening

    @property
    def first_name(self) -> str:
        """How the customer's lines begin."""
        return self.scenario.name.split()[0].upper()

    # --- what is told

    def _begin(self) -> None:
        s = self.scenario
        self.say(f"{s.title} · level {s.level} of 5, {s.channel}")
        self.say(f"{s.name}. {s.about}")
        for title, items in (("You know", s.you_know), ("You may", s.you_may), ("Others decide", s.others_decide)):
            if items:
                self.say(f"{title}:")
                for item in items:
                    self.say(f"  - {item}")
        if s.plans and not self.rehearsal.turns:
            self.say("Say this aloud first:")
            for plan in s.plans:
                self.say(f"  - {plan}")
        self.say("Type what you'd say to them. /hint helps, /? shows the rest. Stopping leaves no mark.")
        self.say()
        self.say(f"{self.first_name}: {self.last_words}")
        heat = find_heat(s, self.rehearsal.turns)[-1]
        gone = f" Turn {len(self.rehearsal.turns) + 1}, where you left it." if self.rehearsal.turns else ""
        self.say(f"heat {heat} of 10{self._others()}.{gone}")

    def _answer(self) -> None:
        turn = self.rehearsal.turns[-1]
        self.say()
        self.say(f"{self.first_name}: {turn.answer or '(says nothing)'}")

    def _help(self) -> None:
        """What stands there unasked: a line of the playbook, a cue, or nothing."""
        label = find_next(self.scenario, find_mood(self.scenario, self.rehearsal))
        if not label or self.rehearsal.level == "none":
            return
        if self.rehearsal.level == "playbook" and (line := find_example(self.scenario, self.room.edition, label)):
            self.say(f"  playbook: {line}")
        self.say(f"  cue: {CUES[label]}")

    def _command(self, words: str) -> bool:
        """Do what a command asks; whether the rehearsal goes on."""
        name, _, rest = words.partition(" ")
        match name.lower():
            case "hint" | "h":
                self._hint()
            case "why" | "w":
                self._why()
            case "again" | "a":
                self.say(f"{self.first_name}: {self.last_words}")
            case "b" | "back" | "rewind":
                self._back(rest)
            case "ways":
                self._ways()
            case "end" | "q":
                self.take([e.RehearsalEnded("left")])
            case "p" | "park":
                return False
            case "?" | "help":
                self.say(KEYS)
            case _:
                self.say(f"“/{name}” is no command. A reply needs no slash.\n{KEYS}")
        return True

    def _hint(self) -> None:
        grade = min(3, self.rehearsal.hint + 1)
        hint = find_hint(self.scenario, find_mood(self.scenario, self.rehearsal), self.room.edition, grade)
        self.take([e.Hinted(grade)])
        self.say(f"  {('nudge', 'cue', 'example')[hint.grade - 1]}: {hint.text}")

    def _why(self) -> None:
        reasons = find_reasons(self.scenario, self.rehearsal)
        if not reasons:
            self.say("  Nothing has moved yet.")
        for moved in reasons:
            what = TEXTS[moved.why].name if moved.why in TEXTS else WHY[moved.why]
            self.say(f"  {moved.meter} {'+' if moved.by > 0 else '−'}{abs(moved.by)}: {what}")

    def _back(self, rest: str) -> None:
        turns = len(self.rehearsal.turns)
        to = int(rest) - 1 if rest.isdecimal() else turns - 1
        if not 0 <= to < turns:
            self.say("  There is nothing to take back yet." if not turns else f"  Go back to a turn from 1 to {turns}.")
            return
        self.take([e.Rewound(to)])
        self.say(f"  Back before turn {to + 1}. What you tried is kept; /ways shows both.")
        self.say()
        self.say(f"{self.first_name}: {self.last_words}")
        self.say(f"heat {find_heat(self.scenario, self.rehearsal.turns)[-1]} of 10{self._others()}.")
        self._help()

    def _ways(self) -> None:
        for number, turns in enumerate((*self.rehearsal.tried, self.rehearsal.turns), 1):
            heat = " → ".join(map(str, find_heat(self.scenario, turns)))
            name = "now" if number > len(self.rehearsal.tried) else f"way {number}"
            self.say(f"  {name}: heat {heat}")

    def _close(self) -> None:
        met = find_mood(self.scenario, self.rehearsal).hidden == "met"
        self.say()
        for row in render_score(
            self.scenario, self.rehearsal, score(self.scenario, self.rehearsal, self._read, need_met=met)
        ):
            self.say(row)


def render_score(scenario: Scenario, rehearsal: Rehearsal, card: Scorecard) -> Iterator[str]:
    """A scorecard as rows of text."""
    got, asked = card.marks
    told = {"won": "WON", "lost": "LOST: they have hung up", "left": "ENDED HERE"}[card.outcome or "left"]
    turns = len(rehearsal.turns)
    yield f"{told}. {turns} turn{'' if turns == 1 else 's'}, {got} of {asked} marks."
    for mark in card.earned:
        helped = ", after a hint" if mark.hints else ""
        yield f"  + {TEXTS[mark.label].name} (turn {mark.turn}{helped}): “{mark.words}”"
    if card.need_met is not None:
        need = scenario.hidden.need if scenario.hidden else ""
        yield f"  {'+' if card.need_met else '·'} what they didn't say at first: {need}"
    for label in card.missing:
        yield f"  · not said: {TEXTS[label].name}"
    for mark in card.lost:
        yield f"  − {TEXTS[mark.label].name} (turn {mark.turn}): “{mark.words}”"
    if card.harmless:
        yield "  + nothing in it that hurts"
    yield ""
    yield "How the heat went"
    for number, heat in enumerate(card.heat):
        by = heat - card.heat[number - 1] if number else 0
        step = f" {'+' if by > 0 else '−'}{abs(by)}" if by else "   "
        words = f"  “{_short(rehearsal.turns[number - 1].said)}”" if number in card.points else ""
        yield f"  {number or 'start':>5}  {heat:>2} {'#' * heat:<10}{step}{words}"
    if card.better:
        yield ""
        yield "What would do better"
        for better in card.better:
            yield f"  turn {better.turn}: “{better.words}”"
            yield f"     {better.why}"
            yield f"     instead: {better.instead}"
    if card.keep:
        yield ""
        yield f"Say again: “{card.keep.words}”"
    yield ""
    yield "One way that works"
    for line in scenario.model_answers[rehearsal.seed % len(scenario.model_answers)]:
        yield f"  “{line}”"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59].rsplit(" ", 1)[0] + " …"
