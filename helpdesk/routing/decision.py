"""A decision of routing as it is kept: who was looked at, the numbers, who was preferred, what ruled each out. Plain
data, so that it can be read long after the file has changed (N15).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

KEPT = 50  # members a record names; of a larger group it keeps those who came first, and who was chosen


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """A member of the group. `place` counts from 1 among those who could have it; `out` is what ruled them out."""

    id: int
    name: str
    place: int | None = None
    says: str = ""
    out: str = ""
    tier: str = ""
    open: int | None = None
    busy: int | None = None
    capacity: int | None = None


@dataclass(frozen=True, kw_only=True)
class Preferred:
    """What a `prefer` of the entry came to: the person it pointed at, and whether they were taken."""

    word: str  # ticket_owner, last_agent
    says: str
    person: str = ""
    taken: bool = False


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Who of `group` gets a ticket. `by` is the word of the file, `strategy` what stands behind it; `file`, `line` say
    where in the revision. `person_id` is None where nobody could be chosen.
    """

    by: str
    strategy: str
    group: str
    channel: str = ""
    file: str = ""
    line: int = 0
    person_id: int | None = None
    person: str = ""
    why: str = ""
    preferred: tuple[Preferred, ...] = ()
    members: tuple[Weighed, ...] = ()
    more: int = 0  # members that the record leaves out
    tiers: tuple[str, ...] = ()
    overflow: bool = False  # whether the next tier was asked because nobody had touched it

    def as_data(self) -> dict[str, Any]:
        """For an event: JSON, without what is empty."""
        return {name: _filled(value) for name, value in asdict(self).items() if value not in ((), "", None, 0, False)}


def from_data(data: dict[str, Any]) -> Decision:
    """What an event keeps, read back."""
    known = dict(data)
    known["preferred"] = tuple(Preferred(**each) for each in data.get("preferred", ()))
    known["members"] = tuple(Weighed(**each) for each in data.get("members", ()))
    known["tiers"] = tuple(data.get("tiers", ()))
    return Decision(**known)


def _filled(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_filled(each) for each in value]
    if isinstance(value, dict):
        return {name: each for name, each in value.items() if each not in ("", None) and each is not False}
    return value
