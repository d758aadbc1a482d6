"""Administration: people, the workflow, where tickets come from, what could not be read, and what goes out; for
administrators.
"""

from helpdesk.admin import alarms, away, mail, outbox, people, sources, spam, unconfirmed, workflow
from helpdesk.admin.blueprint import bp

__all__ = ["alarms", "away", "bp", "mail", "outbox", "people", "sources", "spam", "unconfirmed", "workflow"]
