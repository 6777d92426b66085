"""The README's pictures, drawn from the real program on a real pty: `python -m tests.pictures`."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from tests.terminal.pty_terminal import Terminal

FOLDER = Path(__file__).parent.parent / ".github" / "pictures"
STEPS = [
    ("", "One slow breath"),
    ("a1", "Hear them out"),
    ("1", "What did it cost them?"),
    ("the party on Saturday\r", "They come down a bit"),
    ("1", "The problem in one sentence"),
    ("the red bike is late, and the party is Saturday\r", "They say yes"),
    (" ", "[x]"),
]


def style_of(cell: Any) -> str:
    """An emulator's cell as rich writes its style; colours are names, or six hexadecimal digits."""
    front, back = (f"#{c}" if re.fullmatch("[0-9a-f]{6}", c) else c for c in (cell.fg, cell.bg))
    weights = [name for name, wanted in (("bold", cell.bold), ("reverse", cell.reverse)) if wanted]
    return " ".join([*weights, front, "on", back])


def draw(terminal: Terminal) -> Text:
    """The emulator's screen with its styles."""
    text = Text()
    for row in range(terminal.screen.lines):
        line = terminal.screen.buffer[row]
        for column in range(terminal.screen.columns):
            cell = line[column]
            text.append(cell.data, style_of(cell))
        text.append("\n")
    return text


PRACTICE = [
    ("", "You know:"),
    ("\r", "says it"),
    ("We lost your red bike, and that's our fault. I'm sorry.\r", "turn 2"),
    ("\x1b", "types again"),
    ("a1", "The day that matters"),
    ("\t", "owning it"),
]


def take_picture(title: str, arguments: list[str], steps: list[tuple[str, str]]) -> str:
    """Drive the program through these keys, each with the words that show then, and draw what stands there in the end."""
    with tempfile.TemporaryDirectory() as home, open(os.devnull, "w", encoding="utf-8") as nowhere:
        environment = {**os.environ, "CALMDESK_HOME": home, "TERM": "xterm-256color"}
        environment.pop("NO_COLOR", None)
        terminal = Terminal(environment, *arguments)
        for keys, shows in steps:
            terminal.send(keys)
            terminal.wait(shows)
        terminal.pump(0.5)
        console = Console(record=True, width=80, file=nowhere)
        console.print(draw(terminal), end="")
        terminal.close()
        # The picture stands alone: no font is fetched from anywhere.
        return re.sub(r"@font-face \{.*?\}", "", console.export_svg(title=title, unique_id="calmdesk"), flags=re.DOTALL)


def take_pictures() -> dict[Path, str]:
    """File → picture."""
    call = ["handle", "angry-caller", "--customer", "Rosa", "--case", "4471"]
    rehearsal = ["practice", "bike-for-saturday", "--seed", "1", "--level", "playbook"]
    return {
        FOLDER / "step.svg": take_picture("calmdesk handle angry-caller", call, STEPS),
        FOLDER / "practice.svg": take_picture(
            "calmdesk practice bike-for-saturday --level playbook", rehearsal, PRACTICE
        ),
    }


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file, picture in take_pictures().items():
        file.write_text(picture, encoding="utf-8")
