"""The state of a call, always rebuilt from its events: `evolve` is total, never refuses, needs no playbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.call import events as e
from calmdesk.call.values import Asked, Call, Cut, Mark, Note, Offer, Promise, Refusal, Visit, elapsed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calmdesk.call.events import Event, Place, Stamp
    from calmdesk.call.values import Spot


def _add(spent: int | None, more: int | None) -> int | None:
    return None if spent is None or more is None else spent + more


def _pause(call: Call, at: Stamp) -> Call:
    """Stop the clock of the step the call stands on."""
    trail = list(call.trail)
    for n in range(len(trail) - 1, -1, -1):
        if not trail[n].left and trail[n].place == call.place:
            trail[n] = trail[n]._replace(spent=_add(trail[n].spent, elapsed(call.since or at, at)))
            break
    return call._replace(trail=tuple(trail), since=at)


def _leave(call: Call, choice: str, at: Stamp) -> Call:
    """Close the visit of the step the call stands on."""
    call = _pause(call, at)
    trail = list(call.trail)
    for n in range(len(trail) - 1, -1, -1):
        if not trail[n].left and trail[n].place == call.place:
            trail[n] = trail[n]._replace(choice=choice, left=True)
            break
    return call._replace(trail=tuple(trail))


def _enter(call: Call, place: Place, at: Stamp) -> Call:
    """Stand on a place: a step that is still open is come back to, any other is a new visit."""
    if not any(not v.left and v.place == place for v in call.trail):
        call = _visit(call, place, at)
    return call._replace(place=place, since=at, serial=max((call.serial, *(f.serial for f in place))))


def _came_back(call: Call, before: Place) -> Call:
    """The interruptions that a move has closed are returned from; those it stands in again are not."""
    left, now = {f.serial for f in before}, {f.serial for f in call.place}
    cuts = tuple(c._replace(returned=c.serial not in now) if c.serial in left | now else c for c in call.cuts)
    return call._replace(cuts=cuts)


def _visit(call: Call, place: Place, at: Stamp) -> Call:
    number = call.visits + 1
    return call._replace(visits=number, trail=(*call.trail, Visit(number, place, at)))


def _mark(call: Call, what: str) -> Call:
    mark = Mark(
        what, call.place, call.trail, call.facts, call.settled, call.ticks, call.overridden, call.cuts, call.open_offer
    )
    return call._replace(marks=(*call.marks, mark))


def _moved(call: Call, event: e.Moved, at: Stamp) -> Call:
    earlier, facts = call.earlier, call.facts
    if event.forgot:
        earlier = {**earlier, **{f: facts[f][1] for f in event.forgot if f in facts}}
        facts = {k: v for k, v in facts.items() if k not in event.forgot}
    if event.by == "skip":
        trail = tuple(v for v in call.trail if v.left or v.place != call.place)
        before = call.place
        return _came_back(_enter(call._replace(trail=trail, facts=facts, earlier=earlier), event.place, at), before)
    ticked = any(s == call.spot for s, _ in call.ticks | call.overridden)
    what = (
        f"move:{event.choice}"
        if event.by == "choice"
        else "on"
        if event.by in {"on", "return"} and not event.choice and not ticked
        else f"move:{event.by}"
    )
    before = call.place
    call = _leave(_mark(call, what), event.choice, at)
    return _came_back(_enter(call._replace(facts=facts, earlier=earlier), event.place, at), before)


def _went_back(call: Call, event: e.WentBack, at: Stamp) -> Call:
    to = min(max(event.to, 0), len(call.marks) - 1)
    if to < 0:
        return call
    mark = call.marks[to]
    earlier = dict(call.earlier)
    for undone in call.marks[to:]:
        kind, _, name = undone.what.partition(":")
        if kind == "fact" and name in call.facts:
            earlier[name] = call.facts[name][1]
        elif kind == "move" and undone.place:
            earlier[f"choice {undone.place[-1].serial} {undone.place[-1].step}"] = name
    # A step that went on at its last tick is ticked anew; where something was chosen, the ticks stand.
    spot = call._replace(place=mark.place, trail=mark.trail).spot if mark.what == "move:on" and not call.ended else -1
    return call._replace(
        place=mark.place,
        trail=mark.trail,
        facts=mark.facts,
        settled=mark.settled,
        earlier=earlier,
        open_offer=mark.open_offer,
        asked=None,
        offers=tuple(o._replace(accepted=None) if o.id == mark.open_offer else o for o in call.offers),
        marks=call.marks[:to],
        since=at,
        cuts=mark.cuts,
        held_until=None,
        ended="",
        ended_at=None,
        handed_to="" if call.ended else call.handed_to,
        ticks=frozenset(t for t in mark.ticks if t[0] != spot),
        overridden=frozenset(t for t in mark.overridden if t[0] != spot),
    )


def _corrected(call: Call, event: e.Corrected, at: Stamp) -> Call:
    call = _mark(_pause(call, at), "correct")
    facts = {**call.facts, event.fact: (event.kind, event.value)}
    call = call._replace(facts=facts, settled=_undecided(call), asked=None)
    if event.kept >= len(call.trail) or not event.place:
        return call
    # What cuts in above the landing stays open: its visits stay, and the landing waits below them.
    above = _still_open(call.place, event.place)
    below = event.place[: len(event.place) - len(above)]
    serials = {f.serial for f in above}
    inside = tuple(v for v in call.trail[event.kept :] if any(f.serial in serials for f in v.place))
    before = call.place
    call = call._replace(trail=call.trail[: event.kept], since=at, open_offer="")
    if not any(not v.left and v.place == below for v in call.trail):
        call = _visit(call, below, at)
    return _came_back(_enter(call._replace(trail=(*call.trail, *inside)), event.place, at), before)


def _renewed(call: Call, event: e.Renewed, at: Stamp) -> Call:
    """Newer texts, from the first step on that still makes sense; what was taken back stays taken back."""
    call = _pause(call, at)._replace(
        digests=event.digests, before=(*call.before, call.digests), marks=(), asked=None, settled=_undecided(call)
    )
    if event.place == call.place:
        return call
    above = _still_open(call.place, event.place)
    serials = {f.serial for f in above}
    inside = tuple(v for v in call.trail[event.kept :] if any(f.serial in serials for f in v.place))
    below = event.place[: len(event.place) - len(above)]
    before = call.place
    call = call._replace(trail=call.trail[: event.kept], since=at, open_offer="")
    if not any(not v.left and v.place == below for v in call.trail):
        call = _visit(call, below, at)
    return _came_back(_enter(call._replace(trail=(*call.trail, *inside)), event.place, at), before)


def _still_open(old: Place, new: Place) -> Place:
    """The frames, from an open interruption up, that stand on top of both places."""
    for n, frame in enumerate(old):
        above = old[n:]
        if n and frame.kind in {e.CUT, e.POLICY_CUT} and len(above) < len(new) and new[-len(above) :] == above:
            return above
    return ()


def _undecided(call: Call) -> frozenset[tuple[Spot, str]]:
    """What is settled, without what the ladder refused: another fact may decide otherwise."""
    return frozenset(s for s in call.settled if s[1] != "by-ladder")


def _offers(call: Call, event: Event) -> Call:
    """What became of an offer or a promise."""
    match event:
        case e.Offered():
            offer = Offer(event.id, call.label(call.place), event, call.spot)
            call = _mark(call, "offer")
            return call._replace(
                asked=None,
                offers=(*call.offers, offer),
                open_offer=event.id,
                settled=call.settled | {(call.spot, "offer")},
            )
        case e.ApprovalAsked():
            call = call if call.asked else _mark(call, "offer")
            return call._replace(asked=Asked(event, call.spot), asks=call.asks + 1)
        case e.ApprovalMissed():
            return call._replace(asked=call.asked._replace(missed=call.asked.missed + 1) if call.asked else None)
        case e.Refused():
            call = call._replace(
                asked=None, refusals=(*call.refusals, Refusal(call.label(call.place), event.why, event.by))
            )
            if event.by == "ladder":
                return call._replace(settled=call.settled | {(call.spot, "by-ladder")})
            return _mark(call, "offer")._replace(settled=call.settled | {(call.spot, "offer")})
        case e.Accepted(name, yes):
            offers = tuple(o._replace(accepted=yes) if o.id == name else o for o in call.offers)
            return _mark(call, "accept")._replace(offers=offers, open_offer="")
        case e.Approved(name, code):
            role = code.rpartition("-")[0] or code
            return call._replace(
                offers=tuple(o._replace(approved_by=role, code=code) if o.id == name else o for o in call.offers)
            )
        case e.Kept(name):
            what = "offer" if name.startswith("o") else "promise"
            still = next((o.id for o in call.offers if o.id == name and o.accepted is None), "")
            decided = {(call.spot, what), (0, f"kept {name}")}
            return _mark(call, "again")._replace(settled=call.settled | decided, open_offer=still)
        case e.Withdrew(name, why, _):
            call = _mark(call, "again") if why != "changed" else call
            what = "offer" if name.startswith("o") else "promise"
            settled = call.settled | {(call.spot, what)} if why == "withdrawn" else call.settled
            return call._replace(
                settled=settled,
                earlier={**call.earlier, **{f: call.facts[f][1] for f in event.forgot if f in call.facts}},
                facts={k: v for k, v in call.facts.items() if k not in event.forgot},
                offers=tuple(o._replace(withdrawn=True) if o.id == name else o for o in call.offers),
                promises=tuple(p._replace(withdrawn=True) if p.id == name else p for p in call.promises),
            )
        case e.PromiseKept(name) | e.PromiseBroken(name):
            kept = isinstance(event, e.PromiseKept)
            return call._replace(promises=tuple(p._replace(kept=kept) if p.id == name else p for p in call.promises))
        case e.PromiseMoved(name, by):
            return call._replace(promises=tuple(p._replace(by=by) if p.id == name else p for p in call.promises))
    return call


def _screen(call: Call, event: Event, at: Stamp) -> Call:
    """What changes no place: ticks, notes, holds, variants."""
    spot = call.spot
    match event:
        case e.Ticked(check):
            return call._replace(ticks=call.ticks | {(spot, check)})
        case e.Unticked(check):
            return call._replace(ticks=call.ticks - {(spot, check)})
        case e.Overrode(checks):
            return call._replace(overridden=call.overridden | {(spot, c) for c in checks})
        case e.Noted(text):
            return call._replace(notes=(*call.notes, Note(call.label(call.place), text, at)))
        case e.SaidOtherwise():
            return call._replace(otherwise={**call.otherwise, spot: call.otherwise.get(spot, 0) + 1})
        case e.Held(until):
            return call._replace(
                held_until=until, held_at=at, holds=call.holds + 1, settled=call.settled | {(spot, "hold")}
            )
        case e.CameBack():
            return call._replace(held_until=None)
        case e.Promised(name, what, by, who, by_step):
            made = Promise(name, call.label(call.place), what, by, who, at, by_step)
            return call._replace(promises=(*call.promises, made))
        case e.Forgotten():
            return call._replace(
                notes=(), facts={k: v for k, v in call.facts.items() if v[0] not in {"text", "number", "date"}}
            )
    return call


def _unmasked(call: Call, what: str, text: str) -> Call:
    """The words as they were typed, where they were taken for something private."""
    kind, _, name = what.partition(" ")
    if kind == "note":
        at = int(name) if name.isdecimal() else -1
        return call._replace(notes=tuple(x._replace(text=text) if n == at else x for n, x in enumerate(call.notes)))
    if kind == "fact" and name in call.facts:
        return call._replace(facts={**call.facts, name: (call.facts[name][0], text)})
    if kind == "promise":
        return call._replace(promises=tuple(p._replace(what=text) if p.id == name else p for p in call.promises))
    return call._replace(handed_to=text) if kind == "hand-over" else call


_AFTERWARDS = (e.Resumed, e.PromiseKept, e.PromiseMoved, e.PromiseBroken, e.Forgotten)
"""Events that no time on the call goes by for."""


def evolve(call: Call, event: Event, at: Stamp) -> Call:
    """What this event changes. Total: an event that makes no sense here changes little, and never fails."""
    if call.last is not None and not call.over and not isinstance(event, _AFTERWARDS):
        call = call._replace(active=call.active if call.parked else _add(call.active, elapsed(call.last, at)))
    return _evolve(call._replace(last=at), event, at)


def _evolve(call: Call, event: Event, at: Stamp) -> Call:
    match event:
        case e.Started(place, digests, channel, case, path):
            root = place[0].book if place else ""
            call = call._replace(started=at, root=root, digests=digests, channel=channel, case=case, path=path)
            return _enter(call, place, at)
        case e.Rehearsed(place=place, digests=digests, channel=channel):
            # The playbook beside a rehearsal is played like a call's.
            return _evolve(call, e.Started(place, digests, channel, ""), at)
        case e.Moved():
            return _moved(call, event, at)
        case e.Interrupted(name, place):
            cut = Cut(name, call.label(call.place), place[-1].serial if place else 0)
            serial = next((f.serial for f in place if f.serial > call.serial), cut.serial)
            call = _pause(_mark(call, f"cut:{name}"), at)
            return _enter(call._replace(cuts=(*call.cuts, cut._replace(serial=serial))), place, at)
        case e.WentBack():
            return _went_back(call, event, at)
        case e.Answered(fact, kind, value, given):
            marked = call if given else _mark(call, f"fact:{fact}")
            if call.asked and call.asked.spot == call.spot:
                # Told out of turn: what was asked for may be another sum now.
                marked = marked._replace(asked=None)
            return marked._replace(facts={**call.facts, fact: (kind, value)}, settled=_undecided(call))
        case e.Corrected():
            return _corrected(call, event, at)
        case e.Renewed():
            return _renewed(call, event, at)
        case e.Unmasked(what, text):
            return _unmasked(call, what, text)
        case e.HandedOver(to):
            return call._replace(handed_to=to)
        case e.Parked():
            return _pause(call, at)._replace(parked=True, held_until=None)
        case e.Resumed():
            # A call that was cut off comes back into its hold: the customer may still be waiting.
            return call._replace(parked=False, since=at)
        case e.Ended(disposition):
            marked = _mark(call, "move:end")
            return _leave(marked, "", at)._replace(ended=disposition, ended_at=at, parked=False)
        case (
            e.Ticked()
            | e.Unticked()
            | e.Overrode()
            | e.Noted()
            | e.SaidOtherwise()
            | e.Held()
            | e.CameBack()
            | e.Promised()
            | e.Forgotten()
        ):
            return _screen(call, event, at)
    return _offers(call, event)


def replay(events: Iterable[tuple[Stamp, Event]]) -> Call:
    """The call as its events made it."""
    call = Call()
    for at, event in events:
        call = evolve(call, event, at)
    return call
