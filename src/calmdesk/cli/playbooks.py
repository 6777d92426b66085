"""`playbook`: what there is to play, and what a playbook says."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from calmdesk.cli import make_desk, make_settings
from calmdesk.cli.graphing import draw_playbook
from calmdesk.cli.previewing import preview_playbook
from calmdesk.cli.starting import new_playbook, show_snippets
from calmdesk.errors import CalmdeskError
from calmdesk.safetext import clean, json_text

if TYPE_CHECKING:
    from calmdesk.playbook.folders import Library
    from calmdesk.playbook.model import Edition

playbook_app = typer.Typer(help="Playbooks: list, show, lint, test, schema.", no_args_is_help=True)


@playbook_app.command("list")
def list_playbooks(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """The playbooks that can be handled, and the words an agent hears. Example: `calmdesk playbook list`"""
    from calmdesk.cli.lately import find_lately
    from calmdesk.playbook.search import find_entries

    desk = make_desk()
    entries = find_entries(desk.settings.library)
    lately = find_lately(desk, entries)
    if as_json:
        listed = [
            {
                "id": x.id, "title": x.title, "goal": x.goal, "signals": list(x.signals), "path": x.path,
                "origin": y.origin, "changed": y.changed or None, "changed_since": y.since or None,
            }
            for x, y in zip(entries, lately, strict=True)
        ]  # fmt: skip
        sys.stdout.write(json_text({"schema": 1, "playbooks": listed}) + "\n")
        return
    from calmdesk.terminal.tables import print_table

    rows = [(x.id, x.title, x.goal, str(y)) for x, y in zip(entries, lately, strict=True)]
    print_table(("id", "title", "goal", "from"), rows)


@playbook_app.command("show")
def show_playbook(
    playbook: Annotated[str, typer.Argument(help="An id or a path.")],
    why: Annotated[
        bool, typer.Option("--why", help="What each step rests on: an article, later evidence, or judgement.")
    ] = False,
    print_: Annotated[
        bool, typer.Option("--print", help="Write a review sheet (HTML) for those who approve the wording.")
    ] = False,
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="Where --print writes; without it, PLAYBOOK-review.html.")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="With --print: write over a file that is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """A playbook to read: its steps in order, what is said, where each choice leads.

    Examples: `calmdesk playbook show angry-caller` · `calmdesk playbook show angry-caller --why`
    · `calmdesk playbook show angry-caller --print sheet.html`
    """
    if print_:
        from calmdesk.cli.printing import print_sheet

        written = print_sheet(make_desk(), playbook, file, force=force)
        typer.echo(f"written: {clean(written)}. Open it in a browser; it prints on A4.")
        return
    if file or force:
        raise CalmdeskError(
            "A file is written only with --print.", f"`calmdesk playbook show {clean(playbook)} --print`", 2
        )
    from calmdesk.playbook.library import open_edition

    desk = make_desk()
    library = desk.settings.library
    edition = open_edition(library, playbook).edition
    book = edition.books[edition.root]
    if why:
        _show_why(library, edition, as_json=as_json)
        return
    if as_json:
        document: dict[str, Any] = {"schema": 1, "id": book.id, **book.compiled}
        sys.stdout.write(json_text(document) + "\n")
        return
    from calmdesk.cli.lately import tell_lately
    from calmdesk.cli.show import tell_outline

    sys.stdout.write("\n".join([*tell_outline(edition, book.id), "", *tell_lately(desk, playbook)]) + "\n")


def _show_why(library: Library, edition: Edition, *, as_json: bool) -> None:
    from calmdesk.cli.why import find_grounds, tell_grounds

    if not as_json:
        sys.stdout.write("\n".join(tell_grounds(library, edition)) + "\n")
        return
    steps = [
        {**each._asdict(), "grounds": [ground._asdict() for ground in each.grounds]}
        for each in find_grounds(library, edition)
    ]
    sys.stdout.write(json_text({"schema": 1, "id": edition.root, "steps": steps}) + "\n")


@playbook_app.command("schema")
def show_schema(
    of: Annotated[str, typer.Argument(metavar="playbook|scenario", help="What is written.")] = "playbook",
) -> None:
    """The JSON Schema of a playbook or a scenario, for editors. Example: `calmdesk playbook schema > playbook.schema.json`"""
    if of == "scenario":
        from calmdesk.coach.scenario_keys import scenario_schema

        sys.stdout.write(json_text(scenario_schema(), 1) + "\n")
        return
    if of != "playbook":
        raise CalmdeskError(f"There is no schema of “{clean(of)}”.", "Write playbook or scenario.", 2)
    from calmdesk.playbook.keys import playbook_schema

    sys.stdout.write(json_text(playbook_schema(), 1) + "\n")


@playbook_app.command("lint")
def lint_playbooks(
    paths: Annotated[list[str], typer.Argument(help="Files, folders or ids.")],
    format_: Annotated[
        str, typer.Option("--format", metavar="text|json|github", help="How findings are written.")
    ] = "text",
    max_warnings: Annotated[
        int, typer.Option("--max-warnings", metavar="N", help="More warnings than this fail.")
    ] = -1,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="RULE=REASON", help="A rule to live with, and why; may be repeated."),
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended without asking.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Again after each save, until Ctrl-C.")] = False,
) -> None:
    """What is wrong with playbooks, all at once, each with its line and what to do.

    Examples: `calmdesk playbook lint ./playbooks` · `calmdesk playbook lint my.yaml --watch`
    · `calmdesk playbook lint my.yaml --fix`
    """
    from calmdesk.cli import linting

    wanted = linting.Wanted(tuple(paths), format_, max_warnings, tuple(ignore or ()), fix)
    library = make_settings().library
    if watch:
        from calmdesk.cli import watching

        raise typer.Exit(watching.watch(library, wanted))
    raise typer.Exit(linting.lint(library, wanted))


@playbook_app.command("test")
def play_tests(
    playbooks: Annotated[
        list[str] | None, typer.Argument(help="Files, folders or ids, of playbooks or scenarios.")
    ] = None,
    record: Annotated[
        str, typer.Option("--record", metavar="CALL", help="Write a call of this desk as a test, without its words.")
    ] = "",
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Plant small faults, and say which of them nobody notices.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Play the tests that playbooks carry and say what they passed through; prove scenarios both ways.

    Examples: `calmdesk playbook test angry-caller` · `calmdesk playbook test my.yaml --mutate`
    · `calmdesk playbook test bike-for-saturday` · `calmdesk playbook test --record bvrgm-12`
    """
    from calmdesk.cli import testing

    desk = make_desk()
    if record:
        raise typer.Exit(testing.record(desk, record))
    if not playbooks:
        raise CalmdeskError("Which playbook?", "`calmdesk playbook list` shows what there is.", 2)
    raise typer.Exit(testing.test(desk.settings.library, playbooks, planted=mutate, as_json=as_json))


