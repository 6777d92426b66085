"""The real program with a clock that can be put: `python -m tests.soak.desk …` reads its offset (ms) from a file."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def shifted(real: Callable[[], int], file: str) -> Callable[[], int]:
    """A clock in ns that is ahead of another by what stands in a file now."""

    def now() -> int:
        try:
            with open(file, encoding="ascii") as found:
                return real() + int(found.read() or 0) * 1_000_000
        except (OSError, ValueError):
            return real()

    return now


if __name__ == "__main__":
    time.time_ns = shifted(time.time_ns, os.environ["CALMDESK_SOAK_CLOCK"])
    from calmdesk.cli import main

    main()
