"""What is left after the call: facts, path, promises word for word, offers with reasons, the personal note."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calmdesk.call import events as e
from calmdesk.call.facts import Known, local_time
from calmdesk.call.way import step_at
from calmdesk.playbook.kinds import dated_moment
from calmdesk.safetext import escape_markdown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calmdesk.call.events import Event, Place, Stamp
    from calmdesk.call.values import Call, Cut, Offer, Visit
    from calmdesk.playbook.model import Edition


def _iso(edition: Edition, stamp: Stamp | None) -> str | None:
    return local_time(edition.policy, stamp).isoformat(timespec="seconds") if stamp else None


def _seconds(spent: int | None) -> float | None:
    return None if spent is None else round(spent / 1000, 1)


def fact_value(kind: str, value: str) -> str | int | float | bool:
    """A fact as JSON says it: numbers as numbers, yes-no as true or false, the rest as exact text."""
    if kind == "number":
        return float(value) if "." in value else int(value)
    return value == "yes" if kind == "yes-no" else value


def _checks(edition: Edition, call: Call, visit: Visit) -> list[dict[str, Any]]:
    done = {c for spot, c in call.ticks if spot == visit.number}
    over = {c for spot, c in call.overridden if spot == visit.number}
    known = Known(edition, call, visit.place)
    return [
        {"step": call.label(visit.place), "text": known.fill(c), "ticked": c in done, "overridden": c in over}
        for c in step_at(edition, visit.place).checks
    ]


def _offer(o: Offer) -> dict[str, Any]:
    return {
        "id": o.id,
        "kind": o.made.kind,
        "ladder": o.made.ladder,
        "amount": o.made.amount,
        "currency": o.made.currency,
        "accepted": o.accepted,
        "approved_by": o.approved_by or None,
        "approval": o.code or None,
        "reason": o.made.reason,
        "withdrawn": o.withdrawn,
    }


def summarise(edition: Edition, call: Call, name: str) -> dict[str, Any]:
    """The wrap-up of a call as plain data, with the keys of the reference.

    Args:
        edition: what the call plays.
        call: how it stands.
        name: the call's id, as `calmdesk call list` shows it.

    """
    return {
        "schema": 1,
        "call": name,
        "playbook": call.root,
        "digest": dict(call.digests).get(call.root, ""),
        "started": _iso(edition, call.started),
        "ended": _iso(edition, call.ended_at),
        "disposition": call.ended or None,
        "parked": call.parked,
        "handle_time_s": _seconds(call.active),
        "channel": call.channel,
        "case": call.case or None,
        "facts": {k: fact_value(kind, value) for k, (kind, value) in call.facts.items()},
        "steps": [
            {
                "step": call.label(v.place),
                "entered": _iso(edition, v.entered),
                "seconds": _seconds(v.spent),
                "choice": v.choice if v.choice and not v.choice.startswith(":") else None,
            }
            for v in call.trail
        ],
        "checks": [c for v in call.trail for c in _checks(edition, call, v)],
        "offers": [_offer(o) for o in call.offers],
        "refusals": [{"step": r.step, "why": r.why, "by": r.by} for r in call.refusals],
        "promises": [
            {"id": p.id, "what": p.what, "by": p.by, "who": p.who, "kept": p.kept, "withdrawn": p.withdrawn}
            for p in call.promises
        ],
        "notes": [{"step": x.step, "text": x.text, "at": _iso(edition, x.at)} for x in call.notes],
        "interruptions": [{"id": c.id, "from": c.start, "returned": c.returned} for c in call.cuts],
        "handed_over_to": call.handed_to or None,
        "drafts": find_drafts(edition, call),
    }


def find_typed(entries: Iterable[tuple[Stamp, Event]]) -> list[tuple[Stamp, str, str]]:
    """(when, what for, words) of everything that was typed on a call, also what was taken back or said otherwise later."""
    found = []
    for at, event in entries:
        match event:
            case e.Answered(fact, _, value) | e.Corrected(fact, _, value):
                found.append((at, fact, value))
            case e.Noted(text):
                found.append((at, "note", text))
            case e.Promised(_, what, by, who, False):
                found.append((at, "promise", f"{what} by {by} ({who})"))
            case e.HandedOver(to):
                found.append((at, "handed over to", to))
            case e.Unmasked(what, text):
                found.append((at, what, text))
    return found


def write_typed(edition: Edition, entries: Iterable[tuple[Stamp, Event]], *, markdown: bool = False) -> str:
    """Everything that was typed on a call, in its order."""
    out = _Words(markdown)
    out.head("Everything typed, in its order")
    for at, what, text in find_typed(entries):
        out.item(f"{local_time(edition.policy, at):%H:%M:%S}  {what}: {text}")
    return "\n" + "\n".join(out.lines) + "\n"


def find_drafts(edition: Edition, call: Call) -> dict[str, str]:
    """The drafts of the steps that the call really went through, filled in; a step of an end, only of this end."""
    found = {}
    for at, visit in enumerate(call.trail):
        step = step_at(edition, visit.place)
        looked_in = not visit.left or visit.choice.startswith(":")
        other_end = bool(step.end) and not (call.ended and at == len(call.trail) - 1)
        if step.draft and not looked_in and not other_end:
            drafts = edition.books[visit.place[-1].book].compiled.get("drafts") or {}
            found[step.draft] = Known(edition, call, visit.place).fill(drafts.get(step.draft, ""), dated=True).strip()
    return found


class _Words:
    """A summary in words: a heading and its lines, as text or Markdown."""

    def __init__(self, markdown: bool) -> None:
        self.markdown = markdown
        self.lines: list[str] = []

    def head(self, text: str) -> None:
        text = escape_markdown(text) if self.markdown else text
        self.lines += (
            ["", f"## {text}" if self.markdown else text] if self.lines else [f"# {text}" if self.markdown else text]
        )

    def item(self, text: str) -> None:
        self.lines.append(f"- {escape_markdown(text)}" if self.markdown else f"  {text}")

    def text(self, text: str) -> None:
        """Lines as they stand: none of them can pass for a heading."""
        self.lines += ["", *map(escape_markdown, text.splitlines())] if self.markdown else []
        self.lines += [] if self.markdown else [f"  {line}".rstrip() for line in text.splitlines()]


def write_path(edition: Edition, call: Call, *, markdown: bool = False) -> str:
    """The way a call went, a line a step: when, how long, and which way on was taken."""
    lines = []
    for v in call.trail:
        step = step_at(edition, v.place)
        spent = "" if v.spent is None else f" ({v.spent // 1000} s)"
        chosen = next((c.label for c in step.choices if c.id == v.choice), "")
        taken = f", picked: {chosen}" if chosen else ""
        lines.append(
            f"{local_time(edition.policy, v.entered):%H:%M:%S}  {step.title} [{call.label(v.place)}]{spent}{taken}"
        )
    lines += [f"cut in at {c.start}: {c.id}{', and back' if c.returned else ''}" for c in call.cuts]
    out = _Words(markdown)
    out.head("The way it went")
    for line in lines:
        out.item(line)
    return "\n" + "\n".join(out.lines) + "\n"


def write_summary(edition: Edition, call: Call, name: str, *, markdown: bool = False) -> str:
    """The wrap-up in words, ready to paste."""
    out = _Words(markdown)
    book = edition.books[call.root]
    ending = edition.policy.disposition(call.ended) or call.ended
    out.head(f"{book.title} — {'parked' if call.parked else ending or 'open'}")
    begun = _iso(edition, call.started) or ""
    minutes = "" if call.active is None else f", {call.active // 60000} min {call.active // 1000 % 60} s"
    out.item(f"Call {name}, {begun[:16].replace('T', ' ')}{minutes}" + (f", case {call.case}" if call.case else ""))
    if call.handed_to:
        out.item(f"Handed over to {call.handed_to}")
    _facts(edition, call, out)
    if promises := [p for p in call.promises if not p.withdrawn]:
        out.head("Promised")
        for p in promises:
            out.item(f"{p.what} — by {dated_moment(p.by)} ({p.who})")
    if offers := [o for o in call.offers if not o.withdrawn]:
        out.head("Offered")
        for o in offers:
            answer = {True: "accepted", False: "declined", None: "not answered"}[o.accepted]
            out.item(f"{o.made.amount} {o.made.currency} {o.made.kind}, {answer}. {o.made.reason}")
    if call.refusals:
        out.head("Not offered")
        for r in dict.fromkeys(call.refusals):
            out.item(f"{r.why} ({r.step})")
    if call.cuts:
        out.head("What cut in")
        for cut in call.cuts:
            taken = "".join(f" → {label}" for label in _find_taken(edition, call, cut))
            back = ", and back" if cut.returned else ""
            out.item(f"{_cut_label(edition, cut.id)}{taken} (at {cut.start}{back})")
    if call.notes:
        out.head("Notes")
        for x in call.notes:
            out.item(f"{x.text} ({x.step})")
    if left := [c for v in call.trail for c in _checks(edition, call, v) if c["overridden"]]:
        out.head("Gone on with open checks")
        for c in left:
            out.item(f"{c['text']} ({c['step']})")
    for draft, text in find_drafts(edition, call).items():
        out.head(f"{draft.replace('-', ' ').capitalize()} (draft)")
        out.text(text)
    return "\n".join(out.lines) + "\n"


def _cut_label(edition: Edition, name: str) -> str:
    cuts = [*edition.policy.interruptions, *(i for b in edition.books.values() for i in b.interruptions)]
    return next((i.label for i in reversed(cuts) if i.id == name), name)


def _find_taken(edition: Edition, call: Call, cut: Cut) -> list[str]:
    """What the agent said it was, once it had cut in: the choices taken there, in their order."""
    there = [v for v in call.trail if v.choice and v.place[-1].serial == cut.serial]
    return [c.label for v in there for c in step_at(edition, v.place).choices if c.id == v.choice]


def _facts(edition: Edition, call: Call, out: _Words) -> None:
    if not call.facts:
        return
    out.head("What happened")
    for key, (kind, value) in call.facts.items():
        name = key.rpartition(":")[2]
        place: Place = next(
            (v.place for v in reversed(call.trail) if edition.books[v.place[-1].book].fact(name)), call.place
        )
        fact = edition.books[place[-1].book].fact(name) if place else None
        said = (
            next((o.label for o in fact.options if o.id == value), value)
            if fact and kind == "one-of"
            else dated_moment(value)
            if kind == "moment"
            else value
        )
        out.item(f"{name.replace('-', ' ').capitalize()}: {said}")
