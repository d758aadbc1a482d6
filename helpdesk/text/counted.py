"""A number beside what is counted, in sentences that pass no translation: of plans, commands and pictures."""

from __future__ import annotations


def counted(number: int, noun: str = "ticket") -> str:
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s".replace(",", " ")
