"""What a check found: one sentence at one place, with a stable code. Every code stands in docs/workflows.md."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from helpdesk.workflows.schema.base import Position

Severity = Literal["error", "warning"]

_MEANT = re.compile("Did you mean “(.+?)”")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`path` is dotted, from the root of the file: `workflows.repair.actions.reply.to`."""

    severity: Severity = "error"
    code: str
    file: str
    line: int
    column: int
    path: str
    message: str
    hint: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}"
        hint = f" {self.hint}" if self.hint else ""
        return f"{where}: {self.severity} {self.code}: {self.path + ': ' if self.path else ''}{self.message}{hint}"


def found(
    code: str,
    message: str,
    *,
    at: Position,
    path: Iterable[str] = (),
    hint: str = "",
    severity: Severity = "error",
) -> Finding:
    return Finding(
        severity=severity,
        code=code,
        file=at.file,
        line=at.line,
        column=at.column,
        path=".".join(path),
        message=message,
        hint=hint,
    )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint at the nearest known word, or nothing."""
    near = difflib.get_close_matches(word[:80], list(known)[:500], n=1, cutoff=0.65)
    return f"Did you mean “{near[0]}”?" if near else ""


def nearly(word: str, known: Iterable[str]) -> bool:
    """Whether it is one of the known words but for a letter or two."""
    return bool(difflib.get_close_matches(word[:80].casefold(), list(known)[:500], n=1, cutoff=0.85))


def meant(finding: Finding) -> str:
    """The word that the hint says was meant, or nothing."""
    match = _MEANT.match(finding.hint)
    return match[1] if match else ""


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """As a reader meets them in the file, each said once."""
    return sorted(set(findings), key=lambda f: (f.file, f.line, f.column, f.path, f.code, f.message))
