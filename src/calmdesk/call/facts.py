"""What is known on a call: the value of a fact at a place, whether a condition holds, texts filled in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.call.events import POLICY_CUT
from calmdesk.playbook.kinds import dated_moment, read_span, shown, spoken_span
from calmdesk.safetext import fill, slots

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from calmdesk.call.events import Place, Stamp
    from calmdesk.call.values import Call
    from calmdesk.playbook.model import Edition, Fact, Line, Policy, Step, When


_FURTHER = re.compile(r"(?<=.{8})(?:, | \(|(?<=[.?:;]) )")


def local_time(policy: Policy, stamp: Stamp) -> datetime:
    """A stamp as date and time in the team's time zone (the desk's, where the policy says `system`).

    An unknown zone's name falls back to the desk's own: a clock is better than none on a call.
    """
    from datetime import UTC, datetime

    moment = datetime.fromtimestamp(stamp.wall / 1000, UTC)
    if policy.time_zone != "system":
        from zoneinfo import ZoneInfo

        try:
            return moment.astimezone(ZoneInfo(policy.time_zone))
        except (KeyError, ValueError, OSError):
            pass
    return moment.astimezone()


def fact_key(place: Place, name: str) -> str:
    """The name a fact is kept under: a policy's interruption keeps its facts to itself."""
    if name in {"channel", "case", "today"}:
        return name
    scope = next((f.book for f in reversed(place) if f.kind == POLICY_CUT), "")
    return f"{scope}:{name}" if scope else name


class Known(NamedTuple):
    """The facts as they stand at one place of one call."""

    edition: Edition
    call: Call
    place: Place

    def declared(self, name: str) -> Fact | None:
        """The fact as the deepest file that knows it declares it."""
        for frame in reversed(self.place):
            if (book := self.edition.books.get(frame.book)) and (fact := book.fact(name)):
                return fact
            if frame.kind == POLICY_CUT:
                break
        return None

    def answered(self, name: str) -> bool:
        """Whether somebody has said it."""
        return fact_key(self.place, name) in self.call.facts

    def value(self, name: str) -> str | None:
        """The value in canonical form; the default while nobody has said otherwise; None where it is unknown."""
        if name == "channel":
            return self.call.channel or None
        if name == "case":
            return self.call.case or None
        if name == "today":
            return local_time(self.edition.policy, self.call.started).date().isoformat() if self.call.started else None
        found = self.call.facts.get(fact_key(self.place, name))
        if found is not None:
            return found[1]
        fact = self.declared(name)
        return self._outside(name, fact) or fact.default if fact else None

    def _outside(self, name: str, fact: Fact) -> str | None:
        """What the call knows by a fact that what cuts in from the policy declares alike: a default there, no answer."""
        cut = next((n for n, frame in enumerate(self.place) if frame.kind == POLICY_CUT), 0)
        outer = Known(self.edition, self.call, self.place[:cut])
        return outer.value(name) if cut and outer.declared(name) == fact else None

    def spoken(self, name: str) -> str | None:
        """What `{name}` becomes in a text."""
        if name.startswith("policy."):
            found = self.edition.policy.value(name[7:])
            return spoken_span(found) if found and read_span(found) else found
        value = self.value(name)
        fact = self.declared(name)
        if value is None or fact is None:
            return value
        if fact.kind == "one-of":
            return next((o.label for o in fact.options if o.id == value), value)
        return shown(fact.kind, value, self.value("today") or "") if fact.kind == "moment" else value

    def fill(self, text: str, *, dated: bool = False) -> str:
        """A text with its slots filled; an unknown fact shows its question instead, in ⟨ ⟩.

        `dated`: a moment is written with its day, for a text that is read later.
        """

        def one(name: str) -> str | None:
            spoken = self.spoken(name)
            if dated and self.kind(name) == "moment" and (value := self.value(name)):
                return dated_moment(value)
            if spoken is None and (fact := self.declared(name)):
                # What follows its first words (“…, such as: the red bike is late”) stands where it is asked.
                return f"⟨{_FURTHER.split(fact.ask, maxsplit=1)[0]}⟩"
            return spoken

        return fill(text, one)

    def kind(self, name: str) -> str:
        """The kind of a fact."""
        fact = self.declared(name)
        return fact.kind if fact else "date" if name == "today" else "text"

    def holds(self, when: When | None) -> bool:
        """Whether all keys of a condition hold; an unknown fact holds for nothing, under `not` neither."""
        if not when:
            return True
        for name, wanted in when.items():
            if name == "not":
                if any(self.value(n) is None for n in used_by(wanted)) or self.holds(wanted):
                    return False
            elif (value := self.value(name)) is None or not matches(self.kind(name), value, wanted):
                return False
        return True

    def unknown(self, when: When | None) -> str | None:
        """The first fact of a condition that nobody knows yet, to be asked on the spot."""
        for name in used_by(when):
            if self.value(name) is None and self.declared(name):
                return name
        return None


def matches(kind: str, value: str, wanted: object) -> bool:
    """Whether a known value is what a condition wants: one value, any of a list, or all of its comparisons."""
    if isinstance(wanted, dict):
        return all(_compare(kind, value, how, bound) for how, bound in wanted.items())
    options = wanted if isinstance(wanted, list) else [wanted]
    if kind in {"money", "number"}:
        return any(_exact(value) == _exact(str(o)) for o in options)
    return value in options


def used_by(when: When | None) -> Iterator[str]:
    """The facts that a condition looks at."""
    for name, wanted in (when or {}).items():
        if name == "not":
            yield from used_by(wanted)
        else:
            yield name


def _exact(text: str) -> object:
    from decimal import Decimal, InvalidOperation

    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _compare(kind: str, value: str, how: str, bound: str) -> bool:
    if kind in {"money", "number"}:
        from decimal import Decimal, InvalidOperation

        try:
            diff = Decimal(value) - Decimal(bound)
        except InvalidOperation:
            return False
        order = (diff > 0) - (diff < 0)
    elif kind == "moment":
        from calmdesk.playbook.kinds import read_moment

        order = _order(value[:16], read_moment(bound, None).text[:16])
    else:
        order = _order(value, bound)
    return {"over": order > 0, "under": order < 0, "at-least": order >= 0, "at-most": order <= 0}[how]


def _order(one: str, other: str) -> int:
    return (one > other) - (one < other)


def find_line(step: Step, known: Known, *, asking: bool = False) -> Line | None:
    """The first line of a step that holds; None where none does, or, while it is `asking`, where an answer decides."""
    for line in step.say:
        if asking and any(f in step.ask and not known.answered(f) for f in used_by(line.when)):
            return None
        if known.holds(line.when):
            return line
    return None


def mentions(step: Step, known: Known) -> Iterator[str]:
    """The facts that a step uses: what must be known before it can be shown whole, in the order of need."""
    texts = [step.title, *step.cue, *step.checks, *(part for a in step.avoid for part in (a.line, a.instead))]
    for line in step.say:
        yield from used_by(line.when)
        if any(f in step.ask and not known.answered(f) for f in used_by(line.when)):
            # Which line is said shows when the step has asked.
            break
        if known.holds(line.when):
            texts += line.variants
            break
    if step.promise:
        texts += [step.promise.what, step.promise.by, step.promise.who]
    for choice in step.choices:
        yield from used_by(choice.when)
        texts.append(choice.label)
    if step.draft:
        drafts = known.edition.books[known.place[-1].book].compiled.get("drafts") or {}
        texts.append(drafts.get(step.draft, ""))
    for text in texts:
        yield from (n for n in slots(text) if not n.startswith("policy."))
    if step.offer:
        yield step.offer.on
