"""Media types: which are JSON or a form, and which of several is preferred."""

from __future__ import annotations

JSON, ANY = "application/json", "*/*"
_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def is_json(media_type: str) -> bool:
    """Return whether a media type is that of JSON, or of a kind of it; what may be anything counts as it."""
    name = _name(media_type)
    return name in {JSON, ANY} or name.endswith("+json")


def is_form(media_type: str) -> bool:
    """Return whether a body of a media type has properties with names, but is no JSON."""
    return _name(media_type) in {_FORM, _MULTIPART}


def is_multipart(media_type: str) -> bool:
    """Return whether a body of a media type is a form that may have files in it."""
    return _name(media_type) == _MULTIPART


def preference(media_type: str) -> int:
    """Return a number that is smaller for what a client writes better: JSON, forms, forms with files."""
    preferred = (is_json(media_type), _name(media_type) == _FORM, is_multipart(media_type), True)
    return preferred.index(True)


def _name(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()
