"""The report as GitLab reads it as code quality: the part of Code Climate's format that it takes."""

from __future__ import annotations

import hashlib

from linq_contract.http.messages import JsonObject, printable
from linq_contract.report.description import Description
from linq_contract.report.places import DOCUMENT, PlacedFinding, Severity, findings_of

_SEVERITIES = {
    Severity.ERROR: "major",
    Severity.WARNING: "minor",
    Severity.NOTICE: "info",
    Severity.ACCEPTED: "info",
}


def as_code_quality(description: Description) -> list[JsonObject]:
    """An entry for each way in which a rule is broken, at the rule's line of the document."""
    return [
        {
            "description": printable(finding.sentence),
            "check_name": finding.rule["rule"],
            "fingerprint": finding.cause.get("fingerprint") or _fingerprint(finding),
            "severity": _SEVERITIES[finding.severity],
            "location": {"path": DOCUMENT, "lines": {"begin": finding.line}},
        }
        for finding in findings_of(description)
    ]


def _fingerprint(finding: PlacedFinding) -> str:
    """That of a rule which was not tested, and has no evidence."""
    return hashlib.sha256(finding.rule["rule"].encode()).hexdigest()[:32]
