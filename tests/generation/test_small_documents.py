"""What a document says in a few lines is right in the client, or is refused with its place."""

from __future__ import annotations

import datetime as dt
import json
import pickle
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import httpx
import pytest

from generator.document import Document
from generator.errors import GenerationError
from generator.resources import Reader
from generator.schemas import Schemas
from generator.security import Security
from generator.settings import Settings

if TYPE_CHECKING:
    from types import ModuleType

    from .conftest import Make

TEXT = {"type": "string"}
LIST = {"type": "array", "items": TEXT}
FILE = {"type": "string", "format": "binary"}
MAP = {"type": "object", "additionalProperties": TEXT}
DONE = {"204": {"description": "Done."}}


def document(operation: dict[str, Any], schemas: dict[str, Any] | None = None) -> dict[str, Any]:
    whole = {"operationId": "ask", "responses": DONE, **operation}
    return {
        "servers": [{"url": "https://example.com"}],
        "paths": {"/ask": {"post": whole}},
        "components": {"schemas": schemas or {}},
    }


def of_schema(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def answering(schema: dict[str, Any]) -> dict[str, Any]:
    return document({"responses": {"200": {"description": "-", "content": of_schema(schema)}}})


def call(package: ModuleType, answer: Any = None, **arguments: Any) -> tuple[Any, httpx.Request]:
    """The result of the operation, and the request that it made."""
    requests: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200 if answer is not None else 204, json=answer)

    client = package.MadeClient(http_client=httpx.Client(transport=httpx.MockTransport(handle)))
    return client.default.ask(**arguments), requests[0]


class TestDateTimes:
    @pytest.fixture
    def package(self, make_client: Make) -> ModuleType:
        time = {"type": "string", "format": "date-time"}
        schema = {"type": "object", "required": ["at"], "properties": {"at": time}}
        return make_client(answering(schema) | {"components": {"schemas": {"Event": schema}}})

    @pytest.mark.parametrize(
        "text",
        [
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05.123456789+01:00",
            "2026-01-02t03:04:05z",
            "2016-12-31T23:59:60Z",
            "2026-01-02T03:04:05",
        ],
    )
    def test_a_time_is_written_back_as_it_came(self, package: ModuleType, text: str) -> None:
        event = package.Event.from_dict({"at": text})

        assert isinstance(event.at, dt.datetime)
        assert event.to_dict() == {"at": text}
        assert pickle.loads(pickle.dumps(event)).to_dict() == {"at": text}

    def test_a_time_that_is_worked_out_of_it_is_another(self, package: ModuleType) -> None:
        at = package.Event.from_dict({"at": "2026-01-02T03:04:05.123456789Z"}).at

        assert at == dt.datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=dt.UTC)
        later = package.Event(at=at + dt.timedelta(days=1))
        assert later.to_dict() == {"at": "2026-01-03T03:04:05.123456+00:00"}

    @pytest.mark.parametrize("text", ["2026-W01-1T00:00:00Z", "20260102T030405Z", "2026-01-02", "today"])
    def test_what_is_no_time_is_refused(self, package: ModuleType, text: str) -> None:
        with pytest.raises(package.InvalidDataError, match="/at is not a date and time"):
            package.Event.from_dict({"at": text})

    def test_a_time_without_a_zone_is_not_sent(self, package: ModuleType) -> None:
        with pytest.raises(package.InvalidDataError, match="has no time zone"):
            package.Event(at=dt.datetime(2026, 1, 2)).to_dict()  # noqa: DTZ001 - that is what is tried


