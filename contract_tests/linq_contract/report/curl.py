"""A request as a command that sends it again, byte for byte, in any POSIX shell, with curl alone.

Only that curl names itself as User-Agent, and does not ask for compression, is different.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

import httpx

from linq_contract.http.credentials import ACCOUNTS, Credentials, Variant, placeholder
from linq_contract.http.environment import is_reached_around_a_proxy
from linq_contract.http.messages import Request

_LONGEST_BODY = 8_000  # characters that write it, some two screens

_VARIANTS: Mapping[Variant | None, str] = {
    None: "${NAME}",
    Variant.WITHOUT_THE_LAST: "${NAME%?}",
    Variant.WITHOUT_THE_FIRST: "${NAME#?}",
    Variant.FIRST_FOUR: '$(printf %.4s "${NAME}")',
    Variant.AFTER_FOUR: r"""$(printf '%s\n' "${NAME}" | cut -c5-)""",
    Variant.IN_THE_OTHER_CASE: '$(printf %s "${NAME}" | tr A-Za-z a-zA-Z)',
    Variant.BACKWARDS: (
        r"""$(printf '%s\n' "${NAME}" | """
        """awk '{for (i = length($0); i; i--) printf "%s", substr($0, i, 1)}')"""
    ),
    Variant.ALTERED_INSIDE: r"""$(printf '%s\n' "${NAME}" | sed 's/./~/10')""",
    Variant.FIRST_AS_ESCAPE: """$(printf %%%02x "'${NAME}")""",
}
_EXPANSIONS: Mapping[str, str] = {
    placeholder(name, variant): expansion.replace("NAME", name)
    for name in ACCOUNTS
    for variant, expansion in _VARIANTS.items()
}
"""What a shell expands to a token or to a variant of it, by its placeholder."""
_USERS: Mapping[str, str] = {
    f"Basic {placeholder(name, variant)}": user.replace("NAME", name)
    for name in ACCOUNTS
    for variant, user in ((Variant.AS_USER, "${NAME}:"), (Variant.AFTER_USER, "x:${NAME}"))
}
"""User and password, by the value of Authorization: curl has them in base64, which POSIX has not."""

_AS_JSON = r"""$(printf %s "{}" | sed 's/["\\]/\\&/g')"""
_AS_URL = (
    r"""$(printf '%s\n' "{}" | """
    r"""awk 'BEGIN {for (i = 33; i < 127; i++) h[sprintf("%c", i)] = sprintf("%%%02X", i)} """
    r"""{for (i = 1; i <= length($0); i++) {c = substr($0, i, 1); """
    r"""printf "%s", c ~ /[A-Za-z0-9\/_.~-]/ ? c : h[c]}}')"""
)

_TOKEN = "|".join(map(re.escape, _EXPANSIONS))
_PIECE_OF_WORD = re.compile(rf'(?P<token>{_TOKEN})|(?P<obeyed>["$`\\])|(?P<history>!)|(?P<odd>[^ -~]+)')
_PIECE_OF_BODY = re.compile(rf"(?P<token>{_TOKEN})|(?P<unit>[ -~]{{1,8}}?)(?P=unit){{63,}}")
_WRITTEN_AS_OCTAL = re.compile(r"^-|['\\]|[^ -~]")
_SEGMENT_OF_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)


def curl(request: Request, base_url: str, credentials: Credentials | None = None) -> str:
    """The request as a command; tokens, and what `credentials` add to requests, are the shell's variables.

    What is too long for a command is a comment that says so.
    """
    writer, body = _body(request)
    added = () if credentials is None else _added(credentials)
    command = " ".join([*_method(request), *_url(request, base_url), *_headers(request), *added, *body])
    if len(writer) > _LONGEST_BODY:
        return f"# with {len(request.body or b''):,} bytes, too long to be written out here: {command}"
    return f"{writer} | {command}" if writer else command


def _method(request: Request) -> Iterator[str]:
    yield "curl"
    if request.method == "HEAD":
        yield "-I"  # with -X, curl would wait for a body
        return
    yield "-i"
    if request.method != "GET" or request.body is not None:
        yield f"-X {shlex.quote(request.method)}"


