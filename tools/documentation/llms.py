"""The site as text for programs: an index, llms.txt (llmstxt.org), and all pages in one, llms-full.txt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Chapters = Mapping[str, Sequence["Page"]]
"""Pages by the caption of what they belong to, in the order of the site."""

_PLOT = re.compile(r'<div class="plot">.*?</div>\n*', re.DOTALL)
_NO_PROSE = ("#", "|", "-", "<", "```", "!", ":", "(")


@dataclass(frozen=True)
class Page:
    """A page of the site, by its name without a suffix, in Markdown that is complete."""

    name: str
    title: str
    text: str


def index(title: str, summary: str, chapters: Chapters) -> str:
    """Return the text of llms.txt: a link to each page's Markdown, with how the page begins."""
    sections = [
        "\n".join([f"## {caption}\n", *map(_entry, pages), ""]) for caption, pages in chapters.items()
    ]
    return "\n".join([f"# {title}\n", f"> {summary}\n", *sections])


def whole(pages: Iterable[Page]) -> str:
    """Return the text of llms-full.txt: the pages one after the other, without plots."""
    return "\n\n".join(_PLOT.sub("", page.text).strip() for page in pages) + "\n"


def _entry(page: Page) -> str:
    return f"- [{page.title}]({page.name}.md): {_first_sentence(page.text)}"


def _first_sentence(text: str) -> str:
    _, _, body = text.removeprefix("---\n").partition("# ")
    paragraphs = [part for part in body.partition("\n")[2].split("\n\n") if part.strip()]
    prose = next((part for part in paragraphs if not part.lstrip().startswith(_NO_PROSE)), "")
    without_links = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", " ".join(prose.split()))
    return re.split(r"(?<=\.) ", without_links, maxsplit=1)[0]
