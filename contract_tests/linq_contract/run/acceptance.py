"""Accepted failures: rules that a server is known to break, in a YAML file that cannot rot.

An entry has the name of a rule and the reason why its failure is accepted, and may have `evidence`, a line
of what was found, in which * stands for anything, and `expires`, the last day on which it holds:

    - rule: update.atomic
      evidence: lists showed line * forward to *, which no order of the updates explains*
      reason: The register moves to another store in March.
      expires: 2027-03-31
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

import linq_document
from linq_contract.judge.ledger import Finding

_KEYS = ("rule", "evidence", "reason", "expires")
_DEMANDED = frozenset({"rule", "reason"})


class AcceptanceFileError(ValueError):
    """A file does not say which failures are accepted; the message says where and why."""


@dataclass(frozen=True)
class Acceptance:
    """A failure that is accepted until the end of the day on which it `expires`; `place` is file and line."""

    rule: str
    reason: str
    evidence: str | None = None
    expires: date | None = None
    place: str = ""

    @property
    def is_gone(self) -> str:
        """The sentence that says that a server does not fail so any more."""
        what = f"is not broken by {self.evidence!r}" if self.evidence else "is not broken"
        return f"{self.place}: {self.rule} {what} any more; remove the entry."

    def holds_on(self, day: date) -> bool:
        return self.expires is None or day <= self.expires

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is of the rule and, if evidence is named, shows it."""
        if finding.rule != self.rule:
            return False
        pattern = re.compile(".*".join(map(re.escape, (self.evidence or "").split("*"))), re.DOTALL)
        return any(pattern.search(line) for line in finding.lines)


def acceptance_of(finding: Finding, reason: str) -> Acceptance:
    """The acceptance of a finding and of all that differ from it as findings of one cause do."""
    return Acceptance(finding.rule, reason, finding.shape)


def read_acceptances(path: Path) -> Sequence[Acceptance]:
    """Read a file of accepted failures. Raises AcceptanceFileError."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise AcceptanceFileError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise AcceptanceFileError(f"{path} is not in UTF-8: {error.reason}.") from error
    except yaml.YAMLError as error:
        raise _refused(path, getattr(error, "problem_mark", None), f"this is no YAML, {error}") from error
    if node is None:
        return ()
    if not isinstance(node, yaml.SequenceNode):
        raise _refused(path, node.start_mark, "a list of entries is expected, each with a rule and a reason")
    acceptances = [_read_entry(path, entry) for entry in node.value]
    _refuse_repetitions(acceptances)
    return acceptances


def write_acceptances(acceptances: Sequence[Acceptance], path: Path) -> None:
    """Write a file that `read_acceptances` reads. Raises OSError."""
    entries = [
        {name: value for name in _KEYS if (value := getattr(each, name)) is not None} for each in acceptances
    ]
    path.write_text(yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=100), encoding="utf-8")


def _read_entry(path: Path, node: yaml.Node) -> Acceptance:
    if not isinstance(node, yaml.MappingNode):
        raise _refused(path, node.start_mark, "an entry with a rule and a reason is expected")
    values: dict[str, Any] = {}
    for key, value in node.value:
        name = key.value
        if name not in _KEYS:
            raise _refused(path, key.start_mark, f"{name!r} is none of {', '.join(_KEYS)}")
        if name in values:
            raise _refused(path, key.start_mark, f"{name} is there twice")
        values[name] = _read_value(path, name, value)
    if missing := sorted(_DEMANDED - values.keys()):
        raise _refused(path, node.start_mark, f"the entry has no {' and no '.join(missing)}")
    return Acceptance(**values, place=_place(path, node.start_mark))


def _read_value(path: Path, name: str, node: yaml.Node) -> str | date:
    value: Any = node.value
    if name == "expires":
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise _refused(path, node.start_mark, "expires is a day such as 2027-03-31") from error
    if not isinstance(value, str) or not value.strip() or node.tag.endswith(":null"):
        raise _refused(path, node.start_mark, f"{name} is a text that says something")
    if name == "rule" and value not in linq_document.load().rules:
        raise _refused(path, node.start_mark, f"no rule is named {value!r}; 'linq-contract rules' lists them")
    return value


def _refuse_repetitions(acceptances: Sequence[Acceptance]) -> None:
    seen: dict[tuple[str, str | None], Acceptance] = {}
    for each in acceptances:
        first = seen.setdefault((each.rule, each.evidence), each)
        if first is not each:
            raise AcceptanceFileError(f"{each.place}: the same is accepted in {first.place}.")


def _refused(path: Path, mark: yaml.Mark | None, problem: str) -> AcceptanceFileError:
    return AcceptanceFileError(f"{_place(path, mark)}: {problem}.")


def _place(path: Path, mark: yaml.Mark | None) -> str:
    return str(path) if mark is None else f"{path}:{mark.line + 1}"
