"""The catalogue of faults: servers that break one rule each, by name."""

from linq_mock.faults import (
    authentication,
    bodies,
    edges,
    errors,
    identity,
    isolation,
    listing,
    numbers,
    parsing,
    registers,
    transport,
    updating,
    writes,
)
from linq_mock.faults.base import Fault

MODULES = (
    transport,
    errors,
    authentication,
    listing,
    updating,
    writes,
    isolation,
    numbers,
    bodies,
    identity,
    parsing,
    registers,
    edges,
)

FAULTS = dict(sorted(Fault.catalogue.items()))

__all__ = ["FAULTS", "Fault"]
