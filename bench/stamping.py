"""Copies of a specimen: the same rows with other ids, people, words and moments. Knows no rule of the desk, only
where the marks are.

A row becomes a template: its constant cells, and for each other cell how it is filled. A ticket's rows are given out
step by step, so that the ids of events and messages grow with time across all tickets, as they do when people work.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bench.people import STAFF, Customer
from bench.specimen import EMAIL, NAME, NUMBER, PERSON, START, SUBJECT, Specimen, mail_of, minute, moment_of, words_of
from bench.words import Sentence

NUMBERED = ("events", "messages", "deliveries", "attachments", "timers", "payments", "inbound_mail", "addresses")
LINKS = {  # columns that hold the id of a row of another table
    "event_id": "events",
    "message_id": "messages",
    "inbound_id": "inbound_mail",
}
STEP_TIME = {
    "events": "at",
    "messages": "created_at",
    "deliveries": "created_at",
    "payments": "received_at",
    "inbound_mail": "received_at",
}
PEOPLE = ("requester_id", "assignee_id", "author_id", "actor_id", "person_id", "received_by_id", "said_by_id")
WORD = re.compile(r"\W")
SKIPPED = ("people", "addresses")  # written once a customer, not once a ticket


@dataclass
class Copy:
    """One ticket in the making. `slots` fills the cells, `ids` grows as rows are given their ids."""

    slots: dict[Any, Any]
    moments: list[datetime]
    ids: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


Fill = Callable[[Copy], Any]


@dataclass(frozen=True)
class RowStamp:
    """A row's constant cells, and how the others are filled."""

    table: str
    cells: tuple[Any, ...]
    fills: tuple[tuple[int, Fill], ...]

    def stamp(self, copy: Copy) -> tuple[Any, ...]:
        row = list(self.cells)
        for place, fill in self.fills:
            row[place] = fill(copy)
        return tuple(row)


class Stamp:
    """A specimen ready to be copied, but for the tables `without`. `shown(moment)` writes a time as the database keeps
    it.
    """

    def __init__(
        self,
        specimen: Specimen,
        shown: Callable[[datetime], Any],
        *,
        bools: type = bool,
        without: Collection[str] = (),
    ) -> None:
        self.life = specimen.life
        self.steps = len(specimen.life.steps) + 1
        self._shown, self._bools = shown, bools
        self._places = {name: {row["id"]: place for place, row in enumerate(specimen.rows[name])} for name in NUMBERED}
        self._pattern, self._slots = _marks(self.steps, specimen.zone)
        self._entered = _step(specimen.rows["tickets"][0]["entered_at"])
        self.by_step: list[list[RowStamp]] = [[] for _ in range(self.steps)]
        for table, rows in specimen.rows.items():
            if table not in SKIPPED:
                for row in rows:
                    self.by_step[self._step_of(table, row, specimen)].append(self._row(table, row))
        self._own = [[each.table for each in rows if each.table in NUMBERED] for rows in self.by_step]
        self.by_step = [[each for each in rows if each.table not in without] for rows in self.by_step]

    def rows(self, copy: Copy, step: int, next_id: Callable[[str], int]) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """The rows of one step of one copy, with the names of their tables."""
        for table in self._own[step]:
            copy.ids[table].append(next_id(table))
        for each in self.by_step[step]:
            yield each.table, each.stamp(copy)

    def customer(
        self, specimen: Specimen, copy: Copy, next_id: Callable[[str], int]
    ) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """The rows of a customer: the specimen's requester under another name."""
        for table in SKIPPED:
            for row in specimen.rows[table]:
                if table == "addresses":
                    copy.ids[table].append(next_id(table))
                yield table, self._row(table, row).stamp(copy)

    def _step_of(self, table: str, row: dict[str, Any], specimen: Specimen) -> int:
        if table in STEP_TIME:
            return _step(row[STEP_TIME[table]])
        if table in ("attachments", "message_search"):
            message = next(each for each in specimen.rows["messages"] if each["id"] == row["message_id"])
            return _step(message["created_at"])
        return 0

    def _row(self, table: str, row: dict[str, Any]) -> RowStamp:
        cells, fills = [], []
        for place, (name, value) in enumerate(row.items()):
            fill = self._fill(table, name, value)
            cells.append(self._constant(value))
            if fill is not None:
                fills.append((place, fill))
        return RowStamp(table, tuple(cells), tuple(fills))

    def _constant(self, value: Any) -> Any:
        if isinstance(value, bool):
            return self._bools(value)
        if isinstance(value, dict | list):
            return json.dumps(value)
        return value

    def _fill(self, table: str, name: str, value: Any) -> Fill | None:
        if value is None or isinstance(value, bool):
            return None
        if isinstance(value, datetime):
            return self._moment(value, since=self._entered if table == "timers" else None)
        if name == "id" and table in NUMBERED:
            return lambda copy, place=self._places[table][value]: copy.ids[table][place]
        if (name == "id" and table == "tickets") or name == "ticket_id":
            return lambda copy: copy.slots["number"]
        if (name == "id" and table == "people") or name in PEOPLE:
            return lambda copy, who=("requester" if value == PERSON else ("staff", value)): copy.slots[who]
        if isinstance(value, int) and name in LINKS:
            return lambda copy, other=LINKS[name], place=self._places[LINKS[name]][value]: copy.ids[other][place]
        if name == "sha256" and table == "inbound_mail":
            return lambda copy, salt=value[-4:]: f"{copy.slots['number']:060x}{salt}"
        if hasattr(value, "as_tuple"):  # a decimal is kept as text
            kept = format(value, "f")
            return lambda copy: kept
        if isinstance(value, dict | list):
            return self._text(json.dumps(self._linked(value), ensure_ascii=False))
        return self._text(value) if isinstance(value, str) else None

    def _linked(self, data: Any) -> Any:
        """An event's data may name a delivery by its id."""
        if isinstance(data, dict) and isinstance(data.get("delivery"), int):
            return data | {"delivery": f"@@{self._places['deliveries'][data['delivery']]}@@"}
        return data

    def _moment(self, value: datetime, *, since: int | None) -> Fill:
        """A time, as a step of the life and what is added to it.

        `since`: the step a timer runs from. All timers run from now, or a worker on the generated desk would have
        days of work first.
        """
        step = min(_step(value), self.steps - 1) if since is None else since
        after, shown = value - moment_of(step), self._shown
        if since is not None:
            return lambda copy: shown(copy.slots["now"] + after)
        if not after:
            return lambda copy: copy.slots["moment", step]
        return lambda copy: shown(copy.moments[step] + after)

    def _text(self, value: str) -> Fill | None:
        keys: list[Any] = []

        def marked(found: re.Match[str]) -> str:
            if found["delivery"] is not None:
                keys.append(("delivery", int(found["delivery"])))
                return "%s"
            keys.append(self._slots[found[0]])
            return "%s"

        template = self._pattern.sub(marked, value.replace("%", "%%"))
        if not keys:
            return None
        if template == "%s" and not isinstance(keys[0], tuple):
            return lambda copy, key=keys[0]: copy.slots[key]
        if any(isinstance(key, tuple) and key[0] == "delivery" for key in keys):
            return lambda copy: template % tuple([_slot_or_id(copy, key) for key in keys])
        return lambda copy: template % tuple([copy.slots[key] for key in keys])


