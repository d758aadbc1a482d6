"""What can go wrong, as sentences for a person. One handler per door renders them; nothing here knows the web.

A missing right is `NotFound`, never a refusal: it looks exactly like a record that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping


class HelpdeskError(Exception):
    """A sentence for the person who asked. `code` is stable and used by workflow tests and scripts."""

    code = "error"
    status = 400
    exit_code = 1

    def __init__(self, sentence: str, *, code: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or self.code


class NotFound(HelpdeskError):
    """There is no such thing, or this person may not know that there is."""

    code = "not_found"
    status = 404
    exit_code = 4


class NotPossible(HelpdeskError):
    """The right exists, but it does not fit now: not_now, assigned, stale, voted."""

    code = "not_now"
    status = 409
    exit_code = 3


class Stale(NotPossible):
    """The ticket changed since the page was drawn. `changes` says what happened meanwhile, one sentence each."""

    code = "stale"

    def __init__(self, changes: list[str]) -> None:
        super().__init__("This ticket changed meanwhile. Look at what is new, then try again.")
        self.changes = changes


class Invalid(HelpdeskError):
    """Values that cannot be taken. `problems` maps each input's name to a sentence: required, hidden, invalid."""

    code = "invalid"
    status = 422
    exit_code = 3

    def __init__(self, problems: Mapping[str, str], *, code: str | None = None) -> None:
        super().__init__(" ".join(problems.values()), code=code)
        self.problems = dict(problems)


class TooMany(HelpdeskError):
    """Asked too often. `retry_after` in seconds."""

    code = "too_many"
    status = 429
    exit_code = 3

    def __init__(self, sentence: str, *, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
