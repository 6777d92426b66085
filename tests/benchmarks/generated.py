"""Playbooks as a team of trainers would write them, as many as are wanted: varied, sound, and the same ones each time."""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING

from tests.benchmarks.words import ANSWERS, CARDS, CUSTOMERS, GOALS, LETTER, MATTERS, NAMES, PLACES, STATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SEED = 20_260
# Plain where every parser reads plain text; braces, colons, question marks and leading quotes go between quotes.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 .'…!-]*\Z")
_WORDS = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}
# What stands in every playbook; about 12 steps with what is drawn from _MAY.
_MUST = ("hear", "name", "check", "own", "explain", "fix", "gesture", "recap", "close", "hand-over")
_MAY = ("greet", "focus", "look", "proof", "amount", "mend", "wait-open")


def _text(text: str) -> str:
    """A text as it stands in YAML, in quotes where it must."""
    return text if _PLAIN.match(text) and text.lower() not in _WORDS else json.dumps(text, ensure_ascii=False)


def _row(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"


def _map(pairs: Mapping[str, str]) -> str:
    """A map on one line; its values are YAML already."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"


class _Playbook:
    """One playbook being written: `lines` grow, and `test` remembers the way that its own test takes."""

    def __init__(self, number: int) -> None:
        self.dice = random.Random(SEED * 1_000_003 + number)  # noqa: S311 - the same ones each time
        self.number = number
        self.matter_id, self.matter = list(MATTERS.items())[number % len(MATTERS)]
        self.thing = self.matter["thing"][0]
        self.fix = self.one(self.matter["fix"])
        self.stations = self._stations()
        self.ids = {s: self.one(STATIONS[s]["ids"]) for s in self.stations}
        self.fault = self.one(["ours", "colleague", "partner", "unknown"])
        self.asks_stake = not {"proof", "mend"} & set(self.stations) and self.may(0.8)
        self.asks_cause = self.may(0.4)
        self.asks_colleague = not self.asks_cause and self.may(0.7)
        self.stake = self.one(self.matter["stake"])
        self.lines: list[str] = []
        self.choose: list[str] = []

    def one(self, texts: Sequence[str]) -> str:
        return self.dice.choice(texts)

    def some(self, texts: Sequence[str], least: int, most: int) -> list[str]:
        return self.dice.sample(texts, min(len(texts), self.dice.randint(least, most)))

    def may(self, share: float) -> bool:
        """Whether a trainer wrote this, too."""
        return self.dice.random() < share

    def _stations(self) -> list[str]:
        """About twelve stations in the order of a call."""
        drawn = set(self.some(_MAY, 1, 2 if self.may(0.4) else 1))
        return [s for s in STATIONS if s in _MUST or s in drawn]

    def about(self, text: str) -> str:
        """A text with what the matter is about in it."""
        for mark, word in (("THING", self.thing), ("PEOPLE", self.matter["people"][0]), ("FIX", self.fix)):
            text = text.replace(mark, word)
        if not self.asks_stake:
            text = text.replace("{stake}", self.stake)
        if not self.asks_colleague:
            text = text.replace("{colleague}", "my lead")
        return text[0].upper() + text[1:]

    def add(self, *lines: str) -> None:
        self.lines += lines

    def listed(self, indent: str, key: str, texts: Sequence[str]) -> None:
        """A list on one line or on several, as trainers write both."""
        row = f"{indent}{key}: {_row(texts)}"
        if len(row) < 80 and self.may(0.7):
            self.add(row)
        else:
            self.add(f"{indent}{key}:", *(f"{indent}  - {_text(t)}" for t in texts))

    # --- the parts of a playbook, from its top

    def head(self) -> None:
        n = self.number // len(MATTERS)
        title = self.matter["title"][n % 3]
        title += f" - {CUSTOMERS[n // 3 % len(CUSTOMERS)]} {PLACES[n // 3 // len(CUSTOMERS) % len(PLACES)]}"
        self.add("calmdesk: 1", f"title: {_text(title)}", f"goal: {_text(self.about(self.one(GOALS)))}")
        self.listed("", "signals", self.some(self.matter["signals"], 3, 4))
        if self.may(0.5):
            self.add("not-for: {insults at me: abusive-caller, danger: stop}")
        self.add(f"channels: {_row(self.some(('phone', 'chat', 'desk', 'email'), 2, 3))}", "")

    def facts(self) -> None:
        slips = {
            "ours": "ours",
            "colleague": "ours",
            "partner": "partner",
            "customer": "customer",
            "unknown": "unknown",
        }
        labels = ("Ours", "A colleague's", "A partner's", "Their own", "Not known yet")
        wanted = {
            "customer": '{ask: "Customer\'s first name", default: there}',
            "problem": '{ask: "The problem in one sentence, in their words"}',
        }
        if self.asks_stake:
            wanted["stake"] = '{ask: "What did it cost them?", default: the time and the trouble}'
        self.add("facts:", *(f"  {name}: {fact}" for name, fact in wanted.items()))
        self.add("  fault:", "    ask: Whose slip was it?")
        if self.may(0.5):
            self.add("    default: unknown")
        self.add("    one-of:")
        for (option, slip), label in zip(slips.items(), labels, strict=True):
            self.add(f"      {option}: {{label: {_text(label)}, slip: {slip}}}")
        if self.asks_cause:
            self.add('  cause: {ask: "Why it happened, in one true line"}')
        if "proof" in self.stations:
            self.add('  receipt: {ask: "Have they got the receipt?", kind: yes-no}')
        self.add('  fix-by: {ask: "Done by when?", kind: moment}')
        zero = ", default: 0" if self.may(0.5) else ""
        self.add(f'  price: {{ask: "What did it cost?", kind: money{zero}}}')
        if "mend" in self.stations:
            self.add('  missed-by: {ask: "By when do they get it?", kind: moment}')
        if self.asks_colleague:
            self.add('  colleague: {ask: "Who can decide this?"}')
        self.add("")

    def interruptions(self) -> None:
        self.add("interruptions:")
        if self.may(0.4):
            self.add("  notes: {label: I have to read the notes, play: hold}")
        elif self.may(0.3):
            self.add("  insults: {label: They insult me, play: abusive-caller}")
        name = self.one(list(CARDS))
        label, title, say = CARDS[name]
        card = _map({"title": _text(title), "say": _text(self.about(say))})
        self.add(f"  {name}:", f"    label: {_text(label)}", f"    card: {card}", "")

    def steps(self) -> None:
        self.add("steps:")
        if self.may(0.3):
            self.add("  steady:", "    play: steady")
            self.choose.append("ready")
        for station in self.stations:
            self.step(station)
        self.add("")

    def step(self, station: str) -> None:
        words = STATIONS[station]
        self.add(f"  {self.ids[station]}:", f"    title: {_text(self.one(words['title']))}")
        self.add(f"    principle: {words['principle'][0]}")
        self.before_words(station)
        if self.may(0.35):
            self.listed("    ", "cue", self.some(words["cue"], 1, 3))
        self.say(station, words)
        if self.may(0.12):
            line, why, instead = map(self.about, self.one(words["avoid"]).split(" > "))
            self.add("    avoid:", f"      - line: {_text(line)}")
            self.add(f"        why: {_text(why)}", f"        instead: {_text(instead)}")
        if self.may(0.12):
            self.add(f"    why: {_text(self.about(self.one(words['why'])))}")
        if "check" in words and self.may(0.35):
            self.listed("    ", "check", self.some(words["check"], 1, 2))
        if "must" in words:
            self.listed("    ", "must-check", self.some(words["must"], 1, 2))
        if "timer" in words or (station == "hear" and self.may(0.6)):
            self.add(f"    timer: {_text(words.get('timer', ['{policy.listen}'])[0])}")
        if self.may(0.4):
            self.add(f"    claims: {_row(sorted(self.some(words['claims'], 1, 4)))}")
        self.after_words(station)

    def say(self, station: str, words: Mapping[str, Sequence[str]]) -> None:
        if station == "own":
            self.add("    say:")
            for fault, key in (("[ours, colleague]", "ours"), ("partner", "partner"), ("customer", "theirs")):
                line = _text(self.about(self.one(words[key])))
                self.add(f"      - {{when: {{fault: {fault}}}, line: {line}}}")
            self.add(f"      - line: {_text(self.about(self.one(words['unknown'])))}")
            return
        key = "because" if station == "explain" and self.asks_cause else "say"
        lines = [self.about(line) for line in self.some(words[key], 1, 2 if self.may(0.4) else 1)]
        if len(lines) == 1:
            self.add(f"    say: {_text(lines[0])}")
        else:
            self.add("    say:", *(f"      - {_text(line)}" for line in lines))

    def before_words(self, station: str) -> None:
        """What a step asks, and when it is skipped."""
        price = [] if "amount" in self.stations else ["price"]
        asked: dict[str, list[str]] = {
            "name": ["stake"] * self.asks_stake,
            "check": ["problem"],
            "own": ["fault"],
            "explain": ["cause"] * self.asks_cause + ["receipt"] * ("proof" in self.stations),
            "fix": ["fix-by", *price],
            "amount": ["price"],
            "mend": ["missed-by"],
            "hand-over": ["colleague"] * self.asks_colleague,
        }
        if facts := asked.get(station):
            self.add(f"    ask: {facts[0] if len(facts) == 1 else _row(facts)}")
        if station == "proof":
            self.add("    when: {receipt: no}")
        if station == "gesture":
            self.add("    when: {fault: [ours, colleague, partner], price: {over: 0}}")

    def after_words(self, station: str) -> None:
        """What a step offers or promises, and where it leads."""
        ids = self.ids
        match station:
            case "fix":
                self.add(f'    promise: {{what: {_text(self.fix)}, by: "{{fix-by}}"}}')
            case "mend":
                self.add('    promise: {what: What was missed, by: "{missed-by}"}')
            case "gesture":
                self.add("    offer: {kind: gesture, ladder: goodwill, on: price}")
            case "own" if "look" in ids:
                self.add(f"    go: [{{when: {{fault: unknown}}, step: {ids['look']}}}, {{step: {ids['explain']}}}]")
            case "close":
                self.add("    draft: personal-note", "    end: recovered")
            case "hand-over":
                self.add("    end: handed-over")
            case "wait-open":
                self.add("    promise: {what: News on where it stands, by: 24h}", "    end: follow-up")
            case _:
                self.choices(station)

    def choices(self, station: str) -> None:
        ids, again = self.ids, str(self.dice.randint(1, 3))
        ways: dict[str, dict[str, dict[str, str]]] = {
            "hear": {
                "finished": {"go": ids["name"]},
                "looping": {"go": ids.get("focus", ids["check"])},
            },
            "name": {
                "settled": {"go": ids["check"]},
                "more": {"go": ids["hear"], "at-most": again, "then": ids["check"]},
            },
            "check": {
                "yes": {"go": ids["own"]},
                "no": {"go": ids["hear"], "forget": "problem", "at-most": again, "then": ids["own"]},
            },
            "explain": {
                "picked": {"go": ids.get("proof", ids["fix"])},
                "outside": {"go": ids["hand-over"]},
            },
        }
        if "wait-open" in ids:
            ways["explain"]["later"] = {"go": ids["wait-open"]}
        if "mend" in ids:
            ways["recap"] = {"clear": {"go": ids["close"]}, "missed": {"go": ids["mend"]}}
        if station in ways:
            self.add("    choices:")
            for choice, way in ways[station].items():
                if len(way) == 1 and self.may(0.35):
                    self.add(f"      {choice}: {way['go']}")
                else:
                    self.add(f"      {choice}: {_map({'label': _text(self.one(ANSWERS[choice])), **way})}")

    def letter(self) -> list[str]:
        """The letter that goes out, longer or shorter."""
        kept = self.some(LETTER[1:-1], 1, 2)
        return [line for line in LETTER if line in {LETTER[0], *kept, LETTER[-1]}]

    def drafts(self) -> None:
        self.add("drafts:", "  personal-note: |", *(f"    {self.about(line)}" for line in self.letter()))
        self.add("")

    def path_rules(self) -> None:
        ids = self.ids
        rules = [
            f"{{before: {ids['gesture']}, must-pass: {ids['own']}}}",
            f"{{before: {ids['fix']}, must-pass: {ids['check']}}}",
            f"{{before: {ids['fix']}, must-pass: {ids['own']}}}",
            f"{{every-end: recovered, must-pass: {ids['fix']}}}",
            "{never: offer, when: {fault: [customer, unknown]}}",
        ]
        self.add("path-rules:", *(f"  - {rule}" for rule in self.some(rules, 2, 3)), "")

    def test(self) -> None:
        """A test that takes the short way, or says the problem back twice."""
        ids, twice = self.ids, self.may(0.3)
        self.choose += ["finished", "settled", *["no", "finished", "settled"] * twice, "yes", "picked"]
        self.choose += ["clear"] * ("mend" in ids)
        problem = self.one(self.matter["problem"])
        facts = {"customer": self.one(NAMES), "problem": problem, "fault": self.fault}
        facts |= {"stake": self.stake} if self.asks_stake else {}
        facts |= {"cause": self.one(self.matter["cause"])} if self.asks_cause else {}
        facts |= {"receipt": "no"} if "proof" in ids else {}
        facts |= {"fix-by": f"{self.dice.randint(9, 20):02}:00", "price": f"{self.dice.randint(5, 90)}.50"}
        offers = 0 if self.fault == "unknown" else 1
        passes = [ids[s] for s in ("hear", "check", "own", "look", "fix", "gesture", "close") if s in ids]
        skipped = {ids["gesture"]} if not offers else {ids.get("look", "")}
        passes = [step for step in passes if step not in skipped]
        given = _map({name: self.value(value) for name, value in facts.items()})
        self.add("tests:", f"  - name: {_text(problem[0].upper() + problem[1:])}", f"    facts: {given}")
        self.add(f"    choose: [{', '.join(self.choose)}]")
        told = {"disposition": "recovered", "passes": _row(passes), "promises": "1", "offers": str(offers)}
        self.add(f"    expect: {_map(told)}")

    def value(self, value: str) -> str:
        """A fact's value as trainers write it: numbers and words bare, times in quotes."""
        return value if re.fullmatch(r"[\d.]+|no", value) else _text(value)

    def text(self) -> str:
        for part in (self.head, self.facts, self.interruptions, self.steps):
            part()
        for part in (self.drafts, self.path_rules, self.test):
            part()
        return "\n".join(self.lines) + "\n"


def playbook(number: int) -> tuple[str, str]:
    """The id and the text of the playbook of this number."""
    written = _Playbook(number)
    return f"{written.matter_id}-{number:04}", written.text()


def write_playbooks(folder: Path, count: int) -> int:
    """Write so many playbooks into a folder; how many bytes they have."""
    folder.mkdir(parents=True, exist_ok=True)
    size = 0
    for number in range(count):
        name, text = playbook(number)
        size += (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return size
