"""Names and texts of one file: facts, conditions, lines and slots resolve, or a finding says where they don't."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calmdesk.playbook.keys import CHANNELS, COMPARISONS
from calmdesk.playbook.kinds import read_span, read_value
from calmdesk.safetext import odd_slots, slots

if TYPE_CHECKING:
    from collections.abc import Collection

    from calmdesk.playbook.model import Policy
    from calmdesk.playbook.shapes import Path, Reading

BUILTIN = {"channel": "text", "case": "text", "today": "date"}
"""Facts that are always there."""
MAX_WORDS = 25
BREATH = 10
"""Seconds that a line may take where the policy has no `breath` (`research/content.md` 3.0)."""
_ORDERED = {"money", "number", "date", "time", "moment"}


class NameCheck:
    """What the checks of a file share: `data` is what its shapes read, `reading` takes the findings."""

    def __init__(self, data: dict[str, Any], reading: Reading, policy: Policy) -> None:
        self.data = data
        self.reading = reading
        self.policy = policy
        self.steps: dict[str, Any] = data.get("steps") or {}
        self.facts: dict[str, Any] = data.get("facts") or {}
        self.fact_names = dict.fromkeys([*self.facts, *BUILTIN])
        self.module = bool(data.get("module"))
        self.mentioned = reading.mentioned
        self.longest = read_span((policy.compiled.get("durations") or {}).get("breath") or "") or BREATH
        """Seconds that a line may take to say."""

    def known(
        self, name: str, names: Collection[str], path: Path, rule: str, what: str, *, severity: str = "error"
    ) -> bool:
        """Report a name that isn't among `names`, with "did you mean"."""
        if name in names:
            return True
        listed = f"Known: {', '.join(names)}." if 0 < len(names) <= 12 else ""
        several = f"Several names are a list: [{name}]." if "," in name else ""
        tip = several or self.reading.near(name, names) or listed
        self.reading.report(path, rule, f"There is no {what} “{name}”.", tip, severity)
        return False

    def fact(self, name: str, fact: dict[str, Any]) -> None:
        path: Path = ("facts", name)
        self.text(fact.get("ask") or "", (*path, "ask"))
        if name in BUILTIN:
            self.reading.report(
                path, "taken-fact", f"“{name}” is always there and can't be declared.", "Use another id."
            )
        if "one-of" in fact and "kind" in fact:
            self.reading.report(
                (*path, "kind"), "two-kinds", "A fact has a `kind` or `one-of`, not both.", "Take `kind` out."
            )
        if "one-of" in fact and not fact["one-of"]:
            self.reading.report((*path, "one-of"), "no-options", "There is nothing to pick from.", "Add an option.")
        if "default" in fact:
            fixed = self.value(name, fact["default"], (*path, "default"))
            fact["default"] = fixed if fixed is not None else fact["default"]

    def kind(self, name: str) -> str:
        fact = self.facts.get(name) or {}
        return BUILTIN.get(name) or ("one-of" if "one-of" in fact else str(fact.get("kind") or "text"))

    def value(self, name: str, written: str, path: Path) -> str | None:
        """The canonical form of a value written in the file, or None and a finding."""
        fact = self.facts.get(name) or {}
        kind = self.kind(name)
        if kind == "moment":
            from datetime import UTC, datetime

            # Any moment does to see whether it can be read; it is worked out when it is used.
            if complaint := read_value(kind, written, at=datetime(2026, 1, 1, tzinfo=UTC)).complaint:
                self.reading.report(path, "bad-value", complaint, f"“{name}” is of the kind moment.")
            return written
        if name == "channel":
            return written if self.known(written, CHANNELS, path, "unknown-option", "channel") else None
        if kind == "one-of":
            return written if self.known(written, fact["one-of"], path, "unknown-option", f"option of {name}") else None
        read = read_value(kind, written, currency=self.policy.currency)
        if read.complaint:
            self.reading.report(path, "bad-value", read.complaint, f"“{name}” is of the kind {kind}.")
        return read.text or None

    def given(self, facts: dict[str, Any], path: Path) -> None:
        for name, written in facts.items():
            if name in self.facts:
                fixed = self.value(name, written, (*path, name))
                facts[name] = fixed if fixed is not None else written

    def when(self, when: dict[str, Any] | None, path: Path) -> None:
        for name, wanted in (when or {}).items():
            self.mentioned.add(name)
            here = (*path, name)
            if name == "not":
                self.when(wanted, here)
            elif not self.known(name, self.fact_names, here, "unknown-fact", "fact"):
                continue
            elif isinstance(wanted, list):
                when[name] = [self.value(name, w, (*here, i)) or w for i, w in enumerate(wanted)]  # type: ignore[index]
            elif isinstance(wanted, dict):
                if self.kind(name) not in _ORDERED:
                    self.reading.report(
                        here,
                        "not-comparable",
                        f"“{name}” is no number, amount, date, time or moment.",
                        f"Only these take {', '.join(COMPARISONS)}; give it `kind: number`, or the kind it is.",
                    )
                    continue
                for how, bound in wanted.items():
                    wanted[how] = self.value(name, bound, (*here, how)) or bound
            else:
                when[name] = self.value(name, wanted, here) or wanted  # type: ignore[index]

    def text(self, text: str, path: Path) -> None:
        for odd in odd_slots(text):
            tip = self.reading.near(odd.strip().lower().replace("_", "-"), self.fact_names)
            message = f"There is no fact “{odd}”: the braces would be read out."
            self.reading.report(path, "unknown-fact", message, tip, "warning")
        for name in slots(text):
            if name == "offer" and len(path) > 1 and (self.steps.get(str(path[1])) or {}).get("offer"):
                # The amount of the offer that this step makes.
                continue
            if name.startswith("policy."):
                if self.policy.value(name[7:]) is None:
                    self.reading.report(
                        path,
                        "unknown-policy-value",
                        f"The policy has no value “{name[7:]}”.",
                        self.reading.near(name[7:], policy_names(self.policy)),
                    )
            else:
                self.mentioned.add(name)
                self.known(name, self.fact_names, path, "unknown-fact", "fact")

    def say(self, say: list[dict[str, Any]], path: Path) -> None:
        lined = len(say) > 1 or say[0]["when"] is not None
        for n, line in enumerate(say):
            here = (*path, n) if lined else path
            self.when(line["when"], (*here, "when"))
            for m, words in enumerate(line["lines"]):
                if "{" not in words and len(words) <= 2 * MAX_WORDS:
                    # Too short to be long, and nothing to fill in.
                    continue
                at = (*here, "line", m) if lined else (*path, m)
                if "{" in words:
                    self.text(words, at)
                self.breath(words, at)
            if line["when"] is None and n < len(say) - 1:
                self.reading.report(
                    here,
                    "unreached-line",
                    "This line has no `when`, so it is always said, and those below it never are.",
                    "Put the line without `when` last.",
                )
        if all(line["when"] is not None for line in say) and not self._refused(path):
            self.reading.report(
                (*path, len(say) - 1),
                "no-default-line",
                "The last line has a `when`: sometimes there is nothing to say.",
                "Add a line without `when` at the end.",
            )

    def _refused(self, path: Path) -> bool:
        """Whether an item of a list couldn't be read, which has been told."""
        written = self.reading.find_node(path)
        return written is not None and any(item.kind == "refused" for item in written.items)

    def breath(self, words: str, path: Path) -> None:
        """Report a line that can't be said in one breath (`format.md`: 25 words; the policy's `breath`)."""
        count = len(words.split())
        seconds = speaking_seconds(words, count)
        if count > MAX_WORDS or seconds > self.longest:
            self.reading.report(
                path,
                "long-line",
                f"A line of {count} words, {seconds:.0f} seconds to say; {MAX_WORDS} words or {self.longest} seconds fit in a breath.",
                "Cut it, or split it over two steps.",
                "warning",
            )


def speaking_seconds(text: str, words: int | None = None) -> float:
    """How long a line takes to say: 150 words a minute, or 18 characters a second where its words are long."""
    return max((len(text.split()) if words is None else words) * 0.4, len(text) / 18)


def policy_names(policy: Policy) -> list[str]:
    """What `{policy.…}` may name."""
    groups = ("durations", "counts", "promises")
    plain = [k for k, v in policy.compiled.items() if isinstance(v, str)]
    return plain + [n for g in groups for n in policy.compiled.get(g) or {}]
