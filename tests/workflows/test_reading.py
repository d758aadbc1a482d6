"""What a file comes to: values read by the type their key wants, inputs resolved, several files as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpdesk.workflows import check, later
from helpdesk.workflows.load import load_text, load_texts
from helpdesk.workflows.schema import Desk, Duration

HERE = Path(__file__).parent
SMALL = (HERE / "small.yaml").read_text()


@pytest.fixture
def desk() -> Desk:
    desk = load_text(SMALL).desk
    assert desk is not None
    return desk


def test_words_stay_words() -> None:
    """`on`, `off`, `yes`, `no`, dates and numbers are what the key wants them to be, not what YAML guesses."""
    text = SMALL.replace("{a: A, b: B}", "{on: off, yes: no, 2026-01-01: 010, ~: null}")
    desk = load_text(text).desk
    assert desk is not None
    assert desk.fields["kind"].choices == {"on": "off", "yes": "no", "2026-01-01": "010", "~": "null"}


def test_money_never_becomes_a_float(desk: Desk) -> None:
    assert desk.fields["price"].min == "0.01"


def test_times_are_durations() -> None:
    desk = load_text(SMALL.replace("after: 2d", "after: 90m")).desk
    assert desk is not None
    assert desk.workflows["help"].states["new"].timers[0].after == Duration(90, "m")
    assert desk.workflows["help"].states["new"].timers[0].after.delta.total_seconds() == 5400


def test_inputs_are_resolved(desk: Desk) -> None:
    quote = desk.workflows["help"].actions["quote"]
    assert [(one.name, one.required, one.keep, one.builtin) for one in quote.fields] == [
        ("price", True, "ticket", False),
        ("kind", False, "ticket", False),
        ("why", False, "action", False),
    ]
    assert quote.fields[1].show_if == "fields.price > 10"
    assert not desk.fields["price"].required, "a change in one action changes nothing elsewhere"


def test_a_type_brings_its_own_inputs_first() -> None:
    text = SMALL.replace("type: close, label: Close", "type: receive_payment, methods: {cash: Cash}, label: Close")
    desk = load_text(text).desk
    assert desk is not None
    paid = desk.workflows["help"].actions["close"]
    assert [one.name for one in paid.fields] == ["amount", "method", "reference"]
    assert paid.fields[1].field.choices == {"cash": "Cash"}


def test_asking_for_the_assignee_brings_an_input() -> None:
    desk = load_text(SMALL.replace("allow: [agent], assign: actor}", "allow: [agent], assign: ask}")).desk
    assert desk is not None
    assert [(one.name, one.field.type) for one in desk.workflows["help"].actions["take"].fields] == [
        ("assignee", "user")
    ]


def test_an_email_has_its_texts(desk: Desk) -> None:
    (email,) = desk.workflows["help"].actions["thank"].emails
    assert email.subject == "Your {{ ticket.ref }}"


def test_everything_knows_its_place(desk: Desk) -> None:
    done = desk.workflows["help"].states["done"]
    assert (done.at.line, done.at.column) == (38, 7)
    assert done.path == ("workflows", "help", "states", "done")


def test_a_folder_is_one_desk(tmp_path: Path) -> None:
    head, _, rest = SMALL.partition("workflows:\n")
    (tmp_path / "a.yaml").write_text(head)
    (tmp_path / "b.yml").write_text("version: 1\nworkflows:\n" + rest)
    (tmp_path / "notes.txt").write_text("not ours")
    assert check.run_file(tmp_path).findings == []


def test_mappings_of_two_files_are_merged_and_nothing_may_be_said_twice() -> None:
    more = "fields: {size: {type: text, label: Size}}"
    loaded = load_texts({"a.yaml": SMALL, "b.yaml": more})
    assert loaded.desk is not None
    assert list(loaded.desk.fields) == ["kind", "price", "why", "size"]
    again = load_texts({"a.yaml": SMALL, "b.yaml": "fields: {why: {type: text, label: Size}}"})
    (finding,) = again.findings
    assert (finding.code, finding.file, finding.line, finding.column) == ("duplicate_key", "b.yaml", 1, 22)


def test_the_place_names_the_file_of_a_folder() -> None:
    head, _, rest = SMALL.partition("workflows:\n")
    loaded = load_texts({"a.yaml": head, "b.yaml": "workflows:\n" + rest.replace("allow: [agent]", "allow: [agnt]", 1)})
    assert {finding.file for finding in loaded.findings} == {"b.yaml"}


POP3 = SMALL.replace("address: help@acme.example,", 'address: help@acme.example, fetch: {pop3: "${env:MAIL_URL}"},')


@pytest.fixture
def not_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of the language that this version cannot do: all can be done by now, so one is taken for the example."""
    monkeypatch.setitem(later.LATER, "Fetch.pop3", "Mailboxes are read by IMAP only so far.")


def test_what_comes_later_says_so_where_it_stands(not_yet: None) -> None:
    (finding,) = check.run_text(POP3).findings
    assert (finding.code, finding.path.rpartition(".")[2]) == ("not_yet", "pop3")


def test_what_comes_later_can_be_let_pass(not_yet: None) -> None:
    loaded = check.run_text(POP3, allow_later=True)
    assert loaded.findings == []
    assert loaded.desk is not None


def test_secrets_are_never_needed_to_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAIL_URL", raising=False)
    text = SMALL.replace("address: help@acme.example,", 'address: help@acme.example, fetch: {imap: "${env:MAIL_URL}"},')
    assert check.run_text(text).findings == []
