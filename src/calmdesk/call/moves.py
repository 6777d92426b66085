"""What a person may do on a call: each move gives the events it makes, or refuses with the reason.

A refused move changes nothing. Moves may become stricter; `evolve` never does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call import events as e
from calmdesk.call import need as n
from calmdesk.call.facts import Known, fact_key, local_time
from calmdesk.call.way import NoWay, Way, land, step_at, step_way
from calmdesk.playbook.kinds import read_moment, read_span, read_value
from calmdesk.safetext import clean, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from calmdesk.call.events import Event, Place, Stamp
    from calmdesk.call.state import Call
    from calmdesk.playbook.model import Edition, Step

MAX_DEPTH = 5


class Standing(NamedTuple):
    """A call as a move finds it: what it plays, how it stands, and what time it is."""

    edition: Edition
    call: Call
    now: Stamp

    @property
    def step(self) -> Step:
        """The step the call stands on."""
        return step_at(self.edition, self.call.place)

    @property
    def known(self) -> Known:
        """The facts as they stand here."""
        return Known(self.edition, self.call, self.call.place)

    @property
    def need(self) -> n.Need:
        """What the call waits for."""
        return n.find_need(self.edition, self.call)

    @property
    def clock(self) -> datetime:
        """Now, in the team's time zone."""
        return local_time(self.edition.policy, self.now)


if TYPE_CHECKING:
    Move = Callable[[Standing], Sequence[Event]]


class NotAllowed(Exception):  # noqa: N818 - a refusal, not an error
    """That can't happen now, and why; nothing was recorded."""


class Misfit(NotAllowed):
    """What was typed fits nothing that is asked here; the message says what would fit."""


def start(edition: Edition, *, channel: str = "phone", case: str = "") -> e.Started:
    """The first event of a call with the edition's playbook."""
    from calmdesk.call.state import Call
    from calmdesk.call.way import begin

    book = edition.books[edition.root]
    way = begin(edition, Call(root=edition.root), book.id, e.TOP, ())
    return e.Started(way.place, edition.digests, channel, case)


# --- facts


def answer(s: Standing, typed: str) -> list[Event]:
    """The fact that is asked gets its value."""
    need = s.need
    if not isinstance(need, n.AskFact):
        raise NotAllowed("No fact is asked here. `e FACT` corrects one.")
    kind, value = _read(s, need.fact.id, typed)
    return [e.Answered(fact_key(s.call.place, need.fact.id), kind, value)]


def _read(s: Standing, name: str, typed: str) -> tuple[str, str]:
    fact = s.known.declared(name)
    if fact is None:
        raise Misfit(f"There is no fact “{clean(name)}” here. {nearest(name, find_facts(s))}".strip())
    read = read_value(
        fact.kind,
        typed,
        options=[(o.id, o.label) for o in fact.options],
        currency=s.edition.policy.currency,
        at=s.clock,
    )
    if read.complaint:
        raise Misfit(read.complaint)
    return fact.kind, read.text


def find_facts(s: Standing) -> list[str]:
    """The facts that can be corrected or told here, the answered ones first."""
    found = [f for frame in reversed(s.call.place) for f in s.edition.books[frame.book].facts]
    played = [f for v in s.call.trail for f in s.edition.books[v.place[-1].book].facts if f in s.call.facts]
    names = list(dict.fromkeys([*found, *played]))
    return sorted(names, key=lambda f: (fact_key(s.call.place, f) not in s.call.facts, names.index(f)))


def correct(s: Standing, name: str, typed: str) -> list[Event]:
    """An earlier fact gets another value; the call lands on the first passed step that this changes."""
    from calmdesk.call.correct import find_landing

    _open(s)
    need = s.need
    if isinstance(need, n.AskFact) and need.fact.id == name:
        return answer(s, typed)
    declared = s.known.declared(name)
    place = (
        s.call.place
        if declared
        else next(
            (v.place for v in reversed(s.call.trail) if s.edition.books[v.place[-1].book].fact(name)), s.call.place
        )
    )
    kind, value = _read(Standing(s.edition, s.call._replace(place=place), s.now), name, typed)
    key = fact_key(place, name)
    if key not in s.call.facts:
        return [e.Answered(key, kind, value)]
    after = s.call._replace(facts={**s.call.facts, key: (kind, value)})
    kept, landing = find_landing(s.edition, s.call, after)
    return [e.Corrected(key, kind, value, kept, landing)]


