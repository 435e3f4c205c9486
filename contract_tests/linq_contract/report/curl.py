"""A request as a command that a reader can run."""

from __future__ import annotations

import re
import shlex

from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT, placeholder
from linq_contract.http.messages import Request

_ODD_BYTE = re.compile("[\udc80-\udcff]")
_TOKEN = re.compile(rf"\$\{{({ACCOUNT}|{OTHER_ACCOUNT})\b")
_OBEYED_IN_DOUBLE_QUOTES = re.compile(rf'["`\\]|\$(?!\{{({ACCOUNT}|{OTHER_ACCOUNT})\b)')
_LONGEST_SHOWN = 2_000  # bytes of a body, some thirty lines of a terminal


def curl(request: Request, base_url: str) -> str:
    """The request as a curl command; tokens are the shell's own variables."""
    words = ["curl", "-i"]
    if request.method != "GET":
        words += ["-X", request.method]
    if "%" not in request.target and ".." in request.target:
        words.append("--path-as-is")
    words.append(_quote_with_tokens(base_url + request.target))
    for name, value in request.headers:
        words += ["-H", _quote_with_tokens(f"{name}: {value}" if value else f"{name};")]
    if request.body is not None:
        words += ["--data-binary", _quote_body(request.body)]
    return " ".join(words)


def _quote_with_tokens(text: str) -> str:
    """Double quotes, so that the shell expands the token; everything else is kept from it."""
    if _TOKEN.search(text) is None:
        return shlex.quote(text)
    escaped = _OBEYED_IN_DOUBLE_QUOTES.sub(r"\\\g<0>", text)
    return _ODD_BYTE.sub(lambda match: f"\"$'\\x{ord(match[0]) - 0xDC00:02x}'\"", f'"{escaped}"')


def _quote_body(body: bytes) -> str:
    if len(body) > _LONGEST_SHOWN:
        return f"'{_bytes_text(body[:40])}...'  # {len(body):,} bytes"
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = "\x00"
    if text.isprintable() and text.count("$") == text.count(placeholder(ACCOUNT)) > 0:
        return _quote_with_tokens(text)
    return shlex.quote(text) if text.isprintable() else f"$'{_bytes_text(body)}'"


def _bytes_text(body: bytes) -> str:
    """The bytes as bash writes them between $' and '."""
    return "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b"'\\" else f"\\x{byte:02x}" for byte in body
    )
