"""The way to a server as the environment has it: which proxy leads there, which certificates are trusted.

It is read as httpx reads it, so that the client and the command go the same way, but for three things:
this machine and what is reached over plain http are never reached through a proxy, which would see the
token; and an exception in NO_PROXY that cannot be read is none.
"""

from __future__ import annotations

import os
import re
import ssl
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from urllib.request import getproxies

import httpx

from linq_contract.http.credentials import ClientCertificate


@dataclass(frozen=True)
class Proxy:
    """A proxy, and the environment variable that names it."""

    variable: str
    settings: httpx.Proxy

    def __str__(self) -> str:
        return f"the proxy {self.settings.url.netloc.decode()} of {self.variable}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def proxy_to(url: httpx.URL) -> Proxy | None:
    """The proxy through which a server is reached. Raises ValueError when it cannot be used."""
    if url.scheme == "http" or is_loopback(url.host):
        return None
    named = getproxies()
    kind = next((kind for kind in (url.scheme, "all") if named.get(kind)), None)
    if kind is None or any(_is_excepted(url, entry.strip()) for entry in named.get("no", "").split(",")):
        return None
    return _proxy(_variable(kind), named[kind])


def is_reached_around_a_proxy(url: httpx.URL) -> bool:
    """Whether another program in this environment could take a proxy that `proxy_to` does not."""
    named = getproxies()
    return proxy_to(url) is None and bool(named.get(url.scheme) or named.get("all"))


def tls_to(url: httpx.URL, certificate: ClientCertificate | None = None) -> ssl.SSLContext | None:
    """How a server is verified, and who asks; None for a server without TLS.

    Raises ValueError when certificates that are named cannot be read.
    """
    if url.scheme == "http":
        return None
    context = _trusting_context()
    if certificate is not None:
        _present(certificate, context)
    return context


def _variable(kind: str) -> str:
    """The name of the variable that is set, which counts first in lower case."""
    names = (f"{kind}_proxy", f"{kind}_proxy".upper())
    return next((name for name in names if os.environ.get(name)), "the settings of this system")


def _proxy(variable: str, value: str) -> Proxy:
    named = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*)://", value)  # a password may have :// in it, too
    scheme = named[1] if named else "http"
    try:
        settings = httpx.Proxy(value if named else f"http://{value}")
    except (ValueError, httpx.InvalidURL):
        settings = None
    if settings is None or not settings.url.host:
        raise ValueError(
            f"{variable} names a proxy that cannot be used, with the scheme {scheme!r}: write "
            "http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT, or unset it."
        )
    if settings.url.scheme.startswith("socks") and find_spec("socksio") is None:
        raise ValueError(
            f"{variable} names a SOCKS proxy, which needs one more package: "
            f"pip install 'httpx[socks]', or unset {variable}."
        )
    return Proxy(variable, settings)


def _is_excepted(url: httpx.URL, entry: str) -> bool:
    """Whether an entry of NO_PROXY names a server."""
    if not entry or entry == "*":
        return entry == "*"
    try:
        pattern = httpx.URL(_pattern(entry))
    except httpx.InvalidURL:
        return False
    is_of_scheme = pattern.scheme in {"all", url.scheme}
    return is_of_scheme and pattern.port in {None, url.port} and _is_named(url.host, pattern.host)


def _pattern(entry: str) -> str:
    """An entry as a URL, in which an asterisk stands for all that ends like the host."""
    if "://" in entry:
        return entry
    try:
        address = ip_address(entry.partition("/")[0])
    except ValueError:
        return f"all://{entry}" if entry.lower() == "localhost" else f"all://*{entry}"
    return f"all://{address}" if address.version == 4 else f"all://[{address}]"


def _is_named(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and host != pattern[1:]
    if pattern.startswith("*"):
        return f".{host}".endswith(f".{pattern[1:]}")
    return pattern in {"", host}


def _trusting_context() -> ssl.SSLContext:
    """A context that trusts the authorities of SSL_CERT_FILE or SSL_CERT_DIR, else those of certifi."""
    variable = next((name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)), "")
    path = os.environ.get(variable, "")
    if variable == "SSL_CERT_DIR" and not Path(path).is_dir():
        raise ValueError(f"{variable} names {path}, which is no directory.")
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        reason = _reason(error)
        raise ValueError(f"{variable} names {path}, which has no certificates to trust: {reason}.") from error


def _present(certificate: ClientCertificate, context: ssl.SSLContext) -> None:
    """Let a context answer a server that asks for a certificate."""
    try:
        context.load_cert_chain(certificate.file, certificate.key, password=_refuse_to_ask)
    except OSError as error:
        raise ValueError(
            f"The client certificate cannot be read from {certificate.file}: {_reason(error)}. It is a PEM "
            "file that ends with the unencrypted key, or --certificate-key names the key."
        ) from error


def _refuse_to_ask() -> str:
    raise PermissionError(None, "its key is encrypted")


def _reason(error: OSError) -> str:
    return error.strerror or (error.reason if isinstance(error, ssl.SSLError) else str(error))
