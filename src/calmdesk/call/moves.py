"""What a person may do on a call: each move gives the events it makes, or refuses with the reason.

A refused move changes nothing. Moves may become stricter; `evolve` never does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call import events as e
from calmdesk.call import need as n
from calmdesk.call.facts import Known, fact_key, find_line, local_time
from calmdesk.call.way import NoWay, Way, land, step_at, step_way
from calmdesk.playbook.kinds import read_moment, read_span, read_value
from calmdesk.private import CARD, mask
from calmdesk.safetext import clean, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from calmdesk.call.events import Event, Place, Stamp
    from calmdesk.call.values import Call
    from calmdesk.playbook.kinds import Value
    from calmdesk.playbook.model import Edition, Fact, Playbook, Step


APPROVAL_LINE = "That's above what I can approve myself, so I'm asking for it now. One moment, please."
"""What is said while nobody has said yes (`research/content.md` M4): nothing is promised that may be refused."""


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
    def line(self) -> str:
        """The line to say now: the first that holds, in the variant asked for, with its slots filled.

        None yet, while the step still asks what decides which line it is: a wrong one might be read out.
        """
        if self.call.over:
            return ""
        if n.waits_for_others(self.need):
            return self.edition.policy.lines.get("approval", APPROVAL_LINE)
        found = find_line(self.step, self.known, asking=isinstance(self.need, n.AskFact))
        if found is None:
            return ""
        # Who comes back from what cut in has said the first words already.
        back = sum(c.returned and c.start == self.call.label(self.call.place) for c in self.call.cuts)
        words = found.variants[(self.call.otherwise.get(self.call.spot, 0) + back) % len(found.variants)]
        if OFFER in words:
            # What can't be offered, or was not, isn't said either.
            words = words.replace(OFFER, amount) if (amount := self._offered()) else ""
        return self.known.fill(words)

    def _offered(self) -> str:
        """The amount that is proposed here, or was offered here, with its currency; nothing where there is none."""
        need = self.need
        if isinstance(need, n.AskAmount):
            return f"{need.proposal.amount} {self.edition.policy.currency}"
        made = [o.made for o in self.call.offers if o.spot == self.call.spot and not o.withdrawn]
        return f"{made[-1].amount} {made[-1].currency}" if made else ""

    @property
    def clock(self) -> datetime:
        """Now, in the team's time zone."""
        return local_time(self.edition.policy, self.now)


if TYPE_CHECKING:
    Move = Callable[[Standing], Sequence[Event]]


OFFER = "{offer}"
"""The amount of the offer that a step makes."""


class NotAllowed(Exception):  # noqa: N818 - a refusal, not an error
    """That can't happen now, and why; nothing was recorded."""


class Misfit(NotAllowed):
    """What was typed fits nothing that is asked here; the message says what would fit."""


class NowhereError(NotAllowed):
    """A way leads off the end of a file that doesn't say how it ends, or round in a circle."""


def start(
    edition: Edition,
    *,
    channel: str = "phone",
    case: str = "",
    path: str = "",
    facts: Mapping[str, tuple[str, str]] | None = None,
    now: Stamp | None = None,
) -> e.Started:
    """The first event of a call with the edition's playbook; `facts` and the channel may skip its first step."""
    from calmdesk.call.values import Call
    from calmdesk.call.way import begin

    book = edition.books[edition.root]
    call = Call(root=edition.root, channel=channel, case=clean(case), facts=facts or {}, started=now)
    try:
        way = begin(edition, call, book.id, e.TOP, ())
    except NoWay:
        raise NotAllowed("Every step of this playbook is skipped on this call.") from None
    return e.Started(way.place, edition.digests, channel, clean(case), path)


def begin_told(
    edition: Edition,
    now: Stamp,
    given: Iterable[tuple[str, str]],
    *,
    channel: str = "phone",
    case: str = "",
    path: str = "",
) -> list[Event]:
    """A call's start and the facts given beforehand, which are known before its first step is looked for.

    Raises NotAllowed: a fact that the playbook doesn't have, or a value that doesn't fit it.
    """
    from calmdesk.call.values import Call

    desk = Standing(edition, Call(root=edition.root), now)
    told = [event for name, typed in given for event in tell(desk, name, typed)]
    facts = {event.fact: (event.kind, event.value) for event in told if isinstance(event, e.Answered)}
    return [start(edition, channel=channel, case=case, path=path, facts=facts, now=now), *told]


# --- facts


def answer(s: Standing, typed: str) -> list[Event]:
    """The fact that is asked gets its value."""
    need = s.need
    if not isinstance(need, n.AskFact):
        raise NotAllowed("No fact is asked here. `e FACT` corrects one.")
    kind, value = _read(s, need.fact.id, typed)
    return [e.Answered(fact_key(s.call.place, need.fact.id), kind, value)]


def _understood(s: Standing, fact: Fact, typed: str) -> Value:
    options = [(o.id, o.label) for o in fact.options]
    return read_value(fact.kind, typed, options=options, currency=s.edition.policy.currency, at=s.clock)


def _read(s: Standing, name: str, typed: str) -> tuple[str, str]:
    fact = s.known.declared(name) or _elsewhere(s, name)
    if fact is None:
        raise Misfit(f"There is no fact “{clean(name)}” here. {nearest(name, find_facts(s))}".strip())
    read = _understood(s, fact, typed)
    if read.complaint:
        raise Misfit(read.complaint)
    if fact.kind in {"number", "money"} and CARD in mask(read.text)[1]:
        raise Misfit("That looks like a card number, and isn't kept. If it is an order, note it: n TEXT.")
    return fact.kind, read.text


def _elsewhere(s: Standing, name: str) -> Fact | None:
    """A fact that a file to be played later asks for: it may be told in advance."""
    return next((f for b in find_played(s) if (f := b.fact(name))), None)


