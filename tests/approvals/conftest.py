"""A desk that asks for consent, and those who give it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from config import Settings
from tests.cast import Case, Character, hire

DESK = Path(__file__).parent / "desk.yaml"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, workflows=str(DESK))


@pytest.fixture
def maria(app: Flask) -> Character:
    """Of the board."""
    return hire(app, "maria@acme.example", "Maria", roles=["board"])


@pytest.fixture
def nils(app: Flask) -> Character:
    """Of the board."""
    return hire(app, "nils@acme.example", "Nils", roles=["board"])


@pytest.fixture
def petra(app: Flask) -> Character:
    """Of the board."""
    return hire(app, "petra@acme.example", "Petra", roles=["board"])


@pytest.fixture
def wanted(ann: Character, boris: Character, olga: Character) -> Case:
    """Ann asks the head, Boris, for consent."""
    case = olga.writes("A new printer")
    ann.performs("ask", case, price="2500")
    return case


@pytest.fixture
def before_the_board(ann: Character, maria: Character, nils: Character, petra: Character, olga: Character) -> Case:
    """Two of three must consent."""
    case = olga.writes("A new building")
    ann.performs("ask_board", case, price="250000")
    return case
