"""Placeholders of the policy: found, asked for one by one, and written into a policy of the team's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from calmdesk.playbook.folders import built_in_folder
from calmdesk.playbook.placeholders import find_placeholders

if TYPE_CHECKING:
    from tests.conftest import Desk

SHIPPED = ("policy.yaml", (Path(built_in_folder()) / "policy.yaml").read_bytes())


def left(*own: str) -> list[str]:
    policies = [(f"{n}.yaml", text.encode()) for n, text in enumerate(own)]
    return [p.name for p in find_placeholders(policies, SHIPPED)]


def test_every_amount_time_and_count_that_is_shipped_is_a_placeholder() -> None:
    names = left()
    assert {"company", "team-line", "currency", "durations.hold", "counts.holds", "emergency-card"} <= set(names)
    assert {"ladders.goodwill.rungs.1.restore", "ladders.goodwill.cap", "promises.note"} <= set(names)
    assert not {"time-zone", "languages", "dispositions.recovered", "lines.hold"} & set(names)


def test_a_value_that_was_changed_or_whose_comment_no_longer_says_so_is_decided() -> None:
    assert "company" not in left("calmdesk-policy: 1\ncompany: Acme\n")
    assert "durations.hold" not in left("calmdesk-policy: 1\ndurations:\n  hold: 60s   # as ever\n")
    assert "durations.hold" in left("calmdesk-policy: 1\ndurations:\n  hold: 60s   # placeholder: a first hold\n")
    assert "durations.hold-max" in left("calmdesk-policy: 1\ndurations:\n  hold: 90s\n")


def test_a_list_that_a_team_writes_is_decided_whole() -> None:
    own = "calmdesk-policy: 1\nladders: {goodwill: {rungs: [{role: agent, restore: 9, gesture: 4}]}}\n"
    assert [n for n in left(own) if ".rungs." in n] == []
    assert "ladders.goodwill.cap" in left(own)


def test_the_nearest_policy_decides() -> None:
    near, far = "calmdesk-policy: 1\ncompany: Your company # placeholder: name\n", "calmdesk-policy: 1\ncompany: Acme\n"
    assert "company" in left(near, far)
    assert "company" not in left(far, near)


def test_each_question_is_written_at_once_and_comments_stay(desk: Desk) -> None:
    ran = desk.run("config", "policy", lines=["Acme: boilers & pipes", "", "nonsense", "EUR", "skip", "3m"])
    assert ran.code == 4
    file = desk.home / "playbooks" / "policy.yaml"
    text = file.read_text(encoding="utf-8")
    assert "company: 'Acme: boilers & pipes'" in text
    assert "# the name customers know you by" in text
    assert "team-line: our main number          # the team's number" in text
    assert "currency: EUR" in text
    assert "`currency` takes three letters such as USD" in ran.out
    assert "breath: 10s                       # placeholder: settling" in text
    assert "listen: 3m" in text
    names = next(c for c in json.loads(desk.run("doctor", "--json").out)["checks"] if c["check"] == "policy")["found"]
    assert "company" not in names
    assert "durations.breath" in names
    assert desk.run("playbook", "lint", file).code == 0


def test_a_second_round_asks_only_for_what_is_left_and_a_call_uses_the_answers(desk: Desk) -> None:
    assert desk.run("config", "policy", lines=["Acme"]).code == 4
    again = desk.run("config", "policy", lines=["0800 1234"])
    assert "company [" not in again.out
    assert "team-line [our main number]:" in again.out
    told = desk.run("handle", "service-failure-winback", lines=["ring", "x"], ALONE="1").out
    assert "Your company" not in told


def test_when_all_is_decided_there_is_nothing_to_ask(desk: Desk) -> None:
    text = SHIPPED[1].decode().replace("placeholder", "decided").replace("PLACEHOLDER", "OURS")
    file = desk.home / "playbooks" / "policy.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    assert desk.run("config", "policy").out == "Every value of your policy has been decided. Nothing to ask.\n"
    assert "ok    policy" in desk.run("doctor").out


def test_doctor_names_what_is_left_and_the_command_that_asks(desk: Desk) -> None:
    told = desk.run("doctor").out
    assert "LOOK  policy" in told
    assert "`calmdesk config policy`" in told


def test_a_policy_that_is_no_yaml_is_left_alone(desk: Desk) -> None:
    file = desk.home / "playbooks" / "policy.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("company: [", encoding="utf-8")
    ran = desk.run("config", "policy", lines=["Acme"])
    assert ran.code == 3
    assert "can't be set" in ran.err
    assert file.read_text(encoding="utf-8") == "company: ["
