"""Which desk is active, and what was before. The text lives in the database, so that all processes agree; the file is
one of the ways it gets there.

`rows` keeps every text, `on_disk` knows what the file last said, `adopting` makes another desk active, `in_force` says
which one is: `active()` is asked by every door and page. Only `revisions` touches the database in this room; nothing
that checks a file imports it.
"""

from helpdesk.workflows.revisions.adopting import Adopted, NoTickets, Tickets, adopt, adopt_file
from helpdesk.workflows.revisions.in_force import Active, NoDeskError, active
from helpdesk.workflows.revisions.on_disk import named_files, note_in_file, problems, seen
from helpdesk.workflows.revisions.rows import Revision, desk_of, get, history, newest_id

__all__ = [
    "Active", "Adopted", "NoDeskError", "NoTickets", "Revision", "Tickets", "active", "adopt", "adopt_file",
    "desk_of", "get", "history", "named_files", "newest_id", "note_in_file", "problems", "seen",
]  # fmt: skip
