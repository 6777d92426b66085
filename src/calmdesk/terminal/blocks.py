"""The blocks of a step's screen: its clock, words, cues, checks, question and path, each as rows of words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call.asides import depth
from calmdesk.call.play import known_span
from calmdesk.call.values import elapsed, hold_left
from calmdesk.playbook.kinds import read_span
from calmdesk.terminal.lines import back_line, clock_time, hold_line
from calmdesk.terminal.paint import Row, cells, clip, flow, wrap

if TYPE_CHECKING:
    from calmdesk.call.moves import Standing

CHECK_KEYS = "jklmvxyf"
"""Letters that tick a check: those that are no other key."""


QUIET = 10
"""Seconds: a clock shorter than this is a silence to keep, which nobody can be late for."""


class Face(NamedTuple):
    """What the screen shows beside the call: a message, a menu, or a line being typed."""

    message: str = ""
    refused: bool = False
    menu: tuple[tuple[str, str], ...] = ()
    menu_title: str = ""
    menu_page: int = 0
    typing: bool = False
    """Whether a line is being typed (it stands below the body), rather than keys being moves."""
    hint: str = ""
    """What the line being typed is for, where it isn't the step's own question."""
    earlier: str = ""
    """When an earlier call that can be resumed began, on the first screen."""
    changed: bool = False
    """Whether the playbook has changed, and a key takes its new text."""
    unsaved: str = ""
    """Why the call isn't on disk, as long as it isn't."""


def minutes(ms: int | None) -> str:
    """A length of time as M:SS."""
    return "?" if ms is None else f"{ms // 60000}:{ms // 1000 % 60:02}"


def head_rows(s: Standing, face: Face, width: int, *, tight: bool) -> tuple[Row, Row]:
    """The clock, alone on its row so that no script can push it aside; then where the call is."""
    call, step = s.call, s.step
    more = elapsed(call.last, s.now) if call.last else None
    whole = None if call.active is None or more is None else call.active + more
    here = elapsed(call.since, s.now) if call.since else None
    clock: Row = [("dim", f" call {minutes(whole)} · step {minutes(here)}")]
    if call.held_until is not None:
        left = hold_left(call, s.now)
        late = "" if left > 0 else " LATE"
        clock = [
            ("alert", f" ON HOLD {minutes(abs(left))}{late}, be back by {clock_time(s, call.held_until)} "),
            *clock,
        ]
    elif step.timer and here is not None and (span := read_span(known_span(s.edition, step.timer))) < QUIET:
        clock = [("key", f" {span} s of quiet ·"), *clock]
    elif step.timer and here is not None:
        left = read_span(known_span(s.edition, step.timer)) * 1000 - here
        clock = [
            ("key" if left > 0 else "alert", f" {minutes(left)} left ·" if left > 0 else f" {minutes(-left)} over "),
            *clock,
        ]
    if face.unsaved:
        clock = [("alert", f" NOT SAVED: {face.unsaved} "), *clock]
    if face.changed:
        clock += [("key", "  /new " if face.typing else "  u "), ("", "takes the new text")]
    if face.earlier:
        clock += [("key", "  u "), ("", f"resume {face.earlier}")]
    titles = [s.edition.books[f.book].title for f in call.place]
    cut = depth(call.place)
    where: Row = [("dim", f" {' › '.join(titles[-1:] if tight else titles)} › "), ("title", s.known.fill(step.title))]
    if cut:
        where += [("alert", f" {cut} open ")]
    who = [
        x
        for x in (
            call.facts.get("customer", ("", ""))[1],
            f"case {call.case}" if call.case else None,
        )
        if x
    ]
    if who and not tight:
        where += [("dim", "  " + " · ".join(who))]
    return clip(clock, width), clip(where, width)


def say_rows(s: Standing, width: int) -> list[Row]:
    """The words to say now; around a hold, those before it and those after it."""
    held = s.call.held_until is not None and not s.step.hold
    rows: list[Row] = []
    for lead, line in (("SAY", hold_line(s)), ("THEN", back_line(s))) if held else (("SAY", s.line),):
        lead = f"{lead:<5}" if held else "" if width < 50 else f"{lead} "
        heads = [f" {lead}▌ ", f" {' ' * len(lead)}▌ "]
        parts = wrap(line, min(width - len(heads[0]) - 1, 68)) if line else []
        rows += [[("bar", heads[at > 0]), ("say", part)] for at, part in enumerate(parts)]
    return rows


def cue_rows(s: Standing, width: int) -> list[Row]:
    """The short hints."""
    rows = flow([[("", f"· {s.known.fill(c)}")] for c in s.step.cue], width - 1)
    return [clip(r, width) for r in rows]


def avoid_rows(s: Standing, width: int, *, tight: bool) -> list[Row]:
    """Words to keep away from, and what to say instead; a row each where room is short."""
    rows: list[Row] = []
    for avoid in s.step.avoid:
        line = f"“{s.known.fill(avoid.line)}”"
        instead = f" → {s.known.fill(avoid.instead)}" if avoid.instead else ""
        whole: Row = [("not", " NOT "), ("", line), ("dim", instead)]
        if tight or cells(line + instead) + 5 <= width:
            rows.append(clip(whole, width))
            continue
        rows.append(clip(whole[:2], width))
        rows += [[("dim", f"      {part}")] for part in wrap(instead.strip(), width - 7)]
    return rows


def check_rows(s: Standing, width: int, *, typing: bool) -> list[Row]:
    """The checklist, each with the letter that ticks it."""
    done = {c for spot, c in s.call.ticks if spot == s.call.spot}
    rows = []
    for number, check in enumerate(s.step.checks):
        key = CHECK_KEYS[number] if number < len(CHECK_KEYS) else " "
        box: Row = [("done", " [x] ")] if check in done else [("", " [ ] ")]
        must: Row = [("key", "must ")] if check in s.step.must_check else []
        rows.append(
            clip([*box, ("key", f"{key} "), *must, ("dim" if check in done else "", s.known.fill(check))], width)
        )
    if rows and len(done) < len(s.step.checks) and not typing:
        rows.append([("dim", "     space ticks the next, a all")])
    return rows


def emergency_text(s: Standing) -> str:
    """The team's emergency card, on the steps of an interruption with no way back."""
    policy = s.edition.policy
    final = {i.book for i in policy.interruptions if not i.returns}
    return policy.emergency_card.strip() if any(f.book in final for f in s.call.place) else ""


