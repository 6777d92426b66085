"""Quick drills, made from the scenarios there are: a line to answer, a slip to spot, a sentence to mend.

The same scenarios, seed and turn give the same drill, to the letter. It speaks of sentences and never of the person.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.coach.features import content_words, lowered, read_parts
from calmdesk.coach.hints import ORDER
from calmdesk.coach.labels import TEXTS
from calmdesk.coach.scenario_keys import PRINCIPLES, VIOLATIONS
from calmdesk.coach.skills import AGAIN, EASY, GOOD, HARD, HARDER, Skill
from calmdesk.digest import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from calmdesk.coach import review as r
    from calmdesk.coach.scenario import Scenario
    from calmdesk.coach.skills import Card

    Read = Callable[[str, str, str], r.Review]

KINDS = ("spot", "fix", "reply")
"""From the easiest to the hardest: one key, a given sentence, a sentence of one's own."""
MOST = 5
"""So many drills are a sitting."""
EASY_LEVEL, HARDER_EVERY = 2, 10
"""The first drills are of scenarios up to this level, and of one more after each so many."""
MENDS = {
    "HOSTILE": ("BOUNDARY", "ACK", "REFLECT"),
    "BLAME": ("OWN", "REFLECT"),
    "DISMISS": ("ACK", "REFLECT"),
    "STONEWALL": ("REMEDY", "NEXT_STEP"),
    "OVERPROMISE": ("NEXT_STEP", "REMEDY"),
    "EMPTY_APOLOGY": ("APOLOGY", "OWN"),
}
"""What says well what a slip says badly."""
_SHORT_FACT, _MOST_FACTS = 90, 3
_ALL_FACTS = {"reply": 170, "fix": 110, "spot": 0}
"""So many characters of facts go with a drill, beside the first."""
_SHORT, _TELLING, _EARLY = 20, 120, 0.2
"""A shorter sentence says nothing by itself; up to so many characters more is better; and so much is it worth to come early."""
_MOST_LINES = 6
"""So many lines of a customer are asked for one label."""
_GIVES = {"REMEDY", "NEXT_STEP", "OFFER_HELP"}
_LEANING_WORDS = (
    "and but he he's he'll here's his her it it's it'll she she's she'll so that that's then there they they'll they're "
    "those these"
)
_LEANS = frozenset(_LEANING_WORDS.split())
"""How a sentence begins that leans on one before it."""


class Task(NamedTuple):
    """A drill that is wanted: the scenarios it may come from, the best first, and the skill where one is meant."""

    kind: str
    scenarios: tuple[Scenario, ...]
    skill: Skill | None = None
    turn: int = 0
    """Which of those that there are: a sitting asks for each once."""


class Drill(NamedTuple):
    """A customer's line and what is to be done with it."""

    kind: str
    skill: Skill
    scenario: str
    title: str
    level: int
    channel: str
    name: str
    line: str
    facts: tuple[str, ...]
    model: str
    """Words that do well here."""
    case: str
    after: str = ""
    """The slip that the line answers; nothing where the customer begins."""
    bad: str = ""
    """The reply with the slip, to be spotted or mended."""
    words: str = ""
    """The words of it that are the slip."""
    side: str = ""
    """To be spotted: whether the slip is `a` or `b`."""

    @property
    def replies(self) -> dict[str, str]:
        """The two replies of which one has the slip, under the key that picks it."""
        return {"a": self.bad, "b": self.model} if self.side == "a" else {"a": self.model, "b": self.bad}


class Remark(NamedTuple):
    """The one thing that is said about an answer."""

    label: str
    """What was heard, or what wasn't; nothing where the slip is gone and nothing stands in its place yet."""
    words: str
    """The very words; nothing where something wasn't heard."""
    why: str
    instead: str
    also: str = ""
    """Something good that was heard, where what the drill is for wasn't."""
    well: bool = False


def _number(*of: object) -> int:
    return int(digest(" ".join(map(str, of)).encode())[:8], 16)


# --- what to drill


