"""What the editor asks of a text, done in a child process that can be killed: ten seconds and 256 MB whatever somebody
typed. A text of 5,000 lines takes two seconds of a processor, and the desk's own process must go on answering.

`look` checks, outlines and draws; `form`, `fill`, `add` and `remove` are the form view. Nothing here knows a database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from helpdesk.child import Child, ChildFailed
from helpdesk.errors import Invalid, NotPossible
from helpdesk.workflows import check, diagram, kinds
from helpdesk.workflows.diagram import Live
from helpdesk.workflows.editing import filled, forms
from helpdesk.workflows.editing.diff import compared
from helpdesk.workflows.editing.merging import together
from helpdesk.workflows.editing.outline import outline
from helpdesk.workflows.enclosures import Known, read_back
from helpdesk.workflows.load import load_texts
from helpdesk.workflows.nodes import RefusedError
from helpdesk.workflows.schema import Desk

SECONDS, MEMORY, OUTPUT = 10.0, 256 * 1024 * 1024, 8_000_000

_child = Child("helpdesk.workflows.editing.work:answer", seconds=SECONDS, memory=MEMORY, output=OUTPUT)


def ask(what: str, texts: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """Let the child do it. Raises `Invalid` where the text cannot be read at all, and `NotPossible` with a sentence."""
    try:
        found = _child.call({"what": what, "texts": dict(texts), **more})
    except ChildFailed as failed:
        raise NotPossible(f"The text could not be looked at: {failed.sentence}") from failed
    if "refused" in found:
        raise NotPossible(found["refused"])
    if "unreadable" in found:
        raise Invalid({"text": found["unreadable"]})
    return found


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> list[dict[str, Any]]:
    """What changed, file by file (`diff.compared`). Raises what `ask` raises."""
    found: list[dict[str, Any]] = ask("diff", after, before=dict(before))["files"]
    return found


def both(base: Mapping[str, str], theirs: Mapping[str, str], mine: Mapping[str, str]) -> dict[str, str] | None:
    """The texts with both changes in them, or None where they meet (`merging.together`). Raises what `ask` raises."""
    found: dict[str, str] | None = ask("both", mine, base=dict(base), theirs=dict(theirs))["texts"]
    return found


def answer(payload: dict[str, Any]) -> dict[str, Any]:
    """In the child: one of the questions below."""
    questions: dict[str, Callable[..., dict[str, Any]]] = {
        "look": _look,
        "form": _form,
        "fill": _fill,
        "add": _add,
        "remove": _remove,
        "diff": _diff,
        "both": _both,
        "letters": _letters,
    }
    asked = dict(payload)
    try:
        return questions[asked.pop("what")](**asked)
    except NotPossible as refused:
        return {"refused": refused.sentence}
    except RefusedError as refused:
        found = refused.finding
        return {"unreadable": f"Line {found.line}: {found.message}"}


def _look(
    texts: dict[str, str],
    live: dict[str, Any],
    active: dict[str, str],
    places: dict[str, Any],
    enclosed: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Findings; and of a text that can be read, its outline and a drawing of each workflow. Of one that cannot, the
    drawing of the text in force (`last`). `enclosed`: the files that its ready answers can bring along.
    """
    beside = Known(read_back(enclosed)) if enclosed is not None else None
    loaded = check.run_texts({**texts}, beside=beside)
    found: dict[str, Any] = {"findings": [finding.as_dict() for finding in loaded.findings]}
    before = load_texts({**active}).draft if active and active != texts else None
    if loaded.draft is None:
        if before is not None:
            found["last"] = [_drawn(before, name, None, live, places) for name in before.workflows]
        return found
    found |= outline(texts)
    found["names"]["enclosures"] = dict.fromkeys(enclosed or {}, "")
    found["drawings"] = [_drawn(loaded.draft, name, before, live, places) for name in loaded.draft.workflows]
    return found


def _form(texts: dict[str, str], path: list[str]) -> dict[str, Any]:
    return {"controls": forms.controls(texts, tuple(path)), **outline(texts)}


def _fill(texts: dict[str, str], path: list[str], sent: dict[str, Sequence[str]]) -> dict[str, Any]:
    return {"texts": filled.apply(texts, tuple(path), sent)}


def _add(texts: dict[str, str], path: list[str], value: dict[str, Any], states: list[str]) -> dict[str, Any]:
    done = filled.add(texts, tuple(path), value)
    return {"texts": filled.offer(done, path[1], states, path[-1]) if states else done}


def _remove(texts: dict[str, str], path: list[str]) -> dict[str, Any]:
    return {"texts": filled.remove(texts, tuple(path))}


def _diff(texts: dict[str, str], before: dict[str, str]) -> dict[str, Any]:
    return {"files": compared(before, texts)}


def _both(texts: dict[str, str], base: dict[str, str], theirs: dict[str, str]) -> dict[str, Any]:
    return {"texts": together(base, theirs, texts)}


def _letters(texts: dict[str, str]) -> dict[str, Any]:
    """The e-mails of the texts: their sources by name and language; the file's own stands under "". What an action
    writes without a named text is called after it.
    """
    draft = load_texts({**texts}).draft
    found = {
        name: {"": {"subject": mail.subject, "body": mail.body}}
        | {code: {"subject": said.subject, "body": said.body} for code, said in mail.languages.items()}
        for name, mail in (draft.emails if draft else {}).items()
    }
    for workflow in draft.workflows.values() if draft else ():
        for action in workflow.actions.values():
            own = [mail for mail in action.emails if mail.template is None and mail.body]
            for number, mail in enumerate(own, 1):
                name = f"{workflow.name}.{action.name}" + (f" {number}" if len(own) > 1 else "")
                found[name] = {"": {"subject": mail.subject or "", "body": mail.body or ""}}
    return {"letters": found}


def _drawn(
    desk: Desk, name: str, before: Desk | None, live: Mapping[str, Any], places: Mapping[str, Any]
) -> dict[str, Any]:
    """One workflow: what differs from the desk in force in colours, what goes on in each state, states where they were
    put by hand.
    """
    workflow = desk.workflows[name]
    going_on = {state: Live(*live.get(name, {}).get(state, (0,))) for state in workflow.states}
    by_hand = {state: (float(x), float(y)) for state, (x, y) in places.get(name, {}).items()}
    was = before.workflows.get(name) if before else None
    doors = diagram.sources_of(desk, name)
    drawn = diagram.svg(workflow, live=going_on, before=was, places=by_hand, sources=doors)
    return {"name": name, "label": workflow.label or name, "svg": drawn}


kinds.actions.names()  # imported before the bounds are set: a child that is ready answers quickly
