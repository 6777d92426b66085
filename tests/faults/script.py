"""A call in which every kind of thing happens once, and what of it a person was told is saved."""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.call import events as e
from calmdesk.journal.opening import close_journal, open_journal

if TYPE_CHECKING:
    from pathlib import Path

    from calmdesk.call.events import Event
    from tests.faults.stage import Ran, Stage

BOOK = """\
calmdesk: 1
title: The bike is late
goal: Every kind of thing happens once.
facts:
  problem: {ask: The problem in one sentence}
  fault: {ask: Whose slip was it, one-of: {ours: {label: Ours, slip: ours}}}
  price: {ask: What did it cost, kind: money}
steps:
  hear:
    title: Hear them out
    ask: problem
    say: "So {problem}."
    check: [They finished, I have their noun]
    choices:
      fix: {label: They have finished, go: worth}
      leave: {label: They hang up, go: close}
  worth:
    title: What it was worth
    ask: [fault, price]
    say: "That cost you {price}."
  gesture:
    title: A gesture
    say: One thing more from me.
    offer: {kind: gesture, ladder: goodwill, on: price}
  plan:
    title: What comes next
    say: Here is what happens now.
    check: [They have a time]
    choices:
      done: {label: That is all, go: close}
      more: {label: There is more, go: hear}
  close:
    title: Close
    say: Thank you for telling me.
    end: recovered
"""
_STEPS = {
    "Hear them out": "hear",
    "Ask for a moment": "hold/ask-leave",
    "What it was worth": "worth",
    "A gesture": "gesture",
    "What comes next": "plan",
    "Close": "close",
}
_BEGUN = (
    "the red bike is late",
    "n call her Rosa",
    "x 1",
    "i pause",
    "n she shouts",
    "i 0",
    "x 2",
    "fix",
    "ours",
    "8.90",
    "ok",
    "yes",
    "r ring her back by 2031-03-05 17:00",
)
PARKED = (*_BEGUN, "x 1", "n nearly done", "p")
ENDED = (*_BEGUN, "done")
SHORT = ("the line is dead", "n a short one")


def write_book(stage: Stage) -> Path:
    """The playbook on a stage's desk, beside its home."""
    path = stage.folder / "bike.yaml"
    if not path.exists():
        path.write_text(BOOK, encoding="utf-8")
    return path


# --- what is on disk


def read_calls(home: Path) -> dict[int, list[Event]]:
    """The events of every call, by its number. Raises UnusableError where a row isn't what was written."""
    journal = open_journal(str(home))
    try:
        return {n: [x.event for x in journal.read(n)] for n in journal.calls()}
    finally:
        close_journal(journal)


def settled(events: list[Event]) -> list[Event]:
    """A call's events without its interruptions by the machine: cut off, parked because nobody answered, resumed."""
    return [
        x for x in events if not isinstance(x, e.Resumed) and not (isinstance(x, e.Parked) and x.why != "by the agent")
    ]


def in_short(events: list[Event]) -> str:
    """Events by their kinds, for a problem's line."""
    return " ".join(type(x).__name__ for x in events)


class Script(NamedTuple):
    """Lines typed at a desk, and the events that the call must have after each of them."""

    kept: str
    """The home it begins on, as the stage kept it."""
    before: dict[int, list[Event]]
    """The calls that are there already."""
    command: tuple[str, ...]
    lines: tuple[str, ...]
    number: int
    """The call's number."""
    after: tuple[list[Event], ...]
    """Its settled events after so many lines."""

    def reached(self, events: list[Event]) -> int | None:
        """After how many lines a call stands like this; None: after none of them.

        A line's answer, and the way on to the next step that asks something or to the end, are a move each.
        """
        found = settled(events)
        for lines, then in enumerate(self.after):
            by_itself = isinstance(then[-1], e.Ended) or (isinstance(then[-1], e.Moved) and then[-1].by == "on")
            if found == then or (by_itself and found == then[:-1]):
                return lines
        return None


