"""What the site has beside Sphinx: pages that are completed from the sources, and its text for programs."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from documentation import llms
from documentation.offline import loaded_from_elsewhere
from documentation.sources import completed

_logger = logging.getLogger("sphinx.documentation")  # below that of Sphinx, which counts what it warns of


def setup(app: Any) -> dict[str, bool]:
    """Take part in a build, as Sphinx asks an extension to do."""
    app.connect("source-read", _complete)
    app.connect("build-finished", _write_text)
    app.connect("build-finished", _warn_of_what_is_loaded)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _complete(_app: object, _name: str, source: list[str]) -> None:
    source[0] = completed(source[0])


def _write_text(app: Any, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    home, chapters = _page(app, "index"), _chapters(app)
    pages = [home, *(page for chapter in chapters.values() for page in chapter)]
    for page in pages:
        (folder / f"{page.name}.md").write_text(page.text, encoding="utf-8")
    summary = " ".join(app.config.html_context["summary"].split())
    (folder / "llms.txt").write_text(llms.index(home.title, summary, chapters), encoding="utf-8")
    (folder / "llms-full.txt").write_text(llms.whole(pages), encoding="utf-8")


def _warn_of_what_is_loaded(app: Any, error: Exception | None) -> None:
    if not error and app.builder.format == "html":
        for sentence in loaded_from_elsewhere(Path(app.outdir)):
            _logger.warning("%s: the site is to be read without a network.", sentence)


def _chapters(app: Any) -> dict[str, list[llms.Page]]:
    """Return the pages below each caption of the home page."""
    return {
        node["caption"]: [_page(app, name) for name in node["includefiles"]]
        for node in app.env.get_doctree("index").findall()
        if node.tagname == "toctree"
    }


def _page(app: Any, name: str) -> llms.Page:
    source = Path(app.env.doc2path(name)).read_text(encoding="utf-8")
    return llms.Page(name, app.env.titles[name].astext(), completed(source))
