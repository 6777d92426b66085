"""Where a call stands, as rows of words for any width and height: pure, nothing prints.

What an agent needs in two seconds stands first and is dropped last: the clock, the words to say, what
is asked. Free text never has anything to its right, so that no script can push a border aside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call import need as n
from calmdesk.call.moves import depth, find_interruptions
from calmdesk.call.play import known_span
from calmdesk.call.state import elapsed
from calmdesk.playbook.kinds import read_span, shown
from calmdesk.terminal.lines import back_line, clock_time, current_line
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
    typing: bool = False
    """Whether a line is being typed (it stands below the body), rather than keys being moves."""
    earlier: str = ""
    """When an earlier call that can be resumed began, on the first screen."""


class Screen(NamedTuple):
    """Rows above the line being typed, and the keys below it."""

    body: list[Row]
    foot: list[Row]


def minutes(ms: int | None) -> str:
    """A length of time as M:SS."""
    return "?" if ms is None else f"{ms // 60000}:{ms // 1000 % 60:02}"


def draw(s: Standing, face: Face, width: int, height: int) -> Screen:
    """The screen of a call that isn't over."""
    tight = height < 16 or width < 50
    foot = _foot(s, face, width, 1 if tight else 3)
    room = height - len(foot) - face.typing
    if face.menu:
        return Screen(_menu(s, face, width, room), foot)
    blocks = _blocks(s, face, width, tight=tight)
    return Screen(_fit(blocks, room), foot)


class Block(NamedTuple):
    """Rows that stand together; `worth` says how late they are dropped (0: never), `air` wants an empty row before.

    Of a block with `least`, so many rows may stay when the rest is dropped.
    """

    worth: int
    rows: list[Row]
    air: bool = True
    least: int = 0


def _fit(blocks: list[Block], room: int) -> list[Row]:
    """What fits: first the empty rows go, then the blocks that matter least; the last resort cuts from below."""
    kept = [b for b in blocks if b.rows]

    def total(air: bool) -> int:
        return sum(len(b.rows) + (air and b.air) for b in kept) - (air and bool(kept) and kept[0].air)

    while total(False) > room and any(b.worth for b in kept):
        at = max(range(len(kept)), key=lambda i: kept[i].worth)
        stays = max(0, len(kept[at].rows) - (total(False) - room))
        if kept[at].least and stays >= kept[at].least:
            cut = [*kept[at].rows[: stays - 1], [("dim", " │ …")]]
            kept[at] = kept[at]._replace(rows=cut, worth=0)
        else:
            del kept[at]
    spare = room - total(False)
    rows: list[Row] = []
    for block in kept:
        if block.air and rows and spare > 0:
            rows.append([])
            spare -= 1
        rows += block.rows
    return rows[:room]


def _blocks(s: Standing, face: Face, width: int, *, tight: bool) -> list[Block]:
    message: list[Row] = []
    if face.message:
        message = [[("no" if face.refused else "told", f" {line}")] for line in wrap(face.message, width - 2)]
    return [
        Block(0, _head(s, face, width, tight=tight), air=False),
        Block(0, _say(s, width)),
        Block(4, _cues(s, width)),
        Block(5, _avoid(s, width)[: 2 if tight else 6], air=not s.step.cue),
        Block(2, _checks(s, width)),
        Block(6, _draft(s, width), least=3),
        *([Block(1, message)] if face.typing else []),
        Block(0, _question(s, face, width)),
        *([] if face.typing else [Block(1, message), Block(7, _path(s, width))]),
    ]


def _head(s: Standing, face: Face, width: int, *, tight: bool) -> list[Row]:
    call, step = s.call, s.step
    whole = elapsed(call.started, s.now) if call.started else None
    here = elapsed(call.since, s.now) if call.since else None
    clock: Row = [("dim", f" call {minutes(call.active if whole is None else whole)} · step {minutes(here)}")]
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
            s.known.spoken("customer") if s.known.declared("customer") else None,
            f"case {call.case}" if call.case else None,
        )
        if x
    ]
    if who and not tight:
        where += [("dim", "  " + " · ".join(who))]
    return [clip(clock, width), clip(where, width)]


def _say(s: Standing, width: int) -> list[Row]:
    line = back_line(s) if s.call.held_until is not None and not s.step.hold else current_line(s)
    lead = "" if width < 50 else "SAY " if s.call.held_until is None or s.step.hold else "THEN"
    heads = [f" {lead}▌ ", f" {' ' * len(lead)}▌ "]
    parts = wrap(line, min(width - len(heads[0]) - 1, 68)) if line else []
    return [[("bar", heads[at > 0]), ("say", part)] for at, part in enumerate(parts)]


def _cues(s: Standing, width: int) -> list[Row]:
    rows = flow([[("", f"· {s.known.fill(c)}")] for c in s.step.cue], width - 1)
    return [clip(r, width) for r in rows]


