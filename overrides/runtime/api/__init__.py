"""The operations of the contract: a folder for each tag, a module for each operation."""
