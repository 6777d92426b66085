"""`taste`: two minutes with a made-up customer, on the same screen as a call, and nothing of it is kept."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calmdesk.terminal.sitting import Desk

BEGINS = "Only a taste: Sam isn't real, and nothing that you type is kept."
ENDS = "That was a taste: above is what a call leaves you with, written by itself. Nothing of it was kept."
NEXT = (
    ("calmdesk handle angry-caller", "a real call"),
    ("calmdesk practice", "rehearse with a customer who answers back"),
    ("calmdesk handle", "type what you hear, and pick a playbook"),
)
STOPPED = "The taste stops here, and nothing of it was kept. `calmdesk taste` begins it again."


def taste(desk: Desk) -> int:
    """Play it and forget it. Returns the exit code of the reference; who stops in the middle leaves nothing unanswered."""
    from calmdesk.cli.manual import find_width, render_pairs
    from calmdesk.errors import CalmdeskError
    from calmdesk.playbook.folders import Library, built_in_folder
    from calmdesk.playbook.library import open_edition
    from calmdesk.terminal.paint import wrap
    from calmdesk.terminal.showing import is_on_screen
    from calmdesk.terminal.tasting import play_taste

    answers = desk.options.answers
    if answers and not (os.path.isfile(answers) and os.access(answers, os.R_OK)):
        raise CalmdeskError(f"The answers in {answers} can't be read.", "Check the path and who may read it.")
    # The team's policy may hold other endings, or a mistake: a first look must not stumble over it.
    folder = os.path.abspath(built_in_folder())
    library = Library((folder,), desk.settings.library.cache)
    edition = open_edition(library, os.path.join(folder, "taste", "taste.yaml")).edition
    width = find_width()
    if not is_on_screen(desk):
        sys.stdout.write("\n".join(wrap(BEGINS, width)) + "\n")
    played = play_taste(desk, edition)
    if played.summary:
        rows = ["", *wrap(ENDS, width), "", "What next:", *render_pairs(NEXT, width)]
        sys.stdout.write(f"\n{played.summary}" + "\n".join(rows) + "\n")
    elif played.code in {0, 130}:
        sys.stdout.write("\n".join(wrap(STOPPED, width)) + "\n")
    if played.reset:
        from calmdesk.terminal.live import RESET, handle

        return handle(desk._replace(options=desk.options._replace(playbook=RESET)))
    return played.code
