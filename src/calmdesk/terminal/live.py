"""`play` joined to a screen or lines, the journal and the clock: a call from its first word to its wrap-up.

Rules of this file: an event is on disk before anything shows it; whatever stops a call, it is parked
and can be resumed; nothing heavy is imported before the first words stand on the screen.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from calmdesk.call import asides, moves
from calmdesk.call import events as e
from calmdesk.errors import CalmdeskError
from calmdesk.journal.opening import close_journal, open_journal, open_to_read, stand_in
from calmdesk.journal.trouble import UnusableError
from calmdesk.playbook.findings import is_error
from calmdesk.playbook.folders import is_path
from calmdesk.playbook.library import BrokenPlaybookError, Opened, open_edition, reopen_edition
from calmdesk.safetext import clean
from calmdesk.terminal.locks import is_open, take_lock
from calmdesk.terminal.showing import Beside, show_call
from calmdesk.terminal.sitting import (
    Desk,
    Sitting,
    call_name,
    catch_signals,
    find_call,
    ignore_signals,
    reopen_all,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calmdesk.call.play import Conversation
    from calmdesk.call.values import Call
    from calmdesk.journal.store import Journal


RESET = "reset"
"""The playbook that is offered when a call is over."""

# --- handle and resume


def handle(desk: Desk) -> int:
    """Walk a call from its first step. Returns the exit code of the reference."""
    wanted = desk.options.playbook
    if not wanted or (" " in wanted and not is_path(wanted)):
        from calmdesk.terminal.picker import pick_playbook

        wanted = pick_playbook(desk, wanted)
    opened = _open(desk, wanted)
    if opened.findings:
        _tell_findings(opened.findings)
    if opened.edition.books[opened.edition.root].module:
        raise CalmdeskError(
            f"“{opened.edition.root}” is a module: other playbooks play it.",
            "`calmdesk playbook list` shows what can be handled.",
            2,
        )
    _usable(desk)
    if opened.edition.books[opened.edition.root].private:
        from calmdesk.terminal.unkept import play_unkept

        return play_unkept(desk, opened.edition)
    catch_signals()
    sitting = Sitting(desk, _open_somehow(desk), opened.edition)
    if opened.findings:
        sitting.notices.append(f"{wanted} has errors now: this call goes on with its last good text.")
    talk = sitting.begin()
    return _sit(sitting, talk, earlier=_find_another(sitting))


def _find_another(sitting: Sitting) -> int | None:
    """An earlier call that could be resumed; where that can't be found out, this one goes on all the same."""
    try:
        return find_earlier(sitting.desk, sitting.journal, sitting.number or 0)
    except CalmdeskError:
        return None


def _open_somehow(desk: Desk) -> Journal:
    """The journal; where it can't be written, one that is only read, or a stand-in: the call goes on in memory.

    Raises CalmdeskError (5) where a newer calmdesk wrote it.
    """
    try:
        return open_journal(desk.settings.data)
    except UnusableError:
        try:
            return open_to_read(desk.settings.data)
        except UnusableError:
            return stand_in()


def _open(desk: Desk, wanted: str) -> Opened:
    """The edition to play; where its text is broken and no compiled one is left, the last one the journal pinned."""
    try:
        return open_edition(desk.settings.library, wanted)
    except BrokenPlaybookError as broken:
        if is_path(wanted) or not os.path.exists(os.path.join(desk.settings.data, "journal.db")):
            raise
        journal = _open_somehow(desk)
        digests = journal.last_digests(wanted)
        if digests is None:
            raise
        return Opened(reopen_edition(desk.settings.library, digests, journal.text), broken.findings)


def resume(desk: Desk, wanted: str = "") -> int:
    """Go on with a call that was parked or cut off. Returns the exit code of the reference."""
    _usable(desk)
    brought = _bring_in_rescues(desk)
    journal = _open_somehow(desk)
    journal.notices = (*journal.notices, *brought)
    if not journal.path:
        journal = open_journal(desk.settings.data)
    number = find_call(journal, wanted) if wanted else find_earlier(desk, journal, 0)
    if number is None and (opened := journal.unfinished()):
        name = call_name(journal, opened[0])
        raise CalmdeskError(f"Call {name} is open in another window.", "Go on there, or close it first.", 10)
    if number is None:
        raise CalmdeskError("There is no call to resume.", "`calmdesk handle` starts one.", 2)
    return _resume(desk, journal, number)


