"""Long lists of the administration, read backwards by id: a page begins where the one before ended."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from sqlalchemy import Select, asc, desc

from helpdesk.db import session
from helpdesk.web.readable import number

SIZE = 50


def page(
    query: Select[Any], key: Any, *, of: str = "", order: Any = None, **kept: Any
) -> tuple[list[Any], dict[str, str | None]]:
    """The rows of this page, newest first, and the pager's addresses. `key`: the column that numbers the rows. `of`:
    which list of a page that has several, each of which is read on by itself. `order`: an expression of the key
    to order by, where it is not the key itself.
    """
    place = key if order is None else order
    earlier, later = f"{of}before", f"{of}after"
    before, after = request.args.get(earlier, type=number), request.args.get(later, type=number)
    if after is not None:
        rows = list(session().scalars(query.where(place > after).order_by(asc(place)).limit(SIZE + 1)))
        newer, older = len(rows) > SIZE, True
        rows = rows[:SIZE][::-1]
    else:
        bounded = query if before is None else query.where(place < before)
        rows = list(session().scalars(bounded.order_by(desc(place)).limit(SIZE + 1)))
        newer, older = before is not None, len(rows) > SIZE
        rows = rows[:SIZE]
    first, last = (getattr(rows[0], key.key), getattr(rows[-1], key.key)) if rows else (0, 0)
    here = request.endpoint or ""
    newer_at, older_at = {**kept, later: first}, {**kept, earlier: last}
    return rows, {
        "newer_url": url_for(here, **newer_at) if newer and rows else None,
        "older_url": url_for(here, **older_at) if older and rows else None,
    }
