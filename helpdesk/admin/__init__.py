"""Administration: people, where tickets come from, what could not be read, and what goes out; for administrators."""

from helpdesk.admin import mail, people
from helpdesk.admin.blueprint import bp

__all__ = ["bp", "mail", "people"]