class TestBodies:
    def test_an_optional_body_need_not_be_passed(self, make_client: Make) -> None:
        schema = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}
        package = make_client(document({"requestBody": {"content": of_schema(schema)}}))

        assert call(package)[1].content == b""
        assert json.loads(call(package, name="x")[1].content) == {"name": "x"}

    @pytest.mark.parametrize(
        "media_type", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]
    )
    def test_an_optional_body_that_is_passed_has_what_it_requires(
        self, make_client: Make, media_type: str
    ) -> None:
        schema = of(**{"from": TEXT, "to": TEXT, "subject": TEXT}) | {"required": ["from", "to"]}
        package = make_client(document({"requestBody": {"content": {media_type: {"schema": schema}}}}))

        assert call(package)[1].content == b""
        assert b"me" in call(package, from_="me", to="you")[1].content
        with pytest.raises(package.InvalidInputError, match=r"^from_ is missing: a body has to have it"):
            call(package, subject="hi", to="you")

    def test_a_required_property_that_no_schema_describes_can_be_sent(self, make_client: Make) -> None:
        schema = {"type": "object", "required": ["name", "other"], "properties": {"name": TEXT}}
        body = {"required": True, "content": of_schema(schema)}

        sent = call(make_client(document({"requestBody": body})), name="x", other=[1])[1]

        assert json.loads(sent.content) == {"name": "x", "other": [1]}

    def test_a_form_is_written_as_its_encoding_says(self, make_client: Make) -> None:
        content = {
            "schema": of(expand=LIST, metadata=MAP, card=MAP, plain=LIST),
            "encoding": {
                "expand": {"explode": False},
                "metadata": {"style": "deepObject", "explode": True},
                "card": {"contentType": "application/json"},
            },
        }
        body = {"required": True, "content": {"application/x-www-form-urlencoded": content}}
        package = make_client(document({"requestBody": body}))

        sent = call(package, expand=["a", "b"], metadata={"k": "v"}, card={"n": "1"}, plain=["c", "d"])[1]

        assert sorted(unquote_plus(sent.content.decode()).split("&")) == [
            'card={"n": "1"}',
            "expand=a,b",
            "metadata[k]=v",
            "plain=c",
            "plain=d",
        ]

    def test_a_part_has_the_content_type_that_its_encoding_says(self, make_client: Make) -> None:
        content = {
            "schema": of(image={"type": "string", "format": "binary"}, offer=TEXT),
            "encoding": {"image": {"contentType": "image/png"}, "offer": {"contentType": "application/sdp"}},
        }
        body = {"required": True, "content": {"multipart/form-data": content}}
        package = make_client(document({"requestBody": body}))

        sent = call(package, image=b"x", offer="v=0")[1].content

        assert b"Content-Type: image/png\r\n\r\nx" in sent
        assert b"Content-Type: application/sdp\r\n\r\nv=0" in sent

    @pytest.mark.parametrize("other", ["application/json", "application/x-www-form-urlencoded"])
    def test_a_body_with_files_is_sent_in_parts_where_it_may_be(self, make_client: Make, other: str) -> None:
        content = {"schema": of(file=FILE)}
        body = {"required": True, "content": {other: content, "multipart/form-data": content}}

        sent = call(make_client(document({"requestBody": body})), file=b"\xff")[1]

        assert b"\r\n\r\n\xff\r\n" in sent.content

    @pytest.mark.parametrize(
        "schema",
        [
            TEXT | {"contentMediaType": "application/json", "contentSchema": {"type": "object"}},
            TEXT | {"contentMediaType": "image/png", "contentEncoding": "base64"},
        ],
    )
    def test_a_text_that_holds_other_content_is_no_file(
        self, make_client: Make, schema: dict[str, Any]
    ) -> None:
        content = {"schema": of(data=schema, file=TEXT | {"contentMediaType": "image/png"})}
        package = make_client(document({"requestBody": {"content": {"multipart/form-data": content}}}))

        sent = call(package, data="e30=", file=b"\xff")[1].content

        assert b'name="data"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\ne30=\r\n' in sent
        assert b'name="file"; filename=' in sent

    @pytest.mark.parametrize(
        ("media_type", "schema", "value", "sent_as"),
        [
            ("*/*", FILE, b"\xff", "application/octet-stream"),
            ("image/*", FILE, "upload", "image/png"),
            ("text/*", TEXT, "a", "text/plain; charset=utf-8"),
            ("text/csv", FILE, b"\xff", "text/csv"),
        ],
    )
    def test_a_body_has_a_type_of_the_range_that_is_stated(
        self, make_client: Make, media_type: str, schema: dict[str, Any], value: Any, sent_as: str
    ) -> None:
        body = {"required": True, "content": {media_type: {"schema": schema}}}
        package = make_client(document({"requestBody": body}))

        given = package.Upload(b"a", "a.png", "image/png") if value == "upload" else value
        sent = call(package, body=given)[1]

        assert sent.headers["Content-Type"] == sent_as
        assert sent.content == (value if isinstance(value, bytes) else b"a")

    def test_bytes_in_a_form_are_percent_encoded(self, make_client: Make) -> None:
        content = {"schema": of(file=FILE, files={"type": "array", "items": FILE})}
        body = {"required": True, "content": {"application/x-www-form-urlencoded": content}}
        package = make_client(document({"requestBody": body}))

        sent = call(package, file=b"\xff", files=[package.Upload(b"a&b")])[1]

        assert sent.content == b"file=%FF&files=a%26b"

    def test_files_are_sent_with_what_the_package_exports(self, make_client: Make) -> None:
        schema = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
        body = {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
        package = make_client(document({"requestBody": body}))

        sent = call(package, file=package.Upload(b"content", "a.txt", "text/plain"))[1]

        assert b'filename="a.txt"\r\nContent-Type: text/plain\r\n\r\ncontent\r\n' in sent.content


@pytest.mark.parametrize(
    ("media_type", "schema", "sent_as", "content", "result"),
    [
        ("*/*", FILE, "application/pdf", b"\xff", b"\xff"),
        ("*/*", TEXT, "text/plain", b"a", "a"),
        ("*/*", TEXT, "application/json", b'"a"', "a"),
        ("*/*", MAP, "application/json", b'{"a": "b"}', {"a": "b"}),
        ("text/csv", FILE, "text/csv", b"\xff", b"\xff"),
        ("text/csv", TEXT, "text/csv", b"a", "a"),
    ],
)
def test_an_answer_is_read_by_its_schema_where_its_type_does_not_tell(
    make_client: Make, media_type: str, schema: Any, sent_as: str, content: bytes, result: Any
) -> None:
    answer = {"200": {"description": "-", "content": {media_type: {"schema": schema}}}}
    package = make_client(document({"responses": answer}))

    def handle(request: httpx.Request) -> httpx.Response:
        del request
        return httpx.Response(200, content=content, headers={"Content-Type": sent_as})

    client = package.MadeClient(http_client=httpx.Client(transport=httpx.MockTransport(handle)))
    assert client.default.ask() == result


@pytest.mark.parametrize(
    ("schema", "good", "bad", "said"),
    [
        (TEXT | {"minLength": 2}, "ab", "a", "is 1 long, and at least 2 is asked for"),
        (TEXT | {"maxLength": 2}, "ab", "abc", "is 3 long, and at most 2 is allowed"),
        ({"type": "integer", "maximum": 2}, 2, 3, "is 3, more than the contract allows"),
        ({"type": ["number", "null"], "minimum": 0}, None, -0.5, "is -0.5, less than the contract allows"),
        ({"type": "array", "items": TEXT | {"pattern": "^a$"}}, ["a"], ["b"], "/0 is not text that matches"),
        ({"type": "array", "maxItems": 1, "items": TEXT}, ["a"], ["a", "b"], "at most 1 is allowed"),
    ],
)
def test_a_value_outside_its_limits_is_refused_before_it_is_sent(
    make_client: Make, schema: dict[str, Any], good: Any, bad: Any, said: str
) -> None:
    parameter = {"in": "query", "name": "value", "required": True, "schema": schema}
    package = make_client(document({"parameters": [parameter]}))

    call(package, value=good)
    with pytest.raises(package.InvalidInputError, match=f"^value.*{said}"):
        call(package, value=bad)


FILTER: dict[str, Any] = {"type": "object", "additionalProperties": {}}


@pytest.mark.parametrize(
    ("parameter", "value", "query"),
    [
        ({"schema": LIST, "explode": False}, ["a", "b,c", "d e"], b"of=a,b%2Cc,d%20e"),
        ({"schema": LIST, "explode": False}, [], b""),
        ({"schema": LIST, "style": "pipeDelimited", "explode": False}, ["a", "b,c"], b"of=a%7Cb%2Cc"),
        ({"schema": LIST, "style": "spaceDelimited", "explode": False}, ["a", "b"], b"of=a%20b"),
        ({"schema": FILTER, "explode": False}, {"a": 1, "b": "x,y"}, b"of=a,1,b,x%2Cy"),
        ({"schema": FILTER, "style": "deepObject"}, {"a": {"b": 1}}, b"of%5Ba%5D%5Bb%5D=1"),
        ({"schema": LIST, "style": "deepObject"}, ["a", "b"], b"of%5B%5D=a&of%5B%5D=b"),
        ({"schema": {"type": "integer"}, "explode": False}, 5, b"of=5"),
    ],
)
def test_a_parameter_of_the_query_is_written_in_its_style(
    make_client: Make, parameter: dict[str, Any], value: Any, query: bytes
) -> None:
    package = make_client(document({"parameters": [{"in": "query", "name": "of", **parameter}]}))

    assert call(package, of=value)[1].url.query == query


def test_what_is_written_already_stands_beside_the_other_parameters(make_client: Make) -> None:
    both = [
        {"in": "query", "name": "ids[]", "schema": LIST, "explode": False},
        {"in": "query", "name": "q", "schema": TEXT},
    ]
    package = make_client(document({"parameters": both}))

    sent = call(package, ids=["a", "b"], q="x y", extra_query={"z": "1"})[1]

    assert sent.url.query == b"q=x+y&z=1&ids%5B%5D=a,b"


def test_a_query_that_stands_in_the_path_is_sent(make_client: Make) -> None:
    parameter = {"in": "query", "name": "of", "schema": TEXT}
    whole = document({"parameters": [parameter]})
    package = make_client(
        {**whole, "paths": {"/ask?action=Do&empty=#top": whole["paths"]["/ask"]}, "components": {}}
    )

    assert call(package, of="x")[1].url == "https://example.com/ask?action=Do&empty=&of=x"


@pytest.mark.parametrize("place", ["path", "query", None])
def test_a_parameter_that_stands_in_the_query_of_the_path_is_sent_once(
    make_client: Make, place: str | None
) -> None:
    parameter = {"in": place, "name": "of", "required": True, "schema": TEXT}
    whole = document({"parameters": [parameter] if place else []})
    package = make_client({**whole, "paths": {"/ask?k=1&of={of}": whole["paths"]["/ask"]}, "components": {}})

    assert call(package, of="a&b")[1].url == "https://example.com/ask?k=1&of=a%26b"


@pytest.mark.parametrize("query", ["filter=id:{id}", "a={id}&b={id}", "a={ask}", "{id}=1"])
def test_a_query_of_the_path_that_cannot_be_filled_in_is_refused(make_client: Make, query: str) -> None:
    with pytest.raises(GenerationError, match=r"^POST /{ask}\?.*: The query .* has no value of its own"):
        make_client({"paths": {f"/{{ask}}?{query}": document({})["paths"]["/ask"]}})


def test_a_text_that_would_be_taken_for_two_is_refused(make_client: Make) -> None:
    parameter = {"in": "query", "name": "of", "schema": LIST, "style": "pipeDelimited", "explode": False}
    package = make_client(document({"parameters": [parameter]}))

    with pytest.raises(package.InvalidInputError, match=r"of cannot be sent: '\|' separates its values"):
        call(package, of=["a|b"])


def test_a_deep_object_that_has_no_properties_is_refused(make_client: Make) -> None:
    parameter = {"in": "query", "name": "of", "schema": TEXT, "style": "deepObject"}

    with pytest.raises(GenerationError, match=r"^POST /ask: The parameter of has the style 'deepObject'"):
        make_client(document({"parameters": [parameter]}))


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([TEXT, {"type": "integer"}], "allOf asks for string and for integer"),
        ([TEXT | {"enum": ["a"]}, TEXT | {"enum": ["b"]}], r"one of \['a'\] and for one of \['b'\]"),
        ([{"const": 1}, {"const": 2}], "allOf asks for 1 and for 2"),
        ([{"type": "integer", "enum": ["1"]}], r"it asks for integer and for one of \['1'\]"),
        ([False], "its schema is false"),
    ],
)
def test_what_contradicts_itself_is_never_sent(make_client: Make, parts: list[Any], reason: str) -> None:
    schema = {"allOf": parts} if len(parts) > 1 else parts[0]
    package = make_client(document({"parameters": [{"in": "query", "name": "of", "schema": schema}]}))

    with pytest.raises(package.InvalidInputError, match=f"^of can have no value, since .*{reason}"):
        call(package, of="a")


