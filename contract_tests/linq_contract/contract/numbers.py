"""Phone numbers: what is E.164, what is plausible, and which are safe to set.

Every number that a run sets as a valid forwarding number comes from a range that is reserved for fiction,
so that no stranger's phone can ring: nearly all from +1 NPA 555 0100 to 0199 of the North American Numbering
Plan, a few from those of regulators elsewhere.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

import phonenumbers

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_FICTION = re.compile(
    r"\+(?:1[2-9][0-9]{2}55501[0-9]{2}"  # North America
    r"|442079460[0-9]{3}"  # Ofcom: London, 020 7946 0000 to 0999
    r"|6125550[0-9]{4}"  # ACMA: New South Wales, (02) 5550 0000 to 9999
    r"|3319900[0-9]{4}"  # ARCEP: Paris, 01 99 00 00 00 to 99 99
    r"|493023125[0-9]{3}"  # Bundesnetzagentur: Berlin, (030) 23125 000 to 999
    r"|468465004[0-9]{2})"  # PTS: Stockholm, 08-465 004 00 to 99
)
FICTION_ABROAD = (
    *("+442079460018", "+61255500123", "+33199001234", "+493023125123", "+46846500412"),
    *("+16045550123", "+18005550199"),  # Vancouver, and toll-free
)
"""Fictional numbers of other countries, and of kinds, than those of `fiction`."""
AREA_CODES = (
    *("202", "212", "213", "305", "312", "404", "415"),
    *("503", "602", "617", "702", "713", "808", "907"),
)
_LINES_PER_AREA = 100  # 0100 to 0199
_MOST_DIGITS = 15  # E.164
_REMEMBERED = 2_000  # numbers, some more than a run sets; looking at a plan takes long


def is_e164(value: object) -> bool:
    """Whether the value is a text of `+` and 2 to 15 ASCII digits, the first of them not 0."""
    return isinstance(value, str) and _E164.fullmatch(value) is not None


@functools.lru_cache(maxsize=_REMEMBERED)
def is_plausible(number: str) -> bool:
    """Whether `phonenumbers` knows a numbering plan that has this E.164 number."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def is_fiction(number: str) -> bool:
    """Whether the number is one of those that are reserved for fiction."""
    return _FICTION.fullmatch(number) is not None


def fiction(index: int) -> str:
    """The fictional number with that index; indices wrap around after all are used."""
    area, line = divmod(index, _LINES_PER_AREA)
    return f"+1{AREA_CODES[area % len(AREA_CODES)]}55501{line:02d}"


def same_ending(number: str) -> str:
    """A fictional number of another area that ends in the same digits."""
    return next(f"+1{area}{number[5:]}" for area in AREA_CODES if area != number[2:5])


def same_area(number: str) -> str:
    """The fictional number that differs in the last digit only."""
    return number[:-1] + str((int(number[-1]) + 1) % 10)


def endless_fiction(start: int) -> Iterator[str]:
    """Fictional numbers, each different from its neighbours in area and line."""
    index = start
    while True:
        yield fiction(index)
        index += _LINES_PER_AREA + 7


def lenient_reading(text: str) -> str:
    """What a lenient server might make of a text: its digits, as a number of at most 15 digits."""
    digits = "".join(str(unicodedata.digit(c)) for c in text if unicodedata.digit(c, None) is not None)
    return f"+{digits.lstrip('0')[:_MOST_DIGITS]}"


def could_ring_a_stranger(text: str) -> bool:
    """Whether a lenient server might read the text as an assigned number that is not fictional.

    Assigned means: `phonenumbers` takes it for valid after everything but its digits is dropped.
    """
    number = lenient_reading(text)
    return not is_fiction(number) and is_plausible(number)
