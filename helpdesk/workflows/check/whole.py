"""What every family of findings looks at: the desk as far as it could be read, and where everything in it stands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from helpdesk.workflows.enclosures import Beside
from helpdesk.workflows.findings import Finding, Severity, found
from helpdesk.workflows.rules import Rules
from helpdesk.workflows.scalars import Path, Places, Use
from helpdesk.workflows.schema import Desk, Position


@dataclass(frozen=True)
class Whole:
    desk: Desk
    uses: list[Use]
    places: Places
    beside: Beside | None = None

    @cached_property
    def rules(self) -> Rules:
        return Rules(self.desk)

    def at_value(
        self, code: str, sentence: str, path: Path, *, hint: str = "", severity: Severity = "error"
    ) -> Finding:
        """A finding at the value that stands under `path`, or at the nearest thing above it that was written."""
        where = path
        while where and where not in self.places.values:
            where = where[:-1]
        return self._found(code, sentence, path, self.places.values.get(where), hint, severity)

    def at_key(self, code: str, sentence: str, path: Path, *, hint: str = "", severity: Severity = "error") -> Finding:
        """A finding at the key that `path` ends with, or at the nearest key above it."""
        where = path
        while where and where not in self.places.keys and where not in self.places.values:
            where = where[:-1]
        at = self.places.keys.get(where) or self.places.values.get(where)
        return self._found(code, sentence, path, at, hint, severity)

    def _found(
        self, code: str, sentence: str, path: Path, at: Position | None, hint: str, severity: Severity
    ) -> Finding:
        return found(code, sentence, at=at or self.desk.at, path=path, hint=hint, severity=severity)
