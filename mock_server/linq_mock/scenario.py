"""Scenario files: the accounts that a sandbox starts with, how it behaves, and what happens then."""

from __future__ import annotations

import functools
import json
import time
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import yaml

from linq_document import compile_schema, json_pointer
from linq_mock.accounts import DEFAULT_LINES, Account, made_up_lines, with_reputation
from linq_mock.settings import Setting
from linq_mock.yaml_values import ValueRefusedError, compose, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import jsonschema_rs

    from linq_mock.accounts import Line
    from linq_mock.sandbox import Sandbox

_FOLDER = Path(__file__).with_name("scenarios")
SCHEMA = _FOLDER / "schema.json"
"""The JSON Schema of scenario files."""


class ScenarioError(ValueError):
    """A scenario cannot be read; the message names the file, the line and the column of each mistake."""


@dataclass(frozen=True)
class Step:
    """Something that happens once, after so many requests or seconds; the other one is None.

    `line` is its place in the list, from 1, or its phone number. What does not happen is None.
    """

    after_requests: int | None = None
    after_seconds: float | None = None
    account: str | None = None
    line: int | str | None = None
    change: dict[str, Any] | None = None
    remove: bool = False
    add_line: dict[str, Any] | None = None
    behaviour: Setting | None = None


@dataclass(frozen=True)
class Scenario:
    """The content of a scenario file. Without `accounts` there are those that the mock has anyway."""

    name: str
    description: str
    accounts: tuple[Account, ...] | None
    behaviour: Setting
    steps: tuple[Step, ...]


def ready_scenarios() -> dict[str, Path]:
    """Return the files of the scenarios that come with the mock, by name."""
    return {path.stem: path for path in sorted(_FOLDER.glob("*.yaml"))}


def named_or_read(name: str) -> Scenario:
    """Return the scenario of a name, or else of a path. Raises ScenarioError."""
    ready = ready_scenarios()
    if name in ready:
        return read_scenario(ready[name])
    if not Path(name).exists() and not name.endswith((".yaml", ".yml", ".json")):
        near = "".join(f" Did you mean {match}?" for match in get_close_matches(name, ready, 1))
        raise ScenarioError(f"there is no scenario {name}.{near} There are {', '.join(ready)}, and files.")
    return read_scenario(Path(name))


