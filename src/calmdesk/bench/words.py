"""What can be seen in one file without playing it: unused names, doubled ones, claims, sizes, and words that hurt."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from calmdesk.bench.proofs import MOST_CHOICES, MOST_STEPS
from calmdesk.playbook.names import BUILTIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from calmdesk.coach.phrases import Phrases
    from calmdesk.playbook.model import Policy
    from calmdesk.playbook.read import ReadFile
    from calmdesk.playbook.shapes import Path, Reading

MOST_CUE_WORDS, MOST_CHECK_WORDS = 12, 18
"""A cue is caught in a glance, a check is one thing that can be seen to be done."""


def check_names(file: ReadFile, files: Mapping[str, ReadFile]) -> None:
    """Report what is declared and never used."""
    data, report = file.data or {}, file.reading.report
    # The customer's name is told by --customer, and read in the wrap-up.
    used = file.reading.mentioned | {"customer"}
    elsewhere = {f for n, other in files.items() if n != file.name for f in (other.data or {}).get("facts") or ()}
    for name in data.get("facts") or ():
        if name not in used and name not in elsewhere:
            report(
                ("facts", name),
                "unused-fact",
                f"“{name}” is never asked and never used.",
                f"List it in a step's `ask`, write {{{name}}} where it is said, or take it out.",
                "warning",
            )
    drafted = {s.get("draft") for s in data["steps"].values()}
    for name in data.get("drafts") or ():
        if name not in drafted:
            report(
                ("drafts", name),
                "unused-draft",
                f"No step shows the draft “{name}”.",
                f"Write `draft: {name}` in a step, or take it out.",
                "warning",
            )


def check_sources(file: ReadFile, names: Callable[[str], Iterable[str]]) -> None:
    """Report claims and evidence that don't exist; `names` gives the ids of either list."""
    for step_id, step in (file.data or {})["steps"].items():
        for key, what in (("claims", "claim"), ("evidence", "evidence")):
            for n, name in enumerate(step.get(key) or ()):
                known = names(key)
                if name not in known:
                    file.reading.report(
                        ("steps", step_id, key, n),
                        f"unknown-{what}",
                        f"There is no {what} “{name}”." if key == "claims" else f"There is no evidence “{name}”.",
                        file.reading.near(name.upper(), list(known)) or f"The ids stand in {key}.yaml.",
                        "warning",
                    )


def check_doubles(file: ReadFile) -> None:
    """Report what stands twice in a list, and two things that a person can't tell apart."""
    data, reading = file.data or {}, file.reading
    for key in ("signals", "channels"):
        _twice(data.get(key), (key,), reading)
    for name, fact in (data.get("facts") or {}).items():
        _alike(fact.get("one-of"), ("facts", name, "one-of"), reading)
    _alike(data.get("interruptions"), ("interruptions",), reading)
    for name, step in data["steps"].items():
        path: Path = ("steps", name)
        for key in ("cue", "ask", "claims", "evidence", "check", "must-check"):
            if len(step.get(key) or ()) > 1:
                _twice(step[key], (*path, key), reading)
        if choices := step.get("choices"):
            _alike(choices, (*path, "choices"), reading)
            for choice, found in choices.items():
                if "forget" in found:
                    _twice(found["forget"], (*path, "choices", choice, "forget"), reading)
    seen: set[str] = set()
    for n, test in enumerate(data.get("tests") or ()):
        if test.get("name", "") in seen:
            _report_twice(test["name"], ("tests", n, "name"), reading)
        seen.add(test.get("name", ""))


def _twice(values: list[str] | None, path: Path, reading: Reading) -> None:
    if not values or len(set(values)) == len(values):
        return
    seen: set[str] = set()
    for n, value in enumerate(values):
        if value in seen:
            _report_twice(value, (*path, n), reading)
        seen.add(value)


def _report_twice(value: str, path: Path, reading: Reading) -> None:
    reading.report(path, "listed-twice", f"“{value}” stands twice here.", "Take one of them out.", "warning")


def _alike(named: dict[str, Any] | None, path: Path, reading: Reading) -> None:
    seen: dict[str, str] = {}
    for name, one in (named or {}).items():
        label = (one.get("label") or "").casefold()
        if label and label in seen and one.get("when") is None:
            reading.report(
                (*path, name, "label"),
                "same-label",
                f"“{one['label']}” is also the label of “{seen[label]}”: nobody can tell them apart.",
                "Say what is different in one of them.",
                "warning",
            )
        seen.setdefault(label, name)


