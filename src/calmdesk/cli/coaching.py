"""`coach` at work: a reply in, at most three remarks out, each with its words, what they do, and better ones."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean, json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from calmdesk.coach.review import Judge, Remark, Review
    from calmdesk.playbook.folders import Library

MOST_PATH = 4096
SHOWN = 96
"""So many cells of a reply stand in a line."""


class Wanted(NamedTuple):
    """What was asked for on the command line."""

    what: str
    """The reply itself, a file that holds it, or - for standard input."""
    customer: str = ""
    facts: str = ""
    form: str = "text"
    first_reply: bool = False
    everything: bool = False
    data: str = ""
    """The folder of the journal, in which a slip is remembered; nowhere where it is empty."""


def open_judge(library: Library) -> Judge:
    """The coach of this desk: its phrase rules, and what was learned. Raises CalmdeskError (3)."""
    from calmdesk.coach.learned import Learned
    from calmdesk.coach.review import MODEL, Judge
    from calmdesk.coach.rules import open_rules
    from calmdesk.playbook.findings import render_finding
    from calmdesk.playbook.folders import read_file

    rules, wrong = open_rules(library)
    for finding in wrong:
        sys.stderr.write(f"{render_finding(finding)}\n")
    for path in dict.fromkeys(finding.path for finding in wrong):
        sys.stderr.write(f"calmdesk: going on without {clean(path)}, which can't be used as it is written.\n")
    try:
        return Judge(Learned(read_file(MODEL)), rules)
    except ValueError as error:
        raise CalmdeskError(f"The coach can't be read: {error}.", "Install calmdesk again.") from None


def coach(library: Library, wanted: Wanted) -> int:
    """Read one reply and write what it does; 1 with a violation. Raises CalmdeskError (2, 3)."""
    if wanted.form not in {"text", "json", "github"}:
        raise CalmdeskError(f"--format {clean(wanted.form)} isn't known.", "Use text, json or github.", 2)
    text, path = _read(wanted.what)
    if not text.strip():
        raise CalmdeskError("There is no reply to read.", 'Write it: calmdesk coach "We got this wrong."', 2)
    judge = open_judge(library)
    review = judge.review(text, wanted.customer, wanted.facts, first_reply=wanted.first_reply)
    # A program reads everything, a person what matters most.
    remarks = review.remarks if wanted.everything or wanted.form != "text" else choose(review)
    if wanted.form == "json":
        sys.stdout.write(json_text({"schema": 1, **as_json(review, remarks)}) + "\n")
    elif wanted.form == "github":
        sys.stdout.write("".join(_annotation(text, path, r) for r in remarks if r.kind != "principle"))
    else:
        sys.stdout.write("\n".join(_told(text, review, remarks, wanted.everything)) + "\n")
        if wanted.data and sys.stdout.isatty():
            sys.stdout.flush()
            _remember(wanted.data, review.labels)
    return 1 if review.violations else 0


def _remember(folder: str, labels: tuple[str, ...]) -> None:
    """Keep which labels a person's reply had, for `progress`; never its words, and only where there is a journal."""
    from contextlib import suppress

    from calmdesk.call.events import Coached
    from calmdesk.cli import make_clock
    from calmdesk.journal.opening import NAME, close_journal, open_journal

    if not os.path.isfile(os.path.join(folder, NAME)):
        return
    # The answer stands there already; that nothing could be kept of it is no news for who asked about a sentence.
    with suppress(CalmdeskError, OSError):
        journal = open_journal(folder, patience=0.05)
        for notice in journal.notices:
            sys.stderr.write(f"calmdesk: {clean(notice)}\n")
        try:
            journal.append(None, [Coached(labels)], make_clock()())
        finally:
            close_journal(journal)


def _read(what: str) -> tuple[str, str]:
    """The reply, and the file it stands in."""
    if what == "-":
        return sys.stdin.read().removeprefix("\ufeff"), ""
    if os.path.exists(what) and len(what) < MOST_PATH:
        return read_text(what), what
    if re.fullmatch(r"\S*[^\s.]\.\w{1,5}|\.{0,2}/\S*", what):
        raise CalmdeskError(f"There is no file {clean(what)}.", "Check the path, or write the reply in quotes.")
    return what, ""


