"""The part of JSON Schema (draft 7) that calmdesk's schemas use, checked by hand; an unknown keyword is an error."""

from __future__ import annotations

import re
from typing import Any

_SILENT = {"$schema", "title", "description", "definitions"}
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "number": (int, float), "integer": (int,), "boolean": (bool,), "object": (dict,), "array": (list,),
}  # fmt: skip


def _is(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])


def fits(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """Whether a value is what the schema allows."""
    return all(_holds(word, rule, value, schema, root) for word, rule in schema.items() if word not in _SILENT)


def _holds(word: str, rule: Any, value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    match word:
        case "$ref":
            name = rule.removeprefix("#/definitions/")
            return fits(value, root["definitions"][name], root)
        case "type":
            return any(_is(value, kind) for kind in ([rule] if isinstance(rule, str) else rule))
        case "enum":
            return value in rule
        case "not":
            return not fits(value, rule, root)
        case "anyOf":
            return any(fits(value, one, root) for one in rule)
        case "allOf":
            return all(fits(value, one, root) for one in rule)
        case "pattern":
            return not isinstance(value, str) or re.search(rule, value) is not None
        case "minLength":
            return not isinstance(value, str) or len(value) >= rule
        case "minimum" | "maximum":
            if not _is(value, "number"):
                return True
            return bool(value >= rule if word == "minimum" else value <= rule)
        case "minItems":
            return not isinstance(value, list) or len(value) >= rule
        case "items":
            return not isinstance(value, list) or all(fits(x, rule, root) for x in value)
    if not isinstance(value, dict):
        assert word in {"required", "propertyNames", "properties", "additionalProperties"}, word
        return True
    match word:
        case "required":
            return set(rule) <= set(value)
        case "propertyNames":
            return all(fits(name, rule, root) for name in value)
        case "properties":
            return all(fits(value[name], one, root) for name, one in rule.items() if name in value)
        case "additionalProperties":
            more = [x for name, x in value.items() if name not in schema.get("properties", {})]
            return not more if rule is False else all(fits(x, rule, root) for x in more)
    raise AssertionError(word)
