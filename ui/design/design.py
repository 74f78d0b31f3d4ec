"""Gives an app the common look: templates, static files that never change under one address, and strict headers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from gzip import compress
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, request, url_for

from ui.design.headers import NOT_KEPT, SECURITY_HEADERS

_STATIC = Path(__file__).parent / "static"
_FOR_EVER = "public, max-age=31536000, immutable"

_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

Wsgi = Callable[..., Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as it is served; `version` changes with its content."""

    body: bytes
    packed: bytes
    """The same, gzipped; a page must arrive over a weak network, too."""
    mimetype: str
    version: str

    @classmethod
    def read(cls, path: Path) -> "StaticFile":
        """The file at `path`."""
        body = path.read_bytes()
        return cls(body, compress(body, mtime=0), _TYPES[path.suffix], sha256(body).hexdigest()[:16])


def add_design(app: Flask) -> None:
    """Let `app` use base.html, macros.html and the files under /design/static; harden every response it gives."""
    files = {path.name: StaticFile.read(path) for path in _STATIC.iterdir()}
    design = Blueprint("design", __name__, template_folder="templates", url_prefix="/design")

    @design.get("/static/<name>")
    def file(name: str) -> Response:
        found = files.get(name) or abort(404)
        is_packed = request.accept_encodings["gzip"] > 0
        response = Response(found.packed if is_packed else found.body, mimetype=found.mimetype)
        if is_packed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = _FOR_EVER if request.args.get("v") == found.version else "no-cache"
        return response

    def design_file(name: str) -> str:
        return url_for("design.file", name=name, v=files[name].version)

    app.register_blueprint(design)
    app.jinja_env.globals["design_file"] = design_file
    app.wsgi_app = _WithHeaders(app.wsgi_app)  # type: ignore[method-assign]


class _WithHeaders:
    """Adds the same headers to whatever the app answers; below Flask, so that it costs next to nothing."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            headers.extend(SECURITY_HEADERS)
            if not any(name == "Cache-Control" for name, _ in headers):
                headers.append(NOT_KEPT)
            return start_response(status, headers, exc_info)

        return self._app(environ, start)
