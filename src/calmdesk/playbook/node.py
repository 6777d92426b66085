"""A value of a file and where it stands: all that is left of YAML once it has been read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from typing import Protocol

    from calmdesk.playbook.findings import Finding

    class Mark(Protocol):
        """A place as the parser keeps it: line and column from 0."""

        line: int
        column: int


_Value = Any
"""A text; key → (where it stands, the value's node) of a map; the nodes of a list; None."""


class Node:
    """A value of the file and where it stands: `kind` is text, number, flag, null, map, list, or refused (told already)."""

    __slots__ = ("kind", "mark", "value")

    def __init__(self, kind: str, value: _Value, mark: Mark) -> None:
        self.kind = kind
        self.value = value
        self.mark = mark

    @property
    def line(self) -> int:
        """Its line, from 1."""
        return self.mark.line + 1

    @property
    def column(self) -> int:
        """Its column, from 1."""
        return self.mark.column + 1

    @property
    def entries(self) -> dict[str, tuple[Node, Node]]:
        """A map's entries: key → (a node of the key itself, the value's node); empty for other kinds."""
        if not isinstance(self.value, dict):
            return {}
        return {name: (Node("text", name, mark), value) for name, (mark, value) in self.value.items()}

    @property
    def names(self) -> AbstractSet[str]:
        """A map's keys; none for other kinds."""
        return self.value.keys() if isinstance(self.value, dict) else frozenset()

    def get(self, name: str) -> Node | None:
        """The value of a map's key; None where there is none."""
        found: tuple[Mark, Node] | None = self.value.get(name) if isinstance(self.value, dict) else None
        return found[1] if found else None

    @property
    def items(self) -> list[Node]:
        """A list's items; empty for other kinds."""
        return self.value if isinstance(self.value, list) else []

    @property
    def text(self) -> str:
        """A scalar as it was written."""
        return self.value if isinstance(self.value, str) else ""


class Source(NamedTuple):
    """One file, read: the root node (None where nothing could be read) and what is wrong with it."""

    root: Node | None
    findings: tuple[Finding, ...]