def _url(request: Request, base_url: str) -> Iterator[str]:
    """The URL, and what keeps curl from reading it, or the environment, in its own way."""
    if is_reached_around_a_proxy(httpx.URL(base_url)):
        yield "--noproxy '*'"
    if _SEGMENT_OF_DOTS.search(request.target.partition("?")[0]):
        yield "--path-as-is"
    if set("[]{}") & set(re.sub(_TOKEN, "", request.target)):
        yield "-g"
    if "#" in request.target:
        base_path = httpx.URL(base_url).path.rstrip("/")
        yield f"--request-target {_word(base_path + request.target, _AS_URL)}"
    yield _word(base_url + request.target.partition("#")[0], _AS_URL)


def _headers(request: Request) -> Iterator[str]:
    for name, value in request.headers:
        if name == "Authorization" and value in _USERS:
            yield f'-u "{_USERS[value]}"'
        else:
            yield f"-H {_word(f'{name}: {value}' if value else f'{name};')}"
    added = ("Accept",) if request.body is None else ("Accept", "Content-Type")
    yield from (f"-H {name}:" for name in added if request.header(name) is None)  # or curl adds its own


def _added(credentials: Credentials) -> Iterator[str]:
    for header in credentials.headers:
        yield f'-H "{header.name}: {placeholder(header.variable)}"'
    if credentials.certificate is not None:
        yield f"--cert {shlex.quote(str(credentials.certificate.file))}"
        if credentials.certificate.key is not None:
            yield f"--key {shlex.quote(str(credentials.certificate.key))}"


def _body(request: Request) -> tuple[str, list[str]]:
    """What writes the body to curl, where that is needed, and the option that has curl send it."""
    if request.body is None:
        return "", []
    text = request.body.decode("utf-8", "surrogateescape")
    is_repetitive = any(piece["unit"] for piece in _PIECE_OF_BODY.finditer(text))
    if text.isprintable() and not text.startswith("@") and not is_repetitive and len(text) <= _LONGEST_BODY:
        return "", [f"--data-binary {_word(text, _AS_JSON)}"]
    writers = list(_writers(text))
    writer = writers[0] if len(writers) == 1 else f"{{ {'; '.join(writers)}; }}"
    return writer, ["--data-binary @-"]


def _writers(text: str) -> Iterator[str]:
    """Commands that write a text: what is there once, tokens, and what is repeated."""
    end = 0
    for piece in _PIECE_OF_BODY.finditer(text):
        if piece.start() > end:
            yield f"printf '{_format(text[end : piece.start()])}'"
        if unit := piece["unit"]:
            times = len(piece[0]) // len(unit)
            quoted = _format(unit).replace('"', r"\"")
            yield f"awk 'BEGIN {{while (i++ < {times}) printf \"{quoted}\"}}'"
        else:
            yield f"printf %s {_word(piece[0], _AS_JSON)}"
        end = piece.end()
    if end < len(text):
        yield f"printf '{_format(text[end:])}'"


def _word(text: str, encoding: str = "{}") -> str:
    """A word of the shell for a text, in which tokens are expanded and encoded."""
    if text.isprintable() and not re.search(_TOKEN, text):
        return shlex.quote(text)
    return f'"{_PIECE_OF_WORD.sub(lambda piece: _in_double_quotes(piece, encoding), text)}"'


def _in_double_quotes(piece: re.Match[str], encoding: str) -> str:
    if piece["token"]:
        return encoding.replace("{}", _EXPANSIONS[piece["token"]])
    if piece["obeyed"]:
        return f"\\{piece['obeyed']}"
    if piece["history"]:
        return "\"'!'\""
    return piece["odd"] if piece["odd"].isprintable() else f"$(printf '{_format(piece['odd'])}')"


def _format(text: str) -> str:
    """The text as printf, within single quotes, writes it."""
    return _WRITTEN_AS_OCTAL.sub(_octal, text.replace("%", "%%"))


def _octal(match: re.Match[str]) -> str:
    if match[0].isprintable() and match[0] not in "'\\-":
        return match[0]
    return "".join(f"\\{byte:03o}" for byte in match[0].encode("utf-8", "surrogateescape"))
