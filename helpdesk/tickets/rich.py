"""What somebody wrote, in the two shapes it is kept in, and the files that came with it."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk import files
from helpdesk.text import html as markup
from helpdesk.text import plain

LONGEST = 200_000  # characters of one message; a longer one is cut and the original stays downloadable


@dataclass(frozen=True)
class Rich:
    """A message: `text` always, `html` (cleaned) where there is formatting, `quoted` what was cut from a mail."""

    text: str
    html: str = ""
    quoted: str = ""

    @classmethod
    def plain(cls, text: str) -> Rich:
        return cls(plain.scrub(text)[:LONGEST])

    @classmethod
    def from_html(cls, source: str) -> Rich:
        """What the editor of a page sent. Cleaned here, whoever wrote it (attack 10)."""
        clean = markup.clean(source[:LONGEST])
        return cls(markup.to_text(clean).strip(), clean)

    def __bool__(self) -> bool:
        return bool(self.text.strip())


NOTHING = Rich("")


@dataclass(frozen=True)
class Upload:
    """A file already in the store, on its way to a message. `filename` and `content_type` are the sender's claim."""

    filename: str
    content_type: str
    sha256: str
    size: int
    inline: bool = False
    content_id: str = ""

    @classmethod
    def keep(
        cls, content: bytes, *, filename: str, content_type: str, inline: bool = False, content_id: str = ""
    ) -> Upload:
        """Put the bytes into the file store (durably, before any row names them) under a name fit to be shown."""
        stored = files.store(content)
        return cls(plain.filename(filename), content_type[:100], stored.sha256, stored.size, inline, content_id[:255])
