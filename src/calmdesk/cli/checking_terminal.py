"""What `doctor` finds out about the terminal, asking it where both ends are one; it never waits longer than a blink."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from typing import TYPE_CHECKING

from calmdesk.cli.checking import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calmdesk.settings import Settings

COLUMNS, ROWS = 40, 12
"""The smallest window that a call fits in."""
SAMPLE = "বাংলা গ্রাহক কি · नेपाली क्षमा · ┌─┐ ▌▸✓"
PATIENCE = 0.2
"""Seconds that a terminal has for its answer."""
# What it draws → the columns it may take. A spacing vowel sign is 0 columns to some, 1 to most.
PROBES = {"é": (1,), "কি": (1, 2), "─▌": (2,)}
_ANSWER = re.compile(rb"\x1b\[\d+;(\d+)R")


def look_at_terminal(settings: Settings) -> Iterator[Check]:
    """The terminal as a call would find it: its kind and size, colour, letters."""
    both = sys.stdin.isatty() and sys.stdout.isatty()
    yield from _look_at_kind(settings, both=both)
    yield _look_at_colour()
    # Where lines are wanted, the terminal may be none that takes codes, or may read what is written aloud.
    yield _look_at_letters(ask_widths(sys.stdin.fileno()) if both and not settings.plain else None)
    yield Check(
        "font",
        "ok",
        f"{SAMPLE}. If you see boxes for letters here, another font helps, such as Noto Sans Mono.",
    )


def _look_at_kind(settings: Settings, *, both: bool) -> Iterator[Check]:
    term = os.environ.get("TERM", "")
    if not both:
        end = "input is" if sys.stdout.isatty() else "output is" if sys.stdin.isatty() else "input and output are"
        yield Check("terminal", "ok", f"{end} no terminal, so a call here is lines of text.")
        return
    size = shutil.get_terminal_size()
    said = f"{term or 'a terminal'}, {size.columns}×{size.lines}"
    if settings.plain:
        by = settings.origins.get("plain", "").removeprefix("environment ")
        yield Check("terminal", "ok", f"{said}; calls are lines of text ({by}).")
    elif os.name != "nt" and term in {"", "unknown"}:
        yield Check(
            "terminal",
            "LOOK",
            f"{said}; TERM doesn't say which kind it is.",
            "Set TERM to what your terminal is, such as xterm-256color, or handle calls with `--plain`.",
        )
    elif size.columns < COLUMNS or size.lines < ROWS:
        yield Check(
            "terminal",
            "LOOK",
            f"{said}; a call's screen wants {COLUMNS}×{ROWS}.",
            "Make the window larger or its letters smaller, or handle calls with `--plain`.",
        )
    else:
        yield Check("terminal", "ok", f"{said}; calls are on a screen.")


def _look_at_colour() -> Check:
    from calmdesk.terminal.screen import wants_colour

    said = [f"{name}={os.environ[name]}" for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM") if os.environ.get(name)]
    why = f" ({', '.join(said)})" if said else ""
    return Check("colour", "ok", f"{'on' if wants_colour() else 'off'}{why}; nothing is said by colour alone.")


def _look_at_letters(widths: list[int] | None) -> Check:
    """Whether letters of every script get through, as far as the terminal (None: it wasn't asked) and the locale tell."""
    found = dict(zip(PROBES, widths or [], strict=False))
    odd = [probe for probe, width in found.items() if width not in PROBES[probe]]
    if "é" in odd:
        told = f"this terminal takes “é” for {found['é']} letters: it isn't set to UTF-8."
        return Check("letters", "LOOK", told, "Set its encoding to UTF-8, or take another terminal.")
    if not found and (other := _other_encoding()):
        told = f"this locale writes {other}, and calmdesk writes UTF-8."
        do = "Set LANG to a UTF-8 locale that `locale -a` names, such as C.UTF-8."
        return Check("letters", "LOOK", told, do)
    if "─▌" in odd:
        told = "this terminal draws lines and bars two columns wide, so ends of rows may be missing."
        return Check("letters", "LOOK", told, "Set the width of its “ambiguous” characters to narrow, or single.")
    if widths is None:
        return Check("letters", "ok", "UTF-8.")
    if len(found) < len(PROBES) or odd:
        return Check("letters", "ok", "UTF-8; how wide a vowel sign is, the terminal doesn't say (1 column is taken).")
    return Check("letters", "ok", f"UTF-8; this terminal gives a vowel sign {found['কি'] - 1 or 'no'} column.")


def _other_encoding() -> str:
    """The locale's encoding, where it is neither UTF-8 nor merely the one of a machine that nobody set up (C)."""
    import locale

    spoken = locale.getencoding()
    known = {"utf8", "ascii", "usascii", "646", "ansix3.41968"}
    return "" if os.name == "nt" or spoken.lower().replace("-", "").replace("_", "") in known else spoken


def ask_widths(fd: int) -> list[int]:
    """How many columns the terminal gives each of `PROBES`; fewer, where it doesn't answer in time."""
    try:
        import termios
        import tty
    except ImportError:
        return []
    try:
        before = termios.tcgetattr(fd)
    except termios.error:
        return []
    try:
        tty.setcbreak(fd, termios.TCSADRAIN)
        asked = "".join(f"\r{probe}\x1b[6n" for probe in PROBES)
        sys.stdout.write(f"{asked}\r\x1b[K")
        sys.stdout.flush()
        return [int(column) - 1 for column in _ANSWER.findall(_read_answers(fd, len(PROBES)))]
    except (OSError, termios.error):
        return []
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


def _read_answers(fd: int, count: int) -> bytes:
    """What the terminal answers until it has answered often enough, or its time is over."""
    import select

    answers, until = b"", time.monotonic() + PATIENCE
    while len(_ANSWER.findall(answers)) < count:
        left = until - time.monotonic()
        if left <= 0 or not select.select([fd], [], [], left)[0]:
            break
        piece = os.read(fd, 1024)
        if not piece:
            break
        answers += piece
    return answers
