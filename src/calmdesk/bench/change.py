"""What differs between two editions, in the trainer's words: which situation now hears what, and which limits moved.

A name that was only exchanged for another is told once; everything else is compared as if it had been so before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.bench.limits import find_cuts, find_limits
from calmdesk.bench.pairing import GROUPS, Change, pairs, plain
from calmdesk.bench.same import Renames, exchange, find_renames
from calmdesk.bench.situation import tell_when
from calmdesk.playbook.model import Choice, Playbook, make_fact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from calmdesk.playbook.model import Edition, Fact, Line, Policy, PromiseSpec, Route, Step

_ABOUT = {"title": "the title", "goal": "the goal", "signals": "what an agent hears", "aliases": "other names"} | {
    "not-for": "what it is not for", "channels": "where it is used", "module": "whether only others play it",
    "private": "whether nothing is kept of it",
}  # fmt: skip


class Comparison(NamedTuple):
    """All differences, in the order of the files, and the names that were exchanged, by file."""

    changes: tuple[Change, ...]
    renames: Mapping[str, Renames]

    def names(self, book: str, data: Mapping[str, Any]) -> Renames:
        """What a file, with its older data, calls otherwise: its own names, and facts of files that it plays with."""
        return _with_shared(self.renames, book, data)


def compare(old: Edition, new: Edition) -> Comparison:
    """What differs between two editions of one playbook; their files' ids may differ."""
    changes: list[Change] = []
    renames: dict[str, Renames] = {}
    paired = {name: new.root if name == old.root else name for name in old.books}
    before = {paired[name]: book for name, book in old.books.items() if "+" not in name}
    after = {name: book for name, book in new.books.items() if "+" not in name}
    for name, book in after.items():
        if name not in before:
            changes.append(Change("structure", name, "", book.title, "This file is played now."))
        elif any(names := find_renames(before[name].compiled, book.compiled)):
            renames[name] = names
    for name, book in after.items():
        if name in before:
            changes += _Books(before[name], book, renames, (old.policy, new.policy)).compare()
    changes += [
        Change("structure", name, "", book.title, "This file is no longer played.")
        for name, book in before.items()
        if name not in after
    ]
    changes += find_limits(old.policy.compiled, new.policy.compiled)
    order = list(GROUPS)
    return Comparison(tuple(sorted(dict.fromkeys(changes), key=lambda c: order.index(c.group))), renames)


def _with_shared(renames: Mapping[str, Renames], book: str, data: Mapping[str, Any]) -> Renames:
    shared = {old: new for names in renames.values() for old, new in names.facts.items()}
    others = {old: new for old, new in shared.items() if old not in (data.get("facts") or {})}
    own = renames.get(book, Renames())
    return own._replace(facts={**others, **own.facts})


