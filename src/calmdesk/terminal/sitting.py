"""One call at this desk: its number, its lock, and what remembers its events, each on disk before it is believed."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple, NoReturn, TextIO

from calmdesk.call import events as e
from calmdesk.call import moves
from calmdesk.call.play import Conversation
from calmdesk.call.values import Call, elapsed
from calmdesk.errors import CalmdeskError
from calmdesk.journal.opening import is_damaged, move_aside, open_journal
from calmdesk.journal.rows import Entry
from calmdesk.journal.trouble import UnusableError
from calmdesk.playbook.folders import is_path
from calmdesk.playbook.library import reopen_edition
from calmdesk.playbook.model import Authority, Earlier
from calmdesk.safetext import clean
from calmdesk.terminal.locks import lock_name, take_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calmdesk.call.events import Event, Stamp
    from calmdesk.journal.store import Journal
    from calmdesk.playbook.folders import Library
    from calmdesk.playbook.model import Edition
    from calmdesk.settings import Settings


PATIENCE, IN_TROUBLE = 2.0, 0.05
"""Seconds to wait for another window's write: usually, and while a call goes on unsaved, when each key tries."""


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
    # A window that is closed hangs up, under whichever name.
    raise Stopped(129 if number == getattr(signal, "SIGBREAK", -1) else 128 + number)


