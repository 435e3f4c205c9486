"""Servers for the pipelines that judge them."""

from __future__ import annotations

from tests.contract.conftest import host, serve, serve_mock

__all__ = ["host", "serve", "serve_mock"]
