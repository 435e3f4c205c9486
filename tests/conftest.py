"""What all tests share: none touches the journals of whoever runs it, and what it starts can be stopped."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# A busy machine is no fault of what is tested.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


# Hundreds of processes are started: without bytecode each would compile what it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Nor do they need what other packages add to Hypothesis: trio's plugin imports pytest, too.
os.environ["HYPOTHESIS_NO_PLUGINS"] = "1"

_OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""A test makes fewer; with Python's 700 a tenth of the time goes into looking at them."""
gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, in the order in which it comes."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """Have the collector of garbage look at no test and no module again: there are thousands, to the end."""
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def folder_of_journals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(autouse=True, scope="session")
def interrupts_arrive() -> None:
    """Undo what a shell does to its background jobs: they ignore SIGINT, and so does what they start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
