"""The web page of the mock: the files of `linq_mock/page`, for a browser on this machine."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from linq_mock.control.access import is_asked_as_loopback
from linq_mock.messages import Headers, Response

if TYPE_CHECKING:
    from linq_mock.messages import Scope

FILES: Final = "/_mock/page/"
"""What the paths of the files begin with; the page itself is at `/`."""
FOLDER: Final = Path(__file__).parents[1] / "page"
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
}


def page_response(scope: Scope) -> Response | None:
    """Return the page, or a file of it; None when the request does not ask for one as a browser would."""
    headers = Headers(scope["headers"])
    name = _name_of_file(scope["raw_path"].decode("latin-1"), headers.get("Accept", ""))
    if name not in _files() or scope["method"] not in {"GET", "HEAD"} or not is_asked_as_loopback(headers):
        return None
    content = _files()[name].read_bytes()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if tag in headers.get("If-None-Match", ""):
        return Response(b"", 304, {**_HEADERS, "ETag": tag})
    response = Response(content, 200, {**_HEADERS, "ETag": tag}, _MEDIA_TYPES[Path(name).suffix])
    if scope["method"] == "HEAD":
        response.body = b""
    return response


def _name_of_file(path: str, accept: str) -> str:
    if path == "/":
        return "index.html" if _takes_html(accept) else ""
    return path.removeprefix(FILES)


def _takes_html(accept: str) -> bool:
    """Whether an Accept header names HTML itself, as that of a browser does and no client's of the API."""
    ranges = ([part.strip().lower() for part in each.split(";")] for each in accept.split(","))
    return any(
        media_type == "text/html" and not {"q=0", "q=0.0", "q=0.00", "q=0.000"} & set(parameters)
        for media_type, *parameters in ranges
    )


@functools.cache
def _files() -> dict[str, Path]:
    """Return what there is, by name: nothing else is ever opened, whatever a path says."""
    paths = (path for path in FOLDER.rglob("*") if path.suffix in _MEDIA_TYPES)
    return {path.relative_to(FOLDER).as_posix(): path for path in paths}
