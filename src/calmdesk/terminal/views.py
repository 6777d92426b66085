"""Where a call stands, as rows of words for any width and height: pure, nothing prints.

What an agent needs in two seconds stands first and is dropped last: the clock, the words to say, what
is asked. No border and no clock stands right of free text, so that no script can push one aside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call.asides import find_interruptions
from calmdesk.terminal.blocks import (
    Face,
    avoid_rows,
    card_rows,
    check_rows,
    cue_rows,
    draft_rows,
    head_rows,
    path_rows,
    say_rows,
)
from calmdesk.terminal.paint import Row, cells, clip, cut, flow, wrap
from calmdesk.terminal.questions import question_rows

if TYPE_CHECKING:
    from calmdesk.call.moves import Standing


class Screen(NamedTuple):
    """Rows above the line being typed, and the keys below it."""

    body: list[Row]
    foot: list[Row]


def draw(s: Standing, face: Face, width: int, height: int) -> Screen:
    """The screen of a call that isn't over."""
    tight = height < 16 or width < 50
    foot = _foot(s, face, width, 1 if tight else 3)
    room = height - len(foot) - face.typing
    if face.menu:
        return Screen([clip(row, width) for row in _menu(s, face, width, room)], foot)
    blocks = _blocks(s, face, width, tight=tight)
    return Screen([clip(row, width) for row in _fit(blocks, room, width)], foot)


class Block(NamedTuple):
    """Rows that stand together; `worth` says how late they are dropped (0: never), `air` wants an empty row before.

    Of a block with `least`, so many rows may stay when the rest is dropped; `more`, if any, says how to see it.
    """

    worth: int
    rows: list[Row]
    air: bool = True
    least: int = 0
    more: str = "…"
    name: str = ""
    """`say` and `asked` share what room there is."""


def _paired(rows: list[Row], width: int) -> list[Row]:
    """Answers to pick from two a row: a key nobody sees is a key nobody presses."""
    half = width // 2
    out: list[Row] = []
    for at in range(0, len(rows), 2):
        left = clip(rows[at], half - 1)
        gap = " " * (half - sum(cells(text) for _, text in left))
        right = clip(rows[at + 1], width - half) if at + 1 < len(rows) else []
        out.append([*left, ("", gap), *right])
    return out


def _squeeze(say: list[Row], asked: list[Row], room: int, width: int) -> tuple[list[Row], list[Row]]:
    """The words and what is asked, in a window too small for both: the beginning of the words, and a way on."""
    if len(say) + len(asked) <= room:
        return say, asked
    first = next((n for n, row in enumerate(asked) if n and row and row[0][1].strip().isdecimal()), 0)
    if first:
        # Of a question with answers to pick from, its first row and the answers.
        asked = [asked[0], *asked[first:]]
        if len(asked) + min(len(say), 2) > room:
            asked = [asked[0], *_paired(asked[1:], width)]
    kept = max(min(len(say), 2, room - 1), room - len(asked))
    if first and room - kept < 2:
        asked = asked[1:]
    if 0 < kept < len(say):
        *row, (style, text) = say[kept - 1]
        say = [*say[: kept - 1], [*row, (style, f"{cut(text, cells(text) - 1)}…")]]
    return say[:kept], asked[: max(1, room - kept)]


def _fit(blocks: list[Block], room: int, width: int) -> list[Row]:
    """What fits: first the empty rows go, then the blocks that matter least; the last resort cuts from below."""
    kept = [b for b in blocks if b.rows]

    def total(*, air: bool) -> int:
        return sum(len(b.rows) + (air and b.air) for b in kept) - (air and bool(kept) and kept[0].air)

    while total(air=False) > room and any(b.worth for b in kept):
        at = max(range(len(kept)), key=lambda i: kept[i].worth)
        stays = max(0, len(kept[at].rows) - (total(air=False) - room))
        if kept[at].least and stays >= kept[at].least:
            told: list[Row] = [[("dim", f" {kept[at].more}")]] if kept[at].more else []
            cut = [*kept[at].rows[: stays - len(told)], *told]
            kept[at] = kept[at]._replace(rows=cut, worth=0)
        else:
            del kept[at]
    named = {b.name: n for n, b in enumerate(kept) if b.name}
    if total(air=False) > room and "asked" in named:
        at = named.get("say", -1)
        say = kept[at].rows if at >= 0 else []
        asked = kept[named["asked"]].rows
        say, asked = _squeeze(say, asked, room - (total(air=False) - len(say) - len(asked)), width)
        kept[named["asked"]] = kept[named["asked"]]._replace(rows=asked)
        if at >= 0:
            kept[at] = kept[at]._replace(rows=say)
    spare = room - total(air=False)
    rows: list[Row] = []
    for block in kept:
        if block.air and rows and spare > 0:
            rows.append([])
            spare -= 1
        rows += block.rows
    return rows[:room]