def tell(s: Standing, name: str, typed: str) -> list[Event]:
    """A fact is given beforehand, by a flag or a test: nobody was asked."""
    for book in s.edition.books.values():
        if fact := book.fact(name):
            read = read_value(
                fact.kind,
                typed,
                options=[(o.id, o.label) for o in fact.options],
                currency=s.edition.policy.currency,
                at=s.clock,
            )
            if read.complaint:
                raise NotAllowed(f"{name}: {read.complaint}")
            return [e.Answered(name, fact.kind, read.text, given=True)]
    names = sorted({f for b in s.edition.books.values() for f in b.facts})
    raise NotAllowed(
        f"This playbook has no fact “{clean(name)}”. {nearest(name, names) or 'Facts: ' + ', '.join(names) + '.'}"
    )


# --- going on


def choose(s: Standing, choice: str) -> list[Event]:
    """One of the ways on is taken, by its id."""
    need = s.need
    if not isinstance(need, n.AskChoice):
        raise NotAllowed("There is nothing to choose here yet.")
    option = next((o for o in need.options if o.choice.id == choice), None)
    if option is None:
        names = [o.choice.id for o in need.options]
        raise Misfit(
            f"There is no choice “{clean(choice)}” here. {nearest(choice, names) or 'Choices: ' + ', '.join(names) + '.'}"
        )
    if option.closed:
        raise NotAllowed(option.closed)
    if need.open:
        raise NotAllowed(_still_open(s, need.open))
    # Used up, it leads to its `then`: that is another way, which forgets nothing.
    used_up = option.left == 0
    forgot = () if used_up else tuple(fact_key(s.call.place, f) for f in option.choice.forget)
    # A fact to be asked anew is unknown already when the way on is looked for.
    call = s.call._replace(facts={k: v for k, v in s.call.facts.items() if k not in forgot})
    return [*_promise(s), *_go(s, lambda: land(s.edition, call, s.call.place, option.target), "choice", choice, forgot)]


def go_on(s: Standing) -> list[Event]:
    """The step leads on by itself: to the next, back, or to the end."""
    need = s.need
    if isinstance(need, n.AskTicks):
        raise NotAllowed(_still_open(s, need.open))
    if not isinstance(need, n.GoOn):
        raise NotAllowed("Something is asked here first.")
    if need.closed:
        raise NotAllowed(need.closed)
    if need.ends:
        return [*_promise(s), e.Ended(need.ends)]
    by = "return" if s.step.returns else "on"
    return [*_promise(s), *_go(s, lambda: step_way(s.edition, s.call, s.call.place), by)]


def _go(s: Standing, way: Callable[[], Way], by: str, choice: str = "", forgot: tuple[str, ...] = ()) -> list[Event]:
    try:
        found = way()
    except NoWay:
        raise NotAllowed(
            "This way leads nowhere: the playbook doesn't say how it ends. `end ID` ends the call, `b` goes back."
        ) from None
    return [e.Ended(found.ends)] if found.ends else [e.Moved(by, choice, found.place, forgot)]


def _promise(s: Standing) -> list[Event]:
    """What a step promises is logged on leaving it."""
    promise = s.step.promise
    if promise is None or (s.call.spot, "promise") in s.call.settled:
        return []
    by = _resolve(s, promise.by)
    return [e.Promised(f"p{len(s.call.promises) + 1}", s.known.fill(promise.what), by, s.known.fill(promise.who))]


def _resolve(s: Standing, by: str) -> str:
    """The point in time that a promise's `by` means now, as ISO text (a date stays a date)."""
    from datetime import timedelta

    if by.startswith("{policy."):
        by = s.edition.policy.value(by[8:-1]) or by
    elif by.startswith("{") and by.endswith("}"):
        name = by[1:-1]
        value = s.known.value(name) or ""
        return read_moment(value, s.clock).text if s.known.kind(name) == "time" else value
    if seconds := read_span(by):
        return (s.clock + timedelta(seconds=seconds)).isoformat(timespec="minutes")
    return read_moment(by, s.clock).text or by


