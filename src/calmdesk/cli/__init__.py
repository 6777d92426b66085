"""Arguments in, exit code out: the one place where errors become words, and where the clock is read."""

from __future__ import annotations

import errno
import gc
import os
import sys
import time

from calmdesk import __version__

# `typing` takes a third as long as Python itself takes to start, and nothing here needs it to run.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from calmdesk.call.events import Stamp
    from calmdesk.settings import Settings
    from calmdesk.terminal.sitting import Desk, Options

_CLOCK = getattr(time, "CLOCK_BOOTTIME", None)


def read_boot() -> str:
    """What tells one start of this machine from another; the same for all processes of a boot."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read(8)
    except OSError:
        return str(int((time.time() - time.monotonic()) // 600))


def make_clock() -> Callable[[], Stamp]:
    """The clock that everything below is given."""
    from calmdesk.call.events import Stamp

    boot = read_boot()

    def now() -> Stamp:
        mono = time.clock_gettime_ns(_CLOCK) if _CLOCK is not None else time.monotonic_ns()
        return Stamp(time.time_ns() // 1_000_000, mono // 1_000_000, boot)

    return now


def make_settings() -> Settings:
    """What holds at this desk; what is odd in it is said on stderr."""
    from calmdesk.safetext import clean
    from calmdesk.settings import read_settings

    settings = read_settings(os.environ)
    for folder in settings.folders:
        if not os.path.isdir(folder):
            said = settings.origins.get("playbooks", "the configuration").removeprefix("environment ")
            sys.stderr.write(f"calmdesk: {said} names {clean(folder)}, which is no folder; going on without it.\n")
    for problem in settings.problems:
        sys.stderr.write(f"calmdesk: {problem}\n")
    return settings


def make_desk(options: Options | None = None) -> Desk:
    """This desk, with its settings and clock."""
    from calmdesk.terminal.sitting import Desk
    from calmdesk.terminal.sitting import Options as LiveOptions

    return Desk(make_settings(), make_clock(), options or LiveOptions())


def run(work: Callable[[], int]) -> int:
    """Do the work; an error about the world is said in words and becomes its exit code."""
    from calmdesk.errors import CalmdeskError

    try:
        code = _finished(work)
        sys.stdout.flush()
    except CalmdeskError as error:
        if "--debug" in sys.argv:
            raise
        _say(error)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _write_nowhere()
        return 0
    except OSError as error:
        _write_nowhere()
        if sys.platform == "win32" and error.errno == errno.EINVAL:
            # So Windows says that nobody reads any more.
            return 0
        _say(CalmdeskError(f"What was asked for can't be written: {error.strerror}.", "Make room, and ask again."))
        return 3
    return code


def _finished(work: Callable[[], int]) -> int:
    """The work's exit code, also where Typer ends the program with it."""
    try:
        return work()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)


def _write_nowhere() -> None:
    """Nobody reads any more, or there is no room: what is left in the buffers must not be tried again at the end."""
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _say(error: Exception) -> None:
    from calmdesk.errors import CalmdeskError
    from calmdesk.safetext import clean

    for finding in getattr(error, "findings", ()):
        from calmdesk.playbook.findings import render_finding

        sys.stderr.write(render_finding(finding) + "\n")
    if isinstance(error, CalmdeskError):
        sys.stderr.write(
            f"calmdesk: {clean(error.message)}\n" + (f"   hint: {clean(error.hint)}\n" if error.hint else "")
        )


def main() -> None:
    """The command `calmdesk`."""
    # Nothing of a start is garbage; looking for some takes a tenth of it. It is on again when a call begins.
    gc.disable()
    os.umask(0o077)
    for name in ("stdout", "stderr", "stdin"):
        if getattr(sys, name) is None:
            # It was closed before we came: what would be said there goes nowhere.
            setattr(sys, name, open(os.devnull, "r+", encoding="utf-8"))  # noqa: SIM115 - open to the end
    for stream in (sys.stdout, sys.stderr, sys.stdin):
        # Pipes on some machines speak an old encoding, or none; words of any script must get through.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(run(_dispatch))


def _dispatch() -> int:
    """What is spelled out whole and waited for (the first words; what an editor runs at each save) needs no Typer."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        sys.stdout.write(f"calmdesk {__version__}\n")
        return 0
    if arguments[:1] == ["_complete"]:
        from calmdesk.cli.completing import answer

        return answer(arguments[1:])
    if {"--help", "-h"} & set(arguments) or len(arguments) == 1 + ("--debug" in arguments):
        from calmdesk.cli.manual import show_help, wants_help

        if wants_help(arguments):
            return show_help(arguments)
    if arguments[:1] == ["handle"]:
        from calmdesk.cli.quick import read_handle
        from calmdesk.terminal.live import handle

        options = read_handle(arguments[1:])
        if options is not None:
            return handle(make_desk(options))
    if arguments[:2] == ["playbook", "lint"]:
        from calmdesk.cli.quick import read_lint

        wanted = read_lint(arguments[2:])
        if wanted is not None:
            from calmdesk.cli.linting import lint

            return lint(make_settings().library, wanted)
    from calmdesk.cli.app import run_app
    from calmdesk.safetext import without_hidden

    # What is typed wrong is told back.
    sys.argv[1:] = [without_hidden(a) for a in arguments]
    return run_app()
