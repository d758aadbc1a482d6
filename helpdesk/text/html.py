"""The only sanitiser: HTML that people or programs wrote becomes HTML that our pages may show.

Called once when something arrives (mail, rich text of agents, FAQ, canned replies) and by pages through `resolve`,
which fills in the pictures. Whatever is changed here, sanitising comes last: nobody edits the result (attack 2). The
result is a fixpoint: cleaning it again changes nothing (attack 3). Knows no ticket and no file store.
"""

from __future__ import annotations

import html as entities
import re
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import nh3

from helpdesk.text import plain
from helpdesk.text.bounds import bounded
from helpdesk.text.readable import TAGS as READABLE
from helpdesk.text.readable import readable

if TYPE_CHECKING:
    from bleach.sanitizer import Cleaner

LIMIT = 1_000_000  # characters; what is longer is cut before parsing, the original stays downloadable
_GATE = 20_000  # bleach is a hundred times slower, so it reads only what is short

TAGS = frozenset(
    "a abbr address b bdi big blockquote br caption center cite code col colgroup dd del dfn div dl dt em figcaption "
    "figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub sup table tbody "
    "td tfoot th thead tr tt u ul var".split()
)
# Dropped with everything in them; svg and math because they change how what follows is parsed (mutation attacks).
_GONE = frozenset(
    "applet audio canvas embed frame frameset iframe math noembed noframes noscript object script style svg template "
    "title video xml".split()
)
_ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "img": {"alt", "width", "height", "data-src-blocked", "data-cid"},
    "ol": {"start", "reversed"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign", "scope"},
    "tr": {"align", "valign"},
    "div": {"align"},
    "p": {"align"},
}
_SHOWN = _ATTRIBUTES | {"img": _ATTRIBUTES["img"] | {"src", "loading"}}
_REL = "noopener noreferrer nofollow"

_WEB = re.compile(r"(?i)https?://[^\s/?#\\]+\S*\Z")
_MAILTO = re.compile(r"(?i)mailto:[^\s]*\Z")
_OWN = re.compile(r"/(?![/\\])[^\s\\]*\Z")
_NUMBER = re.compile(r"\d{1,4}%?\Z")
_CID = re.compile(r"[^\s<>\"']{1,250}\Z")
# One start tag as the sanitiser writes it: every value in double quotes, never a bare quote in a value.
_START = re.compile(r"<([a-z][a-z0-9]*)((?: [^\s=<>\"]+=\"[^\"]*\")*)>")
_ATTRIBUTE = re.compile(r" ([^\s=<>\"]+)=\"([^\"]*)\"")


