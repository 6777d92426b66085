"""A condition in the trainer's words: the question it looks at, and the answers for which it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calmdesk.playbook.model import When

_BUILTIN = {"channel": "the channel", "case": "the case", "today": "today"}
_COMPARED = {"over": "over", "under": "under", "at-least": "at least", "at-most": "at most"}


def tell_when(when: When | None, facts: Mapping[str, Any]) -> str:
    """A condition as it is said behind “where”; nothing where there is none.

    Args:
        when: the condition, as it was compiled.
        facts: the facts as files declare them, for their questions and the labels of their answers.

    """
    told = [_one(name, wanted, facts) for name, wanted in (when or {}).items()]
    return " and ".join(told)


def _one(name: str, wanted: object, facts: Mapping[str, Any]) -> str:
    if name == "not":
        inner = wanted if isinstance(wanted, dict) else {}
        if len(inner) == 1 and not isinstance(next(iter(inner.values())), dict) and "not" not in inner:
            fact, value = next(iter(inner.items()))
            return f"{_asked(fact, facts)} is not {_answers(fact, value, facts)}"
        return f"it is not so that {tell_when(inner, facts)}"
    if isinstance(wanted, dict):
        bounds = " and ".join(f"{_COMPARED.get(how, how)} {bound}" for how, bound in wanted.items())
        return f"{_asked(name, facts)} is {bounds}"
    return f"{_asked(name, facts)} is {_answers(name, wanted, facts)}"


def _asked(name: str, facts: Mapping[str, Any]) -> str:
    """The question of a fact, in quotation marks; its name where there is none."""
    ask = (facts.get(name) or {}).get("ask")
    return f"“{ask}”" if ask else _BUILTIN.get(name, f"“{name}”")


def _answers(name: str, wanted: object, facts: Mapping[str, Any]) -> str:
    options = (facts.get(name) or {}).get("one-of") or {}
    values = wanted if isinstance(wanted, list) else [wanted]
    labels = [f"“{options[v]['label'] if v in options else v}”" for v in values]
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} or {labels[-1]}"