@cache
def learn(stage: Stage, kept: str, command: tuple[str, ...], lines: tuple[str, ...]) -> Script:
    """Play the call without any fault, to one line and then to the next, on a home as it was kept."""
    stage.restore(kept)
    before = read_calls(stage.home) if kept else {}
    after = []
    number = 0
    for upto in range(len(lines) + 1):
        stage.restore(kept)
        ran = stage.fork(*command, lines=lines[:upto])
        assert ran.code in {0, 4}, ran
        calls = read_calls(stage.home)
        number = max(calls) if command[0] == "handle" else int(command[1])
        after.append(settled(calls[number]))
    assert all(one != two for one, two in pairwise(after)), "every line is a move"
    before.pop(number, None)
    return Script(kept, before, command, lines, number, tuple(after))


@cache
def keep_earlier(stage: Stage) -> int:
    """Keep, as `earlier`, a home on which three calls were handled: ended, parked, cut off; gives the parked one's number."""
    stage.restore()
    book = str(write_book(stage))
    for lines in (ENDED, PARKED[:6], SHORT):
        assert stage.fork("handle", book, "--plain", lines=lines).code in {0, 4}
    parked = sorted(read_calls(stage.home))[1]
    stage.keep("earlier")
    return parked


def learn_all(stage: Stage) -> tuple[Script, Script, Script]:
    """The scripted calls: on an empty home and parked; beside earlier ones, to its end; a parked one resumed."""
    book = str(write_book(stage))
    parked = str(keep_earlier(stage))
    return (
        learn(stage, "", ("handle", book, "--plain"), PARKED),
        learn(stage, "earlier", ("handle", book, "--plain", "--case", "K-9"), ENDED),
        learn(stage, "earlier", ("resume", parked, "--plain"), ("n on again", "x 2", *SHORT[1:], "p")),
    )


# --- what was said


def said_moves(out: str, lines: int) -> int:
    """How many lines were followed by anything: they are on disk then. -1 where not even the call's start was shown."""
    parts = re.split(r"^> .*\n", out, flags=re.MULTILINE)
    if not parts[0]:
        return -1
    assert len(parts) - 1 <= lines, out
    return sum(1 for part in parts[1:] if part)


def missing(out: str, show: dict[str, Any]) -> list[str]:
    """What was said back as saved, or shown as a step reached, and isn't in `call show --json`."""
    lost, unsaved = [], False
    for line in out.splitlines():
        if line.startswith("! NOT SAVED"):
            unsaved = True
        elif line.startswith("! saved"):
            unsaved = False
        elif not unsaved and not line.startswith("(not saved yet)") and not _is_there(line, show):
            lost.append(line)
    return lost


def _is_there(line: str, show: dict[str, Any]) -> bool:
    if line.startswith("STEP  "):
        title = line.removeprefix("STEP  ").rpartition(" (")[0]
        return any(x["step"] == _STEPS[title] for x in show["steps"])
    kind, _, rest = line.partition(": ")
    match kind:
        case "saved":
            name, _, value = rest.partition(" = ")
            return str(show["facts"].get(name)) == value
        case "noted":
            return any(x["text"] == rest for x in show["notes"])
        case "ticked":
            return any(x["text"] == rest and x["ticked"] for x in show["checks"])
        case "offered":
            return any(rest.startswith(f"{x['amount']} {x['currency']} ({x['kind']})") for x in show["offers"])
        case "accepted":
            return any(x["accepted"] is (rest == "yes") for x in show["offers"])
        case "promised":
            return any(rest.startswith(f"{x['what']} by ") for x in show["promises"])
        case "cuts in":
            return any(x["id"] == rest for x in show["interruptions"])
        case "ended":
            return bool(show["disposition"])
    return line != "parked" or bool(show["parked"])


def read_json(ran: Ran) -> dict[str, Any]:
    """The document that a command printed."""
    assert ran.code == 0, ran
    found: dict[str, Any] = json.loads(ran.out)
    assert found["schema"] == 1
    return found
