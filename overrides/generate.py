"""Write the client, generated/, from openapi.yaml with the settings and the templates beside this file.

With --check nothing is written; it fails when generated/ is not what would be written.
"""

from __future__ import annotations

import argparse
import filecmp
import signal
import sys
import tempfile
from pathlib import Path

from generator import document as documents
from generator import settings as configurations
from generator.errors import GenerationError
from generator.package import generate

ROOT = Path(__file__).resolve().parents[1]
CONFIG = Path(__file__).resolve().with_name("config.yaml")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    parser.add_argument("--document", type=Path, default=ROOT / "openapi.yaml", help="the contract")
    parser.add_argument("--config", type=Path, default=CONFIG, help="the settings of the package")
    parser.add_argument("--output", type=Path, default=ROOT / "generated", help="the folder of the package")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that temporary folders are removed
    try:
        if not options.check:
            write(options.document, options.config, options.output)
        elif differences := check(options.document, options.config, options.output):
            sys.exit("\n".join([*differences, "Run `make generate`, and commit what it writes."]))
    except (GenerationError, OSError, KeyboardInterrupt) as error:
        sys.exit(f"{error or 'Interrupted.'}\nNothing was generated; {options.output} is as it was.")


def write(document: Path, config: Path, output: Path) -> None:
    """Generate the package anew, and put it into `output` only when it is complete.

    Raises:
        GenerationError: The generator failed or warned; `output` is as it was.

    """
    read = documents.load(document)
    settings = configurations.load(config, read)
    output.mkdir(parents=True, exist_ok=True)
    # Beside `output`: a folder can be renamed within one file system only.
    with tempfile.TemporaryDirectory(prefix=".generate-", dir=output.resolve().parent) as name:
        package, new, old = output / settings.package, Path(name, "new"), Path(name, "old")
        notices = generate(read, new, settings)
        if package.exists():
            package.rename(old)
        try:
            new.rename(package)
        except BaseException:  # an interruption, too
            if old.exists():
                old.rename(package)
            raise
    sys.stderr.writelines(f"{notice}\n" for notice in notices)


def check(document: Path, config: Path, output: Path) -> list[str]:
    """Name each file below `output` that is not what `write` would leave there.

    Raises:
        GenerationError: The generator failed or warned.

    """
    read = documents.load(document)
    settings = configurations.load(config, read)
    with tempfile.TemporaryDirectory() as name:
        generate(read, Path(name, settings.package), settings)
        return compare(Path(name), output)


def compare(expected: Path, actual: Path) -> list[str]:
    """Name each file that is missing from `actual`, extra in it, or different; __pycache__ does not count."""
    wanted, found = _files(expected), _files(actual)
    different = {
        name
        for name in wanted & found
        if (actual / name).is_symlink() or not filecmp.cmp(expected / name, actual / name, shallow=False)
    }
    verdicts = {"missing": wanted - found, "extra": found - wanted, "different": different}
    return sorted(f"{actual / name} is {verdict}" for verdict, names in verdicts.items() for name in names)


def _files(folder: Path) -> set[Path]:
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return {path for path in files if "__pycache__" not in path.parts}


if __name__ == "__main__":
    main()
