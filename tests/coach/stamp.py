"""What the file of learned weights was made of: the corpus, and how a reply is read."""

from __future__ import annotations

import inspect
import json
from hashlib import sha256
from typing import TYPE_CHECKING

from calmdesk.coach.features import read_case, read_parts, signs
from calmdesk.coach.learned import ALL_LABELS, each_gram
from calmdesk.coach.review import tell_apart
from tests.coach.texts import shipped_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.coach.corpora import Reply

EACH = 61
"""Every so many replies is read; that tells one way of reading from another."""


def stamp(replies: Sequence[Reply]) -> str:
    """Tells one corpus from another, and one way of reading it: sentences, grams, signs, rules that hold, all together."""
    told: list[object] = [ALL_LABELS, inspect.getsource(tell_apart)]
    told.append([[r.id, r.writer, r.text, r.customer, r.facts, sorted(r.labels), r.spans] for r in replies])
    rules = shipped_rules()
    for reply in replies[::EACH]:
        parts, case = read_parts(reply.text), read_case(reply.customer, reply.facts)
        for n, part in enumerate(parts):
            said = reply.text[part.start : part.end]
            grams = [sorted(grams) for _, grams in each_gram(said)]
            told.append([part, grams, [round(x, 6) for x in signs(said, n, len(parts), case)]])
        told.append([(hit.rule.id, hit.start, hit.end) for hit in rules.find(reply.text, case)])
    return sha256(json.dumps(told).encode()).hexdigest()[:16]
