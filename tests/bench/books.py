"""Small playbooks that nobody would write, each sound enough to be read: explored and played, they must agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from calmdesk.call.facts import used_by

if TYPE_CHECKING:
    import random

HEAD = "calmdesk: 1\ntitle: A title\ngoal: A goal.\n"
FACTS: dict[str, dict[str, Any]] = {
    "fault": {"ask": "Whose", "one-of": {"ours": "Ours", "theirs": "Theirs", "nobody": "Nobody's"}},
    "sure": {"ask": "Sure", "kind": "yes-no"},
    "price": {"ask": "How much", "kind": "money"},
    "many": {"ask": "How many", "kind": "number"},
    "day": {"ask": "Which day", "kind": "date"},
    "hour": {"ask": "Which hour", "kind": "time"},
    "word": {"ask": "Which word"},
}
OWN: dict[str, dict[str, Any]] = {
    "inner": {"ask": "Inside", "kind": "yes-no"},
    "deep": {"ask": "How deep", "one-of": {"low": "Low", "high": "High"}},
}
"""Facts that only the modules have."""
NAMED: dict[str, list[str]] = {
    "fault": ["ours", "theirs", "nobody"],
    "sure": ["yes", "no"],
    "price": ["0.50", "5.00", "8.90"],
    "many": ["-3", "2", "2.5"],
    "day": ["2026-03-01", "2026-03-02", "2026-06-10"],
    "hour": ["00:00", "09:00", "23:59"],
    "word": ["red", "blue"],
    "inner": ["yes", "no"],
    "deep": ["low", "high"],
}
"""Values that conditions name."""
ANSWERS: dict[str, list[str]] = NAMED | {
    "price": ["0", "0.20", "0.50", "0.51", "4.99", "5.00", "7.00", "8.90", "99"],
    "many": ["-10", "-3", "0", "2", "2.4", "2.5", "40"],
    "day": ["2026-01-01", "2026-03-01", "2026-03-02", "2026-03-03", "2026-06-10", "2027-01-01"],
    "hour": ["00:00", "08:59", "09:00", "12:00", "23:59"],
    "word": ["red", "blue", "green"],
}
"""Values that people answer."""
ORDERED = {"price", "many", "day", "hour"}
DISPOSITIONS = ("recovered", "follow-up", "lost")


class Shape(NamedTuple):
    """What kinds of steps a file may have."""

    module: bool
    plays: tuple[str, ...]
    doors: bool
    """Whether its first step may have a condition."""


class Writer:
    """Writes one file: its facts, steps and path rules."""

    def __init__(self, rng: random.Random, facts: dict[str, dict[str, Any]], shape: Shape) -> None:
        self.rng = rng
        self.facts = facts
        self.shape = shape
        self.names = [f"s{n}" for n in range(rng.randint(3, 7) if not shape.module else rng.randint(1, 4))]
        self.steps: dict[str, Any] = {}

    def some(self, chance: float) -> bool:
        return self.rng.random() < chance

    def write(self) -> dict[str, Any]:
        for number, name in enumerate(self.names):
            self.steps[name] = self._step(number)
        data: dict[str, Any] = {"module": True} if self.shape.module else {}
        data |= {"facts": self.facts, "steps": self.steps, "drafts": {"note": "Dear {" + self._fact() + "}"}}
        if not self.shape.module:
            data["path-rules"] = [self._rule() for _ in range(self.rng.randint(0, 3))]
        return data

    def _fact(self) -> str:
        return self.rng.choice(list(self.facts))

    def _text(self, chance: float = 0.2) -> str:
        return "Well, {" + self._fact() + "}" if self.some(chance) else "Well"

    def when(self, names: list[str] | None = None, depth: int = 0) -> dict[str, Any]:
        names = names or list(self.facts)
        found: dict[str, Any] = {}
        for name in self.rng.sample(names, min(len(names), self.rng.choice((1, 1, 1, 2)))):
            if depth < 2 and self.some(0.2):
                found["not"] = self.when([name], depth + 1) if self.some(0.6) else self.when(names, depth + 1)
            else:
                found[name] = self._wanted(name)
        if depth == 0 and self.some(0.05):
            found["channel"] = self.rng.choice(("phone", "chat"))
        return found

    def _wanted(self, name: str) -> Any:
        named = NAMED[name]
        if name in ORDERED and self.some(0.7):
            hows = self.rng.sample(("over", "under", "at-least", "at-most"), self.rng.choice((1, 1, 2)))
            return {how: self.rng.choice(named) for how in hows}
        return self.rng.sample(named, min(2, len(named))) if self.some(0.25) else self.rng.choice(named)

    # --- a step

    def _step(self, number: int) -> dict[str, Any]:
        step: dict[str, Any] = {}
        if number and self.some(0.3):
            step["when"] = self.when()
        elif self.shape.doors and not number and (names := [f for f in self.facts if "default" not in self.facts[f]]):
            step["when"] = self.when(names)
        last = number == len(self.names) - 1
        if self.shape.plays and number and self.some(0.3) and not last:
            step["play"] = self.rng.choice(self.shape.plays)
            if self.some(0.4):
                step["go"] = self._routes(number)
            return step
        self._content(step)
        self._way(step, number)
        return step

    def _content(self, step: dict[str, Any]) -> None:
        some = self.some
        if some(0.5):
            names = sorted(set(self.facts) - set(used_by(step.get("when"))))
            step["ask"] = self.rng.sample(names, min(len(names), self.rng.choice((1, 1, 2))))
        step["say"] = self._say(set(step.get("ask") or ()))
        if some(0.1):
            step[self.rng.choice(("cue", "check", "must-check"))] = [self._text(0.5)]
        if some(0.1):
            step["title"] = self._text(0.5)
        if some(0.06):
            step["avoid"] = [{"line": self._text(0.4), "why": "So", "instead": self._text(0.4)}]
        if some(0.06):
            step["promise"] = {"what": self._text(0.6), "by": "24h"}
        if some(0.06):
            step["draft"] = "note"
        if some(0.15):
            step["principle"] = "own"
        if "price" in self.facts and some(0.15):
            step["offer"] = {"kind": self.rng.choice(("restore", "gesture")), "ladder": "goodwill", "on": "price"}

    def _say(self, asked: set[str]) -> Any:
        if self.some(0.7):
            return self._text()
        lines: list[dict[str, Any]] = [{"when": self.when(), "line": self._text(0.3)}]
        if asked & set(used_by(lines[0]["when"])):
            # Until it is answered, the engine looks at the lines behind: `test_explore_cases.py` has that.
            return [{**lines[0], "line": "Well"}, {"line": "Well"}]
        if self.some(0.4):
            names = sorted(set(self.facts) - asked)
            lines += [{"when": self.when(names), "line": self._text(0.3)}] if names else []
        return [*lines, {"line": self._text(0.3)}]

    # --- ways on

    def _target(self, number: int) -> str:
        if self.shape.module and self.some(0.3):
            return "return"
        later = self.names[number + 1 :]
        return self.rng.choice(later if later and self.some(0.6) else self.names)

    def _routes(self, number: int) -> Any:
        if self.some(0.6):
            return self._target(number)
        ways: list[dict[str, Any]] = [
            {"when": self.when(), "step": self._target(number)} for _ in range(self.rng.choice((1, 1, 2)))
        ]
        return [*ways, {"step": self._target(number)}]

    def _way(self, step: dict[str, Any], number: int) -> None:
        last = number == len(self.names) - 1
        chance = self.rng.random()
        if last and not self.shape.module and chance < 0.6:
            step["end"] = self.rng.choice(DISPOSITIONS)
        elif chance < 0.45 or (last and not self.shape.module):
            names = self.rng.sample(("aa", "bb", "cc"), self.rng.randint(1, 3))
            step["choices"] = {name: self._choice(number) for name in names}
        elif chance < 0.6:
            step["go"] = self._routes(number)
        elif chance < 0.72:
            step["end"] = self.rng.choice(DISPOSITIONS)
        elif chance < 0.8 and not self.shape.module:
            step["return"] = self.rng.choice(DISPOSITIONS)

    def _choice(self, number: int) -> dict[str, Any]:
        choice: dict[str, Any] = {"go": self._routes(number)}
        if self.some(0.1):
            choice["label"] = self._text(0.5)
        if self.some(0.3):
            choice["when"] = self.when()
        if self.some(0.3):
            choice["at-most"] = self.rng.choice((1, 1, 2))
            if self.some(0.5):
                choice["then"] = self._target(number)
        if self.some(0.3):
            choice["forget"] = self.rng.sample(list(self.facts), 1)
        return choice

    # --- path rules

    def _rule(self) -> dict[str, Any]:
        # Where a file that is played may be skipped as a whole, nobody stands on the step that plays it.
        names = [n for n in self.names if not self.shape.doors or "play" not in self.steps[n]]
        one, other = self.rng.choice(names), self.rng.choice(names)
        match self.rng.randrange(4):
            case 0:
                return {"before": one, "must-pass": other}
            case 1:
                return {"every-end": self.rng.choice(("any", *DISPOSITIONS)), "must-pass": one}
            case 2:
                return {"never": "offer", "when": self.when()}
            case _:
                return {"never": one, "when": self.when()}


def write_books(rng: random.Random) -> dict[str, dict[str, Any]]:
    """A playbook, `main`, and what it plays: plain data, as a file has it."""
    doors = rng.random() < 0.2
    facts = {f: dict(FACTS[f]) for f in rng.sample(list(FACTS), rng.randint(2, 4))}
    own = {f: dict(OWN[f]) for f in rng.sample(list(OWN), rng.randint(0, 2))}
    for name, fact in (facts | own).items():
        if rng.random() < 0.3:
            fact["default"] = rng.choice(NAMED[name])
    found: dict[str, dict[str, Any]] = {}
    played: tuple[str, ...] = ()
    for name in ("low", "mid")[: rng.choice((0, 1, 1, 2))]:
        shared = {f: facts[f] for f in rng.sample(list(facts), rng.randint(1, len(facts)))}
        inner = Shape(rng.random() < 0.8, played, doors)
        found[name] = Writer(rng, shared | own, inner).write()
        played = (*played, name)
    found["main"] = Writer(rng, facts, Shape(module=False, plays=played, doors=doors)).write()
    return found


def as_text(data: dict[str, Any]) -> str:
    """Plain data as the text of a playbook."""
    return HEAD + yaml.safe_dump(data, sort_keys=False, default_flow_style=None, allow_unicode=True, width=110)
