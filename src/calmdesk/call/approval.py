"""The codes of an approval: read aloud in both directions, so that two desks agree on call, amount and day.

They guard against mistakes (a wrong amount, a wrong call, yesterday's code), not against fraud: whoever has
the team's key can make both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.safetext import clean, fold_digits

if TYPE_CHECKING:
    from calmdesk.call.events import ApprovalAsked
    from calmdesk.playbook.model import Policy

NO_KEY = b"calmdesk without a key of the team"
"""What codes are signed with where no team key is set: slips are caught all the same."""
# Letters that are told apart when they are read aloud over a bad line, and never spell a word.
_LETTERS = "bcdfghjkmnpqrstvwxz"
_REQUEST = re.compile(r"([a-z]{1,20}-u?\d{1,12})\.(\d{1,6})-([gr])(\d{1,12}(?:\.\d{1,4})?)-(\d{1,2})-([a-z]{4})\Z")


class Request(NamedTuple):
    """What a request code says: which call asks, for what, how much, on which day of the month."""

    call: str
    number: int
    kind: str
    amount: str
    day: int
    check: str


def _sign(key: bytes, *said: object) -> int:
    import hmac

    return int.from_bytes(hmac.digest(key or NO_KEY, "|".join(map(str, said)).encode(), "sha256")[:8], "big")


def _letters(number: int) -> str:
    return "".join(_LETTERS[number // len(_LETTERS) ** n % len(_LETTERS)] for n in range(4))


def request_code(key: bytes, asked: ApprovalAsked) -> str:
    """What the agent reads to the lead: `bvrgm-12.1-g80.00-25-kdfp`."""
    check = _letters(_sign(key, "asked", *_said(asked)))
    return f"{asked.call}.{asked.number}-{asked.kind[0]}{asked.amount}-{asked.day[8:]}-{check}"


def _said(asked: ApprovalAsked) -> tuple[object, ...]:
    return asked.call, asked.number, asked.kind, asked.ladder, asked.amount, asked.currency, asked.day, asked.role


def answer_digits(key: bytes, asked: ApprovalAsked, role: str) -> str:
    """The six digits with which somebody of this role says yes to exactly this request."""
    return f"{_sign(key, 'yes', role, *_said(asked)) % 1_000_000:06}"


def read_request(typed: str) -> Request | None:
    """A request code as it was typed or heard, in any case and with digits of any script; None where it is none."""
    found = _REQUEST.match(fold_digits(clean(typed)).lower().replace(" ", ""))
    if found is None:
        return None
    call, number, kind, amount, day, check = found.groups()
    return Request(call, int(number), "gesture" if kind == "g" else "restore", amount, int(day), check)


def find_asked(key: bytes, policy: Policy, request: Request, days: tuple[str, ...]) -> ApprovalAsked | None:
    """The request that a code was made from: which ladder, role and day its letters are right for; None for none."""
    from calmdesk.call.events import ApprovalAsked

    for ladder in policy.compiled.get("ladders") or {}:
        for rung in policy.ladder(ladder)[0]:
            for day in days:
                asked = ApprovalAsked(
                    "",
                    request.number,
                    day,
                    rung.role,
                    request.kind,
                    ladder,
                    request.amount,
                    policy.currency,
                    "",
                    "",
                    "",
                    request.call,
                )
                if _letters(_sign(key, "asked", *_said(asked))) == request.check:
                    return asked
    return None


def read_answer(typed: str) -> str:
    """The six digits of an answer (`lead-493817`, `493 817`); nothing where it is none."""
    word = re.sub(r"[\s-]+", "", fold_digits(clean(typed)))
    found = re.fullmatch(r"(?:.*\D\d*)?(\d{6})", word)
    return found.group(1) if found else ""


def utc_day(wall: int, days: int = 0) -> str:
    """The date of a wall clock (ms) in UTC, some days later: two desks in two time zones mean the same one."""
    from datetime import UTC, datetime, timedelta

    return (datetime.fromtimestamp(wall / 1000, UTC) + timedelta(days=days)).date().isoformat()
