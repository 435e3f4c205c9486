"""Whatever a server does wrong or new has one outcome: docs/client.md has the table of them."""

from __future__ import annotations

import contextlib
import copy
import encodings.aliases
import json
import re
import socket
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import httpx
import hypothesis.strategies as st
import pytest
from hypothesis import assume, given
from tests.connection import serving_one

import linq_document
import linq_phone_numbers as linq

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.client.conftest import Clients

LINE: dict[str, Any] = linq_document.load().raw["components"]["schemas"]["PhoneNumber"]["examples"][0]
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
REPLY: dict[str, Any] = {"phone_numbers": [LINE, LINE | {"forwarding_number": None}]}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a JSON value, as the keys that lead there."""
    keys: list[Any] = []
    if isinstance(value, dict):
        keys = [*cast("dict[str, Any]", value)]
    elif isinstance(value, list):
        keys = [*range(len(cast("Sequence[Any]", value)))]
    return [path, *(place for key in keys for place in places(value[key], (*path, key)))]


@given(place=st.sampled_from(places(REPLY)), value=json_values)
def test_a_replaced_value_is_kept_or_its_place_is_named(place: tuple[str | int, ...], value: Any) -> None:
    check(replaced(REPLY, place, value), place)


@given(place=st.sampled_from(places(REPLY)[1:]))
def test_a_removed_value_is_absent_or_its_place_is_named(place: tuple[str | int, ...]) -> None:
    reply = json.loads(json.dumps(REPLY))
    around: Any = reply
    for key in place[:-1]:
        around = around[key]
    del around[place[-1]]

    check(reply, place)


@given(place=st.sampled_from(places(REPLY)), name=st.text(), value=json_values)
def test_an_added_property_is_kept(place: tuple[str | int, ...], name: str, value: Any) -> None:
    reply = json.loads(json.dumps(REPLY))
    around: Any = reply
    for key in place:
        around = around[key]
    if not isinstance(around, dict) or name in around:
        return
    around[name] = value

    check(reply, place)


def replaced(reply: Any, place: tuple[str | int, ...], value: Any) -> Any:
    if not place:
        return value
    changed = copy.copy(reply)
    changed[place[0]] = replaced(reply[place[0]], place[1:], value)
    return changed


def check(reply: Any, place: tuple[str | int, ...]) -> None:
    """Have a client read a reply: all of it is kept, or the error leads to the place."""
    pointer = "".join(f"/{key}" for key in place)

    kept, complaint = read(reply)

    if complaint is None:
        assert kept == reply
    else:
        assert complaint.startswith(pointer) or pointer.startswith(complaint)


def read(reply: Any) -> tuple[dict[str, Any] | None, str | None]:
    """Return what a client keeps of a reply, or the pointer of its error."""
    try:
        return listed(json.dumps(reply).encode()).to_dict(), None
    except linq.APIResponseValidationError as error:
        return None, error.pointer


def listed(
    content: bytes, status: int = 200, headers: dict[str, str] | None = None
) -> linq.PhoneNumberListResponse:
    """Return what a list call makes of an answer."""
    answer = httpx.Response(status, content=content, headers={"X-Trace-ID": TRACE_ID} | (headers or {}))
    with httpx.Client(transport=httpx.MockTransport(lambda _: answer)) as http:
        return linq.LinqClient("token", http_client=http, max_retries=0).phone_numbers.list()


def refused(content: bytes, headers: dict[str, str] | None = None) -> linq.APIResponseValidationError:
    """Return the error of a list call whose answer has this body."""
    with pytest.raises(linq.APIResponseValidationError) as caught:
        listed(content, headers=headers)
    error = caught.value
    assert (error.operation, error.status_code, error.trace_id) == ("list_phone_numbers", 200, TRACE_ID)
    return error


def refused_at(place: tuple[str | int, ...], value: Any) -> str:
    """Return what the error says when one value of a valid reply is replaced, and check its pointer."""
    error = refused(json.dumps(replaced(REPLY, place, value)).encode())
    pointer = "".join(f"/{key}" for key in place)
    assert error.pointer.startswith(pointer)
    return str(error)


REQUIRED = [
    place
    for place in places(REPLY)
    if place and place[-1] not in {0, 1, "health_status", "forwarding_number"} and place != ("phone_numbers",)
]
STATUSES = [place for place in places(REPLY) if place[-1:] == ("status",)]
IDS = [place for place in places(REPLY) if place[-1:] == ("id",)]
NUMBERS = [place for place in places(REPLY) if place[-1:] in {("phone_number",), ("forwarding_number",)}]


@given(place=st.sampled_from(STATUSES), value=st.text())
def test_an_unknown_enum_value_is_kept_as_it_came(place: tuple[str | int, ...], value: str) -> None:
    reply = replaced(REPLY, place, value)

    kept = listed(json.dumps(reply).encode())

    assert kept.to_dict() == reply
    status: Any = kept.phone_numbers[0].reputation.status
    assert isinstance(status, str)


@given(place=st.sampled_from(REQUIRED))
def test_a_missing_required_property_is_named(place: tuple[str | int, ...]) -> None:
    reply = json.loads(json.dumps(REPLY))
    around: Any = reply
    for key in place[:-1]:
        around = around[key]
    del around[place[-1]]

    error = refused(json.dumps(reply).encode())

    assert error.pointer == "".join(f"/{key}" for key in place)
    assert "is missing" in str(error)


@given(place=st.sampled_from(places(REPLY)), value=st.booleans() | st.integers() | st.floats(0, 1))
def test_a_value_of_another_json_type_is_named(place: tuple[str | int, ...], value: Any) -> None:
    assert "is not" in refused_at(place, value)


@given(place=st.sampled_from([place for place in places(REPLY) if place[-1:] != ("forwarding_number",)]))
def test_null_where_it_may_not_be_is_named(place: tuple[str | int, ...]) -> None:
    assert "is null" in refused_at(place, None)


@given(
    place=st.sampled_from(IDS), text=st.text() | st.from_regex(r"\{?[0-9a-f-]{32,36}\}?\n?", fullmatch=True)
)
def test_a_malformed_uuid_is_named(place: tuple[str | int, ...], text: str) -> None:
    if re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text):
        return

    assert "is not a uuid" in refused_at(place, text)


@given(place=st.sampled_from(NUMBERS), text=st.text())
def test_a_number_that_is_not_e164_is_kept_as_it_came(place: tuple[str | int, ...], text: str) -> None:
    reply = replaced(REPLY, place, text)

    assert listed(json.dumps(reply).encode()).to_dict() == reply


@given(lines=st.lists(st.sampled_from([0, 1]), min_size=1, unique=True))
def test_a_missing_deprecated_property_is_unset(lines: list[int]) -> None:
    reply = json.loads(json.dumps(REPLY))
    for line in lines:
        del reply["phone_numbers"][line]["health_status"]

    kept = listed(json.dumps(reply).encode())

    assert kept.to_dict() == reply
    with pytest.warns(DeprecationWarning, match="use reputation"):
        assert kept.phone_numbers[lines[0]].health_status is linq.UNSET  # pyright: ignore[reportDeprecated]


@given(body=st.binary(min_size=1))
def test_a_body_that_is_not_json_is_reported(body: bytes) -> None:
    with contextlib.suppress(ValueError):
        json.loads(body)
        return

    assert "is not JSON" in str(refused(body))


def test_an_empty_body_is_reported() -> None:
    assert "is empty" in str(refused(b""))


@given(text=st.text())
def test_html_is_reported_with_its_content_type(text: str) -> None:
    error = refused(f"<html>{text}".encode(errors="replace"), {"Content-Type": "text/html"})

    assert "is not JSON ('text/html')" in str(error)


@given(length=st.integers(1, len(json.dumps(REPLY)) - 1))
def test_a_truncated_body_is_reported(length: int) -> None:
    assert "is not JSON" in str(refused(json.dumps(REPLY).encode()[:length]))


@given(
    kind=st.sampled_from(["text/html", "text/plain", "application/xml", "x", "application/json; charset=x"])
)
def test_json_of_another_content_type_is_read_all_the_same(kind: str) -> None:
    assert listed(json.dumps(REPLY).encode(), headers={"Content-Type": kind}).to_dict() == REPLY


@given(status=st.integers(400, 999), body=st.binary())
def test_any_status_raises_a_typed_error(status: int, body: bytes) -> None:
    with pytest.raises(linq.APIStatusError) as caught:
        listed(body, status)

    assert (caught.value.status_code, caught.value.trace_id) == (status, TRACE_ID)
    assert isinstance(caught.value, linq.InternalServerError) == (status >= 500)


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize(
    "charset", sorted({"idna", "no-such", "undefined", *encodings.aliases.aliases.values()})
)
def test_text_of_any_charset_is_reported(charset: str, status: int) -> None:
    with pytest.raises(linq.APIResponseError) as caught:
        listed(b"Not found\xff..", status, {"Content-Type": f"text/html; charset={charset}"})

    assert isinstance(caught.value.body, str)


@given(status=st.integers(300, 399), location=st.text(st.characters(codec="ascii", exclude_categories=["C"])))
def test_a_redirect_raises_and_is_not_followed(status: int, location: str) -> None:
    assume(httpx_takes(status, location))
    with pytest.raises(linq.APIStatusError) as caught:
        listed(b"", status, {"Location": location})

    assert caught.value.status_code == status


@pytest.mark.parametrize("location", ["//x:y", "a:b", "http:x", "http://xn--a/", "//xn--"])
def test_a_redirect_to_what_is_no_url_is_a_connection_error(location: str) -> None:
    assert not httpx_takes(302, location)
    with pytest.raises(linq.APIConnectionError, match=r"redirect|location header"):
        listed(b"", 302, {"Location": location})


def httpx_takes(status: int, location: str) -> bool:
    """Whether httpx itself has a response for us with this Location."""
    response = httpx.Response(status, headers={"Location": location})
    with httpx.Client(transport=httpx.MockTransport(lambda _: response)) as http:
        try:
            http.get("https://api.linqapp.com/api/partner/v3/phone_numbers", follow_redirects=False)
        except (httpx.InvalidURL, httpx.HTTPError, UnicodeError):  # the last is idna's
            return False
    return True


def failed(clients: Clients, url: str, **settings: Any) -> linq.APIConnectionError:
    with pytest.raises(linq.APIConnectionError) as caught:
        clients.list(None, base_url=url, **settings)
    assert caught.value.operation == "list_phone_numbers"
    assert isinstance(caught.value.__cause__, httpx.HTTPError)
    return caught.value


def test_a_refused_connection_raises_a_connection_error(clients: Clients) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    assert url in str(failed(clients, url))


def test_a_reset_connection_raises_a_connection_error(clients: Clients) -> None:
    def reset(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with serving_one(reset) as url:
        failed(clients, url)


def test_a_connection_that_breaks_within_the_body_raises_a_connection_error(clients: Clients) -> None:
    with serving_one(
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")
    ) as url:
        failed(clients, url)


def test_an_answer_that_is_not_http_raises_a_connection_error(clients: Clients) -> None:
    with serving_one(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH\r\n")) as url:
        failed(clients, url)


def test_an_answer_that_does_not_come_raises_a_timeout_error(clients: Clients) -> None:
    with serving_one(lambda connection: connection.recv(1)) as url:
        error = failed(clients, url, timeout=0.05)

    assert isinstance(error, linq.APITimeoutError)


def test_every_row_of_the_table_in_the_docs_names_a_test_of_this_file() -> None:
    page = (Path(__file__).parents[2] / "docs" / "client.md").read_text(encoding="utf-8")
    table = page[page.index("| The server") :].split("\n\n")[0].splitlines()[2:]
    named = [re.findall(r"`(test_\w+)`", row) for row in table]

    assert all(named)
    assert {name for names in named for name in names} == {
        name for name in globals() if name.startswith("test_") and "the_docs" not in name
    }