def clean(html: str, *, images: str = "block") -> str:
    """Sanitised HTML. Remote pictures lose their address: it stays beside them as `data-src-blocked` for a page to
    load by click through a proxy (attack 14), or goes entirely with `images="drop"`. Pictures inside the message
    (`cid:`) keep their identifier in `data-cid`; `resolve` turns it into an address of ours.
    """
    known = nh3.clean(
        bounded(plain.scrub(html[:LIMIT])),
        tags=set(TAGS),
        clean_content_tags=set(_GONE),
        attributes=_ATTRIBUTES | {"img": _ATTRIBUTES["img"] | {"src"}},
        url_schemes={"http", "https", "mailto", "cid"},
        url_relative="deny",
        link_rel=None,
    )
    # Once more scrubbed: what was written as `&#1;` is a sign only now.
    marked = _START.sub(lambda tag: _picture(tag, images) if tag[1] == "img" else _link(tag), plain.scrub(known))
    result = _gated(_last(marked, _ATTRIBUTES))
    # The parser writes down what the author left out, so a long text may come out over the limit: then less of it.
    return result if len(result) <= LIMIT else clean(html[: min(len(html), LIMIT) // 2], images=images)


def resolve(html: str, *, cids: Mapping[str, str] | None = None, remote: Callable[[str], str] | None = None) -> str:
    """Cleaned HTML with its pictures back: `cids` maps Content-IDs to paths of ours, `remote` turns a blocked address
    into a path of our proxy. Any other address is refused: a page shows pictures from our own host only.
    """

    def placed(tag: re.Match[str]) -> str:
        if tag[1] != "img":
            return tag[0]
        had = {name: entities.unescape(value) for name, value in _ATTRIBUTE.findall(tag[2])}
        path = (cids or {}).get(had.get("data-cid", ""))
        if not path and remote and "data-src-blocked" in had:
            path = remote(had["data-src-blocked"])
        return f'<img src="{entities.escape(path)}" loading="lazy"{tag[2]}>' if path else tag[0]

    return _last(_START.sub(placed, clean(html)), _SHOWN)


def to_text(html: str, *, marks: bool = False) -> str:
    """Readable text of any HTML: paragraphs, lists, tables, links with their address, quotes behind `>`.

    With `marks` the quote cutter's marker lines are in it.
    """
    tidy = nh3.clean(
        bounded(plain.scrub(html[:LIMIT])),
        tags=set(READABLE),
        clean_content_tags=set(_GONE) - set(READABLE),
        attributes={"*": {"class", "id", "style", "name"}, "a": {"href"}, "img": {"alt"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    )
    return readable(plain.scrub(tidy), marks=marks)


# An address ends where a sign stands that turns what follows around: it would not be shown as it leads.
_NOT_IN_LINK = r"\s<>\"\u200e\u200f\u202a-\u202e\u2066-\u2069"
_WEB_LINK = re.compile(rf"https?://(?![/?#\\])[^{_NOT_IN_LINK}]+[^{_NOT_IN_LINK}'.,;:!?)\]}}»”’]")
_LINK = re.compile(rf"{_WEB_LINK.pattern}|(?<![\w.+-])[\w.+-]{{1,64}}@[\w-]+(?:\.[\w-]+)+")


def from_text(text: str) -> str:
    """Plain text as HTML: escaped, paragraphs at blank lines, web and mail addresses clickable."""
    paragraphs = re.split(r"\n[ \t]*(?:\n[ \t]*)+", plain.scrub(text).strip("\n"))
    shown = ("<p>" + _linked(paragraph).replace("\n", "<br>") + "</p>" for paragraph in paragraphs if paragraph.strip())
    return _last("".join(shown), _ATTRIBUTES)


def linked(text: str) -> str:
    """Plain text as it stands, every line and blank where it was, with its web addresses clickable; as HTML.

    An address is shown as it leads, and leads nowhere but the web. Mail addresses stay words: whoever answers a ticket
    answers it here.
    """
    if "://" not in text:
        return entities.escape(text)
    return _last(_linked(plain.scrub(text), _WEB_LINK), _ATTRIBUTES)


def _linked(text: str, addresses: re.Pattern[str] = _LINK) -> str:
    parts, at = [], 0
    for found in addresses.finditer(text):
        address = entities.escape(found[0])
        target = address if "://" in found[0] else f"mailto:{address}"
        parts += [entities.escape(text[at : found.start()], quote=False), f'<a href="{target}">{address}</a>']
        at = found.end()
    return "".join([*parts, entities.escape(text[at:], quote=False)])


def _picture(tag: re.Match[str], images: str) -> str:
    """A picture without its address; one that has nothing left to say is left out."""
    kept: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(tag[2]):
        if name == "src":
            inside = value.lower().startswith("cid:")
            if not inside and images == "drop":
                continue
            name, value = ("data-cid", value[4:]) if inside else ("data-src-blocked", value)
        if _allowed("img", name, entities.unescape(value)) is not None:
            kept.setdefault(name, value)
    if kept.keys().isdisjoint(("data-cid", "data-src-blocked", "alt")):
        return ""
    return "<img" + "".join(f' {name}="{value}"' for name, value in kept.items()) + ">"


def _link(tag: re.Match[str]) -> str:
    """A link without an address that leads nowhere. The last cleaning would drop it too, but leave the others in an
    order that depends on there having been one, and so be no fixpoint.
    """
    if tag[1] != "a" or not tag[2]:
        return tag[0]
    given = _ATTRIBUTE.findall(tag[2])
    kept = [(name, value) for name, value in given if _allowed("a", name, entities.unescape(value)) is not None]
    return tag[0] if len(kept) == len(given) else "<a" + "".join(f' {name}="{value}"' for name, value in kept) + ">"


def _last(html: str, attributes: Mapping[str, set[str]]) -> str:
    """The sanitiser's last word, and the form in which HTML is stored."""
    return nh3.clean(
        bounded(html),
        tags=set(TAGS),
        clean_content_tags=set(_GONE),
        attributes={tag: set(names) for tag, names in attributes.items()},
        attribute_filter=_allowed,
        url_schemes={"http", "https", "mailto"},
        url_relative=lambda url: url if _OWN.match(url) else None,
        link_rel=_REL,
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def _allowed(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        value = value.strip()
        return value if _WEB.match(value) or _MAILTO.match(value) else None
    if name == "src":
        return value if _OWN.match(value) else None
    if name == "data-src-blocked":
        return value if _WEB.match(value) else None
    if name == "data-cid":
        return value if _CID.match(value) else None
    if name in ("width", "height", "colspan", "rowspan", "start"):
        return value if _NUMBER.match(value) else None
    if name in ("title", "alt"):
        return plain.line(value, limit=300)
    return value[:60]


def _gated(html: str) -> str:
    """Short results pass a second, independent sanitiser; its output is written once more so that the form is one."""
    if len(html) > _GATE or "<" not in html:
        return html
    if not hasattr(_of_this_thread, "second"):
        _of_this_thread.second = _second()
    return _last(_of_this_thread.second.clean(html), _ATTRIBUTES)


_of_this_thread = threading.local()  # a cleaner is made once for each: that takes half as long as its work


def _second() -> Cleaner:
    from bleach.sanitizer import Cleaner  # here, because it is slow to import and long mail never needs it

    def known(tag: str, name: str, value: str) -> bool:
        return name in _ATTRIBUTES.get(tag, ()) or name in _ATTRIBUTES["*"]

    return Cleaner(tags=TAGS, attributes=known, protocols={"http", "https", "mailto"}, strip=True)