def card_rows(s: Standing, width: int) -> list[Row]:
    """The emergency card, as the team wrote it."""
    rows: list[Row] = []
    for line in emergency_text(s).splitlines():
        rows += [[("alert", " ! "), ("key", f" {part}")] for part in wrap(s.known.fill(line), width - 6)]
    return rows


def draft_text(s: Standing) -> str:
    """The step's draft, filled in."""
    drafts = s.edition.books[s.call.place[-1].book].compiled.get("drafts") or {}
    return s.known.fill(drafts.get(s.step.draft, ""), dated=True).strip() if s.step.draft else ""


def draft_rows(s: Standing, width: int) -> list[Row]:
    """The step's draft."""
    text = draft_text(s)
    if not text:
        return []
    rows: list[Row] = [[("dim", f" {s.step.draft.replace('-', ' ').capitalize()} (c copies it)")]]
    for line in text.splitlines():
        rows += [[("dim", " │ "), ("", part)] for part in wrap(line, width - 4)]
    return rows


def path_rows(s: Standing, width: int) -> list[Row]:
    """What was said so far, and what may come: the steps of the file at the bottom around this one, in its order."""
    frame = s.call.place[0]
    order = s.edition.books[frame.book].order
    here = order.index(frame.step) if frame.step in order else 0
    # Two rows never hold more than these; a playbook may have thousands.
    first = max(0, here - 20)
    near = order[first : here + 20]
    been = {v.place[0].step for v in s.call.trail[-200:] if v.place[0].book == frame.book}
    groups: list[Row] = []
    for name in near:
        mark = "▸ " if name == frame.step else "✓ " if name in been else "· "
        groups.append([("title" if name == frame.step else "dim", f"{mark}{name}")])
    rows = flow(groups, width - 1, "  ")
    at = next((n for n, row in enumerate(rows) if any(text.startswith("▸") for _, text in row)), 0)
    return rows[:2] if at < 2 else rows[at - 1 : at + 1]
