"""The shape of an explanation: parts, and in each part reasons that hold or do not hold, with the line of the file.

Plain data for the command line, the desk's page and scripts. Knows no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from helpdesk.routing.decision import Decision

OTHERS = -1  # several people, none of them the reader


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One sentence. `holds`: speaks for it, against it, or neither (None). `line`: where the file says so.

    `saw`: what a condition looked at and found. `about`: the person whose rights or numbers it tells; others of the
    staff are not shown it.
    """

    code: str
    says: str
    holds: bool | None = None
    line: str = ""
    saw: tuple[tuple[str, str], ...] = ()
    about: int | None = None

    def as_dict(self) -> dict[str, Any]:
        data: dict[str, Any] = {"code": self.code, "holds": self.holds, "says": self.says, "line": self.line}
        return data | ({"saw": dict(self.saw)} if self.saw else {})


@dataclass(frozen=True, kw_only=True)
class Part:
    """Reasons that belong together: `name` for scripts, `title` for people. `decision`: one of routing, as a table."""

    name: str
    title: str
    reasons: tuple[Reason, ...]
    decision: Decision | None = None

    def as_dict(self) -> dict[str, Any]:
        data: dict[str, Any] = {"name": self.name, "reasons": [each.as_dict() for each in self.reasons]}
        return data | ({"decision": self.decision.as_data()} if self.decision else {})


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Why. `holds`: whether the button is there (None where no button was asked about)."""

    ticket: str
    sentence: str
    revision: int
    asked: str = ""
    who: str = ""
    holds: bool | None = None
    parts: tuple[Part, ...] = field(default=())

    def part(self, name: str) -> Part | None:
        return next((each for each in self.parts if each.name == name), None)

    def as_dict(self) -> dict[str, Any]:
        return {
            "ticket": self.ticket,
            "asked": self.asked or None,
            "as": self.who or None,
            "holds": self.holds,
            "says": self.sentence,
            "revision": self.revision,
            "parts": [each.as_dict() for each in self.parts],
        }


def parts(*made: Part | None) -> tuple[Part, ...]:
    """Those that have something to say."""
    return tuple(each for each in made if each is not None and (each.reasons or each.decision))


def discreet(answer: Answer, person_id: int) -> Answer:
    """What a member of the staff may know of it: nothing of other people's rights and numbers."""
    return replace(answer, parts=tuple(_without(each, person_id) for each in answer.parts))


def _without(part: Part, person_id: int) -> Part:
    known = [each for each in part.reasons if each.about in (None, person_id)]
    hidden = len(part.reasons) - len(known)
    if hidden:
        known.append(Reason(code="others", says=_others(hidden)))
    decision = part.decision and replace(
        part.decision,
        members=tuple(each for each in part.decision.members if each.id in (person_id, part.decision.person_id)),
        preferred=(),
        why=part.decision.why if part.decision.person_id is not None else "Nobody of the group could have it.",
    )
    return replace(part, reasons=tuple(known), decision=decision)


def _others(number: int) -> str:
    return "One more is about somebody else." if number == 1 else f"{number} more are about other people."


def words(names: Iterable[str], *, join: str = "or") -> str:
    """“a, b or c”."""
    listed: Sequence[str] = list(names)
    return f" {join} ".join([", ".join(listed[:-1]), listed[-1]]) if len(listed) > 1 else "".join(listed)
