"""`python -m tests.soak --minutes 60`: keys, kills, full disks, changed playbooks and clocks; says how many of each.

Exit 1 where anything that was said to be saved is missing, where the journal doesn't verify, or where a
traceback was shown.
"""

from __future__ import annotations

import argparse
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress

from calmdesk.call import events as e
from calmdesk.errors import CalmdeskError
from calmdesk.journal.check import verify
from calmdesk.journal.opening import open_journal
from calmdesk.journal.salvage import salvage
from tests.soak.home import Home
from tests.terminal.pty_terminal import Terminal

KEYS = ["1", "2", "3", "\r", " ", "a", "b", "s", "h", "H", "i", "e", "g", "o", "r", "q", "c", "?", "!", "d", "z", "u", "\x1b", "0", "j", "\t", "x"]  # fmt: skip
WORDS = ["the bike is late", "8.90", "120", "17:00", "+2h", "ok", "none", "yes", "call her by 17:00", "/b", "/i", "/g own", "\u09b0\u09b9\u09bf\u09ae\u09be"]  # fmt: skip
LINES = [*WORDS, "1", "2", "b", "s", "x 1", "!", "i", "h 20s", "o", "o gesture 5", "r It by 17:00", "e price 20", "g close", "?", "t", "new", "z", "d"]  # fmt: skip
MARK = re.compile(r"mark-\d{7}")


