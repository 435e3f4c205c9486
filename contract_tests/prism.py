"""Judge Prism, a server that this project did not write, by the contract.

Prism answers with the examples of the document and remembers nothing, so it is bound to break
rules. What is asked for is its honest verdict: that it was judged is the success.
"""

from __future__ import annotations

import collections
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import click

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

_ROOT = Path(__file__).parents[1]
PRISM = (
    *(str(_ROOT / "node_modules/.bin/prism"), "mock"),
    *("--host", "127.0.0.1", "--port", "0", str(_ROOT / "openapi.yaml")),
)
_VALIDATE = (str(Path(sys.executable).with_name("linq-contract")), "validate", "--allow-writes")
_READY = re.compile(r"Prism is listening on (?P<url>http://\S+)")
_READY_WITHIN = 60.0
_CONFORMS, _BREAKS_RULES, _INCOMPLETE, _NOT_RESTORED = 0, 1, 3, 4
_VERDICTS = {_CONFORMS, _BREAKS_RULES, _NOT_RESTORED}


class NotReadyError(Exception):
    """The server ended, or was stopped, before it said that it listens."""


def main(prism: Sequence[str] = PRISM, validate: Sequence[str] = _VALIDATE) -> int:
    """Start Prism, run the validate command on its URL, stop it, and return an exit code.

    It is 0 when Prism was judged, whether it conforms or not; else that of the validate command,
    or 3 when Prism could not be started or no report was written.
    """
    # Any token will do, so the user's own stays at home.
    environment = {**os.environ, "LINQ_API_V3_API_KEY": "any-token-will-do-for-prism"}
    try:
        with tempfile.TemporaryDirectory() as reports, running(prism, _READY_WITHIN) as url:
            command = [*validate, "--report-dir", reports, url]
            verdict = subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 - our own command
            # Python, too, ends with 1 when it crashes; only a verdict leaves a report. Prism ends itself when
            # an id is not UTF-8, and then nothing can be put back on it.
            is_judged = verdict in _VERDICTS and any(Path(reports).iterdir())
    except (OSError, NotReadyError) as error:
        click.echo(f"Prism could not be validated: {error}", err=True)
        return _INCOMPLETE
    if not is_judged:
        click.echo(f"Prism was not validated: the validate command ended with {verdict}.", err=True)
        return verdict or _INCOMPLETE
    keeps = "keeps every rule that was tested" if verdict == _CONFORMS else "breaks the rules named above"
    click.echo(f"Prism was validated: it {keeps}.")
    return 0


@contextlib.contextmanager
def running(command: Sequence[str], seconds: float) -> Generator[str]:
    """Start Prism, give its URL as soon as it listens, and stop it in any case.

    Raises:
        OSError: The command cannot be run.
        NotReadyError: It ended, or did not listen within `seconds`; with the last of its output.

    """
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:  # noqa: S603 - our own command
        output = cast("IO[str]", server.stdout)
        # A full pipe would stall the server, so what it says later is read and forgotten.
        drain = threading.Thread(target=collections.deque, args=(output, 0))
        overdue = threading.Timer(seconds, server.kill)
        overdue.start()
        try:
            url = _read_url(output)
            overdue.cancel()
            drain.start()
            yield url
        finally:
            overdue.cancel()
            server.kill()
            if drain.is_alive():
                drain.join()


def _read_url(output: IO[str]) -> str:
    said: collections.deque[str] = collections.deque(maxlen=10)
    for line in output:
        if ready := _READY.search(line):
            return ready["url"]
        said.append(line)
    raise NotReadyError("it ended or was stopped before it listened. It said:\n" + "".join(said))


def _stop(*_: object) -> None:
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    sys.exit(main())
