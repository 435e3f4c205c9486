"""The way to a server is the one that httpx takes in the same environment."""

from __future__ import annotations

import base64
import os
import ssl
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from linq_contract.http import environment
from linq_contract.http.credentials import ClientCertificate
from linq_contract.http.environment import is_loopback, proxy_to, tls_to

if TYPE_CHECKING:
    from pathlib import Path

PROXY = "http://proxy.example:3128"
SERVER = httpx.URL("https://api.example.com/api/partner")
SERVERS = [
    "https://api.example.com",
    "https://api.example.com:8443",
    "https://example.com",
    "https://notexample.com",
    "https://192.0.2.1",
    "https://192.0.2.7",
    "https://[2001:db8::1]",
]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("SSL_CERT_"):
            monkeypatch.delenv(name)


Way: TypeAlias = tuple[str, bytes | None]
"""A proxy, and what is presented to it."""


def way_of_httpx(url: str) -> Way:
    client: Any = httpx.Client(verify=False)
    with client:
        pool = client._transport_for_url(httpx.URL(url))._pool
    if not hasattr(pool, "_proxy_url"):
        return "", None
    headers: dict[bytes, bytes] = dict(getattr(pool, "_proxy_headers", ()))
    return bytes(pool._proxy_url).decode().rstrip("/"), headers.get(b"Proxy-Authorization")


def our_way(url: str) -> Way:
    proxy = proxy_to(httpx.URL(url))
    if proxy is None:
        return "", None
    auth = proxy.settings.raw_auth
    presented = None if auth is None else b"Basic " + base64.b64encode(b":".join(auth))
    return str(proxy.settings.url).rstrip("/"), presented


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"HTTPS_PROXY": "http://corp:s%40cret@proxy.example:3128"},
        {"HTTPS_PROXY": "proxy.example:3128"},
        {"https_proxy": PROXY, "HTTPS_PROXY": "http://other.example"},
        {"ALL_PROXY": "https://proxy.example"},
        {"ALL_PROXY": "http://other.example", "HTTPS_PROXY": PROXY},
        {"HTTP_PROXY": PROXY},
        {"HTTPS_PROXY": ""},
        *(
            {"HTTPS_PROXY": PROXY, "NO_PROXY": exceptions}
            for exceptions in (
                "*",
                "x.example, *",
                "example.com",
                " a , API.example.com ",
                ".example.com",
                "example.com:8443",
                "api.example.com:8443",
                "192.0.2.1",
                "192.0.2.1:443",
                "192.0.2.0/24",
                "192.0.2.7/24",
                "2001:db8::1",
                "localhost,127.0.0.1",
                "https://api.example.com",
                "http://api.example.com",
                "all://example.com",
            )
        ),
    ],
    ids=str,
)
def test_proxies_are_read_as_httpx_reads_them(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert [our_way(url) for url in SERVERS] == [way_of_httpx(url) for url in SERVERS]


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_is_used_where_its_package_is_there(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://proxy.example:1080")

    assert our_way(str(SERVER))[0] == way_of_httpx(str(SERVER))[0] == f"{scheme}://proxy.example:1080"


def test_a_socks_proxy_without_its_package_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5://user:secret@proxy.example:1080")
    monkeypatch.setattr(environment, "find_spec", _find_nothing)
    with pytest.raises(ValueError, match=r"all_proxy .* pip install 'httpx\[socks\]'") as error:
        proxy_to(SERVER)

    assert "secret" not in str(error.value)


def _find_nothing(_name: str) -> None:
    pass


@pytest.mark.parametrize(
    "value",
    [
        "socks://user:secret@127.0.0.1:9/",
        "ftp://user:secret@x",
        "user:secret://and-more@x:9",
        "http://",
        "http://x:secret",
        "://",
    ],
)
def test_a_proxy_that_cannot_be_used_is_a_sentence(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(ValueError, match="HTTPS_PROXY names a proxy that cannot be used") as error:
        proxy_to(SERVER)

    assert "secret" not in str(error.value)


@pytest.mark.parametrize("exception", ["[::1]:80", "fd00::/8", "::1/128", "x:y"])
def test_an_exception_that_httpx_cannot_read_is_none(monkeypatch: pytest.MonkeyPatch, exception: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", exception)

    assert proxy_to(SERVER) is not None


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080",
        "https://127.0.0.1:8080",
        "https://127.1.2.3",
        "https://localhost",
        "https://[::1]:1",
        "http://api:8080",
    ],
)
def test_neither_this_machine_nor_plain_http_is_reached_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, PROXY)

    assert proxy_to(httpx.URL(url)) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "127.255.0.1", "::1", "localhost"])
def test_a_loopback_address_is_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "10.0.0.1", "localhost.example.com", "api", ""])
def test_every_other_host_is_elsewhere(host: str) -> None:
    assert not is_loopback(host)


# --- certificates --------------------------------------------------------------------------------


def test_a_server_without_tls_needs_no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/missing")

    assert tls_to(httpx.URL("http://127.0.0.1")) is None


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_authorities_that_are_not_there_are_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "missing"))
    with pytest.raises(ValueError, match=f"{variable} names .*missing, which "):
        tls_to(SERVER)


def test_a_file_without_certificates_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("not PEM")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "empty.pem"))
    with pytest.raises(ValueError, match=r"SSL_CERT_FILE names .*empty\.pem, which has no certificates"):
        tls_to(SERVER)


def test_the_authorities_of_the_environment_are_trusted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = tls_to(SERVER)

    assert context is not None
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert len(context.get_ca_certs()) == 1


def test_a_client_certificate_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "client.pem").write_text("not PEM")
    with pytest.raises(ValueError, match=r"cannot be read from .*client\.pem: .* --certificate-key"):
        tls_to(SERVER, ClientCertificate(tmp_path / "client.pem"))


def test_an_encrypted_key_is_a_sentence_and_no_question(tmp_path: Path) -> None:
    certificate = trustme.CA().issue_cert("client.example")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "client.pem")
    (tmp_path / "key.pem").write_bytes(_encrypted(certificate.private_key_pem.bytes()))
    with pytest.raises(ValueError, match=r"cannot be read from .*: its key is encrypted"):
        tls_to(SERVER, ClientCertificate(tmp_path / "client.pem", tmp_path / "key.pem"))


def _encrypted(key: bytes) -> bytes:
    return serialization.load_pem_private_key(key, None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.BestAvailableEncryption(b"password"),
    )
