"""What of a playbook its tests have passed through: steps, choices and lines, and which none has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from calmdesk.bench.testing import Outcome
    from calmdesk.playbook.shapes import Path


class Goal(NamedTuple):
    """Something that a test can pass through."""

    kind: str
    """step, choice or line."""
    step: str
    part: str
    """A choice's id, a line's number; empty for a step."""
    path: Path

    @property
    def name(self) -> str:
        """As a person names it."""
        if self.kind == "choice":
            return f"{self.step}: choice {self.part}"
        return f"{self.step}: line {int(self.part) + 1}" if self.kind == "line" else self.step


class Coverage(NamedTuple):
    """How much of a file was passed through."""

    goals: tuple[Goal, ...]
    missed: tuple[Goal, ...]

    def counted(self, kind: str) -> tuple[int, int]:
        """How many of a kind were passed through, and how many there are."""
        whole = sum(g.kind == kind for g in self.goals)
        return whole - sum(g.kind == kind for g in self.missed), whole


def find_goals(data: Mapping[str, Any]) -> list[Goal]:
    """Everything in a file that a test can pass through."""
    found = []
    for name, step in data["steps"].items():
        path: Path = ("steps", name)
        found.append(Goal("step", name, "", path))
        found += [Goal("choice", name, c, (*path, "choices", c)) for c in step.get("choices") or ()]
        lines = step.get("say") or ()
        found += [Goal("line", name, str(n), (*path, "say", n)) for n in range(len(lines))]
    return found


def cover(name: str, data: Mapping[str, Any], outcomes: Iterable[Outcome]) -> Coverage:
    """What tests have passed through of the file `name`."""
    seen = {x for outcome in outcomes for x in outcome.seen}
    goals = find_goals(data)
    missed = [g for g in goals if (name, g.step, "" if g.kind == "step" else g.kind, g.part) not in seen]
    return Coverage(tuple(goals), tuple(missed))
