"""The blocks of a step's screen: its clock, words, cues, checks, question and path, each as rows of words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call import need as n
from calmdesk.call.asides import depth
from calmdesk.call.facts import Known
from calmdesk.call.play import known_span
from calmdesk.call.values import elapsed
from calmdesk.playbook.kinds import read_span, shown
from calmdesk.terminal.lines import back_line, clock_time
from calmdesk.terminal.paint import Row, cells, clip, flow, wrap

if TYPE_CHECKING:
    from calmdesk.call.moves import Standing

CHECK_KEYS = "jklmvxyzf"
"""Letters that tick a check: those that are no other key."""


class Face(NamedTuple):
    """What the screen shows beside the call: a message, a menu, or a line being typed."""

    message: str = ""
    refused: bool = False
    menu: tuple[tuple[str, str], ...] = ()
    menu_title: str = ""
    menu_page: int = 0
    typing: bool = False
    """Whether a line is being typed (it stands below the body), rather than keys being moves."""
    earlier: str = ""
    """When an earlier call that can be resumed began, on the first screen."""


def minutes(ms: int | None) -> str:
    """A length of time as M:SS."""
    return "?" if ms is None else f"{ms // 60000}:{ms // 1000 % 60:02}"


def head_rows(s: Standing, face: Face, width: int, *, tight: bool) -> list[Row]:
    """The clock, alone on its row so that no script can push it aside; then where the call is."""
    call, step = s.call, s.step
    more = elapsed(call.last, s.now) if call.last else None
    whole = None if call.active is None or more is None else call.active + more
    here = elapsed(call.since, s.now) if call.since else None
    clock: Row = [("dim", f" call {minutes(whole)} · step {minutes(here)}")]
    if call.held_until is not None:
        left = call.held_until - s.now.wall
        late = "" if left > 0 else " LATE"
        clock = [
            ("alert", f" ON HOLD {minutes(abs(left))}{late}, be back by {clock_time(s, call.held_until)} "),
            *clock,
        ]
    elif step.timer and here is not None:
        left = read_span(known_span(s.edition, step.timer)) * 1000 - here
        clock = [
            ("key" if left > 0 else "alert", f" {minutes(left)} left ·" if left > 0 else f" {minutes(-left)} over "),
            *clock,
        ]
    if face.earlier:
        clock += [("key", "  u "), ("", f"resume {face.earlier}")]
    titles = [s.edition.books[f.book].title for f in call.place]
    cut = depth(call.place)
    where: Row = [("dim", f" {' › '.join(titles[-1:] if tight else titles)} › "), ("title", step.title)]
    if cut:
        where += [("alert", f" {cut} open ")]
    who = [
        x
        for x in (
            Known(s.edition, call, call.place[:1]).spoken("customer"),
            f"case {call.case}" if call.case else None,
        )
        if x
    ]
    if who and not tight:
        where += [("dim", "  " + " · ".join(who))]
    return [clip(clock, width), clip(where, width)]


def say_rows(s: Standing, width: int) -> list[Row]:
    """The words to say now."""
    line = back_line(s) if s.call.held_until is not None and not s.step.hold else s.line
    lead = "" if width < 50 else "SAY " if s.call.held_until is None or s.step.hold else "THEN"
    heads = [f" {lead}▌ ", f" {' ' * len(lead)}▌ "]
    parts = wrap(line, min(width - len(heads[0]) - 1, 68)) if line else []
    return [[("bar", heads[at > 0]), ("say", part)] for at, part in enumerate(parts)]


def cue_rows(s: Standing, width: int) -> list[Row]:
    """The short hints."""
    rows = flow([[("", f"· {s.known.fill(c)}")] for c in s.step.cue], width - 1)
    return [clip(r, width) for r in rows]


def avoid_rows(s: Standing, width: int) -> list[Row]:
    """Words to keep away from, and what to say instead."""
    rows = []
    for avoid in s.step.avoid:
        row: Row = [("not", " NOT "), ("", f"“{s.known.fill(avoid.line)}”")]
        if avoid.instead:
            row += [("dim", f" → {s.known.fill(avoid.instead)}")]
        rows.append(clip(row, width))
    return rows


def check_rows(s: Standing, width: int) -> list[Row]:
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
    if rows and len(done) < len(s.step.checks):
        rows.append([("dim", "     space ticks the next, a all")])
    return rows


def draft_text(s: Standing) -> str:
    """The step's draft, filled in."""
    drafts = s.edition.books[s.call.place[-1].book].compiled.get("drafts") or {}
    return s.known.fill(drafts.get(s.step.draft, "")).strip() if s.step.draft else ""


