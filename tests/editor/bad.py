"""One small playbook without a fault, and its faults: each changes one place, and an editor can see it there."""

from __future__ import annotations

import re
from typing import NamedTuple

BASE = """\
calmdesk: 1
title: Late parcel
goal: One fix with a time.
signals: [where is it, it was promised]
not-for: {insults at me: abusive-caller}
channels: [phone, chat]
facts:
  problem: {ask: The problem in one sentence}
  price: {ask: "What did it cost?", kind: money, default: 8.90}
  fault:
    ask: Whose slip was it?
    one-of:
      ours: {label: Ours, slip: ours}
      partner: A partner's
interruptions:
  pause:
    label: I need a moment
    card: {say: One moment please., title: A pause, cue: [Breathe]}
steps:
  hear:
    title: Hear them out
    principle: listen
    cue: [Let them finish, Write nouns]
    say:
      - Start wherever you like.
      - Tell me from the start.
    avoid:
      - line: Please calm down.
        why: It tells them the feeling is wrong.
        instead: Say what you heard.
    check: [They finished]
    timer: 2m
    ask: [problem, fault, price]
    choices:
      finished: {label: They have finished, go: own}
      looping: {label: Round in circles, go: hear, forget: problem, at-most: 2, then: own}
      lost: {go: [{when: {fault: partner}, step: gift}, {step: own}]}
  own:
    title: Own it once
    principle: own
    say:
      - {when: {fault: ours}, line: We got this wrong.}
      - {line: "So: {problem}."}
    must-check: [Said once]
    promise: {what: A call back, by: 17:00, who: me}
  gift:
    title: A gesture
    when: {price: {over: 0}, not: {fault: partner}}
    offer: {kind: gesture, ladder: goodwill, on: price}
  close:
    title: Close
    say: Did I miss anything?
    draft: note
    end: recovered
drafts:
  note: |
    Dear customer
path-rules:
  - {every-end: recovered, must-pass: hear}
tests:
  - name: The parcel was late
    facts: {problem: the bike is late, fault: ours, price: 8.90}
    choose: [finished]
    expect: {disposition: recovered, passes: [own, close], promises: 1}
"""


class Fault(NamedTuple):
    """What is wrong, the one place of the base that is changed, and what then stands there."""

    name: str
    old: str
    new: str
    guess: str = ""
    """Why the server underlines other lines than the faulty one; lint must then stand at the fault itself."""
    near: int = 0
    """How many lines below the fault lint may then stand."""

    @property
    def text(self) -> str:
        """The playbook with this fault."""
        assert BASE.count(self.old) == 1, f"{self.name}: {self.old!r} must stand once in the base"
        return BASE.replace(self.old, self.new)

    @property
    def lines(self) -> range:
        """The lines where a finding stands at the fault, counted from 1."""
        first = BASE[: BASE.index(self.old)].count("\n") + 1
        return range(first, first + self.new.rstrip("\n").count("\n") + 1 + self.near)


# Where the two stand on different lines, and both have a reason:
GOES_ON = "it goes on reading behind the fault, and underlines what follows"
NEXT = "a bracket that stays open is missed on the next line; lint stands where it opens"
LAST = "a quotation mark that stays open is missed on the last line; lint stands where it opens"
ABOVE = "it reads the line as the rest of the text above, and underlines that"
SECOND = "it checks the second document as a playbook too; lint stands at the ---"

WAYS = BASE[BASE.index("      finished:") : BASE.index("  own:\n")]
STEPS = BASE[BASE.index("  gift:\n") : BASE.index("drafts:\n")]

