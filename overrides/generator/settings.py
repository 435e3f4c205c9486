"""The settings of the generated package: those of overrides/config.yaml, or what the document says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from openapi_python_client import strings

from .document import Document, as_object
from .errors import GenerationError

_NAMES = ("project_name_override", "package_name_override", "package_version_override", "class_name_prefix")


@dataclass(frozen=True)
class Settings:
    """What the document does not say.

    Attributes:
        project: The name that the package is installed by.
        package: The name that it is imported by.
        version: Its version.
        prefix: What the names of the clients and of the first error class begin with.

    """

    project: str
    package: str
    version: str
    prefix: str

    @property
    def variable(self) -> str:
        """What the names of the environment variables begin with."""
        return strings.snake_case(self.prefix).upper()


def load(path: Path, document: Document) -> Settings:
    """Read the settings; those that are not there follow from the title and the version of the document.

    Raises:
        OSError: The file cannot be read.
        GenerationError: It is no YAML, or has a setting that is none.

    """
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise GenerationError(f"{path} is not YAML: {error}") from None
    given = {name: str(value) for name, value in as_object(raw).items()}
    if unknown := sorted(given.keys() - set(_NAMES)):
        raise GenerationError(f"{path} has {unknown[0]}, which is none of {', '.join(_NAMES)}.")
    title = strings.sanitize(document.title.replace(".", " "))
    settings = Settings(
        project=given.get("project_name_override", strings.kebab_case(title) or "api-client"),
        package=given.get("package_name_override", strings.snake_case(title) or "api_client"),
        version=given.get("package_version_override", str(document.info.get("version", "0.1.0"))),
        prefix=given.get("class_name_prefix", strings.pascal_case(title)),
    )
    for name in (settings.package, f"{settings.prefix}Client"):
        if not name.isidentifier() or name in strings.RESERVED_WORDS:
            raise GenerationError(
                f"{name!r} is no name of Python: set package_name_override and class_name_prefix in {path}."
            )
    return settings
