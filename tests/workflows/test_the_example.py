"""The example of the whole language: it loads, checks clean and passes its own tests, and a desk runs it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from config import Settings
from helpdesk.rollout import testing
from helpdesk.workflows import check, load
from tests.at_the_desk import AtTheDesk
from tests.cast import hire

EXAMPLE = Path(__file__).parent / "example.yaml"
CHATS = """
  - name: A chat begins a repair
    given: {source: site_chat, from: olga@example.org, with: {name: Olga, message: "Are you there?"}}
"""


def test_it_checks_clean_and_passes_its_own_tests() -> None:
    assert check.run_file(EXAMPLE).findings == []
    report = testing.run(load.read_texts(EXAMPLE))
    assert report.findings == ()
    assert [(result.name, result.failures) for result in report.results if result.failures] == []
    assert len(report.results) == 3


def test_a_test_may_begin_in_a_chat_and_is_asked_what_the_chat_asks() -> None:
    text = EXAMPLE.read_text() + CHATS
    assert [result.failures for result in testing.run(text).results if result.failures] == []
    strange = text.replace('message: "Are you there?"', "serial: AB123456")
    assert [result.name for result in testing.run(strange).results if result.failures] == ["A chat begins a repair"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("calendar: offices, busy", "unknown_calendar"),
        ('greeting: "{{ nobody }}", calendar: office, busy', "unknown_name"),
        ("ask: [name, shoe], calendar: office, busy", "unknown_field"),
        ("calendar: office, callback_after: soon, busy", "bad_duration"),
    ],
)
def test_a_chat_is_checked_like_any_source(wrong: str, code: str) -> None:
    line = next(line for line in EXAMPLE.read_text().splitlines() if "site_chat:" in line)
    broken = "  site_chat: {type: chat, workflow: repair, " + wrong + ": Busy.}"
    found = check.run_text(EXAMPLE.read_text().replace(line, broken)).findings
    assert code in {finding.code for finding in found}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestADeskThatRunsIt:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, workflows=str(EXAMPLE), base_url="http://desk.example")

    @pytest.fixture(autouse=True)
    def secrets(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CRM_HOOK_SECRET", "a secret of the tests")
        monkeypatch.setenv("MAIL_URL", "imaps://support:word@127.0.0.1:1/INBOX")

    def test_the_sources_page_says_that_the_chat_has_no_window_yet(self, app: Flask) -> None:
        tiina = hire(app, "tiina@acme.example", "Tiina", admin=True)
        browser = AtTheDesk(app, tiina)
        page = browser.opens("/admin/sources").text
        assert "cannot open its window yet" in page
        assert "Chat with us" in page
