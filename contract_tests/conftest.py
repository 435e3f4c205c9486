"""`pytest contract_tests --base-url URL` runs the suite of the package."""

from __future__ import annotations

pytest_plugins = ("linq_contract.suite",)
