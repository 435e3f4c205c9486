"""What is deprecated warns whoever reads it, and type checkers strike it through (PEP 702).

The comment in `read` is the test of that: mypy and pyright both report one that silences nothing.
"""
# mypy: enable-error-code=deprecated
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import warnings
from typing import Any

import linq_phone_numbers as linq


def read(line: linq.PhoneNumber) -> linq.PhoneNumberHealthStatus | linq.Unset:
    return line.health_status  # type: ignore[deprecated]


def test_reading_warns_once_for_a_place(line: dict[str, Any]) -> None:
    model = linq.PhoneNumber.from_dict(line)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        assert read(model) == read(model)

    assert [str(warning.message) for warning in caught] == [
        "health_status is deprecated: use reputation instead."
    ]
    assert caught[0].category is DeprecationWarning
    assert caught[0].filename == __file__


def test_editors_and_help_find_the_mark_and_the_successor() -> None:
    getter: Any = vars(linq.PhoneNumber)["health_status"].fget

    assert getter.__deprecated__ == "health_status is deprecated: use reputation instead."
    assert "Deprecated: use `reputation`." in (getter.__doc__ or "")
