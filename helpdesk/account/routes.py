"""The pages of /account, gathered."""

from __future__ import annotations

from helpdesk.account import password, reset, second_step, sign_in
from helpdesk.account.blueprint import bp

__all__ = ["bp", "password", "reset", "second_step", "sign_in"]
