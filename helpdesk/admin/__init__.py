"""Administration: people, the workflow, where tickets come from, what could not be read, and what goes out; for
administrators.
"""

from helpdesk.admin import mail, people, workflow
from helpdesk.admin.blueprint import bp

__all__ = ["bp", "mail", "people", "workflow"]