@playbook_app.command("explore")
def explore_playbooks(
    playbooks: Annotated[list[str], typer.Argument(help="Files or ids.")],
    write: Annotated[
        str, typer.Option("--write", metavar="FOLDER", help="Write the path of each finding as an answers file.")
    ] = "",
    most: Annotated[int, typer.Option("--most", metavar="N", help="Look at so many situations at most.")] = 200_000,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Every path of a playbook: how it can end, how long it takes, and what is wrong on one, with the path to play.

    Examples: `calmdesk playbook explore angry-caller` · `calmdesk playbook explore my.yaml --write paths`
    """
    from calmdesk.cli.exploring import explore

    desk = make_desk()
    raise typer.Exit(explore(desk.settings.library, desk.clock(), playbooks, most, write, as_json=as_json))


@playbook_app.command("diff")
def diff_playbooks(
    old: Annotated[
        str,
        typer.Argument(
            metavar="A", help="The older text: a file, an id, or FILE@REVISION of git. Alone: the newer one."
        ),
    ],
    new: Annotated[
        str,
        typer.Argument(
            metavar="[B]", help="The newer text. Without it, A is compared with what calls were handled with."
        ),
    ] = "",
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 where something differs; without it, with 0.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """What differs between two texts of a playbook: which situations now hear what, and which limits moved.

    It also says which tests of the older text come out otherwise, and where open calls on this desk would go on.

    Examples: `calmdesk playbook diff my.yaml` · `calmdesk playbook diff my.yaml@HEAD my.yaml`
    · `calmdesk playbook diff angry-caller ./angry-caller.yaml`
    """
    from calmdesk.cli.changing import diff

    raise typer.Exit(diff(make_desk(), old, new, as_json=as_json, exit_code=exit_code))


@playbook_app.command("rename")
def rename_in_playbook(
    playbook: Annotated[str, typer.Argument(help="A file or an id.")],
    old: Annotated[str, typer.Argument(metavar="NAME", help="The step as it is called now.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="What it shall be called.")],
    fact: Annotated[bool, typer.Option("--fact", help="NAME is a fact.")] = False,
    choice: Annotated[bool, typer.Option("--choice", help="NAME is a choice, written as STEP/CHOICE.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")] = False,
) -> None:
    """Another name for a step, a fact or a choice: every way, condition, text and test follows, comments and layout stay.

    Examples: `calmdesk playbook rename my.yaml own apologise` · `calmdesk playbook rename my.yaml price paid --fact`
    · `calmdesk playbook rename my.yaml own/heard listened --choice --dry-run`
    """
    from calmdesk.cli.renaming import exchange_name

    if fact and choice:
        raise CalmdeskError("A name is a fact or a choice, not both.", "Take one of the flags out.", 2)
    kind = "fact" if fact else "choice" if choice else "step"
    raise typer.Exit(exchange_name(make_settings().library, playbook, kind, old, new, dry=dry_run))


playbook_app.command("graph")(draw_playbook)
playbook_app.command("preview")(preview_playbook)
playbook_app.command("new")(new_playbook)
playbook_app.command("snippets")(show_snippets)
