"""What a page of the site loads from elsewhere: nothing, so that it can be read without a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

_ELSEWHERE = re.compile(r"\s*(?:\w+:)?//")
_URL_IN_CSS = re.compile(r"(?:url\(|@import)\s*[\"']?\s*((?:https?:)?//[^\"')\s]+)")
_LOADING_ATTRIBUTES = ("src", "srcset", "poster", "data")


def loaded_from_elsewhere(folder: Path) -> Iterator[str]:
    """Yield a sentence for each thing that the pages and style sheets below a folder load from elsewhere."""
    for path in sorted(folder.rglob("*.html")):
        for url in urls_that_html_loads(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(folder)} loads {url}"
    for path in sorted(folder.rglob("*.css")):
        for url in _URL_IN_CSS.findall(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(folder)} loads {url}"


def urls_that_html_loads(html: str) -> list[str]:
    """Return what a browser loads from elsewhere to show the page; a link is only followed by a click."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.urls + _URL_IN_CSS.findall("\n".join(reader.styles))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.styles: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        loading = ("href", *_LOADING_ATTRIBUTES) if tag in {"link", "image", "use"} else _LOADING_ATTRIBUTES
        for name, value in attrs:
            if name in loading and _ELSEWHERE.match(value or ""):
                self.urls.append(value or "")
            if name == "style":
                self.styles.append(value or "")

    def handle_data(self, data: str) -> None:
        if self.lasttag == "style":
            self.styles.append(data)
