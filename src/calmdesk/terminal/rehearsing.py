"""A rehearsal in lines of text: the customer speaks, the hire types, and what moved can always be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.call import events as e
from calmdesk.call import need as n
from calmdesk.call.moves import NotAllowed
from calmdesk.call.play import play
from calmdesk.call.values import elapsed
from calmdesk.safetext import clean
from calmdesk.terminal.commands import Ask, read_command
from calmdesk.terminal.plain import NoMoreLines, Plain
from calmdesk.terminal.practice import PLAYBOOK
from calmdesk.terminal.scorecard import render_score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.call.events import Event
    from calmdesk.call.moves import Move, Standing
    from calmdesk.call.play import Conversation
    from calmdesk.terminal.plain import Lines
    from calmdesk.terminal.practice import Practice

KEYS = """  /hint   a nudge; again: a cue; again: an example
  /why    what moved the meters, and by how much
  /again  the customer's last words once more
  /facts  what you know and what you may promise
  /b      takes the last reply back; /b 2 goes back to turn 2. What you tried is kept beside it
  /ways   the ways you tried, side by side
  /end    ends it here and shows the scorecard
  /p      stops; the next time goes on from here"""
MOVES = """  /say    says the playbook's line as it stands there
  /1 /2 … picks a way on; / goes on; /x 1 ticks; /TEXT answers what the playbook asks"""


TIME = "  /t      which turn it is, and how long they still wait"


class PlainPractice:
    """A rehearsal in lines, from where it stands to its end, or to where it is laid aside."""

    def __init__(self, practice: Practice, lines: Lines) -> None:
        self.practice = practice
        self.lines = lines
        self.face = Plain(lines)
        self.seen: tuple[int, n.Need | None] = (0, None)
        """The step that was shown, and what it asked then."""
        self.cued = (-1, "")
        """The turn at which a cue was shown, and the cue."""

    def say(self, text: str = "") -> None:
        """A line of the conversation."""
        self.lines.say_wrapped(text)

    @property
    def guided(self) -> bool:
        """Whether the playbook stands beside the customer."""
        return self.practice.rehearsal.level == PLAYBOOK

    def run(self) -> None:
        """Play on until it is over or laid aside."""
        self._begin()
        play(self.practice.talk, show=self.show, ask=self.ask, tell=self.tell, refuse=self.refuse)
        if self.practice.is_over():
            self.say()
            card = self.practice.card()
            for row in render_score(self.practice.scenario, self.practice.rehearsal, card, aloud=True):
                self.say(row)

    def _begin(self) -> None:
        turns = len(self.practice.rehearsal.turns)
        brief = list(self.practice.brief_lines())
        for line in brief[:1] if turns else brief:
            self.say(line)
        more = "/facts says again what you know. " if turns else ""
        self.say(f"Type what you'd say to them. {more}/hint helps, /? shows the rest. Stopping leaves no mark.")
        self._stand(f" Turn {turns + 1}, where you left it." if turns else "")

    def _stand(self, more: str = "") -> None:
        """The customer's last words, and where the meters stand."""
        self.say()
        self.say(f"{self.practice.first_name}: {self.practice.last_words}")
        self.say(f"{self.practice.moved_line(bare=True)}.{more}")

    # --- the loop

    def show(self, talk: Conversation) -> None:
        """What stands there unasked: the playbook's step, a cue, or nothing."""
        if self.practice.is_over():
            return
        s = talk.standing
        if self.guided and (s.call.spot, s.need) != self.seen:
            if s.call.spot != self.seen[0]:
                self.face.head(s)
            self._ask_step(s)
        self.seen = (s.call.spot, s.need)
        turn = (len(self.practice.rehearsal.turns), self.practice.cue)
        if turn[1] and turn != self.cued:
            self.say(f"  cue: {turn[1]}")
        self.cued = turn

    def _ask_step(self, s: Standing) -> None:
        """What the playbook asks on this step, and how it is answered."""
        question = self.face.question(s)
        if isinstance(s.need, n.GoOn) and not s.need.closed:
            question = question.replace("Enter", "/")
        elif question:
            question += " (answer it with a slash)"
        if question:
            self.say(f"  playbook: {question}")

    def ask(self, talk: Conversation) -> Move | None:
        """The next move: a reply, or one in the playbook; None where the rehearsal stops."""
        while not self.practice.is_over():
            try:
                line = self.lines.read("You?").strip()
            except NoMoreLines:
                return None
            if (silence := self.practice.silence()) is not None:
                self.tell(talk, talk.take(silence))
                if self.practice.is_over():
                    return None
            if not line:
                continue
            if not line.startswith("/"):
                return self.practice.reply(line)
            if line.lower() in {"/p", "/park"}:
                return None
            try:
                move = self.command(line[1:].strip())
            except NotAllowed as no:
                self.refuse(no)
                continue
            if move is not None:
                return move
        return None

    def tell(self, talk: Conversation, events: Sequence[Event]) -> None:
        """What the customer answered and how the meters stand; a move in the playbook is said back."""
        for event in events:
            if isinstance(event, e.Waited):
                self.say(f"({event.seconds} seconds of silence)")
            elif isinstance(event, e.CustomerSaid):
                self.say()
                self.say(f"{self.practice.first_name}: {event.text or '(says nothing)'}")
                self.say(self.practice.moved_line())
        self.face.tell(talk, events)

    def refuse(self, no: NotAllowed) -> None:
        """Why something can't be now."""
        self.say(f"  No: {no}")

    # --- commands

    def command(self, words: str) -> Move | None:
        """Do what a command asks; the move where it is one. Raises NotAllowed."""
        name, _, rest = words.partition(" ")
        match name.lower():
            case "hint":
                self.say(f"  {self.practice.hint()}")
            case "why":
                self._list(self.practice.why_lines())
            case "again":
                self.say(f"{self.practice.first_name}: {self.practice.last_words}")
            case "facts":
                self._list(list(self.practice.brief_lines()))
            case "b" | "back" | "rewind":
                self._back(rest)
            case "ways":
                self._list(self.practice.ways_lines())
            case "t" | "time" if not rest:
                self.say(f"  {self._time()}")
            case "end" if not rest:
                self.practice.end()
            case "?" | "help":
                self.say("\n".join([KEYS, TIME, *([MOVES] if self.guided else [])]))
            case _:
                return self._move(words)
        return None

    def _list(self, told: Sequence[str]) -> None:
        for line in told:
            self.say(f"  {line}")

    def _time(self) -> str:
        """The turn and, against the clock, how long the customer still waits."""
        turn = f"Turn {len(self.practice.rehearsal.turns) + 1}."
        clock = self.practice.rehearsal.clock
        if not clock:
            return f"{turn} No clock is running."
        left = max(0, clock - (elapsed(self.practice.spoken_to, self.practice.room.now()) or 0) // 1000)
        return f"{turn} They wait {left} second{'' if left == 1 else 's'} more."

    def _back(self, rest: str) -> None:
        turns = len(self.practice.rehearsal.turns)
        if rest and not rest.isdecimal():
            self.say(f"  Go back to a turn with its number, such as /b {max(1, turns)}.")
            return
        self.say(f"  {self.practice.back(int(rest) if rest else None)}")
        if turns != len(self.practice.rehearsal.turns):
            self._stand()
        self.seen, self.cued = (0, None), (-1, "")
        self.show(self.practice.talk)

    def _move(self, words: str) -> Move | None:
        """A move in the playbook beside the customer. Raises NotAllowed."""
        if not self.guided:
            self.say(f"“/{clean(words)}” is no command. A reply needs no slash.\n{KEYS}")
            return None
        s = self.practice.talk.standing
        if words.lower() == "say":
            if not s.line:
                raise NotAllowed("The playbook has no line here. Say it in your own words.")
            return self.practice.reply(s.line)
        self.face.talk = self.practice.talk
        found = read_command(s, words) if words else None
        if isinstance(found, Ask):
            return self.face.told(s, found)
        return found if found is not None else self.face.understood(s, words)
