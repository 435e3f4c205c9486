"""Measure the mock beside other mock servers, and write docs/mock-benchmarks.md and docs/mock-benchmarks.svg.

`make bench-mock` runs it, with wrk and hey from Debian. All servers run at once, and take turns within each
round, so that whatever else the machine does meets all of them alike. What is published is the median of the
rounds, and for a ratio the median of the ratios of each round.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from plot import Bars, draw

from linq_mock.accounts import made_up_lines
from linq_mock.tokens import DEFAULT_TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

ROOT = Path(__file__).resolve().parents[1]
NODE = ROOT / "node_modules" / ".bin"
CONTRACT = ROOT / "openapi.yaml"
LINE = made_up_lines(1)[0]["id"]
TOKEN = DEFAULT_TOKENS[0]
BODY = '{"forwarding_number": "+13105550199"}'
SECONDS = 2
CONNECTIONS = 16
RATE = 300
STARTS = 5

Process: TypeAlias = "subprocess.Popen[bytes]"

OURS, STEADY, PRISM = "ours", "Steady", "Prism"
PORTS = {OURS: 8191, STEADY: 8192, PRISM: 8193}


class Measured(NamedTuple):
    """Requests a second at saturation, and the CPU time that each of them took, in seconds."""

    rate: float
    cpu: float


@dataclass
class Results:
    """What was measured, by server; what stands at the same index is of the same round."""

    get: dict[str, list[Measured]] = field(default_factory=lambda: defaultdict(list))
    put: dict[str, list[Measured]] = field(default_factory=lambda: defaultdict(list))
    p99: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    ready: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    memory: dict[str, float] = field(default_factory=dict[str, float])


def main() -> None:
    for tool in ("wrk", "hey"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is not installed. It is a package of Debian: apt-get install {tool}")
    rounds = int(os.environ.get("ROUNDS", "9"))
    results = measure(rounds)
    text = page(results, rounds)
    docs = ROOT / "docs"
    (docs / "mock-benchmarks.md").write_text(text, encoding="utf-8")
    (docs / "mock-benchmarks.svg").write_text(draw(panels(results)), encoding="utf-8")
    sys.stdout.write(text)


def measure(rounds: int) -> Results:
    results = Results()
    for _ in range(STARTS):
        for name in PORTS:
            with started(name) as (_, seconds):
                results.ready[name].append(seconds)
    with contextlib.ExitStack() as stack, tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f"wrk.method = 'PUT'\nwrk.body = '{BODY}'\n")
        script.write("wrk.headers['Content-Type'] = 'application/json'\n")
        script.flush()
        processes = {name: stack.enter_context(started(name))[0] for name in PORTS}
        for name, process in processes.items():
            saturate(name, process, None)  # what is measured first must not pay for warming up
        for turn in range(rounds):
            sys.stderr.write(f"round {turn + 1} of {rounds} ...\n")
            for name, process in rotated(processes, turn):
                results.get[name].append(saturate(name, process, None))
            for name, process in rotated(processes, turn):
                results.put[name].append(saturate(name, process, script.name))
            for name, _ in rotated(processes, turn):
                results.p99[name].append(ninety_ninth(name))
        results.memory = {name: memory(process.pid) for name, process in processes.items()}
    return results


def rotated(processes: dict[str, Process], turn: int) -> list[tuple[str, Process]]:
    """Return the processes with another one first in each turn."""
    each, first = list(processes.items()), turn % len(processes)
    return each[first:] + each[:first]


def command(name: str) -> list[str | Path]:
    port = str(PORTS[name])
    match name:
        case "Steady":
            return [NODE / "steady", "-q", "-p", port, CONTRACT]
        case "Prism":
            return [NODE / "prism", "mock", "-p", port, CONTRACT]
        case _:
            return [sys.executable, "-m", "linq_mock", "--port", port, "--base-path", ""]


@contextlib.contextmanager
def started(name: str) -> Generator[tuple[Process, float]]:
    """Run a server as long as the context lasts; also return after how many seconds it answered."""
    began = time.perf_counter()
    quiet = subprocess.DEVNULL
    # An installed mock has its byte code beside it: the first of the starts writes it.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(command(name), stdout=quiet, stderr=quiet, env=environment) as process:  # noqa: S603 - our own
        try:
            while not answers(name):
                if process.poll() is not None or time.perf_counter() - began > 60:
                    sys.exit(f"{name} did not start: {' '.join(map(str, command(name)))}")
                time.sleep(0.005)
            yield process, time.perf_counter() - began
        finally:
            for pid in [*children(process.pid), process.pid]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, 15)


def url(name: str, path: str = "") -> str:
    return f"http://127.0.0.1:{PORTS[name]}/v3/phone_numbers{path}"


def answers(name: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", PORTS[name], timeout=5)
    try:
        connection.request("GET", "/v3/phone_numbers", headers={"Authorization": f"Bearer {TOKEN}"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def saturate(name: str, process: Process, script: str | None) -> Measured:
    before = cpu(process.pid)
    output = run(
        *("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}", "-H", f"Authorization: Bearer {TOKEN}"),
        *(("-s", script, url(name, f"/{LINE}")) if script else (url(name),)),
    )
    if refused := re.search(r"Non-2xx or 3xx responses: .*|Socket errors: .*", output):
        sys.exit(f"{name}: {refused[0]}")
    requests = int(found(r"(\d+) requests in", output))
    return Measured(float(found(r"Requests/sec:\s+([\d.]+)", output)), (cpu(process.pid) - before) / requests)


def ninety_ninth(name: str) -> float:
    """Return the seconds within which 99 of 100 requests were answered, at the same rate for all."""
    count, workers = RATE * SECONDS, 10
    output = run(
        *("hey", "-n", str(count), "-c", str(workers), "-q", str(RATE // workers)),
        *("-H", f"Authorization: Bearer {TOKEN}", url(name)),
    )
    return float(found(r"99% in ([\d.]+) secs", output))


def run(*arguments: str) -> str:
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode:
        sys.exit(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def found(pattern: str, output: str) -> str:
    match = re.search(pattern, output)
    if match is None:
        sys.exit(f"No {pattern} in:\n{output}")
    return match[1]


def children(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that they have."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            parents[int(folder.name)] = int(fields[1])
    own = [child for child, parent in parents.items() if parent == pid]
    return [*own, *(below for child in own for below in children(child))]


def cpu(pid: int) -> float:
    """Return the CPU time of a process and its children, in seconds."""
    ticks = 0
    for each in [pid, *children(pid)]:
        fields = Path(f"/proc/{each}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Return the MiB that a process and its children have in memory."""
    total = 0.0
    for each in [pid, *children(pid)]:
        status = Path(f"/proc/{each}/status").read_text(encoding="utf-8")
        total += int(found(r"VmRSS:\s+(\d+) kB", status)) / 1024
    return total