MISTYPED = [
    Fault("a mistyped key at the top", "goal: One", "gaol: One"),
    Fault("a key too many at the top", "channels: [", "colour: red\nchannels: ["),
    Fault("a mistyped key of a fact", "{ask: The problem", "{aks: The problem"),
    Fault("a mistyped key of an option", "{label: Ours, slip", "{label: Ours, slipp"),
    Fault("a mistyped key of an interruption", "    label: I need a moment", "    lable: I need a moment"),
    Fault("a mistyped key of a card", "title: A pause", "tilte: A pause"),
    Fault("a mistyped key of a step", "    principle: listen", "    principal: listen"),
    Fault("a mistyped key of a line to avoid", "        instead: Say", "        insted: Say"),
    Fault("a mistyped key of a line with a condition", "- {line: ", "- {lime: "),
    Fault("a mistyped key of a choice", "forget: problem", "froget: problem"),
    Fault("a mistyped key of a route", "{step: own}", "{stpe: own}"),
    Fault("a mistyped key of a comparison", "{over: 0}", "{ovr: 0}"),
    Fault("a mistyped key of an offer", "ladder: goodwill", "lader: goodwill"),
    Fault("a mistyped key of a promise", "who: me", "whom: me"),
    Fault("a mistyped key of a path rule", "must-pass: hear", "must-past: hear"),
    Fault("a mistyped key of a test", "    choose: [finished]", "    chose: [finished]"),
    Fault("a mistyped key of what a test expects", "promises: 1", "promisses: 1"),
    Fault("a key with a capital letter", "    check: [They", "    Check: [They"),
]

MISSING = [
    Fault("no version", "calmdesk: 1\n", ""),
    Fault("no title", "title: Late parcel\n", ""),
    Fault("no steps", "steps:\n", "stairs:\n"),
    Fault("a fact without its question", "{ask: The problem in one sentence}", "{kind: text}"),
    Fault("an option without its label", "{label: Ours, slip: ours}", "{slip: ours}"),
    Fault("a choice without its way", "{label: They have finished, go: own}", "{label: They have finished}"),
    Fault("a route without its step", "{when: {fault: partner}, step: gift}", "{when: {fault: partner}}"),
    Fault(
        "a line with a condition and no words",
        "{when: {fault: ours}, line: We got this wrong.}",
        "{when: {fault: ours}}",
    ),
    Fault("a line to avoid without the line", "      - line: Please calm down.\n        why", "      - why"),
    Fault("an offer without its fact", ", on: price}", "}"),
    Fault("a promise without its time", "by: 17:00, who: me", "who: me"),
    Fault("a card without words", "card: {say: One moment please., title", "card: {title"),
    Fault(
        "a test that expects nothing", "    expect: {disposition: recovered, passes: [own, close], promises: 1}\n", ""
    ),
    Fault("a test without a name", "  - name: The parcel was late\n    facts", "  - facts"),
]

WRONG_KIND = [
    Fault("a version in words", "calmdesk: 1", "calmdesk: one"),
    Fault("a version of none", "calmdesk: 1", "calmdesk: 0"),
    Fault("a number for a title", "title: Late parcel", "title: 12"),
    Fault("yes and no for a title", "title: Close", "title: true"),
    Fault("nothing for a goal", "goal: One fix with a time.", "goal:"),
    Fault("null for a goal", "goal: One fix with a time.", "goal: null"),
    Fault("an empty text", "goal: One fix with a time.", 'goal: ""'),
    Fault("only a blank for a text", "title: Own it once", 'title: " "'),
    Fault("a list for a goal", "goal: One fix with a time.", "goal: [One, fix]"),
    Fault("a word for yes or no", "goal: One", "module: yes\ngoal: One"),
    Fault("a flag in quotes", "goal: One", 'module: "true"\ngoal: One'),
    Fault("one signal without a list", "signals: [where is it, it was promised]", "signals: where is it"),
    Fault("a number among the signals", "it was promised]", "12]"),
    Fault("a list for the sign of another case", "me: abusive-caller", "me: [abusive-caller]"),
    Fault("a text for a fact", "  problem: {ask: The problem in one sentence}", "  problem: What is it"),
    Fault("a list for a default", "default: 8.90", "default: [8.90]"),
    Fault("a number for an option", "partner: A partner's", "partner: 3"),
    Fault(
        "a list of options",
        "one-of:\n      ours: {label: Ours, slip: ours}\n      partner: A partner's",
        "one-of: [ours, partner]",
    ),
    Fault("a word where an interruption stands", "  pause:\n", "  other: stop\n  pause:\n"),
    Fault("a cue as a number", "cue: [Let them finish, Write nouns]", "cue: 10"),
    Fault("a number among the cues", "[Let them finish, Write nouns]", "[Let them finish, 10]"),
    Fault("a group as a cue", "[Let them finish, Write nouns]", "{first: Let them finish}"),
    Fault("a number to say", "- Tell me from the start.", "- 12"),
    Fault("a mixed list to say", '- {line: "So: {problem}."}', "- So it is."),
    Fault("a text that braces make a group", "say: Did I miss anything?", "say: {problem}"),
    Fault("a list of ways on", WAYS, re.sub("^      ", "      - ", WAYS, flags=re.MULTILINE)),
    Fault("a number of times in words", "at-most: 2", "at-most: twice"),
    Fault("no time at all", "at-most: 2", "at-most: 0"),
    Fault("half a time", "at-most: 2", "at-most: 1.5"),
    Fault("a step number to go to", "go: own}\n      looping", "go: 3}\n      looping"),
    Fault("a group to go to", "go: own}\n      looping", "go: {step: own}}\n      looping"),
    Fault("a word as an offer", "offer: {kind: gesture, ladder: goodwill, on: price}", "offer: gesture"),
    Fault("a word as a promise", "promise: {what: A call back, by: 17:00, who: me}", "promise: A call back"),
    Fault("a word as a condition", "when: {price: {over: 0}, not: {fault: partner}}", "when: price"),
    Fault("a condition without a value", "when: {fault: partner}", "when: {fault: null}"),
    Fault("a word that is turned round", "not: {fault: partner}", "not: partner"),
    Fault("a list of dispositions", "    end: recovered", "    end: [recovered]"),
    Fault("a step without its keys", "  close:\n", "  pass:\n  close:\n"),
    Fault("a list of steps", STEPS, "  - " + STEPS.replace("\n  ", "\n    ").replace("\n    close", "\n  - close")),
    Fault("a draft as a list", "  note: |\n    Dear customer", "  note: [Dear, customer]"),
    Fault("one rule without a list", "  - {every-end: recovered, must-pass: hear}", "  every-end: recovered"),
    Fault("a word as a path rule", "  - {every-end: recovered, must-pass: hear}", "  - own"),
    Fault("a list of given facts", "facts: {problem: the bike is late, fault: ours, price: 8.90}", "facts: [problem]"),
    Fault("promises in words", "promises: 1", "promises: one"),
    Fault("fewer than no promises", "promises: 1", "promises: -1"),
    Fault("an amount in words", "promises: 1", "amount: much"),
    Fault("an amount below nothing", "promises: 1", "amount: -5"),
]

