"""What `doctor` finds on this machine and in its configuration: each look gives findings, and writes nothing."""

from __future__ import annotations

import os
import platform
import re
import shlex
import sys
import time
from typing import TYPE_CHECKING, Literal, NamedTuple

from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from calmdesk.call.events import Stamp
    from calmdesk.cli.config import Row
    from calmdesk.settings import Settings

State = Literal["ok", "LOOK", "BAD"]
OLDEST_PYTHON = (3, 11)
MEBIBYTE = 1 << 20
LITTLE_ROOM, NO_ROOM = 200 * MEBIBYTE, 20 * MEBIBYTE
# A name such as Europe/Lisbon; other values of TZ are rules that the system's library reads by itself.
_ZONE = re.compile(r":?([A-Za-z_]+(?:/[A-Za-z0-9_+-]+)+)\Z")
_MOST_PROBLEMS = 4


class Check(NamedTuple):
    """One thing that was looked at.

    Args:
        name: what was looked at, in a word or two.
        state: `ok`; `LOOK`, where there is something to do; `BAD`, where a call may be lost or the program can't work.
        found: what is so, in one clause.
        do: what to do about it.
        listed: what `found` speaks of, one by one; a screen names the first few.

    """

    name: str
    state: State
    found: str
    do: str = ""
    listed: tuple[str, ...] = ()

    def said(self, most: int | None = None) -> str:
        """What is so, with at most this many of what is listed (all, where nothing is said)."""
        if not self.listed:
            return clean(self.found)
        shown = self.listed[:most]
        more = len(self.listed) - len(shown)
        return clean(f"{self.found}: {', '.join(shown)}{f' and {more} more' if more else ''}.")


def try_to_look(name: str, look: Callable[[], Iterable[Check]]) -> list[Check]:
    """What a look finds; one that fails itself is something to look at, and the others go on."""
    try:
        return list(look())
    except CalmdeskError as error:
        return [Check(name, "LOOK", error.message, error.hint)]
    except OSError as error:
        return [
            Check(
                name,
                "LOOK",
                f"this couldn't be looked at: {error.strerror or error}.",
                "Go to a folder that is there, see that its disk answers, and ask again.",
            )
        ]
    except Exception as error:  # noqa: BLE001 - whatever is wrong with this desk, the rest must still be said
        kind = type(error).__name__
        return [
            Check(
                name,
                "LOOK",
                f"this couldn't be looked at ({kind}: {error}).",
                "The other findings hold. It is a mistake of calmdesk: please tell who gave it to you.",
            )
        ]


def shown_path(path: str) -> str:
    """A path as a person reads it: short, and without their own name."""
    home = os.path.expanduser("~")
    if path == home or path.startswith(home.rstrip(os.sep) + os.sep):
        return "~" + path[len(home.rstrip(os.sep)) :]
    return path


