"""The tokens of the two accounts, and what stands for a token."""

from typing import Final

DEFAULT_TOKENS: Final = ("linq-mock-token-1", "linq-mock-token-2")
TOKENS_VARIABLE: Final = "LINQ_MOCK_TOKENS"
PLACEHOLDER: Final = "${LINQ_API_V3_API_KEY}"
"""What is kept and shown in place of a token."""
