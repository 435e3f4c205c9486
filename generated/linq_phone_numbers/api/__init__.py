# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""The operations of the contract: a folder for each tag, a module for each operation."""