def _avoid(s: Standing, width: int) -> list[Row]:
    rows = []
    for avoid in s.step.avoid:
        row: Row = [("not", " NOT "), ("", f"“{s.known.fill(avoid.line)}”")]
        if avoid.instead:
            row += [("dim", f" → {s.known.fill(avoid.instead)}")]
        rows.append(clip(row, width))
    return rows


def _checks(s: Standing, width: int) -> list[Row]:
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


def _draft(s: Standing, width: int) -> list[Row]:
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


def _question(s: Standing, face: Face, width: int) -> list[Row]:
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
                    _leads(s, o.target),
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


def _leads(s: Standing, target: str | None) -> str:
    book = s.edition.books[s.call.place[-1].book]
    target = target if target is not None else book.after(s.call.place[-1].step)
    return "back" if target in {None, "return"} else book.step(str(target)).title


def _path(s: Standing, width: int) -> list[Row]:
    """What was said so far, and what may come: the steps of the file at the bottom, in its order."""
    frame = s.call.place[0]
    book = s.edition.books[frame.book]
    been = {v.place[0].step for v in s.call.trail if v.place[0].book == frame.book}
    groups: list[Row] = []
    for name in book.order:
        mark = "▸ " if name == frame.step else "✓ " if name in been else "· "
        groups.append([("title" if name == frame.step else "dim", f"{mark}{name}")])
    return flow(groups, width - 1, "  ")[:2]


def key_list(s: Standing) -> list[tuple[str, str, bool]]:
    """The keys that are moves here: key, what it does, whether it would be refused."""
    policy = [(i.key, i.id if i.returns else i.id.upper(), False) for i in s.edition.policy.interruptions if i.key]
    taken = {k for k, _, _ in policy}
    line = next((x for x in s.step.say if s.known.holds(x.when)), None)
    others = line is not None and len(line.variants) > 1
    danger = [k for k in policy if k[1].isupper()]
    calm = [k for k in policy if not k[1].isupper()]
    keys = [
        *danger,
        ("b", "back", not s.call.marks),
        ("e", "edit", not s.call.facts),
        ("n", "note", False),
        *calm,
        ("i", "cuts in", not find_interruptions(s)),
        ("g", "go to", False),
        ("s", "other words", not others),
        ("o", "offer", False),
        ("r", "promise", False),
        ("w", "hand over", False),
        ("H" if "h" in taken else "h", "hold", False),
        ("c", "copy", False),
        ("q", "end", False),
        ("p", "park", False),
        ("?", "keys", False),
    ]
    return [k for k in keys if k in policy or k[0] not in taken]


def _foot(s: Standing, face: Face, width: int, most: int) -> list[Row]:
    if face.typing:
        return [clip([("dim", " Enter saves  Esc: keys  /b back  /n note  /? all")], width)]
    if face.menu:
        return [clip([("dim", " a key picks  Esc goes back")], width)]
    groups: list[Row] = [
        [("dim" if off else "alert" if label.isupper() else "key", key), ("dim", f" {label}")]
        for key, label, off in key_list(s)
    ]
    rows = flow(groups, width - 1, "  ")
    if len(rows) > most:
        first = [g for k in ("", "b", "i", "?", "n") for g in groups if (g[1][1].isupper() if not k else g[0][1] == k)]
        rows = flow(first if most == 1 else groups, width - 1, "  ")[:most]
    return [[("dim", "─" * (width - 1))], *rows] if most > 1 else rows


def _menu(s: Standing, face: Face, width: int, room: int) -> list[Row]:
    """A list to pick from, under the words, which stay."""
    rows: list[Row] = [*_head(s, face, width, tight=True)[:1], *_say(s, width)[:2], [("ask", f" {face.menu_title}")]]
    for key, label in face.menu[: max(1, room - len(rows))]:
        rows.append(clip([("key", f" {key:>2} "), ("", f" {label}")], width))
    return rows[:room]


def draw_wrapup(text: str, width: int, height: int, message: str, top: int) -> Screen:
    """The summary of a call that is over, from line `top` on."""
    rows: list[Row] = []
    for line in text.splitlines():
        lead = line[: len(line) - len(line.lstrip())]
        rows += (
            [[("title" if line and not lead else "", f" {lead}{part}")] for part in wrap(line, width - len(lead) - 2)]
            if line.strip()
            else [[]]
        )
    foot: list[Row] = [
        [
            ("key", " c"),
            ("dim", " copies this  "),
            ("key", "Enter"),
            ("dim", " closes  "),
            ("key", "space"),
            ("dim", " more"),
        ]
    ]
    if message:
        foot.insert(0, [("told", f" {message}")])
    room = height - len(foot)
    top = min(top, max(0, len(rows) - room))
    return Screen(rows[top : top + room], [clip(r, width) for r in foot])
