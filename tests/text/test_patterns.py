"""Patterns of the workflow file: they match as Python's do, and none stops the desk (attack 91)."""

from __future__ import annotations

import re
import time

import pytest
from flask import Flask

from helpdesk.errors import Invalid
from helpdesk.text import patterns
from tests.actions.desks import AGAIN, DONE, OPEN, in_force
from tests.cast import Character

TEXTS = ("", "a", "ab", "AB123456", "AB12345", "12345", "a-b", "aab!", "(x)", "$", "]", "x" * 200, "line\nbreak")
PLAIN = (
    r"[A-Z]{2}\d{6}",
    r"^\d{5}$",
    r"[a-z]*[a-z]*",
    r"\(x\)",
    r"\$",
    r"x{1,}",
    r"x?y?.",
    r"[^\]]+",
    r"[]a]",
    "a{1,2}b",
)
WITH_GROUPS = (r"(?:a|b)+", r"(a+)+", r"[a-z]+(?:-[a-z]+)*", r"(?i)ab", r"(?=a).*", r"a{,3}", r"x+?", r"(?s).*")
FOR_EVER = {
    r"(a+)+$": "a" * 60 + "!",
    r"(\w+\s?)*@": "word " * 20,
    r"(a|aa)+$": "a" * 90 + "!",
    "a*" * 9 + "b": "a" * 400,
}


@pytest.mark.parametrize("pattern", PLAIN + WITH_GROUPS)
def test_a_pattern_matches_as_it_reads(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns._child, "seconds", 60.0)  # what it says is asked here, not how soon
    for text in TEXTS:
        assert patterns.matches(pattern, text) == (re.fullmatch(pattern, text) is not None), text
    assert (patterns.ways(pattern, 200) < patterns.MOST_WAYS) == (pattern in PLAIN and pattern != "[]a]")


@pytest.mark.parametrize("pattern", FOR_EVER)
def test_a_text_made_to_last_for_ever_is_stopped(pattern: str) -> None:
    begun = time.monotonic()
    with pytest.raises(patterns.NotMatched):
        patterns.matches(pattern, FOR_EVER[pattern])
    assert time.monotonic() - begun < 30, "without a bound it lasts longer than the universe"
    assert patterns.matches(pattern, "") == bool(re.fullmatch(pattern, "")), "and the next one is answered"


@pytest.mark.parametrize(
    ("pattern", "nested"),
    [
        (r"(a+)+", True),
        (r"(?:\w+\s?)*", True),
        (r"((a+)b)+", True),
        (r"(a{2,}){3,}", True),
        (r"(?P<x>a*)+", True),
        (r"[(a+)]+", False),
        (r"\(a+\)+", False),
        (r"(a+)b+", False),
        (r"(ab)+", False),
        (r"\d{1,3}(\.\d{1,3}){3}", False),
    ],
)
def test_a_repeated_repetition_is_seen(pattern: str, nested: bool) -> None:
    assert patterns.repeats_a_repetition(pattern) is nested


def test_a_customer_who_sends_such_a_text_is_told_in_a_sentence(app: Flask, olga: Character, ann: Character) -> None:
    in_force(
        app,
        fields="code: {type: text, label: Code, pattern: '(a+)+', help: Six letters., keep: ticket}",
        workflow="fields: [code]",
        states=f"new: {{{OPEN}, actions: [note]}}\n{DONE}",
        actions=f"note: {{type: set_fields, label: Note, allow: [agent], to: done, fields: [code]}}\n{AGAIN}",
    )
    case = olga.writes("Hello")
    with pytest.raises(Invalid) as refused:
        ann.performs("note", case, code="a" * 60 + "!")
    assert refused.value.problems == {
        "code": "“Code” could not be checked in time. Please write it more simply. Six letters."
    }
    assert case.state == "new"
    ann.performs("note", case, code="aaaa")
    assert case.fields == {"code": "aaaa"}
