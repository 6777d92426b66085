"""A call joined to whoever is at this desk: on the screen where there is one, else in lines."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, NamedTuple, TextIO

from calmdesk.call.play import play
from calmdesk.terminal.sitting import Stopped

if TYPE_CHECKING:
    from collections.abc import Callable

    from calmdesk.call.play import Conversation
    from calmdesk.terminal.sitting import Desk, Sitting


class Beside(NamedTuple):
    """What stands beside the call's own words."""

    earlier: Callable[[], str] = str
    """When an earlier call began that could be resumed; empty where there is none."""
    resume: Callable[[], None] = lambda: None
    """Goes on with that one."""
    wrapup: Callable[[], str] = str
    """The summary of the call, once it is over."""


class Shown(NamedTuple):
    """How the showing came to its end."""

    code: int
    """The exit code of the reference."""
    reset: bool = False
    """Whether the agent asked for a few minutes of their own."""


def is_on_screen(desk: Desk) -> bool:
    """Whether there is a screen, and nobody asked for lines."""
    options = desk.options
    wanted = not (options.plain or options.answers or desk.settings.plain or options.summary == "-")
    return wanted and sys.stdin.isatty() and sys.stdout.isatty() and understands_escapes()


def understands_escapes() -> bool:
    """Whether this terminal takes escape codes: Windows consoles once they are told to, the oldest never."""
    if sys.platform == "win32":
        from calmdesk.terminal.windows import switch_on_escapes

        return switch_on_escapes()
    return True


def show_call(sitting: Sitting, talk: Conversation, beside: Beside) -> Shown:
    """Play a call until it is over, parked or cut off; signals and closed pipes become exit codes."""
    try:
        if is_on_screen(sitting.desk):
            from calmdesk.terminal.screen import play_on_screen

            return Shown(0, play_on_screen(talk, beside, sitting))
        return Shown(_play_plain(sitting, talk, beside))
    except KeyboardInterrupt:
        return Shown(130)
    except Stopped as stopped:
        return Shown(stopped.code)
    except OSError:
        # Nobody reads any more: a closed pipe, a terminal that is gone.
        return Shown(4)


def open_lines(path: str) -> TextIO:
    """A file of lines, as editors and shells save it: UTF-8, or UTF-16 with its mark, as Windows PowerShell does.

    Raises OSError.
    """
    import io

    file = open(path, "rb")  # noqa: SIM115 - whoever reads it closes it
    # A look ahead, and no second opening: it may be a pipe.
    encoding = "utf-16" if file.peek(2)[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    return io.TextIOWrapper(file, encoding=encoding, errors="replace")


def _play_plain(sitting: Sitting, talk: Conversation, beside: Beside) -> int:
    from calmdesk.terminal.plain import Lines, NoMoreLines, Plain

    gc.enable()
    options = sitting.desk.options
    out = sys.stderr if options.summary == "-" else sys.stdout
    source = open_lines(options.answers) if options.answers else sys.stdin
    asked = not options.answers and sys.stdin.isatty()
    lines = Lines(source, out, asked=asked)
    face = Plain(lines, earlier=beside.earlier() if asked else "", resume=beside.resume, keeper=sitting)
    try:
        play(talk, show=face.show, ask=face.ask, tell=face.tell, refuse=face.refuse)
    except NoMoreLines as none:
        sys.stderr.write(f"{none}\n")
        return 4
    finally:
        if options.answers:
            source.close()
    return 0