def ignore_signals() -> None:
    """While a call is being parked, nothing stops that."""
    for name in ("SIGHUP", "SIGBREAK", "SIGTERM", "SIGINT"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def catch_signals() -> None:
    """Hang-up and TERM park the call (exit 129, 143) instead of ending the program in the middle."""
    for name in ("SIGHUP", "SIGBREAK", "SIGTERM"):
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


def reopen_all(library: Library, call: Call, fetch: Callable[[str], bytes | None]) -> Edition:
    """What a call plays: the texts it goes on with, and behind them those it was played with before.

    Raises CalmdeskError: a pinned text is missing (5).
    """
    from calmdesk.call.renew import layer

    if call.path:
        # A text that was lost may still stand where the call found it.
        library = library._replace(folders=(os.path.dirname(call.path), *library.folders))
    editions = [reopen_edition(library, digests, fetch) for digests in (*call.before, call.digests)]
    return reduce(layer, editions)


class Sitting:
    """One call at this desk: its number, its lock, and what remembers its events.

    Events that can't be written wait here, in memory, and are tried again: the agent's next sentence comes
    first. `trouble` says so as long as it lasts.
    """

    def __init__(
        self, desk: Desk, journal: Journal, edition: Edition, number: int | None = None, lock: TextIO | None = None
    ) -> None:
        self.desk = desk
        self.journal = journal
        self.case = clean(desk.options.case)
        self.given: tuple[Earlier, ...] | None = None
        self.edition = edition._replace(policy=edition.policy.at(self._authority()))
        self.number = number
        self.lock = lock
        self.parked_at = 0
        self.entries: list[Entry] = []
        self.written = 0
        self.trouble: CalmdeskError | None = None
        self.tried: Stamp | None = None
        self.looked = self.in_doubt = False
        self.notices = list(journal.notices)
        self.pins = dict(edition.texts) if number is None else {}
        self.newer: Edition | None = None
        self.changes = ""

    def _authority(self) -> Authority:
        """Whose desk this is; what earlier calls gave to the same case is looked up when an offer asks for it."""
        settings = self.desk.settings
        key = settings.team_key.reveal().encode()
        return Authority(settings.role, settings.limits, key, settings.strict, lambda: self.name, self._earlier)

    def _earlier(self) -> tuple[Earlier, ...]:
        """The gestures of earlier calls to this case; looked up once, and again where that failed."""
        if self.given is None:
            with suppress(CalmdeskError):
                self.given = find_earlier_gestures(self.journal, self.case, self.number)
        return self.given or ()

    # --- remembering

    def record(self, events: Sequence[Event], at: Stamp) -> None:
        """Events on disk; or in memory, and `trouble` says why."""
        self.entries += [Entry(at, event) for event in events]
        self.save()

    def save(self, *, patient: bool = False) -> bool:
        """Write what waits. Gives whether everything is on disk; `trouble` says why not."""
        if self.written == len(self.entries):
            return True
        self.tried = self.desk.clock()
        try:
            if patient and self.trouble:
                self.journal.be_patient(PATIENCE)
            self._write()
        except CalmdeskError as error:
            if self.trouble is None:
                self.journal.be_patient(IN_TROUBLE)
            self.trouble = error
            return False
        if self.trouble is not None:
            self.trouble = None
            self.journal.be_patient(PATIENCE)
        return True

    @property
    def why(self) -> str:
        """Why the call isn't on disk, in a few words; nothing where it is."""
        return "" if self.trouble is None else getattr(self.trouble, "why", "the journal can't be used")

    def save_again(self) -> None:
        """Try again to write what waits, every two seconds."""
        if not self.looked:
            self.looked = True
            self._look_closer()
        if self.trouble is not None and self.tried is not None:
            waited = elapsed(self.tried, self.desk.clock())
            if waited is None or waited >= 2000:
                self.save()

    def _look_closer(self) -> None:
        """Once a call, when its words stand on the screen: is the journal that takes it sound?

        Where it isn't, it goes aside, and a new one takes the whole call.
        """
        with suppress(CalmdeskError):
            if self.journal.path and not self.journal.read_only and self.journal.is_small and self.journal.integrity():
                self._put_aside()
                # In another journal nothing of the call is written yet.
                self.number, self.written, self.in_doubt = None, 0, True
                self.save()

    def _put_aside(self) -> None:
        """Put a damaged journal aside, where no other window has done so."""
        folder = self.desk.settings.data
        if is_damaged(folder) and (moved := move_aside(folder, "it is damaged", self.journal.file)):
            self.notices.append(moved)

    def _write(self) -> None:
        if not self.journal.path or self.journal.gone or self.journal.read_only:
            self._reopen()
        try:
            self._append()
        except UnusableError as error:
            if not error.damaged:
                raise
            # The file broke under the call: it goes aside, and a new one takes the whole call.
            self._put_aside()
            self._reopen()
            self._append()

    def _append(self) -> None:
        if self.in_doubt:
            # A commit whose last sync failed, or that a signal cut short, may be on disk all the same.
            self.number, self.written = self.journal.find_written(self.number, self.entries)
        self.in_doubt = True
        self.number = self.journal.append_entries(self.number, self.entries[self.written :], self.pins, self._claim)
        self.written = len(self.entries)
        self.in_doubt = False
        self.pins = {}
        if self.lock is None:
            # Another window held this number's lock while its own write failed.
            self._claim(self.number)

    def _reopen(self) -> None:
        """The journal that stands there now, or a new one: what of the call is in it is looked for."""
        journal = open_journal(self.desk.settings.data, IN_TROUBLE if self.trouble else PATIENCE)
        self.notices += journal.notices
        old, self.journal = self.journal, journal
        self.number, self.written, self.in_doubt, self.pins = None, 0, True, dict(self.edition.texts)
        with suppress(CalmdeskError):
            old.close()

    def _claim(self, number: int) -> None:
        """Keep other windows off a call that is just being begun."""
        if self.lock is not None and os.path.basename(self.lock.name) != lock_name(number):
            self.lock.close()
            self.lock = None
        if self.lock is None:
            with suppress(CalmdeskError):
                self.lock = take_lock(self.desk.settings.data, number)

    def rescue(self) -> str:
        """Leave a call that couldn't be written in a file of its own; gives its path, or nothing where there is no room."""
        from calmdesk.journal.salvage import rescue_folders, write_rescue

        folders = rescue_folders(self.desk.settings.data)
        return write_rescue(folders, self.name if self.number else "", self.entries, self.edition.texts)

    @property
    def name(self) -> str:
        """The call's id; while no journal has it, one of its own."""
        if self.number is None and self.entries:
            return f"{self.journal.desk}-u{self.entries[0].at.wall % 1_000_000}"
        return call_name(self.journal, self.number or 0)

    # --- beginning and going on

    def begin(self) -> Conversation:
        """A new call: its start and the facts given beforehand are one transaction."""
        options, now = self.desk.options, self.desk.clock()
        path = os.path.abspath(options.playbook) if is_path(options.playbook) else ""
        # A name in no encoding that a journal has can't be found again by it.
        path = path if path.encode(errors="replace").decode() == path else ""
        given = list(_given(self.edition, options))
        try:
            events = moves.begin_told(self.edition, now, given, channel=options.channel, case=options.case, path=path)
        except moves.NotAllowed as no:
            hint = "Write it as --fact KEY=VALUE." if given else "`calmdesk playbook explore` says when."
            raise CalmdeskError(str(no), hint, 2) from None
        talk = Conversation(self.edition, Call(), record=self.record, now=self.desk.clock)
        talk.take(lambda _: events)
        return talk

    def go_on(self, call: Call) -> Conversation:
        """An earlier call, exactly where it stood; its lock is held already."""
        # What was noted in the last second before it lay by was half a line.
        self.parked_at = call.last.wall - 1000 if call.last else 0
        self.case = call.case
        self.entries = self.journal.read(self.number or 0)
        self.written = len(self.entries)
        talk = Conversation(self.edition, call, record=self.record, now=self.desk.clock)
        talk.take(lambda _: [e.Resumed(self.journal.desk, self.edition.digests)])
        return talk

    def offer_newer(self, newer: Edition) -> None:
        """The playbook has changed since this call began: its new text can be taken with one key."""
        from calmdesk.call.renew import find_changes

        changes = find_changes(self.edition, newer)
        more = f" and {len(changes) - 4} more" if len(changes) > 4 else ""
        told = f": {'; '.join(changes[:4])}{more}" if changes else ", in what is not played"
        self.changes = f"The playbook has changed since this call began{told}."
        self.newer = newer._replace(policy=newer.policy.at(self.edition.policy.authority))

    def renew(self, talk: Conversation) -> tuple[Event, ...]:
        """Go on with the new text. Raises NotAllowed where no step of it makes sense here, or there is none."""
        if self.newer is None:
            raise moves.NotAllowed("This call plays the newest text already.")
        from calmdesk.call.renew import layer

        layered = layer(self.edition, self.newer)
        self.pins = {**self.pins, **self.newer.texts}
        events = talk.renew(layered)
        self.edition, self.newer, self.changes = layered, None, ""
        return events

    def release(self) -> None:
        """Let go of the call; one that is over leaves no lock behind."""
        if self.lock is None:
            return
        self.lock.close()
        with suppress(OSError):
            os.unlink(self.lock.name)
        self.lock = None


def find_earlier_gestures(journal: Journal, case: str, but: int | None) -> tuple[Earlier, ...]:
    """The gestures that stand of earlier calls of this desk to a case, the newest first."""
    found = []
    for number in journal.calls_of(case) if case else ():
        call = journal.call(number)
        if number == but or call.started is None:
            continue
        name, at = call_name(journal, number), call.started.wall
        found += [
            Earlier(name, f"{o.made.amount} {o.made.currency}", at)
            for o in call.offers
            if o.made.kind == "gesture" and not o.withdrawn and o.accepted is not False
        ]
    return tuple(found)


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
