"""The workflow's own tests: steps that say too little or too much, people and actions that are not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.findings import Finding, did_you_mean
from helpdesk.workflows.moves import visited
from helpdesk.workflows.references import RECIPIENTS
from helpdesk.workflows.schema import BUILT_IN, Action, Expect, Field, Given, Source, Step, Workflow
from helpdesk.workflows.texts import is_address
from helpdesk.workflows.words import PEOPLE, meant_by, one_of

UNDO = Field(name="undo_this", type="text", label="Take it back")
REFUSALS = ("not_found", "not_now", "required", "hidden", "invalid", "assigned", "voted", "stale")


def check(whole: Whole) -> Iterator[Finding]:
    for test in whole.desk.tests:
        source = whole.desk.sources.get(test.given.source)
        workflow = whole.desk.workflows.get(source.workflow) if source else None
        if workflow is not None:
            known = _known(whole, workflow)
            yield from _ran(whole, known, test.given.expect)
            yield from _mailed(whole, workflow, test.given.expect)
            yield from _entered(whole, test.given, _asked_by(source))
        for step in test.steps:
            yield from _shape(whole, step)
            yield from _names(whole, step, workflow)


def _shape(whole: Whole, step: Step) -> Iterator[Finding]:
    said = [word for word in ("do", "approve", "writes") if getattr(step, word) is not None]
    if step.after is not None:
        if said or step.as_ is not None:
            yield whole.at_value("bad_step", "A step that lets time pass does nothing else.", step.path)
    elif len(said) != 1 or step.as_ is None:
        sentence = "A step has `as` with one of `do`, `approve`, `writes`; or it has `after`."
        yield whole.at_value("bad_step", sentence, step.path)
    if step.refused is not None and step.refused not in ("true", *REFUSALS):
        hint = did_you_mean(step.refused, REFUSALS) or f"It is true or one of {', '.join(REFUSALS)}."
        yield whole.at_value("unknown_value", "No refusal has this code.", (*step.path, "refused"), hint=hint)


def _names(whole: Whole, step: Step, workflow: Workflow | None) -> Iterator[Finding]:
    people = {*whole.desk.roles, "customer", "assignee"}
    outside = step.writes is not None and is_address(step.as_ or "")  # whoever is asked in a side conversation
    if step.as_ is not None and step.as_ not in people and not outside:
        sentence = f"There is no role “{step.as_[:60]}”."
        group = f"“{step.as_}” is a group; people are named by their roles." if step.as_ in whole.desk.groups else ""
        hint = group or meant_by(step.as_, people, others=PEOPLE) or one_of(sorted(people))
        yield whole.at_value("unknown_role", sentence, (*step.path, "as"), hint=hint)
    if workflow is None:
        return
    known = _known(whole, workflow)
    if step.do is not None and step.do not in known:
        sentence = f"There is no action “{step.do[:60]}”."
        yield whole.at_value("unknown_action", sentence, (*step.path, "do"), hint=did_you_mean(step.do, known))
    yield from _ran(whole, known, step.expect)
    yield from _mailed(whole, workflow, step.expect)
    run = known.get(step.do or "", [])
    if run and step.refused is None:  # what is refused may be just such a value
        yield from _entered(whole, step, {name: field for action in run for name, field in _asked(action).items()})


def _known(whole: Whole, workflow: Workflow) -> dict[str, list[Action]]:
    """The actions that a ticket of this workflow can meet, by their names."""
    found: dict[str, list[Action]] = {}
    for each in visited(whole.desk, workflow):
        for action in each.actions.values():
            found.setdefault(action.name, []).append(action)
    return found


def _ran(whole: Whole, known: Mapping[str, list[Action]], expect: Expect | None) -> Iterator[Finding]:
    for number, name in enumerate((expect.ran or ()) if expect else ()):
        if name not in known:
            path = (*(expect.path if expect else ()), "ran", str(number))
            sentence = f"There is no action “{name[:60]}”."
            yield whole.at_value("unknown_action", sentence, path, hint=did_you_mean(name, known))


def _asked(action: Action) -> dict[str, Field]:
    """What can be entered for an action, and for those that can be taken back that too."""
    undo = {UNDO.name: UNDO} if action.type in ("merge", "split") else {}
    return {one.name: one.field for one in action.fields} | undo


def _mailed(whole: Whole, workflow: Workflow, expect: Expect | None) -> Iterator[Finding]:
    """Recipients are spelled as in the file, so one that the file does not have is never mailed."""
    known = set(RECIPIENTS) | {f"role:{name}" for name in whole.desk.roles}
    for number, name in enumerate((expect.emails or ()) if expect else ()):
        if name not in known and not is_address(name):
            path = (*(expect.path if expect else ()), "emails", str(number))
            hint = meant_by(name, known, others=PEOPLE) or one_of(sorted(known))
            sentence = f"There is no recipient “{name[:60]}”."
            yield whole.at_value("unknown_recipient", sentence, path, hint=hint, severity="warning")


def _asked_by(source: Source | None) -> dict[str, Field]:
    """What can be entered for a source: a form's fields, what a chat asks and its first line, or a mail."""
    options = source.options if source else None
    if fields := getattr(options, "fields", ()):
        return {one.name: one.field for one in fields}
    if asked := getattr(options, "ask", ()):
        return {one.name: one.field for one in asked} | {name: BUILT_IN[name] for name in ("message", "files")}
    return {name: BUILT_IN[name] for name in ("name", "subject", "message", "files")}


def _entered(whole: Whole, at: Given | Step, asked: Mapping[str, Field]) -> Iterator[Finding]:
    """Values for inputs that are not asked, and choices that are none. Only the test fails of it."""
    for name, value in at.with_.items():
        path = (*at.path, "with", name)
        if name not in asked:
            hint = did_you_mean(name, asked) or one_of(asked)
            sentence = f"“{name[:60]}” is not asked here."
            yield whole.at_key("unknown_input", sentence, path, hint=hint, severity="warning")
        elif _is_no_choice(asked[name], value):
            hint = did_you_mean(value, asked[name].choices) or one_of(asked[name].choices)
            sentence = f"“{value[:60]}” is none of the choices."
            yield whole.at_value("unknown_value", sentence, path, hint=hint, severity="warning")


def _is_no_choice(field: Field, value: object) -> bool:
    if field.type != "choice" or not field.choices:  # that it has none is told where it stands
        return False
    return isinstance(value, str) and value not in ("", *field.choices)