def _bring_in_rescues(desk: Desk) -> list[str]:
    """Calls that couldn't be written when they ended come in first: one of them may be what is to go on."""
    from calmdesk.journal.opening import find_left_over
    from calmdesk.journal.salvage import rescue_folders, salvage

    told = []
    for path in find_left_over(*rescue_folders(desk.settings.data)):
        if path.endswith(".json"):
            with suppress(CalmdeskError, OSError):
                found = salvage(desk.settings.data, path)
                os.unlink(path)
                told.append(f"{found.events} events that couldn't be written before are in the journal now.")
    return told


def _resume(desk: Desk, journal: Journal, number: int) -> int:
    name = call_name(journal, number)
    lock, unlocked = None, ""
    try:
        lock = take_lock(desk.settings.data, number)
    except CalmdeskError as error:
        unlocked = f"{error.message} Don't open this call in a second window."
    if lock is None and not unlocked:
        raise CalmdeskError(f"Call {name} is open in another window.", "Go on there, or close it first.", 10)
    # Read only now: nobody else can change it any more.
    call = journal.call(number)
    if call.over:
        if lock is not None:
            lock.close()
            os.unlink(lock.name)
        raise CalmdeskError(f"Call {name} has ended ({call.ended}).", f"`calmdesk call show {name}` shows it.", 2)
    sitting = Sitting(desk, journal, reopen_all(desk.settings.library, call, journal.text), number, lock)
    sitting.notices += [unlocked] if unlocked else []
    _look_for_newer(sitting, call)
    catch_signals()
    return _sit(sitting, sitting.go_on(call), earlier=None)


def _look_for_newer(sitting: Sitting, call: Call) -> None:
    """Offer the playbook's newer text, where there is one that can be played."""
    try:
        opened = open_edition(sitting.desk.settings.library, call.path or call.root)
    except CalmdeskError:
        # It is gone, or broken: the call has its own text.
        return
    if not opened.findings and set(opened.edition.digests) != set(call.digests):
        sitting.offer_newer(opened.edition)


def find_earlier(desk: Desk, journal: Journal, but: int) -> int | None:
    """The newest call that isn't over, isn't `but`, and isn't open in another window."""
    for number in journal.unfinished():
        if number == but:
            continue
        if journal.read_only or not is_open(desk, number):
            return number
    return None


def _tell_findings(findings: Sequence[object]) -> None:
    from calmdesk.playbook.findings import Finding, render_finding

    for finding in findings:
        if isinstance(finding, Finding) and is_error(finding):
            sys.stderr.write(render_finding(finding) + "\n")
    sys.stderr.write("This playbook can't be played as it is written now: the call goes on with its last good text.\n")


def _usable(desk: Desk) -> None:
    """Refuse what can't work before a call begins."""
    options = desk.options
    if options.format not in {"text", "md", "json"}:
        raise CalmdeskError(f"--format {options.format} isn't known.", "Use text, md or json.", 2)
    if options.channel not in {"phone", "chat", "email", "desk"}:
        raise CalmdeskError(f"--channel {options.channel} isn't known.", "Use phone, chat, email or desk.", 2)
    if options.answers and not (os.path.isfile(options.answers) and os.access(options.answers, os.R_OK)):
        raise CalmdeskError(f"The answers in {options.answers} can't be read.", "Check the path and who may read it.")
    folder = os.path.dirname(os.path.abspath(options.summary)) if options.summary not in {"", "-"} else ""
    if folder and not (os.path.isdir(folder) and os.access(folder, os.W_OK)):
        raise CalmdeskError(
            f"The summary can't be written to {options.summary}.", "Choose a folder that is there and may be written."
        )


def _sit(sitting: Sitting, talk: Conversation, *, earlier: int | None) -> int:
    """Play the call to its end, or park it where it is cut off; then write the wrap-up."""
    switch: list[int] = []
    beside = Beside(
        lambda: _earlier_text(sitting, earlier),
        lambda: _switch(sitting, talk, earlier, switch),
        lambda: _wrapup_text(sitting, talk.call, "text"),
    )
    shown = show_call(sitting, talk, beside)
    if switch:
        _tell_stopped(sitting, talk.call)
        return _resume(sitting.desk, sitting.journal, switch[0])
    code = _finish(sitting, talk, shown.code)
    return _reset(sitting.desk) if shown.reset and code == 0 else code


def _reset(desk: Desk) -> int:
    """A few minutes for the agent after a call; kept nowhere."""
    options = desk.options._replace(playbook=RESET, customer=None, facts=(), case="", summary="")
    return handle(desk._replace(options=options))