def test_what_webhooks_send_is_read_by_models(make_client: Make) -> None:
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    body = {"content": of_schema(schema)}
    package = make_client({"webhooks": {"newPet": {"post": {"requestBody": body, "responses": DONE}}}})

    assert package.NewPetWebhook.from_json('{"id": 7}').id == 7


def test_what_is_no_argument_is_refused_before_anything_is_sent(make_client: Make) -> None:
    schema = {"type": "object", "properties": {"name": TEXT, "id": TEXT | {"readOnly": True}}}
    package = make_client(document({"requestBody": {"content": of_schema(schema)}}))

    with pytest.raises(TypeError, match="A call takes no argument 'id'"):
        call(package, name="x", id="y")


class TestNames:
    def names(self, make_client: Make, *operation_ids: str) -> set[str]:
        paths = {
            f"/{name}": {"get": {"operationId": name, "tags": ["pets"], "responses": DONE}}
            for name in operation_ids
        }
        package = make_client({"servers": [{"url": "https://example.com"}], "paths": paths})
        return {name for name in dir(package.MadeClient().pets) if not name.startswith(("_", "with_"))}

    def test_an_operation_that_is_inserted_renames_no_method(self, make_client: Make) -> None:
        before = self.names(make_client, "get_pets", "list_pets")
        after = self.names(make_client, "get_pet", "get_pets_of_owner", "list_pet", "get_pets", "list_pets")

        assert before == {"get", "list"}
        assert after - before == {"get_pet", "get_of_owner", "list_pet"}

    def test_two_that_would_have_one_name_have_their_names_in_full(self, make_client: Make) -> None:
        assert self.names(make_client, "get_pets", "get", "list_pets") == {"get_pets", "get", "list"}

    def test_a_name_may_be_longer_than_that_of_a_file(self, make_client: Make) -> None:
        schema = of(**{"a" * 300: of(id=TEXT), "a" * 301: of(id=TEXT)})
        paths = {
            f"/{number}": {"get": {"operationId": "ask" * number, "tags": ["t" * 300], "responses": DONE}}
            for number in (100, 101)
        }
        package = make_client({"paths": paths, "components": {"schemas": {"A": schema}}})

        first, second = ({"id": "1"}, {"id": "2"})
        assert package.A.from_dict({"a" * 300: first, "a" * 301: second}).to_dict() == {
            "a" * 300: first,
            "a" * 301: second,
        }
        assert {("ask" * 100)[:200], ("ask" * 100)[:200] + "2"} <= {
            *dir(getattr(package.MadeClient(base_url="https://example.com"), "t" * 200))
        }

    def test_two_that_are_given_one_name_are_refused(self, make_client: Make) -> None:
        paths = {
            f"/{number}": {"get": {"operationId": f"ask_{number}", "x-method": "ask", "responses": DONE}}
            for number in range(2)
        }

        with pytest.raises(
            GenerationError, match=r"ask_0 and ask_1 would both be the method ask of default: "
        ):
            make_client({"paths": paths})

    @pytest.mark.parametrize(
        "name", ["PetsResource", "AsyncPetsResource", "AsyncPetsResourceWithRawResponse"]
    )
    def test_a_schema_may_be_called_as_the_class_of_a_tag(self, make_client: Make, name: str) -> None:
        whole = answering(reference(name)) | {"components": {"schemas": {name: of(id=TEXT)}}}
        whole["paths"]["/ask"]["post"]["tags"] = ["pets"]
        package = make_client(whole)

        assert getattr(package, f"{name}Model").from_dict({"id": "1"}).id == "1"
        assert type(package.MadeClient().pets).__name__ == "PetsResource"

    @pytest.mark.parametrize("tags", [["sync"], ["raw async"], ["pets", "async pets"], ["send", "send_"]])
    def test_the_classes_of_tags_have_names_of_their_own(self, make_client: Make, tags: list[str]) -> None:
        paths = {
            f"/{tag}": {"get": {"operationId": f"ask_{number}", "tags": [tag], "responses": DONE}}
            for number, tag in enumerate(tags)
        }
        package = make_client({"servers": [{"url": "https://example.com"}], "paths": paths})
        client = package.MadeClient(http_client=httpx.Client(transport=httpx.MockTransport(no_content)))

        for number, tag in enumerate(tags):
            resource = getattr(client, "send_" if "send" in tag else tag.replace(" ", "_"))
            assert getattr(resource, f"ask_{number}")() is None


