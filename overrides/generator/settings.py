"""The settings of the generated package: overrides/config.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from openapi_python_client.config import Config, ConfigFile, MetaType


@dataclass(frozen=True)
class Settings:
    """What the document does not say.

    Attributes:
        project: The name that the package is installed by.
        package: The name that it is imported by.
        version: Its version.
        prefix: What the names of the clients and of the first error class begin with.
        parser: The settings of openapi-python-client.

    """

    project: str
    package: str
    version: str
    prefix: str
    parser: Config


def load(path: Path) -> Settings:
    """Read the settings.

    Raises:
        OSError: The file cannot be read.
        KeyError: A setting is missing.

    """
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Settings(
        project=raw["project_name_override"],
        package=raw["package_name_override"],
        version=str(raw["package_version_override"]),
        prefix=raw["class_name_prefix"],
        parser=_parser_settings(raw, path),
    )


def _parser_settings(raw: dict[str, Any], path: Path) -> Config:
    known = {name: value for name, value in raw.items() if name in ConfigFile.model_fields}
    return Config.from_sources(
        ConfigFile.model_validate(known | {"package_version_override": str(raw["package_version_override"])}),
        MetaType.NONE,
        document_source=path,
        file_encoding="utf-8",
        overwrite=False,
        output_path=None,
    )
