"""A rehearsal at work, whatever it is shown on: replies, moves in the playbook, help, and ways taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call import events as e
from calmdesk.call import moves
from calmdesk.call.play import Conversation
from calmdesk.call.values import Call, elapsed
from calmdesk.coach.customer import HEAT
from calmdesk.coach.hints import CUES, find_example, find_hint, find_next
from calmdesk.coach.labels import TEXTS
from calmdesk.coach.rehearsal import LEFT, Rehearsal, evolve, find_mood, find_reaction, find_reasons
from calmdesk.coach.score import find_heat, score
from calmdesk.private import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from calmdesk.call.events import Event, Stamp
    from calmdesk.call.moves import Move
    from calmdesk.coach.review import Judge, Review
    from calmdesk.coach.scenario import Scenario
    from calmdesk.coach.score import Scorecard
    from calmdesk.playbook.model import Edition

PLAYBOOK, CUED, ALONE = "playbook", "cues", "none"
LEVELS = (PLAYBOOK, CUED, ALONE)
"""What stands beside the customer: the playbook's steps, a cue, or nothing."""
WHY = {"nothing": "nothing in it for them", "again": "said before, word for word", "words": "those very words"}


class Room(NamedTuple):
    """What a rehearsal needs from the world."""

    scenario: Scenario
    edition: Edition
    judge: Judge
    record: Callable[[Sequence[Event], Stamp], None]
    now: Callable[[], Stamp]


