"""The form view: one state, action, mail or field of the text as a form, for people who do not like YAML. What the form
says is written into the text at its own lines; the text is what counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.admin.blueprint import bp
from helpdesk.admin.workflow import drafts
from helpdesk.errors import HelpdeskError, Invalid
from helpdesk.web.gates import for_admin
from helpdesk.workflows import kinds
from helpdesk.workflows.editing import work
from helpdesk.workflows.texts import COLORS, FIELD_NAME, NAME

KINDS = ("states", "actions", "emails", "fields")
MANY = 2000  # values one form can send


@bp.post("/workflow/part", endpoint="workflow_part")
@for_admin
def part() -> ResponseReturnValue:
    """The form of one part, or of a new one."""
    draft, path = drafts.sent(), _path()
    found = work.ask("form", draft.texts, path=path)
    if not found["controls"]:
        raise Invalid({"path": _("There is no form for this part. Change it in the text.")})
    about = {"path": path, "controls": found["controls"], "title": _title(path, found), "kind": path[-2]}
    return render_template("admin/workflow/_part.html", **about)


@bp.post("/workflow/part/new", endpoint="workflow_part_new")
@for_admin
def new() -> ResponseReturnValue:
    """The form of a state, action, mail or field that is not there yet."""
    draft = drafts.sent()
    kind, workflow = request.form.get("kind", ""), request.form.get("workflow", "")
    if kind not in KINDS:
        raise Invalid({"kind": _("There is no form for this part. Change it in the text.")})
    names = work.ask("form", draft.texts, path=[])["names"]
    about = {"kind": kind, "workflow": workflow, "names": names, "colors": COLORS}
    return render_template(
        "admin/workflow/_new.html", **about, types=kinds.actions.names(), field_types=kinds.field_types.names()
    )


@bp.post("/workflow/part/<any(fill, add, remove):what>", endpoint="workflow_change")
@for_admin
def change(what: str) -> ResponseReturnValue:
    """The texts after what a form said; nothing is kept by this."""
    does: dict[str, Callable[[], dict[str, Any]]] = {"fill": _fill, "add": _add, "remove": _remove}
    try:
        return jsonify(does[what]())
    except HelpdeskError as refused:
        return jsonify({"problem": refused.sentence}), refused.status


def _fill() -> dict[str, Any]:
    sent = {name: values for name, values in request.form.lists() if name not in ("file", "text", "csrf_token")}
    if len(sent) > MANY:
        raise Invalid({"path": _("This is more than one form can hold.")})
    path = _path()
    return work.ask("fill", drafts.sent().texts, path=path, sent=sent) | {"path": path}


def _add() -> dict[str, Any]:
    draft = drafts.sent()
    kind, workflow, name = (request.form.get(each, "").strip() for each in ("kind", "workflow", "name"))
    label = request.form.get("label", "").strip()
    if kind not in KINDS or (kind in ("states", "actions") and not NAME.fullmatch(workflow)):
        raise Invalid({"kind": _("There is no form for this part. Change it in the text.")})
    name = name or _name_from(label)
    if not (FIELD_NAME if kind == "fields" else NAME).fullmatch(name):
        raise Invalid({"name": _("A name begins with a letter and has letters, digits and underscores.")})
    path = ["workflows", workflow, kind, name] if kind in ("states", "actions") else [kind, name]
    states = request.form.getlist("states") if kind == "actions" else []
    return work.ask("add", draft.texts, path=path, value=_value(kind, label or name), states=states) | {"path": path}


def _remove() -> dict[str, Any]:
    return work.ask("remove", drafts.sent().texts, path=_path()) | {"path": []}


def _value(kind: str, label: str) -> dict[str, Any]:
    """What a new part begins with."""
    keys = ("color", "type", "to", "subject", "body", "customer_label")
    chosen = {key: request.form.get(key, "").strip() for key in keys}
    people = request.form.getlist("people")
    first: dict[str, dict[str, Any]] = {
        "states": {
            "label": label,
            "customer_label": chosen["customer_label"],
            "color": chosen["color"],
            "visible_to": people,
        },
        "actions": {
            "type": chosen["type"],
            "label": label,
            "allow": people,
            "to": chosen["to"],
            "fields": _inputs(chosen["type"]),
        },
        "emails": {"subject": chosen["subject"] or label, "body": chosen["body"] or label},
        "fields": {"type": chosen["type"] or "text", "label": label},
    }
    return {key: value for key, value in first[kind].items() if value}


def _inputs(type: str) -> list[str]:
    """What an action of this type cannot do without."""
    known = kinds.actions.find(type)
    return ["message", "files"] if getattr(known, "needs_message", False) else []


def _name_from(label: str) -> str:
    """A name for what was only given a label: “On loan” is `on_loan`."""
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in label.lower()).split()
    return "_".join(words)[:60]


def _path() -> list[str]:
    path = request.form.get("path", "").split(".")
    if len(path) > 6 or not all(path):
        raise Invalid({"path": _("There is no form for this part. Change it in the text.")})
    return path


def _title(path: list[str], found: dict[str, Any]) -> str:
    label = next((part["label"] for part in found["parts"] if part["path"] == path), "")
    return label or path[-1]
