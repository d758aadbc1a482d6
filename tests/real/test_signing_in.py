"""Mailboxes that are signed in: Dovecot takes the tokens, a twin of a provider gives them (attack 73, fault 12)."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import alarms, clock, jobs, sealed
from helpdesk.channels.email import fetch, line
from helpdesk.channels.email.account import MailboxAway, NotLetIn
from helpdesk.channels.email.listen import Listening
from helpdesk.channels.email.models import MailSignIn
from helpdesk.channels.email.oauth import flows, providers, signing_in, tokens
from helpdesk.channels.email.oauth.flows import ProviderAway, SignInFailed
from helpdesk.channels.email.standing import SignInNeeded
from helpdesk.db import db, session, writing
from helpdesk.delivery import http
from helpdesk.errors import HelpdeskError
from helpdesk.workflows import revisions
from tests.plugins.post import Post, letter
from tests.real.mailboxes import SOURCE, counts, fetched, reads, state
from tests.servers.certificate import Certificate
from tests.servers.dovecot import Account
from tests.servers.oauth import CLIENT, DRIPPED, Provider, running_provider
from tests.servers.process import PATIENCE, wait_until


@pytest.fixture
def desk(app: Flask, provider: Provider, imap_mailbox: Account) -> Flask:
    """A desk whose mailbox is signed in at the provider, by nobody yet."""
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], private_hosts="127.0.0.1")
    provider.user = imap_mailbox.address
    signs_in(app, provider, imap_mailbox)
    return app


def signs_in(app: Flask, provider: Provider, box: Account) -> None:
    reads(app, f"imap+insecure://{quote(box.address)}@localhost:{box.port}", more=provider.keys)


def by_code(app: Flask, provider: Provider) -> list[str]:
    """Sign in with a code that somebody enters at once; gives what the terminal said."""
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        provider.approved = True

    with app.app_context():
        signing_in.in_a_terminal(SOURCE, say=say, ask=nobody_is_asked)
    return said


def nobody_is_asked(_: str) -> str:
    raise AssertionError("Nobody is to be asked.")


def agrees(url: str) -> str:
    """A person in a browser, who signs in and agrees: where the browser ends."""

    class Stays(HTTPRedirectHandler):
        def redirect_request(self, _req, _fp, _code, _msg, _headers, newurl):  # type: ignore[no-untyped-def]
            ended.append(newurl)

    ended: list[str] = []
    with pytest.raises(Exception, match="302"):
        build_opener(Stays()).open(url)
    return ended[0]


def row(app: Flask) -> MailSignIn:
    with app.app_context():
        found = session().scalars(select(MailSignIn)).one()
        session().expunge_all()
        return found


def test_a_mailbox_waits_until_somebody_signs_it_in(desk: Flask, post: Post, provider: Provider) -> None:
    with pytest.raises(SignInNeeded, match="Nobody has signed"):
        fetched(desk)
    assert state(desk).paused_by == "sign_in"
    for _ in range(3):
        with desk.app_context():
            fetch.schedule()
            jobs.hasten(f"fetch_mail:{SOURCE}")
        post.turn()
    with desk.app_context():
        (alarm,) = alarms.standing()
        assert alarm.times == 1
    assert provider.asked == []
    by_code(desk, provider)
    assert fetched(desk) == 0
    with desk.app_context():
        assert alarms.standing() == []


def test_a_code_is_entered_elsewhere(desk: Flask, post: Post, provider: Provider, imap_mailbox: Account) -> None:
    said = by_code(desk, provider)
    assert said == [f"Open {provider.url}/enter and enter the code WDJB-MJHT."]
    imap_mailbox.deliver(bytes(letter("olga@example.org")))
    assert fetched(desk) == 1
    post.turn()
    assert counts(desk) == (1, 1)


def test_a_browser_signs_in_and_its_address_is_pasted(desk: Flask, provider: Provider) -> None:
    shown: list[str] = []

    def pastes(_: str) -> str:
        (url,) = re.findall(r"http\S+", shown[0])
        return agrees(url)

    with desk.app_context():
        signing_in.in_a_terminal(SOURCE, say=shown.append, ask=pastes, browser=True)
    assert fetched(desk) == 0
    (asked,) = provider.asked
    assert asked["redirect_uri"] == "http://desk.example/admin/sources/signed-in"
    assert len(asked["code_verifier"]) >= 43


def test_a_provider_that_is_away_for_a_moment_costs_no_code(desk: Flask, provider: Provider) -> None:
    """RFC 8628, 3.5: whoever was told to enter a code need not be told another."""
    told = threading.Event()

    def say(_: str) -> None:
        provider.status, provider.approved = 503, True
        told.set()

    def comes_back() -> None:
        told.wait(PATIENCE)
        wait_until(lambda: provider.calls > 1, what="a poll that failed")
        provider.status = 200

    back = threading.Thread(target=comes_back)
    back.start()
    with desk.app_context():
        signing_in.in_a_terminal(SOURCE, say=say, ask=nobody_is_asked)
    back.join()
    assert fetched(desk) == 0


def test_what_ended_another_sign_in_ends_not_this_one(desk: Flask, provider: Provider) -> None:
    """The state is not ours, or the code was asked for with another verifier (PKCE)."""
    with desk.app_context():
        ours, _ = signing_in.begin(SOURCE)
        theirs, _ = signing_in.begin(SOURCE)
        strange = agrees(theirs.url)
        with pytest.raises(SignInFailed, match="not the address"):
            signing_in.in_a_terminal(SOURCE, say=lambda _: None, ask=lambda _: strange, browser=True)
        (code,) = parse_qs(urlsplit(strange).query)["code"]
        with pytest.raises(SignInFailed) as refused:
            signing_in.finish(SOURCE, code=code, verifier=ours.verifier, who="Mallory")
        assert refused.value.reason == "invalid_grant"
        assert session().scalars(select(MailSignIn)).all() == []


def test_no_token_lies_readable_in_the_database(desk: Flask, provider: Provider) -> None:
    """Attack 73: what is stolen with the database opens no mailbox."""
    by_code(desk, provider)
    secrets = [*provider.tokens, *provider.refresh_tokens]
    assert len(secrets) == 2
    with desk.app_context():
        everything = repr(session().execute(select(MailSignIn.__table__)).all())
        if db.engine.dialect.name == "sqlite":
            with sqlite3.connect(str(db.engine.url.database)) as file:
                everything += "\n".join(file.iterdump())
    for secret in secrets:
        assert secret not in everything


def test_a_lock_opens_for_its_own_row_and_key_alone(desk: Flask) -> None:
    with desk.app_context():
        locked = sealed.seal("a secret", purpose="mail sign-in", owner="one")
        assert sealed.unseal(locked, purpose="mail sign-in", owner="one") == "a secret"
        assert locked != sealed.seal("a secret", purpose="mail sign-in", owner="one")
        for purpose, owner in (("mail sign-in", "two"), ("other", "one")):
            with pytest.raises(sealed.NotOurs):
                sealed.unseal(locked, purpose=purpose, owner=owner)
        desk.config["HELPDESK"] = replace(desk.config["HELPDESK"], secret_key="another key, long enough to sign with")
        with pytest.raises(sealed.NotOurs):
            sealed.unseal(locked, purpose="mail sign-in", owner="one")
        with pytest.raises(sealed.NotOurs):
            sealed.unseal("nonsense", purpose="mail sign-in", owner="one")


def test_a_token_is_renewed_before_it_runs_out(desk: Flask, provider: Provider, still: None) -> None:
    by_code(desk, provider)
    first = row(desk)
    assert fetched(desk) == 0
    assert provider.renewals == 0
    clock.travel(timedelta(minutes=59))
    assert fetched(desk) == 0
    assert provider.renewals == 1
    assert row(desk).refresh != first.refresh
    assert fetched(desk) == 0
    assert provider.renewals == 1


def test_a_token_taken_back_before_its_time_is_renewed_at_once(desk: Flask, provider: Provider) -> None:
    by_code(desk, provider)
    provider.revoke(refresh=False)
    assert fetched(desk) == 0
    assert provider.renewals == 1


def test_several_workers_renew_it_once(desk: Flask, provider: Provider) -> None:
    """Each refresh token is good once: who asks with a used one is taken for a thief."""
    by_code(desk, provider)
    with desk.app_context(), writing() as here:
        here.get_one(MailSignIn, SOURCE).expires_at = clock.now()
    provider.hold = threading.Event()
    found: list[str] = []

    def works() -> None:
        with desk.app_context():
            source = fetch.of_name(SOURCE)
            assert source is not None
            client = providers.client_of(source)
            assert client is not None
            found.append(tokens.access(SOURCE, client))

    workers = [threading.Thread(target=works) for _ in range(4)]
    for worker in workers:
        worker.start()
    provider.hold.set()
    for worker in workers:
        worker.join()
    assert provider.renewals == 1
    assert len(found) == 4
    assert len(set(found)) == 1


def test_a_sign_in_taken_back_asks_for_another(desk: Flask, post: Post, provider: Provider) -> None:
    """Fault 12: `invalid_grant` is final; nothing is tried until somebody signs in again."""
    by_code(desk, provider)
    provider.revoke()
    with pytest.raises(SignInNeeded, match="Sign in again"):
        fetched(desk)
    assert state(desk).paused_by == "sign_in"
    tried = len(provider.asked)
    with desk.app_context():
        fetch.schedule()
        for _ in range(3):
            jobs.hasten(f"fetch_mail:{SOURCE}")
            post.turn()
        (alarm,) = alarms.standing()
        assert "Sign in again" in alarm.sentence
    assert len(provider.asked) == tried
    by_code(desk, provider)
    assert fetched(desk) == 0


def test_a_renewal_that_was_under_way_does_not_undo_a_new_sign_in(desk: Flask, provider: Provider) -> None:
    """The provider refuses the old token while somebody is just signing in anew."""
    by_code(desk, provider)
    with desk.app_context(), writing() as here:
        here.get_one(MailSignIn, SOURCE).expires_at = clock.now()
    provider.revoke()
    provider.hold = threading.Event()
    errors: list[Exception] = []

    def works() -> None:
        try:
            fetched(desk)
        except MailboxAway as away:
            errors.append(away)

    worker = threading.Thread(target=works)
    worker.start()
    wait_until(lambda: provider.renewals == 1, what="the renewal")
    by_code(desk, provider)
    signed_in = row(desk)
    provider.hold.set()
    worker.join()
    assert len(errors) == 1
    assert row(desk).refresh == signed_in.refresh != ""
    assert fetched(desk) == 0


def test_a_provider_that_drips_holds_nobody_up(
    desk: Flask, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 11: the head of its answer comes at once, the rest a byte at a time."""
    by_code(desk, provider)
    monkeypatch.setattr(http, "ANSWERING", 0.5)
    provider.drips = True
    try:
        client, began = client_of(desk), time.monotonic()
        with desk.app_context(), pytest.raises(ProviderAway):
            flows.refresh(client, "a token")
        assert time.monotonic() - began < DRIPPED / 2
    finally:
        provider.drips = False


