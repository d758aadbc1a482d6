"""A mail from a pipe: what Postfix, procmail or getmail hand to `helpdesk mail receive`.

Only stores; the worker reads it. The command turns the outcome into an exit code: 0 stored, 75 (EX_TEMPFAIL) try again.
"""

from __future__ import annotations

from collections.abc import Mapping

from helpdesk.channels.email import sources, store
from helpdesk.errors import Invalid, NotFound


def receive(raw: bytes, *, source: str = "", environ: Mapping[str, str] | None = None) -> int:
    """Keep one mail and give its id. `source` names a source of the workflow file; without it the recipient decides.

    `environ` may hold what Postfix tells a pipe: SENDER, RECIPIENT, ORIGINAL_RECIPIENT. Raises NotFound for an unknown
    source and Invalid for an empty pipe.
    """
    if not raw.strip():
        raise Invalid({"message": "There is no mail in the pipe."})
    boxes = {box.name for box in sources.mailboxes()}
    if not boxes:
        raise NotFound("The workflow file has no source of type email.")
    if source and source not in boxes:
        raise NotFound(f"There is no mail source “{source}”.")
    known = environ or {}
    recipients = [known[name] for name in ("ORIGINAL_RECIPIENT", "RECIPIENT") if known.get(name)]
    found = next((box.name for box in map(sources.of_address, recipients) if box), "")
    sender = known.get("SENDER")
    envelope_from = store.NULL_PATH if sender in ("<>", "MAILER-DAEMON") else sender or ""
    return store.keep(raw, source=source or found, envelope_from=envelope_from, envelope_to=recipients, peer="pipe")
