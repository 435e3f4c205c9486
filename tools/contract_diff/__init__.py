"""What changed in the contract and in the Python client since a base, and the version step it asks for."""
