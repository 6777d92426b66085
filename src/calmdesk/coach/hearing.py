"""What a customer hears in a reply: the coach's review, held against what this scenario knows of the case.

The coach reads one reply and no more; here it is known what may be given, what was only told, and that a sentence
which hurts is heard for the hurt alone. It takes labels away and never adds one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.coach.features import content_words, read_parts
from calmdesk.coach.scenario_keys import PRINCIPLES, VIOLATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calmdesk.coach.features import Part
    from calmdesk.coach.review import Remark, Review
    from calmdesk.coach.scenario import Scenario

    Read = Callable[[str, str, str], Review]
    """A reply, what the customer said before it, and the case → its review."""

_DEEDS = frozenset({"REMEDY", "NEXT_STEP"})
"""What is about what somebody does from here on."""
_READY = re.compile(
    r"\b(?:is|are) (?:held|booked|on (?:its|the) way|ready|yours|stopped|sorted|settled|done|open)\b|\b(?:goes|comes) ",
    re.IGNORECASE,
)
"""What there is to be had, whatever else a sentence tells."""
_BEHIND = re.compile(
    r"\b(?:was|were|did(?:n['’]t)?|had|\w+ed|took|came|went|left|sent|said|told|rang|gave|got|lost|made|kept|sat|broke)\b",
    re.IGNORECASE,
)
_SURE = re.compile(
    r"\b(?:definite\w*|guarantee\w*|promise|for sure|certain\w*|never again|always|100)\b", re.IGNORECASE
)


def hear(scenario: Scenario, read: Read, reply: str, customer: str) -> Review:
    """What a customer hears in a reply. Never raises.

    Args:
        scenario: who they are, and what may be given.
        read: the coach.
        reply: what is said to them.
        customer: what they had said before it.

    """
    if scenario.opening not in customer:
        # What they said first is said back as well as what they said last.
        customer = f"{scenario.opening} {customer}".strip()
    review = read(reply, customer, scenario.case)
    parts = read_parts(reply)

    known: dict[str, Sequence[Remark]] = {}

    def alone(said: str, label: str) -> list[Remark]:
        if said not in known:
            known[said] = read(said, customer, scenario.case).remarks
        return [r for r in known[said] if r.label == label]

    harms = [
        r
        for r in (_place(reply, parts, r, alone) for r in review.remarks if r.label in VIOLATIONS)
        if not _is_misheard(reply, parts, r, customer)
        and not _may_be_given(scenario, reply, parts, r)
        and not _is_history(f"{' '.join(scenario.you_know)} {customer}", reply, parts, r)
    ]
    hurt = {_find_part(parts, r) for r in harms}
    sound = [p for p in parts if p not in hurt]
    heard = _Heard(reply, review.remarks, sound, lambda said, label: bool(alone(said, label)))
    good = [found for r in review.remarks if r.label in PRINCIPLES and (found := _hold(heard, r)) is not None]
    kept = {r.label for r in (*harms, *good)}
    remarks = tuple(sorted((*harms, *good), key=lambda r: (r.start, r.end, r.label)))
    return review._replace(labels=tuple(x for x in review.labels if x in kept), remarks=remarks)


def find_sentence(reply: str, remark: Remark) -> str:
    """The whole sentence that a remark is about."""
    part = _find_part(read_parts(reply), remark)
    return reply[part.start : part.end] if part else remark.text


def _find_part(parts: Sequence[Part], remark: Remark) -> Part | None:
    return next((p for p in parts if p.start <= remark.start < p.end), None)


def _is_misheard(reply: str, parts: Sequence[Part], remark: Remark, customer: str) -> bool:
    """Whether what was learned took something for harm that its words can't be.

    An apology without one, a kind question, their own words said back.
    """
    part = _find_part(parts, remark)
    if remark.rule or part is None:
        return False
    said = reply[part.start : part.end]
    if remark.label == "EMPTY_APOLOGY":
        return not _SORRY.search(reply)
    if remark.label == "DISMISS":
        return bool(_LEAVES_TIME.search(said)) or len(said.split()) < _BANTER
    kind = _ASKS_THEM.search(reply) or ((words := content_words(said)) and words <= content_words(customer))
    return remark.label == "HOSTILE" and bool(kind) and not _RUDE.search(reply)


def _place(reply: str, parts: Sequence[Part], remark: Remark, alone: Callable[[str, str], Sequence[Remark]]) -> Remark:
    """A remark on harm, about the sentence that does it: the one that does it most plainly by itself."""
    own = _find_part(parts, remark)
    if remark.label == "EMPTY_APOLOGY" and not remark.rule:
        saying = [p for p in parts if _SORRY.search(reply, p.start, p.end)]
        return remark if own in saying or not saying else _move(reply, remark, saying[0])
    if remark.rule or len(parts) == 1:
        return remark
    doing = {p: max(r.sure for r in found) for p in parts if (found := alone(reply[p.start : p.end], remark.label))}
    return _move(reply, remark, max(doing, key=doing.__getitem__)) if doing else remark


def _move(reply: str, remark: Remark, part: Part) -> Remark:
    return remark._replace(start=part.start, end=part.end, text=reply[part.start : part.end])


class _Heard(NamedTuple):
    """A reply while it is heard: what the coach saw in it, and the sentences of it that don't hurt."""

    reply: str
    remarks: Sequence[Remark]
    parts: Sequence[Part]
    alone: Callable[[str, str], bool]
    """A sentence and a label → whether the coach sees it there by itself."""

    def said(self, part: Part) -> str:
        """A sentence's words."""
        return self.reply[part.start : part.end]


