# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from ..errors import InvalidDataError
from ..types import (
    Model,
    as_object,
    as_string,
)
from .reputation_status import ReputationStatus


class PhoneNumberHealthStatus(Model):
    """The same as PhoneNumberReputation, under its older name.

    Attributes:
        status: The current reputation of the line; HEALTHY until it has been scored.
        doc_url: The section of the phone reputation guide for this status.
    """

    __slots__ = (
        "status",
        "doc_url",
    )

    _names: ClassVar[Mapping[str, str]] = {
        "status": "status",
        "doc_url": "doc_url",
    }

    status: ReputationStatus | str
    doc_url: str

    def __init__(
        self,
        *,
        status: ReputationStatus | str,
        doc_url: str,
        additional_properties: dict[str, Any] | None = None,
    ) -> None:
        self.status = status
        self.doc_url = doc_url
        self._additional = additional_properties

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Read the model from parsed JSON.

        Raises:
            InvalidDataError: The JSON does not match the contract.
        """
        data = as_object(data)
        self = cls.__new__(cls)
        at = ""
        try:
            at = "status"
            self.status = ReputationStatus.parse(data[at])
            at = "doc_url"
            self.doc_url = as_string(data[at])
        except KeyError:
            raise InvalidDataError("is missing").inside(at) from None
        except InvalidDataError as error:
            raise error.inside(at) from None
        unnamed = len(data) - 2
        self._additional = {key: data[key] for key in data if key not in cls._names} if unnamed else None
        return self
