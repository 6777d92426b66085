"""A damaged journal is found out or reads back exactly as before; whatever the damage, the next call can be handled and saved."""

from __future__ import annotations

import json
import re
from itertools import zip_longest
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from tests.faults.script import ENDED, PARKED, SHORT, in_short, read_calls, settled, write_book
from tests.faults.stage import Stage
from tests.faults.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from calmdesk.call.events import Event
    from tests.faults.stage import Ran

PAGE = 4096
SEED = 20_261_125
TIMES = 400
REAL = 40
"""Every so many-th damaged journal is given to programs started anew, not forked."""


# --- damage


def _flip(body: bytearray, chance: Random) -> str:
    at, bit = chance.randrange(len(body)), chance.randrange(8)
    body[at] ^= 1 << bit
    return f"bit {bit} of byte {at} flipped"


def _flip_something(body: bytearray, chance: Random) -> str:
    """Most of a page may be empty: here no flip is wasted."""
    at, bit = chance.randrange(len(body)), chance.randrange(8)
    while not body[at]:
        at = chance.randrange(len(body))
    body[at] ^= 1 << bit
    return f"bit {bit} of byte {at} flipped"


def _cut(body: bytearray, chance: Random) -> str:
    size = chance.randrange(len(body))
    size -= size % PAGE if chance.random() < 0.5 else 0
    del body[size:]
    return f"cut to {size} bytes"