def read_text(path: str) -> str:
    """A text file. Raises CalmdeskError (3) where it is none."""
    from calmdesk.playbook.folders import read_file

    if os.path.isdir(path):
        raise CalmdeskError(f"{clean(path)} is a folder.", "Name a file in it.")
    data = read_file(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise CalmdeskError(f"{clean(path)} is no plain text.", "Save it as text in UTF-8.")
    return text


def choose(review: Review) -> tuple[Remark, ...]:
    """At most one essential, one helpful and one praising remark, in this order."""
    from calmdesk.coach.labels import MISSING

    found = list(review.violations[:1])
    missing = [r for r in review.remarks if r.kind == "missing"]
    found += sorted(missing, key=lambda r: list(MISSING).index(r.label))[:1]
    praised = [r for r in review.remarks if r.kind == "principle" and not _overlaps(r, review.violations)]
    if praised:
        found.append(max(praised, key=lambda r: (r.sure, -r.start)))
    return tuple(found)


def _overlaps(remark: Remark, others: Iterable[Remark]) -> bool:
    """Whether the same words are remarked on for something else."""
    return any(remark.start < other.end and other.start < remark.end for other in others)


def as_json(review: Review, remarks: Iterable[Remark]) -> dict[str, Any]:
    """A review with these remarks, as the reference fixes it."""
    keys = ("label", "kind", "start", "end", "text", "why", "instead")
    return {"labels": list(review.labels), "findings": [{key: getattr(r, key) for key in keys} for r in remarks]}


def _told(text: str, review: Review, remarks: Iterable[Remark], everything: bool) -> Iterator[str]:
    from calmdesk.coach.labels import TEXTS

    remarks = [r for r in remarks if r.kind != "principle" or not _overlaps(r, review.violations)]
    if not remarks:
        yield "Nothing found. The coach misses about one thing in three: read it once more yourself."
        return
    for n, remark in enumerate(remarks):
        if n:
            yield ""
        if remark.kind == "missing":
            yield f"missing: {TEXTS[remark.label].name}"
            yield f"   {remark.why}"
            yield f"   for example: {remark.instead}"
            continue
        sign = "keep" if remark.kind == "principle" else "change"
        yield f"{sign}: {TEXTS[remark.label].name}"
        yield from _excerpt(text, remark.start, remark.end)
        yield f"   {clean(remark.why)}"
        if remark.instead:
            yield f"   instead: {clean(remark.instead)}"
        if everything and (remark.rule or remark.words):
            why = f"rule {remark.rule}" if remark.rule else f"learned, from: {', '.join(map(clean, remark.words))}"
            yield f"   found by: {why}"
    more = len({r.label for r in review.remarks}) - len({r.label for r in remarks})
    if more > 0 and not everything:
        yield ""
        yield f"{more} more with --all."


def _excerpt(text: str, start: int, end: int) -> Iterator[str]:
    """The words of a remark within their line, underlined; a long line is cut around them."""
    from calmdesk.terminal.paint import cells

    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    line = text[begin : stop if stop >= 0 else len(text)]
    first, last = start - begin, end - begin
    line, room = line.replace("\r", " ").replace("\n", " ").replace("\t", " "), _room()
    if len(line) > room:
        cut = line.rfind(" ", 0, max(0, min(first - 8, len(line) - room)) + 1) + 1
        if cut:
            line, first, last = f"… {line[cut:]}", first - cut + 2, last - cut + 2
        if len(line) > room:
            at = line.rfind(" ", first + 1, room - 1)
            line = line[: at if at > 0 else room - 2] + " …"
            last = min(last, len(line) - 2)
    before, words = clean(line[:first], lines=True), clean(line[first:last], lines=True)
    yield f"   {before}{words}{clean(line[last:], lines=True)}"
    yield f"   {' ' * cells(before)}{'~' * max(1, cells(words))}"


def _room() -> int:
    """So many characters of a reply stand in a line of this terminal."""
    import shutil

    return max(24, min(SHOWN, shutil.get_terminal_size((SHOWN + 4, 24)).columns - 4))


def _annotation(text: str, path: str, remark: Remark) -> str:
    line = text.count("\n", 0, remark.start) + 1
    column = remark.start - (text.rfind("\n", 0, remark.start) + 1) + 1
    level = "warning" if remark.kind == "violation" else "notice"
    said = f"“{clean(remark.text)}”: {clean(remark.why)} Instead: {clean(remark.instead)}".replace("%", "%25")
    where = clean(path).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    place = f"file={where},line={line},col={column}," if path else ""
    return f"::{level} {place}title={remark.label}::{said}\n"


def coach_batch(library: Library, path: str) -> int:
    """Read one reply a line of a JSONL file and write one answer a line; 2 where a line can't be read."""
    judge, wrong = open_judge(library), 0
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row, dict) or not isinstance(row.get("reply"), str):
                raise ValueError("it has no reply")  # noqa: TRY004 - told like all that is wrong with a line
            said = [row.get(key) if isinstance(row.get(key), str) else "" for key in ("customer", "facts")]
        except (ValueError, RecursionError) as error:
            wrong += 1
            told = "it is no JSON" if isinstance(error, json.JSONDecodeError | RecursionError) else str(error)
            sys.stderr.write(f"calmdesk: line {number} of {clean(path)} was left out: {told}.\n")
            continue
        review = judge.review(row["reply"], said[0] or "", said[1] or "")
        name = row.get("id")
        answer = {"id": name if isinstance(name, str | int) else None, **as_json(review, review.remarks)}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    if wrong:
        sys.stdout.flush()
        hint = 'Write {"id", "facts", "customer", "reply"} a line.'
        raise CalmdeskError(f"{wrong} line{'' if wrong == 1 else 's'} couldn't be read.", hint, 2)
    return 0


def _lines(path: str) -> Iterator[str]:
    if path == "-":
        yield from sys.stdin.read().removeprefix("\ufeff").split("\n")
        return
    yield from read_text(path).split("\n")