def _hold(heard: _Heard, remark: Remark) -> Remark | None:
    """A remark on something good that stands up to a second look, about the sentence that carries it; else nothing."""
    reply, label = heard.reply, remark.label
    own = _find_part(heard.parts, remark)
    if own is None:
        return None
    if label in _DEEDS:
        return _hold_deed(heard, remark, own)
    if label == "OWN" and _BUT.search(reply, remark.start, own.end):
        return None
    if remark.rule and not (label == "REFLECT" and _asks(heard.said(own))):
        return remark
    carrying = [p for p in heard.parts if heard.alone(heard.said(p), label) and _fits(label, heard.said(p))]
    if label == "REFLECT":
        # Who asks whether they got it right has said it back in the sentence before.
        carrying.sort(key=lambda p: _asks(heard.said(p)))
    elif own in carrying:
        return remark
    if carrying:
        return _move(reply, remark, carrying[0])
    # Who reads out what stands in the notes owns nothing: what was learned must see it in a sentence by itself.
    return remark if label != "OWN" and _fits(label, heard.said(own)) else None


def _fits(label: str, said: str) -> bool:
    """Whether words can be what was learned of others like them."""
    never, needed = _NEVER.get(label), _NEEDED.get(label)
    return not (never and never.search(said)) and not (needed and not needed.search(said))


def _hold_deed(heard: _Heard, remark: Remark, own: Part) -> Remark | None:
    """The coach knows that it is somewhere in the reply; a sentence that does something of somebody's will carries it."""
    step = remark.label == "NEXT_STEP"
    felt = {_find_part(heard.parts, r) for r in heard.remarks if r.label in _HEARS}
    doing = [
        p for p in heard.parts if _WILL.search(said := heard.said(p)) and _does(said) and not _NO_STEP.search(said)
    ]
    # A sentence that hears somebody acts only where it says so plainly.
    plain = [p for p in doing if p not in felt or _I_WILL.search(heard.said(p))]
    if step:
        # A guarantee says how sure somebody is, and not what they do.
        plain = [p for p in plain if not _SURE.search(heard.said(p))]
    sure = [p for p in (plain if step else doing) if heard.alone(heard.said(p), remark.label)]
    if best := next(iter((*sure, *plain)), None):
        return _move(heard.reply, remark, best)
    said = heard.said(own)
    return None if step or own in felt or not _does(said) or _NO_STEP.search(said) else remark


def _asks(said: str) -> bool:
    return said.rstrip('”"’) ').endswith("?")


def _does(said: str) -> bool:
    """Whether a sentence says what somebody does, or what there is to be had; a bare question and a bare story don't."""
    if _asks(said):
        return bool(_OFFERS.search(said))
    return not _BEHIND.search(said) or bool(_WILL.search(said) or _READY.search(said))


