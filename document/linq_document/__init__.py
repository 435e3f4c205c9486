"""The contract document, `openapi.yaml`, as the judge and the mock read it."""

from linq_document.document import (
    Answer,
    Document,
    Level,
    Operation,
    Rule,
    compile_schema,
    json_pointer,
    load,
    read,
)

__all__ = [
    "Answer",
    "Document",
    "Level",
    "Operation",
    "Rule",
    "compile_schema",
    "json_pointer",
    "load",
    "read",
]
