"""A playbook as steps and ways between them, in the order of its file: what every picture of it is drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.bench.situation import tell_when
from calmdesk.safetext import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from calmdesk.playbook.model import Edition, Playbook, Route, Step, When

RETURN = "return"
"""The id of the node that stands for going back to where a module was played from."""


class Way(NamedTuple):
    """One way on from a step."""

    kind: str
    """choice, then (a choice that is used up), go, next (the next step in the file), skip or in (into what is played)."""
    to: str
    """A node's id; empty where the way leads nowhere."""
    choice: str = ""
    number: int = 0
    """The key that takes it; 0 where nobody chooses."""
    label: str = ""
    when: str = ""
    """What must hold, in words; “otherwise” where another way has been asked first."""
    note: str = ""

    @property
    def words(self) -> str:
        """All that is to be said of it, without where it leads."""
        head = f"{self.number} {self.label}" if self.number else self.label
        return ", ".join(x for x in (head, self.when, self.note) if x)


class Node(NamedTuple):
    """A step, or the way back out of a file."""

    id: str
    book: str
    step: str
    kind: str
    """step, module (another file is played here), end, or return."""
    title: str
    line: str = ""
    """What is said where no condition holds, and behind how many others."""
    principle: str = ""
    when: str = ""
    """The step is skipped unless this holds."""
    plays: str = ""
    """The title of the file that is played here."""
    ends: str = ""
    """How the call ends here; in a module, every way it can end in there."""
    ways: tuple[Way, ...] = ()
    depth: int = 0
    """How many files it stands inside of."""

    @property
    def ending(self) -> str:
        """How the call ends or may end here, as it is said."""
        if not self.ends:
            return ""
        return f"May end: {self.ends}" if self.kind == "module" and self.ways else f"Ends: {self.ends}"


class Cut(NamedTuple):
    """Something that may cut in at every step."""

    id: str
    label: str
    plays: str
    """The title of what is played."""
    returns: bool
    key: str
    by_policy: bool


class Graph(NamedTuple):
    """A playbook's steps in order, with their ways; what may cut in stands apart."""

    id: str
    title: str
    goal: str
    nodes: tuple[Node, ...]
    cuts: tuple[Cut, ...]

    def edges(self) -> Iterator[tuple[Node, Way]]:
        """Every way that leads to a node, with the node it leaves."""
        known = {node.id for node in self.nodes}
        for node in self.nodes:
            yield from ((node, way) for way in node.ways if way.to in known)

    def is_back(self, node: Node, way: Way) -> bool:
        """Whether a way leads to a step that stands above, or to the step itself."""
        order = [n.id for n in self.nodes]
        return way.to in order and order.index(way.to) <= order.index(node.id)


class Passed(NamedTuple):
    """How many tests or calls came through: (file, step, choice or "") → how many of `of`."""

    of: int
    counts: Mapping[tuple[str, str, str], int]

    def at(self, node: Node, choice: str = "") -> int:
        """How many came to a node, or took a choice there."""
        return self.counts.get((node.book, node.step, choice), 0)


def count_passed(each: Iterable[Iterable[tuple[str, str, str]]]) -> Passed:
    """Each test or call with the places it came to, a place once: what all of them passed through."""
    counts: dict[tuple[str, str, str], int] = {}
    of = 0
    for places in each:
        of += 1
        for place in set(places):
            counts[place] = counts.get(place, 0) + 1
    return Passed(of, counts)


def make_graph(edition: Edition, *, opened: bool = False) -> Graph:
    """The graph of an edition's playbook; `opened`: with the steps of the files it plays."""
    book = edition.books[edition.root]
    nodes = list(_Drawer(edition, opened=opened).draw(book, "", 0))
    own = {c.id: c for c in book.interruptions}
    cuts = (*own.values(), *(c for c in edition.policy.interruptions if c.id not in own))
    listed = [
        Cut(c.id, clean(c.label), _title(edition, c.book), c.returns, c.key, c.by_policy)
        for c in cuts
        if book.id != c.book
    ]
    return Graph(book.id, clean(book.title), clean(book.goal), tuple(nodes), tuple(listed))


def _shown_line(step: Step) -> str:
    if not step.say:
        return ""
    line = next((x for x in step.say if x.when is None), step.say[0])
    return (f"[1 of {len(step.say)}] " if len(step.say) > 1 else "") + clean(line.variants[0])


def _title(edition: Edition, name: str) -> str:
    if "+" in name or name not in edition.books:
        return ""
    return clean(edition.books[name].title)


