"""The plain way to the same screen: Typer reads the arguments, rich draws the words, questionary asks."""

import questionary
import typer
from rich.console import Console
from rich.panel import Panel

app = typer.Typer()


@app.command()
def handle(title: str = "Hear them out", times: int = 1) -> None:
    """Show the words, and ask how it goes on, so many times."""
    Console().print(Panel("I've got you. Start wherever you like, and I'll take notes.", title=title))
    for number in range(times):
        questionary.select(f"Way-on-{number:04}", choices=["They have finished", "They go round"]).unsafe_ask()


if __name__ == "__main__":
    app()
