"""What each label does to the person who reads it, and words that would do better and add no fact.

The labels are those of `tests/coach/labels.md`; what they rest on stands there.
"""

from __future__ import annotations

from typing import NamedTuple


class LabelText(NamedTuple):
    """A label in words."""

    name: str
    why: str
    """What such words do to the person who reads them, in one line."""
    instead: tuple[str, ...]
    """For a violation, wordings that would work and add no number, name or promise; none for a principle."""


TEXTS: dict[str, LabelText] = {
    "HOSTILE": LabelText(
        "hostile",
        "It strikes back, and from here on the fight is what they remember.",
        ("I want to get this right with you.", "I hear how angry this makes you."),
    ),
    "BLAME": LabelText(
        "blame",
        "It hands the failure to somebody else, and they are alone with it.",
        (
            "You came to us with this, so it stays with me.",
            "How it happened can wait: what matters is what it cost you.",
        ),
    ),
    "DISMISS": LabelText(
        "dismissing",
        "It makes what they feel smaller than it is, so they have to say it louder.",
        ("I can see what this has cost you.", "I understand why this makes you angry."),
    ),
    "STONEWALL": LabelText(
        "a closed door",
        "It ends the talk and leaves them with nothing to go on with.",
        (
            "That part isn't in my hands. Let's look at what is.",
            "That isn't mine to decide. Let's see what we can do from here.",
        ),
    ),
    "OVERPROMISE": LabelText(
        "too much promised",
        "It promises what isn't in your hands; if it fails, so does your word.",
        ("What I can promise is what I do myself.", "I can't promise that part, so I won't."),
    ),
    "EMPTY_APOLOGY": LabelText(
        "an empty apology",
        "It says sorry and takes nothing on, and it is read that way.",
        ("I'm sorry that this happened to you.", "I'm sorry. You had every reason to expect better."),
    ),
    "APOLOGY": LabelText("an apology", "It says sorry for what happened, without conditions.", ()),
    "OWN": LabelText("owning it", "It says whose failure it was, and they can stop proving it.", ()),
    "ACK": LabelText("seeing the feeling", "It names what this was like for them, and they needn't repeat it.", ()),
    "REFLECT": LabelText("saying it back", "It gives their own case back, so they know they were heard.", ()),
    "REMEDY": LabelText("putting it right", "It makes the loss good.", ()),
    "NEXT_STEP": LabelText("a next step", "It says who does what, so they can let go of it.", ()),
    "OFFER_HELP": LabelText("an open door", "It asks for what else they need before they have to.", ()),
    "BOUNDARY": LabelText("a limit", "It names what can't go on and keeps the way open.", ()),
}
"""Label → its texts; violations first, the most harmful first."""

VIOLATIONS = tuple(label for label, text in TEXTS.items() if text.instead)

MISSING: dict[str, tuple[str, str]] = {
    "OWN": (
        "It doesn't say whose failure it was: they still have to prove it.",
        "This was our mistake.",
    ),
    "APOLOGY": (
        "It doesn't say sorry for what happened.",
        "I'm sorry that this happened to you.",
    ),
}
"""What the first reply after a failure of ours says, what its absence does, and words for it (claims of `HEARD` and
`LAST` in `research/coach.md` 5: responsibility first)."""
