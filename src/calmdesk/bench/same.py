"""Which names of two texts mean the same step, fact or choice; and data with its names exchanged.

Whoever reads journals of older texts asks `find_renames`: events carry the names of the text that was played.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_ALIKE, _FACT_ALIKE = 0.7, 0.85
"""Two steps, and two questions, whose words agree so far are the same one under another name."""
_NOT_WORDS = {"go", "choices", "when", "ask", "claims", "evidence", "timer", "hold", "principle", "end", "return"}
_PLACED = ("steps", "facts", "interruptions", "drafts")
"""The parts of a file whose texts have slots."""


class Renames(NamedTuple):
    """Old name → new name."""

    steps: Mapping[str, str] = {}
    facts: Mapping[str, str] = {}
    choices: Mapping[tuple[str, str], str] = {}
    """(the step's old name, the choice's old name) → its new one."""


def exchange(data: dict[str, Any], names: Renames, book: str = "") -> dict[str, Any]:
    """A file's data with names exchanged wherever they are read; what tests choose stays.

    Args:
        data: the file, as it was compiled.
        names: what is called otherwise.
        book: the file whose steps are renamed, where that isn't this one.

    """
    steps = {} if book else names.steps
    passed = {f"{book}/{old}": f"{book}/{new}" for old, new in names.steps.items()} if book else names.steps
    found = dict(data)
    found["steps"] = {
        steps.get(name, name): _step(step, names, steps, "" if book else name) for name, step in data["steps"].items()
    }
    if "facts" in data:
        found["facts"] = {names.facts.get(name, name): fact for name, fact in data["facts"].items()}
    if "path-rules" in data:
        found["path-rules"] = [
            {k: _when(v, names) if k == "when" else steps.get(v, v) for k, v in rule.items()}
            for rule in data["path-rules"]
        ]
    if "tests" in data:
        found["tests"] = [_test(test, names, passed) for test in data["tests"]]
    for key in _PLACED:
        if key in found:
            found[key] = _slots(found[key], names.facts)
    if "interruptions" in data:
        found["interruptions"] = {
            name: {**cut, "card": {**cut["card"], "say": _say(cut["card"].get("say"), names)}} if "card" in cut else cut
            for name, cut in found["interruptions"].items()
        }
    return found


def _step(step: dict[str, Any], names: Renames, steps: Mapping[str, str], name: str) -> dict[str, Any]:
    found = dict(step)
    if "when" in step:
        found["when"] = _when(step["when"], names)
    if "say" in step:
        found["say"] = _say(step["say"], names)
    if "ask" in step:
        found["ask"] = [names.facts.get(fact, fact) for fact in step["ask"]]
    if "offer" in step and "on" in step["offer"]:
        found["offer"] = {**step["offer"], "on": names.facts.get(step["offer"]["on"], step["offer"]["on"])}
    if "go" in step:
        found["go"] = _routes(step["go"], names, steps)
    if "choices" in step:
        found["choices"] = {
            names.choices.get((name, choice), choice): _choice(data, names, steps)
            for choice, data in step["choices"].items()
        }
    return found


def _choice(choice: dict[str, Any], names: Renames, steps: Mapping[str, str]) -> dict[str, Any]:
    found = dict(choice)
    if "go" in choice:
        found["go"] = _routes(choice["go"], names, steps)
    if "then" in choice:
        found["then"] = steps.get(choice["then"], choice["then"])
    if "forget" in choice:
        found["forget"] = [names.facts.get(fact, fact) for fact in choice["forget"]]
    if "when" in choice:
        found["when"] = _when(choice["when"], names)
    return found


def _routes(routes: list[dict[str, Any]], names: Renames, steps: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {k: _when(v, names) if k == "when" else steps.get(v, v) if k == "step" else v for k, v in route.items()}
        for route in routes
    ]


def _say(say: list[dict[str, Any]] | None, names: Renames) -> list[dict[str, Any]] | None:
    return say and [{**line, "when": _when(line["when"], names)} for line in say]


def _when(when: dict[str, Any] | None, names: Renames) -> dict[str, Any] | None:
    if when is None:
        return None
    return {
        names.facts.get(fact, fact): _when(wanted, names) if fact == "not" else wanted for fact, wanted in when.items()
    }


def _test(test: dict[str, Any], names: Renames, passed: Mapping[str, str]) -> dict[str, Any]:
    found = dict(test)
    if "facts" in test:
        found["facts"] = {names.facts.get(fact, fact): value for fact, value in test["facts"].items()}
    expect = dict(test.get("expect") or {})
    for key in ("passes", "not-passes"):
        if key in expect:
            expect[key] = [passed.get(step, step) for step in expect[key]]
    if "ticked" in expect:
        expect["ticked"] = _slots(expect["ticked"], names.facts)
    return {**found, "expect": expect} if "expect" in test else found


def _slots(value: Any, facts: Mapping[str, str]) -> Any:  # noqa: ANN401 - any part of a file
    """Every text in a part of a file, with its slots under their new names."""
    if isinstance(value, dict):
        return {k: _slots(v, facts) for k, v in value.items()}
    if isinstance(value, list):
        return [_slots(v, facts) for v in value]
    if isinstance(value, str) and facts and "{" in value:
        return re.sub(r"\{([a-z][a-z0-9-]*)\}", lambda m: "{" + facts.get(m[1], m[1]) + "}", value)
    return value


# --- recognising


def find_renames(old: dict[str, Any], new: dict[str, Any]) -> Renames:
    """The names of an older text of a file that stand in the newer one under another name, known by their words."""
    facts = _match(old.get("facts") or {}, new.get("facts") or {}, _fact_likeness, _FACT_ALIKE)
    before = exchange(old, Renames(facts=facts)) if facts else old
    steps = _match(before["steps"], new["steps"], _step_likeness, _ALIKE)
    names = Renames(steps, facts)
    after = exchange(old, names)["steps"]
    choices: dict[tuple[str, str], str] = {}
    for name in old["steps"]:
        now = steps.get(name, name)
        if now in new["steps"]:
            them = _match_choices(after[now].get("choices") or {}, new["steps"][now].get("choices") or {})
            choices.update({(name, choice): other for choice, other in them.items()})
    return names._replace(choices=choices)


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """How far two texts agree, from 0 to 1, by their words."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _match(
    old: Mapping[str, Any], new: Mapping[str, Any], alike: Callable[[Any, Any], float], least: float
) -> dict[str, str]:
    """What is gone, with what came instead: the likest pairs first, and of those that are as like the nearest."""
    gone = [(n, name) for n, name in enumerate(old) if name not in new]
    came = [(n, name) for n, name in enumerate(new) if name not in old]
    pairs = sorted((-alike(old[a], new[b]), abs(n - m), n, a, b) for n, a in gone for m, b in came)
    found: dict[str, str] = {}
    for ratio, _, _, a, b in pairs:
        if -ratio >= least and a not in found and b not in found.values():
            found[a] = b
    return {name: found[name] for _, name in gone if name in found}


