"""Style sheets, scripts, icons and fonts: one address per version of all of them, cached for ever, and no build step.

`create_app` calls `register(app)`; templates call `static_url("js/desk.js")`. The version stands in the path, not in a
query, so relative addresses inside a module or a style sheet carry it along. The `@import … layer(…)` lines of a style
sheet are answered in one piece, so a page costs one request for its looks while each component keeps a file of its own.
Knows no ticket and no person.
"""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from flask import Blueprint, Flask, Response, abort, current_app, request

from helpdesk.web.gates import for_everyone

STATIC = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_MOMENT = "no-cache"  # an address of another version: served, but asked for again
SQUEEZED = {".css", ".js", ".svg"}

_import_line = re.compile(r'@import url\("([\w./-]+\.css)"\) layer\((\w+)\);')
_module_line = re.compile(r'^import (?:[^"\';]+ from )?["\'](\.[\w./-]+\.js)["\'];?$', re.MULTILINE)
_name = re.compile(r"[\w./-]{1,100}", re.ASCII)
_types = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}

bp = Blueprint("assets", __name__)


@dataclass(frozen=True)
class Asset:
    body: bytes
    squeezed: bytes | None
    content_type: str


def register(app: Flask) -> None:
    """Serve `/assets/<version>/<name>` and give templates `static_url(name)` and `modules(name)`."""
    app.register_blueprint(bp)
    app.add_template_global(static_url)
    app.add_template_global(modules)


def static_url(name: str) -> str:
    """The address of a file under `static/`, good until any of them changes."""
    return f"{request.script_root}/assets/{version()}/{name}"  # said a hundred times a page; `url_for` is slower


def modules(name: str) -> list[str]:
    """The addresses of all that a script imports, itself first: for `modulepreload`, so that they load side by side."""
    return [static_url(each) for each in _imported(name, _stamp())]


def version() -> str:
    """Ten hex digits over all static files; looked at again for every page while developing."""
    return _version(_stamp())


@bp.get("/assets/<version>/<path:name>")
@for_everyone
def serve(version: str, name: str) -> Response:
    """One file. Nothing outside `static/` has an address here."""
    asset = _asset(name, _stamp()) if _name.fullmatch(name) else None
    if asset is None:
        abort(404)
    squeeze = asset.squeezed is not None and "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(asset.squeezed if squeeze else asset.body, content_type=asset.content_type)
    response.headers["Cache-Control"] = FOR_EVER if version == _version(_stamp()) else FOR_A_MOMENT
    if asset.squeezed is not None:
        response.headers["Vary"] = "Accept-Encoding"
    if squeeze:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _stamp() -> int:
    """Changes when a file does, while developing; fixed otherwise, so that a running desk reads each file once."""
    if not current_app.debug:
        return 0
    return max(path.stat().st_mtime_ns for path in STATIC.rglob("*"))


@lru_cache(maxsize=2)
def _version(stamp: int) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in STATIC.rglob("*") if path.is_file()):
        digest.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:10]


@lru_cache(maxsize=256)
def _asset(name: str, stamp: int) -> Asset | None:
    path = (STATIC / name).resolve()
    if not path.is_relative_to(STATIC.resolve()) or not path.is_file():
        return None
    body = _gathered(path).encode() if path.suffix == ".css" else path.read_bytes()
    content_type = _types.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    if content_type.startswith(("text/", "image/svg")):
        content_type += "; charset=utf-8"
    return Asset(body, gzip.compress(body, mtime=0) if path.suffix in SQUEEZED else None, content_type)


def _gathered(path: Path) -> str:
    """A style sheet with its imports put in place, each in its layer."""

    def inlined(found: re.Match[str]) -> str:
        name, layer = found.groups()
        return f"@layer {layer} {{\n{(path.parent / name).read_text('utf-8')}}}"

    return _import_line.sub(inlined, path.read_text("utf-8"))


@lru_cache(maxsize=32)
def _imported(name: str, stamp: int) -> tuple[str, ...]:
    found: list[str] = []
    waiting = [name]
    while waiting:
        current = waiting.pop(0)
        if current in found:
            continue
        found.append(current)
        source = (STATIC / current).read_text("utf-8")
        waiting += [_beside(current, relative) for relative in _module_line.findall(source)]
    return tuple(found)


def _beside(name: str, relative: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(name).parent / relative).parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