WORDS = [
    Fault("an unknown kind of fact", "kind: money", "kind: cash"),
    Fault("an unknown principle", "principle: listen", "principle: listening"),
    Fault("a principle in capitals", "principle: own", "principle: Own"),
    Fault("an unknown channel", "[phone, chat]", "[phone, fax]"),
    Fault("an unknown slip", "slip: ours", "slip: nobody"),
    Fault("an unknown kind of offer", "{kind: gesture", "{kind: gift"),
    Fault("an unknown offer of a test", "    choose: [finished]", "    offer: all"),
    Fault("a timer without a unit", "timer: 2m", "timer: 120"),
    Fault("a timer in words", "timer: 2m", "timer: two minutes"),
    Fault("a timer of none", "timer: 2m", "timer: 0s"),
    Fault("a timer with a blank", "timer: 2m", "timer: 2 m"),
    Fault("a timer as a clock", "timer: 2m", "timer: 02:00"),
    Fault("a timer of something else", "timer: 2m", 'timer: "{problem}"'),
    Fault("a hold without a unit", "timer: 2m", "hold: 60"),
    Fault("a long key for an interruption", "    label: I need", "    key: hh\n    label: I need"),
]

IDS = [
    Fault("a step's id with a capital", "  gift:\n", "  Gift:\n"),
    Fault("a step's id with a blank", "  gift:\n", "  a gift:\n"),
    Fault("a step's id of one letter", "  gift:\n", "  g:\n"),
    Fault("a step's id that is taken", "  gift:\n", "  return:\n"),
    Fault("a choice's id that is taken", "finished: {label", "offer: {label"),
    Fault("a choice's id with an underscore", "finished: {label", "they_finished: {label"),
    Fault("a fact's id with a digit first", "  price: {ask", "  2nd-price: {ask"),
    Fault("a fact's id with two hyphens", "  price: {ask", "  the--price: {ask"),
    Fault("an option's id with a dot", "      partner: A", "      partner.one: A"),
    Fault("an interruption's id with a hyphen last", "  pause:\n", "  pause-:\n"),
    Fault("a draft's id that is no Latin", "  note: |", "  größe: |"),
]

