"""A call in lines of text: for pipes, dumb terminals, screen readers and `--answers`. Nothing is ever redrawn.

What is a sign on the screen is a word here: a screen reader says “greater” for an arrow, and nothing for a box.
"""

from __future__ import annotations

import re
import shutil
from functools import partial
from typing import TYPE_CHECKING, TextIO

from calmdesk.call import asides, giving, moves
from calmdesk.call import events as e
from calmdesk.call import need as n
from calmdesk.call.moves import Misfit, NotAllowed
from calmdesk.call.values import elapsed
from calmdesk.playbook.kinds import shown
from calmdesk.private import mask
from calmdesk.safetext import clean, fold_digits
from calmdesk.terminal.blocks import emergency_text
from calmdesk.terminal.commands import COMMANDS, USAGE, Ask, read_command
from calmdesk.terminal.keeping import Remembered, hidden_line
from calmdesk.terminal.lines import said_back, spoken_time
from calmdesk.terminal.paint import cells, wrap
from calmdesk.terminal.questions import leads_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from calmdesk.call.events import Event
    from calmdesk.call.moves import Move, Standing
    from calmdesk.call.play import Conversation, Hidden
    from calmdesk.terminal.keeping import Keeper

MISFITS = 3
_MARK = re.compile(r" *(?:[-+·−!] |[ab]: |SAY  |STEP  |\d+ )?")
"""What stands before a row's words, and nothing below it."""
_SPOKEN = str.maketrans("⟨⟩", "()")
"""How a place that is still to be filled is written: with signs that every voice knows."""


class NoMoreLines(Exception):  # noqa: N818 - it ends a conversation, it breaks nothing
    """The answers ended before the call did, or three words in a row fitted nothing; the message says which."""


class Lines:
    """Where answers come from: a terminal (asked, an empty line counts), or a file or pipe (comments, no empty lines)."""

    def __init__(self, source: TextIO, out: TextIO, *, asked: bool) -> None:
        self.source = source
        self.out = out
        self.asked = asked

    def say(self, text: str = "") -> None:
        """A line of the conversation."""
        self.out.write(text.translate(_SPOKEN) + "\n")
        self.out.flush()

    def say_wrapped(self, text: str = "") -> None:
        """Text, a line each; on a terminal no word is cut in two, and what follows a mark stands under its words."""
        for row in self._wrapped(text):
            self.say(row)

    def _wrapped(self, text: str) -> Iterator[str]:
        width = shutil.get_terminal_size().columns if self.asked else 0
        for row in text.split("\n"):
            if not width or cells(row) <= width:
                yield row
                continue
            mark = _MARK.match(row)
            inset = mark.end() if mark else 0
            for at, part in enumerate(wrap(row[inset:], width - inset)):
                yield (row[:inset] if not at else " " * inset) + part

    def read(self, prompt: str) -> str:
        """The next line. Raises NoMoreLines at the end."""
        if self.asked:
            *above, last = self._wrapped(prompt)
            self.out.write("\n".join([*above, f"{last} "]))
            self.out.flush()
        else:
            self.say(prompt)
        while True:
            line = self.source.readline()
            if not line:
                raise NoMoreLines("The answers ended before the call did.")
            text = line.rstrip("\r\n").lstrip("\ufeff")
            if self.asked:
                return clean(text)
            if text.strip() and not text.startswith("#"):
                self.say(f"> {mask(clean(text))[0]}")
                return clean(text)


