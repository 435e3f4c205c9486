"""The report as SARIF 2.1.0, which code scanning shows at the rule's line of the document."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from linq_contract.http.messages import JsonObject, printable
from linq_contract.report.description import Description, RuleDescription
from linq_contract.report.places import DOCUMENT, PlacedFinding, Severity, findings_of
from linq_contract.report.terminal import cause_lines, drift_line

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"MUST": "error", "SHOULD": "warning"}
_LEVELS_OF_RESULTS = {Severity.WARNING: "warning", Severity.NOTICE: "note"}


def as_sarif(description: Description) -> JsonObject:
    """The log of a run: every rule, and a result for each way in which one is broken."""
    positions = {rule["rule"]: position for position, rule in enumerate(description["rules"])}
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "linq-contract",
                        "semanticVersion": description["tool_version"],
                        "rules": [_rule(rule, description) for rule in description["rules"]],
                    }
                },
                "automationDetails": {"id": f"linq-contract/{description['base_url']}"},
                "columnKind": "unicodeCodePoints",
                "invocations": [_invocation(description)],
                "results": [
                    _result(finding, positions[finding.rule["rule"]]) for finding in findings_of(description)
                ],
            }
        ],
    }


def _rule(rule: RuleDescription, description: Description) -> JsonObject:
    return {
        "id": rule["rule"],
        "shortDescription": {"text": rule["statement"]},
        "defaultConfiguration": {"level": _LEVELS[rule["level"]]},
        "properties": {
            "tags": [
                *rule["source"],
                *(f"WFC F{code}: {description['fault_categories'][str(code)]}" for code in rule["wfc"]),
            ]
        },
    }


def _invocation(description: Description) -> JsonObject:
    """What was said of the run as a whole."""
    sentences = [
        *(("error", sentence) for sentence in (*description["gaps"], *description["rotten_acceptances"])),
        *(("warning", f"Drift: {drift_line(drift)}") for drift in description["drift"]),
        *(("note", note) for note in description["notes"]),
    ]
    return {
        "executionSuccessful": not description["gaps"],
        "exitCode": description["exit_code"],
        "exitCodeDescription": description["headline"],
        "startTimeUtc": description["began"].replace("+00:00", "Z"),
        "toolExecutionNotifications": [
            {"level": level, "message": {"text": printable(sentence)}} for level, sentence in sentences
        ],
    }


def _result(finding: PlacedFinding, position: int) -> JsonObject:
    cause = finding.cause
    result: JsonObject = {
        "ruleId": finding.rule["rule"],
        "ruleIndex": position,
        "level": _LEVELS_OF_RESULTS.get(finding.severity, "error"),
        "message": {"text": printable(finding.sentence), "markdown": _markdown(finding)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": DOCUMENT, "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": finding.line},
                }
            }
        ],
    }
    if "fingerprint" in cause:
        result["partialFingerprints"] = {"linqContractCause/v1": cause["fingerprint"]}
    if "broken_in" in cause:
        result["occurrenceCount"] = cause["broken_in"]
    if "accepted" in cause:
        result["suppressions"] = [{"kind": "external", "justification": printable(cause["accepted"])}]
    return result


def _markdown(finding: PlacedFinding) -> str:
    """The statement of the rule, and the evidence as code."""
    lines = [*cause_lines(finding.cause)]
    return "\n".join([printable(finding.rule["statement"]), "", *_fenced(lines)])


def _fenced(lines: Sequence[str]) -> list[str]:
    """Lines as a block of code of Markdown, whatever is in them."""
    longest = max(
        (len([*run]) for line in lines for key, run in itertools.groupby(line) if key == "`"), default=0
    )
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", *lines, fence]
