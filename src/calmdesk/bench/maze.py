"""A file with all that it plays, made ready for exploring: one space of facts, its rules, and what matters where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.bench.explore import Run
from calmdesk.bench.flow import Flow, FlowMaker, find_conditions
from calmdesk.bench.space import Space, split
from calmdesk.call.facts import used_by
from calmdesk.safetext import slots

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from calmdesk.bench.flow import Path, Stop
    from calmdesk.bench.space import Condition, Field

MOST_NODES = 200_000
"""So many places with different knowledge are looked at before the search says that it was bounded."""


class Laws:
    """The path rules of the root file."""

    def __init__(self, rules: Iterable[dict[str, Any]], flow: Flow, space: Space, first: int) -> None:
        self.passes = [0] * len(flow.stops)
        self._before: dict[int, list[tuple[int, int]]] = {}
        self._ends: list[tuple[int, str, int]] = []
        self._never: dict[int, list[tuple[int, Condition | None]]] = {}
        self._offers: list[tuple[int, Condition | None]] = []
        bits: dict[str, int] = {}
        for number, rule in enumerate(rules):
            must = rule.get("must-pass", "")
            if must:
                bit = bits.setdefault(must, 1 << (first + len(bits)))
                self.passes[flow.numbers[must]] = bit
            if "before" in rule:
                self._before.setdefault(flow.numbers[rule["before"]], []).append((number, bit))
            elif "every-end" in rule:
                self._ends.append((number, rule["every-end"], bit))
            elif rule["never"] == "offer":
                self._offers.append((number, space.condition(rule.get("when"))))
            else:
                never = self._never.setdefault(flow.numbers[rule["never"]], [])
                never.append((number, space.condition(rule.get("when"))))
        self.reads = {n: [c for _, c in rules] for n, rules in self._never.items()}
        self.ruled = {*self._before, *self._never}
        """The steps that a rule is about."""

    def at_step(self, stop: Stop, flags: int, box: int) -> list[tuple[int, int]]:
        """The rules that standing on a step breaks, each with a box where it does."""
        found = [
            (n, box)
            for n, bit in self._before.get(stop.number, ())
            if not flags & bit and not self.passes[stop.number] & bit
        ]
        return found + _broken(self._never.get(stop.number, ()), box)

    def at_end(self, disposition: str, flags: int) -> list[int]:
        """The rules that an ending breaks."""
        return [n for n, wanted, bit in self._ends if wanted in {"any", disposition} and not flags & bit]

    def at_offer(self, box: int) -> list[tuple[int, int]]:
        """The rules that an offer breaks, each with a box where it does."""
        return _broken(self._offers, box)

    def asks(self, stop: Stop) -> int:
        """The flags that its rules look at when the call stands on a step, or may end there."""
        found = sum({bit for _, bit in self._before.get(stop.number, ())})
        return found | (sum({bit for _, _, bit in self._ends}) if stop.end or stop.returns or stop.play else 0)

    @property
    def offered(self) -> list[Condition]:
        """What the rules about offers look at."""
        return [c for _, c in self._offers if c]


def _broken(rules: Iterable[tuple[int, Condition | None]], box: int) -> list[tuple[int, int]]:
    found = []
    for number, condition in rules:
        boxes = split(condition, box)[0] if condition else [box]
        found += [(number, boxes[0])] if boxes else []
    return found


class Life(NamedTuple):
    """What no step ahead looks at, by step: a box is widened there, so that boxes which differ in it are one."""

    flags: list[int]
    """The flags that a step ahead looks at."""
    dead: list[int]
    used: list[list[int]]
    """The answered bits of each field of which only being known matters."""


class Summary(NamedTuple):
    """What a file that cuts in may do to the call it returns to."""

    endings: tuple[str, ...]
    returns: bool
    sets: frozenset[str]
    """Facts that it may ask for."""
    forgets: frozenset[str]
    """Facts that it may leave to be asked anew."""
    needs: frozenset[str]
    """Facts that it uses and never asks for."""


class Maze:
    """One file and all that it plays.

    Args:
        files: id → compiled data, at least the closure of `root` by `play`.
        root: the file that is explored.
        cuts: the files that may cut in, by id.
        limit: how many nodes at most.
        played: explore it as a file that is played by another: it can return, and its path rules are its own matter.

    """

    def __init__(
        self,
        files: Mapping[str, Mapping[str, Any]],
        root: str,
        cuts: Mapping[str, Summary] | None = None,
        limit: int = MOST_NODES,
        *,
        played: bool = False,
    ) -> None:
        self.start = root
        self.root = "" if played else root
        self.limit = self.left = limit
        """How many nodes at most, and how many of them are left."""
        self.work = limit * 10
        """How many conditions may still be looked at: the cost of a search that finds nothing new."""
        names = list(find_played(files, root))
        declared: dict[str, dict[str, Any]] = {}
        for name in names:
            for fact, data in (files[name].get("facts") or {}).items():
                declared.setdefault(fact, data)
        self.space = Space(declared, (w for n in names for w in find_conditions(files[n])))
        cuts = cuts or {}
        self.ambient = self._find_ambient(files, names, cuts)
        self.cut_needs = list(self._cut_needs(files[root], cuts))
        musts = len({r["must-pass"] for r in files[root].get("path-rules") or () if "must-pass" in r})
        self.flows = {n: FlowMaker(n, files[n], self.space, 1 + musts).make() for n in names}
        self.laws = Laws(files[root].get("path-rules") or (), self.flows[root], self.space, 1)
        self.asked: dict[str, set[str]] = {}
        """File → the facts that it, or what it plays, asks for."""
        self.touched: dict[str, int] = {}
        self.reads: dict[str, int] = {}
        for name in reversed(names):
            self._touch(name)
        self.lives = {n: self._life(f) for n, f in self.flows.items()}
        self._inside: dict[tuple[str, int, int], Run] = {}

    def _find_ambient(
        self, files: Mapping[str, Mapping[str, Any]], names: list[str], cuts: Mapping[str, Summary]
    ) -> dict[str, list[tuple[Field, bool]]]:
        """File → the facts that what cuts in there may ask for, and whether it may leave them to be asked anew.

        What cuts into a file may cut in while that file is open: in itself, and in what it plays.
        """
        found: dict[str, dict[str, bool]] = {n: {} for n in names}
        for name in names:
            played = [cut.get("play") for cut in (files[name].get("interruptions") or {}).values()]
            for cut in (cuts[p] for p in played if p in cuts):
                for inside in find_played(files, name):
                    for fact in cut.sets | cut.forgets:
                        found[inside][fact] = found[inside].get(fact, False) or fact in cut.forgets
        fields = self.space.fields
        return {n: [(fields[f], forgets) for f, forgets in facts.items() if f in fields] for n, facts in found.items()}

    def _cut_needs(self, data: Mapping[str, Any], cuts: Mapping[str, Summary]) -> Iterator[tuple[Path, str, str]]:
        """What the root's own interruptions use, and nobody may have asked for yet: place, fact, the file that needs it."""
        for name, cut in (data.get("interruptions") or {}).items():
            card = cut.get("card") or {}
            looked = {"say": [text for line in card.get("say") or () for text in line["lines"]], "cue": card.get("cue")}
            used = {key: [f for text in texts or () for f in slots(text)] for key, texts in looked.items()}
            used["say"] += [f for line in card.get("say") or () for f in used_by(line["when"])]
            for key, facts in used.items():
                for fact in dict.fromkeys(facts):
                    if fact in self.space.fields and self.space.fields[fact].unknown:
                        yield ("interruptions", name, "card", key), fact, ""
            for fact in sorted(cuts[cut["play"]].needs) if cut.get("play") in cuts else ():
                if fact not in self.space.fields or self.space.fields[fact].unknown:
                    yield ("interruptions", name, "play"), fact, cut["play"]

    def _touch(self, name: str) -> None:
        touched = reads = 0
        asked = self.asked[name] = set()
        for stop in self.flows[name].stops:
            if stop.play and stop.play not in self.touched:
                self._touch(stop.play)
            asked.update(f.fact for f in stop.asks)
            asked.update(self.asked.get(stop.play, ()))
            touched |= stop.touches | self.touched.get(stop.play, 0)
            reads |= stop.reads | self.reads.get(stop.play, 0)
            for pick in stop.picks:
                touched |= pick.forget | pick.asked_anew
        for field, _ in self.ambient[name]:
            touched |= field.all
        self.touched[name], self.reads[name] = touched, reads

    def _life(self, flow: Flow) -> Life:
        last = len(flow.stops) - 1
        # Whoever plays this file may look at anything that it has touched.
        after = 0 if flow.name == self.root else self.touched[flow.name]
        reads, uses, leads, flags = [], [], [], []
        for stop in flow.stops:
            laws = self.laws.reads.get(stop.number, ()) if flow.name == self.root else ()
            rules = [c for c in laws if c]
            if stop.offer or (stop.play and flow.name == self.root):
                rules += self.laws.offered
            ruled = sum({f.all for c in rules for f in c.fields})
            reads.append(stop.reads | self.reads.get(stop.play, 0) | ruled | after)
            flags.append(stop.counts | self._asked_of(stop, flow))
            uses.append(stop.touches | self.touched.get(stop.play, 0) | after)
            following = {stop.number + 1 if t is None else flow.numbers.get(t, -1) for t in stop.leads()}
            if stop.test:
                following.add(stop.number + 1)
            leads.append([n for n in following if 0 <= n <= last])
        changed = True
        while changed:
            changed = False
            for n in range(last, -1, -1):
                read, used, flag = reads[n], uses[n], flags[n]
                for m in leads[n]:
                    read |= reads[m]
                    used |= uses[m]
                    flag |= flags[m]
                if read != reads[n] or used != uses[n] or flag != flags[n]:
                    reads[n], uses[n], flags[n], changed = read, used, flag, True
        everything, fields = self.space.everything, self.space.fields.values()
        dead = [everything & ~(r | u) for r, u in zip(reads, uses, strict=True)]
        many = [f.answered for f in fields if f.answered & (f.answered - 1)]
        known = [[bits for bits in many if u & bits and not r & bits] for r, u in zip(reads, uses, strict=True)]
        return Life(flags, dead, known)

    def _asked_of(self, stop: Stop, flow: Flow) -> int:
        """The flags that decide something at a step: owned before an offer, passed before a rule's step or an end."""
        if flow.name != self.root:
            return 1
        return self.laws.asks(stop) | (1 if stop.offer or stop.play else 0)

    def run(self) -> Run:
        """The root explored from its first step.

        An ordinary file may be given any fact beforehand. A module is given what it never asks for.
        """
        flow = self.flows[self.start]
        box = self.space.everything
        if flow.module:
            asked = self.asked[self.start]
            box &= ~sum(f.unknown for f in self.space.fields.values() if f.fact not in asked)
        return Run(self, flow, box, 1 if flow.module else 0)

    def run_answered(self, facts: Iterable[str]) -> Run:
        """The root explored where these facts have been answered, and nobody has been given anything."""
        box = self.space.everything & ~sum(self.space.fields[f].silent for f in facts)
        return Run(self, self.flows[self.start], box, 0)

    @property
    def inside(self) -> Iterable[Run]:
        """The files that were explored inside others."""
        return self._inside.values()

    def run_inside(self, name: str, box: int, owned: int) -> tuple[Run, int]:
        """A file explored from a box, once for each that it can tell apart, and the part of the box it doesn't touch."""
        touched = self.touched[name]
        key = (name, box & touched, owned)
        if key not in self._inside:
            inner = box & touched | self.space.everything & ~touched
            self._inside[key] = Run(self, self.flows[name], inner, owned)
        return self._inside[key], box & ~touched


