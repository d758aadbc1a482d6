"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Verdict:
    """`failed` must be mended before the desk works safely; a `warning` is for somebody to know."""

    name: str
    status: Literal["ok", "warning", "failed"]
    message: str


def ok(name: str, message: str) -> Verdict:
    return Verdict(name, "ok", message)


def warning(name: str, message: str) -> Verdict:
    return Verdict(name, "warning", message)


def failed(name: str, message: str) -> Verdict:
    return Verdict(name, "failed", message)
