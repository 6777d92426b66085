"""What of the team's policy nobody has decided yet: values that calmdesk ships and marks as placeholders.

A value counts as decided once a nearer policy changes it, or keeps it and takes the word out of its comment.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from calmdesk.playbook.folders import built_in_folder, policy_paths, read_file
from calmdesk.playbook.source import read_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from calmdesk.playbook.folders import Library
    from calmdesk.playbook.node import Node

Key = tuple[str | int, ...]
_COMMENT = re.compile(r"\s#\s*placeholder\b[:.]?\s*(.*)", re.IGNORECASE)
_IN_TEXT = "PLACEHOLDER"
_GROUPS = {"map", "list"}


class Placeholder(NamedTuple):
    """A value that stands for the team's own."""

    path: Key
    """Keys of the policy, from the top; the number of an item, from 0, in a list."""
    says: str
    """What it is for, in the words of its comment."""
    value: str
    file: str
    """Where it stands."""
    line: int
    """From 1."""

    @property
    def name(self) -> str:
        """The path as it is said; rungs by their number, from 1."""
        return ".".join(str(key + 1) if isinstance(key, int) else key for key in self.path)


class _Text:
    """A policy's text, read."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.root = read_source(data, path).root
        self.lines = data.decode("utf-8-sig", errors="replace").splitlines()

    def note(self, node: Node) -> str | None:
        """What the comment beside a value says it is for; None where it is no placeholder."""
        line = self.lines[node.line - 1] if node.line <= len(self.lines) else ""
        found = _COMMENT.search(line[node.column :])
        if found:
            return found.group(1).strip()
        return "the whole card" if _IN_TEXT in node.text else None


def _leaves(node: Node, path: Key = ()) -> Iterator[tuple[Key, Node]]:
    """Every value that is no group; a list of plain values is one."""
    if node.kind == "map":
        for name, (_, value) in node.entries.items():
            yield from _leaves(value, (*path, name))
    elif node.kind == "list" and any(item.kind in _GROUPS for item in node.items):
        for n, item in enumerate(node.items):
            yield from _leaves(item, (*path, n))
    else:
        yield path, node


def _find(root: Node | None, path: Key) -> tuple[bool, Node | None]:
    """Whether a policy decides about a path, and the value it gives it; a list is decided about whole."""
    node, decided = root, False
    for key in path:
        if node is None:
            break
        if isinstance(key, int):
            decided = True
            node = node.items[key] if key < len(node.items) else None
        else:
            node = node.get(key)
    return decided or node is not None, node


def spoken(node: Node) -> str:
    """A value as a person types it."""
    return ", ".join(item.text for item in node.items) if node.kind == "list" else node.text


def find_line(data: bytes, path: Key) -> int | None:
    """The line, from 1, where a value of a policy stands; None where it doesn't."""
    _, node = _find(read_source(data).root, path)
    return node.line if node is not None else None


def find_undecided(library: Library) -> list[Placeholder]:
    """The placeholders that are still in use at a desk. Raises CalmdeskError (3)."""
    shipped = os.path.join(os.path.abspath(built_in_folder()), "policy.yaml")
    near = [p for p in reversed(policy_paths(library, "")) if os.path.realpath(p) != os.path.realpath(shipped)]
    return find_placeholders([(path, read_file(path)) for path in near], (shipped, read_file(shipped)))


def find_placeholders(policies: Sequence[tuple[str, bytes]], shipped: tuple[str, bytes]) -> list[Placeholder]:
    """The placeholders that are still in use, in the order of the shipped policy.

    Args:
        policies: path and text of each policy that holds, the nearest first.
        shipped: path and text of the one that comes with calmdesk.

    """
    ours = _Text(*shipped)
    texts = [*(_Text(*each) for each in policies), ours]
    return list(_in_use(texts, ours))


def _in_use(texts: Iterable[_Text], ours: _Text) -> Iterator[Placeholder]:
    if ours.root is None:
        return
    for path, first in _leaves(ours.root):
        if ours.note(first) is None:
            continue
        for text in texts:
            decided, node = _find(text.root, path)
            if not decided:
                continue
            if node is not None and spoken(node) == spoken(first) and (note := text.note(node)) is not None:
                yield Placeholder(path, note, spoken(node), text.path, node.line)
            break
