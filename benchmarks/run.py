"""Measure the client beside its alternatives, and write docs/benchmarks.md and docs/benchmarks.svg.

`make bench` runs it. All contenders of a measure run at once, each in a process of its own that waits
for its turn: turns go round, so that whatever else the machine does meets all of them alike. A process is
fast or slow for as long as it lives, by how its memory happens to lie: each contender gets several, one
after the other. What is published is the median of the rounds, and for a ratio the median of the ratios
of each round.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lines import listing
from plot import Bars, draw
from report import Results, Sample, goals, tables
from worker import SETTLING, TURN

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).resolve().parent
PROCESSES = 4
PYTHON = ROOT / "build" / "bench" / "bin" / "python"
SDK = ROOT / ".sdk"

IMPORTS = {
    "nothing": "pass",
    "httpx + json": "import httpx, json",
    "ours": "import linq_phone_numbers",
    "stock": "import stock_client",
    "linq-python 0.15.1": "import linq",
    "linq-python newest": "import linq",
}
CALLERS = ["httpx + json", "ours", "stock", "linq-python 0.15.1", "linq-python newest"]
ASYNC_CALLERS = [*CALLERS, "ours, aiohttp", "linq-python newest, aiohttp"]
PARSERS = [*CALLERS, "httpx + msgspec"]


def main() -> None:
    rounds = int(os.environ.get("ROUNDS", "6"))  # of each process
    with tempfile.TemporaryDirectory() as name:
        paths = prepare(Path(name))
        results = Results(measure(paths, rounds))
    text = tables(results)
    drawn = draw([Bars(*panel) for panel in results.panels()])
    (ROOT / "docs" / "benchmarks.svg").write_text(drawn, encoding="utf-8")
    (ROOT / "docs" / "benchmarks.md").write_text(page(text, goals(results), rounds), encoding="utf-8")
    sys.stdout.write(text + "\n" + goals(results) + "\n")


def prepare(folder: Path) -> dict[str, Path]:
    """Return the folder that each contender is imported from, all of it compiled as pip does."""
    ours, stock = folder / "ours", folder / "stock"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "generated" / "linq_phone_numbers", ours / "linq_phone_numbers", ignore=ignored)
    stock.mkdir()
    (stock / "config.yaml").write_text("package_name_override: stock_client\n", encoding="utf-8")
    run(
        *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
        *("--path", ROOT / "openapi.yaml", "--config", stock / "config.yaml"),
        *("--output-path", stock / "stock_client"),
    )
    paths = {
        "ours": ours,
        "stock": stock,
        "linq-python 0.15.1": SDK / "linq-python-0.15.1",
        "linq-python newest": SDK / "linq-python-newest",
    }
    for path in paths.values():
        run(PYTHON, "-m", "compileall", "-q", path)
    return paths


def run(*command: str | Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 - our own
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")


def environment_of(contender: str, paths: dict[str, Path]) -> dict[str, str]:
    path = paths.get(contender.removesuffix(", aiohttp"))
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(path or "")}


def measure(paths: dict[str, Path], rounds: int) -> dict[str, dict[str, list[Sample]]]:
    """Return the samples of each measure by contender; those of one round stand at the same index."""
    found: dict[str, dict[str, list[Sample]]] = {}
    progress("import")
    found["import"] = {name: [] for name in IMPORTS}
    for _ in range(2 * rounds * PROCESSES):
        for name, statement in IMPORTS.items():
            found["import"][name].append(imported(statement, environment_of(name, paths)))
    with server() as url:
        progress("sync")
        found["sync"] = in_turns(CALLERS, ("sync", url), paths, rounds)
        progress("async")
        found["async"] = in_turns(ASYNC_CALLERS, ("async", url), paths, rounds)
    for lines in ("1", "100", "10000"):
        progress(f"list of {lines}")
        found[f"list {lines}"] = in_turns(PARSERS, ("list", lines), paths, rounds)
        found[f"from_dict {lines}"] = in_turns(["ours", "stock"], ("from_dict", lines), paths, rounds)
        found[f"memory {lines}"] = {
            name: [Sample(kept, kept)]
            for name in PARSERS
            for kept in [json.loads(output(name, ("memory", lines), paths))]
        }
    return found


def progress(what: str) -> None:
    sys.stderr.write(f"{what} ...\n")


def imported(statement: str, environment: dict[str, str]) -> Sample:
    """Return what a Python takes that only runs this statement."""
    started = time.perf_counter()
    process = subprocess.Popen([PYTHON, "-c", statement], env=environment)  # noqa: S603 - our own
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{statement} failed; the reason is above.")
    return Sample(time.perf_counter() - started, usage.ru_utime + usage.ru_stime)


@contextlib.contextmanager
def server() -> Generator[str, None, None]:
    """Run the server that answers with one line, as long as the context lasts."""
    pipe = subprocess.PIPE
    with subprocess.Popen([PYTHON, HERE / "server.py"], stdin=pipe, stdout=pipe) as process:  # noqa: S603 - our own
        assert process.stdin
        assert process.stdout
        process.stdin.write(listing(1))
        process.stdin.close()
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def in_turns(
    names: Sequence[str], arguments: tuple[str, str], paths: dict[str, Path], rounds: int
) -> dict[str, list[Sample]]:
    """Have each contender call for a while in each round, while the others wait."""
    found: dict[str, list[Sample]] = {name: [] for name in names}
    for _ in range(PROCESSES):
        with contextlib.ExitStack() as stack:
            workers = {name: stack.enter_context(Worker.started(name, arguments, paths)) for name in names}
            for turn in range(rounds):
                first = turn % len(names)
                for name in [*names[first:], *names[:first]]:
                    found[name].append(workers[name].turn())
    return found


@dataclass
class Worker:
    """A process of worker.py."""

    process: subprocess.Popen[str]

    @classmethod
    @contextlib.contextmanager
    def started(
        cls, name: str, arguments: tuple[str, str], paths: dict[str, Path]
    ) -> Generator[Worker, None, None]:
        pipe = subprocess.PIPE
        command: list[str | Path] = [PYTHON, HERE / "worker.py", name, *arguments]
        environment = environment_of(name, paths)
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment, text=True) as process:  # noqa: S603 - our own
            worker = cls(process)
            try:
                worker.answer()
                yield worker
            finally:
                process.kill()

    def turn(self) -> Sample:
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return Sample(*self.answer())

    def answer(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.process.args!r} ended; the reason is above.")
        return json.loads(line)


def output(name: str, arguments: Iterable[str], paths: dict[str, Path]) -> str:
    command: list[str | Path] = [PYTHON, HERE / "worker.py", name, *arguments]
    done = subprocess.run(  # noqa: S603 - our own
        command, env=environment_of(name, paths), stdout=subprocess.PIPE, text=True, check=True
    )
    return str(done.stdout)


def page(text: str, reached: str, rounds: int) -> str:
    newest = (ROOT / "requirements" / "linq-python-newest.in").read_text(encoding="utf-8").strip()
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"""# Benchmarks

`make bench` wrote this page: {time.strftime("%Y-%m-%d")}, {platform.python_implementation()} \
{platform.python_version()}, {os.cpu_count()} CPUs, load average {load} at the end, \
{PROCESSES} times {rounds} rounds.

All contenders of a measure run at once, each in a process of its own, and take turns of {TURN:g} s,
so that whatever else the machine does meets all of them alike. Each gets {PROCESSES} processes, one after
the other, since one process is faster than the next; none is measured in its first {SETTLING:g} s. A number
is the median of the rounds; a ratio is the median of the ratios of each round, which a busy machine
disturbs least (of an import, the ratio of the medians).

- **ours**: this client; **stock**: what openapi-python-client {version("openapi-python-client")} writes
  for the same contract with its own templates;
- **linq-python**: the vendor's SDK, 0.15.1 (of the same API) and the newest ({newest});
- **httpx + json** checks nothing: what everybody pays. **httpx + msgspec** parses in C: the limit.
- **aiohttp** means the same client over the transport of httpx-aiohttp, an extra of both.

![The measures as bars](benchmarks.svg)

{reached}
{text}"""


if __name__ == "__main__":
    main()
