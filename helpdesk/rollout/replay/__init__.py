"""The past days once more under a changed file: what would have ended differently (N6). For `helpdesk workflow replay`
and the editor.

Every run and arrival of the window is played twice on desks in memory, under the file in force and under the changed
one, each from where its ticket really was. Only what comes out under the file in force as it did in life is compared,
so a difference is the file's doing; the rest is counted and said. Nothing of the live desk is written, and the same
past gives the same answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from helpdesk.errors import Invalid
from helpdesk.rollout.replay import recorded
from helpdesk.rollout.replay.again import Outcome, play
from helpdesk.rollout.replay.recorded import Recorded
from helpdesk.rollout.ways import ways
from helpdesk.text.counted import counted
from helpdesk.workflows import check, revisions
from helpdesk.workflows.schema import Desk

MOST = 2_000  # events, unless more are asked for
EXAMPLES = 5  # tickets named with a difference

Progress = Callable[[int, int], None]  # how many are done, of how many


@dataclass(frozen=True)
class Differs:
    """Events that would have ended in the same other way. `tickets`: the first of them, by their names."""

    workflow: str
    action: str
    sentence: str
    times: int
    tickets: tuple[str, ...]

    def __str__(self) -> str:
        more = ", …" if self.times > len(self.tickets) else ""
        return f"{self.workflow}, {self.action}: {self.sentence} {self.times} × ({', '.join(self.tickets)}{more})"


@dataclass(frozen=True)
class Replayed:
    """What came of it. `events` were looked at, `compared` of them could be; `skipped`: why not, and how many.
    `more`: the window holds more than was looked at.
    """

    days: int
    events: int
    compared: int
    different: int
    differences: tuple[Differs, ...]
    skipped: Mapping[str, int]
    more: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        told = [f"{self.different} of {counted(self.compared, 'event')} would have ended differently."]
        told += [str(one) for one in self.differences]
        told += [f"{counted(number, 'event')} could not be compared: {why}" for why, number in self.skipped.items()]
        if self.more:
            told.append(f"There were more in these {self.days} days; the last {self.events} were looked at.")
        return tuple(told)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"sentences": list(self.sentences)}


FOLLOWS = "they follow from another one and come with it."
ANOTHER = "they do not come out as they did, for not all they hung on is recorded."


def replay(texts: Mapping[str, str], *, days: int, limit: int = MOST, progress: Progress | None = None) -> Replayed:
    """Play the last `limit` events of the past `days` days under `texts`. Raises Invalid where these have errors."""
    loaded = check.run_texts({**texts})
    if loaded.desk is None:
        errors = [finding for finding in loaded.findings if finding.severity == "error"]
        raise Invalid({f"{f.file}:{f.line}:{f.column}": f.message for f in errors})
    active = revisions.active()
    past = recorded.since(days, limit=limit)
    played = [event for event in past.events if event.cause != "follows"]
    worth = recorded.Past(tuple(played), past.people, past.more)
    steps = _Steps(2 * len(played), progress)
    before = play(revisions.get(active.id).files, worth, done=steps.one)
    after = play(texts, worth, done=steps.one)
    return _compared(days, past, played, before, after, loaded.desk)


def _compared(
    days: int,
    past: recorded.Past,
    played: Iterable[Recorded],
    before: Iterable[Outcome],
    after: Iterable[Outcome],
    desk: Desk,
) -> Replayed:
    found: dict[tuple[str, str, str], list[str]] = {}
    skipped: Counter[str] = Counter({FOLLOWS: sum(event.cause == "follows" for event in past.events)})
    compared = different = 0
    for event, old, new in zip(played, before, after, strict=True):
        if not _as_it_was(event, old):
            skipped[ANOTHER] += 1
            continue
        compared += 1
        sentences = list(_differ(event, old, new, desk))
        different += bool(sentences)
        for sentence in sentences:
            found.setdefault((event.was.workflow, event.label, sentence), []).append(event.was.ref)
    differences = [Differs(*key, len(refs), tuple(dict.fromkeys(refs))[:EXAMPLES]) for key, refs in found.items()]
    differences.sort(key=lambda one: (-one.times, one.workflow, one.action, one.sentence))
    reasons = {why: number for why, number in skipped.items() if number}
    return Replayed(days, len(past.events), compared, different, tuple(differences), reasons, past.more)


def _as_it_was(event: Recorded, old: Outcome) -> bool:
    """Whether the file in force gives what it gave in life: the action led there, or the message was filed."""
    if old.refused:
        return False
    if event.cause == "opened":
        return True
    return (event.action, event.to_state) in old.steps if event.action else not old.steps


def _differ(event: Recorded, old: Outcome, new: Outcome, desk: Desk) -> Iterable[str]:
    """How the new outcome differs, in sentences; nothing where it does not."""
    if new.refused:
        yield f"would not have come to pass: {new.refused}"
        return
    came, pair = old.state, (event.was.workflow, old.state)
    way = ways([pair], desk).get(pair)
    if new.state != (way.target[1] if way else came):
        yield f"the ticket came to “{came}” and would have come to “{new.state}”."
    yield from _more_or_less("run", old.ran, new.ran)
    yield from _more_or_less("mail", old.mails, new.mails)
    if (old.assignee, old.group) != (new.assignee, new.group):
        yield f"it went to {_who(old)} and would have gone to {_who(new)}."
    if old.after != new.after:
        yield f"it would have run after {new.after} instead of {old.after}."


def _more_or_less(verb: str, old: frozenset[str], new: frozenset[str]) -> Iterable[str]:
    if more := sorted(new - old):
        yield f"would also {verb} {', '.join(more)}."
    if fewer := sorted(old - new):
        yield f"would not {verb} {', '.join(fewer)}."


def _who(outcome: Outcome) -> str:
    return " of ".join(filter(None, (outcome.assignee, outcome.group))) or "nobody"


class _Steps:
    def __init__(self, total: int, tell: Progress | None) -> None:
        self.total, self.tell, self.count = total, tell, 0

    def one(self) -> None:
        self.count += 1
        if self.tell:
            self.tell(self.count, self.total)