def plan(scenarios: Iterable[Scenario], seed: int, kind: str = "") -> list[Task]:
    """The drills of a sitting, easier ones first; who has done more of them (the seed counts up) gets harder ones.

    Args:
        scenarios: those there are, or the one that is wanted.
        seed: which of many sittings.
        kind: the only kind that is wanted; all in turn where none is.

    """
    every = sorted(scenarios, key=lambda s: (_number(seed, s.id), s.id))
    pool = [s for s in every if s.level <= EASY_LEVEL + seed // HARDER_EVERY]
    pool += [s for s in sorted(every, key=lambda s: s.level) if s not in pool][: max(0, MOST - len(pool))]
    chosen = sorted(pool[:MOST], key=lambda s: s.level)
    if not chosen:
        return []
    kinds = [kind or KINDS[(seed + n) % len(KINDS)] for n in range(MOST)]
    tasks: list[Task] = []
    for n, wanted in enumerate(kinds):
        scenario = chosen[n % len(chosen)]
        # Spotting and mending take from the same replies.
        turn = sum(t.scenarios[0] is scenario and (t.kind == "reply") == (wanted == "reply") for t in tasks)
        tasks.append(Task(wanted, (scenario,), turn=turn))
    return tasks


def plan_due(cards: Sequence[Card], scenarios: Iterable[Scenario], seed: int) -> list[Task]:
    """A drill for each skill that is due, in its own kind of situation where that has one."""
    every = sorted(scenarios, key=lambda s: (s.level, _number(seed, s.id), s.id))
    tasks = []
    for n, card in enumerate(c for c in cards if c.skill.label in TEXTS):
        near = sorted(every, key=lambda s: s.playbook != card.skill.situation)
        kind = "reply" if card.skill.label in PRINCIPLES else KINDS[(seed + n) % 2]
        tasks.append(Task(kind, tuple(near), card.skill))
    return tasks[:MOST]


def find_rehearsal(
    due: Sequence[Card], scenarios: Iterable[Scenario], rehearsed: Sequence[tuple[str, str]]
) -> Scenario | None:
    """What is worth a whole rehearsal next: where two skills of a situation are due, or one was lost there.

    Args:
        due: the skills that are due.
        scenarios: those there are.
        rehearsed: scenario and outcome of the rehearsals, the newest first.

    """
    every = sorted(scenarios, key=lambda s: (s.level, s.id))
    won = {name for name, outcome in rehearsed if outcome == "won"}
    known = {s.id: s.playbook for s in every}
    situations = [card.skill.situation for card in due]
    wanted = [x for x in dict.fromkeys(situations) if situations.count(x) > 1]
    wanted += [known[name] for name, outcome in rehearsed if outcome == "lost" and name in known and name not in won]
    open_ones = [s for s in every if s.id not in won]
    return next((s for situation in wanted for s in open_ones if s.playbook == situation), None)


# --- making one


def make_drill(task: Task, read: Read, seed: int) -> Drill | None:
    """The drill that a task asks for; None where no scenario has one.

    Args:
        task: what is wanted.
        read: gives the review of a reply, with what the customer said and the case.
        seed: which of several.

    """
    make = _make_reply if task.kind == "reply" else _make_slip
    return next((d for d in (make(task, s, read, seed) for s in task.scenarios) if d), None)


def _make_reply(task: Task, scenario: Scenario, read: Read, seed: int) -> Drill | None:
    labels = [task.skill.label] if task.skill else [x for x in ORDER if x in scenario.win]
    first = _number(seed, scenario.id, "label") % len(labels)
    labels = labels[first:] + labels[:first]
    lines = {label: _find_lines(scenario, label, seed) for label in labels}
    asked = [(label, lines[label][n]) for n in range(_MOST_LINES) for label in labels if n < len(lines[label])]
    # Which of them have an example is found out only as far as it is needed.
    found = (
        (label, line, after, model)
        for label, (line, after) in asked
        if (model := find_model(scenario, (label,), line, read))
    )
    for label, line, after, model in islice(found, task.turn, None):
        skill = task.skill or Skill(label, scenario.playbook)
        return _drill(task.kind, scenario, skill, line, model)._replace(after=after)
    return None


def _make_slip(task: Task, scenario: Scenario, read: Read, seed: int) -> Drill | None:
    slips = [
        (reply, label)
        for reply, loses in scenario.bad_answers
        for label in VIOLATIONS
        if label in loses and (task.skill is None or label == task.skill.label)
    ]
    if task.turn >= len(slips):
        return None
    bad, label = slips[(_number(seed, scenario.id) + task.turn) % len(slips)]
    words = next((x.text for x in read(bad, scenario.opening, scenario.case).violations if x.label == label), "")
    model = find_model(scenario, (*MENDS[label], *PRINCIPLES), scenario.opening, read)
    if not words or not model:
        return None
    skill = task.skill or Skill(label, scenario.playbook)
    drill = _drill(task.kind, scenario, skill, scenario.opening, model)._replace(bad=bad, words=words)
    return drill._replace(side="ab"[_number(seed, bad, "side") % 2]) if task.kind == "spot" else drill


def _drill(kind: str, scenario: Scenario, skill: Skill, line: str, model: str) -> Drill:
    facts = _find_facts(scenario, skill.label, f"{model} {line}", _ALL_FACTS[kind])
    first = scenario.name.split()[0]
    return Drill(
        kind,
        skill,
        scenario.id,
        scenario.title,
        scenario.level,
        scenario.channel,
        first,
        line,
        facts,
        model,
        scenario.case,
    )


def _find_lines(scenario: Scenario, label: str, seed: int) -> list[tuple[str, str]]:
    """What the customer may say before a reply for a label, each with the slip that it answers.

    Half of the time the way begins where the call begins, else behind a slip.
    """
    harms = [harm for harm, mends in MENDS.items() if label in mends and harm != "HOSTILE"]
    reactions = [x for x in scenario.reactions if x.on in harms and not x.before and not x.words]
    lines = [(line, x.on) for x in reactions for line in x.says]
    number = _number(seed, scenario.id, label)
    first = (number // 2) % len(lines) if lines else 0
    lines = lines[first:] + lines[:first]
    return [(scenario.opening, ""), *lines] if number % 2 else [*lines, (scenario.opening, "")]


def find_model(scenario: Scenario, labels: Sequence[str], line: str, read: Read) -> str:
    """Words of a model answer that have one of the labels and harm nobody, as an answer to a line: the surest sentence.

    It carries the label in the answer as a whole and by itself, so that what the coach takes for it by chance is no
    example. Where no sentence does, two in a row or a whole answer may.
    """
    harms, may = set(VIOLATIONS), content_words(" ".join(scenario.you_may))
    wholes = [
        (reply, read(reply, line, scenario.case), n > 0)
        for route in scenario.model_answers
        for n, reply in enumerate(route)
    ]
    for label in labels:
        for size in (1, 2, 0):
            best, found = 0.0, ""
            for reply, whole, later in wholes:
                for piece in _find_pieces(scenario, reply, whole, label, size, later=later):
                    alone = read(piece, line, scenario.case)
                    if label in alone.labels and not harms & set(alone.labels):
                        sure = min(x.sure for x in (*whole.remarks, *alone.remarks) if x.label == label)
                        # What opens a conversation answers a first line better, and a few more words teach more.
                        # What gives something names what may be given.
                        given = len(content_words(piece) & may) / 10 if label in _GIVES else 0.0 if later else _EARLY
                        sure += given + min(len(piece), _TELLING) / 1000
                        best, found = max((best, found), (sure, piece))
            if found:
                return found
    return ""


def _find_pieces(
    scenario: Scenario, reply: str, whole: r.Review, label: str, size: int, *, later: bool
) -> Iterator[str]:
    """So many sentences in a row (0: all) that have a label's words in them and can be understood by themselves."""
    need = scenario.hidden
    # Words of the case may still be said in a way that only who knows the need would say them.
    told = content_words(scenario.opening)
    untold = content_words(f"{need.need} {need.says}") - told if need and later else set()
    starts = [x.start for x in whole.remarks if x.label == label]
    parts = read_parts(reply)
    size = size or len(parts)
    for first, last in zip(parts, parts[size - 1 :], strict=False):
        piece = reply[first.start : last.end]
        words = [lowered(word).strip(",") for word in piece.split()]
        leans = (words[0] in _LEANS or "those" in words[:5]) and (later or first.start)
        within = any(first.start <= start < last.end for start in starts)
        # What comes later in a conversation may speak of what nobody knows yet.
        if within and not leans and len(piece) >= _SHORT and not content_words(piece) & untold:
            yield piece


def _find_facts(scenario: Scenario, label: str, text: str, most: int) -> tuple[str, ...]:
    """The two or three facts that a reply needs most, short."""
    if not most:
        return ()
    wanted = content_words(text)

    def best(facts: Sequence[str], some: int) -> list[str]:
        order = sorted(range(len(facts)), key=lambda n: (-len(content_words(facts[n]) & wanted), n))[:some]
        return [_shorten(facts[n]) for n in sorted(order)]

    gives = label in _GIVES or bool(set(MENDS.get(label, ())) & _GIVES)
    found = best(scenario.you_know, 1 if gives else 2)
    if gives:
        may = [f"you may: {x}" for x in best(scenario.you_may, 1)]
        others = [f"not yours to promise: {x}" for x in best(scenario.others_decide, 1)]
        found += others + may if label == "OVERPROMISE" else may + others
    kept: list[str] = []
    for fact in found[:_MOST_FACTS]:
        if not kept or len(" ".join([*kept, fact])) <= most:
            kept.append(fact)
    return tuple(kept)


def _shorten(fact: str) -> str:
    """The first sentences of a fact, where it is long."""
    end = 0
    for part in read_parts(fact):
        if end and part.end > _SHORT_FACT:
            break
        end = part.end
    return fact[:end]


# --- what came of it


def remark_on(drill: Drill, review: r.Review) -> Remark:
    """The one remark on a reply: what harms comes first, then what the drill is for."""
    good = {x.label: x for x in sorted(review.remarks, key=lambda x: x.sure) if x.kind == "principle"}
    if harm := next(iter(review.violations), None):
        return Remark(harm.label, harm.text, harm.why, harm.instead)
    if drill.kind == "reply":
        label = drill.skill.label
        heard = good.get(label)
        also = next((x for x in reversed(good) if x != label), "")
    else:
        label, also = "", ""
        mends = [x for x in MENDS.get(drill.skill.label, ()) if x in good]
        heard = good[mends[0]] if mends else next(reversed(good.values()), None)
    if heard:
        return Remark(heard.label, heard.text, heard.why, drill.model, well=True)
    return Remark(label, "", "", drill.model, also)


def remark_on_pick(drill: Drill, picked: str) -> Remark:
    """The remark on which of two replies was picked as the one with the slip."""
    label = drill.skill.label
    return Remark(label, drill.words, TEXTS[label].why, drill.model, well=picked == drill.side)


def rate(drill: Drill, tries: int, *, well: bool) -> int:
    """How well a drill went, as `skills` rates: a second try is one with help."""
    if not well:
        return AGAIN
    if tries > 1:
        return HARD
    return EASY if drill.level >= HARDER else GOOD