def nearest_folder(path: str) -> str:
    """The folder, or the nearest above it that is there: a home that nobody has used yet has none."""
    while not os.path.lexists(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    return path


def one_or_more(count: int, one: str, more: str) -> str:
    """A count with its word."""
    return f"{count} {one if count == 1 else more}"


# --- this machine


def look_at_versions(sqlite: tuple[int, ...], oldest_sqlite: tuple[int, ...], how: str) -> Iterator[Check]:
    """Python, SQLite (with how the journal uses it) and calmdesk itself."""
    import calmdesk

    said = f"{platform.python_version()}, {shown_path(sys.executable)}"
    wanted = ".".join(map(str, OLDEST_PYTHON))
    if sys.version_info[:2] < OLDEST_PYTHON:
        yield Check("Python", "BAD", f"{said}, is too old.", f"Install Python {wanted} or newer, and calmdesk in it.")
    else:
        yield Check("Python", "ok", f"{said}.")
    number = ".".join(map(str, sqlite))
    if sqlite < oldest_sqlite:
        least = ".".join(map(str, oldest_sqlite))
        yield Check(
            "SQLite", "BAD", f"{number} is too old for the journal.", f"Use a Python with SQLite {least} or newer."
        )
    else:
        yield Check("SQLite", "ok", f"{number}, {how}.")
    where = os.path.dirname(os.path.abspath(calmdesk.__file__))
    yield Check("calmdesk", "ok", f"{calmdesk.__version__}, {shown_path(where)}.")


def look_at_privacy(settings: Settings) -> Iterator[Check]:
    """Whether folders and files of this desk are private to the user."""
    if os.name == "nt":
        yield Check("private", "ok", "Windows keeps your folders for you; who else may read them wasn't looked at.")
        return
    mask = os.umask(0o077)
    os.umask(mask)
    open_to, foreign = [], []
    for path in _own_paths(settings):
        try:
            status = os.stat(path)
        except OSError:
            continue
        if status.st_uid != os.geteuid():
            foreign.append(path)
        elif status.st_mode & 0o077:
            open_to.append(path)
    if open_to:
        typed = " ".join(shlex.quote(path) for path in open_to)
        yield Check(
            "private",
            "LOOK",
            "other people on this machine may open",
            f"`chmod go-rwx {typed}` makes {'them' if len(open_to) > 1 else 'it'} yours alone.",
            tuple(shown_path(path) for path in open_to),
        )
    if foreign:
        yield Check(
            "private",
            "LOOK",
            "another user owns",
            "Run calmdesk as yourself (without sudo), or set CALMDESK_HOME to a folder of your own.",
            tuple(shown_path(path) for path in foreign),
        )
    if mask & 0o077 != 0o077:
        yield Check(
            "private",
            "LOOK",
            f"new files may be opened by others (umask {mask:03o}).",
            "Set `umask 077` in your shell.",
        )
    elif not open_to and not foreign:
        yield Check("private", "ok", f"only you may open what calmdesk keeps (umask {mask:03o}).")


def _own_paths(settings: Settings) -> Iterator[str]:
    """Folders of this desk, and files that hold words of calls or settings."""
    folders = dict.fromkeys((settings.data, settings.config, settings.cache))
    yield from folders
    for folder in dict.fromkeys((settings.data, settings.config)):
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        kept = ("journal.", "calmdesk-rescue-", "config.toml")
        yield from (os.path.join(folder, name) for name in names if name.startswith(kept))


def look_at_disk(folder: str) -> Iterator[Check]:
    """How much room there is where the journal lies."""
    import shutil

    free = shutil.disk_usage(nearest_folder(folder)).free
    state: State = "BAD" if free < NO_ROOM else "LOOK" if free < LITTLE_ROOM else "ok"
    do = f"Make room on the disk that holds {shown_path(folder)}, or set CALMDESK_HOME to a folder on another."
    yield Check("disk", state, f"{_spoken_size(free)} free where the journal lies.", "" if state == "ok" else do)


def _spoken_size(size: int) -> str:
    return f"{size / (1 << 30):.1f} GB" if size >= 1 << 30 else f"{size // MEBIBYTE} MB"


def look_at_drive(folder: str) -> Iterator[Check]:
    """Whether the journal lies on a network drive."""
    from calmdesk.journal.drives import find_network_drive

    kind = find_network_drive(folder)
    if kind:
        yield Check(
            "drive",
            "LOOK",
            f"{shown_path(folder)} is on a network drive ({kind}): locks and saves there depend on its server.",
            "Set CALMDESK_HOME to a folder on this machine, and copy the journal there with `calmdesk journal backup`.",
        )
    elif sys.platform == "win32" or os.access("/proc/self/mountinfo", os.R_OK):
        yield Check("drive", "ok", "the journal isn't on a network drive.")
    else:
        yield Check("drive", "ok", "whether the journal is on a network drive isn't known on this system.")


def look_at_clock(now: Stamp, last: int | None) -> Iterator[Check]:
    """Whether times can be relied on; `last` is when the journal's last row was written (ms), where there is one."""
    from calmdesk.cli.calls import local

    here = local(now.wall)
    said = f"{here:%Y-%m-%d %H:%M}, {_spoken_zone(here.strftime('%z'), here.tzname() or '')}"
    zone = _ZONE.match(os.environ.get("TZ", ""))
    if last is not None and now.wall < last - 60_000:
        yield Check(
            "clock",
            "BAD",
            f"it says {said}, and the last thing saved is from {local(last):%Y-%m-%d %H:%M}: it went back.",
            "Set the date and time of this machine: promises are due by it. What is saved keeps its order.",
        )
    elif zone and not _is_zone(zone.group(1)):
        yield Check(
            "clock",
            "LOOK",
            f"{said}: TZ names {zone.group(1)}, which this machine doesn't know.",
            "Set TZ to a name it knows, such as Europe/Lisbon, or take it out of your environment.",
        )
    elif os.name != "nt" and not os.environ.get("TZ") and not os.path.exists("/etc/localtime"):
        yield Check(
            "clock",
            "LOOK",
            f"{said}: no time zone is set, so times are UTC.",
            "Set the machine's time zone, or TZ in your environment (Europe/Lisbon).",
        )
    else:
        sleeps = hasattr(time, "CLOCK_BOOTTIME")
        asleep = "." if sleeps else "; minutes that the machine sleeps may not count."
        yield Check("clock", "ok", f"{said}{asleep}")


def _spoken_zone(offset: str, name: str) -> str:
    """A time zone as people say it: its offset, and its name where that says more."""
    spoken = f"UTC{offset[:3]}:{offset[3:5]}" if offset.strip("+-0") else "UTC"
    return spoken if name in {"", "UTC"} or name.startswith(("+", "-")) else f"{spoken} ({name})"


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


# --- what this desk is set to


def look_at_configuration(settings: Settings) -> Iterator[Check]:
    """Every value that isn't the default and where it comes from, what is locked, and what can't be read."""
    from calmdesk.cli.config import list_rows

    for problem in settings.problems[:_MOST_PROBLEMS]:
        yield Check("settings", "LOOK", problem, "`calmdesk config show --origin` says what holds until then.")
    if len(settings.problems) > _MOST_PROBLEMS:
        more = len(settings.problems) - _MOST_PROBLEMS
        yield Check("settings", "LOOK", f"{more} more to put right.", "`calmdesk config show` names each of them.")
    said: dict[str, list[str]] = {}
    # Limits are many and have long names: what a screen has room for is the rest.
    for row in sorted(list_rows(settings), key=lambda row: row.key.startswith("limits")):
        if row.key != "playbooks" and (row.origin != "default" or row.locked):
            said.setdefault(row.origin, []).append(_spoken_setting(row))
    for origin, values in said.items():
        yield Check("settings", "ok", f"from {shown_path(origin.removeprefix('environment '))}", listed=tuple(values))
    if not said and not settings.problems:
        yield Check("settings", "ok", "all as calmdesk comes.")


def _spoken_setting(row: Row) -> str:
    if isinstance(row.value, bool):
        value = "true" if row.value else "false"
    elif isinstance(row.value, list):
        # A hook's arguments may be secrets; what a person looks for is which command it is.
        value = f"{shown_path(row.value[0])}{' …' * (len(row.value) > 1)}" if row.value else "(none)"
    else:
        value = row.value or "(none)"
    return f"{row.key} {value}{' (locked)' * row.locked}"


def look_at_playbooks(settings: Settings) -> Iterator[Check]:
    """Which folders are searched for playbooks, the nearest first, and by whose word."""
    from calmdesk.playbook.folders import find_ids

    library = settings.library
    origin = settings.origins.get("playbooks", "default").removeprefix("environment ")
    built_in = library.folders[-1]
    missing = [folder for folder in settings.folders if not os.path.isdir(folder)]
    for folder in missing:
        yield Check(
            "playbooks",
            "LOOK",
            f"{shown_path(folder)} is no folder; {shown_path(origin)} names it.",
            "Make the folder, or take it out there. Calls go on without it.",
        )
    if not os.path.isfile(os.path.join(built_in, "policy.yaml")):
        yield Check(
            "playbooks",
            "BAD",
            f"those that come with calmdesk are not in {shown_path(built_in)}.",
            "Install calmdesk anew.",
        )
        return
    count = one_or_more(len(find_ids(library)), "file", "files")
    listed = [
        f"{shown_path(folder)}{f' ({shown_path(origin)})' * (folder in settings.folders)}"
        for folder in library.folders[:-1]
        if os.path.isdir(folder)
    ]
    if listed:
        yield Check("playbooks", "ok", f"{count}, the nearest first", listed=(*listed, "those of calmdesk"))
    else:
        yield Check("playbooks", "ok", f"{count}, those that come with calmdesk.")


def look_at_policy(settings: Settings) -> Iterator[Check]:
    """Whether the policy can be read, and whether the team has decided every amount, time and count of it."""
    from calmdesk.playbook.findings import is_error
    from calmdesk.playbook.folders import policy_paths, read_file
    from calmdesk.playbook.placeholders import find_undecided
    from calmdesk.playbook.shelf import merge_policies

    texts = [(path, read_file(path)) for path in policy_paths(settings.library, "")]
    policy, files = merge_policies(texts)
    wrong = next((finding for file in files for finding in file.findings if is_error(finding)), None)
    if wrong:
        path = os.path.abspath(wrong.path)
        yield Check(
            "policy",
            "BAD",
            f"{shown_path(path)}:{wrong.line}: {wrong.message} A new call can't be played with it.",
            f"`calmdesk playbook lint {shlex.quote(path)}` says more.",
        )
        return
    if policy.time_zone != "system" and not _is_zone(policy.time_zone):
        yield Check(
            "policy",
            "LOOK",
            f"time-zone: this machine doesn't know {policy.time_zone}, so its own zone is taken.",
            "Write a name such as Europe/Lisbon (`python -m pip install tzdata` brings the names), or system.",
        )
    if left := find_undecided(settings.library):
        count = one_or_more(len(left), "value is still a placeholder", "values are still placeholders")
        yield Check(
            "policy",
            "LOOK",
            count,
            "`calmdesk config policy` asks for each of them, and writes your own policy.",
            tuple(place.name for place in left),
        )
    else:
        yield Check("policy", "ok", "every amount, time and count is the team's own.")