def no_content(request: httpx.Request) -> httpx.Response:
    del request
    return httpx.Response(204)


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


class TestSchemasWithinThemselves:
    @pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
    def test_the_alternatives_of_a_schema_may_extend_it(self, make_client: Make, keyword: str) -> None:
        key = of(kty=TEXT) | {"required": ["kty"], keyword: [reference("Rsa"), reference("Ec")]}
        rsa = {"allOf": [reference("Key"), of(n=TEXT) | {"required": ["n"]}]}
        ec = {"allOf": [reference("Key"), of(x=TEXT)]}
        whole = answering(reference("Key")) | {"components": {"schemas": {"Key": key, "Rsa": rsa, "Ec": ec}}}
        package = make_client(whole)

        assert call(package, {"kty": "RSA", "n": "1"})[0] == package.Rsa(kty="RSA", n="1")
        assert call(package, {"kty": "EC", "x": "1"})[0] == package.Ec(kty="EC", x="1")
        assert sorted(package.models.__all__) == ["Ec", "Rsa"]

    @pytest.mark.parametrize(
        "parts",
        [{"nullable": True, "allOf": [reference("Node")]}, {"allOf": [reference("Node"), of(note=TEXT)]}],
    )
    def test_a_property_may_extend_the_schema_that_has_it(
        self, make_client: Make, parts: dict[str, Any]
    ) -> None:
        node = of(name=TEXT, parent=parts)
        package = make_client(answering(reference("Node")) | {"components": {"schemas": {"Node": node}}})

        found, _ = call(package, {"name": "a", "parent": {"name": "b", "parent": {"name": "c"}}})

        assert (found.name, found.parent.name, found.parent.parent.name) == ("a", "b", "c")

    @pytest.mark.parametrize(
        "schemas",
        [
            {"A": of(x=TEXT) | {"oneOf": [reference("B")]}, "B": of(y=TEXT) | {"oneOf": [reference("A")]}},
            {"A": of(child=of(p=TEXT) | {"oneOf": [reference("A")]})},
            {"A": of(z=TEXT) | {"oneOf": [of(q={"allOf": [reference("A"), of(y=TEXT)]})]}},
            {"A": {"allOf": [{"oneOf": [reference("A"), TEXT]}, of(x=TEXT)]}},
        ],
    )
    def test_what_has_itself_among_its_alternatives_is_made(
        self, make_client: Make, schemas: dict[str, Any]
    ) -> None:
        package = make_client(answering(reference("A")) | {"components": {"schemas": schemas}})

        assert call(package, {})[0] is not None

    def test_what_grows_without_end_is_refused(self, make_client: Make) -> None:
        growing = of(child={"allOf": [reference("A"), of(child={"description": "-"})]})

        with pytest.raises(
            GenerationError, match=r"^#/components/schemas/A: A schema there has itself within"
        ):
            make_client({"components": {"schemas": {"A": growing}}})


