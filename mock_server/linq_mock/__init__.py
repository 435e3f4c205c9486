"""A stateful mock server of the Linq Partner API for phone numbers."""

from linq_mock.running import Mock, running

__all__ = ["Mock", "running"]