def _blocks(s: Standing, face: Face, width: int, *, tight: bool) -> list[Block]:
    clock, where = head_rows(s, face, width, tight=tight)
    message: list[Row] = []
    if face.message:
        told = wrap(face.message, width - 2)
        # What was saved is on the step too; a reason must be read whole.
        message = [[("no" if face.refused else "told", f" {line}")] for line in told]
        if tight and not face.refused:
            message = [clip([("told", f" {face.message}")], width)]
    return [
        Block(0, [clock], air=False),
        Block(2, [where], air=False),
        Block(0, say_rows(s, width), name="say"),
        Block(1, card_rows(s, width), least=2, more="… d shows the whole card"),
        # The first hint is worth a row that would stay empty.
        Block(4, cue_rows(s, width), least=1, more=""),
        Block(5, avoid_rows(s, width, tight=tight)[: 2 if tight else 8], air=not s.step.cue),
        Block(2, check_rows(s, width, typing=face.typing)),
        Block(6, draft_rows(s, width), least=3, more="│ … c copies it whole"),
        *([Block(1, message)] if face.typing else []),
        Block(
            0,
            question_rows(s, width, typing=face.typing, tight=tight)
            if not face.hint
            else [[("ask", f" ? {line}")] for line in wrap(face.hint, width - 4)],
            name="asked",
        ),
        *([] if face.typing else [Block(1, message), Block(7, path_rows(s, width))]),
    ]


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
        ("H" if "h" in taken else "h", "hold" if s.call.held_until is None else "off hold", False),
        ("c", "copy", False),
        ("q", "end", False),
        ("p", "park", False),
        ("?", "keys", False),
    ]
    # With nobody on the line there is nothing to offer, to promise or to hand over.
    alone = {"o", "r", "w", "h", "H"} if s.edition.books[s.edition.root].private else set[str]()
    return [k for k in keys if k in policy or k[0] not in taken | alone]


_ROOMY = 48
"""From this width on the foot has room for whole words while something is typed."""


def _foot(s: Standing, face: Face, width: int, most: int) -> list[Row]:
    if face.typing:
        danger: Row = (
            [("alert", "F12"), ("dim", " DANGER  ")]
            if any(not i.returns for i in s.edition.policy.interruptions)
            else []
        )
        enter = " Enter saves  Esc: keys  " if width >= _ROOMY else " Enter  Esc keys  "
        return [clip([("dim", enter), *danger, ("dim", "F4 cuts in  /b back  /n note")], width)]
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
    rows: list[Row] = [
        head_rows(s, face, width, tight=True)[0],
        *say_rows(s, width)[: 2 if room > 8 else 1],
        *([("ask", f" {line}")] for line in wrap(face.menu_title, width - 2)[: max(1, room - 5)]),
    ][: max(0, room - 3)]
    size = max(1, room - len(rows))
    pages = [face.menu[at : at + size] for at in range(0, len(face.menu), size)]
    if len(pages) > 1:
        # Keys act whether their row is in sight or not; space turns to the next rows.
        size = max(1, size - 1)
        pages = [face.menu[at : at + size] for at in range(0, len(face.menu), size)]
        rows.append([("dim", f" {face.menu_page % len(pages) + 1} of {len(pages)}, space for more")])
    for key, label in pages[face.menu_page % len(pages)]:
        rows.append(clip([("key", f" {key:>2} "), ("", f" {label}")], width))
    return rows[:room]


def draw_wrapup(text: str, width: int, height: int, message: str, top: int, unsaved: str = "") -> Screen:
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
            ("dim", " more  "),
            ("key", "b"),
            ("dim", " back into the call"),
        ],
        [("key", " r"), ("dim", " a few minutes for you, kept nowhere")],
    ]
    if unsaved:
        foot.insert(0, [("alert", f" NOT SAVED: {unsaved} ")])
    if message:
        foot.insert(0, [("told", f" {message}")])
    room = height - len(foot)
    top = min(top, max(0, len(rows) - room))
    return Screen(rows[top : top + room], [clip(r, width) for r in foot])
