"""A rehearsal at work, whatever it is shown on: replies, moves in the playbook, help, and ways taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call import events as e
from calmdesk.call import moves
from calmdesk.call.play import Conversation
from calmdesk.call.values import Call, elapsed
from calmdesk.coach.customer import HEAT
from calmdesk.coach.hearing import hear
from calmdesk.coach.hints import CUES, find_example, find_hint, find_next
from calmdesk.coach.labels import TEXTS
from calmdesk.coach.rehearsal import LEFT, Rehearsal, evolve, find_mood, find_reaction, find_reasons
from calmdesk.coach.scenario_keys import PRINCIPLES
from calmdesk.coach.score import find_heat, score
from calmdesk.private import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from calmdesk.call.events import Event, Stamp
    from calmdesk.call.moves import Move
    from calmdesk.coach.customer import Moved
    from calmdesk.coach.phrases import Phrases
    from calmdesk.coach.review import Judge, Review
    from calmdesk.coach.scenario import Scenario
    from calmdesk.coach.score import Scorecard
    from calmdesk.playbook.model import Edition

PLAYBOOK, CUED, ALONE = "playbook", "cues", "none"
LEVELS = (PLAYBOOK, CUED, ALONE)
"""What stands beside the customer: the playbook's steps, a cue, or nothing."""
WHY = {
    "nothing": "nothing in it for them",
    "again": "said before, word for word",
    "words": "words they didn't want to hear",
}


class Room(NamedTuple):
    """What a rehearsal needs from the world."""

    scenario: Scenario
    edition: Edition
    judge: Judge
    habits: Phrases
    """Words that earn no label, and that nobody should get used to."""
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
        if self.is_over() or not self.rehearsal.clock or waited < self.rehearsal.clock * 1000:
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
        """A reply as it is heard here."""
        return hear(self.scenario, self.room.judge.review, text, customer)

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

    def moved_line(self, *, bare: bool = False) -> str:
        """How the meters stand, and (where it isn't `bare`) which way the last turn moved the heat, and why it rose."""
        heat = self.heat
        by = heat[-1] - heat[-2] if len(heat) > 1 else 0
        way = f", {'up' if by > 0 else 'down'} {abs(by)}" if by else ", as before" if len(heat) > 1 else ""
        others = "".join(f"; {name} {value}" for name, value in self.meters.items() if name != HEAT)
        won_at = self.scenario.meters[HEAT].won_at
        if heat[-1] <= (won_at if won_at is not None else -1) and not self.is_over():
            others += "; calm enough, but not all that matters was said (/hint)"
        if bare:
            return f"heat {heat[-1]} of 10{others}"
        return f"heat {heat[-1]} of 10{way}{self.rise_line()}{others}"

    def brief_lines(self) -> Iterator[str]:
        """What the hire knows before the first word, and what they may promise."""
        s = self.scenario
        yield f"{s.title}: level {s.level} of 5, {s.channel}"
        yield f"{s.name}. {s.about}"
        for title, items in (("You know", s.you_know), ("You may", s.you_may), ("Others decide", s.others_decide)):
            if items:
                yield f"{title}:"
                yield from (f"  - {item}" for item in items)
        heat = s.meters[HEAT]
        if heat.won_at is not None and heat.lose_at is not None:
            yield (
                f"They hang up at heat {heat.lose_at}, and are won at {heat.won_at} or lower, once what matters was said."
            )
        if s.plans and not self.rehearsal.turns:
            yield "Say this aloud first:"
            yield from (f"  - {plan}" for plan in s.plans)
        if self.rehearsal.clock:
            yield f"They wait {self.rehearsal.clock} seconds for a reply."

    @property
    def cue(self) -> str:
        """What stands there unasked at the level of cues; nothing where there is none."""
        if self.rehearsal.level == ALONE:
            return ""
        mood = find_mood(self.scenario, self.rehearsal)
        label = find_next(self.scenario, mood)
        return CUES[label] if label else find_hint(self.scenario, mood, self.room.edition, 2).text

    def hint(self) -> str:
        """The next help, a grade stronger each time; that it was asked for is remembered."""
        grade = min(3, self.rehearsal.hint + 1)
        hint = find_hint(self.scenario, find_mood(self.scenario, self.rehearsal), self.room.edition, grade)
        self._note([e.Hinted(grade)])
        return f"{('nudge', 'cue', 'example')[hint.grade - 1]}: {hint.text}"

    def why_lines(self) -> list[str]:
        """Why the meters moved at the last turn."""
        reasons = find_reasons(self.scenario, self.rehearsal)
        told = [f"{m.meter} {'up' if m.by > 0 else 'down'} {abs(m.by)}: {_name_reason(m)}" for m in reasons]
        heat = self.heat
        by = heat[-1] - heat[-2] if len(heat) > 1 else 0
        if sum(m.by for m in reasons if m.meter == HEAT) != by:
            told.append(f"together {'up ' if by > 0 else 'down ' if by else ''}{abs(by)}: one reply does no more")
        if not told:
            told = ["Your last reply moved nothing." if self.rehearsal.turns else "Nothing has moved yet."]
        return told

    def rise_line(self) -> str:
        """What made the heat rise at the last turn, in a few words; nothing where it didn't."""
        worse = [m for m in find_reasons(self.scenario, self.rehearsal) if m.by > 0 and m.meter == HEAT]
        rose = len(self.heat) > 1 and self.heat[-1] > self.heat[-2]
        return f" ({', '.join(map(_name_reason, worse))})" if rose and worse else ""

    def ways_lines(self) -> list[str]:
        """The ways that were tried, side by side."""
        told = []
        for number, turns in enumerate((*self.rehearsal.tried, self.rehearsal.turns), 1):
            heat = ", then ".join(map(str, find_heat(self.scenario, turns)))
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
        return score(self.scenario, self.rehearsal, self.read, self.room.habits.find, need_met=met)


def _name_reason(moved: Moved) -> str:
    if moved.why == "words" and moved.by < 0:
        return "words they wanted to hear"
    early = " too early" if moved.why in PRINCIPLES and moved.by > 0 and moved.meter == HEAT else ""
    return f"{TEXTS[moved.why].name if moved.why in TEXTS else WHY[moved.why]}{early}"
