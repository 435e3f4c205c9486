"""How the distribution is built: what lies beside this folder in the repository becomes a part of it.

In the source distribution all of it lies here, and the version is in the metadata that are there already.
"""

from __future__ import annotations

import re
from email.parser import Parser
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

_BESIDE = {
    "../document/linq_document": "linq_document",
    "../mock_server/linq_mock": "linq_mock",
    "../openapi.yaml": "linq_document/openapi.yaml",
}
_VERSION = re.compile(r"^package_version_override: (\S+)$", re.MULTILINE)


class BuildHook(BuildHookInterface[Any]):
    """Adds the document and the mock to the judge."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Say where they are, which is here once they have been made a source distribution."""
        if version == "editable":
            return
        for path, name in _BESIDE.items():
            beside, here = Path(self.root, path), Path(self.root, name)
            build_data["force_include"][str(here if here.exists() else beside)] = name


class MetadataHook(MetadataHookInterface):
    """Gives the distribution the version of the client, and has it need the client of that version."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Fill in what is dynamic."""
        requires: list[str] = self.config["requires"]  # pyright: ignore - hatchling does not type it
        metadata["version"] = version = self._version()
        metadata["dependencies"] = [*requires, f"linq-phone-numbers=={version}"]

    def _version(self) -> str:
        settings = Path(self.root).parent / "overrides" / "config.yaml"
        here = Path(self.root, "PKG-INFO")
        if here.exists():
            return str(Parser().parsestr(here.read_text(encoding="utf-8"))["Version"])
        return str(_VERSION.findall(settings.read_text(encoding="utf-8"))[0])
