# What varies from document to document: a module of this name and form is generated.

from collections.abc import Mapping
from typing import Final

PROJECT: Final[str]
VERSION: Final[str]

API_KEY_VARIABLE: Final[str]
BASE_URL_VARIABLE: Final[str]
DEFAULT_BASE_URL: Final[str]

# The security schemes: where a credential is sent, under which name, and the environment variable it is in.
SCHEMES: Final[Mapping[str, tuple[str, str, str]]]

# The scheme that the token is for, and whether no call can be made without it.
MAIN_SCHEME: Final[str]
NEEDS_TOKEN: Final[bool]

# The alternatives of schemes that calls are sent with, unless their operations say others.
SECURITY: Final[tuple[tuple[str, ...], ...]]

# Statuses that may be another one when the same request is sent again.
PASSING_STATUSES: Final[frozenset[int]]

# What each error code means, and what to do.
ADVICE: Final[Mapping[int, str]]

# What an error tells, and the JSON Pointers of the places in its body where that may stand.
ERROR_MEMBERS: Final[Mapping[str, tuple[str, ...]]]

TRACE_ID_HEADER: Final[str]

# Anything that the package raises.
class PackageError(Exception): ...
