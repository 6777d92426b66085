"""Pages as people get them: each written by the real program, at a desk with that much behind it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from calmdesk.call.events import Stamp
from calmdesk.journal.opening import close_journal, open_journal
from tests.conftest import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

OWNS = "That was our mistake, I'm sorry. You lost your Saturday because of us."
BENGALI = "এটা আমাদের ভুল, রহিমা। আমি দুঃখিত, আর আজ বিকেল পাঁচটার মধ্যে আপনাকে ফোন করছি।"
NEPALI = "यो हाम्रो गल्ती हो। म आफैँ आज पाँच बजेभित्र तपाईंलाई फोन गर्छु।"
UNBROKEN = "hmm" * 120
"""A word that no line can hold."""
HOSTILE = "</p><script>alert(1)</script><img src=x onerror=alert(1)> & \"quoted\" 'twice'"


def drill(desk: Desk, kind: str, *replies: str) -> None:
    """Some quick drills of one kind; each reply is one line."""
    done = desk.run("practice", "--quick", kind, lines=replies)
    assert done.code == 0, done.err


def little(desk: Desk) -> None:
    """One drill, and nothing else."""
    drill(desk, "fix", OWNS, "/stop")


def much(desk: Desk) -> None:
    """Rehearsals lost and drills of every kind, with words of any length."""
    for seed in range(4):
        drill(desk, "spot", *"ababa")
        drill(desk, "fix", *[OWNS, "Calm down.", "You must have pressed the wrong button.", UNBROKEN, HOSTILE] * 2)
        drill(desk, "reply", *["It's policy.", "I'll ring you at five, that's a promise.", f"{OWNS} " * 12] * 3)
        lines = ["Please calm down.", "It's your own fault.", UNBROKEN, HOSTILE, "There's nothing I can do."] * 4
        assert desk.run("practice", "bike-for-saturday", "--seed", str(seed), lines=lines).code in {0, 1}


def in_other_scripts(desk: Desk) -> None:
    """Words in Bengali and Nepali."""
    # Of two tries the second counts.
    drill(desk, "fix", *[BENGALI, BENGALI, NEPALI, NEPALI] * 3)


def forgotten(desk: Desk) -> None:
    """Words that were typed and are deleted since."""
    much(desk)
    journal = open_journal(str(desk.home))
    numbers = [*journal.calls_with("Rehearsed"), *journal.calls_with("Drilled")]
    assert journal.forget(numbers, Stamp(time.time_ns() // 1_000_000, 0, "boot"))
    close_journal(journal)


DESKS: dict[str, Callable[[Desk], None]] = {
    "little": little,
    "much": much,
    "other scripts": in_other_scripts,
    "forgotten": forgotten,
}


BOOKS = {"review": ("show", "angry-caller", "--print")}
"""The pages of playbooks, each with the command that writes it; that of `playbook graph` is used by `tests.flow`."""


def write_pages(folder: Path, *names: str) -> dict[str, Path]:
    """The progress pages of these desks, by name; where none is named, all of them and those of playbooks."""
    made = {}
    for name in names or tuple(DESKS):
        desk = Desk(folder / name.replace(" ", "-"))
        os.makedirs(desk.home, exist_ok=True)
        DESKS[name](desk)
        made[name] = Path(desk.home) / "progress.html"
        done = desk.run("progress", "export", made[name])
        assert done.code == 0, done.err
    if not names:
        for name, arguments in BOOKS.items():
            made[name] = folder / f"{name}.html"
            done = Desk(folder / f"{name}-desk").run("playbook", *arguments, made[name])
            assert done.code == 0, done.err
    return made
