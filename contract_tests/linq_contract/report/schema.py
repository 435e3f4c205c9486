"""What the JSON report looks like, for its readers."""

from __future__ import annotations

from pathlib import Path

SCHEMA = Path(__file__).with_name("schema.json")
"""The file of the JSON Schema (2020-12), which has its version in `schema_version`."""