_HEARS = frozenset({"ACK", "REFLECT", "OWN"})
_WILL = re.compile(
    r"['’]ll\b|\bwill\b|\blet me\b(?! (?:check|see|say|read|get|make sure))"
    r"|\b(?:I|we)(?:['’](?:m|re)| am| are) (?!so |very |really |truly |sorry|reading|looking|afraid|here|not )"
    r"|\b(?:I|we) (?:can|could)\b(?!['’]t|not| see| hear| tell| understand)"
    r"|\b(?:I|we) (?:book|send|call|ring|bring|order|write|refund)\b"
    r"|\b(?:I|we)(?:['’]ve| have) (?:just |already |now )?(?:put|sent|booked|asked|stopped|ordered|opened|refunded|given|set|moved|added|arranged|cancelled|canceled|closed|changed|ended|released|credited|reversed|corrected|held|reserved|paid|taken off)\b",
    re.IGNORECASE,
)
"""What somebody does of their own will; without it a sentence that says how it was for them says only that."""
_I_WILL = re.compile(
    r"\b(?:I|we)(?:['’]ll| will)\b|\bI['’]m \w+ing\b|\bI (?:book|send|call|ring|bring|order|write|refund)\b",
    re.IGNORECASE,
)
_NO_STEP = re.compile(
    r"\b(?:just asking|asking (?:what|why|if|whether|you)|wondering|hoping|required|merely|calling (?:about|because)|ringing (?:about|because)|we['’]re (?:taking|charging|keeping)"
    r"|I['’]ll (?:leave|skip|ignore|use)|I['’]m glad|I['’]ll be (?:short|brief|quick|honest|frank|clear))\b"
    r"|\b(?:can['’]t|cannot|don['’]t know|not sure|I (?:do |can )?see|I (?:know|understand|hear))\b(?!.*\b(?:I|we)['’]ll\b)",
    re.IGNORECASE,
)
"""Words of a sentence after which nobody knows what happens next."""
_RECORDS = r"\baccording to\b|\b(?:records?|system|log) (?:shows?|says?|has|have)\b"
_NEVER = {
    label: re.compile(words, re.IGNORECASE)
    for label, words in {
        # Who is sorry to hear it says sorry for nothing of ours.
        "APOLOGY": r"\bsorry to hear\b(?!.*\b(?:we|our|us)\b)",
        # Who denies it, supposes it, or is sorry for a loss owns nothing; who says what wasn't done for them does.
        "OWN": r"\b(?:we|I) (?:didn['’]t|did not|haven['’]t|have not|never)(?: \w+)? "
        r"(?:took|take|taken|charged?|los[et]|lost|broken?|broke|cancel\w*|deleted?|damaged?|caused?|do|done)\b"
        r"|\b(?:not|isn['’]t|wasn['’]t) (?:ours|us|our (?:fault|mistake|doing))\b|\bI suppose\b|\bmaybe\b|\b(?:looks|seems) (?:like|as if)\b|\bonly joking\b|\bno need to\b"
        r"|\bsorry (?:about|for|to hear (?:about|of)) (?:your|his|her|their) ",
        # Who reads out, or speaks of themselves, hears nobody.
        "REFLECT": rf"{_RECORDS}|\bI checked\b|\bwrite (?:it|this) down\b|\bI['’]m not (?:a|here)\b",
        "ACK": _RECORDS,
    }.items()
}
"""Label → words that are never it, whatever was learned of others like them."""
_NEEDED = {
    "OFFER_HELP": re.compile(
        r"\?|\b(?:call|ring|write|text|reach|ask|come back|let me know|number|anything|whenever|always)\b",
        re.IGNORECASE,
    ),
}
"""Label → words one of which stands in it."""
_BANTER = 4
"""A sentence of fewer words makes nothing small."""
_SORRY = re.compile(r"sorr|apolog|inconvenien|regret|pardon|forgive|unfortunate", re.IGNORECASE)
_ASKS_THEM = re.compile(r"\b(?:who|what|which|where|when|how)\b[^.!?]*\byou\b[^.!?]*\?", re.IGNORECASE)
"""A question about them and what they want."""
_LEAVES_TIME = re.compile(r"\b(?:take your time|no rush|check away|whenever you['’]re ready)\b", re.IGNORECASE)
_RUDE = re.compile(
    r"\b(?:stupid|idiot|wrong with|problem|expect|want me|think you|do you think|hell|even|serious)\b", re.IGNORECASE
)
_BUT = re.compile(r"[,;–—-] ?but\b", re.IGNORECASE)
_OFFERS = re.compile(
    r"\b(?:(?:can|could|may|shall|should) (?:I|we)|would you (?:like|prefer|rather)|do you want|['’]ll|will)\b",
    re.IGNORECASE,
)
"""How a question offers something."""


def _may_be_given(scenario: Scenario, reply: str, parts: Sequence[Part], remark: Remark) -> bool:
    """Whether what sounds like too much is just what the hire may promise here."""
    part = _find_part(parts, remark)
    if remark.label != "OVERPROMISE" or remark.rule or part is None:
        return False
    said = reply[part.start : part.end]
    words = content_words(said)
    theirs = any(len(words & content_words(x)) > 1 for x in scenario.others_decide)
    return not theirs and not _SURE.search(said) and any(len(words & content_words(x)) > 1 for x in scenario.you_may)


def _is_history(told: str, reply: str, parts: Sequence[Part], remark: Remark) -> bool:
    """Whether what sounds like a closed door is what happened to them, told in words of theirs or of the case."""
    part = _find_part(parts, remark)
    if remark.label != "STONEWALL" or remark.rule or part is None:
        return False
    words = content_words(reply[part.start : part.end])
    shared = words & content_words(told)
    return len(shared) > _SHARED or (len(shared) > 1 and len(shared) >= _MOSTLY * len(words))


_SHARED, _MOSTLY = 3, 0.6
"""Who shares more words than these, or most of their words, with what is known tells it."""
