"""HTML as text that reads well: the walk behind `html.to_text` and the quote cutter. Shows nothing to a browser.

It is given HTML that the HTML5 parser has brought into shape, so it meets no malformed markup and takes linear time.
With `marks`, the places where mail programs begin the quoted message or the signature become marker lines.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

QUOTE_MARK, SIGNATURE_MARK = "\ue0f0quoted\ue0f0", "\ue0f0signature\ue0f0"

_BLOCKS = frozenset(
    "address article aside blockquote caption center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 "
    "h5 h6 header hr li main nav ol p pre section table tbody td tfoot th thead tr ul".split()
)
_SPACED = frozenset("blockquote dl h1 h2 h3 h4 h5 h6 ol p pre table ul".split())
TAGS = _BLOCKS | frozenset("a br img span".split())  # what the walk wants to be told about
_QUOTE_BEGINS = re.compile(
    r"(?i)(?:^|\s)(?:divRplyFwdMsg|appendonsend|OutlookMessageHeader|stopSpelling|yahoo_quoted|protonmail_quote|"
    r"tutanota_quote|zmail_extra|ms-outlook-mobile-reference-message|mail-editor-reference-message-container|"
    r"OLK_SRC_BODY_SECTION|gmail_quote_container|reply-intro|moz-cite-prefix|replySplit|x_divRplyFwdMsg|"
    r"email-quote|quoted-email|aolmail_quote|mailquote|lotus_quote)(?![a-z])"
)
_SIGNATURE_BEGINS = re.compile(
    r"(?i)(?:^|\s)(?:gmail_signature|moz-signature|AppleMailSignature|ms-outlook-mobile-signature|Signature|"
    r"ymail_android_signature|protonmail_signature_block-user|mobile_signature)\b"
)
# Word draws a line above the header of the message it answers: the one sign that is the same in every language.
_DRAWN_LINE = re.compile(r"(?i)border-top:\s*(?:solid|1)[^;]*;?\s*padding:\s*3(?:\.0)?pt 0")


def readable(tidy: str, *, marks: bool = False) -> str:
    """Text of HTML that is well formed; with `marks`, QUOTE_MARK and SIGNATURE_MARK stand on lines of their own."""
    walk = _Walk(marks)
    walk.feed(tidy)
    walk.close()
    return walk.text()


class _Walk(HTMLParser):
    def __init__(self, marks: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.marks = marks
        self.lines: list[str] = []
        self.current: list[str] = []
        self.quotes = 0
        self.pre = 0
        self.lists: list[int] = []
        self.links: list[tuple[str, int]] = []
        self.bullet = ""
        self.cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = {name: value or "" for name, value in attrs}
        if self.marks:
            self._mark(tag, had)
        if tag == "br":
            self._break(keep_blank=True)
        elif tag == "a":
            self.links.append((had.get("href", ""), len(self.current)))
        elif tag == "img":
            if had.get("alt", "").strip():
                self.handle_data(f"[{had['alt'].strip()}]")
        elif tag in ("td", "th"):
            self.cells += 1
            if self.cells > 1 and any(part.strip() for part in self.current):
                self.current.append(" \t")
            elif self.cells > 1:
                self._break()
        elif tag in _BLOCKS:
            self._open(tag, had)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.links:
            self._link_ends(*self.links.pop())
        elif tag in ("td", "th"):
            if self.quotes or self.lists:
                self._break()
        elif tag in _BLOCKS and tag != "hr":
            self._break()
            if tag == "blockquote":
                self.quotes = max(0, self.quotes - 1)
                while self.lines and self.lines[-1].startswith(">") and not self.lines[-1].strip("> "):
                    self.lines.pop()
            elif tag == "pre":
                self.pre = max(0, self.pre - 1)
            elif tag in ("ol", "ul") and self.lists:
                self.lists.pop()
            if tag in _SPACED:
                self._space()

    def handle_data(self, data: str) -> None:
        if self.pre:
            head, *rest = data.split("\n")
            self.current.append(head)
            for line in rest:
                self._break(keep_blank=True)
                self.current.append(line)
            return
        data = re.sub(r"[ \t\n\r\f\v]+", " ", data)
        if data == " " and not self.current:
            return
        self.current.append(data)

    def text(self) -> str:
        self._break()
        text = "\n".join(self.lines)
        return re.sub(r"\n{3,}", "\n\n", text).strip("\n")

    def _mark(self, tag: str, had: dict[str, str]) -> None:
        names = f"{had.get('id', '')} {had.get('class', '')}"
        quoted = _QUOTE_BEGINS.search(names) or _DRAWN_LINE.search(had.get("style", ""))
        if quoted or (tag == "div" and had.get("name") == "quote"):
            self._line(QUOTE_MARK)
        elif _SIGNATURE_BEGINS.search(names):
            self._line(SIGNATURE_MARK)

    def _open(self, tag: str, had: dict[str, str]) -> None:
        self._break()
        if tag in _SPACED and not (tag in ("ol", "ul") and self.lists):
            self._space()
        if tag == "blockquote":
            self.quotes += 1
        elif tag == "pre":
            self.pre += 1
        elif tag == "tr":
            self.cells = 0
        elif tag == "hr":
            self._line("_" * 32)
        elif tag == "ul":
            self.lists.append(-1)
        elif tag == "ol":
            start = had.get("start", "")
            self.lists.append(int(start) if start.isascii() and start.isdigit() and len(start) < 7 else 1)
        elif tag == "li":
            self._item()

    def _item(self) -> None:
        number = self.lists[-1] if self.lists else -1
        if number < 0:
            sign = "* "
        else:
            sign = f"{number}. "
            self.lists[-1] += 1
        self.bullet = "  " * max(0, min(len(self.lists), 9) - 1) + sign

    def _link_ends(self, address: str, since: int) -> None:
        label = "".join(self.current[since:]).strip() if since <= len(self.current) else ""
        bare = re.sub(r"(?i)^(?:https?://|mailto:|tel:)", "", address).rstrip("/")
        if address and label and bare.lower() not in label.lower() and not address.lower().startswith(("tel:", "#")):
            self.current.append(f" <{address.removeprefix('mailto:')}>")

    def _break(self, *, keep_blank: bool = False) -> None:
        text = "".join(self.current)
        self.current.clear()
        self.links = [(address, 0) for address, _ in self.links]
        text = text.rstrip() if self.pre else re.sub(r"[ \t]*\t[ \t]*", "\t", re.sub(r" +", " ", text)).strip()
        if text:
            self._line(self.bullet + text)
            self.bullet = ""
        elif keep_blank:
            self._line("")

    def _space(self) -> None:
        if self.lines and self.lines[-1].strip("> ") and not self.bullet:
            self._line("")

    def _line(self, text: str) -> None:
        if text in (QUOTE_MARK, SIGNATURE_MARK):
            self._break()
            self.lines.append(text)
            return
        self.lines.append((">" * min(self.quotes, 20) + " " + text).rstrip() if self.quotes else text)
