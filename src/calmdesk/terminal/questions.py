"""What is asked on the screen, with what can be picked: a fact, an offer, ticks, the ways on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.call import need as n
from calmdesk.call.need import TRIES
from calmdesk.playbook.kinds import shown
from calmdesk.terminal.paint import Row, cells, clip, wrap

if TYPE_CHECKING:
    from calmdesk.call.moves import Standing


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


def leads_to(s: Standing, target: str | None) -> str:
    """The title of the step that a choice leads to; of the file it plays, where the step has none of its own."""
    book = s.edition.books[s.call.place[-1].book]
    target = target if target is not None else book.after(s.call.place[-1].step)
    if target is None or target == "return":
        return "back"
    step = book.step(target)
    named = "title" in book.compiled["steps"][target]
    return s.edition.books[step.play].title if step.play and not named else step.title


def _asked(text: str, width: int) -> list[Row]:
    """A question, wrapped under its own mark."""
    return [[("ask", f" {'?' if at == 0 else ' '} {line}")] for at, line in enumerate(wrap(text, width - 4))]


def _fact_rows(s: Standing, need: n.AskFact, width: int, *, typing: bool, tight: bool) -> list[Row]:
    fact = need.fact
    labels = [o.label for o in fact.options] or (["Yes", "No"] if fact.kind == "yes-no" else [])
    rows = _asked(s.known.fill(fact.ask), width)
    if need.default is not None:
        today = s.known.value("today") or ""
        told = next((o.label for o in fact.options if o.id == need.default), shown(fact.kind, need.default, today))
        # Where room is short the answers to pick from matter more than the one Enter takes.
        if not (tight and labels):
            rows.append(clip([("dim", f"   Enter {'takes' if typing or labels else 'opens'}: {told}")], width))
    elif not labels and not typing:
        rows.append([("dim", "   Enter to type the answer")])
    return rows + _options([(x, "", "") for x in labels], width)


def _amount_rows(s: Standing, need: n.AskAmount, width: int, *, typing: bool) -> list[Row]:
    kind = "Give back" if need.proposal.kind == "restore" else "Offer as a gesture"
    asked = _asked(f"{kind}: {need.proposal.amount} {s.edition.policy.currency}?", width)
    why: list[Row] = [[("dim", f"   {line}")] for line in wrap(need.proposal.why, width - 4)]
    role = need.proposal.approver(need.proposal.amount)
    takes = f"Enter asks {role}" if role else "Enter takes it"
    keys = f"{takes}, or type another amount, or none" if typing else "Enter to answer"
    return [*asked, *why, clip([("dim", f"   {keys}")], width)]


def _code_lines(code: str, width: int) -> list[str]:
    """A code in lines that end at its hyphens: it is read aloud whole, and never cut."""
    lines = [""]
    for part in code.replace("-", "-\0").split("\0"):
        if lines[-1] and len(lines[-1] + part) > width:
            lines.append("")
        lines[-1] += part
    return lines


def _approval_rows(need: n.AskApproval, width: int, *, typing: bool, tight: bool) -> list[Row]:
    if tight and width < 34:
        asked = _asked(f"Read to {need.role}:", width)
    else:
        asked = _asked(f"{need.amount} needs a yes ({need.role}). Read them this code:", width)
    code = [[("say", f"   {line}")] for line in _code_lines(need.code, width - 4)]
    own = "" if need.own in {"", "0", "0.00"} else f" an amount up to {need.own},"
    if need.late:
        what = f"That code is of another day. Enter makes a new one, or type{own} none"
    elif typing:
        tries = f" ({need.left} left)" if need.left < TRIES else ""
        what = f"Type the digits they answer{tries},{own} or none"
    else:
        what = "Enter to answer; c copies the code"
    return [*asked, *code, *([("dim", f"   {line}")] for line in wrap(what, width - 4))]


def _choice_rows(s: Standing, need: n.AskChoice, width: int) -> list[Row]:
    pairs = []
    for option in need.options:
        more = f" ({option.left} more)" if option.left else ""
        old = " ◂ Enter" if option.choice.id == need.old else ""
        pairs.append((s.known.fill(option.choice.label) + more + old, leads_to(s, option.target), option.closed))
    first: list[Row] = []
    if need.open:
        first = [clip([("dim", f" first tick: {len(need.open)} to go, or ! goes on anyway")], width)]
    return [*first, *_options(pairs, width)]


def question_rows(s: Standing, width: int, *, typing: bool, tight: bool) -> list[Row]:
    """What is asked, with what can be picked.

    Args:
        s: the call as it stands.
        width: columns of the screen.
        typing: whether the answer is being typed in a line below.
        tight: whether room is short.

    """
    match s.need:
        case n.AskFact() as need:
            return _fact_rows(s, need, width, typing=typing, tight=tight)
        case n.AskAmount() as need:
            return _amount_rows(s, need, width, typing=typing)
        case n.AskApproval() as need:
            return _approval_rows(need, width, typing=typing, tight=tight)
        case n.AskAccept(_, amount):
            return [*_asked(f"Did they accept {amount}?", width), *_options([("Yes", "", ""), ("No", "", "")], width)]
        case n.AskAgain(_, said):
            again = [(f"{word} it", "", "") for word in ("Keep", "Change", "Withdraw")]
            return [*_asked(f"Here {said}.", width), *_options(again, width)]
        case n.AskTicks(still):
            hint: Row = [("ask", f" ? Tick what is done: {len(still)} to go"), ("dim", ", or ! goes on anyway")]
            return [clip(hint, width)]
        case n.AskChoice() as need:
            return _choice_rows(s, need, width)
        case n.GoOn(ends, closed):
            if closed:
                return [[("no", f" {line}")] for line in wrap(closed, width - 2)]
            leads = f"ends the call: {s.edition.policy.disposition(ends)}" if ends else "goes on"
            return [[("key", " Enter "), ("", leads)]]
    return []
