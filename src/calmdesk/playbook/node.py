"""A value of a file and where it stands: all that is left of YAML once it has been read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from typing import Protocol

    from calmdesk.playbook.findings import Finding

    class Mark(Protocol):
        """A place as the parser keeps it: line and column from 0."""

        line: int
        column: int


_Value = Any
"""A text; key → (the key's node, the value's node) of a map; the nodes of a list; None."""


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
        """A map's entries: key → (the key's own node, the value's node); empty for other kinds."""
        return self.value if isinstance(self.value, dict) else {}

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