def test_a_provider_that_is_away_costs_no_sign_in(desk: Flask, provider: Provider) -> None:
    by_code(desk, provider)
    with desk.app_context(), writing() as here:
        here.get_one(MailSignIn, SOURCE).expires_at = clock.now()
    provider.status = 503
    with pytest.raises(MailboxAway, match="503"):
        fetched(desk)
    assert state(desk).paused_at is None
    provider.status = 200
    assert fetched(desk) == 0


@pytest.mark.parametrize("reason", ["invalid_client", "<script>alert(1)</script>"])
def test_what_a_provider_says_is_understood_and_not_shown(desk: Flask, provider: Provider, reason: str) -> None:
    """Attack 86: no answer from elsewhere stands on our pages."""
    by_code(desk, provider)
    with desk.app_context(), writing() as here:
        here.get_one(MailSignIn, SOURCE).expires_at = clock.now()
    provider.denies = reason
    with pytest.raises(NotLetIn) as refused:
        fetched(desk)
    assert "script" not in refused.value.sentence
    assert state(desk).paused_by == "refused"


def test_another_secret_key_asks_for_another_sign_in(desk: Flask, provider: Provider) -> None:
    by_code(desk, provider)
    desk.config["HELPDESK"] = replace(desk.config["HELPDESK"], secret_key="another key, long enough to sign with")
    with pytest.raises(SignInNeeded, match="another secret key"):
        fetched(desk)


