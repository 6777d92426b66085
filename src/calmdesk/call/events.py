"""What happened on a call: past tense, frozen, one value an event. Nothing here is ever rewritten.

An event carries where it led (`place`), so that `evolve` needs no playbook. Money is exact text,
a point in time is ISO 8601 with offset, a length of time is milliseconds.
"""

from __future__ import annotations

from typing import NamedTuple, get_args

TOP, MODULE, CUT, POLICY_CUT = "top", "module", "cut", "policy"


class Stamp(NamedTuple):
    """When something was written: wall clock and monotonic clock in ms, and which boot the latter counts from."""

    wall: int
    mono: int
    boot: str


class Frame(NamedTuple):
    """One file being played: `serial` tells two playings of the same file apart.

    `kind` is `top`, `module` (played by a step), `cut` (a playbook's interruption) or `policy`
    (a policy's interruption, whose facts are its own).
    """

    serial: int
    kind: str
    book: str
    step: str


Place = tuple[Frame, ...]
"""Where a call stands: the stack of what is being played, the deepest last."""


class Started(NamedTuple):
    """A call began; `digests` are (id, digest) of every text it may play, `path` the file, where one was named."""

    place: Place
    digests: tuple[tuple[str, str], ...]
    channel: str
    case: str
    path: str = ""


class Moved(NamedTuple):
    """The call went on: by choice, on, skip, return or go; `forgot` are facts to be asked anew."""

    by: str
    choice: str
    place: Place
    forgot: tuple[str, ...] = ()


class Interrupted(NamedTuple):
    """The customer cut in, or the agent needed something else first."""

    id: str
    place: Place


class WentBack(NamedTuple):
    """The last answers were taken back, down to the one with the number `to`."""

    to: int


class Answered(NamedTuple):
    """A fact got its value; `given` beforehand means that nobody was asked."""

    fact: str
    kind: str
    value: str
    given: bool = False


class Corrected(NamedTuple):
    """An earlier fact was corrected; `kept` visits of the path still hold, and the call stands at `place`."""

    fact: str
    kind: str
    value: str
    kept: int
    place: Place


class Ticked(NamedTuple):
    """A check was ticked; it is known by its text."""

    check: str


class Unticked(NamedTuple):
    """A tick was taken away."""

    check: str


class Overrode(NamedTuple):
    """The agent went on with these checks open."""

    checks: tuple[str, ...]


class Noted(NamedTuple):
    """A note was typed."""

    text: str


class SaidOtherwise(NamedTuple):
    """The next variant of the line was asked for."""


class Held(NamedTuple):
    """The customer is on hold; the agent said to be back by `until` (wall clock, ms)."""

    until: int


class CameBack(NamedTuple):
    """The hold is over."""


class Offered(NamedTuple):
    """Something was offered.

    `on` is the price it was measured by (the value of `fact`), `reason` the rule that proposed it.
    """

    id: str
    kind: str
    ladder: str
    amount: str
    currency: str
    on: str
    reason: str
    fact: str = ""


class ApprovalAsked(NamedTuple):
    """An offer above the agent's authority waits for somebody who may give that much.

    `number` counts the requests of this call, `day` (ISO, UTC) is the day on which it may be answered, `role`
    the lowest that may; the rest is the offer as it will be made.
    """

    id: str
    number: int
    day: str
    role: str
    kind: str
    ladder: str
    amount: str
    currency: str
    on: str
    reason: str
    fact: str = ""
    call: str = ""
    """The call's id, as the code says it."""


class ApprovalMissed(NamedTuple):
    """A code was typed that doesn't answer the request."""

    id: str


class Approved(NamedTuple):
    """Somebody with the authority approved an offer; `code` is the role and the digits that were read aloud."""

    id: str
    code: str


class Refused(NamedTuple):
    """An offer that a step asks for was not made, and why: `by` the agent, or by the ladder."""

    id: str
    why: str
    by: str = "agent"


class Accepted(NamedTuple):
    """The customer answered an offer."""

    id: str
    yes: bool


class Promised(NamedTuple):
    """Something was promised: what, by when, by whom; by a step as it says, or by the agent in between."""

    id: str
    what: str
    by: str
    who: str
    by_step: bool = False


class Kept(NamedTuple):
    """Coming back to a step, what was offered or promised there was kept as it is."""

    id: str


