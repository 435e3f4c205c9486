"""What of the document a run has tested, and how it was answered, as a part of the description."""

from __future__ import annotations

import bisect
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypedDict

from linq_contract.judge.coverage import Form, properties_of
from linq_contract.judge.ledger import Ledger
from linq_contract.judge.traffic import NO_ANSWER, OTHER_REQUESTS, Traffic
from linq_document import Document, Operation

_BOUNDS = tuple(factor * 10.0**power for power in range(-4, 2) for factor in (1, 2, 5))
"""What the buckets of a latency reach up to, in seconds: 100 µs to 50 s."""


class StatusDescription(TypedDict):
    """A status, whether the document has it for the operation, and in how many answers it was seen."""

    status: str
    documented: bool
    answers: int


class BucketDescription(TypedDict):
    """How many answers took more seconds than the bucket before reaches up to, and no more than this one."""

    up_to: float
    answers: int


class LatencyDescription(TypedDict):
    """How long the answers took, in seconds; the last bucket has all that took longer."""

    fastest: float
    median: float
    p90: float
    p99: float
    slowest: float
    buckets: Sequence[BucketDescription]


class OperationDescription(TypedDict):
    """What was sent to an operation of the document, or to anything else, and how it was answered."""

    operation: str
    method: str | None
    path: str | None
    requests: int
    statuses: Sequence[StatusDescription]
    latency: LatencyDescription | None


class PropertyDescription(TypedDict):
    """In how many bodies a property had each of its forms, and each of the values that the document names.

    A form that the document does not permit is there only if it was seen.
    """

    body: str
    place: str
    forms: Mapping[str, int]
    values: Mapping[str, int]


def describe_operations(ledger: Ledger, document: Document) -> Sequence[OperationDescription]:
    """The operations of the document, tested or not, and after them all other requests."""
    described = [
        _describe_operation(operation, ledger.traffic.get(name, Traffic()), _documented(document, operation))
        for name, operation in document.operations.items()
    ]
    others = ledger.traffic.get(OTHER_REQUESTS)
    return [*described, _describe_operation(None, others, ())] if others else described


def describe_properties(ledger: Ledger, document: Document) -> Sequence[PropertyDescription]:
    """Every property of the bodies that the document describes."""
    return [
        {
            "body": body,
            "place": place,
            "forms": {
                form.value: seen
                for form in Form
                if (seen := ledger.seen[body, (place, form)]) or form in described.forms
            },
            "values": {str(value): ledger.seen[body, (place, value)] for value in described.values},
        }
        for body, place, described in properties_of(document)
    ]


def _documented(document: Document, operation: Operation) -> Sequence[str]:
    return list(document.raw["paths"][operation.path][operation.method.lower()]["responses"])


def _describe_operation(
    operation: Operation | None, traffic: Traffic, documented: Sequence[str]
) -> OperationDescription:
    statuses = sorted({*documented, *traffic.statuses} - {NO_ANSWER})
    if traffic.statuses[NO_ANSWER]:
        statuses.append(NO_ANSWER)
    return {
        "operation": OTHER_REQUESTS if operation is None else operation.operation_id,
        "method": None if operation is None else operation.method,
        "path": None if operation is None else operation.path,
        "requests": traffic.statuses.total(),
        "statuses": [
            {"status": each, "documented": each in documented, "answers": traffic.statuses[each]}
            for each in statuses
        ],
        "latency": _latency(traffic.seconds) if traffic.seconds else None,
    }


def _latency(seconds: Sequence[float]) -> LatencyDescription:
    hundredths = (
        statistics.quantiles(seconds, n=100, method="inclusive") if len(seconds) > 1 else [*seconds] * 99
    )
    counted = Counter(min(bisect.bisect_left(_BOUNDS, each), len(_BOUNDS) - 1) for each in seconds)
    return {
        "fastest": round(min(seconds), 6),
        "median": round(hundredths[49], 6),
        "p90": round(hundredths[89], 6),
        "p99": round(hundredths[98], 6),
        "slowest": round(max(seconds), 6),
        "buckets": [
            {"up_to": round(bound, 6), "answers": counted[index]} for index, bound in enumerate(_BOUNDS)
        ],
    }


# --- joining ---------------------------------------------------------------------------------------


def join_operations(parts: Sequence[Sequence[OperationDescription]]) -> Sequence[OperationDescription]:
    """What several runs sent to each operation; the percentiles of latencies are those of the buckets."""
    names = dict.fromkeys(each["operation"] for part in parts for each in part)
    return [
        _join_operation([each for part in parts for each in part if each["operation"] == name])
        for name in sorted(names, key=lambda name: name == OTHER_REQUESTS)
    ]


def join_properties(parts: Sequence[Sequence[PropertyDescription]]) -> Sequence[PropertyDescription]:
    """In how many bodies of several runs each property was seen."""
    return [
        {
            "body": each[0]["body"],
            "place": each[0]["place"],
            "forms": _summed([one["forms"] for one in each], [form.value for form in Form]),
            "values": _summed([one["values"] for one in each], list(each[0]["values"])),
        }
        for each in zip(*parts, strict=True)
    ]


def _join_operation(parts: Sequence[OperationDescription]) -> OperationDescription:
    answers = Counter[str]()
    documented: dict[str, bool] = {}
    for status in (status for part in parts for status in part["statuses"]):
        answers[status["status"]] += status["answers"]
        documented[status["status"]] = status["documented"]
    latencies = [part["latency"] for part in parts if part["latency"]]
    return {
        "operation": parts[0]["operation"],
        "method": parts[0]["method"],
        "path": parts[0]["path"],
        "requests": sum(part["requests"] for part in parts),
        "statuses": [
            {"status": each, "documented": documented[each], "answers": answers[each]}
            for each in sorted(documented, key=lambda each: (each == NO_ANSWER, each))
        ],
        "latency": _join_latencies(latencies) if latencies else None,
    }


def _join_latencies(parts: Sequence[LatencyDescription]) -> LatencyDescription:
    buckets: list[BucketDescription] = [
        {"up_to": each[0]["up_to"], "answers": sum(bucket["answers"] for bucket in each)}
        for each in zip(*(part["buckets"] for part in parts), strict=True)
    ]
    slowest = max(part["slowest"] for part in parts)
    return {
        "fastest": min(part["fastest"] for part in parts),
        "median": min(slowest, _reached_by(0.5, buckets)),
        "p90": min(slowest, _reached_by(0.9, buckets)),
        "p99": min(slowest, _reached_by(0.99, buckets)),
        "slowest": slowest,
        "buckets": buckets,
    }


def _reached_by(share: float, buckets: Sequence[BucketDescription]) -> float:
    """What the bucket reaches up to that has so much of the answers in it and before it."""
    left = share * sum(bucket["answers"] for bucket in buckets)
    for bucket in buckets:
        left -= bucket["answers"]
        if left <= 0:
            return bucket["up_to"]
    return buckets[-1]["up_to"]


def _summed(parts: Sequence[Mapping[str, int]], names: Sequence[str]) -> Mapping[str, int]:
    seen = {name for part in parts for name in part}
    return {name: sum(part.get(name, 0) for part in parts) for name in names if name in seen}
