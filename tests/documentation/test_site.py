"""What the site shows of the sources, and that its pages can be read without a network."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import linq_document
from documentation.detection import plot
from documentation.llms import Page, index, whole
from documentation.offline import loaded_from_elsewhere, urls_that_html_loads
from documentation.sources import completed
from linq_contract.cli import COMMANDS
from linq_contract.run.result import ExitCode

ROOT = Path(__file__).parents[2]


def page(name: str) -> str:
    return completed((ROOT / "docs" / name).read_text(encoding="utf-8"))


def test_the_contract_has_each_rule_and_operation_once() -> None:
    document, text = linq_document.load(), page("contract.md")

    assert [name for name in document.rules if text.count(f"### {name}\n") != 1] == []
    assert [each for each in document.operations if text.count(f"operation id `{each}`") != 1] == []


def test_a_rule_stands_below_its_operation() -> None:
    _, _, below = page("contract.md").partition("## Update a phone number")

    assert "### update.echo" in below
    assert "### list.unique" not in below


def test_every_error_code_is_there() -> None:
    text = page("contract.md")

    assert [code for code in linq_document.load().error_codes if f"| {code} | " not in text] == []


def test_every_command_has_a_section_with_its_options() -> None:
    text = page("commands.md")

    assert [name for name in COMMANDS if f"\n## linq-contract {name}\n" not in text] == []
    assert "| `--lines N\\|FILE` |" in text


def test_every_exit_code_has_a_meaning() -> None:
    text = page("exit-codes.md")

    assert [code for code in ExitCode if f"\n| {code.value} | `{code.name}` | " not in text] == []
    assert "| 4 | `NOT_RESTORED` | A forwarding number could not be put back;" in text


def test_the_plot_of_the_detection_has_a_row_for_each_rule() -> None:
    text = page("detection.md")

    assert [name for name in linq_document.load().rules if f">{name}</text>" not in text] == []
    assert 'aria-label="Faults caught' in text


def test_the_plot_of_the_detection_has_schemathesis_where_it_was_measured() -> None:
    alone, beside = (
        plot("| `list.safe` | 3 | 2 |  | 0.5 | 9 |"),
        plot("| `list.safe` | 3 | 2 | 1 | 0.5 | 9 |"),
    )

    assert 'aria-label="Faults caught: list 2"' in alone
    assert "stock" not in alone
    assert 'aria-label="Faults caught, here and by stock Schemathesis: list 2 and 1"' in beside
    assert 'class="stock"' in beside


def test_every_page_is_in_the_table_of_contents_once() -> None:
    tables = re.findall(r"```\{toctree\}\n(.*?)```", page("index.md"), re.DOTALL)
    named = [line for table in tables for line in table.splitlines() if line and not line.startswith(":")]
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")} - {"index"}

    assert sorted(named) == sorted(pages)


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_a_file_that_is_read_in_the_repository_links_to_what_is_there(name: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / name).read_text(encoding="utf-8"))

    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_readme_stays_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_a_file_from_the_top_keeps_its_links() -> None:
    text = page("contributing.md")

    assert "[ARCHITECTURE.md](architecture.md)" in text


HARMLESS = (
    '<a href="https://example.com">link</a><img src="images/page.png"><script src="_static/a.js"></script>'
)


@pytest.mark.parametrize(
    ("html", "urls"),
    [
        (HARMLESS, []),
        ('<script src="https://cdn.example/a.js"></script>', ["https://cdn.example/a.js"]),
        ('<link rel="stylesheet" href="//fonts.example/a.css">', ["//fonts.example/a.css"]),
        ("<style>@import 'https://fonts.example/b.css';</style>", ["https://fonts.example/b.css"]),
        ('<p style="background: url(https://a.example/c.png)">', ["https://a.example/c.png"]),
    ],
)
def test_what_a_page_loads_from_elsewhere_is_found(html: str, urls: list[str]) -> None:
    assert urls_that_html_loads(html) == urls


def test_style_sheets_are_looked_at_as_well(tmp_path: Path) -> None:
    (tmp_path / "site.css").write_text("p { background: url('https://a.example/c.png') }", encoding="utf-8")
    (tmp_path / "index.html").write_text(HARMLESS, encoding="utf-8")

    assert list(loaded_from_elsewhere(tmp_path)) == ["site.css loads https://a.example/c.png"]


PAGES = [
    Page("one", "One", "# One\n\nIt [links](two.md) there. And more.\n"),
    Page("two", "Two", "---\ntocdepth: 2\n---\n\n# Two\n\n| a |\n| --- |\n\nAfter a table\nit goes on.\n"),
]


def test_the_index_for_programs_says_how_each_page_begins() -> None:
    assert index("Name", "What it is.", {"Start": PAGES}) == (
        "# Name\n\n> What it is.\n\n## Start\n\n"
        "- [One](one.md): It links there.\n"
        "- [Two](two.md): After a table it goes on.\n"
    )


def test_the_whole_text_has_the_pages_in_order() -> None:
    text = whole([*PAGES, Page("plot", "Plot", '# Plot\n\n<div class="plot">\n<svg></svg>\n</div>\n')])

    assert "svg" not in text
    assert text.index("# One") < text.index("# Two")
