"""Several small questions asked as one: on PostgreSQL each costs a journey, and on either database putting a question
takes several times as long as answering it. For pages that show much about one ticket.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any

from sqlalchemy import Row, Select, cast, literal_column, null, select, union_all
from sqlalchemy.sql.selectable import CompoundSelect

from helpdesk.db import answer


class Together:
    """Questions by name; columns of the same name have the same type.

    The answers are rows by the question's name, in no order. A row has the columns of all questions, by name; those
    that its own does not ask for are None.
    """

    def __init__(self, **questions: Select[*tuple[Any, ...]]) -> None:
        self.questions = questions

    def ask(self, **values: Any) -> dict[str, list[Row[*tuple[Any, ...]]]]:
        """The rows of each question, with the `bindparam`s of all of them filled in."""
        found = defaultdict(list)
        for row in answer(self._whole, **values):
            found[row.question].append(row)
        return found

    @cached_property
    def _whole(self) -> CompoundSelect[*tuple[Any, ...]]:
        columns = {each.name: each.type for asked in self.questions.values() for each in asked.selected_columns}
        parts = []
        for name, asked in self.questions.items():
            own = asked.subquery().c
            filled = (own[each] if each in own else cast(null(), kind).label(each) for each, kind in columns.items())
            parts.append(select(literal_column(f"'{name}'").label("question"), *filled))
        return union_all(*parts)
