"""What moved in the team's policy, and in what may cut in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calmdesk.bench.pairing import Change, pairs, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

_POLICY = {
    "durations": "limits", "counts": "limits", "promises": "promises", "ladders": "promises", "dispositions": "ends",
    "interruptions": "structure", "lines": "said", "emergency-card": "said", "company": "said", "team-line": "said",
}  # fmt: skip
_CUT = {"label": "what it is called", "play": "what it plays", "key": "its key", "returns": "whether it comes back"}


def find_limits(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    """The values of the team's policy that moved."""
    for key in {**old, **new}:
        if old.get(key) == new.get(key):
            continue
        if key == "interruptions":
            yield from find_cuts(old.get(key) or {}, new.get(key) or {}, "policy", "The team's policy")
            continue
        was, now = dict(_leaves(old.get(key), key)), dict(_leaves(new.get(key), key))
        for name in {**was, **now}:
            if was.get(name) != now.get(name):
                yield Change(
                    _POLICY.get(key, "limits"), "policy", "", f"The team's policy, {name}",
                    "It is:" if name in was and name in now else "It is new:" if name in now else "It is gone:",
                    was.get(name, ""), now.get(name, ""),
                )  # fmt: skip


def _leaves(value: object, name: str) -> Iterator[tuple[str, str]]:
    """Every single value with its name; a rung is named by its role."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _leaves(part, f"{name}, {key}")
    elif isinstance(value, list) and any(isinstance(x, dict) for x in value):
        for n, part in enumerate(value, 1):
            role = part.get("role") if isinstance(part, dict) else None
            rest = {k: v for k, v in part.items() if k != "role"} if role else part
            yield from _leaves(rest, f"{name}, {role or n}")
    elif value is not None:
        yield name, plain(value)


def find_cuts(old: dict[str, Any], new: dict[str, Any], book: str, title: str) -> Iterator[Change]:
    """What changed of what may cut in: into one file, or (`policy`) into every one."""
    for name in {**old, **new}:
        was, now = old.get(name) or {}, new.get(name) or {}
        where = f"{title}, “{(now or was).get('label') or name}”"
        if not was or not now:
            yield Change("structure", book, "", where, "This may cut in now." if now else "This no longer cuts in.")
            continue
        for key, told in _CUT.items():
            if was.get(key) != now.get(key):
                yield Change(
                    "structure", book, "", where, f"Changed: {told}.", plain(was.get(key)), plain(now.get(key))
                )
        cards = [[w for x in (c.get("card") or {}).get("say") or () for w in x["lines"]] for c in (was, now)]
        for one, other in pairs(*cards):
            yield Change("said", book, "", where, "It says:", one, other)
