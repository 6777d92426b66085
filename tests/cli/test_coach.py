"""`calmdesk coach` as an agent, an editor, a hook and a measuring script meet it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Desk

BAD = "I'm sorry if that upset you. The rest of this reply is plain."
GOOD = "We lost your parcel, that is our mistake, and I'm sorry you waited in all day. I'll call the depot today."


def test_words_that_hurt_are_underlined_and_end_with_one(desk: Desk) -> None:
    ran = desk.run("coach", BAD)
    assert ran.code == 1
    assert ran.err == ""
    rows = ran.out.splitlines()
    assert rows[0] == "change: an empty apology"
    assert rows[1].strip() == BAD
    at = rows[2].index("~")
    assert rows[1][at : at + rows[2].count("~")] in BAD
    assert rows[3].strip() == "It apologises for how they feel, and leaves the failure with them."
    assert rows[4].startswith("   instead: ")


def test_a_good_reply_is_praised_and_ends_with_nothing(desk: Desk) -> None:
    ran = desk.run("coach", GOOD)
    assert ran.code == 0
    assert ran.out.startswith("keep: ")
    assert "with --all." in ran.out


def test_at_most_three_remarks_unless_all_are_wanted(desk: Desk) -> None:
    said = BAD + " As I already told you, you should have read the terms. " + GOOD
    few = desk.run("coach", said).out
    assert few.count("change: ") == 1
    assert few.count("keep: ") == 1
    everything = desk.run("coach", said, "--all").out
    assert everything.count("change: ") > 1
    assert everything.count("keep: ") > 1


def test_a_file_and_standard_input_are_read(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "reply.txt"
    file.write_text(BAD, encoding="utf-8")
    by_file, by_input = desk.run("coach", str(file)), desk.run("coach", "-", lines=[BAD])
    assert by_file.code == by_input.code == 1
    assert by_file.out == by_input.out == desk.run("coach", BAD).out


def test_json_has_the_fixed_keys(desk: Desk) -> None:
    ran = desk.run("coach", BAD, "--format", "json", "--customer", "It broke again", "--facts", "It broke twice.")
    told = json.loads(ran.out)
    assert told["schema"] == 1
    assert "EMPTY_APOLOGY" in told["labels"]
    for finding in told["findings"]:
        assert list(finding) == ["label", "kind", "start", "end", "text", "why", "instead"]
        assert BAD[finding["start"] : finding["end"]] == finding["text"]


def test_an_annotation_names_its_line(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "reply.txt"
    file.write_text(f"Dear Rosa,\n\n{BAD}\n", encoding="utf-8")
    ran = desk.run("coach", str(file), "--format", "github")
    assert ran.code == 1
    assert ran.out.startswith(f"::warning file={file},line=3,col=")
    assert "title=EMPTY_APOLOGY" in ran.out


def test_a_batch_answers_line_by_line_and_leaves_out_what_is_broken(desk: Desk, tmp_path: Path) -> None:
    rows = [{"id": "a", "facts": "", "customer": "", "reply": BAD}, {"id": "b", "reply": GOOD}]
    file = tmp_path / "replies.jsonl"
    file.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    ran = desk.run("coach", "--batch", str(file))
    assert ran.code == 0
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert [a["id"] for a in answers] == ["a", "b"]
    assert all(set(a) == {"id", "labels", "findings"} for a in answers)
    assert "EMPTY_APOLOGY" in answers[0]["labels"]
    assert "OWN" in answers[1]["labels"]
    file.write_text(file.read_text(encoding="utf-8") + "no json\n[1]\n", encoding="utf-8")
    broken = desk.run("coach", "--batch", str(file))
    assert broken.code == 2
    assert len(broken.out.splitlines()) == 2
    assert "line 3 of" in broken.err
    assert "2 lines couldn't be read." in broken.err


def test_nothing_to_read_and_a_wrong_flag_are_said(desk: Desk, tmp_path: Path) -> None:
    assert desk.run("coach", "  ").code == 2
    assert desk.run("coach", BAD, "--format", "xml").code == 2
    missing = desk.run("coach", str(tmp_path / "nowhere.txt"))
    assert missing.code == 3
    assert "There is no file" in missing.err


def test_a_team_adds_a_rule_and_switches_one_off(desk: Desk, tmp_path: Path) -> None:
    phrases = tmp_path / "team" / "phrases"
    phrases.mkdir(parents=True)
    (phrases / "house-word.yaml").write_text(
        "calmdesk-phrase: 1\nrule: house-word\nlabel: DISMISS\nkind: violation\npatterns: [per our records]\n"
        "why: It sounds like an office.\ninstead: Say what you see.\n"
        "tests: {flag: [Per our records it came.], silent: [Our records are old.]}\n",
        encoding="utf-8",
    )
    said = "Per our records it came on Monday."
    assert desk.run("coach", said).code == 0
    desk.environment["CALMDESK_PLAYBOOKS"] = str(tmp_path / "team")
    ran = desk.run("coach", said)
    assert ran.code == 1
    assert "It sounds like an office." in ran.out
    (phrases / "house-word.yaml").write_text(
        "calmdesk-phrase: 1\nrule: house-word\noff: true\nwhy: We say it on purpose.\n", encoding="utf-8"
    )
    assert desk.run("coach", said).code == 0
    (phrases / "house-word.yaml").write_text("calmdesk-phrase: 1\nrule: house-word\n", encoding="utf-8")
    broken = desk.run("coach", said)
    assert broken.code == 0
    assert "missing-key" in broken.err
    assert "going on without" in broken.err


def test_the_first_reply_after_a_failure_of_ours_is_told_what_is_missing(desk: Desk) -> None:
    ran = desk.run("coach", "I'll call the depot today and write to you by four.", "--first-reply")
    assert ran.code == 0
    assert "missing: owning it" in ran.out
    assert "missing" not in desk.run("coach", "I'll call the depot today and write to you by four.").out