def _fact_likeness(one: dict[str, Any], other: dict[str, Any]) -> float:
    if one.get("kind") != other.get("kind") or list(one.get("one-of") or ()) != list(other.get("one-of") or ()):
        return 0.0
    return likeness(one.get("ask", "").split(), other.get("ask", "").split())


def _step_likeness(one: dict[str, Any], other: dict[str, Any]) -> float:
    if one.get("play") != other.get("play"):
        return 0.0
    words, theirs = list(_words(one)), list(_words(other))
    if not words and not theirs:
        # Nothing is said in either: what they do tells whether they are one.
        return float(one == other)
    return likeness(words, theirs)


def _words(step: dict[str, Any]) -> Iterator[str]:
    for key, value in step.items():
        if key not in _NOT_WORDS:
            yield from _all_words(value)


def _all_words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from value.split()
    elif isinstance(value, dict):
        for key, part in value.items():
            if key != "when":
                yield from _all_words(part)
    elif isinstance(value, list):
        for part in value:
            yield from _all_words(part)


def _match_choices(old: dict[str, Any], new: dict[str, Any]) -> dict[str, str]:
    gone = [name for name in old if name not in new]
    came = [name for name in new if name not in old]
    found: dict[str, str] = {}
    for name in gone:
        label = old[name].get("label")
        same = [c for c in came if c not in found.values() and new[c].get("label") == label]
        if label is None:
            same = [c for c in same if new[c].get("go") == old[name].get("go")]
        if len(same) == 1:
            found[name] = same[0]
    return found
