"""Cutting a reply out of a mail: what was newly written, apart from the quoted message and the signature.

Called by the mail parser and by whoever shows a message with its rest folded away. Never loses: `rest` holds everything
that was cut, an answer written between the lines is kept whole, and a text that would come out empty is not cut at all.
The phrases of languages are in `quote_phrases`; the rules here know shapes, not words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpdesk.text import quote_phrases as phrases
from helpdesk.text.html import to_marked_text
from helpdesk.text.readable import QUOTE_MARK, SIGNATURE_MARK

LONGEST = 20_000  # lines looked at; the rest of a longer text is kept as it is


@dataclass(frozen=True)
class Reply:
    """What somebody wrote, and what followed or surrounded it."""

    text: str
    rest: str


def split(text: str, html: str | None = None) -> Reply:
    """Cut `text`; pass `html` (not cleaned) when the mail had no plain text, for it marks quotes better than its text does."""
    if html is not None:
        text = to_marked_text(html)
    lines = text.split("\n")
    plain = "\n".join(line for line in lines if line not in (QUOTE_MARK, SIGNATURE_MARK))
    cut = _Cutter(lines).cut()
    if not cut.text.strip():
        return Reply(plain.strip("\n"), "")
    return cut


class _Cutter:
    """Decides line by line: `kept` says which lines are the reply."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.bare = [phrases.bare(line) for line in lines[:LONGEST]]
        self.kept = [line not in (QUOTE_MARK, SIGNATURE_MARK) for line in lines]
        self.end = len(self.bare)  # where the reply ends at the latest

    def cut(self) -> Reply:
        self._fence()
        self._trim()
        self.end = self._first_divider()
        self._drop(self.end, len(self.lines)) if self.end < len(self.bare) else None
        self._attributions()
        self._trailing_quote()
        self._signature()
        text = "\n".join(line for line, keep in zip(self.lines, self.kept, strict=True) if keep)
        rest = "\n".join(
            line
            for line, keep in zip(self.lines, self.kept, strict=True)
            if not keep and line not in (QUOTE_MARK, SIGNATURE_MARK)
        )
        return Reply(re.sub(r"\n{3,}", "\n\n", text).strip("\n").rstrip(), rest.strip("\n"))

    def _fence(self) -> None:
        """Code between ``` lines is nobody's quote."""
        inside = False
        for at, line in enumerate(self.bare):
            if line.startswith("```"):
                inside = not inside
            elif inside:
                self.bare[at] = "code"
        if inside:
            self.bare = [phrases.bare(line) for line in self.lines[:LONGEST]]

    def _trim(self) -> None:
        while self.end and not self.bare[self.end - 1]:
            self.end -= 1

    def _drop(self, begin: int, end: int) -> None:
        self.kept[begin:end] = [False] * (end - begin)

    def _first_divider(self) -> int:
        """Where another message begins for good: our own marker, a drawn line, a head of From/Sent/To lines."""
        for at in range(self.end):
            line = self.bare[at]
            if not line:
                continue
            if self.lines[at] == QUOTE_MARK and self._written_before(at):
                return at
            if phrases.is_reply_marker(line):
                return self._without_rule_above(at)
            if not self._written_before(at):
                continue
            if phrases.is_divider(line) or (phrases.is_rule(line) and self._head_begins(at + 1)):
                return at
            if self._head_begins(at):
                return self._without_rule_above(at)
        return len(self.bare)

    def _written_before(self, at: int) -> bool:
        return any(self.kept[place] and self.bare[place] and not self._quoted(place) for place in range(max(0, at - 400), at))

    def _quoted(self, at: int) -> bool:
        return self.bare[at].startswith(">")

    def _without_rule_above(self, at: int) -> int:
        above = at - 1
        while above >= 0 and not self.bare[above]:
            above -= 1
        return above if above >= 0 and (phrases.is_rule(self.bare[above]) or phrases.is_divider(self.bare[above])) else at

    def _head_begins(self, at: int) -> bool:
        """Whether the head of a quoted message starts here: several `Label: value` lines that hold who and when."""
        while at < self.end and not self.bare[at]:
            at += 1
        labels, who, when, known, gap = 0, False, False, 0, 0
        for place in range(at, min(at + 14, self.end)):
            line = self.bare[place]
            if not line:
                gap += 1
                if gap > 1 or not labels:
                    break
                continue
            label = phrases.label(line)
            if not label:
                if labels and gap == 0 and place - at <= 10:
                    who = who or bool(phrases.ADDRESS.search(line))
                    if labels < 2:
                        continue
                break
            gap = 0
            labels += 1
            known += label in phrases.HEAD_LABELS
            if labels == 1 and label not in phrases.HEAD_LABELS and not phrases.ADDRESS.search(line) and not phrases.MOMENT.search(line):
                return False
            who = who or bool(phrases.ADDRESS.search(line))
            when = when or bool(phrases.MOMENT.search(line))
        if labels >= 3 and (known >= 3 or (who and when)):
            return True
        return labels == 2 and known == 2 and (who or when) and phrases.label(self.bare[at]) in phrases.FROM_LABELS | phrases.DATE_LABELS

    def _attributions(self) -> None:
        """`On … wrote:` lines and what they introduce."""
        at = 0
        while at < self.end:
            if not self.kept[at] or not self.bare[at] or self._quoted(at):
                at += 1
                continue
            length = self._attribution(at)
            if not length:
                at += 1
                continue
            self._cut_at_attribution(at, at + length)
            at += length

    def _attribution(self, at: int) -> int:
        """How many lines the attribution starting here has; 0 for none."""
        joined = ""
        for length in range(1, 6):
            place = at + length - 1
            if place >= self.end or not self.bare[place] or (self._quoted(place) and length == 1):
                if place < self.end and not self.bare[place] and length > 1 and phrases.opens_attribution(joined):
                    continue
                return 0
            joined = f"{joined} {self.bare[place].lstrip('> ')}".strip()
            if len(joined) > 400:
                return 0
            if phrases.is_attribution(joined):
                return length
            follows = self._next_written(place + 1)
            if follows < self.end and self._quoted(follows) and phrases.introduces(joined) and (length == 1 or phrases.MOMENT.search(joined)):
                return length
        return 0

    def _next_written(self, at: int) -> int:
        while at < self.end and not self.bare[at]:
            at += 1
        return at

    def _cut_at_attribution(self, at: int, after: int) -> None:
        """Quoted lines follow: cut them, and keep what is written below unless it answers between the lines."""
        place = self._next_written(after)
        if place >= self.end or not self._quoted(place):
            if self._written_before(at):
                self._drop(at, len(self.lines))
                self.end = at
            return
        blocks = self._written_blocks(place)
        if not blocks:
            self._drop(at, len(self.lines))
            self.end = at
        elif len(blocks) == 1 and blocks[0][1] >= self.end and not self._written_before(at):
            self._drop(at, blocks[0][0])  # the whole answer stands below the quote
        elif len(blocks) == 1 and self._only_signature(blocks[0][0]):
            self._drop(at, len(self.lines))
            self.end = at

    def _written_blocks(self, at: int) -> list[tuple[int, int]]:
        """Stretches of unquoted text from here to the end."""
        blocks: list[tuple[int, int]] = []
        begin = -1
        wrapped = False
        for place in range(at, self.end + 1):
            quoted = place < self.end and (self._quoted(place) or not self.bare[place] and begin < 0)
            if place < self.end and not quoted and begin < 0 and wrapped and self._is_wrapped_tail(place):
                continue
            if place < self.end and not quoted:
                begin = place if begin < 0 else begin
            elif begin >= 0:
                blocks.append((begin, place))
                begin = -1
            wrapped = place < self.end and self._quoted(place)
        return blocks

    def _is_wrapped_tail(self, at: int) -> bool:
        """Whether a line is the end of a quoted one that a mail program broke without quoting it again."""
        return len(self.lines[at - 1]) > 65 and at + 1 < self.end and self._quoted(at + 1)

    def _only_signature(self, at: int) -> bool:
        return phrases.is_signature_line(self.bare[at]) or phrases.is_mobile_footer(self.bare[at])

    def _trailing_quote(self) -> None:
        """A quote at the very end that nobody introduced."""
        at = self.end
        while at and (not self.kept[at - 1] or not self.bare[at - 1]):
            at -= 1
        last = at
        while at and (self._quoted(at - 1) or not self.bare[at - 1]):
            at -= 1
        if at < last and self._written_before(at) and any(self._quoted(place) for place in range(at, last)):
            self._drop(at, last)
            self.end = at

    def _signature(self) -> None:
        """`-- `, the footers of phones and what a program marked as signature: at the end, after something was written."""
        seen = 0
        for at in range(self.end):
            line = self.bare[at]
            if not line or not self.kept[at] and self.lines[at] != SIGNATURE_MARK:
                continue
            marked = self.lines[at] == SIGNATURE_MARK or phrases.is_signature_line(self.lines[at].rstrip("\r"))
            if marked and self._written_before(at) and not self._quoted_below(at):
                self._drop(at, self.end)
                return
            if phrases.is_mobile_footer(line) and self._written_before(at) and self._little_below(at):
                self._drop(at, self.end)
                return
            seen += 1

    def _quoted_below(self, at: int) -> bool:
        return any(self.kept[place] and self._quoted(place) for place in range(at, self.end))

    def _little_below(self, at: int) -> bool:
        return sum(1 for place in range(at + 1, self.end) if self.kept[place] and self.bare[place]) <= 4