def _slot_or_id(copy: Copy, key: Any) -> Any:
    if isinstance(key, tuple) and key[0] == "delivery":
        return copy.ids["deliveries"][key[1]]
    return copy.slots[key]


@dataclass(frozen=True)
class Other:
    """What makes a copy another ticket. `turn` is by how much the staff of each team is rotated."""

    number: int
    customer: Customer
    subject: Sentence
    said: list[Sentence]
    moments: list[datetime]
    now: datetime
    zone: ZoneInfo
    turn: int = 0


def copy_as(other: Other, shown: Callable[[datetime], Any]) -> Copy:
    """A copy that is to be `other`, with all its slots filled. `shown` writes a time as the database keeps it."""
    filled: dict[Any, Any] = {
        "number": other.number,
        "now": other.now,
        "requester": other.customer.id,
        "name": other.customer.name,
        "name tokens": other.customer.name.casefold(),
        "email": other.customer.email,
        "email tokens": WORD.sub(" ", other.customer.email),
        "subject": other.subject.text,
        "subject tokens": other.subject.tokens,
    }
    for step, (moment, words) in enumerate(zip(other.moments, other.said, strict=True)):
        filled["moment", step] = shown(moment)
        filled["text", step], filled["tokens", step] = words.text, words.tokens
        filled["mail", step] = f"m{other.number}.{step}@mail.example"
        filled["minute", step] = minute(moment, other.zone)
    for team in TEAM_MEMBERS:
        size = len(team)
        for place, member in enumerate(team):
            instead = team[(place + other.turn) % size]
            filled["staff", member.id] = instead.id
            filled["staff name", member.id] = instead.name
            filled["staff email", member.id] = instead.email
    return Copy(filled, other.moments)


TEAM_MEMBERS = [[each for each in STAFF if each.team == team] for team in dict.fromkeys(each.team for each in STAFF)]


def _step(moment: datetime) -> int:
    return max(0, (moment - START) // timedelta(hours=1))


def _marks(steps: int, zone: ZoneInfo) -> tuple[re.Pattern[str], dict[str, Any]]:
    """The marks of a specimen and the slot each stands for."""
    marks: dict[str, Any] = {
        str(NUMBER): "number",
        str(PERSON): "requester",
        NAME: "name",
        EMAIL: "email",
        SUBJECT: "subject",
        SUBJECT.casefold(): "subject tokens",
        NAME.casefold(): "name tokens",
        WORD.sub(" ", EMAIL): "email tokens",
    }
    for step in range(steps):
        marks[words_of(step)] = ("text", step)
        marks[words_of(step).casefold()] = ("tokens", step)
        marks[mail_of(step)[1:-1]] = ("mail", step)
        marks[minute(moment_of(step), zone)] = ("minute", step)
    for each in STAFF:
        marks[each.name], marks[each.email] = ("staff name", each.id), ("staff email", each.id)
    longest_first = sorted(marks, key=len, reverse=True)
    return re.compile('"@@(?P<delivery>\\d+)@@"|' + "|".join(map(re.escape, longest_first))), marks
