"""The README's pictures, drawn from the real program on a real pty: `python -m tests.pictures`."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.terminal.pty_terminal import Terminal

FOLDER = Path(__file__).parent.parent / ".github" / "pictures"
COLOURS = {"cyan": "cyan", "red": "red", "green": "green"}
STEPS = [
    ("", "One slow breath"),
    ("a1", "Hear them out"),
    ("1", "What did it cost them?"),
    ("the party on Saturday\r", "They come down a bit"),
    ("1", "The problem in one sentence"),
    ("the red bike is late, and the party is Saturday\r", "They say yes"),
    (" ", "[x]"),
]


def draw(terminal: Terminal) -> Text:
    """The emulator's screen with its styles."""
    text = Text()
    for row in range(terminal.screen.lines):
        line = terminal.screen.buffer[row]
        for column in range(terminal.screen.columns):
            cell = line[column]
            style = " ".join(
                filter(None, ("bold" if cell.bold else "", "reverse" if cell.reverse else "", COLOURS.get(cell.fg, "")))
            )
            text.append(cell.data, style)
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


def take_picture(name: str, title: str, arguments: list[str], steps: list[tuple[str, str]]) -> None:
    """Drive the program through these keys, each with the words that show then, and draw what stands there in the end."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "CALMDESK_HOME": home}
        environment.pop("NO_COLOR", None)
        terminal = Terminal(environment, *arguments)
        for keys, shows in steps:
            terminal.send(keys)
            terminal.wait(shows)
        terminal.pump(0.5)
        console = Console(record=True, width=80, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        console.print(draw(terminal), end="")
        # The picture stands alone: no font is fetched from anywhere.
        svg = re.sub(r"@font-face \{.*?\}", "", console.export_svg(title=title), flags=re.DOTALL)
        (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")
        terminal.close()


def main() -> None:
    """Both pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    call = ["handle", "angry-caller", "--customer", "Rosa", "--case", "4471"]
    take_picture("step", "calmdesk handle angry-caller", call, STEPS)
    rehearsal = ["practice", "bike-for-saturday", "--seed", "1", "--level", "playbook"]
    take_picture("practice", "calmdesk practice bike-for-saturday --level playbook", rehearsal, PRACTICE)


if __name__ == "__main__":
    main()
