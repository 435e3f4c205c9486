# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""The contents of bodies: those that are sent, by their media types, and those that come back."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast
from urllib.parse import quote, urlencode

import httpx

from . import _json
from ._parameters import query, text
from ._uploads import Upload
from .errors import InvalidDataError, InvalidInputError
from .types import UNSET, Content, Written

_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"

Read = Callable[[httpx.Response], Any]


Encoding = tuple[str, str, bool]
"""How a property of a form is written: its content type, its style, and whether each part is by itself."""

_NONE: Final[Mapping[str, Encoding]] = {}


def encoded(media_type: str, value: Any, *, required: bool, encoding: Mapping[str, Encoding] = _NONE) -> Any:
    """Return what is sent as a body: JSON as it is, anything else as it is written; UNSET for nothing.

    Args:
        media_type: Its media type.
        value: The body, as JSON has it, with files in it.
        required: Whether an empty object is sent, too.
        encoding: How some of its properties are written, by their names.

    Raises:
        InvalidInputError: The value cannot be written so.

    """
    if value is UNSET or (not required and value == {}):
        return UNSET
    kind = media_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        return value
    if kind.endswith("+json"):
        return Content(media_type, _json_bytes(value))
    if kind == _FORM:
        return Content(media_type, _form(value, encoding).encode())
    if kind == _MULTIPART:
        return _multipart(value, encoding) if value else UNSET
    return Content(_specific(media_type, value), _bytes(value))


def _specific(media_type: str, value: Any) -> str:
    """The media type itself, or one within the range that it is."""
    if "*" not in media_type:
        return media_type
    if isinstance(value, Upload):
        return value.content_type
    return "text/plain; charset=utf-8" if isinstance(value, str) else "application/octet-stream"


def _json_bytes(value: Any) -> bytes:
    try:
        return _json.encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInputError(f"The body is no JSON: {error}") from None


def _form(value: Mapping[str, Any], encoding: Mapping[str, Encoding]) -> str:
    """The fields of a form: in the styles that are stated, or else as is usual."""
    plain: dict[str, Any] = {}
    written: list[str] = []
    for name, member in value.items():
        content_type, style, explode = encoding.get(name, ("", "", False))
        style = style or ("json" if content_type == "application/json" else "")
        fields = query((name, member, style, explode)) if style else {name: member}
        plain |= {key: field for key, field in fields.items() if not isinstance(field, Written)}
        written += [
            f"{quote(key, safe='')}={field}" for key, field in fields.items() if isinstance(field, Written)
        ]
    return "&".join(filter(None, [urlencode(_pairs(plain)), *written]))


def _pairs(value: Any) -> list[tuple[str, str | bytes]]:
    """The fields of a form: an array several times, what is deeper as JSON."""
    return [
        (name, _bytes(item) if isinstance(item, bytes | Upload) else text(item))
        for name, member in cast("Mapping[str, Any]", value).items()
        for item in (cast("Sequence[Any]", member) if isinstance(member, list) else [member])
        if item is not None
    ]


def _multipart(value: Any, encoding: Mapping[str, Encoding]) -> Content:
    boundary = secrets.token_hex(16)
    parts: list[bytes] = []
    for name, member in cast("Mapping[str, Any]", value).items():
        content_type, *_ = encoding.get(name, ("",))
        for item in cast("Sequence[Any]", member) if isinstance(member, list) else [member]:
            parts.append(_part(boundary, name, item, content_type.partition(",")[0]))  # noqa: PERF401 - two loops
    closing = f"--{boundary}--\r\n".encode()
    return Content(f"{_MULTIPART}; boundary={boundary}", b"".join(parts) + closing)


def _part(boundary: str, name: str, value: Any, content_type: str) -> bytes:
    upload = Upload(value) if isinstance(value, bytes) else value if isinstance(value, Upload) else None
    lines = [f"--{boundary}", f'Content-Disposition: form-data; name="{_escaped(name)}"']
    if upload is not None:
        lines[1] += f'; filename="{_escaped(upload.filename)}"'
        lines.append(f"Content-Type: {_type_of(value, upload, content_type)}")
        content = upload.content
    else:
        is_deep = isinstance(value, dict | list)
        usual = "application/json" if is_deep else "text/plain; charset=utf-8"
        lines.append(f"Content-Type: {content_type or usual}")
        content = (json.dumps(value) if is_deep else text(value)).encode()
    return "\r\n".join([*lines, "", ""]).encode() + content + b"\r\n"


def _type_of(value: Any, upload: Upload, stated: str) -> str:
    """The media type of a file: what the user says, or else the document, unless that is a range."""
    return stated if isinstance(value, bytes) and stated and "*" not in stated else upload.content_type


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _bytes(value: Any) -> bytes:
    if isinstance(value, Upload):
        return value.content
    return value.encode() if isinstance(value, str) else bytes(value)


def by_status(readers: Mapping[int, Read]) -> Read:
    """Return what reads a response by its status, or by the first digit of that, or by 0 for any other."""

    def read(response: httpx.Response) -> Any:
        status = response.status_code
        found = readers.get(status) or readers.get(status // 100) or readers.get(0)
        if found is None:
            raise InvalidDataError(f"comes with the status {status}, which the contract does not name")
        return found(response)

    return read


def json_content(parse: Callable[[Any], Any]) -> Read:
    """Return what reads the JSON of a response."""
    return lambda response: parse(_json.parse(response))


def text_or_json_content(parse: Callable[[Any], Any]) -> Read:
    """Return what reads a text of a response, which is in JSON unless its content type says otherwise."""

    def read(response: httpx.Response) -> Any:
        is_text = response.headers.get("Content-Type", "").lower().startswith("text/")
        return parse(response.text if is_text else _json.parse(response))

    return read


def text_content(response: httpx.Response) -> str:
    return response.text


def bytes_content(response: httpx.Response) -> bytes:
    return response.content


def no_content(response: httpx.Response) -> None:
    del response