def _finish(sitting: Sitting, talk: Conversation, code: int) -> int:
    ignore_signals()
    try:
        if not talk.call.over and not talk.call.parked:
            talk.take(
                lambda s: asides.park(
                    s, {4: "nobody answered", 129: "hung up", 130: "Ctrl-C", 143: "terminated"}.get(code, "stopped")
                )
            )
        saved = sitting.save(patient=True)
        rescued = "" if saved else sitting.rescue()
        if not saved:
            code = 5 if code in {0, 4} else code
        try:
            write_wrapup(sitting, talk.call)
        except CalmdeskError as error:
            if saved:
                raise
            sys.stderr.write(f"calmdesk: {clean(error.message)}\n")
        finally:
            if talk.call.over:
                _tell_hook(sitting, talk.call)
            _tell_stopped(sitting, talk.call, rescued)
    except OSError:
        # The terminal is gone: what happened is on disk, and there is nobody to tell.
        code = code or 129
    finally:
        with suppress(OSError):
            keep_words(sitting.desk, sitting.journal)
        close_journal(sitting.journal)
    return code


def _tell_stopped(sitting: Sitting, call: Call, rescued: str = "") -> None:
    """What must be said of a call that this window lets go of: what was found, and where it is."""
    if call.over:
        sitting.release()
    for notice in sitting.notices:
        sys.stderr.write(f"calmdesk: {clean(notice)}\n")
    if not sitting.save(patient=True):
        _tell_unsaved(sitting, rescued or sitting.rescue())
    elif call.parked:
        sys.stderr.write(f"Call {sitting.name} is parked. `calmdesk resume {sitting.name}` goes on.\n")


def _tell_hook(sitting: Sitting, call: Call) -> None:
    """Hand the ended call to the command that the configuration names; it runs on by itself."""
    if sitting.desk.settings.hook:
        from calmdesk.terminal.hook import run_hook

        if problem := run_hook(sitting.desk.settings.hook, _wrapup_text(sitting, call, "json")):
            sys.stderr.write(f"calmdesk: {clean(problem)}\n")


def keep_words(desk: Desk, journal: Journal) -> None:
    """What the configuration doesn't want kept any longer is forgotten, and said."""
    if not desk.settings.retention_days:
        return
    from calmdesk.journal.forget import keep_retention

    gone = keep_retention(journal, desk.settings.retention_days, desk.clock(), lambda n: is_open(desk, n))
    if gone is not None:
        sys.stderr.write(
            f"The words of {gone.calls} calls older than {desk.settings.retention_days} days were forgotten, "
            "as the configuration asks.\n"
        )


def _tell_unsaved(sitting: Sitting, rescued: str) -> None:
    """The call is over, and its journal can't be written: where it is instead."""
    why = sitting.trouble.message if sitting.trouble else ""
    if rescued:
        hint = f"The whole call is in {rescued}; `calmdesk journal salvage {rescued}` brings it in."
    else:
        hint = "There is no room for it anywhere: copy what is above."
    sys.stderr.write(f"calmdesk: this call is not in the journal. {clean(why)}\n   hint: {clean(hint)}\n")


def _switch(sitting: Sitting, talk: Conversation, earlier: int | None, switch: list[int]) -> None:
    """`u` on the first screen: lay the call just begun aside, and go on with the earlier one.

    It was unused, unless something was typed: then it is parked.
    """
    if earlier is None:
        raise moves.Misfit("There is no earlier call to resume.")
    typed = talk.call.notes or talk.call.promises
    talk.take(partial(asides.park, why="for an earlier call") if typed else lambda _: [e.Ended("unused")])
    switch.append(earlier)
    if sitting.lock:
        sitting.lock.close()


def _earlier_text(sitting: Sitting, earlier: int | None) -> str:
    from calmdesk.call.facts import local_time

    if earlier is None:
        return ""
    try:
        call = sitting.journal.call(earlier)
    except CalmdeskError:
        return ""
    return local_time(sitting.edition.policy, call.started).strftime("%H:%M") if call.started else ""


def _wrapup_text(sitting: Sitting, call: Call, form: str) -> str:
    from calmdesk.terminal.summary import render_summary

    return render_summary(sitting.edition, call, sitting.name, form)


def write_wrapup(sitting: Sitting, call: Call) -> None:
    """The wrap-up where it was asked for; without --summary, a call that ended shows it in words."""
    options = sitting.desk.options
    if not options.summary and not call.over:
        return
    text = _wrapup_text(sitting, call, options.format)
    if options.summary in {"", "-"}:
        sys.stdout.write(("\n" if not options.summary else "") + text)
        sys.stdout.flush()
        return
    try:
        with open(options.summary, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        name = sitting.name
        raise CalmdeskError(
            f"The summary can't be written to {options.summary}: {error.strerror}.",
            f"The call is safe; `calmdesk call summary {name}` shows it.",
        ) from error