EMPTY = [
    Fault("an empty list to say", "say: Did I miss anything?", "say: []"),
    Fault("an empty list of variants", 'line: "So: {problem}."', "line: []"),
    Fault("an empty list of routes", "{go: [{when: {fault: partner}, step: gift}, {step: own}]}", "{go: []}"),
    Fault("an empty list in a condition", "when: {fault: partner}", "when: {fault: []}"),
    Fault("no steps below their key", BASE[BASE.index("  hear:\n") : BASE.index("drafts:\n")], ""),
]

SYNTAX = [
    Fault("a key twice at the top", "goal: One", "title: Parcel\ngoal: One"),
    Fault("a key twice in a step", "    principle: listen", "    title: Hear\n    principle: listen"),
    Fault("a step twice", "  gift:\n", "  own:\n"),
    Fault("a key twice in braces", "kind: money, ", "kind: money, kind: text, "),
    Fault("a tab for an indentation", "    principle: listen", "\tprinciple: listen", GOES_ON),
    Fault("a tab after blanks", "    principle: listen", "  \tprinciple: listen", GOES_ON),
    Fault("a quotation mark that is open", "goal: One fix with a time.", 'goal: "One fix with a time.'),
    Fault("an apostrophe that is open", "say: Did I miss anything?", "say: 'Did I miss anything?", LAST),
    Fault("text after a quotation mark", "goal: One fix with a time.", 'goal: "One fix" with a time.'),
    Fault("an open brace", "{label: They have finished, go: own}", "{label: They have finished, go: own", NEXT),
    Fault("an open bracket", "cue: [Let them finish, Write nouns]", "cue: [Let them finish, Write nouns", NEXT),
    Fault("a bracket too many", "check: [They finished]", "check: [They finished]]", GOES_ON),
    Fault("a colon in a text", "say: Did I miss anything?", "say: So: did I miss anything?"),
    Fault("a line that is indented too little", "        why: It tells", "     why: It tells"),
    Fault("a line that is indented too much", "    principle: listen", "     principle: listen", ABOVE),
    Fault("a key without its colon", "    principle: listen", "    principle listen"),
    Fault("a step without its colon", "  own:\n", "  own\n", GOES_ON),
    Fault("an item that is indented too little", "      - Tell me from the start.", "     - Tell me from the start."),
    Fault("a space from Word behind a colon", "    principle: listen", "    principle:\u00a0listen"),
    Fault("Word's quotation marks around a colon", "say: Did I miss anything?", "say: “So: did I miss anything?”"),
    Fault("Word's quotation marks around a comma", "{label: They have finished, go", "{label: “Yes, they have”, go"),
    Fault("a key and its value in one word", "    principle: listen", "    principle:listen"),
    Fault("an anchor", "say: Did I miss anything?", "say: &did Did I miss anything?"),
    Fault("an alias to nowhere", "say: Did I miss anything?", "say: *did"),
    Fault("a merge key", "    title: Close\n", "    title: Close\n    <<: {draft: note}\n"),
    Fault("a tag", "say: Did I miss anything?", "say: !loud Did I miss anything?"),
    Fault("a second document", "path-rules:\n", "---\npath-rules:\n", SECOND),
    Fault("a text that starts with a percent sign", "goal: One fix with a time.", "goal: %20 off"),
    Fault("a text that starts with an at sign", "goal: One fix with a time.", "goal: @home"),
    Fault("a text that starts with a backtick", "goal: One fix with a time.", "goal: `home`"),
    Fault("a comma that ends a text in braces", "{label: They have finished, go", "{label: Yes, they have, go"),
    Fault("a text that starts with a bracket", "goal: One fix with a time.", "goal: [One] fix with a time."),
    Fault("an unknown escape", "goal: One fix with a time.", 'goal: "One \\fix \\with a time."'),
    Fault(
        "a comment that eats a brace", "{label: They have finished, go: own}", "{label: They have #12, go: own}", NEXT
    ),
    Fault(
        "a list without its blank",
        "      - Tell me from the start.",
        "      -Tell me from the start.",
    ),
]

FAULTS = {
    "mistyped keys": MISTYPED,
    "missing keys": MISSING,
    "wrong kinds": WRONG_KIND,
    "unknown words": WORDS,
    "bad ids": IDS,
    "empty lists": EMPTY,
    "syntax": SYNTAX,
}
