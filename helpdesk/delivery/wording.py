"""What a mail says in the words of the workflow file: its frozen templates with their frozen names put in, and the
signature where it has its place.

Called by `compose`, outside any transaction: each text is made in a process that can be killed.
"""

from __future__ import annotations

from typing import Any

from helpdesk.delivery.plainly import Texts
from helpdesk.text import sandbox, templates
from helpdesk.tickets.models import Delivery


def texts(delivery: Delivery) -> Texts:
    """The mail in its own words. Raises TemplateFailed."""
    frozen, body = delivery.frozen, delivery.frozen["body"]
    signature = _signature(frozen)
    names = {**frozen["names"], "signature": signature or ""}
    sources = {"subject": frozen["subject"], "body": body, "from": frozen.get("display_name", "")}
    said = templates.render_all(sources, names)
    html = templates.render(body, names, html=True)
    text = said["body"]
    if signature and ("signature",) not in sandbox.variables(body):
        text = f"{text.rstrip()}\n\n-- \n{signature['text']}"  # the line mail programs know a signature by
        html = f'{html}\n<div class="signature">{signature["html"]}</div>'
    return Texts(said["subject"], text, html, said["from"])


def _signature(frozen: dict[str, Any]) -> dict[str, str]:
    """What stands under the mail, in both shapes; empty where nothing does."""
    source = frozen.get("signature", "").strip()
    if not source:
        return {}
    text, html = (templates.render(source, frozen["names"], html=html).strip() for html in (False, True))
    return {"text": text, "html": html} if text else {}
