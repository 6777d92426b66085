"""The machine fails, in small: at some of the points that `python -m tests.faults` tries all of."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.faults import places
from tests.faults.errands import run_errands
from tests.faults.errors import run_errors
from tests.faults.flips import run_flips
from tests.faults.kill import run_kill
from tests.faults.order import run_order
from tests.faults.points import why_not_traced
from tests.faults.processes import run_processes
from tests.faults.script import keep_earlier
from tests.faults.stage import Stage
from tests.faults.tally import Tally
from tests.forms import often

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="these tests fork")


@pytest.fixture
def traced() -> None:
    if why := why_not_traced():
        pytest.skip(why)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A desk on which the scripted calls are learnt once."""
    return Stage(tmp_path_factory.mktemp("faults"))


def told(tally: Tally) -> None:
    """The counts are printed (`pytest -rP` shows them), and nothing was lost."""
    print(tally)
    assert not tally.problems, str(tally)


@pytest.mark.usefixtures("traced")
def test_what_is_said_as_saved_was_synced_before(tmp_path: Path) -> None:
    told(run_order(tmp_path))


@pytest.mark.usefixtures("traced")
def test_kill_9_at_any_system_call_loses_nothing_that_was_said(stage: Stage) -> None:
    told(run_kill(stage, most=often(6, 24)))


@pytest.mark.usefixtures("traced")
def test_an_error_at_any_system_call_stops_no_call_and_loses_nothing(stage: Stage) -> None:
    told(run_errors(stage, most=often(8, 30)))


@pytest.mark.usefixtures("traced")
def test_a_backup_a_salvage_and_words_forgotten_happen_or_they_dont(tmp_path: Path) -> None:
    told(run_errands(tmp_path, most=often(1, 3)))


def test_a_damaged_journal_is_found_out_and_the_next_call_is_saved(tmp_path: Path) -> None:
    told(run_flips(tmp_path, times=9))


def test_windows_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    told(run_processes(tmp_path, processes=3, events=40))


@pytest.mark.parametrize("place", places.PLACES, ids=lambda x: x.__name__)
def test_an_odd_place_or_file_loses_nothing(tmp_path: Path, place: Callable[[Tally, Stage], None]) -> None:
    tally = Tally(place.__name__)
    stage = Stage(tmp_path)
    keep_earlier(stage)
    try:
        place(tally, stage)
    except places.Skipped as why:
        pytest.skip(str(why))
    told(tally)
