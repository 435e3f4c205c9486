"""What openapi-python-client makes of a document, and the kinds of its properties.

The other modules know nothing of its classes.
"""

from __future__ import annotations

import json
from typing import Any

from openapi_python_client.config import Config
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError, ParseError
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import EnumProperty, LiteralEnumProperty, ModelProperty, Property
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty

from . import kinds
from .document import Document
from .errors import GenerationError

__all__ = [
    "Endpoint",
    "EnumProperty",
    "GeneratorData",
    "ModelProperty",
    "Property",
    "kind_of",
    "model_schema",
    "parse",
    "path_of",
    "result_kind",
]

_SCALARS: dict[type[PropertyProtocol], kinds.Kind] = {
    BooleanProperty: kinds.BOOLEAN,
    DateProperty: kinds.DATE,
    DateTimeProperty: kinds.DATE_TIME,
    FloatProperty: kinds.NUMBER,
    IntProperty: kinds.INTEGER,
    NoneProperty: kinds.Constant("None"),
    StringProperty: kinds.Text(),
    UuidProperty: kinds.UUID,
}


def parse(document: Document, config: Config) -> GeneratorData:
    """Have openapi-python-client parse a document.

    Raises:
        GenerationError: It fails, or leaves something out.

    """
    data = GeneratorData.from_dict(document.raw, config=config)
    if isinstance(data, GeneratorError):
        raise GenerationError(_told([data]))
    in_operations = [
        error for tagged in data.endpoint_collections_by_tag.values() for error in tagged.parse_errors
    ]
    if problems := [*data.errors, *in_operations]:
        raise GenerationError(_told(problems))
    return data


def _told(problems: list[GeneratorError] | list[ParseError]) -> str:
    return "\n\n".join("\n".join(filter(None, [each.header, each.detail, _place(each)])) for each in problems)


def _place(problem: GeneratorError) -> str | None:
    if not isinstance(problem, ParseError) or problem.data is None:
        return None
    return problem.data.model_dump_json(by_alias=True, exclude_unset=True)


def kind_of(prop: PropertyProtocol) -> kinds.Kind:
    """Return the kind of the values of a property."""
    match prop:
        case EnumProperty():
            return kinds.Enumeration(prop.class_info.name, prop.value_type.__name__)
        case ModelProperty():
            return kinds.Object(prop.class_info.name)
        case ListProperty():
            return kinds.Array(kind_of(prop.inner_property))
        case UnionProperty():
            return _union([kind_of(each) for each in prop.inner_properties])
        case ConstProperty():
            return kinds.Constant(prop.value.python_code.as_unembedded_code())
        case LiteralEnumProperty():
            raise GenerationError(f"{prop.class_info.name}: enums are classes, set literal_enums to false.")
        case _:
            return _SCALARS.get(type(prop), kinds.Anything())


def _union(options: list[kinds.Kind]) -> kinds.Kind:
    null = kinds.Constant("None")
    others = tuple(option for option in options if option != null)
    kind = others[0] if len(others) == 1 else kinds.OneOf(others)
    return kind if len(others) == len(options) else kinds.Nullable(kind)


def path_of(endpoint: Endpoint) -> str:
    """Return the path of an operation as it was written: the parser puts in names of Python."""
    path = endpoint.path.get_untrusted_value()
    for prop in endpoint.path_parameters:
        path = path.replace(f"{{{prop.python_name}}}", f"{{{prop.name.get_untrusted_value()}}}")
    return path


def result_kind(endpoint: Endpoint) -> kinds.Kind | None:
    """Return the kind of what a successful answer holds; None when it holds nothing."""
    for response in endpoint.responses.patterns:
        statuses = response.status_code.range
        if statuses and 200 <= statuses[0] < 300:
            return None if response.source["attribute"] == "None" else kind_of(response.prop)
    return None


def model_schema(model: ModelProperty) -> dict[str, Any]:
    """Return the schema of a model as it was written."""
    schema: dict[str, Any] = json.loads(model.data.model_dump_json(by_alias=True, exclude_unset=True))
    return schema