def read_scenario(path: Path) -> Scenario:
    """Read a scenario from a YAML file. Raises ScenarioError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise ScenarioError(f"{path} cannot be read: {error}") from error
    return parse_scenario(text, path.stem, str(path))


def parse_scenario(text: str, name: str, place: str) -> Scenario:
    """Return the scenario of a text; `place` is where it is said to be in errors. Raises ScenarioError."""
    try:
        node = compose(text)
        content: Any = None if node is None else value_of(node)
    except ValueRefusedError as error:
        raise ScenarioError(f"{place}:{error.line}:{error.column}: {error}") from error
    except yaml.YAMLError as error:
        raise ScenarioError(f"{place}: this is not YAML: {error}") from error
    content = {} if content is None else content
    mistakes = [*_schema_mistakes(content)] or [*_mistakes(content)]
    if mistakes:
        raise ScenarioError("\n".join(_located(mistakes, node, place)))
    return _scenario(name, content)


# --- what is wrong --------------------------------------------------------------------------------


class Mistake(NamedTuple):
    """What is wrong, and where: the steps to the value, or to the key of it."""

    path: tuple[str | int, ...]
    text: str
    of_key: bool = False


@functools.cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return compile_schema(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _schema_mistakes(content: Any) -> Iterator[Mistake]:
    for error in _validator().iter_errors(content):
        path = tuple(error.instance_path)
        unexpected = getattr(error.kind, "unexpected", None)
        if unexpected:
            for name in unexpected:
                near = get_close_matches(str(name), _known_names(path), 1)
                hint = f", did you mean {near[0]}?" if near else ""
                yield Mistake((*path, name), f"there is no {name} here{hint}", of_key=True)
        else:
            yield Mistake(path, _in_words(error))


def _known_names(path: tuple[str | int, ...]) -> list[str]:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    kind = next((str(step) for step in reversed(path) if not isinstance(step, int)), "")
    names = {"accounts": "account", "lines": "line", "add_line": "line", "timeline": "step"}
    stated = schema["$defs"].get(names.get(kind, kind), schema)
    return list(stated["properties"])


def _in_words(error: jsonschema_rs.ValidationError) -> str:
    if error.kind.name == "oneOf" and tuple(error.schema_path)[-2:] == ("step", "oneOf"):
        return "a step has either after_requests or after_seconds"
    return error.message


def _mistakes(content: dict[str, Any]) -> Iterator[Mistake]:
    """Find what the schema cannot say."""
    accounts: list[dict[str, Any]] = content.get("accounts", [{}, {}])
    names = [account.get("name", f"account-{number}") for number, account in enumerate(accounts, 1)]
    tokens = [account.get("token", f"linq-mock-token-{number}") for number, account in enumerate(accounts, 1)]
    for which, values in {"name": names, "token": tokens}.items():
        for index in _repeated(values):
            yield Mistake(("accounts", index, which), f"another account has the same {which}")
    counts: dict[str, int] = {}
    for index, account in enumerate(accounts):
        lines = _lines(account.get("lines", DEFAULT_LINES), names[index])
        counts[names[index]] = len(lines)
        for which in ("id", "phone_number"):
            for place in _repeated([line[which].lower() for line in lines]):
                yield Mistake(("accounts", index, "lines", place), f"another line has the same {which}")
    yield from _behaviour_mistakes(content.get("behaviour"), ("behaviour",))
    for index, step in enumerate(content.get("timeline", [])):
        yield from _step_mistakes(step, ("timeline", index), names)
    if "accounts" in content:  # otherwise --lines decides how many there are
        yield from _mistakes_of_lines(content.get("timeline", []), counts)


def _repeated(values: list[str]) -> list[int]:
    first: dict[str, int] = {}
    return [index for index, value in enumerate(values) if first.setdefault(value, index) != index]


def _step_mistakes(step: dict[str, Any], path: tuple[str | int, ...], names: list[str]) -> Iterator[Mistake]:
    if step.get("account", names[0]) not in names:
        there = f"there are {', '.join(names)}"
        yield Mistake((*path, "account"), f"there is no account {step['account']}; {there}")
    if not step.keys() & {"reputation", "forwarding_number", "remove", "add_line", "behaviour"}:
        yield Mistake(path, "nothing happens in this step")
    yield from _behaviour_mistakes(step.get("behaviour"), (*path, "behaviour"))


def _mistakes_of_lines(steps: list[dict[str, Any]], counts: dict[str, int]) -> Iterator[Mistake]:
    """Find the numbers of lines that an account cannot have, whatever was added to it before."""
    first = next(iter(counts))
    for step in steps:
        if "add_line" in step:
            name = step.get("account", first)
            counts[name] = counts.get(name, 0) + 1
    for index, step in enumerate(steps):
        line, name = step.get("line"), step.get("account", first)
        if isinstance(line, int) and line > counts.get(name, line):
            there = f"{name} never has more than {counts[name]}"
            yield Mistake(("timeline", index, "line"), f"there is no line {line}; {there}")


def _behaviour_mistakes(stated: dict[str, Any] | None, path: tuple[str | int, ...]) -> Iterator[Mistake]:
    for catalogue in ("faults", "freedoms"):
        for index, name in enumerate((stated or {}).get(catalogue, [])):
            try:
                Setting.of({catalogue: [name]}).variations()
            except ValueError as error:
                yield Mistake((*path, catalogue, index), str(error))


def _located(mistakes: Iterable[Mistake], root: yaml.Node | None, place: str) -> Iterator[str]:
    found = [(_mark(mistake, root), mistake) for mistake in mistakes]
    for (line, column), mistake in sorted(found, key=lambda each: each[0]):
        pointer = json_pointer(mistake.path)
        yield f"{place}:{line}:{column}: {pointer + ': ' if pointer else ''}{mistake.text}"


def _mark(mistake: Mistake, root: yaml.Node | None) -> tuple[int, int]:
    """Return the line and the column of a mistake, from 1."""
    node = key = root
    for step in mistake.path:
        if isinstance(node, yaml.MappingNode):
            pairs = cast("list[tuple[yaml.Node, yaml.Node]]", node.value)
            key, node = next((pair for pair in pairs if str(pair[0].value) == step), (key, node))
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            key = node = cast("list[yaml.Node]", node.value)[step]
    marked = key if mistake.of_key else node
    return (marked.start_mark.line + 1, marked.start_mark.column + 1) if marked else (1, 1)


# --- what it says ---------------------------------------------------------------------------------


def _scenario(name: str, content: dict[str, Any]) -> Scenario:
    stated: list[dict[str, Any]] | None = content.get("accounts")
    return Scenario(
        name,
        content.get("description", ""),
        None if stated is None else tuple(_account(each, number) for number, each in enumerate(stated, 1)),
        Setting.of(content.get("behaviour", {})),
        tuple(map(_step, content.get("timeline", []))),
    )


def _account(stated: dict[str, Any], number: int) -> Account:
    name = stated.get("name", f"account-{number}")
    token = stated.get("token", f"linq-mock-token-{number}")
    return Account.of(token, _lines(stated.get("lines", DEFAULT_LINES), name), name)


def _lines(stated: int | list[dict[str, Any]], owner: str) -> list[Line]:
    if isinstance(stated, int):
        return made_up_lines(stated, owner=owner)
    taken = {line["phone_number"] for line in stated if "phone_number" in line}
    made = made_up_lines(len(stated), taken=taken, owner=owner)
    return [{**line, **with_reputation(own)} for line, own in zip(made, stated, strict=True)]


def _step(stated: dict[str, Any]) -> Step:
    change: dict[str, Any] = {
        name: stated[name] for name in ("reputation", "forwarding_number") if name in stated
    }
    return Step(
        stated.get("after_requests"),
        stated.get("after_seconds"),
        stated.get("account"),
        stated.get("line"),
        change or None,
        stated.get("remove", False),
        stated.get("add_line"),
        Setting.of(stated["behaviour"]) if "behaviour" in stated else None,
    )


# --- what happens ---------------------------------------------------------------------------------


class Timeline:
    """The steps of a scenario that are still to come."""

    def __init__(self, sandbox: Sandbox, steps: Sequence[Step]) -> None:
        self._sandbox = sandbox
        self._steps = list(steps)
        self._began = time.monotonic()
        self._requests = 0
        self._of_account: dict[str, int] = {}

    def answered(self, account: Account | None) -> None:
        """Count a request, and do what is due after it."""
        self._requests += 1
        if account:
            self._of_account[account.name] = self._of_account.get(account.name, 0) + 1
        self.go_on()

    def go_on(self) -> None:
        """Do what is due."""
        due = [step for step in self._steps if self._is_due(step)]
        for step in due:
            self._steps.remove(step)
        for step in due:
            self._do(step)

    def _is_due(self, step: Step) -> bool:
        if step.after_seconds is not None:
            return time.monotonic() - self._began >= step.after_seconds
        counted = self._requests if step.account is None else self._of_account.get(step.account, 0)
        return step.after_requests is not None and counted >= step.after_requests

    def _do(self, step: Step) -> None:
        """Do a step; one whose account or line is gone by now does nothing."""
        accounts = self._sandbox.accounts
        account = accounts.by_name.get(step.account) if step.account else next(iter(accounts), None)
        if account is None:
            return
        try:
            self._do_to(account, step)
        except ValueError as error:
            self._sandbox.log.note(f"a step of the scenario failed: {error}", account.name)

    def _do_to(self, account: Account, step: Step) -> None:
        line = _line_of(account, step.line)
        if line and step.change:
            self._sandbox.change_line(account, line["id"], step.change)
        if line and step.remove:
            self._sandbox.remove_line(account, line["id"])
        if step.add_line is not None:
            self._sandbox.add_line(account, step.add_line)
        if step.behaviour:
            self._sandbox.set_behaviour(step.behaviour, account if step.account else None)


def _line_of(account: Account, which: int | str | None) -> Line | None:
    lines = list(account.lines.values())
    if isinstance(which, int):
        return lines[which - 1] if which <= len(lines) else None
    return next((line for line in lines if line["phone_number"] == which), None)