def go_to(s: Standing, wanted: str) -> list[Event]:
    """Jump to a step of the file being played, or of one that plays it; it is journaled like any move."""
    _open(s)
    wanted = wanted.rpartition("/")[2]
    for depth in range(len(s.call.place), 0, -1):
        place = s.call.place[:depth]
        if wanted in s.edition.books[place[-1].book].order:
            step = s.edition.books[place[-1].book].step(wanted)
            known = Known(s.edition, s.call, place)
            if known.unknown(step.when) is None and not known.holds(step.when):
                raise NotAllowed(f"“{step.title}” is skipped on this call: its condition doesn't hold.")
            return _go(s, lambda place=place: land(s.edition, s.call, place, wanted), "go", "go")  # type: ignore[misc]
        if place[-1].kind in {e.CUT, e.POLICY_CUT}:
            break
    names = [x for f in s.call.place for x in s.edition.books[f.book].order]
    raise Misfit(f"There is no step “{clean(wanted)}” here. {nearest(wanted, names)}".strip())


def back(s: Standing, *, stops: bool = False) -> list[Event]:
    """The last answer is taken back; with `stops`, a step that only said something counts as one."""
    _open(s)
    for to in range(len(s.call.marks) - 1, -1, -1):
        if stops or s.call.marks[to].what != "on":
            return [e.WentBack(to)]
    raise NotAllowed("This is the first step: there is nothing to take back.")


# --- checks


def toggle(s: Standing, checks: Sequence[str]) -> list[Event]:
    """Ticks are set, or taken away where they were set; with the last one, a step without choices goes on."""
    _open(s)
    done = {c for spot, c in s.call.ticks if spot == s.call.spot}
    made: list[Event] = [e.Unticked(c) if c in done else e.Ticked(c) for c in checks]
    if isinstance(s.need, n.AskTicks) and set(s.need.open) <= {x.check for x in made if isinstance(x, e.Ticked)}:
        return [*made, *_after(s, made)]
    return made


def _after(s: Standing, made: list[Event]) -> list[Event]:
    from calmdesk.call.state import evolve

    call = s.call
    for event in made:
        call = evolve(call, event, s.now)
    later = Standing(s.edition, call, s.now)
    return go_on(later) if isinstance(later.need, n.GoOn) and not later.need.closed else []


def override(s: Standing) -> list[Event]:
    """Go on with checks open; which ones is journaled."""
    _open(s)
    still = n.open_checks(s.call, s.step)
    if not still:
        raise NotAllowed("No check is open here.")
    made: list[Event] = [e.Overrode(still)]
    return [*made, *_after(s, made)] if isinstance(s.need, n.AskTicks) else made


def _still_open(s: Standing, checks: Sequence[str]) -> str:
    told = "; ".join(s.known.fill(c) for c in checks)
    return f"Still open: {told}. Tick it with x, or ! goes on anyway."


# --- words, notes, holds


def note(s: Standing, text: str) -> list[Event]:
    """A note is kept."""
    text = clean(text)
    if not text:
        raise NotAllowed("There is nothing to note.")
    return [e.Noted(text)]


def say_otherwise(s: Standing) -> list[Event]:
    """The next variant of the line."""
    _open(s)
    line = next((x for x in s.step.say if s.known.holds(x.when)), None)
    if line is None or len(line.variants) < 2:
        raise NotAllowed("There are no other words for this step.")
    return [e.SaidOtherwise()]


def hold(s: Standing, typed: str = "") -> list[Event]:
    """The customer is put on hold for a time; a second one asks to come back first."""
    _open(s)
    policy = s.edition.policy
    seconds = read_span(typed) if typed else read_span(policy.value("hold") or "60s")
    if not seconds:
        raise Misfit(f"“{clean(typed)}” is no length of time. Write it like 60s or 2m.")
    most = read_span(policy.value("hold-max") or "2m")
    if seconds > most:
        raise NotAllowed(f"A hold lasts at most {most} s. For longer, promise to call back: r WHAT by WHEN.")
    if s.call.holds >= policy.count("holds", 2):
        raise NotAllowed(f"That was the last of {s.call.holds} holds. Promise to call back: r WHAT by WHEN.")
    return [e.Held(s.now.wall + seconds * 1000)]


