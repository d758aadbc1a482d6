"""Conditions and texts: that they can be read, and that every name in them stands for something where they are used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from helpdesk.text.sandbox import BadTemplateError
from helpdesk.text.sandbox import variables as names_in_template
from helpdesk.workflows.check import mistyped
from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.conditions import BadExpressionError
from helpdesk.workflows.conditions import variables as names_in_condition
from helpdesk.workflows.findings import Finding
from helpdesk.workflows.scalars import Path, Use
from helpdesk.workflows.schema import Action, Desk, Workflow
from helpdesk.workflows.words import NAMES as NAMED
from helpdesk.workflows.words import meant_by, one_of

Known = Mapping[str, frozenset[str]]

NAMES: Known = {
    "ticket": frozenset(
        "ref number subject workflow state state_label customer_state priority source channel language tags created_at "
        "updated_at due_first_response due_resolution text assignee group".split()
    ),
    "customer": frozenset("id name email phone company category language city country".split()),
    "actor": frozenset(("name", "email", "kind")),
    "action": frozenset(("name", "label", "message")),
    "company": frozenset(("name", "url")),
    "links": frozenset("cabinet desk pay rate approve confirm reopen".split()),
    "history": frozenset(("customer", "staff")),
}
OF_EMAILS: Known = {"signature": frozenset()}  # what only the texts of e-mails have


def check(whole: Whole) -> Iterator[Finding]:
    emails = _fields_of_emails(whole.desk)
    known_where = cache(lambda where: known_at(whole.desk, where, emails))
    for use in whole.uses:
        if use.what == "text":
            sentence = f"“{use.path[-1]}” is no template: people would read the braces."
            yield whole.at_value("template_not_here", sentence, use.path, severity="warning")
        if use.what not in ("template", "reply template", "expression"):
            continue
        if use.what != "expression" and (mark := mistyped.in_text(use.text)):
            sentence = "Nothing is put in here: a name stands between two braces on each side."
            yield whole.at_value("not_filled_in", sentence, use.path, hint=f"Write {mark}.", severity="warning")
        try:
            used = names_in_condition(use.text) if use.what == "expression" else names_in_template(use.text)
        except BadExpressionError as bad:
            yield whole.at_value("bad_condition", str(bad), use.path, hint=mistyped.in_condition(use.text))
        except BadTemplateError as bad:
            yield whole.at_value("bad_template", bad.sentence, use.path)
        else:
            known = known_where(use.path[:4])
            yield from _unknown(whole, use, used, {**known, **OF_EMAILS} if _is_email(use) else known)


def _is_email(use: Use) -> bool:
    """Whether it is a text of an e-mail."""
    where = use.path[0], use.path[4:5]
    return use.what == "template" and (where[0] == "emails" or where == ("workflows", ("emails",)))


def _unknown(whole: Whole, use: Use, used: Iterable[tuple[str, ...]], known: Known) -> Iterator[Finding]:
    for name in sorted(used)[:20]:
        first, second = name[0], name[1] if len(name) > 1 else None
        if first not in known:
            hint = _field_meant(first, known) or meant_by(first, known, others=NAMED) or one_of(known)
            yield whole.at_value("unknown_name", f"There is no “{first[:60]}” here.", use.path, hint=hint)
        elif second is not None and second not in known[first]:
            hint = meant_by(second, known[first], others=NAMED) or one_of(sorted(known[first]))
            yield whole.at_value("unknown_name", f"There is no “{'.'.join(name[:2])[:80]}” here.", use.path, hint=hint)
        elif len(name) > 2 and not name[2].isdecimal():
            yield whole.at_value("unknown_name", f"“{'.'.join(name[:2])[:80]}” has no parts.", use.path)


def _field_meant(word: str, known: Known) -> str:
    return f"Did you mean “fields.{word}”?" if word in known["fields"] else ""


def known_at(desk: Desk, path: Path, emails: Mapping[str, frozenset[str]]) -> Known:
    """The names that a text or condition at this place may use."""
    if path[0] == "replies":
        asked = frozenset(field.name for field in desk.replies[path[1]].ask) if path[1] in desk.replies else frozenset()
        if path[2:3] == ("ask",):  # whether something is asked depends on what else is asked
            return {**NAMES, "fields": frozenset(desk.fields) | asked}
        return {**NAMES, "fields": frozenset(desk.fields), "asked": asked}
    if path[0] == "emails":
        return {**NAMES, "fields": emails.get(path[1]) or _fields_anywhere(desk)}
    if path[0] == "sources":
        source = desk.sources.get(path[1])
        inputs = [*getattr(source.options, "fields", ()), *getattr(source.options, "ask", ())] if source else []
        asked = frozenset(one.name for one in inputs)
        workflow = desk.workflows.get(source.workflow) if source else None
        return {**NAMES, "fields": asked | frozenset(workflow.fields if workflow else ())}
    workflow = desk.workflows.get(path[1]) if path[0] == "workflows" else None
    if workflow is None:
        return {**NAMES, "fields": frozenset(desk.fields)}
    if len(path) > 2 and path[2] == "sla":  # a promise hangs on the ticket, not on who does what
        return {name: NAMES[name] for name in ("ticket", "customer", "company")} | {
            "fields": _fields_of(workflow, None)
        }
    action = workflow.actions.get(path[3]) if len(path) > 3 and path[2] == "actions" else None
    return {**NAMES, "fields": _fields_of(workflow, action)}


def _fields_of(workflow: Workflow, action: Action | None) -> frozenset[str]:
    """What the ticket carries and what the action itself asks, its payment's amount for one."""
    asked = {one.name for one in action.fields} if action else set()
    return frozenset(workflow.fields) | (asked - {"message", "files"})


def _fields_anywhere(desk: Desk) -> frozenset[str]:
    """What a text that nothing sends yet may speak of."""
    workflows = desk.workflows.values()
    return frozenset(desk.fields).union(
        *(_fields_of(each, action) for each in workflows for action in each.actions.values())
    )


def _fields_of_emails(desk: Desk) -> dict[str, frozenset[str]]:
    """For each entry of `emails` the fields that exist wherever it is sent."""
    found: dict[str, frozenset[str]] = {}
    for workflow in desk.workflows.values():
        for action in workflow.actions.values():
            here = _fields_of(workflow, action)
            for email in action.emails:
                if email.template:
                    found[email.template] = found.get(email.template, here) & here
        for state in workflow.states.values():
            if state.approve:
                here = _fields_of(workflow, None)
                found[state.approve.email] = found.get(state.approve.email, here) & here
    return found