def draft_rows(s: Standing, width: int) -> list[Row]:
    """The step's draft."""
    text = draft_text(s)
    if not text:
        return []
    rows: list[Row] = [[("dim", f" {s.step.draft.replace('-', ' ').capitalize()} (c copies it)")]]
    for line in text.splitlines():
        rows += [[("dim", " │ "), ("", part)] for part in wrap(line, width - 4)]
    return rows


def _options(pairs: list[tuple[str, str, str]], width: int) -> list[Row]:
    """Numbered ways on: (label, where it leads, why it is closed)."""
    rows = []
    wide = min(max((cells(label) for label, _, _ in pairs), default=0), max(10, width // 2 - 4))
    for number, (label, leads, closed) in enumerate(pairs, 1):
        gap = " " * max(1, wide - cells(label) + 1)
        style = "dim" if closed else ""
        row: Row = [("dim" if closed else "key", f" {number} "), (style, f" {label}")]
        if leads or closed:
            row += [("dim", f"{gap}→ {closed or leads}")]
        rows.append(clip(row, width))
    return rows


def question_rows(s: Standing, face: Face, width: int) -> list[Row]:
    """What is asked, with what can be picked."""
    match s.need:
        case n.AskFact(fact, default):
            ask: list[Row] = [
                [("ask", f" ? {line}" if at == 0 else f"   {line}")]
                for at, line in enumerate(wrap(fact.ask, width - 4))
            ]
            if default is not None:
                told = next(
                    (o.label for o in fact.options if o.id == default),
                    shown(fact.kind, default, s.known.value("today") or ""),
                )
                ask.append([("dim", f"   Enter takes: {told}")])
            labels = [o.label for o in fact.options] or (["Yes", "No"] if fact.kind == "yes-no" else [])
            hint: list[Row] = [] if labels or face.typing else [[("dim", "   Enter to type the answer")]]
            return ask + _options([(x, "", "") for x in labels], width) + hint
        case n.AskAmount(proposal):
            amount = f"{proposal.amount} {s.edition.policy.currency} {proposal.kind}"
            why: list[Row] = [[("dim", f"   {line}")] for line in wrap(proposal.why, width - 4)]
            return [
                [("ask", f" ? Offer {amount}?")],
                *why,
                *_options([(f"Offer {amount}", "", ""), ("Another amount", "", ""), ("Nothing", "", "")], width),
            ]
        case n.AskAccept(_, amount):
            return [[("ask", f" ? Did they accept {amount}?")], *_options([("Yes", "", ""), ("No", "", "")], width)]
        case n.AskAgain(_, said):
            return [[("ask", f" ? {line}")] for line in wrap(f"Here {said}.", width - 4)] + _options(
                [("Keep it", "", ""), ("Change it", "", ""), ("Withdraw it", "", "")], width
            )
        case n.AskTicks(still):
            return [[("ask", f" ? Tick what is done: {len(still)} to go")]]
        case n.AskChoice(options, still, old):
            pairs = [
                (
                    o.choice.label
                    + (f" ({o.left} more)" if o.left else "")
                    + (" ◂ Enter" if o.choice.id == old else ""),
                    leads_to(s, o.target),
                    o.closed,
                )
                for o in options
            ]
            rows = _options(pairs, width)
            return [[("dim", f" first tick: {len(still)} to go, or ! goes on anyway")], *rows] if still else rows
        case n.GoOn(ends, closed):
            if closed:
                return [[("no", f" {line}")] for line in wrap(closed, width - 2)]
            leads = f"ends the call: {s.edition.policy.disposition(ends)}" if ends else "goes on"
            return [[("key", " Enter "), ("", leads)]]
    return []


def leads_to(s: Standing, target: str | None) -> str:
    """The title of the step that a choice leads to; of the file it plays, where the step has none of its own."""
    book = s.edition.books[s.call.place[-1].book]
    target = target if target is not None else book.after(s.call.place[-1].step)
    if target is None or target == "return":
        return "back"
    step = book.step(target)
    named = "title" in book.compiled["steps"][target]
    return s.edition.books[step.play].title if step.play and not named else step.title


def path_rows(s: Standing, width: int) -> list[Row]:
    """What was said so far, and what may come: the steps of the file at the bottom, in its order."""
    frame = s.call.place[0]
    book = s.edition.books[frame.book]
    been = {v.place[0].step for v in s.call.trail if v.place[0].book == frame.book}
    groups: list[Row] = []
    for name in book.order:
        mark = "▸ " if name == frame.step else "✓ " if name in been else "· "
        groups.append([("title" if name == frame.step else "dim", f"{mark}{name}")])
    return flow(groups, width - 1, "  ")[:2]