class Practice:
    """One rehearsal from where it stands. What it tells is text, a line each; nothing here prints."""

    def __init__(self, room: Room, rehearsal: Rehearsal) -> None:
        self.room = room
        self.scenario = room.scenario
        self.rehearsal = rehearsal
        self.talk = Conversation(
            room.edition, rehearsal.call, record=self._record, now=room.now, react=self._find_reaction
        )
        self.spoken_to = room.now()
        """When the customer last said something: from here their clock runs."""

    def begin(self, digest: str, seed: int, level: str, clock: int) -> None:
        """Begin it: the playbook beside it stands on its first step, with the facts that the scenario gives."""
        given = [(name, value) for name, value in self.scenario.facts.items() if self._fits(name, value)]
        started, *told = moves.begin_told(
            self.room.edition, self.room.now(), given, channel=self.scenario.channel, case=""
        )
        assert isinstance(started, e.Started)
        first = e.Rehearsed(
            self.scenario.id, digest, seed, level, clock, started.place, started.digests, started.channel
        )
        self.talk.take(lambda _: [first, *told])

    def _fits(self, name: str, value: str) -> bool:
        try:
            moves.tell(
                moves.Standing(self.room.edition, Call(root=self.room.edition.root), self.room.now()), name, value
            )
        except moves.NotAllowed:
            return False
        return True

    def _record(self, events: Sequence[Event], at: Stamp) -> None:
        """Events are on disk before anything is shown of them."""
        self.room.record(events, at)
        for event in events:
            self.rehearsal = evolve(self.rehearsal, event, at)
            if isinstance(event, e.CustomerSaid):
                self.spoken_to = at

    def _find_reaction(self, events: Sequence[Event], at: Stamp) -> list[Event]:
        return find_reaction(self.scenario, self.rehearsal, events, at)

    # --- what the hire does

    def reply(self, line: str) -> Move:
        """Say something to the customer."""
        text = mask(line)[0]
        labels = self.read(text, self.last_words).labels
        return lambda _: [e.Said(text, labels)]

    def silence(self) -> Move | None:
        """The customer's patience is over: they were left waiting without a word."""
        waited = elapsed(self.spoken_to, self.room.now()) or 0
        if not self.rehearsal.clock or waited < self.rehearsal.clock * 1000:
            return None
        return lambda _: [e.Waited(waited // 1000)]

    def listen(self) -> None:
        """The customer's clock begins to run."""
        self.spoken_to = self.room.now()

    def back(self, to: int | None = None) -> str:
        """Take the last reply or the last move back, or go back to before a turn (from 1); what came of it."""
        turns = self.rehearsal.turns
        moved = len(self.rehearsal.call.marks) > (len(turns[-1].call.marks) if turns else 0)
        if to is None and moved:
            self.talk.take(lambda s: moves.back(s, stops=True))
            return "The last move in the playbook is taken back."
        at = len(turns) - 1 if to is None else to - 1
        if not 0 <= at < len(turns):
            return f"Go back to a turn from 1 to {len(turns)}." if turns else "There is nothing to take back yet."
        self._note([e.Rewound(at)])
        self.talk.call = self.rehearsal.call
        return f"Back before turn {at + 1}. What you tried is kept; /ways shows both."

    def end(self) -> None:
        """End it here: the scorecard, and no mark left behind."""
        self._note([e.RehearsalEnded(LEFT)])

    def _note(self, events: Sequence[Event]) -> None:
        """What happens beside the conversation: nobody answers it, and no hold ends by it."""
        self._record(events, self.room.now())
        self.listen()

    # --- what is told

    def is_over(self) -> bool:
        """Whether it was won, lost, or ended."""
        return bool(self.rehearsal.outcome)

    def read(self, text: str, customer: str) -> Review:
        """A reply as the coach reads it here."""
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

    @property
    def heat(self) -> tuple[int, ...]:
        """Where the heat stood at the beginning and after each turn."""
        return find_heat(self.scenario, self.rehearsal.turns)

    @property
    def meters(self) -> dict[str, int]:
        """Every meter as it stands."""
        start = {name: meter.start for name, meter in self.scenario.meters.items()}
        return {**start, **(self.rehearsal.turns[-1].meters if self.rehearsal.turns else {})}

    def moved_line(self) -> str:
        """How the meters stand, and which way the last turn moved the heat."""
        heat = self.heat
        by = heat[-1] - heat[-2] if len(heat) > 1 else 0
        way = f", {'up' if by > 0 else 'down'} {abs(by)}" if by else ", as before" if len(heat) > 1 else ""
        others = "".join(f"; {name} {value}" for name, value in self.meters.items() if name != HEAT)
        return f"heat {heat[-1]} of 10{way}{others}"

    def brief_lines(self) -> Iterator[str]:
        """What the hire knows before the first word, and what they may promise."""
        s = self.scenario
        yield f"{s.title} · level {s.level} of 5, {s.channel}"
        yield f"{s.name}. {s.about}"
        for title, items in (("You know", s.you_know), ("You may", s.you_may), ("Others decide", s.others_decide)):
            if items:
                yield f"{title}:"
                yield from (f"  - {item}" for item in items)
        if s.plans and not self.rehearsal.turns:
            yield "Say this aloud first:"
            yield from (f"  - {plan}" for plan in s.plans)
        if self.rehearsal.clock:
            yield f"They wait {self.rehearsal.clock} seconds for a reply."

    @property
    def cue(self) -> str:
        """What stands there unasked at the level of cues; nothing where there is none."""
        label = find_next(self.scenario, find_mood(self.scenario, self.rehearsal))
        return CUES[label] if label and self.rehearsal.level != ALONE else ""

    def hint(self) -> str:
        """The next help, a grade stronger each time; that it was asked for is remembered."""
        grade = min(3, self.rehearsal.hint + 1)
        hint = find_hint(self.scenario, find_mood(self.scenario, self.rehearsal), self.room.edition, grade)
        self._note([e.Hinted(grade)])
        return f"{('nudge', 'cue', 'example')[hint.grade - 1]}: {hint.text}"

    def why_lines(self) -> list[str]:
        """Why the meters moved at the last turn."""
        told = []
        for moved in find_reasons(self.scenario, self.rehearsal):
            what = TEXTS[moved.why].name if moved.why in TEXTS else WHY[moved.why]
            told.append(f"{moved.meter} {'+' if moved.by > 0 else '−'}{abs(moved.by)}: {what}")
        return told or ["Nothing has moved yet."]

    def ways_lines(self) -> list[str]:
        """The ways that were tried, side by side."""
        told = []
        for number, turns in enumerate((*self.rehearsal.tried, self.rehearsal.turns), 1):
            heat = " → ".join(map(str, find_heat(self.scenario, turns)))
            name = "now" if number > len(self.rehearsal.tried) else f"way {number}"
            told.append(f"{name}: heat {heat}")
        return told

    @property
    def example(self) -> str:
        """A line of the playbook for what is to be said next; nothing where it has none."""
        label = find_next(self.scenario, find_mood(self.scenario, self.rehearsal))
        return find_example(self.scenario, self.room.edition, label) if label else ""

    def card(self) -> Scorecard:
        """The scorecard as it stands."""
        met = find_mood(self.scenario, self.rehearsal).hidden == "met"
        return score(self.scenario, self.rehearsal, self.read, need_met=met)