def come_back(s: Standing) -> list[Event]:
    """The hold is over."""
    if s.call.held_until is None:
        raise NotAllowed("Nobody is on hold.")
    return [e.CameBack()]


# --- interruptions


def find_interruptions(s: Standing) -> dict[str, tuple[str, str, str]]:
    """What may cut in here: id → (label, book, key); a playbook's replaces the policy's of the same id."""
    found = {i.id: (i.label, i.book, i.key) for i in s.edition.policy.interruptions}
    for frame in s.call.place:
        found |= {
            i.id: (i.label, i.book, found.get(i.id, ("", "", ""))[2]) for i in s.edition.books[frame.book].interruptions
        }
    return found


def interrupt(s: Standing, name: str) -> list[Event]:
    """Something cuts in; `return` goes back from it to the step it left."""
    from calmdesk.call.way import begin

    _open(s)
    if name in {"return", "back"}:
        return come_again(s)
    cut = next(
        (i for frame in reversed(s.call.place) for i in s.edition.books[frame.book].interruptions if i.id == name), None
    )
    cut = cut or next((i for i in s.edition.policy.interruptions if i.id == name), None)
    if cut is None:
        names = list(find_interruptions(s))
        raise Misfit(
            f"There is no interruption “{clean(name)}”. {nearest(name, names) or 'Interruptions: ' + ', '.join(names) + '.'}"
        )
    if depth(s.call.place) >= MAX_DEPTH:
        raise NotAllowed(f"{MAX_DEPTH} interruptions are open already. Come back from one first.")
    below = s.call.place if cut.returns else ()
    try:
        call = s.call if cut.returns else s.call._replace(serial=s.call.serial + 1)
        way = begin(s.edition, call, cut.book, e.POLICY_CUT if cut.by_policy else e.CUT, below)
    except NoWay:
        raise NotAllowed(f"“{cut.label}” has no step to show here.") from None
    return [e.Interrupted(name, way.place)]


def depth(place: Place) -> int:
    """How many interruptions are open."""
    return sum(f.kind in {e.CUT, e.POLICY_CUT} for f in place)


def come_again(s: Standing) -> list[Event]:
    """Back from an interruption to the exact step it left."""
    for at in range(len(s.call.place) - 1, 0, -1):
        if s.call.place[at].kind in {e.CUT, e.POLICY_CUT}:
            return [e.Moved("return", "return", s.call.place[:at])]
    raise NotAllowed("No interruption is open.")


# --- the end


def hand_over(s: Standing, to: str = "") -> list[Event]:
    """A colleague takes the call, which ends here."""
    _open(s)
    if s.edition.policy.disposition("handed-over") is None:
        raise NotAllowed("The policy has no disposition “handed-over”.")
    return [e.HandedOver(clean(to)), e.Ended("handed-over")]


def park(s: Standing, why: str = "by the agent") -> list[Event]:
    """The call is laid aside; `resume` goes on."""
    _open(s)
    return [e.Parked(why)]


def end(s: Standing, disposition: str) -> list[Event]:
    """End the call from any step, with a disposition that the policy marks any-time."""
    _open(s)
    if disposition not in s.edition.policy.any_time:
        names = s.edition.policy.any_time
        if s.edition.policy.disposition(disposition) is not None:
            raise NotAllowed(f"“{disposition}” is reached by its step. At any time: {', '.join(names)}.")
        raise Misfit(
            f"There is no disposition “{clean(disposition)}”. {nearest(disposition, names) or 'At any time: ' + ', '.join(names) + '.'}"
        )
    if closed := n.not_yet(s.edition, s.call, disposition):
        raise NotAllowed(closed)
    return [e.Ended(disposition)]


def _open(s: Standing) -> None:
    if s.call.over:
        raise NotAllowed("The call is over.")