def check_sizes(file: ReadFile) -> None:
    """Report what is more than an agent can take in."""
    data, report = file.data or {}, file.reading.report
    if len(data["steps"]) > MOST_STEPS:
        report(
            ("steps",),
            "too-big",
            f"A playbook of {len(data['steps'])} steps; more than {MOST_STEPS} are more than an agent can follow.",
            "Put parts that belong together into a module of their own, and `play` it.",
            "warning",
        )
    for name, step in data["steps"].items():
        if len(step.get("choices") or ()) > MOST_CHOICES:
            report(
                ("steps", name, "choices"),
                "too-many",
                f"{len(step['choices'])} choices; an agent has keys for {MOST_CHOICES} and time for fewer.",
                "Ask in two steps, or let facts decide with `go`.",
                "warning",
            )
        for key, most in (("cue", MOST_CUE_WORDS), ("check", MOST_CHECK_WORDS), ("must-check", MOST_CHECK_WORDS)):
            for n, text in enumerate(step.get(key) or ()):
                if len(text.split()) > most:
                    report(
                        ("steps", name, key, n),
                        "long-cue",
                        f"{len(text.split())} words in one {'cue' if key == 'cue' else 'check'}; {most} can be caught in a glance.",
                        "Keep the words that matter." if key == "cue" else "Say one thing that can be seen to be done.",
                        "warning",
                    )


def check_phrases(file: ReadFile, phrases: Phrases) -> None:
    """Report words that tell a customer to calm down, blame them, half-apologise or promise too much."""
    spoken = list(_spoken(file.data or {}))
    # A line's end ends a sentence, so all of a file's lines can be looked at as one text.
    begins, at = [], 0
    for text, _ in spoken:
        begins.append(at)
        at += len(text) + 1
    # The name of a policy's value is no word that anybody says.
    said = "\n".join(text for text, _ in spoken).replace("{policy.", "{______.")
    for hit in phrases.find(said, apart=True):
        path = spoken[bisect_right(begins, hit.start) - 1][1]
        file.reading.report(path, hit.rule.id, f"“{hit.text}”: {hit.rule.why}", hit.rule.instead, "warning")


def _spoken(data: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    """Every text that a customer hears or reads, with its place."""
    for name, step in data["steps"].items():
        yield from _said(step.get("say"), ("steps", name, "say"))
        if promise := step.get("promise"):
            yield promise.get("what", ""), ("steps", name, "promise", "what")
    for name, cut in (data.get("interruptions") or {}).items():
        if card := cut.get("card"):
            yield from _said(card.get("say"), ("interruptions", name, "card", "say"))
    for name, text in (data.get("drafts") or {}).items():
        yield text, ("drafts", name)


def _said(say: list[dict[str, Any]] | None, path: Path) -> Iterator[tuple[str, Path]]:
    lined = bool(say) and say is not None and (len(say) > 1 or say[0]["when"] is not None)
    for n, line in enumerate(say or ()):
        at: Path = (*path, n) if lined else path
        for m, text in enumerate(line["lines"]):
            yield text, (*at, "line", m) if lined else (*at, m)


def _names(policy: Policy, key: str) -> list[str]:
    return list(policy.compiled.get(key) or ())


def check_tests(file: ReadFile, files: Mapping[str, ReadFile], policy: Policy) -> None:
    """Report names in a file's tests that lead nowhere: such a test can't pass."""
    data, reading = file.data or {}, file.reading
    books = [f.data for f in files.values() if f.data]

    def unknown(name: str, what: str, path: Path, names: Iterable[str]) -> None:
        tip = reading.near(name, list(dict.fromkeys(names)))
        reading.report(path, f"unknown-{what}", f"There is no {what} “{name}”.", tip, "warning")

    for n, test in enumerate(data.get("tests") or ()):
        for m, name in enumerate(test.get("choose") or ()):
            path: Path = ("tests", n, "choose", m)
            if name.startswith("i:"):
                cuts = [*(c for b in books for c in b.get("interruptions") or ()), *_names(policy, "interruptions")]
                if name[2:] not in cuts:
                    unknown(name[2:], "interruption", path, cuts)
            elif not any(name in (s.get("choices") or ()) for b in books for s in b["steps"].values()):
                choices = [c for b in books for s in b["steps"].values() for c in s.get("choices") or ()]
                unknown(name, "choice", path, choices)
        for name in test.get("facts") or ():
            if name not in BUILTIN and not any(name in (b.get("facts") or ()) for b in books):
                names = [f for b in books for f in b.get("facts") or ()]
                unknown(name, "fact", ("tests", n, "facts", name), names)
        expect = test.get("expect") or {}
        for key in ("passes", "not-passes"):
            for m, name in enumerate(expect.get(key) or ()):
                card = "+" in name and name.endswith("/card")
                if not card and not any(name.rpartition("/")[2] in b["steps"] for b in books):
                    steps = [
                        s if f.name == file.name else f"{f.name}/{s}"
                        for f in files.values()
                        if f.data
                        for s in f.data["steps"]
                    ]
                    unknown(name, "step", ("tests", n, "expect", key, m), steps)
        known = [*_names(policy, "dispositions"), *(["return"] if data.get("module") else [])]
        if "disposition" in expect and expect["disposition"] not in known:
            unknown(expect["disposition"], "disposition", ("tests", n, "expect", "disposition"), known)
