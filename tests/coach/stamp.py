"""What the file of learned weights was made of."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from calmdesk.coach import classes, features, sentences
from tests.coach.texts import FILES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.coach.corpora import Reply


def stamp(replies: Sequence[Reply]) -> str:
    """Tells one corpus from another, and one way of reading it: the replies, the features and the rules."""
    told = [json.dumps([[r.id, r.text, r.customer, r.facts, sorted(r.labels), r.spans] for r in replies])]
    told += [Path(module.__file__ or "").read_text("utf-8") for module in (features, classes, sentences)]
    told += [file.read_text("utf-8") for file in FILES]
    return sha256("\n".join(told).encode()).hexdigest()[:16]
