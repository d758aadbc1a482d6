"""Administration: people, sources, what could not be read, what goes out; for administrators and nobody else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import clock, jobs
from helpdesk.channels.email.models import InboundMail, MailSource
from helpdesk.db import session, writing
from helpdesk.errors import NotPossible
from helpdesk.people import find, staffing
from helpdesk.people.models import Person
from tests.cast import Character, hire
from tests.meanwhile import meanwhile
from tests.visitor import Visitor, give_password

PAGES = ("/admin/people", "/admin/people/new", "/admin/sources", "/admin/quarantine", "/admin/outbox")


@pytest.fixture
def admin(app: Flask) -> Visitor:
    hire(app, "root@acme.example", "Rooti Root", roles=["agent"], admin=True)
    give_password(app, "root@acme.example")
    browser = Visitor(app)
    browser.signs_in("root@acme.example")
    return browser


def person(app: Flask, email: str) -> Person:
    with app.app_context():
        found = find.by_email(email)
        assert found is not None
        assert found.roles is not None
        assert found.groups is not None
        session().expunge_all()
        return found


def test_only_administrators_come_in(app: Flask, boris: Character, admin: Visitor) -> None:
    give_password(app, boris.email)
    head = Visitor(app)
    head.signs_in(boris.email)
    stranger = Visitor(app)
    for page in PAGES:
        assert admin.opens(page).status_code == 200, page
        assert head.opens(page).status_code == 404, page
        assert stranger.opens(page).status_code == 303, page


def test_somebody_new_is_mailed_a_link_to_choose_a_password(app: Flask, admin: Visitor) -> None:
    admin.opens("/admin/people/new")
    answer = admin.sends(
        "/admin/people/new", name="Mari Maasikas", email="mari@acme.example", roles="accountant", groups="front"
    )
    assert answer.status_code == 303
    mari = person(app, "mari@acme.example")
    assert (mari.name, mari.roles, mari.groups) == ("Mari Maasikas", ["accountant"], ["front"])
    assert "Mari Maasikas" in admin.opens("/admin/people").text
    from tests.visitor import mailed_link

    assert mailed_link(app, "mari@acme.example").startswith("/account/reset/")


def test_a_persons_tier_is_one_that_the_file_names(app: Flask, admin: Visitor, ann: Character) -> None:
    """C13, C14: a desk without tiers does not ask."""
    from tests.routing.desks import in_force

    place = f"/admin/people/{ann.id}"
    assert 'name="tier"' not in admin.opens(place).text
    in_force(app, routing="entry: {by: first_line_first, tiers: [junior, senior]}")
    assert 'name="tier"' in admin.opens(place).text
    sent = {"name": "Ann", "email": ann.email, "groups": "front"}
    assert admin.sends(place, **sent, tier="senior").status_code == 303
    assert person(app, ann.email).tier == "senior"
    assert admin.sends(place, **sent, tier="boss").status_code == 422
    in_force(app)
    admin.opens(place)
    assert admin.sends(place, **sent).status_code == 303
    assert person(app, ann.email).tier == "senior", "what is not asked is not taken away"


def test_roles_that_the_file_does_not_have_are_refused(app: Flask, admin: Visitor) -> None:
    """Attack 56."""
    admin.opens("/admin/people/new")
    answer = admin.sends("/admin/people/new", name="X", email="x@acme.example", roles="emperor")
    assert answer.status_code == 422
    with app.app_context():
        assert find.by_email("x@acme.example") is None


def test_a_disabled_person_is_out_at_once(app: Flask, admin: Visitor, ann: Character) -> None:
    """Attack 53: the open browser of a disabled person is signed out at its next request."""
    give_password(app, ann.email)
    browser = Visitor(app)
    browser.signs_in(ann.email)
    assert browser.opens("/account/password").status_code == 200
    admin.opens(f"/admin/people/{ann.id}")
    assert admin.sends(f"/admin/people/{ann.id}/disable").status_code == 303
    assert browser.opens("/account/password").status_code == 303
    admin.sends(f"/admin/people/{ann.id}/enable")
    assert person(app, ann.email).disabled_at is None


def test_the_last_administrator_stays(app: Flask, admin: Visitor) -> None:
    root = person(app, "root@acme.example")
    admin.opens(f"/admin/people/{root.id}")
    answer = admin.sends(f"/admin/people/{root.id}", name="Root", email="root@acme.example", roles="agent")
    assert answer.status_code == 422
    assert "last administrator" in answer.text
    assert person(app, "root@acme.example").is_admin


def test_two_administrators_cannot_let_each_other_out_at_the_same_moment(app: Flask) -> None:
    """The second one waits for the first, and is the last one then."""
    root, tiina = (hire(app, f"{name}@acme.example", name, admin=True).email for name in ("root", "tiina"))
    outcomes: list[str] = []

    def lets_out(email: str) -> None:
        try:
            leaving = find.by_email(email)
            assert leaving is not None
            staffing.let_out(leaving)
            outcomes.append(email)
        except NotPossible as refused:
            outcomes.append(refused.sentence)

    meanwhile(app, lambda: lets_out(root), lambda: lets_out(tiina))
    assert outcomes == [root, "This is the last administrator. Make somebody else one first."]


def test_an_address_that_is_somebodys_is_not_taken(
    app: Flask, admin: Visitor, ann: Character, boris: Character
) -> None:
    """Attack 51."""
    admin.opens(f"/admin/people/{ann.id}")
    answer = admin.sends(f"/admin/people/{ann.id}", name="Ann", email=boris.email, groups="front")
    assert answer.status_code == 422
    assert person(app, ann.email).id == ann.id


def test_a_source_shows_its_last_error(app: Flask, admin: Visitor) -> None:
    with app.app_context(), writing() as here:
        here.add(MailSource(name="support_mail", error="The password was refused.", messages=3))
    page = admin.opens("/admin/sources").text
    assert "The password was refused." in page
    assert "support@acme.example" in page


def test_a_mailbox_is_read_when_the_administrator_says_so(app: Flask, admin: Visitor) -> None:
    from helpdesk.channels.email import fetch
    from helpdesk.workflows import revisions

    desk = app.config["HELPDESK"].workflow_path.read_text()
    read = "address: support@acme.example, fetch: {imap: 'imap://desk:secret@127.0.0.1:1'}"
    with app.app_context():
        revisions.adopt(desk.replace("address: support@acme.example", read), author="tests")
        fetch.schedule()
        with writing() as here:
            here.scalar(select(jobs.Job)).run_at = clock.now() + timedelta(hours=1)
    assert "Read one now" in admin.opens("/admin/sources").text
    assert admin.sends("/admin/sources/support_mail/fetch").status_code == 303
    assert admin.sends("/admin/sources/contact_form/fetch").status_code == 409
    with app.app_context():
        assert session().scalar(select(jobs.Job.run_at)) <= clock.now()


def test_what_could_not_be_read_is_listed_saved_and_replayed(app: Flask, admin: Visitor) -> None:
    """Fault 19."""
    from helpdesk.channels.email import store

    raw = b"From: nobody\r\n\r\n\xff\xfe"
    with app.app_context():
        mail_id = store.keep(raw, source="support_mail", envelope_from="someone@example.org")
        with writing() as here:
            row = here.get_one(InboundMail, mail_id)
            row.status, row.error = "quarantined", "It has no sender."
        (work,) = jobs.claim("a worker", ["read_mail"])
        jobs.bury(work.id, work.worker, "It broke each time.")
    assert "It has no sender." in admin.opens("/admin/quarantine").text
    saved = admin.opens(f"/admin/quarantine/{mail_id}/original.eml")
    assert saved.data == raw
    assert saved.headers["Content-Disposition"].startswith("attachment")
    admin.opens("/admin/quarantine")
    assert admin.sends(f"/admin/quarantine/{mail_id}/replay").status_code == 303
    with app.app_context():
        assert session().scalar(select(InboundMail.status)) == "received"
        assert session().scalar(select(jobs.Job.state)) == "ready"


def test_a_mail_that_failed_is_sent_again(app: Flask, admin: Visitor, olga: Character) -> None:
    case = olga.writes("Broken screen")
    receipt = case.mails[0]
    with app.app_context(), writing() as here:
        from helpdesk.tickets.models import Delivery

        here.get_one(Delivery, receipt.id).status = "failed"
    page = admin.opens("/admin/outbox?view=failed").text
    assert "olga@example.org" in page
    (path,) = re.findall(r'action="(/admin/outbox/[0-9][^"]+)"', page)
    assert admin.sends(path).location == "/admin/outbox?view=failed", "the list it stood in"
    again = case.mails[0]
    assert (again.status, again.message_id) == ("waiting", receipt.message_id)


def test_administrators_hear_of_trouble_on_every_page(app: Flask, admin: Visitor) -> None:
    """Fault 28: a broken workflow file, and any alarm, stand on top of each page of theirs."""
    from helpdesk import alarms
    from helpdesk.workflows import revisions

    broken = app.config["HELPDESK"].data_folder / "workflows.yaml"
    broken.parent.mkdir(parents=True, exist_ok=True)
    broken.write_text("version: 1\ncompany: {name: Acme}\nworkflows: {repair: {label: Repairs, initial: nowhere}}\n")
    with app.app_context():
        revisions.adopt_file(broken)
        with writing():
            alarms.sound("delivery:server", "No mail leaves the desk.")
    for page in PAGES:
        shown = admin.opens(page).text
        assert "workflows.yaml:3:" in shown, page
        assert "No mail leaves the desk." in shown, page


@pytest.mark.parametrize(
    ("name", "asked"),
    [("Õie Tamm", "Õie"), ("Õie Tamm", "õie ta"), ("Ольга Петрова", "Ольга"), ("Ольга Петрова", "ольга п")],
)
def test_people_are_found_by_the_beginning_of_their_name_in_any_script(
    app: Flask, admin: Visitor, ann: Character, name: str, asked: str
) -> None:
    hire(app, "somebody@acme.example", name, roles=["agent"])
    page = admin.opens("/admin/people", query_string={"q": asked}).text
    assert "somebody@acme.example" in page
    assert ann.email not in page


def test_what_somebody_chose_themselves_stays_where_the_form_does_not_offer_it(
    app: Flask, admin: Visitor, ann: Character
) -> None:
    """A form that is sent as it was opened takes nothing away: neither here nor in the own profile."""
    with app.app_context(), writing():
        anns = find.by_email(ann.email)
        assert anns is not None
        anns.language, anns.timezone = "zu", "UTC"
    place = f"/admin/people/{ann.id}"
    for page in (admin.opens(place).text, Visitor(app).is_let_in(ann.email).opens("/my/profile").text):
        assert re.findall(r'<option selected value="([^"]+)"', page) == ["zu", "UTC"]
    sent = {"name": "Ann", "email": ann.email, "groups": "front", "language": "zu", "timezone": "UTC"}
    admin.opens(place)
    assert admin.sends(place, **sent).status_code == 303
    assert admin.sends(place, **sent | {"language": "xx"}).status_code == 422


def test_a_refusal_stands_at_the_field_that_it_is_about(app: Flask, admin: Visitor, boris: Character) -> None:
    root = person(app, "root@acme.example")
    place = f"/admin/people/{root.id}"
    admin.opens(place)
    last = admin.sends(place, name="Root", email="root@acme.example", roles="agent").text
    assert "last administrator" in last
    assert 'id="email-problem"' not in last
    taken = admin.sends(place, name="Root", email=boris.email, roles="agent", is_admin="y").text
    assert 'id="email-problem"' in taken


def test_a_name_is_kept_as_one_readable_line(app: Flask, admin: Visitor, ann: Character) -> None:
    """attack 21; PostgreSQL keeps no NUL at all"""
    admin.opens(f"/admin/people/{ann.id}")
    assert (
        admin.sends(f"/admin/people/{ann.id}", name="A\0n\u202en", email=ann.email, groups="front").status_code == 303
    )
    assert person(app, ann.email).name == "Ann"
    assert admin.sends("/admin/people/new", name="M\0ari", email="mari@acme.example", groups="front").status_code == 303
    assert person(app, "mari@acme.example").name == "Mari"
