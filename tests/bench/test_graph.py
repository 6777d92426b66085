"""A graph tells a playbook's steps and ways as they are, and every notation of it says the same."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from calmdesk.bench.graph import Graph, Node, Way, count_passed, make_graph
from calmdesk.bench.notation import render_dot, render_mermaid
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.library import open_edition
from calmdesk.terminal.outline import render_outline
from calmdesk.terminal.paint import cells

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from calmdesk.playbook.model import Edition

SHIPPED = sorted(
    name.removesuffix(".yaml")
    for name in os.listdir(built_in_folder())
    if name.endswith(".yaml") and name not in {"policy.yaml", "claims.yaml", "evidence.yaml"}
)
HOSTILE = 'He said "no" [x] {y} (z) <b>&amp; | `c` *d* _e_ #quot; ; %%{init}%% \\ end বাংলা 😀 --> a\\'
ODD = [HOSTILE, "1. one", "- two", "end", "graph", "12) x", "subgraph", "%% note", '"', "\\"]

PARCEL = """\
calmdesk: 1
title: Parcel
goal: One time that holds.
facts:
  status: {ask: "Where is it?", one-of: {late: It is late, lost: It is lost, here: It is here}}
  price: {ask: "What did it cost?", kind: money}
interruptions:
  insults: {label: They insult me, card: {say: "I'm listening."}}
