"""A call retold as a scenario: whatever the call was like, the guesses lead to one that can be won and lost as it says."""

from __future__ import annotations

import os
from itertools import product
from typing import TYPE_CHECKING

import pytest

from calmdesk.bench.rehearsing import prove
from calmdesk.call import events as e
from calmdesk.call.values import Call, Cut, Offer
from calmdesk.coach.drafting import write_draft
from calmdesk.coach.retelling import NAMES, draft_call
from calmdesk.coach.scenario import Scenario, read_scenario
from calmdesk.playbook.folders import Library, built_in_folder
from calmdesk.playbook.library import open_edition
from tests.coach.test_review import judge
from tests.forms import some_of

if TYPE_CHECKING:
    from pathlib import Path

    from calmdesk.playbook.model import Edition

RESTORE = Offer(
    "o1", "make-good/restore", e.Offered("o1", "restore", "goodwill", "8.90", "USD", "8.90", "It is owed."), 1
)
GESTURE = RESTORE._replace(made=RESTORE.made._replace(kind="gesture", amount="10.00"))


@pytest.fixture
def edition(tmp_path: Path) -> Edition:
    library = Library((os.path.abspath(built_in_folder()),), str(tmp_path / "cache"))
    return open_edition(library, "angry-caller").edition


def retold(edition: Edition, call: Call, typed: str = "") -> Scenario:
    text = write_draft(draft_call(edition, call, "angry-caller", typed), "./scenario.schema.json", ["From a call."])
    read = read_scenario(text.encode(), "retold")
    assert read.findings == ()
    assert read.scenario is not None
    return read.scenario


def test_whatever_a_call_was_like_its_scenario_holds(edition: Edition) -> None:
    cuts = ((), (Cut("insults", "hear", 1),), (Cut("manager", "hear", 1), Cut("insults", "fix", 2)))
    faults = ("ours", "partner", "customer", "unknown")
    ends = ("", "recovered", "handed-over", "lost", "ended-by-us", "a-team's-own")
    gifts = ((), (RESTORE,), (GESTURE, RESTORE))
    for fault, cut, end, given in some_of(list(product(faults, cuts, ends, gifts)), 30):
        facts = {"fault": ("one-of", fault)}
        open_check = frozenset({(1, "Said once")})
        call = Call(root="angry-caller", facts=facts, cuts=cut, ended=end, offers=given, overridden=open_check)
        proof = prove(retold(edition, call), judge().review)
        assert proof.differences == (), (fault, cut, end, given)


def test_the_harder_a_call_went_the_hotter_it_begins(edition: Edition) -> None:
    calm = Call(root="angry-caller", ended="recovered")
    hard = calm._replace(ended="lost", cuts=(Cut("insults", "hear", 1),))
    assert retold(edition, calm).meters["heat"].start < retold(edition, hard).meters["heat"].start
    assert retold(edition, calm).level < retold(edition, hard).level
    # What the agent needed, or the policy has for everybody, says nothing about the customer.
    assert retold(edition, calm._replace(cuts=(Cut("pause", "hear", 1),))) == retold(edition, calm)


def test_the_invented_name_is_nobody_who_was_named_on_the_call(edition: Edition) -> None:
    call = Call(root="angry-caller")
    assert retold(edition, call).name == NAMES[0]
    assert retold(edition, call, "mrs LINDQVIST rang").name == NAMES[1]
    assert retold(edition, call, " ".join(NAMES)).name not in NAMES
