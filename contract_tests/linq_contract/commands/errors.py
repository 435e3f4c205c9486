"""What each error that ends a command says, and the exit code that it has."""

from __future__ import annotations

import traceback

from linq_contract.http.credentials import Credentials
from linq_contract.http.wire import RefusedError
from linq_contract.recorded.entries import RecordingError
from linq_contract.run.result import ExitCode
from linq_contract.run.validate import NotRestoredError, NotStartedError, NotTestedError
from linq_contract.safety.records import JournalError


def told(
    error: BaseException, credentials: Credentials | None, *, puts_back: bool = False
) -> tuple[str, ExitCode]:
    """A sentence and an exit code; a command that `puts_back` what it changes has done so."""
    match error:
        case NotTestedError():
            return str(error), ExitCode.INCOMPLETE
        case NotStartedError() | JournalError() | RecordingError():
            return str(error), ExitCode.WRONG_USE
        case RefusedError():
            return f"A request was not sent, because it is not permitted: {error}.", ExitCode.WRONG_USE
        case NotRestoredError():
            return f"The run was broken off.\n{error}", ExitCode.NOT_RESTORED
        case KeyboardInterrupt():
            rest = " What the run had changed was put back." if puts_back else ""
            return f"Interrupted.{rest}", ExitCode.INCOMPLETE
        case _:
            return _of_a_crash(error, credentials or Credentials({})), ExitCode.INCOMPLETE


def _of_a_crash(error: BaseException, credentials: Credentials) -> str:
    """What has gone wrong where nobody expected it, without a token."""
    if isinstance(error, OSError) and error.filename is not None:
        text = f"{error.filename} cannot be used: {error.strerror}."
    else:
        lines = "".join(traceback.format_exception(error))
        text = f"linq-contract has crashed. This is a bug in linq-contract; please report it:\n{lines}"
    return credentials.conceal(text.encode("utf-8", "replace")).decode("utf-8", "replace")
