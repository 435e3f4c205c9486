"""The report as JUnit XML: a test suite with a test case for each rule."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from linq_contract.http.messages import printable
from linq_contract.judge.ledger import Verdict
from linq_contract.report.description import Description, RuleDescription
from linq_contract.report.terminal import drift_line, family_of, finding_lines


def as_junit(description: Description) -> bytes:
    """The test suite of a run."""
    suite = ET.Element("testsuite", name="linq-contract")
    for rule in description["rules"]:
        _add_rule(suite, rule)
    _add_case(suite, "run", "complete", "error", description["gaps"])
    _add_case(suite, "run", "accepted", "failure", description["rotten_acceptances"])
    drift = [drift_line(each) for each in description["drift"]]
    _add_case(suite, "run", "drift", "failure" if description["fails_by_drift"] else "system-out", drift)
    for outcome, plural in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(plural, str(len(suite.findall(f"testcase/{outcome}"))))
    suite.set("tests", str(len(suite)))
    if description["notes"]:
        ET.SubElement(suite, "system-out").text = "\n".join(map(printable, description["notes"]))
    suite.set("time", f"{description['seconds']:.3f}")
    suite.set("timestamp", description["began"])
    ET.indent(suite)
    content: bytes = ET.tostring(suite, encoding="utf-8", xml_declaration=True)
    return content


def _add_rule(suite: ET.Element, rule: RuleDescription) -> None:
    name = rule["rule"]
    case = ET.SubElement(suite, "testcase", classname=f"linq-contract.{family_of(rule)}", name=name)
    if "problem" in rule:
        problem, evidence = printable(rule["problem"]), "\n".join(finding_lines(rule)[1:])
        if rule["verdict"] == Verdict.FAILED:
            ET.SubElement(case, "failure", message=problem).text = evidence
        else:
            ET.SubElement(case, "system-out").text = f"{rule['verdict']}:\n{evidence}"
    elif "because" in rule:
        is_left_out = rule["verdict"] == Verdict.NOT_EXERCISED
        ET.SubElement(case, "skipped" if is_left_out else "error", message=printable(rule["because"]))


def _add_case(suite: ET.Element, family: str, name: str, outcome: str, sentences: Sequence[str]) -> None:
    """Add what is said of the run as a whole, if anything is."""
    if sentences:
        case = ET.SubElement(suite, "testcase", classname=f"linq-contract.{family}", name=name)
        text = "\n".join(map(printable, sentences))
        attributes = {} if outcome == "system-out" else {"message": printable(sentences[0])}
        ET.SubElement(case, outcome, attributes).text = text
