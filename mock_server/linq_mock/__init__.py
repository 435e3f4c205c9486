"""A stateful mock server of the Linq Partner API for phone numbers."""
