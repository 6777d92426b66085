"""The wrap-up as text, Markdown or JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from calmdesk.call.wrapup import summarise, write_summary

if TYPE_CHECKING:
    from calmdesk.call.values import Call
    from calmdesk.playbook.model import Edition


def render_summary(edition: Edition, call: Call, name: str, form: str) -> str:
    """The wrap-up in the form asked for: `text`, `md` or `json`; ends with a line break."""
    if form == "json":
        return json.dumps(summarise(edition, call, name), ensure_ascii=False, indent=2) + "\n"
    return write_summary(edition, call, name, markdown=form == "md")
