"""The documentation site, as `make docs` builds it."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [
    str(ROOT / folder) for folder in ("generated", "document", "contract_tests", "mock_server", "tools")
]

import linq_document  # noqa: E402 - found by the line above
from linq_phone_numbers import __version__  # noqa: E402 - the same

project = "linq-phone-numbers"
project_copyright = "its authors"
release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "documentation.extension"]

source_suffix = {".md": "markdown"}
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
default_role = "literal"

autodoc_typehints = "description"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_use_ivar = True
nitpick_ignore_regex = [
    # Types of packages whose pages are elsewhere, where a build does not look.
    ("py:class", r"(collections|httpx|ssl|uuid)\..*"),
    # Names within the client that its signatures show, and that stand for what the text says.
    ("py:class", r"(.*\.)?(T|_Changes|Timeout|(Sync|Async)(Key|Client|Resource))"),
]

html_theme = "furo"
html_title = f"linq-phone-numbers {release}"
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_context = {"summary": linq_document.load().raw["info"]["summary"]}