def test_a_provider_in_our_own_network_is_not_asked(desk: Flask, provider: Provider) -> None:
    """Attack 86: unless this machine's owner has named it."""
    client = client_of(desk)
    desk.config["HELPDESK"] = replace(desk.config["HELPDESK"], private_hosts="")
    with desk.app_context(), pytest.raises(SignInFailed, match="open internet"):
        flows.refresh(replace(client, token_url=f"https://127.0.0.1:{provider.port}/token"), "a token")
    assert provider.asked == []


def test_a_provider_over_plain_http_is_not_asked(desk: Flask, provider: Provider) -> None:
    client = replace(client_of(desk), token_url="http://provider.example/token")
    with desk.app_context(), pytest.raises(HelpdeskError) as refused:
        flows.refresh(client, "a token")
    assert "https://" in refused.value.sentence


def test_a_providers_certificate_is_verified(desk: Flask, provider: Provider, certificate: Certificate) -> None:
    with running_provider({}, tls=certificate.server_context()) as secure:
        client = replace(client_of(desk), token_url=f"{secure.url}/token")
        with desk.app_context(), pytest.raises(ProviderAway, match="certificate"):
            flows.refresh(client, "a token")
        assert secure.asked == []


def test_the_large_providers_are_known(app: Flask) -> None:
    for name, host in (("google", "oauth2.googleapis.com"), ("microsoft", "login.microsoftonline.com")):
        more = f', oauth: {{provider: {name}, client_id: "${{env:DESK_CLIENT}}"}}'
        reads(app, "imaps://support%40acme.example@imap.example.org", more=more)
        with app.app_context(), pytest.MonkeyPatch().context() as there:
            source = fetch.of_name(SOURCE)
            assert source is not None
            there.setenv("DESK_CLIENT", "our name")
            client = providers.client_of(source)
            assert client is not None
            assert urlsplit(client.token_url).hostname == host
            assert client.client_id == "our name"
            begun = flows.begin(client, back="https://desk.example/back", user="support@acme.example")
            asked = parse_qs(urlsplit(begun.url).query)
            assert asked["code_challenge_method"] == ["S256"]
            assert asked["login_hint"] == ["support@acme.example"]
            assert "{" not in begun.url


def client_of(desk: Flask) -> providers.Client:
    with desk.app_context():
        source = fetch.of_name(SOURCE)
        assert source is not None
        found = providers.client_of(source)
        assert found is not None
        return found


def test_a_line_is_opened_anew_for_another_client_and_not_because_the_file_grew(
    desk: Flask, provider: Provider, imap_mailbox: Account, idles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sign-in of a mailbox is another one under the same address."""
    monkeypatch.setattr(line, "SLICE", 0.2)
    by_code(desk, provider)
    fetched(desk)
    listening = Listening(desk, "the worker")

    def hears() -> bool:
        listening.look()
        return state(desk).hears_since is not None

    try:
        wait_until(hears, what="the mailbox to be listened to")
        with desk.app_context():
            text = revisions.get(revisions.active().id).text
            assert revisions.adopt(f"# A remark.\n{text}", author="the tests").revision
        assert hears()
        assert idles == ["IDLE"]
        keys = provider.keys.replace(CLIENT, "another")
        reads(desk, f"imap+insecure://{quote(imap_mailbox.address)}@localhost:{imap_mailbox.port}", more=keys)
        wait_until(lambda: hears() and len(idles) == 2, what="a line for the other client")
    finally:
        listening.end()