class _Books:
    """Two texts of one file, and what is found between them."""

    def __init__(
        self, old: Playbook, new: Playbook, renames: Mapping[str, Renames], policies: tuple[Policy, Policy]
    ) -> None:
        self.names = names = _with_shared(renames, new.id, old.compiled)
        data = exchange(old.compiled, names) if any(names) else old.compiled
        for book, theirs in renames.items():
            if book != new.id and theirs.steps:
                data = exchange(data, Renames(theirs.steps), book)
        self.old = Playbook(new.id, data)
        self.swaps = {(was, now) for each in renames.values() for (_, was), now in each.choices.items()}
        self.new = Playbook(new.id, new.compiled)
        self.policies = policies
        self.found: list[Change] = []
        self.step = ""
        self.where = ""

    def add(self, group: str, what: str, old: str = "", new: str = "", where: str = "") -> None:
        self.found.append(Change(group, self.new.id, self.step, where or self.where, what, old, new))

    def compare(self) -> list[Change]:
        self._about()
        self._names()
        self._facts()
        for name in self.new.order:
            self.step, self.where = name, self.new.step(name).title
            if self.old.has(name):
                self._step(self.old.step(name), self.new.step(name))
            else:
                self.add("structure", "This step is new.")
                for line in self.new.step(name).say:
                    self.add("said", "It says now:", "", " / ".join(line.variants), self._situation(line, self.new))
        for name in self.old.order:
            if not self.new.has(name):
                self.step, self.where = name, self.old.step(name).title
                self.add("structure", "This step is gone.")
                for line in self.old.step(name).say:
                    self.add(
                        "said", "It is no longer said:", " / ".join(line.variants), "", self._situation(line, self.old)
                    )
        self.step = ""
        self._drafts()
        self._cuts()
        self._proofs()
        return self.found

    def _about(self) -> None:
        for key, told in _ABOUT.items():
            old, new = self.old.compiled.get(key), self.new.compiled.get(key)
            if old != new:
                self.add("structure", f"Changed: {told}.", plain(old), plain(new), self.new.title)

    def _names(self) -> None:
        for old, new in self.names.steps.items():
            self.step = new
            self.add("structure", f"The step “{old}” is called “{new}” now.", where=self.new.step(new).title)
        self.step = ""
        for old, new in self.names.facts.items():
            if new not in self.new.facts:
                continue
            self.add("facts", f"The fact “{old}” is called “{new}” now.", where=self.new.title)
        for (step, old), new in self.names.choices.items():
            self.step = self.names.steps.get(step, step)
            what = f"The choice “{old}” is called “{new}” now."
            self.add("ways", what, where=self.new.step(self.step).title)
        self.step = ""

    def _facts(self) -> None:
        old, new = self.old.compiled.get("facts") or {}, self.new.compiled.get("facts") or {}
        for name in {**old, **new}:
            where = f"{self.new.title}, the fact “{name}”"
            if name not in old:
                self.add("facts", "This fact is new.", "", new[name]["ask"], where)
            elif name not in new:
                self.add("facts", "This fact is gone.", old[name]["ask"], "", where)
            elif old[name] != new[name]:
                self._fact(make_fact(name, old[name]), make_fact(name, new[name]), where)

    def _fact(self, old: Fact, new: Fact, where: str) -> None:
        if old.ask != new.ask:
            self.add("facts", "The question reads:", old.ask, new.ask, where)
        if old.kind != new.kind:
            self.add("facts", "Its kind is:", old.kind, new.kind, where)
        if old.default != new.default:
            self.add("facts", "While nobody has said otherwise, it is:", old.default or "", new.default or "", where)
        if old.options != new.options:
            told = [[f"{o.label}{f' ({o.slip})' if o.slip else ''}" for o in x.options] for x in (old, new)]
            self.add("facts", "The answers to pick from are:", "; ".join(told[0]), "; ".join(told[1]), where)

    # --- one step

    def _step(self, old: Step, new: Step) -> None:
        if old == new and self.old.after(old.id) == self.new.after(new.id):
            return
        if old.title != new.title:
            self.add("structure", "The title reads:", old.title, new.title)
        if old.when != new.when:
            was, now = self._when(old.when, self.old), self._when(new.when, self.new)
            self.add("ways", "The step comes:", was or "always", now or "always")
        self._said(old, new)
        self._lists(old, new)
        self._asked(old, new)
        if old.timer != new.timer:
            self.add("limits", "The clock shows:", self._span(old.timer, 0), self._span(new.timer, 1))
        if old.hold != new.hold:
            self.add("limits", "The longest hold here:", self._span(old.hold, 0), self._span(new.hold, 1))
        self._given(old, new)
        self._ways(old, new)

    def _span(self, written: str, which: int) -> str:
        """A length of time as it is written, with the policy's value for it."""
        name = written[8:-1] if written.startswith("{policy.") else ""
        value = self.policies[which].value(name) if name else None
        return f"{value} (policy: {name})" if value else written

    def _when(self, when: dict[str, Any] | None, book: Playbook) -> str:
        told = tell_when(when, book.compiled.get("facts") or {})
        return f"where {told}" if told else ""

    def _situation(self, line: Line, book: Playbook) -> str:
        told = self._when(line.when, book)
        return f"{self.where}, {told}" if told else self.where

    def _said(self, old: Step, new: Step) -> None:
        """Lines with the same condition are one situation; the same words under another condition have moved."""
        before, after = [x for x in old.say if x not in new.say], [x for x in new.say if x not in old.say]
        for line in list(after):
            if (other := next((x for x in before if x.when == line.when), None)) is not None:
                before.remove(other)
                after.remove(line)
                self._variants(other, line)
        for line in list(after):
            if (other := next((x for x in before if x.variants == line.variants), None)) is not None:
                before.remove(other)
                after.remove(line)
                was, now = self._when(other.when, self.old), self._when(line.when, self.new)
                self.add("said", f"“{line.variants[0]}” is said:", was or "otherwise", now or "otherwise")
        for line in after:
            self.add("said", "It says now:", "", " / ".join(line.variants), self._situation(line, self.new))
        for line in before:
            self.add("said", "It is no longer said:", " / ".join(line.variants), "", self._situation(line, self.old))
        if not before and not after and old.say != new.say and sorted(map(str, old.say)) == sorted(map(str, new.say)):
            self.add("said", "The lines stand in another order; the first that holds is said.")

    def _variants(self, old: Line, new: Line) -> None:
        where = self._situation(new, self.new)
        reworded = list(pairs(old.variants, new.variants))
        for was, now in reworded:
            what = "It says:" if was and now else "It may also say:" if now else "It is no longer said:"
            self.add("said", what, was, now, where)
        if not reworded:
            self.add("said", "Said first is:", old.variants[0], new.variants[0], where)

    def _lists(self, old: Step, new: Step) -> None:
        named = {"cue": "hint", "check": "check", "must_check": "check that must be ticked"}
        for key, told in named.items():
            for was, now in pairs(getattr(old, key), getattr(new, key)):
                what = f"A {told} reads:" if was and now else f"A {told} is new:" if now else f"A {told} is gone:"
                self.add("checks", what, was, now)
        for was, now in pairs([_avoided(a) for a in old.avoid], [_avoided(a) for a in new.avoid]):
            what = "Words to avoid:" if was and now else "Words to avoid, new:" if now else "No longer to be avoided:"
            self.add("checks", what, was, now)
        if old.why != new.why:
            self.add("checks", "Why the step is there:", old.why, new.why)
        if old.principle != new.principle:
            self.add("structure", "The step is for:", old.principle, new.principle)
        if old.draft != new.draft:
            self.add("said", "The text to send is:", old.draft, new.draft)
        if old.play != new.play:
            self.add("structure", "It plays:", old.play, new.play)

    def _asked(self, old: Step, new: Step) -> None:
        for name in new.ask:
            if name not in old.ask and (fact := self.new.fact(name)):
                self.add("facts", "The step asks now:", "", fact.ask)
        for name in old.ask:
            if name not in new.ask and (fact := self.old.fact(name)):
                self.add("facts", "The step no longer asks:", fact.ask, "")
        if old.ask != new.ask and sorted(old.ask) == sorted(new.ask):
            self.add("facts", "It asks in another order:", ", ".join(old.ask), ", ".join(new.ask))

    def _given(self, old: Step, new: Step) -> None:
        if old.promise != new.promise:
            told = [_promised(p) if p else "" for p in (old.promise, new.promise)]
            self.add("promises", _changed("The promise", *told), *told)
        if old.offer != new.offer:
            told = [f"{o.kind} on “{o.on}”, ladder “{o.ladder}”" if o else "" for o in (old.offer, new.offer)]
            self.add("promises", _changed("The offer", *told), *told)

    # --- ways on

    def _ways(self, old: Step, new: Step) -> None:
        before, after = {c.id: c for c in old.choices}, {c.id: c for c in new.choices}
        for name, choice in after.items():
            if name not in before:
                self.add("ways", f"The choice “{choice.label}” is new:", "", self._to(choice.routes, self.new))
            elif before[name] != choice:
                self._choice(before[name], choice)
        for name, choice in before.items():
            if name not in after:
                self.add("ways", f"The choice “{choice.label}” is gone:", self._to(choice.routes, self.old), "")
        if list(before) != list(after) and sorted(before) == sorted(after):
            self.add("ways", "The choices stand in another order:", ", ".join(before), ", ".join(after))
        if not before or not after:
            was = "" if before else self._on(old, self.old)
            now = "" if after else self._on(new, self.new)
            if was != now:
                ends = old.end or old.returns or new.end or new.returns
                self.add("ends" if ends else "ways", "From here:", was, now)

    def _choice(self, old: Choice, new: Choice) -> None:
        def tell(group: str, what: str, was: str, now: str) -> None:
            if was != now:
                self.add(group, what, was, now, f"{self.where}, “{new.label}”")

        if old.label != new.label:
            self.add("ways", "The choice reads:", old.label, new.label)
        tell("ways", "It leads:", self._to(old.routes, self.old), self._to(new.routes, self.new))
        whens = [self._when(c.when, b) or "always" for c, b in ((old, self.old), (new, self.new))]
        tell("ways", "It is there:", whens[0], whens[1])
        most = [f"{c.at_most} times" if c.at_most else "as often as wanted" for c in (old, new)]
        tell("limits", "It may be taken:", most[0], most[1])
        then = [self._title(c.then, b) if c.then else "" for c, b in ((old, self.old), (new, self.new))]
        tell("ways", "Used up, it leads:", then[0], then[1])
        tell("facts", "Asked anew then:", ", ".join(old.forget), ", ".join(new.forget))

    def _title(self, step: str, book: Playbook) -> str:
        return f"to “{book.step(step).title}”" if book.has(step) else "back to where it was played from"

    def _to(self, routes: Sequence[Route], book: Playbook) -> str:
        told = [", ".join(x for x in (self._title(r.step, book), self._when(r.when, book)) if x) for r in routes]
        return "; else ".join(told)

    def _on(self, step: Step, book: Playbook) -> str:
        """Where a step without choices leads."""
        if step.end or step.returns:
            name = step.end or step.returns
            label = self.policies[book is self.new].disposition(name) or name
            return f"the call ends, “{label}”" + ("" if step.end else ", or goes back to where this was played")
        if step.go:
            return self._to(step.go, book)
        after = book.after(step.id)
        return self._title(after, book) if after else "it is the last step"

    # --- what stands beside the steps

    def _drafts(self) -> None:
        old, new = self.old.compiled.get("drafts") or {}, self.new.compiled.get("drafts") or {}
        for name in {**old, **new}:
            where = f"{self.new.title}, the text to send “{name}”"
            if name not in old or name not in new:
                self.add("said", "It is new." if name in new else "It is gone.", where=where)
                continue
            for was, now in pairs(
                *([row.strip() for row in text.split("\n") if row.strip()] for text in (old[name], new[name]))
            ):
                self.add("said", "It reads:" if was and now else "Added:" if now else "Taken out:", was, now, where)

    def _cuts(self) -> None:
        old, new = (b.compiled.get("interruptions") or {} for b in (self.old, self.new))
        self.found += find_cuts(old, new, self.new.id, self.new.title)

    def _alike(self, old: dict[str, Any], new: dict[str, Any]) -> bool:
        """Whether two tests differ only in choices that were renamed."""
        was, now = old.get("choose") or [], new.get("choose") or []
        swapped = len(was) == len(now) and all(a == b or (a, b) in self.swaps for a, b in zip(was, now, strict=True))
        return swapped and {**old, "choose": now} == {**new, "choose": now}

    def _proofs(self) -> None:
        rules = [[plain(r) for r in b.compiled.get("path-rules") or ()] for b in (self.old, self.new)]
        for was, now in pairs(*rules):
            what = "A path rule reads:" if was and now else "A path rule is new:" if now else "A path rule is gone:"
            self.add("proofs", what, was, now, self.new.title)
        old, new = ({t["name"]: t for t in b.compiled.get("tests") or ()} for b in (self.old, self.new))
        for name in {**old, **new}:
            if old.get(name) != new.get(name) and not (
                name in old and name in new and self._alike(old[name], new[name])
            ):
                how = "is new" if name not in old else "is gone" if name not in new else "was changed"
                self.add("proofs", f"The test “{name}” {how}.", where=self.new.title)


def _promised(promise: PromiseSpec) -> str:
    who = "" if promise.who == "me" else f" ({promise.who})"
    return f"{promise.what}, by {promise.by}{who}"


def _avoided(avoid: tuple[str, str, str]) -> str:
    line, why, instead = avoid
    return " – ".join(x for x in (f"“{line}”", why, f"instead: {instead}" if instead else "") if x)


def _changed(what: str, old: str, new: str) -> str:
    return f"{what} is:" if old and new else f"{what} is new:" if new else f"{what} is gone:"
