"""What a benchmark says: ratios with their limits, one a line."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Figure(NamedTuple):
    """One figure: what was measured, against what, how much it may be, and how much it was on this machine."""

    name: str
    value: float
    limit: float | None = None
    aim: float | None = None
    measured: float | None = None
    unit: str = "ms"
    note: str = ""

    @property
    def kept(self) -> bool:
        """Whether the limit holds."""
        return self.limit is None or self.value <= self.limit

    def __str__(self) -> str:
        aim = f", aim {self.aim:g}" if self.aim is not None else ""
        limit = f" (limit {self.limit:.3g}{aim})" if self.limit is not None else ""
        measured = f"  {self.measured:.4g} {self.unit}" if self.measured is not None else ""
        over = "" if self.kept else "  OVER"
        return f"{self.name}: {self.value:.3g}{limit}{measured}{over}{'  ' + self.note if self.note else ''}"


def ratio(times: Sequence[float], others: Sequence[float]) -> float:
    """The median of the ratios of times taken in the same round."""
    return median(a / b for a, b in zip(times, others, strict=True))


def worst(times: Sequence[float], share: float = 0.99) -> float:
    """The time that this share of all stays within."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]
