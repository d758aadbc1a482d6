"""What `helpdesk mail inspect` prints: what the desk would make of a message, touching nothing.

`python -m helpdesk.channels.email.inspect [--json] PATH…` does the same without a desk: no database, no settings, so it
cannot know tickets; then `would` says what the message alone allows to say.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from helpdesk.channels.email import reader
from helpdesk.channels.email.parse import Mail

Threading = Callable[[Mail], str | None]


def inspect(path: Path, *, thread: Threading | None = None) -> dict[str, Any]:
    """One message as the object of PRODUCT.md. `thread` names the ticket a mail belongs to, None for a new one."""
    return describe(path, reader.read(path), thread=thread)


def inspect_all(paths: list[Path], *, thread: Threading | None = None) -> Iterator[dict[str, Any]]:
    """Messages and folders of them, one object each, read in one child that is replaced when a message breaks it."""
    files = [
        file for path in paths for file in ([path] if not path.is_dir() else sorted(path.iterdir())) if file.is_file()
    ]
    for file in files:
        yield inspect(file, thread=thread)


def describe(path: Path, mail: Mail, *, thread: Threading | None = None) -> dict[str, Any]:
    """A read mail as plain data."""
    return {
        "file": str(path),
        "message_id": mail.message_id,
        "from": mail.from_.address,
        "from_name": mail.from_.name,
        "to": [one.address for one in mail.to],
        "cc": [one.address for one in mail.cc],
        "reply_to": mail.reply_to[0].address if mail.reply_to else None,
        "subject": mail.subject,
        "date": mail.date.isoformat() if mail.date else None,
        "text": mail.text,
        "reply_text": mail.reply_text,
        "html": mail.html,
        "attachments": [
            {"filename": file.filename, "content_type": file.content_type, "size": file.size, "inline": file.inline}
            for file in mail.attachments
        ],
        "auto": mail.auto,
        "in_reply_to": mail.in_reply_to or None,
        "references": list(mail.references),
        "would": would(mail, thread=thread),
        "problems": list(mail.problems),
    }


def would(mail: Mail, *, thread: Threading | None = None) -> str:
    """`quarantine` when nobody can say who wrote, `ignore` for our own mail come back and bounces of no ticket of ours,
    else the ticket or `new`.
    """
    if mail.auto == "loop":
        return "ignore"
    ref = thread(mail) if thread else None
    if mail.auto == "bounce":
        return f"reply:{ref}" if ref else "ignore"
    if not mail.sender_is_clear:
        return "quarantine"
    return f"reply:{ref}" if ref else "new"


def main(arguments: list[str] | None = None) -> int:
    """The command; exit 0 and an object for any bytes whatsoever."""
    parser = argparse.ArgumentParser(prog="helpdesk mail inspect", description="What the desk makes of messages.")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    wanted = parser.parse_args(arguments)
    for found in inspect_all(wanted.paths):
        sys.stdout.write((json.dumps(found, ensure_ascii=True) if wanted.json else told(found)) + "\n")
    return 0


def told(found: dict[str, Any]) -> str:
    """The same for people: a few lines a message."""
    files = ", ".join(f"{file['filename']} ({file['size']} bytes)" for file in found["attachments"]) or "none"
    return "\n".join(
        (
            f"{found['file']}",
            f"  from      {found['from_name']} <{found['from']}>",
            f"  subject   {found['subject']}",
            f"  date      {found['date'] or 'unknown'}",
            f"  kind      {found['auto']}, would be: {found['would']}",
            f"  files     {files}",
            f"  problems  {', '.join(found['problems']) or 'none'}",
            *(f"  | {line}" for line in found["reply_text"].split("\n")[:12]),
        )
    )


if __name__ == "__main__":
    sys.exit(main())
