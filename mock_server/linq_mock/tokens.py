"""The tokens of the two accounts."""

from typing import Final

DEFAULT_TOKENS: Final = ("linq-mock-token-1", "linq-mock-token-2")
TOKENS_VARIABLE: Final = "LINQ_MOCK_TOKENS"
