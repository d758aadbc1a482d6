"""A desk that writes as itself: its mailbox and its form each have an identity of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from config import Settings

DESK = Path(__file__).parents[1] / "desk.yaml"
MAIL = """{
    display_name: "{% if actor.kind == 'staff' %}{{ actor.name }}, {% endif %}Acme repairs",
    reply_to: support@acme.example,
    bounces: back@acme.example,
    signature: "Kind regards\\n{{ actor.name }} <acme>\\n{{ company.url }}"}"""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    text = DESK.read_text()
    text = text.replace("unknown_sender: accept", f"unknown_sender: accept, mail: {MAIL}")
    text = text.replace("slug: contact,", "slug: contact, mail: {from: forms@acme.example, signature: The web team},")
    (tmp_path / "desk.yaml").write_text(text)
    return replace(settings, workflows=str(tmp_path / "desk.yaml"))