def find_played(files: Mapping[str, Mapping[str, Any]], root: str) -> Iterator[str]:
    """A file and what its steps play, directly or through others; each once, before what it plays."""
    todo, seen = [root], {root}
    while todo:
        name = todo.pop(0)
        yield name
        for step in files[name]["steps"].values():
            if (played := step.get("play")) and played not in seen:
                seen.add(played)
                todo.append(played)


def find_summary(
    files: Mapping[str, Mapping[str, Any]], name: str, limit: int = MOST_NODES, above: frozenset[str] = frozenset()
) -> Summary:
    """What a file that cuts in may do: how it may end the call, whether it returns, what it asks for and forgets.

    Args:
        files: id → compiled data, all that it may play and that may cut into it.
        name: the file.
        limit: how many nodes at most.
        above: the files that it has cut into; what cuts into it may itself be cut into.

    """
    played = list(find_played(files, name))
    steps = [s for n in played for s in files[n]["steps"].values()]
    asked = {f for s in steps for f in s.get("ask") or ()}
    forgotten = {f for s in steps for c in (s.get("choices") or {}).values() for f in c.get("forget") or ()}
    cuts = {
        cut["play"]: find_summary(files, cut["play"], limit, above | {name})
        for n in played
        for cut in (files[n].get("interruptions") or {}).values()
        if cut.get("play") in files and cut["play"] not in {*above, name}
    }
    forgotten |= {f for cut in cuts.values() for f in cut.forgets}
    maze = Maze(files, name, cuts, limit, played=True)
    known = [f for f in forgotten if f in maze.space.fields]
    run = maze.run_answered(known)
    back = [e.came.box for e in run.exits if e.kind == "return"]
    forgets = {f for f in known if run.bounded or any(box & maze.space.fields[f].silent for box in back)}
    ends = dict.fromkeys(e.disposition for e in run.exits if e.kind == "end")
    ends |= dict.fromkeys(e for cut in cuts.values() for e in cut.endings)
    anyhow = maze.run_answered(())
    unknown = {u.fact for u in anyhow.unknown} | {f for _, _, f in anyhow.missing}
    asked |= {f for cut in cuts.values() for f in cut.sets}
    returns = any(e.kind == "return" for e in run.exits)
    return Summary(tuple(ends), returns, frozenset(asked), frozenset(forgets), frozenset(unknown - asked))
