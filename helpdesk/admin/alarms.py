"""Alarms are seen to here, and earlier ones listed. Those that stand are on every page of the room."""

from __future__ import annotations

import json
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from helpdesk import alarms
from helpdesk.admin.blueprint import bp
from helpdesk.admin.pages import page
from helpdesk.alarms import Alarm
from helpdesk.db import session, writing
from helpdesk.people.models import Person
from helpdesk.people.naming import name_of
from helpdesk.web.fragments import is_fragment
from helpdesk.web.gates import current_person, for_admin
from helpdesk.web.readable import number


@bp.get("/alarms", endpoint="alarms")
@for_admin
def ended() -> str:
    """Alarms that are over: by whom, or by themselves."""
    rows, pager = page(select(Alarm).where(Alarm.cleared_at.is_not(None)), Alarm.id)
    names = _names(rows)
    return render_template("admin/alarms.html", ended=[_ended(row, names) for row in rows], pager=pager)


@bp.post("/alarms/<int:alarm_id>", endpoint="alarms_see_to")
@for_admin
def see_to(alarm_id: int) -> ResponseReturnValue:
    """Whoever presses this has seen the alarm as it was drawn for them; one that sounded again since then stays."""
    times = request.form.get("times", 0, type=number)
    with writing():
        over = alarms.see_to(alarm_id, times=times, by=current_person().id)
    kind, said = ("success", _("Seen to.")) if over else ("warning", _("It has sounded again. Look once more."))
    if is_fragment():
        toast = json.dumps({"toast": {"text": said, "kind": "success" if over else "error"}})
        return make_response(render_template("admin/_alarms.html"), {"HX-Trigger": toast})
    flash(said, kind)
    return redirect(url_for("admin.alarms"), 303)


def _ended(alarm: Alarm, names: dict[int, str]) -> dict[str, Any]:
    return {
        "sentence": alarm.sentence,
        "times": alarm.times,
        "raised_at": alarm.raised_at,
        "last_at": alarm.last_at,
        "ended_at": alarm.cleared_at,
        "by": names.get(alarm.seen_to_by_id) if alarm.seen_to_by_id else None,
    }


def _names(rows: list[Alarm]) -> dict[int, str]:
    ids = {row.seen_to_by_id for row in rows if row.seen_to_by_id}
    return dict(session().execute(select(Person.id, name_of(Person)).where(Person.id.in_(ids))).all()) if ids else {}
