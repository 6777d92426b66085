"""The command line as a person sees it: each command's arguments, help and examples."""

from __future__ import annotations

from typing import Annotated

import typer

from calmdesk import __version__
from calmdesk.cli import make_desk, make_settings
from calmdesk.cli.approve import approve
from calmdesk.cli.calls import call_app
from calmdesk.cli.config import config_app
from calmdesk.cli.doctor import doctor
from calmdesk.cli.explain import explain
from calmdesk.cli.home import show_home
from calmdesk.cli.journal import journal_app
from calmdesk.cli.playbooks import playbook_app
from calmdesk.cli.practice import practice
from calmdesk.cli.progress import progress_app
from calmdesk.cli.promises import promise_app
from calmdesk.terminal.sitting import Options

app = typer.Typer(
    name="calmdesk",
    no_args_is_help=False,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    help="A coach for people who answer unhappy customers: the next line to say, one key a move, nothing lost.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(playbook_app, name="playbook")
app.add_typer(call_app, name="call")
app.add_typer(promise_app, name="promise")
app.add_typer(journal_app, name="journal")
app.add_typer(config_app, name="config")
app.add_typer(progress_app, name="progress")

Answers = Annotated[
    str, typer.Option("--answers", metavar="FILE", help="Take the answers from a file; nobody is asked.")
]
Summary = Annotated[
    str, typer.Option("--summary", metavar="FILE|-", help="Write the wrap-up to a file, or - for stdout.")
]
Format = Annotated[str, typer.Option("--format", metavar="text|md|json", help="How the wrap-up is written.")]
PlainFlag = Annotated[bool, typer.Option("--plain", help="Lines of text instead of a screen.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"calmdesk {__version__}")
        raise typer.Exit


@app.callback()
def home(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback when something goes wrong.")] = False,
) -> None:
    """Where you are: a call to resume, promises due, and what to try."""
    del version, debug
    if context.invoked_subcommand is None:
        show_home(make_desk())


app.command("approve")(approve)
app.command("explain")(explain)
app.command("doctor")(doctor)
app.command("practice")(practice)


@app.command("handle")
def handle_command(
    playbook: Annotated[
        str, typer.Argument(help="An id such as angry-caller, or a path. Without it, you pick one.")
    ] = "",
    customer: Annotated[
        str | None, typer.Option("--customer", metavar="TEXT", help="The customer's first name.")
    ] = None,
    case: Annotated[str, typer.Option("--case", metavar="ID", help="The case or ticket number.")] = "",
    channel: Annotated[
        str, typer.Option("--channel", metavar="phone|chat|email|desk", help="How they reached you.")
    ] = "phone",
    fact: Annotated[
        list[str] | None, typer.Option("--fact", metavar="KEY=VALUE", help="A fact known beforehand; may be repeated.")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", metavar="CODE", help="The language of the words.")] = "",
    plain: PlainFlag = False,
    answers: Answers = "",
    summary: Summary = "",
    format_: Format = "text",
) -> None:
    """Walk a live call: the next line to say, the checklist, one key a move.

    Examples: `calmdesk handle angry-caller` · `calmdesk handle angry-caller --customer Rosa --case 4471`
    · `calmdesk handle ./my-playbook.yaml --answers answers.txt --summary - --format json`
    """
    from calmdesk.terminal.live import handle

    raise typer.Exit(
        handle(
            make_desk(
                Options(playbook, customer, case, channel, tuple(fact or ()), lang, plain, answers, summary, format_)
            )
        )
    )


@app.command("coach")
def coach_command(
    reply: Annotated[
        str,
        typer.Argument(
            metavar="[TEXT|FILE|-]", help="The reply in quotes, a file that holds it, or - for standard input."
        ),
    ] = "-",
    customer: Annotated[str, typer.Option("--customer", metavar="TEXT", help="What the customer said last.")] = "",
    facts: Annotated[str, typer.Option("--facts", metavar="TEXT", help="What is true, and what you may promise.")] = "",
    first_reply: Annotated[
        bool,
        typer.Option("--first-reply", help="The failure is ours and this is the first reply: say what is missing."),
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Every remark, not only the three that matter most.")
    ] = False,
    format_: Annotated[
        str, typer.Option("--format", metavar="text|json|github", help="How remarks are written.")
    ] = "text",
    batch: Annotated[
        str, typer.Option("--batch", metavar="FILE.jsonl", help="One reply a line in, one answer a line out.")
    ] = "",
) -> None:
    """Read a reply before it goes out; exit code 1 where it holds words that hurt.

    On a terminal, what was found (never the words) is kept in this desk's journal, where there is one, for `progress`.

    Examples: `calmdesk coach "Sorry if that upset you."` · `calmdesk coach reply.txt --customer "It broke again!"`
    · `calmdesk coach - --format json`
    """
    from calmdesk.cli import coaching

    settings = make_settings()
    if batch:
        raise typer.Exit(coaching.coach_batch(settings.library, batch))
    wanted = coaching.Wanted(reply, customer, facts, format_, first_reply, everything, settings.data)
    raise typer.Exit(coaching.coach(settings.library, wanted))


@app.command("resume")
def resume_command(
    call: Annotated[str, typer.Argument(help="A call's id; without it, the newest that isn't over.")] = "",
    plain: PlainFlag = False,
    answers: Answers = "",
    summary: Summary = "",
    format_: Format = "text",
) -> None:
    """Go on with a call that was parked or cut off, on the exact step.

    Examples: `calmdesk resume` · `calmdesk resume bvrgm-12`
    """
    from calmdesk.terminal.live import resume

    raise typer.Exit(resume(make_desk(Options(plain=plain, answers=answers, summary=summary, format=format_)), call))
