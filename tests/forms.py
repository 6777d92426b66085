"""The two forms of a long test: quick in the README's run, full with `CALMDESK_LONG=1`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
LONG = bool(os.environ.get("CALMDESK_LONG"))


def some_of(everything: Sequence[T], quick: int) -> list[T]:
    """All of them in the full form; so many, spread over the whole, in the quick one."""
    if LONG or len(everything) <= quick:
        return list(everything)
    return [everything[n * len(everything) // quick] for n in range(quick)]


def often(quick: int, full: int) -> int:
    """How often: as many times as the form asks for."""
    return full if LONG else quick
