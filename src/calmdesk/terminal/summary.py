"""The wrap-up as text, Markdown or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmdesk.call.wrapup import summarise, write_summary
from calmdesk.safetext import json_text

if TYPE_CHECKING:
    from calmdesk.call.values import Call
    from calmdesk.playbook.model import Edition


def render_summary(edition: Edition, call: Call, name: str, form: str) -> str:
    """The wrap-up in the form asked for: `text`, `md` or `json`; ends with a line break."""
    if form == "json":
        return json_text(summarise(edition, call, name)) + "\n"
    return write_summary(edition, call, name, markdown=form == "md")
