"""The contract as Markdown: each operation with the rules that stand beside it in the document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from linq_document import Document, Operation


def contract(document: Document) -> str:
    """Return the operations, the rules of every answer, and the error codes, as sections of a page."""
    return "\n".join(
        [
            *(_operation(document, operation) for operation in document.operations.values()),
            "## Every answer\n",
            "These rules hold whatever is asked for.\n",
            _rules(document.raw["x-rules"]),
            _error_codes(document.raw["x-error-codes"]),
        ]
    )


def _operation(document: Document, operation: Operation) -> str:
    item = document.raw["paths"][operation.path][operation.method.lower()]
    return "\n".join(
        [
            f"## {item['summary']}\n",
            f"`{operation.method} {operation.path}`, operation id `{operation.operation_id}`\n",
            item["description"],
            *_example(document, "A request", item.get("requestBody", {})),
            *_example(document, "Its answer", item["responses"]["200"]),
            _answers(document, item["responses"]),
            _rules([*_rules_of_the_path(document, operation), *item.get("x-rules", ())]),
        ]
    )


def _rules_of_the_path(document: Document, operation: Operation) -> Sequence[dict[str, Any]]:
    """Return the rules of a path for its first operation alone: each has one section."""
    first = next(each for each in document.operations.values() if each.path == operation.path)
    rules: list[dict[str, Any]] = document.raw["paths"][operation.path].get("x-rules", [])
    return rules if operation == first else []


def _example(document: Document, title: str, node: dict[str, Any]) -> Iterator[str]:
    content: dict[str, Any] = document.resolved(node).get("content", {}).get("application/json", {})
    examples: list[dict[str, Any]] = [*content.get("examples", {}).values(), {}]
    example = content.get("example", document.resolved(examples[0]).get("value"))
    if example is not None:
        yield f"{title}:\n\n```json\n{json.dumps(example, indent=2, ensure_ascii=False)}\n```\n"


def _answers(document: Document, responses: Mapping[str, dict[str, Any]]) -> str:
    rows = [
        [f"{status} {HTTPStatus(int(status)).phrase}", _one_line(response["description"]), _codes(response)]
        for status, node in responses.items()
        for response in [document.resolved(node)]
    ]
    return _table(["answer", "when", "error codes"], rows)


def _codes(response: Mapping[str, Any]) -> str:
    return ", ".join(str(code) for code in response.get("x-error-codes", ()))


def _rules(entries: Sequence[dict[str, Any]]) -> str:
    return "\n".join(map(_rule, entries))


def _rule(entry: dict[str, Any]) -> str:
    return "\n".join(
        [
            f"### {entry['name']}\n",
            f"**{entry['level']}**: {_one_line(entry['statement'])}\n",
            f"Source: {', '.join(entry['source'])}.{_allowed(entry.get('answers', []))}\n",
        ]
    )


def _allowed(answers: list[str] | dict[str, list[str]]) -> str:
    if not answers:
        return ""
    if isinstance(answers, dict):
        cases = [f"{case}: {_either(allowed)}" for case, allowed in answers.items()]
        return f" Allowed answers: {'; '.join(cases)}."
    return f" Allowed answers: {_either(answers)}."


def _either(answers: Sequence[str]) -> str:
    return " or ".join(f"`{answer}`" for answer in answers)


def _error_codes(codes: Sequence[Mapping[str, Any]]) -> str:
    rows = [[str(each["code"]), str(each["status"]), each["meaning"], each["retry"]] for each in codes]
    title = "## Error codes\n\nThey stand in `error.code` of an error's body.\n"
    return f"{title}\n{_table(['code', 'status', 'meaning', 'try again'], rows)}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())
