"""One call at this desk: its number, its lock, and what remembers its events, each on disk before it is believed."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, NoReturn, TextIO

from calmdesk.call import events as e
from calmdesk.call import moves
from calmdesk.call.play import Conversation
from calmdesk.call.state import evolve
from calmdesk.call.values import Call
from calmdesk.errors import CalmdeskError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calmdesk.call.events import Event, Stamp
    from calmdesk.journal.store import Journal
    from calmdesk.playbook.model import Edition
    from calmdesk.settings import Settings


class Options(NamedTuple):
    """What `handle` and `resume` were asked for."""

    playbook: str = ""
    customer: str | None = None
    case: str = ""
    channel: str = "phone"
    facts: tuple[str, ...] = ()
    lang: str = ""
    plain: bool = False
    answers: str = ""
    summary: str = ""
    format: str = "text"


class Desk(NamedTuple):
    """What a call at this desk needs from the world."""

    settings: Settings
    clock: Callable[[], Stamp]
    options: Options


class Stopped(SystemExit):
    """A signal ended the program; the call is parked on the way out.

    An event loop lets only SystemExit and KeyboardInterrupt out of what it runs.
    """

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code: int = code


def _stop(number: int, _frame: object) -> NoReturn:
    raise Stopped(128 + number)


def ignore_signals() -> None:
    """While a call is being parked, nothing stops that."""
    for name in ("SIGHUP", "SIGTERM", "SIGINT"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def catch_signals() -> None:
    """Hang-up and TERM park the call (exit 129, 143) instead of ending the program in the middle."""
    for name in ("SIGHUP", "SIGTERM"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _stop)


def call_name(journal: Journal, number: int) -> str:
    """A call's id: the desk's letters and the call's number."""
    return f"{journal.desk}-{number}"


def find_call(journal: Journal, wanted: str) -> int:
    """The number of a call named by its id, or by its number alone. Raises CalmdeskError (2)."""
    desk, _, digits = wanted.rpartition("-")
    numbers = journal.calls()
    if (not desk or desk == journal.desk) and digits.isdecimal() and int(digits) in numbers:
        return int(digits)
    raise CalmdeskError(f"There is no call “{wanted}” on this desk.", "`calmdesk call list` shows what there is.", 2)


class Sitting:
    """One call at this desk: its number, its lock, and what remembers its events."""

    def __init__(
        self, desk: Desk, journal: Journal, edition: Edition, number: int | None = None, lock: TextIO | None = None
    ) -> None:
        self.desk = desk
        self.journal = journal
        self.edition = edition
        self.number = number
        self.lock = lock
        self.parked_at = 0

    def record(self, events: Sequence[Event], at: Stamp) -> None:
        """Events on disk, or a CalmdeskError (5)."""
        if events:
            texts = dict(self.edition.texts) if self.number is None else None
            self.number = self.journal.append(self.number, events, at, texts)

    @property
    def name(self) -> str:
        """The call's id."""
        return call_name(self.journal, self.number or 0)

    def begin(self) -> Conversation:
        """A new call: its start and the facts given beforehand are one transaction."""
        options, now = self.desk.options, self.desk.clock()
        first = moves.start(self.edition, channel=options.channel, case=options.case)
        events: list[Event] = [first]
        call = evolve(Call(), first, now)
        for name, value in _given(self.edition, options):
            try:
                told = moves.tell(moves.Standing(self.edition, call, now), name, value)
            except moves.NotAllowed as no:
                raise CalmdeskError(str(no), "Write it as --fact KEY=VALUE.", 2) from None
            events += told
            for event in told:
                call = evolve(call, event, now)
        talk = Conversation(self.edition, Call(), record=self.record, now=self.desk.clock)
        talk.take(lambda _: events)
        self.hold_lock()
        return talk

    def go_on(self, call: Call) -> Conversation:
        """An earlier call, exactly where it stood; its lock is held already."""
        # What was noted in the last second before it lay by was half a line.
        self.parked_at = call.last.wall - 1000 if call.last else 0
        talk = Conversation(self.edition, call, record=self.record, now=self.desk.clock)
        talk.take(lambda _: [e.Resumed(self.journal.desk, self.edition.digests)])
        return talk

    def release(self) -> None:
        """Let go of the call; one that is over leaves no lock behind."""
        if self.lock is None:
            return
        self.lock.close()
        with suppress(OSError):
            os.unlink(self.lock.name)
        self.lock = None

    def hold_lock(self) -> None:
        """Keep other windows off this call. Raises CalmdeskError (10) where one has it open."""
        self.lock = take_lock(self.desk.settings.data, self.number or 0)
        if self.lock is None:
            raise CalmdeskError(f"Call {self.name} is open in another window.", "Go on there, or close it first.", 10)


def take_lock(folder: str, number: int) -> TextIO | None:
    """The lock of a call, or None where another window holds it; it is free again when its holder is gone.

    Where a folder can't lock (some network drives), the call goes on without: better than no call.
    Raises CalmdeskError (5) where the lock can't be written.
    """
    path = os.path.join(folder, f"call-{number}.lock")
    try:
        file = open(path, "a", encoding="utf-8")  # noqa: SIM115 - held open for the whole call
    except OSError as error:
        raise CalmdeskError(f"{path} can't be written: {error.strerror}.", "Check who may write there.", 5) from error
    try:
        _lock(file)
    except BlockingIOError:
        file.close()
        return None
    except OSError:
        return file
    return file


def _lock(file: TextIO) -> None:
    """Lock a file without waiting. Raises BlockingIOError where another process holds it."""
    if os.name == "nt":
        import msvcrt

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError as error:
            raise BlockingIOError from error
        return
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _given(edition: Edition, options: Options) -> list[tuple[str, str]]:
    given = []
    if options.customer is not None and any(b.fact("customer") for b in edition.books.values()):
        given.append(("customer", options.customer))
    for fact in options.facts:
        name, equals, value = fact.partition("=")
        if not equals:
            raise CalmdeskError(f"--fact {fact} has no value.", "Write it as --fact KEY=VALUE.", 2)
        given.append((name.strip(), value))
    return given
