"""A stateful mock server of the Linq Partner API for phone numbers."""

from linq_mock.inprocess import LinqMock, MockLine, MockServer, Request, mocking
from linq_mock.running import Mock, running

__all__ = ["LinqMock", "Mock", "MockLine", "MockServer", "Request", "mocking", "running"]