def test_what_extends_a_base_with_a_discriminator_is_sent_and_read_whole(make_client: Make) -> None:
    pet = of(kind=TEXT, friends={"type": "array", "items": reference("Pet")})
    cat = {"allOf": [reference("Pet"), of(lives={"type": "integer"})]}
    named = {"Pet": {**pet, "discriminator": {"propertyName": "kind"}}, "Cat": cat}
    content = of_schema(reference("Pet"))
    responses = {"200": {"description": "-", "content": content}}
    operation = {"requestBody": {"required": True, "content": content}, "responses": responses}
    package = make_client(document(operation, named))

    tom, other = {"kind": "Cat", "lives": 9}, {"kind": "Eel", "length": 2}
    answer, request = call(package, {**tom, "friends": [other, tom]}, body=package.Cat.from_dict(tom))

    assert json.loads(request.content) == tom
    assert isinstance(answer, package.Cat)
    assert [type(friend) for friend in answer.friends] == [package.Pet, package.Cat]
    assert answer.to_dict() == {**tom, "friends": [other, tom]}


def notices(whole: dict[str, Any]) -> list[str]:
    """What the generator says of a document that it makes a client of."""
    read = Document({"info": {"title": "Made"}, **whole})
    settings = Settings("made", "made", "1.0.0", "Made")
    schemas = Schemas(read, settings.prefix)
    Reader(read, schemas, Security(read, settings)).resources()
    return schemas.notices