class Plain:
    """The plain face of a conversation: `show` tells what is new, `ask` reads the next move."""

    def __init__(
        self,
        lines: Lines,
        *,
        earlier: str = "",
        resume: Callable[[], None] | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        self.lines = lines
        self.keeper = keeper or Remembered()
        self.unsaved = self.said = ""
        self.hidden: tuple[Hidden, ...] = ()
        self.earlier, self.resume = earlier, resume
        self.seen = self.misfits = self.unasked = 0
        self.listed: list[str] = []
        """The ways on that were read out last; they are read again only where that helps."""
        self.resumed = False
        self.talk: Conversation | None = None

    # --- telling

    def show(self, talk: Conversation) -> None:
        """The step, where it is a new one; else only what has changed in its words."""
        s = talk.standing
        self.tell_saved()
        if not self.seen and self.keeper.changes:
            own = "It goes on with the text it began with; `new` takes the new one."
            self.lines.say_wrapped(f"{self.keeper.changes} {own}")
        self.tell_hidden(talk)
        if s.call.over:
            return
        line = s.line
        if s.call.spot != self.seen:
            self.lines.say()
            self.head(s)
        elif line != self.said and line:
            self.lines.say_wrapped(f"SAY  {line}")
        self.seen, self.said = s.call.spot, line

    def tell_saved(self) -> None:
        """Say once that the call isn't on disk, and once that it is again."""
        self.keeper.save_again()
        why = self.keeper.why
        if why and not self.unsaved:
            self.lines.say_wrapped(f"! NOT SAVED: {why}. The call goes on; it is written as soon as that is possible.")
        elif self.unsaved and not why:
            self.lines.say_wrapped("! saved: everything is on disk again.")
        self.unsaved = why

    def tell_hidden(self, talk: Conversation) -> None:
        """Say once what was typed and isn't kept."""
        if talk.hidden and talk.hidden is not self.hidden:
            self.lines.say_wrapped(f"  {hidden_line(talk, '/z')}")
        self.hidden = talk.hidden

    def head(self, s: Standing) -> None:
        """Everything that a step shows."""
        step, say = s.step, self.lines.say_wrapped
        self.listed = []
        depth = asides.depth(s.call.place)
        books = ", ".join(s.edition.books[f.book].title for f in s.call.place)
        say(f"STEP  {s.known.fill(step.title)} ({books}" + (f"; {depth} open, i 0 goes back)" if depth else ")"))
        if line := s.line:
            say(f"SAY  {line}")
        for cue in step.cue:
            say(f"  - {s.known.fill(cue)}")
        for avoid in step.avoid:
            say(
                f"  NOT “{s.known.fill(avoid.line)}”"
                + (f" Instead: {s.known.fill(avoid.instead)}" if avoid.instead else "")
            )
        done = {c for spot, c in s.call.ticks if spot == s.call.spot}
        for number, check in enumerate(step.checks, 1):
            must = " (must)" if check in step.must_check else ""
            say(f"  check {number}{', ticked' if check in done else ''}: {s.known.fill(check)}{must}")
        for part in emergency_text(s).splitlines():
            say(f"  ! {s.known.fill(part)}")
        if step.draft:
            text = (s.edition.books[s.call.place[-1].book].compiled.get("drafts") or {}).get(step.draft, "")
            say(f"  DRAFT {step.draft}:")
            for part in s.known.fill(text, dated=True).strip().splitlines():
                say(f"    {part}".rstrip())
            say("  (end of the draft)")
        if not s.call.marks and self.earlier:
            say(f"  u  resume {self.earlier}")

    def tell(self, talk: Conversation, events: Sequence[Event]) -> None:
        """What was saved, said back after it is on disk."""
        if any(isinstance(event, e.WentBack) for event in events):
            self.listed = []
        self.misfits = 0
        self.tell_saved()
        for event in events:
            if text := said_back(talk.standing, event):
                self.lines.say_wrapped(f"(not saved yet) {text}" if self.unsaved else text)
        self.tell_hidden(talk)

    def refuse(self, no: NotAllowed) -> None:
        """Why a move was refused: three words in a row that fit nothing, and nobody sensible is answering."""
        self.listed = []
        if not isinstance(no, Misfit):
            self.misfits = 0
            self.lines.say_wrapped(f"No: {no}")
            return
        self.misfits += 1
        self.lines.say_wrapped(f"? {no}")
        if self.misfits >= MISFITS and not self.lines.asked:
            raise NoMoreLines(f"{MISFITS} answers in a row fitted nothing.")

    # --- asking

    def ask(self, talk: Conversation) -> Move | None:
        """The next move."""
        self.talk = talk
        s = talk.standing
        if isinstance(s.need, n.GoOn) and not s.need.closed and not self.lines.asked:
            self.unasked += 1
            if self.unasked > sum(len(b.order) for b in s.edition.books.values()):
                raise NoMoreLines("These steps lead round and round, and ask nothing.")
            return moves.go_on
        while True:
            s = talk.standing
            line = self.lines.read(self.question(s))
            self.unasked = 0
            try:
                move = self.understood(s, line)
            except NotAllowed as no:
                self.refuse(no)
                continue
            if move is not None or self.resumed:
                return move

    def question(self, s: Standing) -> str:
        """What is asked, with what would fit."""
        match s.need:
            case n.AskFact(fact, default):
                if fact.options:
                    for number, option in enumerate(fact.options, 1):
                        self.lines.say_wrapped(f"  {number} {option.label} ({option.id})")
                now = f" [{shown(fact.kind, default)}]" if default is not None else ""
                return f"{s.known.fill(fact.ask)}{' (yes, no)' if fact.kind == 'yes-no' else ''}{now}"
            case n.AskAmount(proposal):
                self.lines.say_wrapped(f"  {proposal.why}")
                if role := proposal.approver(proposal.amount):
                    self.lines.say_wrapped(f"  ok asks {role} for it, with a code to read to them.")
                what = f"{proposal.amount} {s.edition.policy.currency}"
                asked = f"Give {what} back" if proposal.kind == "restore" else f"Offer {what} as a gesture"
                return f"{asked}? (ok, an amount, none)"
            case n.AskApproval() as need:
                return self.approval(need)
            case n.AskAccept(_, amount):
                return f"Did they accept {amount}? (yes, no)"
            case n.AskAgain(_, said):
                return f"Here {said}: keep, change or withdraw?"
            case n.AskTicks(still):
                return f"Tick to go on (x NUMBER): {'; '.join(s.known.fill(c) for c in still)}"
            case n.AskChoice(options, still, old):
                if (listed := list(self.options(s, options))) != self.listed:
                    self.listed = listed
                    self.lines.say_wrapped("\n".join(listed))
                return (
                    "Choose"
                    + (f" (first tick: {'; '.join(s.known.fill(c) for c in still)})" if still else "")
                    + (f" [{old}]" if old else "")
                )
            case n.GoOn(ends, closed):
                return closed or (
                    f"Enter ends the call: {s.edition.policy.disposition(ends)}" if ends else "Enter goes on"
                )
        return ""

    def approval(self, need: n.AskApproval) -> str:
        """The code to read to somebody, and what may be typed."""
        if need.late:
            return f"That code for {need.amount} is of another day. ok makes a new one (or an amount, none)"
        self.lines.say_wrapped(f"  {need.amount} needs a yes ({need.role}). Read them this code: {need.code}")
        own = "" if need.own in {"", "0", "0.00"} else f", an amount up to {need.own}"
        return f"The digits they answer{own}, none ({need.left} left)"

    def options(self, s: Standing, options: tuple[n.Option, ...]) -> Iterator[str]:
        """The choices, numbered, each with where it leads."""
        for number, option in enumerate(options, 1):
            more = f", {option.left} more" if option.left is not None else ""
            leads = f": {option.closed}" if option.closed else f", then {leads_to(s, option.target)}"
            yield f"  {number} {s.known.fill(option.choice.label)} ({option.choice.id}{more}){leads}"

    def understood(self, s: Standing, line: str) -> Move | None:
        """The move that a line means here; None where it only wanted to be told something."""
        need = s.need
        if line.startswith("/"):
            return self.command(s, line[1:])
        if isinstance(need, n.AskFact):
            if not line and need.default is not None:
                line = need.default
            if line.split(" ")[0] in COMMANDS:
                self.lines.say_wrapped(f"(saved as an answer; the command is /{line})")
            return partial(moves.answer, typed=line)
        if isinstance(need, n.AskChoice):
            return self.choice(s, need, line)
        if isinstance(need, n.GoOn) and not line and not need.closed:
            return moves.go_on
        word = line.strip().lower()
        if isinstance(need, n.AskAmount) and (word in {"ok", "none", "no"} or fold_digits(word)[:1].isdecimal()):
            return partial(giving.amount, typed=line)
        if isinstance(need, n.AskApproval) and (word in {"ok", "none", "no"} or _is_answer(word)):
            return partial(giving.approve, typed=line)
        if isinstance(need, n.AskAccept) and word in {"yes", "y", "no"}:
            return partial(giving.accept, typed=line)
        if isinstance(need, n.AskAgain) and (
            word in {"keep", "change", "withdraw"} or fold_digits(word) in {"1", "2", "3"}
        ):
            return partial(giving.again, typed=line)
        if isinstance(need, n.AskTicks) and fold_digits(word).replace(" ", "").isdecimal():
            line = f"x {line}"
        return self.command(s, line)

    def choice(self, s: Standing, need: n.AskChoice, line: str) -> Move | None:
        """A choice by number or id, else a command."""
        ids = [o.choice.id for o in need.options]
        digits = fold_digits(line.strip())
        if not line and need.old in ids and self.lines.asked:
            line = need.old
        if digits.isdecimal() and 1 <= int(digits) <= len(ids):
            return partial(moves.choose, choice=ids[int(digits) - 1])
        if line.strip() in ids:
            return partial(moves.choose, choice=line.strip())
        return self.command(s, line)

    def command(self, s: Standing, line: str) -> Move | None:
        """A command; what it only asks for is answered at once."""
        found = read_command(s, line)
        if found is None:
            from calmdesk.safetext import nearest

            if not line.strip():
                self.listed = []
                return None
            ids = [o.choice.id for o in s.need.options] if isinstance(s.need, n.AskChoice) else []
            fits = f"Choose 1 to {len(ids)} or an id: {', '.join(ids)}." if ids else self.fits(s)
            raise Misfit(
                f"“{clean(line)}” fits nothing here. {nearest(line.strip(), ids)} {fits} ? shows the keys.".replace(
                    "  ", " "
                )
            )
        if not isinstance(found, Ask):
            return found
        return self.told(s, found)

    def corrected(self, s: Standing, name: str, question: str, old: str | None) -> Move | None:
        """Another answer to a fact, asked until one can be read, or a command is given instead."""
        while True:
            line = self.lines.read(question)
            if line.startswith("/"):
                return self.command(s, line[1:])
            try:
                moves.correct(s, name, line or old or "")
            except Misfit as misfit:
                self.refuse(misfit)
                continue
            return partial(moves.correct, name=name, typed=line or old or "")

    def fits(self, s: Standing) -> str:
        """What would fit here, in a few words."""
        match s.need:
            case n.AskAmount():
                return "ok, an amount, or none."
            case n.AskApproval():
                return "the digits they answer, an amount, or none."
            case n.AskAccept():
                return "yes or no."
            case n.AskAgain():
                return "keep, change or withdraw."
            case n.AskTicks():
                return "x and a number ticks; ! goes on anyway."
        return "Enter goes on."

    def told(self, s: Standing, ask: Ask) -> Move | None:
        """The one line more that a command asks for, or what it only wanted to know."""
        self.misfits = 0
        if ask.what == "again":
            self.head(s)
        elif ask.what == "keys":
            self.listed = []
            # On the screen two keys share a row; aloud each has its own.
            for row in re.split(r" {3,}|\n", USAGE):
                self.lines.say_wrapped(row)
        elif ask.what == "time":
            spent = elapsed(s.call.since, s.now) if s.call.since else None
            whole = elapsed(s.call.started, s.now) if s.call.started else None
            self.lines.say_wrapped(f"On this step {spoken_time(spent)}, on the call {spoken_time(whole)}.")
        elif ask.what == "fact":
            declared = s.known.declared(ask.name)
            old = s.known.spoken(ask.name)
            question = (declared.ask if declared else ask.name) + (f" [{old}]" if old else "")
            return self.corrected(s, ask.name, question, old)
        elif ask.what == "interruption":
            listed = asides.find_interruptions(s)
            if asides.depth(s.call.place):
                self.lines.say_wrapped("  0 Back to the step it left (return)")
            for number, (name, (label, _, _)) in enumerate(listed.items(), 1):
                self.lines.say_wrapped(f"  {number} {label} ({name})")
            return self.command(s, f"i {self.lines.read('What cuts in?')}")
        elif ask.what == "step":
            for number, (name, (title, _)) in enumerate(moves.find_steps(s).items(), 1):
                self.lines.say_wrapped(f"  {number} {title} ({name})")
            return self.command(s, f"g {self.lines.read('Which step?')}")
        elif ask.what in {"unmask", "renew"} and self.talk:
            self.tell(self.talk, self.talk.unmask() if ask.what == "unmask" else self.keeper.renew(self.talk))
            self.show(self.talk)
        elif ask.what == "resume" and self.resume is not None and not s.call.marks:
            self.resume()
            self.resumed = True
        else:
            raise Misfit("There is no earlier call to resume here.")
        return None


def _is_answer(word: str) -> bool:
    """Whether a line is an amount or the code that a lead reads, and no command."""
    from calmdesk.call.approval import read_answer

    return fold_digits(word)[:1].isdecimal() or (bool(read_answer(word)) and word.split(maxsplit=1)[0] not in COMMANDS)
