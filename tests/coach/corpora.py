"""The coach's corpus: invented replies to invented complaints, each with the labels that its words earn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
DEVELOPMENT = HERE / "replies-dev.jsonl"


class Reply(NamedTuple):
    """One reply: who wrote it is the file's name, `group` is its complaint."""

    id: str
    writer: str
    group: str
    facts: str
    customer: str
    text: str
    labels: frozenset[str]
    spans: tuple[tuple[str, str], ...] = ()
    disputed: frozenset[str] = frozenset()


def read_replies(path: Path) -> list[Reply]:
    """The replies of one file."""
    found = []
    for line in filter(None, path.read_text(encoding="utf-8").split("\n")):
        row = json.loads(line)
        found.append(
            Reply(
                row["id"],
                path.stem,
                f"{path.stem} {row.get('complaint') or row.get('brand')}",
                row.get("facts") or "",
                row.get("customer") or "",
                row["reply"],
                frozenset(row.get("labels") or ()),
                tuple((row.get("spans") or {}).items()),
                frozenset(row.get("disputed") or ()),
            )
        )
    return found


def read_corpus() -> list[Reply]:
    """All replies to learn from, in the order of the files' names."""
    return [reply for path in sorted(CORPUS.glob("*.jsonl")) for reply in read_replies(path)]
