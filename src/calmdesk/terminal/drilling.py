"""Quick drills in lines of text: a customer's line, one answer, one remark; stopping leaves no mark."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call import events as e
from calmdesk.coach.hints import CUES
from calmdesk.coach.labels import TEXTS
from calmdesk.coach.quick import rate, remark_on, remark_on_pick
from calmdesk.coach.skills import AGAIN, HARD
from calmdesk.private import mask
from calmdesk.safetext import clean
from calmdesk.terminal.plain import NoMoreLines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from calmdesk.coach.quick import Drill, Remark
    from calmdesk.coach.review import Judge
    from calmdesk.terminal.plain import Lines

TITLES = {"spot": "spot the slip", "fix": "fix this sentence", "reply": "one reply"}
ASKED = {"spot": "Which one has the slip, a or b?", "fix": "Better?", "reply": "You?"}
BY = {"phone": "", "chat": " (by chat)", "email": " (by e-mail)", "desk": " (at the desk)"}
KEYS = """  Type what you'd say, or a or b. One remark comes back, and you may try once more.
  /skip  on to the next one; nothing is kept of this one
  /stop  ends it here (also /q or /p)
  The coach misses about one thing in three: where it doesn't hear something that is there, trust the sentence."""
HELPS = "The slip is gone. What helps them isn't heard yet."
_MOST_WORDS = 60
_LEAST_WORDS = 2


class Room(NamedTuple):
    """What drills need from the world."""

    judge: Judge
    record: Callable[[e.Drilled], None]
    """On disk when it returns."""
    lines: Lines
    drills: Iterable[Drill]
    """Each made only when its turn has come."""
    total: int


class Stopped(Exception):  # noqa: N818 - it ends a sitting, it breaks nothing
    """Enough for now."""


class Skipped(Exception):  # noqa: N818 - it ends a drill, it breaks nothing
    """On to the next one."""


class Sitting:
    """A few drills in a row, and what came of each."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.done: list[tuple[Drill, int]] = []

    def say(self, text: str = "") -> None:
        """A line of it."""
        self.room.lines.say_wrapped(text)

    def run(self) -> None:
        """All of them, or until it is stopped; then one line about how they went."""
        self.say("/skip passes, /stop ends, /? says more. Stopping leaves no mark.")
        try:
            for number, drill in enumerate(self.room.drills, 1):
                self.say()
                self.say(f"{number} of {self.room.total}: {TITLES[drill.kind]}{BY.get(drill.channel, '')}")
                try:
                    self._pick(drill) if drill.kind == "spot" else self._type(drill)
                except Skipped:
                    continue
        except (Stopped, NoMoreLines):
            pass
        self._close()

    # --- one drill

    def _pick(self, drill: Drill) -> None:
        self._customer(drill)
        for key, reply in drill.replies.items():
            self.say(f"  {key}: {clean(reply)}")
        while (picked := self._read(ASKED["spot"]).lower().rstrip(".)")) not in drill.replies:
            self.say("Type a or b.")
        remark = remark_on_pick(drill, picked)
        self._keep(drill, drill.replies[picked], 1, well=remark.well)
        self.say(f"{'Yes, it is' if remark.well else 'It is'} {drill.side}: {_heard(remark)}. {remark.why}")

    def _type(self, drill: Drill) -> None:
        self._customer(drill)
        if drill.bad:
            self.say(f"REPLY: {clean(drill.bad)}")
            self.say(f"The slip: {TEXTS[drill.skill.label].name}, in “{_short(drill.words)}”.")
        for fact in drill.facts:
            self.say(f"  - {clean(fact)}")
        if not drill.bad:
            self.say(f"This one is for {TEXTS[drill.skill.label].name}. {CUES[drill.skill.label]}")
        while len((text := self._read(ASKED[drill.kind])).split()) < _LEAST_WORDS:
            self.say("That is no reply yet: type what you'd say.")
        tries, remark = 1, self._remark(drill, text)
        if not remark.well:
            self._tell(remark)
            again = self._ask_again(drill, text)
            text, tries, remark = again, 2, self._remark(drill, again)
        self._keep(drill, text, tries, well=remark.well)
        self._tell(remark, last=True)

    def _ask_again(self, drill: Drill, text: str) -> str:
        """A second try; where none comes, the first one counts."""
        goes_on = "Enter" if self.room.lines.asked else "/skip"
        try:
            return self._read(f"Once more? ({goes_on} goes on)", may_be_empty=True)
        except (Skipped, Stopped, NoMoreLines, KeyboardInterrupt):
            self._keep(drill, text, 1, well=False)
            raise

    def _customer(self, drill: Drill) -> None:
        if drill.after:
            self.say(f"After a slip ({TEXTS[drill.after].name}):")
        self.say(f"{clean(drill.name).upper()}: {clean(drill.line)}")

    def _remark(self, drill: Drill, text: str) -> Remark:
        return remark_on(drill, self.room.judge.review(text, drill.line, drill.case))

    def _keep(self, drill: Drill, text: str, tries: int, *, well: bool) -> None:
        """What came of it is on disk before it is told."""
        rating = rate(drill, tries, well=well)
        self.room.record(e.Drilled(drill.kind, *drill.skill, rating, text))
        self.done.append((drill, rating))

    def _read(self, prompt: str, *, may_be_empty: bool = False) -> str:
        """What was typed, without what is private. Raises Skipped, Stopped and NoMoreLines."""
        while True:
            line = self.room.lines.read(prompt).strip()
            match line.lower():
                case "/skip" | "/s":
                    raise Skipped
                case "/stop" | "/q" | "/p" | "/end":
                    raise Stopped
                case "/?" | "/help" | "?":
                    self.say(KEYS)
                case "" if may_be_empty:
                    raise Skipped
                case word if word.startswith("/"):
                    self.say(f"“{clean(line)}” is no command. A reply needs no slash.\n{KEYS}")
                case word if word:
                    return mask(line)[0]

    # --- what is told

    def _tell(self, remark: Remark, *, last: bool = False) -> None:
        """One remark: what harms, or what isn't heard yet, or the very words that do well."""
        if remark.well:
            self.say(f"Well: {_heard(remark)}. {clean(remark.why)}")
            self.say(f"Also works: “{clean(remark.instead)}”")
        elif remark.words:
            self.say(f"Change: {_heard(remark)}. {clean(remark.why)}")
            self.say(f"Instead: “{clean(remark.instead)}”")
        else:
            missing = f"Not heard{'' if last else ' yet'}: {TEXTS[remark.label].name}." if remark.label else HELPS
            heard = f"Heard: {TEXTS[remark.also].name}. " if remark.also else ""
            self.say(heard + missing + (" It will come round again." if last else ""))
            if not last:
                self.say(f"For example: “{clean(remark.instead)}”")

    def _close(self) -> None:
        """How many went well, and the one to repeat."""
        if not self.done:
            return
        well = sum(rating > AGAIN for _, rating in self.done)
        worst = min(self.done, key=lambda x: x[1])
        self.say()
        told = f"{well} of {len(self.done)} went well."
        if worst[1] <= HARD:
            told += f" Worth another go: {TEXTS[worst[0].skill.label].name}, in “{clean(worst[0].title)}”."
        self.say(told)


def _heard(remark: Remark) -> str:
    return f"{TEXTS[remark.label].name}, in “{_short(remark.words)}”"


def _short(text: str) -> str:
    """The words that a remark is about, without the full stop that would stand before the quotation's end."""
    text = clean(text).rstrip(".")
    return text if len(text) <= _MOST_WORDS else text[: _MOST_WORDS - 1].rsplit(" ", 1)[0] + " …"
