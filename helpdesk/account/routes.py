"""The pages of /account, gathered."""

from __future__ import annotations

from helpdesk.account import away, password, reset, second_step, sign_in
from helpdesk.account.blueprint import bp

__all__ = ["away", "bp", "password", "reset", "second_step", "sign_in"]