steps:
  hear:
    title: Hear them out
    principle: listen
    say: "Tell me what happened."
    ask: [status, price]
    choices:
      done: {label: They have finished, go: [{when: {status: [late, lost]}, step: own}, {step: close}]}
      again: {label: It starts over, go: hear, at-most: 2, then: own}
      rather: {label: They'd rather not, go: close, when: {not: {status: lost}}}
  own:
    title: Own it
    say: "That's ours."
  gift:
    title: A gesture
    when: {price: {over: 10}}
    say: "I'd like to make up for it."
  calm:
    play: quiet
  close: {title: Close, say: "You hear from me.", end: recovered}
"""
QUIET = """\
calmdesk: 1
title: A quiet moment
goal: Breathe.
module: true
steps:
  breathe: {say: "One breath.", choices: {done: {go: return}, lost: leave}}
  leave: {say: "Goodbye.", end: lost}
"""


@pytest.fixture
def edition(books: Callable[..., Edition]) -> Edition:
    return books(PARCEL, quiet=QUIET)


def shipped(tmp_path: Path, name: str) -> Edition:
    return open_edition(Library((os.path.abspath(built_in_folder()),), str(tmp_path)), name).edition


def told(graph: Graph) -> list[tuple[str, str, str, str]]:
    return [(node.id, way.kind, way.words, way.to) for node in graph.nodes for way in node.ways]


def test_every_step_stands_once_in_the_order_of_the_file(edition: Edition) -> None:
    assert [node.id for node in make_graph(edition).nodes] == ["hear", "own", "gift", "calm", "close"]


def test_every_way_says_what_takes_it_and_under_which_condition(edition: Edition) -> None:
    assert told(make_graph(edition)) == [
        ("hear", "choice", "1 They have finished, if “status” is “It is late” or “It is lost”", "own"),
        ("hear", "choice", "1 They have finished, otherwise", "close"),
        ("hear", "choice", "2 It starts over, at most 2 times", "hear"),
        ("hear", "then", "2 It starts over, after that", "own"),
        ("hear", "choice", "3 They'd rather not, only if “status” is not “It is lost”", "close"),
        ("own", "next", "", "gift"),
        ("gift", "next", "", "calm"),
        ("gift", "skip", "skipped unless “price” is over 10.00", "calm"),
        ("calm", "next", "", "close"),
    ]


def test_a_planted_way_shows_up_and_nothing_else_changes(books: Callable[..., Edition]) -> None:
    before = set(told(make_graph(books(PARCEL, quiet=QUIET))))
    planted = PARCEL.replace('say: "That\'s ours."', 'say: "That\'s ours."\n    choices: {yes: gift, no: hear}')
    after = set(told(make_graph(books(planted, quiet=QUIET))))
    assert after - before == {("own", "choice", "1 Yes", "gift"), ("own", "choice", "2 No", "hear")}
    assert before - after == {("own", "next", "", "gift")}


def test_a_module_says_how_the_call_may_end_in_it_and_opens_with_its_own_steps(edition: Edition) -> None:
    calm = make_graph(edition).nodes[3]
    assert (calm.kind, calm.plays, calm.ending) == ("module", "A quiet moment", "May end: They left")
    opened = make_graph(edition, opened=True)
    assert [n.id for n in opened.nodes][3:] == ["calm", "calm/breathe", "calm/leave", "calm/return", "close"]
    assert told(opened)[-4:] == [
        ("calm", "in", "", "calm/breathe"),
        ("calm/breathe", "choice", "1 Done", "calm/return"),
        ("calm/breathe", "choice", "2 Lost", "calm/leave"),
        ("calm/return", "next", "", "close"),
    ]


def test_a_module_that_never_comes_back_leads_nowhere(books: Callable[..., Edition]) -> None:
    last = QUIET.replace("{go: return}", "leave")
    calm = make_graph(books(PARCEL, quiet=last)).nodes[3]
    assert (calm.ways, calm.ending) == ((), "Ends: They left")


def test_what_cuts_in_stands_apart_from_the_steps(edition: Edition) -> None:
    graph = make_graph(edition)
    assert graph.cuts[0].label == "They insult me"
    assert {"pause", "danger"} <= {cut.id for cut in graph.cuts if cut.by_policy}
    assert [cut.returns for cut in graph.cuts if cut.id == "danger"] == [False]
    assert not {cut.id for cut in graph.cuts} & {node.id for node in graph.nodes}


@pytest.mark.parametrize("opened", [False, True], ids=["folded", "opened"])
@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_playbook_can_be_drawn_whole(name: str, opened: bool, tmp_path: Path) -> None:
    edition = shipped(tmp_path, name)
    graph = make_graph(edition, opened=opened)
    ids = [node.id for node in graph.nodes]
    assert len(ids) == len(set(ids))
    assert set(edition.books[name].order) <= set(ids)
    assert all(way.to in ids for node in graph.nodes for way in node.ways)
    reached = {ids[0]} | {way.to for _, way in graph.edges()}
    assert reached == set(ids), "every step can be come to"
    assert all(node.ways or node.ends or node.id == "return" for node in graph.nodes)
    assert len(list(graph.edges())) == len(read_mermaid(render_mermaid(graph))[1])


@pytest.mark.parametrize("width", [80, 40])
@pytest.mark.parametrize("name", ["angry-caller", "late-delivery", "repeat-complaint"])
def test_the_outline_fits_its_width_and_names_every_step_once(name: str, width: int, tmp_path: Path) -> None:
    graph = make_graph(shipped(tmp_path, name), opened=True)
    rows = render_outline(graph, width)
    assert all(cells(row) <= width for row in rows)
    whole = " ".join(" ".join(rows).split())
    for number, node in enumerate(graph.nodes, 1):
        assert whole.count(f" {number} {node.title} ({node.id})") == 1


def test_the_outline_tells_forward_from_back_and_round(edition: Edition) -> None:
    rows = [row.strip() for row in render_outline(make_graph(edition), 80)]
    assert "2 It starts over, at most 2 times ↑ hear" in rows
    assert "2 It starts over, after that ⇢ own" in rows
    assert "skipped unless “price” is over 10.00 ⇢ calm" in rows
    assert "Ends: Put right" in rows


_NODE = re.compile(r'  (n\d+)(?:\["(.*)"\]|\[\["(.*)"\]\]|\(\["(.*)"\]\)|>"(.*)"\])')
_EDGE = re.compile(r'  (n\d+) (?:-->|-\.->)(?:\|"([^"]*)"\|)? (n\d+)')
_OTHER = re.compile(
    r'flowchart TD|  %% [a-z0-9-]+|  subgraph cuts\["[^"]*"\]|    c\d+\["[^"]*"\]|  end|  class(Def)? [\w,:;-]+ [\w,:; -]+'
)


def read_mermaid(text: str) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """The nodes and edges of a flowchart; a line that is neither fails."""
    nodes: dict[str, str] = {}
    edges = []
    for line in text.splitlines():
        # Of two shapes that fit, the longer one is meant: `[[` begins a subroutine.
        if found := _EDGE.fullmatch(line):
            edges.append((found[1], decode(found[2] or ""), found[3]))
        elif found := _NODE.fullmatch(line):
            label = next(x for x in found.groups()[1:] if x is not None).removeprefix('["').removesuffix('"]')
            assert '"' not in label
            nodes[found[1]] = decode(label)
        else:
            assert _OTHER.fullmatch(line), line
    assert all(a in nodes and b in nodes for a, _, b in edges)
    return nodes, edges


def decode(label: str) -> str:
    assert not re.search(r"[<>`*_%\\&]", label)
    return re.sub(r"#(\d+);", lambda m: chr(int(m[1])), label)


def odd_graph() -> Graph:
    kinds = ("step", "module", "end", "return")
    nodes = tuple(
        Node(
            f"odd-{n}", "b", "s", kinds[n % 4], words, ways=(Way("choice", f"odd-{(n + 1) % len(ODD)}", "c", 0, words),)
        )
        for n, words in enumerate(ODD)
    )
    return Graph("odd", HOSTILE, HOSTILE, nodes, ())


def test_mermaid_says_any_words_as_they_are() -> None:
    nodes, edges = read_mermaid(render_mermaid(odd_graph()))
    assert list(nodes.values()) == ODD
    assert [words for _, words, _ in edges] == ODD


_QUOTED = r'"((?:[^"\\]|\\.)*)"'


def test_dot_says_any_words_as_they_are() -> None:
    rows = render_dot(odd_graph()).splitlines()
    found = [re.fullmatch(rf"  {_QUOTED} \[label={_QUOTED}, .*\];", row) for row in rows]
    labels = [match[2] for match in found if match]
    assert [re.sub(r"\\(.)", r"\1", label).replace("&amp;", "&") for label in labels] == ODD


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz isn't on this machine")
def test_graphviz_takes_what_we_write() -> None:
    done = subprocess.run(["dot", "-Tplain"], input=render_dot(odd_graph()), capture_output=True, text=True, check=True)
    assert done.stdout.count("\nedge ") == len(ODD)


def test_what_is_drawn_twice_is_the_same(edition: Edition, tmp_path: Path) -> None:
    again = shipped(tmp_path, "late-delivery")
    for render in (render_mermaid, render_dot):
        assert render(make_graph(again)) == render(make_graph(again))
        assert render(make_graph(edition)) == render(make_graph(edition))


def test_a_place_is_counted_once_for_each_who_came_there() -> None:
    passed = count_passed([[("b", "s", ""), ("b", "s", "yes"), ("b", "s", "")], [("b", "s", "")], []])
    node = Node("s", "b", "s", "step", "S")
    assert (passed.of, passed.at(node), passed.at(node, "yes"), passed.at(node, "no")) == (3, 2, 1, 0)
