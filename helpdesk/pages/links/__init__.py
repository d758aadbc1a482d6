"""Where the links of mails lead that do one thing: vote, pay, rate, reopen. Opening one changes nothing; its form
does.
"""

from __future__ import annotations

from helpdesk.pages.links import approve, customer, pay
from helpdesk.pages.links.blueprint import bp

__all__ = ["approve", "bp", "customer", "pay"]
