"""Small faults planted in a playbook, one at a time: which of them its tests and path rules would catch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from calmdesk.bench.maze import Maze
from calmdesk.bench.testing import Player
from calmdesk.playbook.compiling import make_edition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from calmdesk.bench.maze import Summary
    from calmdesk.bench.testing import Outcome
    from calmdesk.playbook.model import Policy
    from calmdesk.playbook.shapes import Path


MUTANT_NODES = 10_000
"""So many situations are looked at for each mutant."""


class Mutant(NamedTuple):
    """One planted fault: what was changed, where it stands, the step, and the file's data with it."""

    what: str
    path: Path
    step: str
    anywhere: bool
    """Whether a test that doesn't come to the step can notice it."""
    data: dict[str, Any]


class Mutation(NamedTuple):
    """How it went: all mutants, and those that nobody noticed."""

    mutants: int
    by_tests: int
    by_rules: int
    survivors: tuple[Mutant, ...]

    @property
    def score(self) -> float:
        """The part that was caught, 0 to 1."""
        return (self.by_tests + self.by_rules) / self.mutants if self.mutants else 1.0


def find_mutants(data: Mapping[str, Any]) -> Iterator[Mutant]:
    """Every fault that is planted in a file, in its order."""
    names = list(data["steps"])
    for name, step in data["steps"].items():

        def make(what: str, path: Path, new: dict[str, Any], step_id: str = name, *, anywhere: bool = False) -> Mutant:
            changed = {**data, "steps": {**data["steps"], step_id: new}}
            return Mutant(what, path, step_id, anywhere, changed)

        path: Path = ("steps", name)
        if "when" in step:
            yield make(
                "its `when` turned round", (*path, "when"), {**step, "when": {"not": step["when"]}}, anywhere=True
            )
        yield from _lines(step, path, make)
        yield from _routes(step, path, make)
        for choice in step.get("choices") or ():
            yield from _choice(step, (*path, "choices", choice), choice, make, names)
        for n, check in enumerate(step.get("must-check") or ()):
            left = [c for m, c in enumerate(step["must-check"]) if m != n]
            yield make(f"must-check “{check}” dropped", (*path, "must-check", n), {**step, "must-check": left})


def _lines(step: dict[str, Any], path: Path, make: Callable[..., Mutant]) -> Iterator[Mutant]:
    say = step.get("say") or []
    for n, line in enumerate(say):
        if line.get("when"):
            turned = [{**x, "when": {"not": x["when"]}} if m == n else x for m, x in enumerate(say)]
            yield make(f"line {n + 1}: its `when` turned round", (*path, "say", n, "when"), {**step, "say": turned})


def _routes(step: dict[str, Any], path: Path, make: Callable[..., Mutant]) -> Iterator[Mutant]:
    for n, (what, routes) in enumerate(_turned(step.get("go") or [])):
        yield make(f"go: way {n + 1}'s {what}", (*path, "go", n, "when"), {**step, "go": routes})


def _turned(routes: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for n, route in enumerate(routes):
        if route.get("when"):
            yield (
                "`when` turned round",
                [{**r, "when": {"not": r["when"]}} if m == n else r for m, r in enumerate(routes)],
            )


def _choice(
    step: dict[str, Any], path: Path, choice: str, make: Callable[..., Mutant], names: Sequence[str]
) -> Iterator[Mutant]:
    found = step["choices"][choice]

    def with_choice(new: dict[str, Any]) -> dict[str, Any]:
        return {**step, "choices": {**step["choices"], choice: new}}

    for n, route in enumerate(found.get("go") or ()):
        other = _elsewhere(route.get("step") or "", names)
        if other:
            routes = [{**r, "step": other} if m == n else r for m, r in enumerate(found["go"])]
            told = f"choice {choice} led to “{other}” instead of “{route.get('step')}”"
            yield make(told, (*path, "go"), with_choice({**found, "go": routes}))
    for what, routes in _turned(found.get("go") or []):
        yield make(f"choice {choice}: its way's {what}", (*path, "go"), with_choice({**found, "go": routes}))
    if len(step["choices"]) > 1:
        rest = {c: x for c, x in step["choices"].items() if c != choice}
        yield make(f"choice {choice} taken out", path, {**step, "choices": rest})
    if "when" in found:
        new = {**found, "when": {"not": found["when"]}}
        yield make(f"choice {choice}: its `when` turned round", (*path, "when"), with_choice(new))
    if most := found.get("at-most"):
        for other_most in (most + 1, most - 1):
            if other_most:
                new = {**found, "at-most": other_most}
                yield make(
                    f"choice {choice}: at-most {other_most} instead of {most}", (*path, "at-most"), with_choice(new)
                )


def _elsewhere(step: str, names: Sequence[str]) -> str:
    """Another step: the one behind, or in front of the last one."""
    if step not in names:
        return names[0]
    at = names.index(step)
    others = [*names[at + 1 :], *reversed(names[:at])]
    return others[0] if others else ""


class Bed(NamedTuple):
    """A playbook with its tests, on which mutants are tried: of itself, or of a file that it plays."""

    root: str
    files: Mapping[str, dict[str, Any]]
    policy: Policy
    cuts: Mapping[str, Summary]
    tests: Sequence[dict[str, Any]]
    outcomes: Sequence[Outcome]
    """How the tests went on the file as it is."""
    broken: frozenset[int]
    """The path rules that don't hold as it is."""


def make_bed(
    root: str, files: Mapping[str, dict[str, Any]], policy: Policy, cuts: Mapping[str, Summary], outcomes: list[Outcome]
) -> Bed:
    """A playbook ready for mutants, with how its tests went."""
    broken = frozenset(Maze(files, root, cuts, MUTANT_NODES).run().broken)
    return Bed(root, files, policy, cuts, files[root].get("tests") or [], outcomes, broken)


def mutate(name: str, data: Mapping[str, Any], beds: Sequence[Bed]) -> Mutation:
    """Plant each fault in one file, and see who notices: a test that fails now, or a path rule that no longer holds.

    Args:
        name: the file.
        data: what it says.
        beds: the playbooks that play it, and itself.

    """
    by_tests = by_rules = number = 0
    survivors = []
    beds = [bed for bed in beds if name in bed.files]
    for mutant in find_mutants(data):
        number += 1
        if any(_fails(bed, name, mutant) for bed in beds):
            by_tests += 1
        elif any(_breaks(bed, name, mutant) for bed in beds):
            by_rules += 1
        else:
            survivors.append(mutant)
    return Mutation(number, by_tests, by_rules, tuple(survivors))


def _fails(bed: Bed, name: str, mutant: Mutant) -> bool:
    edition = make_edition(bed.root, {**bed.files, name: mutant.data}, bed.policy)
    for test, outcome in zip(bed.tests, bed.outcomes, strict=True):
        # A test that never comes to the step goes as it went.
        here = mutant.anywhere or (name, mutant.step, "", "") in outcome.seen
        if here and not outcome.difference and Player(edition, test).play().difference:
            return True
    return False


def _breaks(bed: Bed, name: str, mutant: Mutant) -> bool:
    """Whether a path rule of the playbook no longer holds that held before."""
    if not bed.files[bed.root].get("path-rules"):
        return False
    run = Maze({**bed.files, name: mutant.data}, bed.root, bed.cuts, MUTANT_NODES).run()
    return bool(run.broken.keys() - bed.broken)
