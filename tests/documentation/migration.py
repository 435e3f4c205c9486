"""Runs one column of the tables of docs/migrating.md, in a process of its own: argv[1] has its cells as JSON.

Prints what came of each cell, as JSON: its value where it is an expression whose value JSON has, else null.
"""

from __future__ import annotations

import ast
import json
import sys
import warnings
from typing import Any

preparation, cells = json.loads(sys.argv[1])
names: dict[str, Any] = {}
JSON = {bool, dict, float, int, list, str}
warnings.simplefilter("ignore")  # clients are left open on purpose: a cell has one line


def value(cell: str) -> object:
    """Run a cell, and return what it evaluates to; None for a statement."""
    (statement,) = ast.parse(cell).body
    if not isinstance(statement, ast.Expr):
        exec(cell, names)
        return None
    result: object = eval(cell, names)
    return result if type(result) in JSON else None


exec(preparation, names)
json.dump([value(cell) for cell in cells], sys.stdout)