class Withdrew(NamedTuple):
    """An offer or a promise was taken back, and why; `forgot` are facts to be asked anew."""

    id: str
    why: str
    forgot: tuple[str, ...] = ()


class HandedOver(NamedTuple):
    """A colleague took the call."""

    to: str


class Parked(NamedTuple):
    """The call was laid aside, and why."""

    why: str


class Resumed(NamedTuple):
    """The call went on at this desk, against these texts."""

    desk: str
    digests: tuple[tuple[str, str], ...]


class Renewed(NamedTuple):
    """The call goes on with newer texts: `kept` visits of the path still hold, and the call stands at `place`."""

    digests: tuple[tuple[str, str], ...]
    kept: int
    place: Place


class Unmasked(NamedTuple):
    """What was taken for something private was no such thing: `what` is note N, fact NAME, promise ID or hand-over."""

    what: str
    text: str


class Ended(NamedTuple):
    """The call is over."""

    disposition: str


class PromiseKept(NamedTuple):
    """A promise was kept."""

    id: str


class PromiseMoved(NamedTuple):
    """A promise got a new time."""

    id: str
    by: str


class PromiseBroken(NamedTuple):
    """A promise was not kept."""

    id: str


class Forgotten(NamedTuple):
    """The words typed on this call were deleted."""


class ApprovalGiven(NamedTuple):
    """This desk's lead answered the request of another desk's call; it stands in no call of this desk."""

    call: str
    number: int
    day: str
    role: str
    kind: str
    ladder: str
    amount: str
    currency: str
    code: str


class ApprovalMatched(NamedTuple):
    """The call for which an approval was given has it too."""


# --- a rehearsal: a conversation of its own, which is no call


class Rehearsed(NamedTuple):
    """A rehearsal began: the scenario and the digest of its text, the seed, and how much help stands on the screen."""

    scenario: str
    digest: str
    seed: int
    level: str
    clock: int = 0
    """So many seconds the customer waits for a reply; 0: as long as it takes."""
    place: Place = ()
    """Where the playbook began beside it."""
    digests: tuple[tuple[str, str], ...] = ()
    """(id, digest) of every text that the playbook may play."""
    channel: str = "phone"


class Waited(NamedTuple):
    """The customer was kept waiting without a word, for so many seconds: past the clock, or on hold."""

    seconds: int


class Said(NamedTuple):
    """The hire said something; `labels` is what the coach saw in it then."""

    text: str
    labels: tuple[str, ...]


class CustomerSaid(NamedTuple):
    """What the customer answered, and where the meters stood after it: (name, from 0 to 10) each."""

    text: str
    meters: tuple[tuple[str, int], ...]


class Hinted(NamedTuple):
    """Help was asked for: 1 a nudge, 2 a cue, 3 an example."""

    grade: int


class Rewound(NamedTuple):
    """Back to before a turn (from 0), to try other words; what was said stays beside it."""

    to: int


class RehearsalEnded(NamedTuple):
    """The rehearsal is over: won, lost, or left; `ratings` is how well each label went, from 1 (again) to 4 (easy)."""

    outcome: str
    ratings: tuple[tuple[str, int], ...] = ()


class Drilled(NamedTuple):
    """A quick drill was answered: `reply`, `spot` or `fix`, the label and the playbook it trains, and how well it went."""

    drill: str
    label: str
    situation: str
    rating: int
    text: str = ""


class Coached(NamedTuple):
    """The coach was asked about a reply that somebody meant to send, and found these labels in it."""

    labels: tuple[str, ...]


Event = (
    Started
    | Moved
    | Interrupted
    | WentBack
    | Answered
    | Corrected
    | Ticked
    | Unticked
    | Overrode
    | Noted
    | SaidOtherwise
    | Held
    | CameBack
    | Offered
    | ApprovalAsked
    | ApprovalMissed
    | Approved
    | Refused
    | Accepted
    | Promised
    | Kept
    | Withdrew
    | HandedOver
    | Parked
    | Resumed
    | Renewed
    | Unmasked
    | Ended
    | PromiseKept
    | PromiseMoved
    | PromiseBroken
    | Forgotten
    | ApprovalGiven
    | ApprovalMatched
    | Rehearsed
    | Waited
    | Said
    | CustomerSaid
    | Hinted
    | Rewound
    | RehearsalEnded
    | Drilled
    | Coached
)
EVENTS: tuple[type[Event], ...] = get_args(Event)
