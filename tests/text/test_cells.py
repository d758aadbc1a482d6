"""What a spreadsheet would compute is words (attack 20)."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest

from helpdesk.text.cells import cell

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207a\u208b\ufb29\u2212"
BEFORE = ("", " ", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u202e", '"', ' "', "\x01", "\u2003\u200d ")


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", BEFORE)
def test_a_text_that_begins_as_a_formula_is_words(sign: str, before: str) -> None:
    assert cell(f"{before}{sign}1+1") == f"'{before}{sign}1+1"


@pytest.mark.parametrize("sign", ["\t", "\r", "\n", "\t=", "\r\n-", "\n@"])
def test_a_text_that_begins_with_a_tab_or_a_new_line_is_words(sign: str) -> None:
    assert cell(f"{sign}x").startswith("'")


@pytest.mark.parametrize("parted", [";", "\t", "\n", "\r\n", "; ", ';"', "\u2028", ";;", "; \t "])
def test_no_cell_begins_within_a_text(parted: str) -> None:
    """Where another sign parts cells, as `;` does in half of Europe, the rest of a text would be a cell of its own."""
    guarded = cell(f"hello{parted}=cmd|'/C calc'!A0")
    assert "'" in guarded.partition("=")[0]
    for delimiter in (",", ";", "\t"):
        assert not computed(guarded, delimiter), delimiter


@pytest.mark.parametrize(
    "text", ["", "Printer on fire", "a-b = c", "x@example.org", "1;2", "a; b\nc", "'=1", "５", "—"]
)
def test_all_other_text_stays_as_it_is(text: str) -> None:
    assert cell(text) == text


def test_whatever_becomes_a_sign_is_one() -> None:
    """Each character that programs make `= + - @` of when they tidy a text."""
    for code in range(0x110000):
        if unicodedata.normalize("NFKC", chr(code))[:1] in ("=", "+", "-", "@"):
            assert cell(chr(code)).startswith("'"), hex(code)


def test_no_text_takes_it_long() -> None:
    """A run of what may stand before a sign is looked at once: this ends at once, or not while somebody waits."""
    assert cell("a" + " ;\t" * 200_000) == "a" + " ;\t" * 200_000


def computed(text: str, delimiter: str) -> list[str]:
    """The cells that begin as a formula, as a spreadsheet with this delimiter reads our file."""
    file = io.StringIO(newline="")
    csv.writer(file, dialect="excel").writerow(["R-1", text])
    file.seek(0)
    found = [each for line in csv.reader(file, delimiter=delimiter) for each in line]
    return [each for each in found if each.strip(' "\t\r\n').startswith(("=", "+", "-", "@"))]
