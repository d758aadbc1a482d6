"""Whose mail is taken for a service's by its address (attack 25): a machine's name, never one that begins like it."""

from __future__ import annotations

import pytest

from helpdesk.channels.email import services


@pytest.mark.parametrize(
    "name",
    [
        "author",
        "authority",
        "registrar",
        "registry",
        "securitas",
        "loginov",
        "alerta",
        "notifkowski",
        "invitado",
        "otphilia",
    ],
)
def test_a_person_whose_name_begins_like_a_machine_s_is_no_service(name: str) -> None:
    assert not services.wrote(f"{name}@example.org", "The printer", "It smokes.")


@pytest.mark.parametrize(
    "name",
    [
        "verify", "verification", "confirm-email", "confirmations", "activation", "sign-up", "signup", "register",
        "registration", "security", "Security-Alerts", "securityalert", "otp", "login", "login2", "auth",
        "authentication", "invites", "invitations", "welcome", "notify", "notifications", "notifier", "alerts",
        "verifyemail", "notification+7", "supportbot", "no-reply", "postmaster",
    ],
)  # fmt: skip
def test_a_machine_s_name_is_a_service(name: str) -> None:
    assert services.wrote(f"{name}@example.org", "The printer", "It smokes.")
