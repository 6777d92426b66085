"""A home to be abused: a small disk of its own where that can be had, playbooks that change, a clock that jumps."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from calmdesk.playbook.folders import built_in_folder

if TYPE_CHECKING:
    import random

SMALL_DISK = "12m"
BOOK = """
calmdesk: 1
title: Soak
goal: Lose nothing.
facts:
  customer: {ask: Name, default: there}
  problem: {ask: "What happened?"}
  fault: {ask: Whose slip, one-of: {ours: {label: Ours, slip: ours}, theirs: {label: Theirs, slip: customer}}}
  price: {ask: "What did it cost?", kind: money}
  by-when: {ask: "By when?", kind: moment}
interruptions: {shout: {label: They shout, card: {say: "Breathe out."}}}
steps:
  hear: {say: "Tell me, {customer}.", check: [They finished], choices: {done: own, again: {go: hear, at-most: 3}}}
  own: {say: "So {problem}.", ask: [problem, fault], principle: own, must-check: [Said once]}
  back: {say: "It goes back.", ask: price, offer: {kind: restore, ladder: goodwill, on: price}}
  more: {say: "And a little more.", offer: {kind: gesture, ladder: goodwill, on: price}}
  fix: {say: "By {by-when}.", ask: by-when, promise: {what: "It, {problem}", by: "{by-when}"}}
  close: {say: "Did I miss anything?", choices: {yes: hear, no: {go: bye}}}
  bye: {say: Bye, end: recovered}
"""
CHANGES = (
    ("Tell me", "Tell me all"),
    ("  fix:", "  look: {say: Look, must-check: [Looked]}\n  fix:"),
    ("again: {go: hear, at-most: 3}", "once-more: {go: hear, at-most: 2}"),
    ("  more: {say", "  more-of-it: {say"),
    ("ask: [problem, fault]", "ask: [problem, fault, customer]"),
    ("say: Bye", "say: {broken"),
    ("steps:", "stepz:"),
)


class Home:
    """The folders of one desk, and what can be done to them."""

    def __init__(self, pick: random.Random) -> None:
        self.pick = pick
        self.top = Path(tempfile.mkdtemp(prefix="calmdesk-soak-"))
        self.disk = self.top / "disk"
        self.disk.mkdir()
        self.user = self.top / "user"
        self.user.mkdir()
        self.book = self.top / "soak.yaml"
        self.clock = self.top / "clock"
        self.clock.write_text("0")
        self.book.write_text(BOOK)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", str(self.disk)]
        self.small = os.name == "posix" and shutil.which("mount") is not None and _ran(mount)
        self.folder = self.disk / "home"

    @property
    def environment(self) -> dict[str, str]:
        """What the program is told: this home, and a user's home for what finds no room in it."""
        keep = {k: v for k, v in os.environ.items() if k in {"PATH", "LANG", "VIRTUAL_ENV", "PYTHONPATH"}}
        return {
            **keep,
            "CALMDESK_HOME": str(self.folder),
            "CALMDESK_PLAYBOOKS": built_in_folder(),
            "CALMDESK_SOAK_CLOCK": str(self.clock),
            "HOME": str(self.user),
            "TMPDIR": str(self.top),
            "TZ": "UTC",
        }

    def fill(self) -> bool:
        """Leave no room on the disk; gives whether that could be done."""
        if not self.small:
            return False
        with suppress(OSError), open(self.disk / "filler", "ab") as file:
            while True:
                file.write(bytes(65536))
                file.flush()
        return True

    def make_room(self) -> None:
        """Room again."""
        (self.disk / "filler").unlink(missing_ok=True)

    def edit(self) -> None:
        """The trainer saves another text: sound or broken, now and then the first one again."""
        text = BOOK
        for old, new in self.pick.sample(CHANGES, self.pick.randint(0, 3)):
            text = text.replace(old, new)
        self.book.write_text(text)

    def jump(self) -> None:
        """The clock is put forward or back: minutes, days, years, or right again."""
        offset = self.pick.choice(
            [0, 0, 60_000, -60_000, 86_400_000, -86_400_000, 3_650 * 86_400_000, -900 * 86_400_000]
        )
        self.clock.write_text(str(offset))

    def rescues(self) -> list[str]:
        """Calls that found no room in the journal."""
        return [str(p) for folder in (self.folder, self.user, self.top) for p in folder.glob("calmdesk-rescue-*.json")]

    def remove(self) -> None:
        """Leave nothing behind."""
        if self.small:
            _ran(["umount", "-l", str(self.disk)])
        shutil.rmtree(self.top, ignore_errors=True)


def _ran(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
