"""Compressed bodies, of which no more is made than is read of an answer."""

from __future__ import annotations

import zlib

from linq_contract.http.excess import Limits

ZLIB = 15  # zlib's way to say: a header of its own, and the largest window
GZIP = 16 + ZLIB  # the same with the header of gzip


def inflated(body: bytes, kind: int, limits: Limits) -> bytes:
    """The body without its compression; as it is where it does not have it. Raises ExcessError."""
    found = bytearray()
    rest = body
    try:
        while rest:
            member = zlib.decompressobj(kind)
            found += member.decompress(rest, limits.body + 1 - len(found))
            limits.check_size(len(found))
            if not member.eof:
                return body
            rest = member.unused_data
    except zlib.error:
        return body
    return bytes(found)
