"""Where the links of mails lead that do one thing: vote, pay, rate, reopen, confirm. Opening one changes nothing."""

from __future__ import annotations

from helpdesk.pages.links import approve, confirm, customer, pay
from helpdesk.pages.links.blueprint import bp

__all__ = ["approve", "bp", "confirm", "customer", "pay"]
