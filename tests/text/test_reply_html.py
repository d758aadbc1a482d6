"""A reply above its quote keeps its formatting; what cannot be told for sure stays text (attacks 1 to 8)."""

from __future__ import annotations

import pytest

from helpdesk.text import html as markup
from helpdesk.text import reply_html
from helpdesk.text.quotes import split

QUOTE = (
    '<div class="gmail_quote"><div>On Mon, 12 Jan 2026 at 10:00, Ann &lt;ann@acme.example&gt; wrote:<br></div>'
    "<blockquote>Which <b>model</b> is it?</blockquote></div>"
)
GMAIL = f"<div>It is the <b>grey</b> one:<ul><li>two lamps</li><li>no plug</li></ul>Olga</div><br>{QUOTE}"
OUTLOOK = (
    "<p>See <a href='https://lamps.example/a?b=1'>the picture</a>.</p><p>&nbsp;</p>"
    "<div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>From:</b> Ann<br>"
    "<b>Sent:</b> Monday, 12 January 2026<br><b>To:</b> Olga<br><b>Subject:</b> Lamp</p></div><p>Which model is it?</p>"
)


def reply_of(html: str) -> tuple[str, str]:
    text = split("", html).text
    return text, reply_html.beginning(markup.clean(html), text)


def test_an_answer_above_the_quote_keeps_its_look() -> None:
    text, kept = reply_of(GMAIL)
    assert "<b>grey</b>" in kept
    assert "<li>two lamps</li>" in kept
    assert "model" not in text + kept
    assert "wrote" not in kept


def test_a_link_stays_a_link() -> None:
    _, kept = reply_of(OUTLOOK)
    assert 'href="https://lamps.example/a?b=1"' in kept
    assert "From:" not in kept


def test_answers_between_the_lines_stay_text() -> None:
    html = "<div>Hello,</div><blockquote>Which model?</blockquote><div>The <b>grey</b> one.</div>"
    assert reply_html.beginning(markup.clean(html), "Hello,\n\nThe grey one.") == ""


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Yes and no.</p>", "Yes"),  # the cut goes through the words
        ("<p>Yes.</p>", "Yes, of course."),
        ("<p>No.</p><p>Yes.</p>", "Yes."),
        ("<p>Yes.</p>", "…"),
        ("", "Yes."),
        ("<p>Yes.</p>" + "<p>more</p>" * 50_000, "Yes."),
    ],
    ids=["half a word", "more text", "its end", "no letter", "no html", "too long"],
)
def test_what_is_not_the_beginning_is_not_guessed(html: str, text: str) -> None:
    assert reply_html.beginning(html, text) == ""


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<form action='https://evil.example'><input name=password></form>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    ],
)
def test_what_is_kept_is_as_clean_as_everything_else(evil: str) -> None:
    """Attacks 1 to 8: the cut comes before the cleaning, whatever was given."""
    kept = reply_html.beginning(f"<p>Yes. {evil}</p><blockquote>No</blockquote>", "Yes.")
    assert kept == markup.clean(kept)
    for danger in ("<script", "onerror=", "javascript:", "<svg", "<form", "<style"):
        assert danger not in kept.replace("&lt;", "")


def test_a_cut_in_the_middle_of_a_tag_opens_none() -> None:
    kept = reply_html.beginning('<div title="a">Yes.<table><tr><td>', "Yes.")
    assert kept.count("<div") == kept.count("</div") == 1
    assert "<table" not in kept