class TestNotices:
    def test_a_value_of_a_discriminator_that_leads_nowhere_is_left_out(self, make_client: Make) -> None:
        mapping = {"a": reference("A")["$ref"], "b": reference("B")["$ref"], "c": reference("Gone")["$ref"]}
        page = {
            "oneOf": [reference("A"), reference("B")],
            "discriminator": {"propertyName": "type", "mapping": mapping},
        }
        kind = of(type=TEXT) | {"required": ["type"]}
        whole = answering(page) | {"components": {"schemas": {"A": kind, "B": kind}}}
        package = make_client(whole)

        assert isinstance(call(package, {"type": "b"})[0], package.B)
        assert notices(whole) == [
            (
                "ask response 200: discriminator: The reference #/components/schemas/Gone leads nowhere. "
                "The value 'c' is left out."
            )
        ]

    def test_a_name_in_a_path_that_no_parameter_describes_is_a_text(self, make_client: Make) -> None:
        whole = document({})
        whole["paths"] = {"/ask/{id}": whole["paths"]["/ask"]}
        package = make_client(whole)

        assert call(package, id="a/b")[1].url.raw_path == b"/ask/a%2Fb"
        assert notices(whole) == ["POST /ask/{id}: No parameter describes {id}: a text is taken."]

    @pytest.mark.parametrize(
        ("stated", "notice"),
        [
            (
                {"parameters": [{"in": "query", "name": "a", "style": "simple", "schema": TEXT}]},
                (
                    "ask: The parameter a in query has the style 'simple': form is taken, "
                    "since those in query have no such style."
                ),
            ),
            (
                {
                    "requestBody": {
                        "content": {
                            "application/json": {},
                            "multipart/form-data": {"schema": of(files={"type": "array", "items": FILE})},
                        }
                    }
                },
                "ask: Its body is sent as application/json, so that no file can be sent with it.",
            ),
            (
                {"responses": {"302": {"description": "Elsewhere."}}},
                (
                    "ask: Its only success is 302: a call raises APIStatusError, "
                    "whose response has the Location."
                ),
            ),
        ],
    )
    def test_what_is_done_otherwise_than_a_document_says_is_told(
        self, stated: dict[str, Any], notice: str
    ) -> None:
        assert notices(document(stated)) == [notice]

    def test_an_enum_of_an_array_that_has_no_array_is_that_of_its_items(self, make_client: Make) -> None:
        schema = LIST | {"enum": ["name", "size"]}
        whole = document({"parameters": [{"in": "query", "name": "sort", "schema": schema}]})

        assert call(make_client(whole), sort=["name", "size"])[1].url.query == b"sort=name&sort=size"
        assert notices(whole) == ["ask sort: its enum has no array: it is taken for that of its items."]

    def test_a_file_as_openapi_2_says_it_is_sent(self, make_client: Make) -> None:
        body = {"content": {"multipart/form-data": {"schema": of(file={"type": "file"})}}}
        whole = document({"requestBody": body})

        assert b"\r\n\r\n\xff\r\n" in call(make_client(whole), file=b"\xff")[1].content
        assert notices(whole) == [
            "AskBody file: its type is 'file', which OpenAPI 3 has no more: bytes are taken."
        ]

    def test_a_body_that_http_does_not_have_is_not_read(self, make_client: Make) -> None:
        whole = document({"responses": {"204": {"description": "Done.", "content": of_schema(of(id=TEXT))}}})

        assert call(make_client(whole))[0] is None
        assert notices(whole) == ["ask: HTTP has no body with 204: none is read."]

    def test_an_extension_of_another_tool_is_ignored(self, make_client: Make) -> None:
        whole = document({"x-pagination": {"limitParam": "count", "resultsPath": "dashboards"}})

        assert not hasattr(make_client(whole).MadeClient().default, "ask_all")
        assert notices(whole) == ["POST /ask: x-pagination is that of another tool, and ignored."]

    def test_two_methods_of_one_name_are_told(self) -> None:
        paths = {path: {"get": {"tags": ["health"], "responses": DONE}} for path in ("/", "/health")}

        assert notices({"paths": paths}) == [
            (
                "GET / and GET /health would be the method get of health: they have their names in full, "
                "unless x-method gives them others."
            )
        ]

    def test_two_operations_of_one_id_are_told(self) -> None:
        paths = {path: {"get": {"operationId": "ask", "responses": DONE}} for path in ("/v1/ask", "/ask")}

        assert notices({"paths": paths}) == [
            "GET /ask: another operation of default is called ask, too: this one is ask2."
        ]

    @pytest.mark.parametrize(
        ("variables", "own", "host", "said"),
        [
            ({"region": {"default": "us"}}, {}, "us.example.com", "'us' for {region} is taken"),
            ({}, {"region": {"enum": ["eu", "us"]}}, "eu.example.com", "'eu' for {region} is taken"),
            ({}, {}, "example.com", "is left out: nothing tells what {region} stands for"),
        ],
    )
    def test_a_server_variable_without_a_default_has_what_else_is_known(
        self, make_client: Make, variables: dict[str, Any], own: dict[str, Any], host: str, said: str
    ) -> None:
        server = {"url": "https://{region}.example.com", "variables": own}
        whole = document({"servers": [server]})
        whole["servers"][0]["variables"] = variables

        assert call(make_client(whole))[1].url.host == host
        assert notices(whole) == [f"POST /ask: The server https://{{region}}.example.com {message(said)}."]

    @pytest.mark.parametrize("url", ["https://{region}.example.com", ""])
    def test_a_client_without_a_server_needs_a_base_url(self, make_client: Make, url: str) -> None:
        package = make_client(document({}) | {"servers": [{"url": url}]})

        with pytest.raises(package.MadeError, match="base_url"):
            package.MadeClient()

    def test_a_reference_that_leads_nowhere_is_refused_with_what_has_it(self, make_client: Make) -> None:
        item = of(id=TEXT, allow=reference("Gone"))

        with pytest.raises(
            GenerationError, match=r"^#/components/schemas/Item: Item\.allow: The reference #.*Gone"
        ):
            make_client({"components": {"schemas": {"Item": item}}})


def message(said: str) -> str:
    return said if said.startswith("is left out") else f"has a variable without a default: {said}"
