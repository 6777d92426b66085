"""calmdesk: a command-line coach for people who answer unhappy customers.

Two values: a `Playbook` (what should happen) and a list of `Event`s (what did happen); everything else is a
function between them. The rooms, from the ground up; each imports only from those above it:

    errors, digest, safetext,
    private                     the one error, sums of texts, what may reach a screen, what is hidden
    playbook/                   what a trainer writes: text → nodes → data → frozen values, or findings
    call/                       what happens on a call, pure: events, evolve, the way on, moves, money, the loop
    coach/                      what good sounds like, pure: phrase rules, found where they stand
    bench/                      what proves a playbook: lint, every path explored, its own tests, planted faults
    journal/                    what is remembered: events as rows, on disk before anybody believes them
    configuration, settings     what this desk is set to, and where things are kept
    terminal/                   what people see and press: rows, keys, lines, signals, resume
    cli/                        arguments in, exit code out; the clock
"""

__version__ = "0.1.0"
