"""What templates say about people, sizes and times, and how static files are served."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from helpdesk import clock, web_assets, web_look
from helpdesk.web.templating import Templates


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Olga Petrova", "OP"),
        ("Mary-Jane van der Berg", "MB"),
        ("অনিতা সেনগুপ্ত", "অসে"),
        ("王小明", "王"),
        ("ann@acme.example", "A"),
        ("", ""),
        (None, ""),
        ("<script>", ""),
        ("🦄🌈", ""),
    ],
)
def test_initials_are_whole_signs_of_any_script(name: str | None, shown: str) -> None:
    assert web_look.initials(name) == shown


def test_a_name_keeps_its_colour() -> None:
    assert web_look.hue("Olga Petrova") == web_look.hue("OLGA PETROVA") == 8


@pytest.mark.parametrize(
    ("size", "said"), [(812, "812 B"), (18_234, "18 kB"), (999_900, "1.0 MB"), (2_345_678, "2.3 MB")]
)
def test_sizes_are_said_as_people_say_them(size: int, said: str) -> None:
    assert web_look.filesize(size) == said


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestInAPage:
    def test_how_long_ago_carries_the_full_moment_with_it(self, app: Flask) -> None:
        with app.test_request_context("/"):
            said = web_look.ago(clock.now() - timedelta(hours=3, minutes=1))
        assert ">3h</time>" in said
        assert 'datetime="' in said
        assert 'title="' in said

    def test_a_theme_nobody_offers_is_not_written_into_the_page(self, app: Flask) -> None:
        with app.test_request_context("/", headers={"Cookie": 'theme="><script>'}):
            assert web_look.theme() == ""
        with app.test_request_context("/", headers={"Cookie": "theme=dark"}):
            assert web_look.theme() == "dark"

    def test_templates_look_into_dicts_first_and_keep_what_every_dict_can_do(self, app: Flask) -> None:
        assert type(app.jinja_env) is Templates
        with app.test_request_context("/"):
            drawn = app.jinja_env.from_string(
                "{{ of.name }} {{ of.none }} {% for k, v in of.items() %}{{ k }}{% endfor %}"
            )
            assert drawn.render(of={"name": "Olga", "items": "none of them"}) == "Olga  nameitems"

    def test_the_look_comes_in_one_piece_squeezed_and_for_ever(self, app: Flask) -> None:
        with app.test_request_context("/"):
            address = web_assets.static_url("css/app.css")
        answer = app.test_client().get(address, headers={"Accept-Encoding": "gzip"})
        assert "immutable" in answer.headers["Cache-Control"]
        css = gzip.decompress(answer.data).decode()
        assert "@import" not in css
        assert "@layer components {\n.button" in css

    def test_an_address_of_another_version_is_not_kept(self, app: Flask) -> None:
        answer = app.test_client().get("/assets/0000000000/css/app.css")
        assert answer.status_code == 200
        assert "immutable" not in answer.headers["Cache-Control"]

    @pytest.mark.parametrize(
        "name", ["../web.py", "css/../../web_assets.py", "..%2f..%2fconfig.py", "/etc/passwd", "css"]
    )
    def test_nothing_outside_the_static_folder_has_an_address(self, app: Flask, name: str) -> None:
        assert app.test_client().get(f"/assets/x/{name}").status_code in (404, 308)

    def test_states_of_one_name_and_colour_still_tell_whether_they_are_final(self, app: Flask) -> None:
        """Two workflows may each have a green “Done”, of which only one ends the work."""
        rows = [
            {"ref": f"R-{final}", "requester": {"name": "Olga"}, "activity_at": clock.now(), "subject": "Printer"}
            | {"state": {"label": "Done", "color": "green", "final": final}}
            for final in (False, True)
        ]
        with app.test_request_context("/"):
            drawn = app.jinja_env.get_template("desk/_rows.html").render(rows=rows, pager=None)
        assert drawn.count('data-color="green" data-final') == 1


def test_a_style_knows_a_beginning_and_an_end_no_left_and_right() -> None:
    """A page in a right-to-left script is the mirror of the others. A mail in its frame has its sender's look."""
    sided = re.compile(r"(?:padding|margin)-(?:left|right)|text-align: (?:left|right)|(?<![-\w])(?:left|right):")
    values = r"(?:[^\s();]|\([^()]*(?:\([^()]*\)[^()]*)*\))+"
    four = re.compile(rf"(?:padding|margin): {values} ({values}) {values} ({values});")
    for sheet in sorted((Path(web_assets.__file__).parent / "static" / "css").glob("*.css")):
        text = sheet.read_text()
        assert not sided.search(text), sheet.name
        assert [found for found in four.findall(text) if found[0] != found[1]] == [], sheet.name
