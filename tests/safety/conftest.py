"""The servers of the contract tests, one behind TLS, and hosts that count as being elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trustme
from tests.contract.conftest import contract, host, serve, serve_mock
from tests.reports import hold_every_report
from tests.serving import hosting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.serving import Host

__all__ = ["contract", "host", "serve", "serve_mock"]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of journals, for one test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "linq-contract"


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def tls_host(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host behind TLS; its certificate names 127.0.0.1 and api.example.com."""
    files = tmp_path_factory.mktemp("tls")
    certificate = authority.issue_cert("127.0.0.1", "api.example.com")
    certificate.private_key_pem.write_to_path(files / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(files / "certificate.pem")
    with hosting(ssl_keyfile=files / "key.pem", ssl_certfile=files / "certificate.pem") as host:
        yield host


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the certificate of `tls_host` be one that users trust."""
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no address count as this machine."""
    monkeypatch.setattr("linq_contract.safety.target.is_loopback", _is_elsewhere)


def _is_elsewhere(_host: str) -> bool:
    return False


@pytest.fixture(autouse=True)
def every_report_keeps_to_its_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    hold_every_report(monkeypatch)
