"""Pictures that stand in the text of a mail: sent with it and shown in their places, nothing fetched from anywhere (RFC
2387, RFC 2392).

Called by `compose`. A message names its pictures as the sender's program did; in our mail they get names of our own.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from typing import Any

from helpdesk import files
from helpdesk.text import plain

KINDS = ("image/png", "image/jpeg", "image/gif", "image/webp")
_PLACE = re.compile(r'<img\b([^<>]*?) data-cid="([^"<>]*)"([^<>]*)>')

File = dict[str, Any]


@dataclass(frozen=True)
class Picture:
    """A file and the name by which the HTML of this mail speaks of it."""

    name: str
    file: File


def placed(html: str, held: Sequence[File], *, message_id: str) -> tuple[str, list[Picture], list[File]]:
    """The HTML with its pictures in their places, the pictures, and the files that are left to be attached.

    `held`: as the outbox keeps them. What is only to stand in the text, and stands there not, is left out.
    """
    inside = {
        one["content_id"].strip("<>"): one for one in held if one.get("content_id") and one["content_type"] in KINDS
    }
    names = {cid: f"picture{place}.{message_id.strip('<>')}" for place, cid in enumerate(inside, 1)}
    shown: dict[str, Picture] = {}

    def put(tag: re.Match[str]) -> str:
        cid = entities.unescape(tag[2])
        if cid not in inside:
            return tag[0]
        shown[cid] = Picture(names[cid], inside[cid])
        return f'<img src="cid:{names[cid]}"{tag[1]}{tag[3]}>'

    html = _PLACE.sub(put, html)
    taken = [each.file for each in shown.values()]
    left = [one for one in held if one not in taken and not one.get("only_inside")]
    return html, list(shown.values()), left


def put_into(made: Any, pictures: Sequence[Picture]) -> None:
    """Into the message: its HTML part becomes one with the pictures it speaks of."""
    whole = made if made.get_content_type() == "multipart/alternative" else made.get_payload(0)
    text, html = whole.get_payload()
    related = MIMEMultipart("related")
    for part in (html, *(_part(each) for each in pictures)):
        related.attach(part)
    whole.set_payload([text, related])


def _part(picture: Picture) -> MIMEBase:
    part = MIMEBase(*picture.file["content_type"].split("/"))
    part.set_payload(files.read(picture.file["sha256"]))
    encode_base64(part)
    part.add_header("Content-ID", f"<{picture.name}>")
    name = plain.filename(picture.file["filename"])
    part.add_header(
        "Content-Disposition", "inline", **({"filename": name} if name.isascii() and '"' not in name else {})
    )
    return part
