"""YAML as far as it has what JSON has, too, such as mappings whose keys are texts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG = "tag:yaml.org,2002:"
_STR, _INT, _FLOAT, _MERGE, _TIMESTAMP = (
    _TAG + name for name in ("str", "int", "float", "merge", "timestamp")
)
_TAGS: dict[type[yaml.Node], set[str]] = {
    yaml.ScalarNode: {_STR, _INT, _FLOAT, f"{_TAG}bool", f"{_TAG}null"},
    yaml.SequenceNode: {f"{_TAG}seq"},
    yaml.MappingNode: {f"{_TAG}map"},
}
_DEEPEST = 100
"""How deep values may stand in one another; the parser would end the process some 10,000 deeper."""
_MOST = 1_000_000
"""How many values there may be; a few lines of aliases could stand for any number."""


class ValueRefusedError(ValueError):
    """A text is not YAML, or has what JSON has not; the message says what. Line and column are from 1."""

    def __init__(self, problem: str, line: int, column: int) -> None:
        super().__init__(problem)
        self.line = line
        self.column = column


def compose(text: str) -> yaml.Node | None:
    """Return the tree of a text, None when it is empty. Raises ValueRefusedError.

    What YAML takes for a date, and JSON does not know, is the text that stands there; 1.0 is the integer.
    """
    _refuse_surrogates(text)
    try:
        _refuse_depth(text)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error) from error
    if node is not None:
        _Checker().check(node)
    return node


def value_of(node: yaml.Node) -> Any:
    """Return the value of a tree that `compose` has returned. Raises ValueRefusedError."""
    constructor: Any = yaml.constructor.SafeConstructor()
    try:
        return constructor.construct_document(node)
    except yaml.MarkedYAMLError as error:  # a merge of what is no mapping
        raise _not_yaml(error) from error


def _not_yaml(error: yaml.MarkedYAMLError) -> ValueRefusedError:
    mark = error.problem_mark or error.context_mark
    place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return ValueRefusedError(f"this is not YAML: {error.problem}", *place)


def _refused(what: yaml.Node | yaml.Event, problem: str) -> ValueRefusedError:
    mark: Any = what.start_mark
    return ValueRefusedError(problem, mark.line + 1, mark.column + 1)


def _refuse_surrogates(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        before = text[: error.start]
        line, column = before.count("\n") + 1, error.start - before.rfind("\n")
        raise ValueRefusedError("half of a surrogate pair is no character", line, column) from error


def _refuse_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                raise _refused(event, f"more than {_DEEPEST} values stand in one another")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Checker:
    """Finds in a tree what JSON has not, and how many values it stands for."""

    def __init__(self) -> None:
        self._sizes: dict[int, int] = {}
        self._above: set[int] = set()
        self._constructor: Any = yaml.constructor.SafeConstructor()

    def check(self, node: yaml.Node) -> int:
        """Return how many values a node stands for. Raises ValueRefusedError."""
        which = id(node)
        if which in self._above:
            raise _refused(node, "an alias stands in what it is an alias of")
        if which not in self._sizes:
            self._above.add(which)
            self._check_own(node)
            self._sizes[which] = 1 + sum(map(self.check, _below(node)))
            self._above.remove(which)
        if self._sizes[which] > _MOST:
            raise _refused(node, f"these are more than {_MOST:,} values")
        return self._sizes[which]

    def _check_own(self, node: yaml.Node) -> None:
        if node.tag == _TIMESTAMP and isinstance(node, yaml.ScalarNode):
            node.tag = _STR
        if node.tag not in _TAGS[type(node)]:
            name = node.tag.removeprefix(_TAG)
            raise _refused(node, f"{name} is none of the types of JSON; put a text into quotes")
        if isinstance(node, yaml.ScalarNode):
            self._check_scalar(node)
        if isinstance(node, yaml.MappingNode):
            _check_keys(node)

    def _check_scalar(self, node: yaml.ScalarNode) -> None:
        try:
            value: object = self._constructor.construct_object(node)
        except (ValueError, LookupError) as error:
            name = node.tag.removeprefix(_TAG)
            raise _refused(node, f"{node.value[:40]} is no {name}") from error
        if isinstance(value, float):
            if not math.isfinite(value):
                raise _refused(node, f"{node.value[:40]} is no number of JSON")
            if value.is_integer():
                node.tag, node.value = _INT, str(int(value))


def _below(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from cast("list[yaml.Node]", node.value)
    elif isinstance(node, yaml.MappingNode):
        yield from (value for _, value in cast("list[tuple[yaml.Node, yaml.Node]]", node.value))


def _check_keys(node: yaml.MappingNode) -> None:
    for key, _ in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
        if not isinstance(key, yaml.ScalarNode) or key.tag not in {_STR, _MERGE, _TIMESTAMP}:
            raise _refused(key, "a key is a text; put it into quotes")
        if key.tag == _TIMESTAMP:
            key.tag = _STR