class Soak:
    """What was done, what was acknowledged, and what went wrong."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed)  # noqa: S311 - any hour will do, the same one for a seed
        self.home = Home(self.pick)
        self.did: Counter[str] = Counter()
        self.saved: set[str] = set()
        self.wrong: list[str] = []
        self.marks = 0
        self.full = False
        self.waiting: set[str] = set()
        self.how: dict[str, str] = {}

    def mark(self) -> str:
        """A note's words, never used twice."""
        self.marks += 1
        return f"mark-{self.marks:07}"

    # --- the world

    def happen(self) -> None:
        """Something of the world changes, now and then."""
        roll = self.pick.random()
        if roll < 0.03 and not self.full and self.home.fill():
            self.full = True
            self.did["disk filled"] += 1
        elif self.full and roll < 0.3:
            self.home.make_room()
            self.full = False
            self.did["room made"] += 1
        elif roll > 0.97:
            self.home.edit()
            self.did["playbook changed"] += 1
        elif roll > 0.95:
            self.home.jump()
            self.did["clock put"] += 1

    def start(self) -> tuple[str, ...]:
        """What is started next."""
        if self.pick.random() < 0.4:
            return ("resume",)
        book = self.pick.choice([str(self.home.book), "angry-caller", "supervisor-request"])
        return ("handle", book, "--case", self.pick.choice(["", "K-1", "K-2"]), "--customer", "Rosa")

    # --- a call on a screen

    def on_screen(self) -> None:
        """A call on a terminal, until it ends, is left or is killed."""
        size = self.pick.choice([(80, 24), (40, 12), (24, 8), (100, 30)])
        terminal = Terminal(
            self.home.environment, *self.start(), columns=size[0], rows=size[1], module="tests.soak.desk"
        )
        self.did["calls on a screen"] += 1
        try:
            terminal.pump(self.pick.choice([0.02, 0.5]))
            for _ in range(self.pick.randint(3, 30)):
                if not self.press(terminal):
                    break
            self.leave(terminal)
        finally:
            terminal.close()
        self.look(terminal.raw.decode(errors="replace"))

    def press(self, terminal: Terminal) -> bool:
        """One more key, word, note or happening; False where nobody is there any more."""
        self.happen()
        roll = self.pick.random()
        try:
            if roll < 0.25:
                self.note(terminal)
            elif roll < 0.4:
                terminal.send(self.pick.choice(WORDS) + "\r")
                self.did["lines typed"] += 1
            elif roll < 0.43:
                terminal.resize(*self.pick.choice([(80, 24), (40, 12), (24, 8), (61, 17)]))
                self.did["resized"] += 1
            else:
                keys = self.pick.choices(KEYS, k=self.pick.randint(1, 4))
                terminal.send("".join(keys))
                self.did["keys"] += len(keys)
            terminal.pump(self.pick.choice([0.01, 0.08]))
        except OSError:
            return False
        self.settle(terminal.flat)
        return True

    def note(self, terminal: Terminal) -> None:
        """A note; acknowledged once the screen says that it is noted."""
        words = self.mark()
        terminal.send("\x1b")
        terminal.pump(0.12)
        terminal.send("n")
        terminal.pump(0.05)
        terminal.send(f"{words}\r")
        self.did["notes typed"] += 1
        end = time.monotonic() + 1.5
        while time.monotonic() < end and f"noted: {words}" not in terminal.flat:
            terminal.pump(0.03)
        if f"noted: {words}" in terminal.flat:
            self.waiting.add(words)
            self.settle(terminal.flat)

    def settle(self, shown: str) -> None:
        """What is on the screen without a warning is saved."""
        if self.waiting and "NOT SAVED" not in shown and shown.strip():
            self.keep(self.waiting, shown)

    def leave(self, terminal: Terminal) -> None:
        """One of the ways in which a call stops."""
        how = self.pick.choice(["park", "ctrl-c", "kill", "kill", "hangup", "term", "close", "end"])
        self.did[f"left by {how}"] += 1
        with suppress(OSError):
            if how == "kill":
                terminal.kill(signal.SIGKILL)
                self.waiting.clear()
            elif how in {"hangup", "term"}:
                terminal.kill(signal.SIGHUP if how == "hangup" else signal.SIGTERM)
            elif how in {"park", "end"}:
                terminal.send("\x1b")
                terminal.pump(0.12)
                terminal.send("p" if how == "park" else "q1\r")
                terminal.pump(0.2)
            elif how == "ctrl-c":
                terminal.send("\x03")
        if how != "close":
            end = time.monotonic() + 4
            while terminal.code is None and time.monotonic() < end:
                terminal.pump(0.05)
                terminal.reap()
        if terminal.code is None and how != "close":
            terminal.kill(signal.SIGKILL)
            self.waiting.clear()
            self.did["killed after all"] += 1
        if terminal.code is not None:
            self.did[f"exit {terminal.code}"] += 1
        self.keep(self.waiting, f"left by {how} with {terminal.code}: {terminal.flat}")

    def keep(self, marks: set[str], how: str) -> None:
        """These are saved, as far as a person was told; `how` helps where one is missing later."""
        self.saved |= marks
        self.did["notes acknowledged"] += len(marks)
        self.how.update(dict.fromkeys(marks, how[-1500:]))
        marks.clear()

    # --- a call in lines

    def in_lines(self) -> None:
        """A call in plain lines from a pipe."""
        lines = [
            f"/n {self.mark()}" if self.pick.random() < 0.3 else self.pick.choice(LINES)
            for _ in range(self.pick.randint(3, 30))
        ]
        self.happen()
        ran = subprocess.run(
            [sys.executable, "-m", "tests.soak.desk", *self.start(), "--plain"],
            input="".join(f"{x}\n" for x in lines),
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=self.home.environment,
            timeout=60,
            check=False,
        )
        self.did["calls in lines"] += 1
        self.did["lines piped"] += len(lines)
        self.did[f"exit {ran.returncode}"] += 1
        self.look(ran.stdout + ran.stderr)
        # Whatever was said back is in the journal or, with exit code 5, in a file that says so.
        said = {m.group() for line in ran.stdout.splitlines() if "noted: mark-" in line for m in MARK.finditer(line)}
        self.keep(said, f"in lines with {ran.returncode}: {ran.stdout[-700:]}{ran.stderr[-700:]}")

    # --- looking afterwards

    def look(self, shown: str) -> None:
        """No traceback reaches a person."""
        if "Traceback (most recent call last)" in shown:
            self.wrong.append(f"a traceback was shown:\n{shown[-3000:]}")

    def second_window(self) -> None:
        """Two windows: the second is refused on the same call, and other commands go on."""
        one = Terminal(self.home.environment, "handle", "angry-caller", module="tests.soak.desk")
        one.pump(0.4)
        with suppress(OSError, CalmdeskError, IndexError), closing(open_journal(str(self.home.folder))) as journal:
            newest = journal.calls()[0]
            command = [sys.executable, "-m", "tests.soak.desk", "resume", str(newest), "--plain"]
            ran = subprocess.run(
                command, capture_output=True, text=True, env=self.home.environment, timeout=60, check=False, input=""
            )
            self.look(ran.stdout + ran.stderr)
            self.did[f"second window: exit {ran.returncode}"] += 1
        self.leave(one)
        one.close()
        self.look(one.raw.decode(errors="replace"))

    def check(self) -> None:
        """Everything acknowledged is in the journal, or in a rescue file that comes in whole."""
        if self.full:
            self.home.make_room()
            self.full = False
            self.did["room made"] += 1
        try:
            for path in self.home.rescues():
                salvage(str(self.home.folder), path)
                subprocess.run(["rm", path], check=False)
                self.did["rescue files brought in"] += 1
            with closing(open_journal(str(self.home.folder))) as journal:
                events, _ = verify(journal)
                found: Counter[str] = Counter()
                for row in journal.rows():
                    if isinstance(row.event, e.Noted):
                        found.update(MARK.findall(row.event.text))
        except CalmdeskError as error:
            self.wrong.append(f"the journal can't be used: {error.message}")
            return
        aside = list(self.home.folder.glob("journal.corrupt-*"))
        if aside:
            self.wrong.append(f"a journal was moved aside: {aside}")
        self.did["checks"] += 1
        self.did["events in the journal"] = events
        if lost := self.saved - set(found):
            self.wrong.append(f"lost: {[(mark, self.how.get(mark)) for mark in sorted(lost)]}")
        if twice := [mark for mark, times in found.items() if times > 1]:
            self.wrong.append(f"written twice: {twice}")


def main() -> int:
    """Run for so many minutes; print what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    wanted = parser.parse_args()
    soak, began = Soak(wanted.seed), time.monotonic()
    told = began
    print(f"seed {wanted.seed}", flush=True)
    try:
        while time.monotonic() < began + wanted.minutes * 60 and not soak.wrong:
            turn = soak.pick.choices([soak.on_screen, soak.in_lines, soak.second_window], [6, 3, 1])[0]
            turn()
            if soak.pick.random() < 0.3:
                soak.check()
            if time.monotonic() > told + 60:
                told = time.monotonic()
                minutes = (told - began) / 60
                print(f"{minutes:.0f} min: {soak.did['notes acknowledged']} notes acknowledged, 0 lost", flush=True)
        if not soak.wrong:
            soak.check()
    finally:
        if not soak.wrong:
            soak.home.remove()
    print(f"{(time.monotonic() - began) / 60:.1f} minutes; small disk: {'yes' if soak.home.small else 'no'}")
    for name, count in sorted(soak.did.items()):
        print(f"{count:>8}  {name}")
    for wrong in soak.wrong:
        print(f"WRONG: {wrong}")
    print(f"{len(soak.saved)} notes acknowledged, {len(soak.wrong)} things wrong")
    return 1 if soak.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
