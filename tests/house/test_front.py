"""The front keeps its promises by itself: nothing inline, nothing from elsewhere, and vendored files as they came."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from helpdesk import web_assets

TEMPLATES = Path(web_assets.__file__).parent / "templates"
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if path.parent.name != "email")  # letters must be inline
SHEETS = sorted((web_assets.STATIC / "css").glob("*.css"))
VENDORED = re.findall(
    r"^\| `([\w./-]+)` .*`([0-9a-f]{64})` \|$", (web_assets.STATIC / "vendor/VENDOR.md").read_text(), re.MULTILINE
)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_no_page_needs_inline_script_or_style(page: Path) -> None:
    """Attack 82: the policy forbids both, so a page that had them would be broken as well as weak."""
    html = page.read_text()
    assert not re.search(
        r"<style|\sstyle=|javascript:|\son(click|load|error|submit|change|input)=|hx-on|hx-vals=.js:", html
    )
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_no_page_fetches_anything_from_elsewhere(page: Path) -> None:
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", page.read_text())


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_styles_are_logical_so_that_right_to_left_works(sheet: Path) -> None:
    physical = r"\b(?:margin|padding|border)-(?:left|right)\b|[;{]\s*(?:left|right):|text-align: (?:left|right)"
    assert not re.search(physical, sheet.read_text())


def test_every_style_sheet_and_script_is_reached() -> None:
    gathered = (web_assets.STATIC / "css/app.css").read_text()
    sources = [*TEMPLATES.rglob("*.html"), *TEMPLATES.parent.rglob("*.py")]
    alone = {name for path in sources for name in re.findall(r"[\"']css/([\w-]+\.css)", path.read_text())}
    assert {sheet.name for sheet in SHEETS} - alone == set(re.findall(r'url\("(\w+\.css)"\)', gathered))
    pages = ("js/desk.js", "js/workflow/editor.js", "js/print.js")
    reached = {name for page in pages for name in web_assets._imported(page, 0)}
    ours = {path.relative_to(web_assets.STATIC).as_posix() for path in (web_assets.STATIC / "js").rglob("*.js")}
    assert ours == {name for name in reached if name.startswith("js/")}


@pytest.mark.parametrize(("name", "checksum"), VENDORED)
def test_a_vendored_file_is_as_it_came(name: str, checksum: str) -> None:
    assert hashlib.sha256((web_assets.STATIC / name).read_bytes()).hexdigest() == checksum


def test_every_vendored_file_is_listed() -> None:
    found = [*web_assets.STATIC.glob("vendor/*.js"), *web_assets.STATIC.glob("fonts/*")]
    assert {path.relative_to(web_assets.STATIC).as_posix() for path in found} <= {name for name, _ in VENDORED}
