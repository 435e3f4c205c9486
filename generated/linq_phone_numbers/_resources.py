# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""What the resources of a client have in common."""

from __future__ import annotations

from ._clients import AsyncClient, SyncClient


class SyncResource:
    """Operations as methods."""

    def __init__(self, client: SyncClient) -> None:
        self._client = client


class RawSyncResource(SyncResource):
    """The same operations, as methods that return a `RawResponse`."""

    def __init__(self, resource: SyncResource) -> None:
        super().__init__(resource._client)  # noqa: SLF001 - of the same family


class AsyncResource:
    """Operations as asynchronous methods."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client


class RawAsyncResource(AsyncResource):
    """The same operations, as asynchronous methods that return a `RawResponse`."""

    def __init__(self, resource: AsyncResource) -> None:
        super().__init__(resource._client)  # noqa: SLF001 - of the same family
