"""At least one example of each kind of event; a new kind without one fails `test_codec`."""

from __future__ import annotations

from calmdesk.call import events as e

TOP = (e.Frame(0, e.TOP, "angry-caller", "hear"),)
DEEP = (*TOP, e.Frame(3, e.CUT, "abusive-caller", "limit-one"), e.Frame(4, e.MODULE, "hold", "waiting"))
DIGESTS = (("policy", "0" * 32), ("angry-caller", "ab" * 16))

EXAMPLES: tuple[e.Event, ...] = (
    e.Rehearsed("bike-for-saturday", "cd" * 16, 7, "cues"),
    e.Said("I'm sorry the red bike is late.", ("APOLOGY", "REFLECT")),
    e.Rehearsed("bike-for-saturday", "cd" * 16, 7, "playbook", 30, TOP, DIGESTS, "chat"),
    e.Waited(41),
    e.Drilled("fix", "BLAME", "late-delivery", 3, "We lost your bike."),
    e.Drilled("spot", "DISMISS", "", 1),
    e.Coached(("BLAME", "OWN")),
    e.RehearsalEnded("won", (("OWN", 3), ("BLAME", 1))),
    e.Said("Hm.", ()),
    e.CustomerSaid("Finally.", (("heat", 5), ("shame", 0))),
    e.Hinted(2),
    e.Rewound(0),
    e.RehearsalEnded("won"),
    e.Started(TOP, DIGESTS, "phone", "K-7"),
    e.Started((), (), "", ""),
    e.Moved("choice", "finished", TOP),
    e.Moved("on", "", DEEP, ("problem", "stake")),
    e.Interrupted("insults", DEEP),
    e.WentBack(3),
    e.Answered("problem", "text", "The red bike is late — «naïve» \U0001f6b2"),
    e.Answered("price", "money", "8.90", given=True),
    e.Corrected("problem", "text", "It's lost", 4, TOP),
    e.Corrected("price", "money", "9.00", 0, ()),
    e.Ticked("They finished"),
    e.Unticked("They finished"),
    e.Overrode(("They finished", "I said it")),
    e.Noted("Rings back after five"),
    e.SaidOtherwise(),
    e.Held(1_795_615_560_000),
    e.CameBack(),
    e.Offered("o1", "gesture", "goodwill", "13.35", "USD", "8.90", "The cap: 1.5 × 8.90."),
    e.ApprovalAsked(
        "o1", 1, "2026-11-25", "lead", "gesture", "goodwill", "40.00", "USD", "90.00", "Above the rung.", "price"
    ),
    e.ApprovalMissed("o1"),
    e.Approved("o1", "lead-493817"),
    e.Renewed(DIGESTS, 3, TOP),
    e.Unmasked("note 0", "her order is 4111 1111 1111 1111"),
    e.ApprovalGiven("bcdfg-12", 1, "2026-11-25", "lead", "gesture", "goodwill", "40.00", "USD", "493817"),
    e.ApprovalMatched(),
    e.Refused("o2", "No gesture: it was the customer's own slip.", "ladder"),
    e.Accepted("o1", yes=True),
    e.Accepted("o1", yes=False),
    e.Promised("p1", "Fixed: the red bike", "2026-11-25T17:00+00:00", "me"),
    e.Kept("o1"),
    e.Withdrew("p1", "changed"),
    e.HandedOver("Priya"),
    e.Parked("by the agent"),
    e.Resumed("bcdfg", DIGESTS),
    e.Ended("recovered"),
    e.PromiseKept("p1"),
    e.PromiseMoved("p1", "2026-11-26T17:00+00:00"),
    e.PromiseBroken("p1"),
    e.Forgotten(),
)