class _Drawer:
    """Draws one file after the other; the ids of a file that is played begin with those of the step that plays it."""

    def __init__(self, edition: Edition, *, opened: bool) -> None:
        self.edition = edition
        self.opened = opened
        self.facts: dict[str, dict[str, Any]] = {}

    def draw(self, book: Playbook, inside: str, depth: int) -> Iterator[Node]:
        """The nodes of a file."""
        returned = False
        for name in book.order:
            step = book.step(name)
            ways = tuple(self._ways(book, step, inside))
            returned = returned or any(way.to == inside + RETURN for way in ways)
            node = self._node(book, step, inside, depth)._replace(ways=ways)
            if step.play:
                yield from self._played(node, self.edition.books[step.play])
            else:
                yield node
        if returned:
            title = "Back to the step that played this"
            yield Node(inside + RETURN, book.id, RETURN, "return", title, depth=depth)

    def _played(self, node: Node, played: Playbook) -> Iterator[Node]:
        """A step that plays a file: alone, or with the steps of that file and the way back out of it."""
        within = f"{node.id}/"
        inner = list(self.draw(played, within, node.depth + 1))
        skips = tuple(w for w in node.ways if w.kind == "skip")
        rest = tuple(w for w in node.ways if w.kind != "skip")
        returns = any(n.id == within + RETURN for n in inner)
        if not self.opened:
            ends = " or ".join(dict.fromkeys(n.ends for n in inner if n.ends))
            # What never comes back leads nowhere from here.
            yield node._replace(ways=node.ways if returns else skips, ends=ends)
            return
        yield node._replace(ways=(Way("in", within + played.order[0]), *skips))
        yield from (n for n in inner if n.id != within + RETURN)
        if returns:
            title = f"Back from “{clean(played.title)}”"
            yield Node(within + RETURN, node.book, node.step, "return", title, ways=rest, depth=node.depth)

    def _node(self, book: Playbook, step: Step, inside: str, depth: int) -> Node:
        ends = step.end or step.returns
        kind = "module" if step.play else "end" if ends else "step"
        return Node(
            inside + step.id,
            book.id,
            step.id,
            kind,
            clean(step.title),
            _shown_line(step),
            step.principle,
            self.tell(step.when, book),
            _title(self.edition, step.play) if step.play else "",
            clean(self.edition.policy.disposition(ends) or ends) if ends else "",
            depth=depth,
        )

    def tell(self, when: When | None, book: Playbook) -> str:
        """A condition in words."""
        if book.id not in self.facts:
            self.facts[book.id] = name_facts(find_facts(self.edition, book))
        return clean(tell_when(when, self.facts[book.id]))

    def _ways(self, book: Playbook, step: Step, inside: str) -> Iterator[Way]:
        for number, choice in enumerate(step.choices, 1):
            only = f"only if {self.tell(choice.when, book)}" if choice.when else ""
            most = choice.at_most
            times = "once" if most == 1 else f"at most {most} times" if most else ""
            way = Way("choice", "", choice.id, number, clean(choice.label), only, times)
            yield from self._routes(way, choice.routes, book, step, inside)
            if choice.then:
                yield way._replace(kind="then", to=inside + choice.then, note="after that")
        if step.returns and (inside or book.module):
            yield Way("go", inside + RETURN)
        elif not step.choices and not step.end and not step.returns:
            yield from self._routes(Way("go" if step.go else "next", ""), step.go, book, step, inside)
        if step.when:
            yield Way("skip", self._next(book, step, inside), label=f"skipped unless {self.tell(step.when, book)}")

    def _routes(self, way: Way, routes: tuple[Route, ...], book: Playbook, step: Step, inside: str) -> Iterator[Way]:
        if not routes:
            yield way._replace(to=self._next(book, step, inside))
        asked = False
        for route in routes:
            told = f"if {self.tell(route.when, book)}" if route.when else "otherwise" if asked else ""
            asked = asked or bool(route.when)
            when = ", ".join(x for x in (way.when, told) if x)
            yield way._replace(to=inside + route.step, when=when)

    @staticmethod
    def _next(book: Playbook, step: Step, inside: str) -> str:
        after = book.after(step.id)
        if after is None:
            return inside + RETURN if inside or book.module else ""
        return inside + after


def find_facts(edition: Edition, book: Playbook) -> dict[str, Any]:
    """The facts that a file's conditions may look at, as they are declared: its own, and those of the files around it."""
    found: dict[str, Any] = {}
    for each in (book, *edition.books.values()):
        for name, fact in (each.compiled.get("facts") or {}).items():
            found.setdefault(name, fact)
    return found


def name_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts without their questions: in a box there is only room for names."""
    return {name: {"one-of": fact.get("one-of")} for name, fact in facts.items()}
