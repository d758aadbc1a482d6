"""What every answer carries, whatever it is: a page, a file, an error (attacks 21, 64, 69, 76, 77, 82, 100)."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from config import Settings
from helpdesk import create_app
from helpdesk.db import db
from helpdesk.web.gates import for_everyone
from tests.cast import Character
from tests.visitor import Visitor, mailed_link

DeskWith = Callable[..., Flask]

ANYWHERE = ("/", "/my/sign-in", "/account/sign-in", "/nothing/here", "/my/requests", "/healthz", "/readyz", "/metrics")


@pytest.fixture
def desk_with(app: Flask, settings: Settings) -> Iterator[DeskWith]:
    """The same desk started with other settings."""
    started = []

    def start(**changes: object) -> Flask:
        started.append(create_app(replace(settings, **changes)))
        return started[-1]

    yield start
    for each in started:
        with each.app_context():
            db.engine.dispose()


@pytest.mark.parametrize("path", ANYWHERE)
def test_no_answer_may_be_framed_kept_sniffed_or_run_inline(app: Flask, path: str) -> None:
    answer = Visitor(app).opens(path)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["object-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["base-uri"] == "'none'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert len(answer.headers.get_all("Content-Security-Policy")) == 1


def test_errors_carry_them_too(app: Flask) -> None:
    browser = Visitor(app)
    for answer in (browser.client.post("/healthz"), browser.client.post("/my/sign-in"), browser.opens("/%00")):
        assert answer.status_code in (400, 403, 404, 405)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store, private"


def test_no_other_site_may_read_anything(app: Flask) -> None:
    """attack 76"""
    for origin in ("https://evil.example", "null", "http://desk.example.evil.example"):
        for path in ("/", "/healthz", "/my/sign-in", "/api/v1/tickets", "/api/v1/docs", "/api/v1/openapi.json"):
            answer = Visitor(app).opens(path, headers={"Origin": origin})
            assert not [name for name, _value in answer.headers if name.startswith("Access-Control")]


def test_a_foreign_host_reaches_no_mail(app: Flask, olga: Character) -> None:
    """attack 69"""
    olga.writes("Printer on fire")
    browser = Visitor(app)
    lies = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    browser.opens("/my/sign-in", headers=lies)
    browser.sends("/my/sign-in", email=olga.email, headers=lies)
    assert mailed_link(app, olga.email).startswith("/my/sign-in/"), "the configured address was cut off before it"
    assert browser.opens("/my/requests", headers=lies).location.startswith("/my/sign-in")


def test_over_https_the_cookie_is_bound_to_the_host(desk_with: DeskWith) -> None:
    answer = desk_with(base_url="https://desk.example").test_client().get("/nothing", base_url="https://desk.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert all(mark in cookie for mark in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_an_error_of_ours_shows_a_number_and_nothing_else(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """attack 100"""

    @for_everyone
    def breaks() -> str:
        raise RuntimeError("CANARY-TRACE /etc/helpdesk.conf")

    app.add_url_rule("/breaks", "breaks", breaks)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with caplog.at_level(logging.ERROR):
        answer = Visitor(app).opens("/breaks")
    assert answer.status_code == 500
    for leak in ("CANARY", "RuntimeError", "Traceback", "Werkzeug", "Python", ".py"):
        assert leak not in answer.text
    number = answer.text.split("data-error-number>")[1].split("<")[0]
    assert re.fullmatch("[0-9a-f]{8}", number)
    assert f"Error {number} at GET /breaks" in caplog.text
    fragment = Visitor(app).opens("/breaks", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.text) == (500, "")
    told = json.loads(fragment.headers["HX-Trigger"])["toast"]["text"]
    assert f"Error {told.rpartition(' ')[2]} at GET /breaks" in caplog.text


def test_a_busy_database_is_a_pause_and_no_crash(app: Flask) -> None:
    @for_everyone
    def waits() -> str:
        raise OperationalError("SELECT 1", {}, Exception("database is locked"))

    app.add_url_rule("/waits", "waits", waits)
    answer = Visitor(app).opens("/waits")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "locked" not in answer.text


def test_an_answer_has_one_block_of_headers(app: Flask) -> None:
    """attack 21"""
    for path in ("/my/sign-in?next=/%0d%0aSet-Cookie:%20x=1", "/my/requests?a=%0d%0aSet-Cookie:%20x=1"):
        answer = Visitor(app).opens(path)
        assert all("x=1" not in cookie for cookie in answer.headers.get_all("Set-Cookie"))
        assert "\n" not in (answer.location or "")


def test_metrics_are_for_this_machine_or_for_who_has_the_token(app: Flask, desk_with: DeskWith) -> None:
    here, elsewhere = Visitor(app, ip="127.0.0.1"), Visitor(app, ip="198.51.100.7")
    assert "helpdesk_tickets_opened 0" in here.opens("/metrics").text
    assert elsewhere.opens("/metrics").status_code == 404
    assert here.opens("/metrics", headers={"X-Forwarded-For": "198.51.100.7"}).status_code == 404
    guarded = Visitor(desk_with(metrics_token="a long token"), ip="127.0.0.1")
    assert guarded.opens("/metrics").status_code == 404
    assert guarded.opens("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    assert guarded.opens("/metrics", headers={"Authorization": "Bearer a long token"}).status_code == 200


def test_an_untold_proxy_is_not_believed(app: Flask, desk_with: DeskWith) -> None:
    """attack 57"""
    outside = Visitor(app, ip="198.51.100.7")
    assert outside.opens("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    behind = Visitor(desk_with(trusted_proxies=1), ip="10.0.0.1")
    for name in ("X-Forwarded-User", "Remote-User", "X-On-Behalf-Of"):
        assert behind.opens("/my/requests", headers={name: "ann@acme.example"}).status_code == 303
