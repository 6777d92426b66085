"""Names resolve and rules of `format.md` hold within one file, or a finding says where they don't."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calmdesk.playbook.kinds import SECONDS, read_span, read_time
from calmdesk.playbook.names import NameCheck
from calmdesk.safetext import slots

if TYPE_CHECKING:
    from calmdesk.playbook.shapes import Path

WAYS = ("choices", "go", "end", "return")
_PLAY_KEYS = {"play", "title", "when", "go", "claims", "evidence"}
_CONTENT = {"title", "say", "cue", "check", "must-check", "ask", "offer", "draft", "play"}
MAX_CUES, MAX_CHECKS = 3, 5
_MOST = (("cue", MAX_CUES), ("check", MAX_CHECKS), ("must-check", MAX_CHECKS))


class FileCheck(NameCheck):
    """The checks of one file: its steps, ways on, interruptions and path rules."""

    def run(self) -> None:
        """Report everything that is wrong within this file."""
        report = self.reading.report
        if self.data.get("calmdesk") not in {1, None}:
            report(
                ("calmdesk",),
                "version",
                "This format is newer than this calmdesk.",
                "Write `calmdesk: 1`, or update calmdesk.",
            )
        if "steps" in self.data and not self.steps:
            report(("steps",), "no-steps", "There are no steps.", "Write at least one step.")
        for name, fact in self.facts.items():
            self.fact(name, fact)
        for name, step in self.steps.items():
            self.step(name, step)
        self.last_step()
        self.limits()
        for name, cut in (self.data.get("interruptions") or {}).items():
            self.interruption(name, cut)
        for name, text in (self.data.get("drafts") or {}).items():
            self.text(text, ("drafts", name))
        for n, rule in enumerate(self.data.get("path-rules") or ()):
            self.path_rule(rule, ("path-rules", n))
        for n, test in enumerate(self.data.get("tests") or ()):
            self.given(test.get("facts") or {}, ("tests", n, "facts"))

    def step(self, name: str, step: dict[str, Any]) -> None:
        path: Path = ("steps", name)
        if not _CONTENT & set(step) and not self._tried(path):
            self.reading.report(
                path,
                "empty-step",
                f"The step “{name}” has nothing to show.",
                "Give it something to say, ask, tick or do, or a title.",
            )
        ways = [w for w in WAYS if w in step]
        if len(ways) > 1:
            self.reading.report(
                (*path, ways[1]),
                "two-ways",
                f"A step has one way on; this has {' and '.join(ways)}.",
                "Keep one of them.",
            )
        if "play" in step and (extra := [k for k in step if k not in _PLAY_KEYS]):
            self.reading.report(
                (*path, extra[0]),
                "play-stands-alone",
                f"`play` can't stand with `{extra[0]}`.",
                "Put it in a step of its own before or after.",
            )
        if "when" in step:
            self.when(step["when"], (*path, "when"))
        if "{" in (title := step.get("title") or ""):
            self.text(title, (*path, "title"))
        if step.get("say"):
            self.say(step["say"], (*path, "say"))
        self.lists(step, path)
        if "ask" in step:
            self.mentioned.update(step["ask"])
            for n, fact in enumerate(step["ask"]):
                self.known(fact, self.facts, (*path, "ask", n), "unknown-fact", "fact")
        self.ways(step, path)
        self.extras(step, path)

    def lists(self, step: dict[str, Any], path: Path) -> None:
        """What is seen or ticked in a glance."""
        for key, most in _MOST:
            if key not in step:
                continue
            if len(step[key]) > most:
                self.reading.report(
                    (*path, key),
                    "too-many",
                    f"{len(step[key])} in `{key}`; an agent can take in {most}.",
                    "Keep the ones that matter.",
                    "warning",
                )
            if not step[key] and self.is_bare((*path, key)):
                self.reading.report(
                    (*path, key),
                    "empty-list",
                    f"`{key}` is empty.",
                    "Write something in it, or take it out.",
                    "warning",
                )
            for n, text in enumerate(step[key]):
                if "{" in text:
                    self.text(text, (*path, key, n))

    def _tried(self, path: Path) -> bool:
        """Whether something to show was written and couldn't be read, which has been told."""
        node = self.reading.find_node(path)
        return node is not None and bool(_CONTENT & node.names)

    def is_bare(self, path: Path) -> bool:
        """Whether a list was written with nothing in it: what couldn't be read has been told."""
        node = self.reading.find_node(path)
        return node is not None and not node.items

    def target(self, name: str, path: Path) -> None:
        if name == "return":
            if not self.module:
                self.reading.report(
                    path,
                    "no-return",
                    "Only a module returns with `go: return`.",
                    "If other files play this one, add `module: true` at the top; otherwise write `end: DISPOSITION`.",
                )
        elif name in (self.policy.compiled.get("dispositions") or {}) and name not in self.steps:
            self.reading.report(
                path,
                "unknown-step",
                f"There is no step “{name}”: it is a way to end.",
                f"Lead to a step that has `end: {name}`.",
            )
        elif name not in self.steps and " " in name:
            self.reading.report(
                path,
                "unknown-step",
                f"There is no step “{name}”.",
                f'If these are words to see: {{label: "{name}", go: STEP}}.',
            )
        else:
            self.known(name, self.steps, path, "unknown-step", "step")

    def routes(self, routes: list[dict[str, Any]] | None, path: Path) -> None:
        if routes and len(routes) == 1 and "when" not in routes[0] and routes[0].get("step") in self.steps:
            return
        routed = bool(routes) and routes is not None and (len(routes) > 1 or routes[0].get("when") is not None)
        for n, route in enumerate(routes or ()):
            here = (*path, n) if routed else path
            self.target(route.get("step") or "", (*here, "step") if routed else here)
            self.when(route.get("when"), (*here, "when"))
            if route.get("when") is None and routes is not None and n < len(routes) - 1:
                self.reading.report(
                    here,
                    "unreached-way",
                    "This way has no `when`, so it is always taken, and those below it never are.",
                    "Put the way without `when` last.",
                )
        if routes and all(r.get("when") is not None for r in routes):
            self.reading.report(
                (*path, len(routes) - 1),
                "no-default-way",
                "The last way has a `when`: sometimes none is left.",
                "Add a way without `when` at the end.",
            )

    def ways(self, step: dict[str, Any], path: Path) -> None:
        if "go" in step:
            self.routes(step["go"], (*path, "go"))
        if "choices" in step and not step["choices"]:
            self.reading.report(
                (*path, "choices"), "no-choices", "There is nothing to choose.", "Add a choice, or take `choices` out."
            )
        for name, choice in (step.get("choices") or {}).items():
            here = (*path, "choices", name)
            self.routes(choice.get("go"), (*here, "go"))
            if "{" in (label := choice.get("label") or ""):
                self.text(label, (*here, "label"))
            if "when" in choice:
                self.when(choice["when"], (*here, "when"))
            if "then" in choice:
                self.target(choice["then"], (*here, "then"))
                if "at-most" not in choice:
                    self.reading.report(
                        (*here, "then"),
                        "then-alone",
                        "`then` needs `at-most`.",
                        "Say how often the choice may be taken.",
                    )
            for n, fact in enumerate(choice.get("forget") or ()):
                self.known(fact, self.facts, (*here, "forget", n), "unknown-fact", "fact")
        for key in ("end", "return"):
            if key in step:
                dispositions = self.policy.compiled.get("dispositions") or {}
                labels = {str(d.get("label", "")).casefold(): name for name, d in dispositions.items()}
                if meant := labels.get(step[key].casefold()) if step[key] not in dispositions else None:
                    self.reading.report(
                        (*path, key),
                        "unknown-disposition",
                        f"There is no disposition “{step[key]}”.",
                        f"Did you mean “{meant}”? It reads “{step[key]}” on the screen.",
                    )
                    continue
                self.known(step[key], dispositions, (*path, key), "unknown-disposition", "disposition")

    def extras(self, step: dict[str, Any], path: Path) -> None:
        if offer := step.get("offer"):
            self.known(
                offer.get("ladder", ""),
                self.policy.compiled.get("ladders") or {},
                (*path, "offer", "ladder"),
                "unknown-ladder",
                "ladder",
            )
            on = offer.get("on", "")
            self.mentioned.add(on)
            if self.known(on, self.facts, (*path, "offer", "on"), "unknown-fact", "fact") and self.kind(on) != "money":
                self.reading.report(
                    (*path, "offer", "on"), "not-money", f"“{on}” isn't a money fact.", "Give it `kind: money`."
                )
        if promise := step.get("promise"):
            self.text(promise.get("what", ""), (*path, "promise", "what"))
            self.promise_by(promise.get("by", ""), (*path, "promise", "by"))
            self.text(promise.get("who", ""), (*path, "promise", "who"))
        for key in ("timer", "hold"):
            if key in step:
                self.text(step[key], (*path, key))
                if read_span(step[key]) > 60 * SECONDS["m"]:
                    self.reading.report(
                        (*path, key), "long-timer", "A clock runs up to 60m.", "Use a promise for longer spans."
                    )
        if "draft" in step:
            self.known(step["draft"], self.data.get("drafts") or {}, (*path, "draft"), "unknown-draft", "draft")
        for n, avoid in enumerate(step.get("avoid") or ()):
            for key in ("line", "instead"):
                if "{" in (text := avoid.get(key, "")):
                    self.text(text, (*path, "avoid", n, key))

    def promise_by(self, by: str, path: Path) -> None:
        self.text(by, path)
        names = slots(by)
        if any(n.startswith("policy.") for n in names):
            return
        if names and by != f"{{{names[0]}}}":
            self.reading.report(path, "no-clock", "A fact must stand alone here.", "Write only {" + names[0] + "}.")
        elif names:
            if names[0] in self.facts and self.kind(names[0]) not in {"moment", "time", "date"}:
                self.reading.report(
                    path, "no-clock", f"“{names[0]}” is no moment, time or date.", "Give the fact `kind: moment`."
                )
        elif by and not read_span(by) and not read_time(by).text:
            self.reading.report(
                path,
                "no-clock",
                f"“{by}” is no time that can be kept.",
                "Write a fact in braces, a clock time such as 17:00, or a span such as 24h.",
            )

    def limits(self) -> None:
        """An ending by us passes two limits: calmdesk sees them by their principle."""
        wanted = self.policy.count("abuse-warnings", 2)
        marked = sum(s.get("principle") == "boundary" for s in self.steps.values())
        for name, step in self.steps.items():
            # What it plays may set limits too.
            plays = any("play" in s for s in self.steps.values())
            if step.get("end") == "ended-by-us" and marked < wanted and not plays:
                self.reading.report(
                    ("steps", name, "end"),
                    "limits-unmarked",
                    f"A call is ended by us only after {wanted} limits; {marked} step{' is' if marked == 1 else 's are'} marked as setting one.",
                    "Give the steps that set a limit `principle: boundary`.",
                    "warning",
                )

    def last_step(self) -> None:
        """An ordinary playbook ends, or says where it goes: nobody is left on a dead end."""
        if self.module or not self.steps:
            return
        name, step = list(self.steps.items())[-1]
        if not any(w in step for w in WAYS) and "play" not in step:
            self.reading.report(
                ("steps", name),
                "dead-end",
                f"The last step “{name}” leads nowhere.",
                "Give it `end: DISPOSITION`, `return: DISPOSITION`, choices, or `go: STEP`.",
            )

    def interruption(self, name: str, cut: dict[str, Any]) -> None:
        path: Path = ("interruptions", name)
        if ("play" in cut) == ("card" in cut):
            self.reading.report(
                path,
                "play-or-card",
                "An interruption has `play` or `card`, one of them.",
                "Write {label: They shout, play: NAME} or {label: They shout, card: {say: …}}.",
            )
        if "key" in cut:
            self.reading.report(
                (*path, "key"),
                "key-in-policy",
                "Only the policy's interruptions have a key.",
                "Take `key` out; it is picked with i.",
            )
        if card := cut.get("card"):
            self.text(card.get("title") or "", (*path, "card", "title"))
            for n, cue in enumerate(card.get("cue") or ()):
                self.text(cue, (*path, "card", "cue", n))
            self.say(card.get("say") or [{"when": None, "lines": []}], (*path, "card", "say"))

    def path_rule(self, rule: dict[str, Any], path: Path) -> None:
        # What was written and couldn't be read has been told.
        node = self.reading.find_node(path)
        written = node.names if node else rule
        heads = [k for k in ("before", "every-end", "never") if k in written]
        if len(heads) != 1 or ("must-pass" in written) != (heads != ["never"]):
            self.reading.report(
                path,
                "odd-path-rule",
                "A path rule says before … must-pass …, every-end … must-pass …, or never … when ….",
                "Write one of the three.",
            )
        for key in ("before", "must-pass", "never"):
            if key in rule and (key, rule[key]) != ("never", "offer"):
                self.known(rule[key], self.steps, (*path, key), "unknown-step", "step")
        if "every-end" in rule and rule["every-end"] != "any":
            self.known(
                rule["every-end"],
                self.policy.compiled.get("dispositions") or {},
                (*path, "every-end"),
                "unknown-disposition",
                "disposition",
            )
        self.when(rule.get("when"), (*path, "when"))
