# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from attrs import field as _field
from attrs import frozen as _frozen

from .._models import Model
from .._readers import as_object, as_string
from ..errors import InvalidDataError


@final
@_frozen(kw_only=True, repr=False)
class PhoneNumberReputation(Model):
    """The reputation of a line, and where to read what it means.

    Attributes:
        status: The current reputation of the line; HEALTHY until it has been scored.
        doc_url: The section of the phone reputation guide for this status.
    """

    status: ReputationStatus | str
    doc_url: str
    _additional: Mapping[str, Any] | None = _field(default=None, alias="additional_properties", hash=False)

    _attributes: ClassVar[Mapping[str, str]] = {
        "status": "status",
        "doc_url": "doc_url",
    }

    @classmethod
    def from_dict(cls, data: Any) -> PhoneNumberReputation:
        """Read the model from parsed JSON.

        Raises:
            InvalidDataError: The JSON does not match the contract.
        """
        try:
            if len(data) == 2:
                return _shared[
                    data["status"],
                    data["doc_url"],
                ]
        except (KeyError, TypeError):
            pass  # it is new, or wrong, which is found out below
        data = as_object(data)
        at: str = ""
        try:
            at = "status"
            status = ReputationStatus.parse(data[at])
            at = "doc_url"
            doc_url = as_string(data[at])
        except KeyError:
            raise InvalidDataError("is missing").inside(at) from None
        except InvalidDataError as error:
            raise error.inside(at) from None
        if len(data) > 2:
            additional = {key: data[key] for key in data if key not in cls._attributes}
            return cls(status=status, doc_url=doc_url, additional_properties=additional)
        if len(_shared) == 1000:
            _shared.clear()
        return _shared.setdefault(
            (
                data["status"],
                data["doc_url"],
            ),
            cls(status=status, doc_url=doc_url),
        )


_shared: dict[tuple[Any, ...], PhoneNumberReputation] = {}


# At the end, since schemas may refer to each other.
from .reputation_status import ReputationStatus