def find_played(s: Standing) -> list[Playbook]:
    """The files that are being played, and those that their steps may play, the deepest first."""
    found: dict[str, Playbook] = {}
    todo = [frame.book for frame in reversed(s.call.place)]
    while todo:
        name = todo.pop(0)
        if name not in found:
            book = found[name] = s.edition.books[name]
            todo += [step["play"] for step in book.compiled["steps"].values() if step.get("play")]
    return list(found.values())


def find_facts(s: Standing) -> list[str]:
    """The facts that can be corrected or told here, the answered ones first."""
    found = [f for book in find_played(s) for f in book.facts]
    played = [f for v in s.call.trail for f in s.edition.books[v.place[-1].book].facts if f in s.call.facts]
    names = list(dict.fromkeys([*found, *played]))
    return sorted(names, key=lambda f: (fact_key(s.call.place, f) not in s.call.facts, names.index(f)))


def correct(s: Standing, name: str, typed: str) -> list[Event]:
    """An earlier fact gets another value; the call lands on the first passed step that this changes."""
    from calmdesk.call.correct import find_landing

    need_open(s)
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
    after = s.call._replace(facts={**s.call.facts, key: (kind, value)})
    kept, landing = find_landing(s.edition, s.call, after)
    if key not in s.call.facts and kept == len(s.call.trail):
        return [e.Answered(key, kind, value)]
    return [e.Corrected(key, kind, value, kept, landing)]


def tell(s: Standing, name: str, typed: str) -> list[Event]:
    """A fact is given beforehand, by a flag or a test: nobody was asked."""
    for book in s.edition.books.values():
        if fact := book.fact(name):
            read = _understood(s, fact, typed)
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
    return [
        *step_promise(s),
        *_go(lambda: land(s.edition, call, s.call.place, option.target), "choice", choice, forgot),
    ]


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
        return [*step_promise(s), e.Ended(need.ends)]
    by = "return" if s.step.returns else "on"
    return [*step_promise(s), *_go(lambda: step_way(s.edition, s.call, s.call.place), by)]


def _go(way: Callable[[], Way], by: str, choice: str = "", forgot: tuple[str, ...] = ()) -> list[Event]:
    try:
        found = way()
    except NoWay:
        raise NowhereError(
            "This way leads nowhere: the playbook doesn't say how it ends. `end ID` ends the call, `b` goes back."
        ) from None
    return [e.Ended(found.ends)] if found.ends else [e.Moved(by, choice, found.place, forgot)]


def step_promise(s: Standing) -> list[Event]:
    """What a step promises is logged on leaving it."""
    promise = s.step.promise
    if promise is None or (s.call.spot, "promise") in s.call.settled:
        return []
    by = resolve_by(s, promise.by)
    return [
        e.Promised(
            f"p{len(s.call.promises) + 1}", s.known.fill(promise.what), by, s.known.fill(promise.who), by_step=True
        )
    ]


def resolve_by(s: Standing, by: str) -> str:
    """The point in time that a promise's `by` means now, as ISO text (a date stays a date)."""
    from datetime import timedelta

    if by.startswith("{policy."):
        by = s.edition.policy.value(by[8:-1]) or by
    elif by.startswith("{") and by.endswith("}"):
        name = by[1:-1]
        value = s.known.value(name) or ""
        known = s.known.kind(name) == "date" or "T" in value
        return value if known else read_moment(value, s.clock).text or value
    if seconds := read_span(by):
        return (s.clock + timedelta(seconds=seconds)).isoformat(timespec="minutes")
    return read_moment(by, s.clock).text or by


def find_steps(s: Standing) -> dict[str, tuple[str, Place]]:
    """The steps one can go to: of the file being played, then of those that play it, up to an open interruption.

    Step id → (its title, the place in whose file it stands); the deepest file wins.
    """
    found: dict[str, tuple[str, Place]] = {}
    for depth in range(len(s.call.place), 0, -1):
        place = s.call.place[:depth]
        book = s.edition.books[place[-1].book]
        for name in book.order:
            found.setdefault(name, (book.step(name).title, place))
        if place[-1].kind in {e.CUT, e.POLICY_CUT}:
            break
    return found


def go_to(s: Standing, wanted: str) -> list[Event]:
    """Jump to a step of the file being played, or of one that plays it; it is journaled like any move."""
    need_open(s)
    wanted = wanted.rpartition("/")[2]
    steps = find_steps(s)
    if wanted not in steps:
        raise Misfit(f"There is no step “{clean(wanted)}” here. {nearest(wanted, steps)}".strip())
    title, place = steps[wanted]
    step = s.edition.books[place[-1].book].step(wanted)
    known = Known(s.edition, s.call, place)
    if known.unknown(step.when) is None and not known.holds(step.when):
        raise NotAllowed(f"“{title}” is skipped on this call: its condition doesn't hold.")
    return _go(lambda: land(s.edition, s.call, place, wanted), "go", ":go")


def back(s: Standing, *, stops: bool = False) -> list[Event]:
    """The last answer is taken back, an end too; with `stops`, a step that only said something counts as one."""
    for to in range(len(s.call.marks) - 1, -1, -1):
        if stops or s.call.marks[to].what != "on":
            return [e.WentBack(to)]
    raise NotAllowed("This is the first step: there is nothing to take back.")


def _still_open(s: Standing, checks: Sequence[str]) -> str:
    told = "; ".join(s.known.fill(c) for c in checks)
    return f"Still open: {told}. Tick it, or ! goes on anyway."


def need_open(s: Standing) -> None:
    """Raises NotAllowed where the call is over."""
    if s.call.over:
        raise NotAllowed("The call is over.")
