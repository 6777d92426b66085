"""The command line as a person sees it: each command's arguments, help and examples."""

from __future__ import annotations

import sys
from typing import Annotated, cast

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

# What `--help` and the manual page show together, in this order (declared.py has the words without the imports).
ON_A_CALL, PRACTISING, AFTERWARDS, WRITING, THIS_DESK = SECTIONS = (
    *("On a call", "Practising", "Afterwards", "Writing playbooks", "This desk"),
)

app = typer.Typer(
    name="calmdesk",
    no_args_is_help=False,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    # calmdesk's own is faster, and knows playbooks, scenarios and calls.
    add_completion=False,
    help="A coach for people who answer unhappy customers: the next line to say, one key a move, nothing lost."
    "\n\nExamples: `calmdesk taste` · `calmdesk handle angry-caller` · `calmdesk practice` · `calmdesk resume`",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(
    playbook_app,
    name="playbook",
    rich_help_panel=WRITING,
    help="Playbooks: what there is, what it says, and whether it is sound."
    "\n\nExamples: `calmdesk playbook list` · `calmdesk playbook lint my.yaml` · `calmdesk playbook test my.yaml`",
)
app.add_typer(
    call_app,
    name="call",
    rich_help_panel=AFTERWARDS,
    help="Calls on this desk: what was said and done, what is held about a customer, and forgetting it."
    "\n\nExamples: `calmdesk call list` · `calmdesk call summary bvrgm-12 --format md`",
)
app.add_typer(
    promise_app,
    name="promise",
    rich_help_panel=AFTERWARDS,
    help="What was promised to customers, and by when.\n\nExamples: `calmdesk promise list` · `calmdesk promise done bvrgm-12.1`",
)
app.add_typer(
    journal_app,
    name="journal",
    rich_help_panel=THIS_DESK,
    help="The journal of this desk: a copy of it, whether it is sound, and bringing back what was lost."
    "\n\nExamples: `calmdesk journal verify` · `calmdesk journal backup monday.db`",
)
app.add_typer(
    config_app,
    name="config",
    rich_help_panel=THIS_DESK,
    help="What this desk is set to, and the team's policy."
    "\n\nExamples: `calmdesk config show --origin` · `calmdesk config set role lead` · `calmdesk config policy`",
)
app.add_typer(progress_app, name="progress", rich_help_panel=PRACTISING)

# What Typer raises for arguments that don't fit: it names only the kinds of it.
_Misused = cast("type[Exception]", typer.BadParameter.__mro__[1])

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


@app.command("taste", rich_help_panel=ON_A_CALL)
def taste_command(plain: PlainFlag = False, answers: Answers = "") -> None:
    """Two minutes with a made-up customer: every kind of key once, and nothing of it is kept.

    Examples: `calmdesk taste` · `calmdesk taste --plain`
    """
    from calmdesk.cli.taste import taste

    raise typer.Exit(taste(make_desk(Options(plain=plain, answers=answers))))


@app.command("handle", rich_help_panel=ON_A_CALL)
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


@app.command("resume", rich_help_panel=ON_A_CALL)
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


app.command("approve", rich_help_panel=ON_A_CALL)(approve)
app.command("practice", rich_help_panel=PRACTISING)(practice)


@app.command("coach", rich_help_panel=PRACTISING)
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


app.command("explain", rich_help_panel=WRITING)(explain)
app.command("doctor", rich_help_panel=THIS_DESK)(doctor)


@app.command("complete", rich_help_panel=THIS_DESK)
def complete_command(
    shell: Annotated[
        str, typer.Argument(metavar="bash|zsh|fish|powershell", help="Whose words these are; without it, your shell's.")
    ] = "",
) -> None:
    """Print what lets a shell complete commands, playbooks, scenarios and calls with the Tab key.

    Examples: `eval "$(calmdesk complete bash)"` (in ~/.bashrc) · `calmdesk complete zsh > ~/.zfunc/_calmdesk`
    · `calmdesk complete fish > ~/.config/fish/completions/calmdesk.fish` · `calmdesk complete powershell >> $PROFILE`
    """
    from calmdesk.cli.completing import write_script

    write_script(shell)


@app.command("man", rich_help_panel=THIS_DESK)
def man_command() -> None:
    """Print the manual page, with every command and option.

    Examples: `calmdesk man | man -l -` · `calmdesk man > ~/.local/share/man/man1/calmdesk.1`
    """
    from calmdesk.cli.manual import write_page

    write_page()


def run_app() -> int:
    """Do what the command line asks for. Raises CalmdeskError (2) where it asks for what there isn't."""
    try:
        code = app(prog_name="calmdesk", standalone_mode=False)
    except typer.Abort:
        sys.stderr.write("\nNothing was done.\n")
        return 1
    except _Misused as error:
        from calmdesk.cli.mistakes import read_mistake

        raise read_mistake(error, sys.argv[1:]) from None
    return code if isinstance(code, int) else 0