def _zero(body: bytearray, chance: Random) -> str:
    page = chance.randrange(len(body) // PAGE)
    body[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)
    return f"page {page} zeroed"


def _garble(body: bytearray, chance: Random) -> str:
    page = chance.randrange(len(body) // PAGE)
    body[page * PAGE : (page + 1) * PAGE] = chance.randbytes(PAGE)
    return f"page {page} made random"


def _garble_header(body: bytearray, chance: Random) -> str:
    size = chance.choice((4, 16, 100))
    at = chance.randrange(101 - size)
    body[at : at + size] = chance.randbytes(size)
    return f"bytes {at} to {at + size} made random"


def _swap(body: bytearray, chance: Random) -> str:
    """Two pages in each other's place: each is whole by itself."""
    one, two = (slice(n * PAGE, (n + 1) * PAGE) for n in chance.sample(range(len(body) // PAGE), 2))
    body[one], body[two] = body[two], body[one]
    return f"pages {one.start // PAGE} and {two.start // PAGE} swapped"


DAMAGE: dict[Callable[[bytearray, Random], str], int] = {
    _flip: 25, _flip_something: 40, _cut: 15, _zero: 6, _garble: 4, _garble_header: 6, _swap: 4,
}  # fmt: skip
"""What may happen to a file, and how often of a hundred times."""


# --- what it must read like


class Whole(NamedTuple):
    """The journal before it was damaged: its file, its events, and what commands printed of it."""

    body: bytes
    calls: dict[int, list[Event]]
    reads: dict[tuple[str, ...], str]


def _make_whole(stage: Stage) -> Whole:
    stage.restore()
    book = str(write_book(stage))
    for n, lines in enumerate((ENDED, PARKED, SHORT, ENDED, PARKED[:13], PARKED[:9])):
        ran = stage.fork("handle", book, "--plain", "--case", f"K-{n}", lines=lines)
        assert ran.code in {0, 4}, ran
    calls = read_calls(stage.home)
    commands: list[tuple[str, ...]] = [("call", "list", "--json"), ("promise", "list", "--json")]
    commands += [("call", "show", str(n), "--json") for n in calls]
    reads: dict[tuple[str, ...], str] = {}
    for command in commands:
        ran = stage.fork(*command)
        assert ran.code == 0, ran
        reads[command] = ran.out
    stage.keep("whole")
    return Whole((stage.home / "journal.db").read_bytes(), calls, reads)


class Trial:
    """One damaged journal, looked at twice: by `verify`, and by somebody who just goes on working."""

    def __init__(self, tally: Tally, stage: Stage, whole: Whole, body: bytes, where: str) -> None:
        self.tally = tally
        self.stage = stage
        self.whole = whole
        self.body = body
        self.where = where
        self.real = False
        self.told = False
        self.newer = False

    def spoil(self) -> None:
        """The desk as it was, with the damaged journal."""
        self.stage.restore("whole")
        (self.stage.home / "journal.db").write_bytes(self.body)
        self.told = False

    def command(self, *arguments: str, codes: set[int], lines: tuple[str, ...] = ()) -> Ran:
        """A command that ends with one of these codes and no traceback; what it says of damage is remembered."""
        ran = (self.stage.run if self.real else self.stage.fork)(*arguments, lines=lines)
        self.tally.look(ran, f"{self.where}: {' '.join(arguments)}")
        said = ran.code in codes and (ran.code == 0 or bool(ran.err))
        self.check(holds=said, what=f"{' '.join(arguments)} ended with {ran}")
        self.told = self.told or ran.code == 5 or "calmdesk: The journal" in ran.err
        return ran

    def check(self, *, holds: bool, what: object) -> bool:
        return self.tally.check(holds=holds, where=self.where, what=what)

    def verify(self) -> None:
        """`verify` finds the damage, or everything reads as before."""
        self.spoil()
        self.command("journal", "verify", codes={0, 5})
        if self.told:
            self.tally.count("found by verify")
            return
        self.tally.count("harmless")
        for command, out in self.whole.reads.items():
            ran = self.command(*command, codes={0})
            self.check(
                holds=ran.out == out, what=f"a silent change: {' '.join(command)}: {_first_difference(out, ran.out)}"
            )

    def work(self) -> None:
        """Commands that read show what was there before, or say what is wrong; a new call is saved."""
        self.spoil()
        for command, out in self.whole.reads.items():
            ran = self.command(*command, codes={0, 2, 5})
            if ran.code != 5 and not self.told and ran.out != out:
                # SQLite doesn't notice everything, and looking through a whole journal takes long: that is what verify is for.
                self.tally.count("shown wrong before verify was asked")
        self.command(codes={0, 5})
        book = str(write_book(self.stage))
        if "written by a newer calmdesk" in self.command("call", "list", codes={0, 5}).err:
            # No program can tell a higher number that was written from one that was made by damage.
            self.tally.count("taken for a newer one")
            self.newer = True
            return
        ran = self.command("handle", book, "--plain", "--case", "K-new", codes={0}, lines=(*SHORT, "p"))
        self.check(holds="\nnoted: a short one\n" in ran.out, what=f"the new call was not saved: {ran}")
        if (name := re.search(r"Call (\S+) is parked", ran.err)) is not None:
            shown = self.command("call", "show", name[1], "--json", codes={0, 5})
            self.check(holds='"K-new"' in shown.out or shown.code == 5, what=f"the new call isn't there: {shown}")

    def salvage(self) -> None:
        """What comes back is what was written; afterwards all is well."""
        self.command("journal", "salvage", codes={0, 5})
        self.command("journal", "verify", codes={0})
        listed = self.command("call", "list", "--json", codes={0})
        for call in json.loads(listed.out)["calls"] if listed.code == 0 else ():
            shown = self.command("call", "show", call["call"], "--json", codes={0, 5})
            lost = shown.code == 5 and "The text of" in shown.err
            self.check(holds=shown.code == 0 or lost, what=f"can't be shown after salvage: {shown}")
            self.tally.count("calls shown after salvage", shown.code == 0)
            self.tally.count("calls whose text is lost", lost)
        try:
            calls = read_calls(self.stage.home)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            self.check(holds=False, what=f"can't be read after salvage: {error!r}")
            return
        left = [settled(x) for x in self.whole.calls.values()]
        new = 0
        for events in map(settled, calls.values()):
            if getattr(events[0], "case", "") == "K-new":
                new += 1
            elif (found := next((x for x in left if _is_of(events, x)), None)) is not None:
                left.remove(found)
                self.tally.count("events salvaged", len(events))
            else:
                self.check(holds=False, what=f"nobody said this: {in_short(events)}")
        self.check(holds=new == 1, what=f"the new call is there {new} times after salvage")


def _first_difference(one: str, two: str) -> str:
    """The first line in which two documents differ."""
    pairs = zip_longest(one.splitlines(), two.splitlines())
    return next((f"{was!r} became {now!r}" for was, now in pairs if was != now), "nothing")


def _is_of(events: list[Event], original: list[Event]) -> bool:
    """Whether these are events of a call, in its order: some may be missing, and words that can't be read any more."""
    rest = iter(original)
    return all(any(_is_same(event, other) for other in rest) for event in events)


def _is_same(event: Event, other: Event) -> bool:
    return type(event) is type(other) and all(one in (two, "…") for one, two in zip(event, other, strict=True))


def run_flips(folder: Path, *, times: int = TIMES) -> Tally:
    """Damage a journal of several calls so many times, each time in another way."""
    tally = Tally("flips")
    stage = Stage(folder)
    whole = _make_whole(stage)
    for n in range(times):
        chance = Random(SEED + n)  # noqa: S311 - the same damage every time
        body = bytearray(whole.body)
        kind = chance.choices([*DAMAGE], [*DAMAGE.values()])[0]
        what = kind(body, chance)
        trial = Trial(tally, stage, whole, bytes(body), f"{n}, {what}")
        trial.real = n % REAL == REAL - 1
        tally.count("damaged")
        trial.verify()
        trial.work()
        if not trial.newer:
            trial.salvage()
    return tally
