"""Long lists of the administration, read backwards by id: a page begins where the one before ended."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from sqlalchemy import Select

from helpdesk.db import session
from helpdesk.web.readable import number

SIZE = 50


def page(query: Select[Any], key: Any, **kept: Any) -> tuple[list[Any], dict[str, str | None]]:
    """The rows of this page, newest first, and the pager's addresses. `key`: the column that numbers the rows."""
    before, after = request.args.get("before", type=number), request.args.get("after", type=number)
    if after is not None:
        rows = list(session().scalars(query.where(key > after).order_by(key.asc()).limit(SIZE + 1)))
        newer, older = len(rows) > SIZE, True
        rows = rows[:SIZE][::-1]
    else:
        bounded = query if before is None else query.where(key < before)
        rows = list(session().scalars(bounded.order_by(key.desc()).limit(SIZE + 1)))
        newer, older = before is not None, len(rows) > SIZE
        rows = rows[:SIZE]
    first, last = (getattr(rows[0], key.key), getattr(rows[-1], key.key)) if rows else (0, 0)
    here = request.endpoint or ""
    return rows, {
        "newer_url": url_for(here, after=first, **kept) if newer and rows else None,
        "older_url": url_for(here, before=last, **kept) if older and rows else None,
    }
