"""What a check finds about webhooks, text messages and payments (W5)."""

from __future__ import annotations

import pytest

from helpdesk.rollout.testing import run
from helpdesk.workflows.check import run_text
from tests.outside_desk import DESK


def found(text: str) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in run_text(text).findings]


def test_a_desk_that_speaks_to_the_world_is_clean_and_passes_its_own_tests_offline() -> None:
    assert found(DESK) == []
    report = run({"workflows.yaml": DESK})
    assert report.passed, [str(failure) for failure in report.failures]


ACTION = "workflows.repair.actions"


@pytest.mark.parametrize(
    ("was", "now", "code", "path"),
    [
        ("webhooks: [crm, stock]", "webhooks: [crm, stokc]", "unknown_webhook", f"{ACTION}.tell.webhooks.1"),
        ("webhooks: [crm, stock]", "webhooks: [crm]", "unused_webhook", "webhooks.stock"),
        ('url: "${env:STOCK_URL}"', 'url: "ftp://stock.example"', "bad_url", "webhooks.stock.url"),
        ('url: "${env:STOCK_URL}"', 'url: "http://stock.example"', "insecure_address", "webhooks.stock.url"),
        ('url: "${env:STOCK_URL}"', 'url: "https://10.0.0.7/hook"', "private_address", "webhooks.stock.url"),
        ('STOCK_URL}", secret: "${env:CRM_SECRET}"}', 'STOCK_URL}"}', "insecure_webhook", "webhooks.stock"),
        ("payments: {driver: local}, ", "", "missing_service", f"{ACTION}.ask.type"),
        (", sms: {driver: local}", "", "missing_service", f"{ACTION}.text.sms"),
        ("sms: {driver: local}", "sms: {driver: locla}", "unknown_driver", "services.sms.driver"),
        ("sms: {driver: local}", "sms: {driver: local, url: x}", "unknown_key", "services.sms.url"),
        (
            "sms: {driver: local}",
            'sms: {driver: http, url: "https://10.0.0.7/"}',
            "private_address",
            "services.sms.url",
        ),
        ("sms: {driver: local}", "sms: {driver: http}", "missing_key", "services.sms"),
        ("services: {", "services: {fax: {driver: local}, ", "unknown_service", "services.fax"),
        ("amount: fields.price", "amount: \"'much'\"", "bad_amount", f"{ACTION}.ask.amount"),
        ("amount: fields.price", 'amount: "0"', "bad_amount", f"{ACTION}.ask.amount"),
        ("amount: fields.price", "amount: fields.owner", "bad_amount", f"{ACTION}.ask.amount"),
        ("amount: fields.price", "amount: fields.pric", "unknown_name", f"{ACTION}.ask.amount"),
        ("amount: fields.price, ", "", "missing_key", f"{ACTION}.ask"),
        ("+37255501000", "55501000", "unknown_recipient", f"{ACTION}.text.sms.0.to.2"),
        ('"+37255501000"', "boris@acme.example", "unknown_recipient", f"{ACTION}.text.sms.0.to.2"),
    ],
)
def test_what_would_lead_nowhere_is_found_at_its_place(was: str, now: str, code: str, path: str) -> None:
    assert was in DESK
    assert (code, path) in found(DESK.replace(was, now))


def test_a_link_to_pay_where_nothing_is_ever_asked_is_a_warning() -> None:
    never = DESK.replace("type: request_payment", "type: notify").replace(" amount: fields.price,", "")
    warnings = [f for f in run_text(never).findings if f.code == "nothing_to_pay"]
    assert {f.path for f in warnings} == {f"{ACTION}.ask.emails.0", f"{ACTION}.remind.emails.0"}
    assert {f.severity for f in warnings} == {"warning"}


def test_a_driver_that_is_not_there_is_meant_as_the_one_that_is() -> None:
    (finding,) = run_text(DESK.replace("sms: {driver: local}", "sms: {driver: loacl}")).findings
    assert "local" in finding.hint
