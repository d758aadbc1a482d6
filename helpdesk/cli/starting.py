"""Before a desk can work: tables at this version, and a workflow in force. For `init`, `migrate`, `serve`."""

from __future__ import annotations

from collections.abc import Callable

from alembic.util import CommandError

from config import Settings
from helpdesk import migrating
from helpdesk.db import db
from helpdesk.errors import HelpdeskError
from helpdesk.rollout import apply
from helpdesk.text.counted import counted

Say = Callable[[str], None]


def bring_up_to_date(settings: Settings, *, say: Say) -> None:
    """Make or change the tables, then take the workflow file if it is new. Harmless when there is nothing to do."""
    before = migrating.current(db.engine)
    try:
        migrating.upgrade(db.engine)
    except CommandError:
        raise HelpdeskError(f"The database is newer than this program: it is at {before}.") from None
    after = migrating.current(db.engine)
    if before != after:
        say(f"Tables: {before or 'none'} → {after}.")
    take_workflow(settings, say=say)


def take_workflow(settings: Settings, *, say: Say) -> None:
    """Adopt the workflow file where it is new and sound; else say why not, and the desk goes on with the last good one.

    Raises HelpdeskError when there is no good one yet.
    """
    adopted = apply.take_file(settings.workflow_path)
    problems = [str(finding) for finding in adopted.findings if finding.severity == "error"] + adopted.reasons
    if problems:
        say(f"{settings.workflow_path} was not taken:")
        for problem in problems:
            say(f"  {problem}")
    if adopted.revision is None:
        raise HelpdeskError("There is no workflow the desk could work by. Mend the file and try again.")
    if adopted.changed and not problems:
        moved = f" {counted(adopted.carried.moved)} moved." if adopted.carried.moved else ""
        say(f"Workflow: {settings.workflow_path} is revision {adopted.revision}.{moved}")
    elif problems:
        say(f"The desk goes on with revision {adopted.revision}.")


def must_be_current() -> None:
    """Raise HelpdeskError unless the tables are those of this version: no process works on others (fault 30)."""
    found, needed = migrating.current(db.engine), migrating.head()
    if found != needed:
        at = found or "no version"
        raise HelpdeskError(f"The database is at {at}, this program needs {needed}. Run `helpdesk migrate`.")
