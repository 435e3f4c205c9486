"""The catalogue of freedoms: servers that keep the contract in another way, by name."""

from linq_mock.freedoms import answers, lines, reading, requests, weather
from linq_mock.freedoms.base import Freedom

MODULES = (answers, lines, requests, reading, weather)

FREEDOMS = dict(sorted(Freedom.catalogue.items()))

__all__ = ["FREEDOMS", "Freedom"]
