"""Who may use the control API: programs of this machine, or whoever has its token; never a web page."""

from __future__ import annotations

import hmac
import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from linq_mock.problems import Code, Problem

if TYPE_CHECKING:
    from linq_mock.messages import Headers


def is_loopback(host: str) -> bool:
    """Whether a host name or an address can only be this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_asked_as_loopback(headers: Headers) -> bool:
    """Whether the Host header of a request is a name of this machine."""
    try:
        host = urlsplit(f"//{headers.get('Host', '')}").hostname
    except ValueError:  # a bracket that is not closed
        return False
    return is_loopback(host or "")


def check_access(headers: Headers, token: str | None) -> None:
    """Raise the Problem of a request that may not use the control API, 401 or 403.

    A page of another site reaches it neither with a request of its own, which has another `Origin`,
    nor with a name of its own that it resolves to this machine, which is another `Host`.
    """
    if token is None and not is_asked_as_loopback(headers):
        raise Problem(Code.FORBIDDEN, "The control API is asked for at 127.0.0.1 or localhost only")
    host = headers.get("Host", "")
    origin = headers.get("Origin")
    is_foreign = origin is not None and origin not in {f"http://{host}", f"https://{host}"}
    if is_foreign or headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        raise Problem(Code.FORBIDDEN, "The control API does not answer web pages of other sites")
    if token is not None and not _presents(headers, token):
        raise Problem(Code.UNAUTHORIZED, "The control API needs the token that --control was given")


def _presents(headers: Headers, token: str) -> bool:
    scheme, _, presented = headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(presented.encode(), token.encode())
