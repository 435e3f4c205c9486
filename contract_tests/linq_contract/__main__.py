"""Start the `linq-contract` command, which `python -m linq_contract` runs as well."""

import gc
import signal


def main() -> None:
    """Run the command. Ctrl-C before all of it is imported ends it at once, without a traceback."""
    is_interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_interruptible:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from linq_contract.cli import main as command  # noqa: PLC0415 - the slow part, see above

    if is_interruptible:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.freeze()  # nothing that was imported goes away, and looking through it takes a tenth of a run
    command(prog_name="linq-contract")


if __name__ == "__main__":
    main()
