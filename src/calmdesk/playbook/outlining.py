"""A bare outline becomes a playbook that lints clean and plays at once; what has no place in it stays beside it, as a comment.

Headings are steps, what stands in quotes (or a step's first paragraph) is said, bullets are cues, `[ ]` is a check, and
`They say yes -> Own it` is a choice. Nothing here raises, whatever the outline says.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.playbook.pieces import (
    CHECK,
    NOWHERE,
    NUMBERED,
    SAID,
    Item,
    Piece,
    Step,
    Way,
    bullets_as_steps,
    find_levels,
    find_pieces,
    join_pieces,
    split_way,
    unmarked,
)
from calmdesk.playbook.wording import breath, brief, comment, cut, plain, quote, slug
from calmdesk.safetext import clean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_STEPS, MOST_WAYS, MOST_CUES, MOST_CHECKS, MOST_TESTS = 38, 8, 3, 5, 12
CUE_WORDS, CUE_LENGTH, TITLE_LENGTH = 12, 90, 60
GOAL = "Write here, in one sentence, what is better when the call ends."


class Note(NamedTuple):
    """What a trainer is told: the line of the outline (0: all of it), and what was done with it."""

    line: int
    told: str


class Outlined(NamedTuple):
    """A playbook made from an outline."""

    text: str
    notes: tuple[Note, ...]
    rows: Mapping[int, Item]
    """Row of the text → what stands there, for `without`."""
    steps: int


def draft_outline(
    text: str,
    schema: str,
    titles: tuple[str, str] = ("", ""),
    heading: Sequence[str] = (),
    without: Mapping[Item, str] | None = None,
) -> Outlined:
    """An outline as a playbook.

    Args:
        text: the outline, as it was written.
        schema: where the file finds the schema for editors.
        titles: what it is called whatever the outline says, and what where it doesn't say.
        heading: the comment at the top, a line each.
        without: item → why it is left out of what is played, and kept as a comment.

    """
    outline = _Outline(without or {})
    outline.read(text)
    outline.settle(*titles)
    return _Sheet(outline).write(schema, heading)


class _Outline:
    """What an outline says: title, goal and steps, all of them connected."""

    def __init__(self, without: Mapping[Item, str]) -> None:
        self.without = without
        self.notes: list[Note] = []
        self.title = self.goal = ""
        self.steps: list[Step] = []
        self.kept: list[str] = []

    # --- reading

    def read(self, text: str) -> None:
        """Take each line where it belongs."""
        pieces = list(find_pieces(text))
        if "{" in text:
            self.notes.append(Note(0, "Words in { } would ask for a fact, so they stand in ( )."))
        title, level = find_levels(pieces)
        if level == 0:
            pieces, level = bullets_as_steps(pieces), 1
        step: Step | None = None
        for piece in join_pieces(pieces):
            if title is not None and piece.line == title.line and piece.kind == "heading":
                self.title = unmarked(piece.text)
            elif piece.kind == "heading" and piece.depth <= level:
                step = self._begin(piece)
            elif piece.kind == "heading":
                self._cue(step, piece)
            elif step is None:
                self._before(piece)
            else:
                self._take(step, piece)
        for each in self.steps:
            for piece in each.rest:
                self._cues(each, piece, piece.text)

    def _begin(self, piece: Piece) -> Step | None:
        label, arrow, wanted = split_way(piece.text)
        name = unmarked(NUMBERED.sub("", label, count=1) or label or wanted)
        if len(self.steps) >= MOST_STEPS:
            self._keep(None, piece, f"there are {MOST_STEPS} steps already; put what follows into a file of its own")
            return self.steps[-1]
        step = Step(piece.line, cut(plain(name), 99, TITLE_LENGTH)[0] or f"Step {len(self.steps) + 1}")
        self.steps.append(step)
        if step.title != plain(name):
            self._keep(step, piece, "the title is shortened")
        if arrow:
            self._way(step, piece, "", wanted)
        return step

    def _before(self, piece: Piece) -> None:
        """What stands above the first step: the first paragraph is the goal."""
        if piece.kind in {"text", "said"} and not self.goal:
            self.goal = plain(unmarked(piece.text))[:400]
        elif piece.kind != "gap":
            self._keep(None, piece, "it stands above the first step")

    def _take(self, step: Step, piece: Piece) -> None:
        label, arrow, wanted = split_way(piece.text)
        if piece.kind == "gap":
            return
        if piece.kind in {"bullet", "text"} and arrow and (piece.kind == "bullet" or not label):
            self._way(step, piece, label, wanted)
        elif piece.kind == "bullet" and (check := CHECK.match(piece.text)):
            self._check(step, piece, check.group(1))
        elif piece.kind == "said" or (piece.kind == "bullet" and SAID.match(piece.text)):
            self._say(step, piece)
        elif piece.kind == "bullet":
            self._cue(step, piece)
        elif piece.kind == "text" and not step.says:
            self._say(step, piece)
        else:
            self._keep(step, piece, "it was not understood")

    def _fits(self, step: Step, item: Item) -> bool:
        """Whether an item may be played; one that is left out is kept as a comment, with the reason."""
        if (why := self.without.get(item)) is None:
            return True
        line, words = item
        self.notes.append(Note(line, f"“{brief(words)}” is kept as a comment. {why}"))
        step.kept.append(f"line {line}: {words} ({why})")
        return False

    def _say(self, step: Step, piece: Piece) -> None:
        said = SAID.match(piece.text)
        words = plain(unmarked(said.group(1) if said else piece.text))
        first, rest = breath(words)
        if rest:
            self.notes.append(
                Note(piece.line, "This is more than one breath: its beginning is said, the rest is kept as cues.")
            )
        if first and first not in [x for _, x in step.says] and self._fits(step, item := (piece.line, first)):
            step.says.append((item, first))
        if rest:
            step.rest.append(piece._replace(text=rest))

    def _cue(self, step: Step | None, piece: Piece) -> None:
        words = plain(unmarked(piece.text))
        if step is None:
            self._keep(None, piece, "it stands above the first step")
            return
        if len(words.split()) > CUE_WORDS or len(words) > CUE_LENGTH:
            self.notes.append(Note(piece.line, "This is more than a glance: it was cut into several cues."))
        self._cues(step, piece, words)

    def _cues(self, step: Step, piece: Piece, words: str) -> None:
        while words:
            if len(step.cues) >= MOST_CUES:
                self._keep(step, piece._replace(text=words), f"{MOST_CUES} cues fit on a screen")
                return
            cue, words = cut(words, CUE_WORDS, CUE_LENGTH)
            if cue not in [x for _, x in step.cues] and self._fits(step, item := (piece.line, cue)):
                step.cues.append((item, cue))

    def _check(self, step: Step, piece: Piece, words: str) -> None:
        words = plain(unmarked(words))
        check, rest = cut(words, CUE_WORDS, CUE_LENGTH)
        if not check or rest or len(step.checks) >= MOST_CHECKS or check in [x for _, x in step.checks]:
            self._keep(step, piece, f"a check is at most {CUE_WORDS} words, and a step has {MOST_CHECKS} at most")
        elif self._fits(step, item := (piece.line, check)):
            step.checks.append((item, check))

    def _way(self, step: Step, piece: Piece, label: str, wanted: str) -> None:
        check = CHECK.match(label)
        label, wanted = plain(unmarked(check.group(1) if check else label)), plain(unmarked(wanted))
        if self._fits(step, item := (piece.line, clean(piece.text))):
            step.ways.append(Way(piece.line, cut(label, CUE_WORDS, CUE_LENGTH)[0], wanted, item))

    def _keep(self, step: Step | None, piece: Piece, why: str) -> None:
        if not clean(piece.text).strip("-=*_~` "):
            return
        (step.kept if step else self.kept).append(f"line {piece.line}: {piece.text}")
        self.notes.append(
            Note(piece.line, f"“{brief(piece.text)}” is kept as a comment: {why}{'' if why.endswith('?') else '.'}")
        )

    # --- names, ways on, an end

    def settle(self, title: str, usual: str) -> None:
        """Give names, let choices lead somewhere, and see to it that every step is come to and every way ends."""
        self.title = plain(title) or cut(plain(self.title), 99, TITLE_LENGTH)[0] or plain(usual) or "My playbook"
        if not self.goal:
            self.goal = GOAL
            self.notes.append(Note(0, "There was no sentence below the title: write the `goal`."))
        if not self.steps:
            self.notes.append(Note(0, "There was no step in it: it begins with one."))
            self.steps.append(Step(0, "Hear them out"))
        seen: dict[str, Step] = {}
        for number, step in enumerate(self.steps, 1):
            step.id = slug(step.title, seen, f"step-{number}")
            if any(step.title.casefold() == other.title.casefold() for other in seen.values()):
                self.notes.append(
                    Note(
                        step.line,
                        f"“{step.title}” stands twice: this one is called {step.id}, and choices lead to the first.",
                    )
                )
            seen[step.id] = step
        for step in self.steps:
            self._lead(step)
        if self.steps[-1].ways:
            close = Step(0, "Close")
            close.id = slug("close", seen, "close")
            close.says.append((NOWHERE, "Did I miss anything?"))
            self.steps.append(close)
            self.notes.append(Note(0, f"The last step has choices: “{close.id}” was added, where the call ends."))
        self._join()

    def _lead(self, step: Step) -> None:
        """Find where the choices of a step lead; one that leads nowhere is told and left out."""
        found: list[Way] = []
        taken: dict[str, object] = {}
        for way in step.ways:
            way.to = self._find(way.wanted)
            way.label = way.label or (self.steps[way.to].title if way.to >= 0 else way.wanted)
            line = Piece(way.line, "bullet", 0, f"{way.label} -> {way.wanted}")
            if way.to < 0:
                tip = nearest(way.wanted.casefold(), [s.title.casefold() for s in self.steps])
                self._keep(step, line, f"there is no step “{brief(way.wanted)}”" + (f". {tip}" if tip else ""))
            elif way.label.casefold() in [x.label.casefold() for x in found]:
                self._keep(step, line, "another choice of this step reads the same")
            elif len(found) >= MOST_WAYS:
                self._keep(step, line, f"a step has {MOST_WAYS} choices at most")
            else:
                way.id = slug(way.label, taken, f"way-{len(found) + 1}")
                taken[way.id] = way
                found.append(way)
        step.ways = found

    def _find(self, wanted: str) -> int:
        """The number of the step that a choice names: by its heading, its id, or its place; -1 for none."""
        bare = NUMBERED.sub("", wanted, count=1).strip(" .#").casefold()
        for number, step in enumerate(self.steps):
            if bare and bare in {step.title.casefold(), step.id, step.title.casefold().rstrip(".!?:")}:
                return number
        name = slug(bare, {}, "")
        if name and name in (ids := [s.id for s in self.steps]):
            return ids.index(name)
        place = re.search(r"\A\s*(?:step\s*)?([0-9]{1,3})\s*\Z", wanted, re.IGNORECASE)
        return int(place.group(1)) - 1 if place and 0 < int(place.group(1)) <= len(self.steps) else -1

    def leads(self, number: int) -> list[int]:
        """Where a step leads; the number behind the last step is the end."""
        return [way.to for way in self.steps[number].ways] or [number + 1]

    def _join(self) -> None:
        count = len(self.steps)
        while lost := sorted(set(range(count)) - self._reached()):
            self._add_way(lost[0] - 1, f"No choice led to “{self.steps[lost[0]].title}”")
        while stuck := [n for n in range(count) if count not in self._reached(n)]:
            self._add_way(stuck[-1], f"From “{self.steps[stuck[-1]].title}” no way led to the end")

    def _add_way(self, number: int, why: str) -> None:
        step, to = self.steps[number], number + 1
        way = Way(0, f"On to: {self.steps[to].title}", "")
        way.id, way.to = slug("on", {w.id: w for w in step.ways}, "on-2"), to
        step.ways.append(way)
        self.notes.append(Note(step.line, f"{why}: the choice “{way.label}” was added to “{step.title}”."))

    def _reached(self, start: int = 0) -> set[int]:
        seen, todo = {start}, [start]
        while todo:
            at = todo.pop()
            for to in self.leads(at) if at < len(self.steps) else ():
                if to not in seen:
                    seen.add(to)
                    todo.append(to)
        return seen


class _Sheet:
    """The rows of a playbook as they are written, and which item stands on which."""

    def __init__(self, outline: _Outline) -> None:
        self.outline = outline
        self.lines: list[str] = []
        self.rows: dict[int, Item] = {}

    def write(self, schema: str, heading: Sequence[str]) -> Outlined:
        """The whole text."""
        outline, lines = self.outline, self.lines
        lines += [f"# yaml-language-server: $schema={schema}", *(comment(row) for row in heading), "calmdesk: 1"]
        lines += [f"title: {quote(outline.title)}", f"goal: {quote(outline.goal)}"]
        lines += ['# signals: ["words that an agent hears"]    # take the # out: they find the playbook']
        lines += [comment(row) for row in outline.kept]
        lines += ["", "steps:"]
        for number, step in enumerate(outline.steps):
            self._step(number, step)
        lines += ["", "# Each test is one way through. Say in its name what the situation is.", "tests:"]
        lines += _tests(outline)
        return Outlined("\n".join(lines) + "\n", tuple(outline.notes), self.rows, len(outline.steps))

    def _step(self, number: int, step: Step) -> None:
        self.lines += [f"  {step.id}:", f"    title: {quote(step.title)}"]
        for key, items in (("cue", step.cues), ("say", step.says), ("check", step.checks)):
            if items:
                several = "    # several lines are other words for the same" if key == "say" and len(items) > 1 else ""
                self.lines.append(f"    {key}:{several}")
            for item, text in items:
                self._row(f"      - {quote(text)}", item)
        self.lines += [comment(row, "    ") for row in step.kept]
        if step.picks:
            self.lines.append("    choices:")
            for way in step.picks:
                to = self.outline.steps[way.to].id
                self._row(f"      {way.id}: {{label: {quote(way.label)}, go: {to}}}", way.item)
        elif step.ways:
            self._row(f"    go: {self.outline.steps[step.ways[0].to].id}", step.ways[0].item)
        elif number == len(self.outline.steps) - 1:
            self.lines.append("    end: recovered")

    def _row(self, row: str, item: Item) -> None:
        self.lines.append(row)
        if item != NOWHERE:
            self.rows[len(self.lines)] = item


def _tests(outline: _Outline) -> Iterator[str]:
    """One test for each way that no other takes."""
    steps = outline.steps
    left = {(n, w) for n in range(len(steps)) for w in range(len(outline.leads(n)))}
    done = 0
    for edge in sorted(left):
        if edge not in left or done >= MOST_TESTS:
            continue
        number, way = edge
        route = [*_shortest(outline, 0, number), edge, *_shortest(outline, outline.leads(number)[way], len(steps))]
        left -= set(route)
        done += 1
        picks = [steps[n].picks[w] for n, w in route if steps[n].picks]
        label = steps[number].picks[way].label if steps[number].picks else picks[0].label if picks else ""
        yield f"  - name: {quote(f'Way {done}: {label}' if label else f'Way {done}: straight through')}"
        if picks:
            yield f"    choose: [{', '.join(pick.id for pick in picks)}]"
        passed = [n for n, _ in route]
        # What stands beside the way that is taken: a choice that leads there by mistake is noticed.
        beside = {to for n, w in route if steps[n].picks for to in (*outline.leads(n), outline.leads(n)[w] + 1)}
        avoided = [steps[n].id for n in sorted(beside - set(passed)) if n < len(steps)]
        without = f", not-passes: [{', '.join(avoided)}]" if avoided else ""
        yield f"    expect: {{disposition: recovered, passes: [{', '.join(steps[n].id for n in passed)}]{without}}}"


def _shortest(outline: _Outline, start: int, goal: int) -> list[tuple[int, int]]:
    """The fewest ways from one step to another: (step, number of its way) each."""
    came: dict[int, tuple[int, int]] = {}
    todo = [start]
    for at in todo:
        if at == goal or at >= len(outline.steps):
            continue
        for way, to in enumerate(outline.leads(at)):
            if to not in came and to != start:
                came[to] = (at, way)
                todo.append(to)
    route: list[tuple[int, int]] = []
    while goal != start:
        route.insert(0, came[goal])
        goal = came[goal][0]
    return route
