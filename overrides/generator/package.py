"""Writes the files of a package: the templates filled in, and the modules of the runtime beside them."""

from __future__ import annotations

import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError

from . import imports, prose
from .document import Document
from .errors import GenerationError
from .facts import facts
from .resources import Reader
from .schemas import Schemas
from .security import Security
from .servers import usable, variables
from .settings import Settings

_OVERRIDES = Path(__file__).resolve().parents[1]
_HEADER = "# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.\n"
_MARKER = (
    "# Generated from openapi.yaml and overrides/ by `make generate`: this package is typed (PEP 561).\n"
)

# Templates import all that a file might need; ruff takes off what it does not, and then finds what is wrong.
_RUFF = (Path(sys.executable).parent / "ruff").as_posix()
_STYLE = ("--isolated", "--no-cache", "--quiet", "--target-version", "py311", "--line-length", "110")
_COMMANDS = (
    (_RUFF, "check", *_STYLE, "--select", "F401,I,UP", "--fix", "--exit-zero", "."),
    (_RUFF, "check", *_STYLE, "--select", "F", "--output-format", "concise", "."),
    (_RUFF, "format", *_STYLE, "."),
)


def generate(document: Document, package: Path, settings: Settings) -> list[str]:
    """Write the folder `package`, and return what the document says that cannot be meant.

    Raises:
        GenerationError: The document cannot be made a client of, or a part of it cannot.
        OSError: A file cannot be read or written.

    """
    package.mkdir(parents=True)
    schemas = Schemas(document, settings.prefix)
    for name, text in _rendered(document, schemas, settings):
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{_HEADER}{imports.needed(text)}", encoding="utf-8")
    for command in _COMMANDS:
        _run(command, package)
    _copy_runtime(package)
    (package / "py.typed").write_text(_MARKER, encoding="utf-8")
    return schemas.notices


def _rendered(document: Document, schemas: Schemas, settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each file that is made of a template."""
    tagged = Reader(document, schemas, Security(document, settings)).resources()
    schemas.read_webhooks()
    modules = schemas.modules
    render = _Renderer(
        settings=settings,
        title=document.title,
        facts=facts(document, settings),
        modules=modules,
        classes=modules,
        resources=tagged,
    )
    yield "client.py", render("client")
    yield "__init__.py", render("package_init")
    yield "_contract.py", render("contract")
    server, _ = usable(document.raw)
    if server_variables := variables(server):
        yield "servers.py", render("servers", url=server["url"], variables=server_variables)
    yield "models/__init__.py", render("models_init")
    for model in schemas.models:
        yield f"models/{model.module}.py", render("model", model=model)
    for enum in schemas.enums:
        yield f"models/{enum.module}.py", render("enum", enum=enum)
    for resource in tagged:
        yield f"api/{resource.tag}/__init__.py", render("tag_init", resource=resource)
        yield f"api/{resource.tag}/_resource.py", render("resource", resource=resource)
        for operation in resource.methods.values():
            yield f"api/{resource.tag}/{operation.name}.py", render("operation", operation=operation)


class _Renderer:
    """Fills in templates."""

    def __init__(self, **shared: Any) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_OVERRIDES / "templates"),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,  # noqa: S701 - Python, not HTML
        )
        self._environment.filters.update(
            literal=prose.literal, paragraphs=prose.paragraphs, sentence=prose.sentence
        )
        self._shared = {**shared, "entry": prose.entry}

    def __call__(self, template: str, **context: Any) -> str:
        try:
            return self._environment.get_template(f"{template}.py.jinja").render(self._shared | context)
        except TemplateError as error:
            raise GenerationError(f"{_place(error)}: {error.message}") from error


def _place(error: TemplateError) -> str:
    """The file of the template and the line in it that an error is about."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename}:{error.lineno}"
    frames = reversed(traceback.extract_tb(error.__traceback__))
    places = (f"{frame.filename}:{frame.lineno}" for frame in frames if frame.filename.endswith(".jinja"))
    return next(places, "A template is missing")


def _run(command: tuple[str, ...], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - fixed ones
    if done.returncode:
        raise GenerationError(f"The generated code is wrong:\n{done.stdout}{done.stderr}".rstrip())


def _copy_runtime(package: Path) -> None:
    source = _OVERRIDES / "runtime"
    for path in source.rglob("*.py"):
        if path != source / "__init__.py":
            target = package / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(f"{_HEADER}{path.read_text(encoding='utf-8')}", encoding="utf-8")
