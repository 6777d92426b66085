"""Odd places and odd files: a second window, a newer journal, an empty or lost one, a home that can't be written, a full disk."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from calmdesk.call import events as e
from calmdesk.journal.opening import read_mark
from tests.faults.script import ENDED, PARKED, SHORT, keep_earlier, read_calls, read_json, settled, write_book
from tests.faults.stage import Stage
from tests.faults.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.faults.stage import Ran


class Skipped(Exception):  # noqa: N818 - it is no error
    """This can't be tried here; the message says why."""


@contextmanager
def mounted(*options: str) -> Iterator[None]:
    """Something mounted for a while, as `mount` is told. Raises Skipped where nobody may."""
    *flags, point = options
    if sys.platform != "linux" or os.geteuid() != 0:
        raise Skipped("only root can mount, on Linux")
    tried = subprocess.run(["mount", *flags, point], capture_output=True, text=True, check=False)
    if tried.returncode:
        raise Skipped(f"nothing can be mounted here: {tried.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", point], check=True)


def remount(point: Path, options: str) -> None:
    """Mount what is mounted with other options."""
    subprocess.run(["mount", "-o", f"remount,{options}", str(point)], check=True, capture_output=True)


class Typist:
    """A call into which lines are typed one after another, while the world around it changes."""

    def __init__(self, stage: Stage, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "calmdesk", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=stage.environment,
        )
        self.out = ""

    def wait(self, text: str) -> str:
        """The lines up to the first that has this text."""
        assert self.process.stdout is not None
        told = ""
        while True:
            line = self.process.stdout.readline()
            told += line
            self.out += line
            assert line, (
                f"never said {text!r}:\n{self.out}\n{self.process.stderr.read() if self.process.stderr else ''}"
            )
            if text in line:
                return told

    def type(self, line: str, waits_for: str) -> str:
        """Type a line, and wait for an answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self.wait(waits_for)

    def end(self) -> tuple[int, str, str]:
        """No more lines: exit code, everything said, and stderr."""
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, self.out + out, err


# --- each takes a tally and a stage on which `earlier` is kept; gives nothing, or raises Skipped


def second_window(tally: Tally, stage: Stage) -> None:
    """A call that is open in a window is refused to another with 10; other calls go on."""
    stage.restore("earlier")
    number = sorted(read_calls(stage.home))[1]
    window = Typist(stage, "resume", str(number), "--plain")
    window.wait("Choose")
    refused = tally.look(stage.run("resume", str(number), "--plain", lines=("n never",)), "second window")
    tally.check(holds=refused.code == 10 and "another window" in refused.err, where="second window", what=refused)
    other = tally.look(stage.run("handle", str(write_book(stage)), "--plain", lines=ENDED), "second window")
    tally.check(holds=other.code == 0, where="another call beside it", what=other)
    window.type("n still here", "noted: still here")
    code, _, err = window.end()
    tally.check(holds=code == 4 and not err.count("Traceback"), where="first window", what=(code, err))
    calls = read_calls(stage.home)
    tally.check(holds=len(calls) == 4, where="second window", what=f"{len(calls)} calls")
    notes = [getattr(x, "text", "") for x in calls[number]]
    tally.check(holds="still here" in notes and "never" not in notes, where="second window", what=notes)
    again = tally.look(stage.run("resume", str(number), "--plain", lines=("p",)), "after it")
    tally.check(holds=again.code == 0, where="once the first window is gone", what=again)


def newer_journal(tally: Tally, stage: Stage) -> None:
    """A journal of a newer calmdesk is refused with 5 by every command, and stays as it is to the byte."""
    stage.restore("earlier")
    path = stage.home / "journal.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("pragma user_version=99")
    before = {x.name: x.read_bytes() for x in stage.home.iterdir() if x.is_file()}
    for command in (
        ("handle", str(write_book(stage)), "--plain"), ("resume",), ("call", "list"), ("promise", "list"), ("journal", "verify"),
        ("journal", "backup", str(stage.temp / "copy.db")), ("journal", "salvage"), ("call", "forget", "1", "--yes"), (),
    ):  # fmt: skip
        ran = tally.look(stage.fork(*command, lines=ENDED), f"newer journal: {command}")
        tally.check(holds=ran.code == 5 and "newer" in ran.err, where=f"newer journal: {command}", what=ran)
        after = {x.name: x.read_bytes() for x in stage.home.iterdir() if x.is_file()}
        tally.check(holds=before == after, where=f"newer journal: {command}", what=f"touched: {[*before]} {[*after]}")
        tally.count("commands that refused a newer journal")


def empty_journal(tally: Tally, stage: Stage) -> None:
    """An empty file beside a mark is moved aside and said; a new call is saved."""
    stage.restore("earlier")
    (stage.home / "journal.db").write_bytes(b"")
    _begin_anew(tally, stage, "empty journal", "it was empty")
    aside = [*stage.home.glob("journal.corrupt-*.db")]
    tally.check(holds=len(aside) == 1, where="empty journal", what=f"aside: {aside}")


def lost_journal(tally: Tally, stage: Stage) -> None:
    """A journal that is gone beside its mark is said, with how much it had; a backup brings it back."""
    stage.restore("earlier")
    was, calls = read_mark(str(stage.home)), read_calls(stage.home)
    backup = stage.folder / "backup.db"
    shutil.copyfile(stage.home / "journal.db", backup)
    (stage.home / "journal.db").unlink()
    _begin_anew(tally, stage, "lost journal", f"it had {was.seq} events")
    ran = tally.look(stage.fork("journal", "salvage", str(backup)), "lost journal")
    found = [settled(x) for x in read_calls(stage.home).values()]
    back = all(settled(x) in found for x in calls.values())
    tally.check(holds=ran.code == 0 and back, where="lost journal: salvage of a backup", what=ran)


def _begin_anew(tally: Tally, stage: Stage, where: str, says: str) -> None:
    ran = tally.look(stage.run("handle", str(write_book(stage)), "--plain", lines=PARKED), where)
    tally.check(holds=ran.code == 0 and says in ran.err, where=where, what=ran)
    verified = tally.look(stage.fork("journal", "verify"), where)
    tally.check(holds=verified.code == 0 and "The journal" not in verified.err, where=where, what=verified)
    tally.check(holds=len(read_calls(stage.home)) == 1, where=where, what="one new call")


def read_only_home(tally: Tally, stage: Stage) -> None:
    """Where nothing may be written, what is there can be read, and a call goes on in memory, into a rescue file."""
    stage.restore("earlier")
    calls = read_calls(stage.home)
    with mounted("--bind", str(stage.home), str(stage.home)):
        remount(stage.home, "bind,ro")
        listed = read_json(tally.look(stage.run("call", "list", "--json"), "read-only home"))
        tally.check(holds=len(listed["calls"]) == len(calls), where="read-only home", what=listed)
        for call in listed["calls"]:
            read_json(tally.look(stage.run("call", "show", call["call"], "--json"), "read-only home"))
        commands: tuple[tuple[str, ...], ...] = ((), ("promise", "list"), ("journal", "verify"))
        for command in commands:
            ran = tally.look(stage.run(*command), f"read-only home: {command}")
            tally.check(holds=ran.code == 0, where=f"read-only home: {command}", what=ran)
        commands = (("promise", "done", f"{min(calls)}.1"), ("call", "forget", str(min(calls)), "--yes"))
        for command in commands:
            ran = tally.look(stage.run(*command), f"read-only home: {command}")
            tally.check(holds=ran.code == 5 and bool(ran.err), where=f"read-only home: {command}", what=ran)
        ran = tally.look(stage.run("handle", str(write_book(stage)), "--plain", lines=ENDED), "read-only home")
        _in_memory(tally, stage, ran, "read-only home")
    _rescue(tally, stage, "read-only home", calls=len(calls) + 1)


def full_disk(tally: Tally, stage: Stage) -> None:
    """A disk that is full from the start: the call goes on in memory, into a rescue file elsewhere."""
    stage.restore()
    stage.home.mkdir()
    book = str(write_book(stage))
    with mounted("-t", "tmpfs", "-o", "size=256k", "none", str(stage.home)):
        tally.check(
            holds=stage.run("handle", book, "--plain", lines=SHORT).code == 4, where="full disk", what="first call"
        )
        fill(stage.home)
        ran = tally.look(stage.run("handle", book, "--plain", lines=ENDED), "full disk")
        _in_memory(tally, stage, ran, "full disk")
        for command in ((), ("call", "list"), ("promise", "list"), ("journal", "verify")):
            looked = tally.look(stage.run(*command), f"full disk: {command}")
            tally.check(holds=looked.code == 0, where=f"full disk: {command}", what=looked)
        (stage.home / "filling").unlink()
        _rescue(tally, stage, "full disk", calls=2)


def disk_with_room_again(tally: Tally, stage: Stage) -> None:
    """A disk that is full for a while: what was said meanwhile is written when there is room, and said."""
    stage.restore()
    stage.home.mkdir()
    with mounted("-t", "tmpfs", "-o", "size=256k", "none", str(stage.home)):
        typist = Typist(stage, "handle", str(write_book(stage)), "--plain")
        typist.wait("in one sentence")
        typist.type("the line is dead", "saved: problem")
        fill(stage.home)
        long = "so it went on and on "
        told = "".join(typist.type(f"n {n} {long * 40}", "noted: ") for n in range(8))
        warned = "! NOT SAVED: disk full" in told and "(not saved yet) noted: 7" in told
        tally.check(holds=warned, where="a disk full for a while", what=told)
        (stage.home / "filling").unlink()
        told = typist.type("n there is room", "noted: there is room")
        again = "! saved: everything is on disk again." in told and "\nnoted: there is room" in told
        tally.check(holds=again, where="a disk with room again", what=told)
        code, out, err = typist.end()
        tally.check(holds=code == 4 and "Traceback" not in out + err, where="a disk with room again", what=(code, err))
        notes = [x.text for call in read_calls(stage.home).values() for x in call if isinstance(x, e.Noted)]
        tally.check(holds=len(notes) == 9, where="a disk with room again", what=f"{len(notes)} notes")
        verified = tally.look(stage.run("journal", "verify"), "a disk with room again")
        tally.check(holds=verified.code == 0, where="a disk with room again", what=verified)


def held_by_another(tally: Tally, stage: Stage) -> None:
    """While another program holds the journal, the call goes on in memory; then it is written."""
    stage.restore("earlier")
    typist = Typist(stage, "handle", str(write_book(stage)), "--plain")
    typist.wait("in one sentence")
    with closing(sqlite3.connect(stage.home / "journal.db", isolation_level=None)) as db:
        db.execute("begin immediate")
        told = typist.type("the line is dead", "saved: problem")
        warned = "! NOT SAVED: another program holds it" in told and "(not saved yet) saved: problem" in told
        tally.check(holds=warned, where="held by another program", what=told)
        db.execute("rollback")
    told = typist.type("n free again", "noted: free again")
    tally.check(holds="! saved: everything" in told, where="held by another program", what=told)
    code, out, err = typist.end()
    tally.check(holds=code == 4 and "Traceback" not in out + err, where="held by another program", what=(code, err))


def fill(folder: Path) -> None:
    """Leave no room on a small disk."""
    with open(folder / "filling", "wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue


def _in_memory(tally: Tally, stage: Stage, ran: Ran, where: str) -> None:
    """A whole call was played in memory, and left in a rescue file."""
    played = ran.code == 5 and ran.out.count("! NOT SAVED") == 1 and "(not saved yet) noted: she shouts" in ran.out
    tally.check(holds=played and "salvage" in ran.err, where=where, what=ran)
    tally.check(holds=len(_rescue_files(stage)) == 1, where=where, what=f"rescue files: {_rescue_files(stage)}")


def _rescue_files(stage: Stage) -> list[Path]:
    return [x for folder in (stage.home, stage.user, stage.temp) for x in folder.glob("calmdesk-rescue-*")]


def _rescue(tally: Tally, stage: Stage, where: str, *, calls: int) -> None:
    """Where there is room again, salvage brings the call in, once."""
    for path in _rescue_files(stage):
        ran = tally.look(stage.run("journal", "salvage", str(path)), where)
        tally.check(holds=ran.code == 0 and not path.exists(), where=f"{where}: salvage", what=ran)
    found = read_calls(stage.home)
    tally.check(holds=len(found) == calls, where=where, what=f"{len(found)} calls after salvage")
    verified = tally.look(stage.run("journal", "verify"), where)
    tally.check(holds=verified.code == 0, where=where, what=verified)


PLACES: tuple[Callable[[Tally, Stage], None], ...] = (
    second_window,
    newer_journal,
    empty_journal,
    lost_journal,
    read_only_home,
    full_disk,
    disk_with_room_again,
    held_by_another,
)


def run_places(folder: Path) -> Tally:
    """Every odd place; what can't be tried here is counted as skipped, with its reason."""
    tally = Tally("places")
    for place in PLACES:
        stage = Stage(folder / place.__name__)
        keep_earlier(stage)
        try:
            place(tally, stage)
            tally.count("places")
        except Skipped as why:
            tally.count(f"skipped ({place.__name__}: {why})")
        except AssertionError as error:
            tally.check(holds=False, where=place.__name__, what=error)
    return tally
