"""The servers of the contract tests, two of which are compared."""

from __future__ import annotations

from tests.contract.conftest import contract, host, serve, serve_mock

__all__ = ["contract", "host", "serve", "serve_mock"]