# --- the page -------------------------------------------------------------------------------------


def panels(results: Results) -> list[Bars]:
    return [
        Bars("GET, requests a second", median_rates(results.get), ",.0f"),
        Bars("PUT, requests a second", median_rates(results.put), ",.0f"),
        Bars(f"99 % of GETs within, at {RATE} a second, milliseconds", medians(results.p99, 1000), ".1f"),
        Bars("Ready after, milliseconds", medians(results.ready, 1000), ".0f"),
        Bars("Memory after the load, MiB", results.memory, ".0f"),
    ]


def median_rates(measured: dict[str, list[Measured]]) -> dict[str, float]:
    return {name: statistics.median(each.rate for each in of_rounds) for name, of_rounds in measured.items()}


def median_cpu(measured: dict[str, list[Measured]]) -> dict[str, float]:
    """Return the microseconds of CPU time that a request took."""
    return {name: 1e6 * statistics.median(each.cpu for each in rounds) for name, rounds in measured.items()}


def medians(measured: dict[str, list[float]], factor: float = 1) -> dict[str, float]:
    return {name: factor * statistics.median(of_rounds) for name, of_rounds in measured.items()}


def ratio(measured: dict[str, list[Measured]], other: str, of: Callable[[Measured], float]) -> float:
    pairs = zip(measured[OURS], measured[other], strict=True)
    return statistics.median(of(own) / of(others) for own, others in pairs)


def row(title: str, values: dict[str, float], form: str) -> str:
    return f"| {title} | {' | '.join(f'{values[name]:{form}}' for name in PORTS)} |"


def page(results: Results, rounds: int) -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    rates = [
        f"- {method}: {ratio(of, STEADY, rate):.2f} times Steady, {ratio(of, PRISM, rate):.2f} times Prism; "
        f"of the CPU time, {ratio(of, STEADY, cpu_time):.2f} and {ratio(of, PRISM, cpu_time):.2f} of theirs."
        for method, of in (("GET", results.get), ("PUT", results.put))
    ]
    rows = [
        row("GET, requests a second", median_rates(results.get), ",.0f"),
        row("PUT, requests a second", median_rates(results.put), ",.0f"),
        row("CPU time of a GET, µs", median_cpu(results.get), ".0f"),
        row("CPU time of a PUT, µs", median_cpu(results.put), ".0f"),
        row(f"99 % of GETs within, at {RATE} a second, ms", medians(results.p99, 1000), ".1f"),
        row("ready after, ms", medians(results.ready, 1000), ".0f"),
        row("memory after the load, MiB", results.memory, ".0f"),
    ]
    return f"""# Benchmarks of the mock

`make bench-mock` wrote this page: {time.strftime("%Y-%m-%d")}, {platform.python_implementation()} \
{platform.python_version()}, {os.cpu_count()} CPUs, load average {load} at the end, {rounds} rounds.

All servers run at once and take turns within each round: wrk with {CONNECTIONS} connections for \
{SECONDS} s, and hey at {RATE} requests a second. Numbers are medians of the rounds, ratios medians of the \
ratios of each round. CPU time and memory are those of a server and of the processes that it starts.

- **ours**: this mock, with uvicorn {version("uvicorn")}, httptools {version("httptools")} and uvloop \
{version("uvloop")}. It checks the token, validates, keeps state, makes trace ids and logs requests.
- **Steady** {node_version("@stdy/cli")} and **Prism** {node_version("@stoplight/prism-cli")} answer with \
the document's examples, and keep nothing.

![The measures as bars](mock-benchmarks.svg)

{chr(10).join(rates)}

| | ours | Steady | Prism |
| --- | ---: | ---: | ---: |
{chr(10).join(rows)}
"""


def rate(measured: Measured) -> float:
    return measured.rate


def cpu_time(measured: Measured) -> float:
    return measured.cpu


def node_version(package: str) -> str:
    text = (ROOT / "node_modules" / package / "package.json").read_text(encoding="utf-8")
    return found(r'"version": "([^"]+)"', text)


if __name__ == "__main__":
    main()
