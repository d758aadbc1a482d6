"""A list, or what a search finds, as a CSV file: for whoever has the right `export`, with what they may see.

The file is written while it is sent, a portion at a time (`tickets.walking`): neither memory nor a transaction grows
with it. It begins with a byte order mark, by which spreadsheets know UTF-8, and is quoted as RFC 4180 says.
"""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from helpdesk import clock
from helpdesk.desk import columns
from helpdesk.desk.blueprint import bp
from helpdesk.errors import NotFound
from helpdesk.people.models import Person
from helpdesk.tickets import filters, policy, walking
from helpdesk.tickets.filters import OPEN
from helpdesk.tickets.rows import Row
from helpdesk.tickets.walking import Look
from helpdesk.web import attachments, headers, limits, streaming
from helpdesk.web.gates import current_person, for_staff
from helpdesk.workflows.schema import Field

MOST = 100_000  # tickets of one file; a last line says so where there are more

log = logging.getLogger(__name__)


@bp.get("/tickets.csv", endpoint="download")
@for_staff
def download() -> Response:
    """The list `filter`, or with `q` what the search finds, in the order of the page."""
    person = current_person()
    _demand(person)
    words, key = request.args.get("q"), request.args.get("filter", OPEN)
    if words is None:
        workflows = dict.fromkeys(walk.workflow for walk in filters.find(person, key).walks)
        look = walking.listed(key)
    else:
        workflows = dict.fromkeys(workflow for workflow, _state in sorted(policy.visible_states(person)))
        look = walking.found(words.strip())
    limits.spend("download", str(person.id))
    log.info("Person %s downloads %s as a file.", person.id, f"the list {key}" if words is None else "a search")
    name = f"{_('tickets')}-{clock.now():%Y-%m-%d}.csv"
    return Response(
        streaming.streamed(_written(person.id, look, columns.of_workflows(workflows))),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": attachments.disposition(name, inline=False),
            "Content-Security-Policy": headers.DOWNLOAD,
        },
    )


def url_of(person: Person, **asked: Any) -> str | None:
    """Where this list or search is to be had as a file, for whoever may; None for everybody else."""
    return url_for("desk.download", **asked) if policy.may(person, "export") else None


def _demand(person: Person) -> None:
    if not policy.may(person, "export"):
        raise NotFound(_("There is no such page."))


def _written(person_id: int, look: Look, carried: Mapping[str, Field]) -> Iterator[str]:
    """The file, a portion at a time. Whoever loses the right meanwhile gets a last line instead of the rest."""
    yield "\ufeff" + _as_csv([columns.heads(carried)])
    left = MOST

    def judged(person: Person, place: Any) -> tuple[list[Row], Any]:
        _demand(person)
        return look(person, place)

    try:
        for rows in walking.portions(person_id, judged):
            yield _as_csv(columns.lines(rows[:left], carried))
            if len(rows) > left:
                yield _as_csv([[_("There are more: a file holds %(number)s tickets at most.", number=MOST)]])
                return
            left -= len(rows)
    except NotFound:
        yield _as_csv([[_("The file ends here: you may not see the rest any more.")]])


def _as_csv(lines: list[list[str]]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, dialect="excel").writerows(lines)
    return file.getvalue()
