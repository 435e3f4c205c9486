"""Faults of the check of forwarding numbers: texts that are taken although they are not E.164."""
# ruff: noqa: ARG002 - a step takes what all steps of its kind take

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, ClassVar

from linq_mock.faults.base import Fault
from linq_mock.problems import Code, Problem

if TYPE_CHECKING:
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call

STORED = ("list.schema", "list.forwarding-number")
"""What breaks besides when a text that is not E.164 is stored as it came."""


class Mends(Fault):
    """Makes something else of a number before it is checked."""

    def mended(self, number: str) -> str:
        raise NotImplementedError

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        number = body.get("forwarding_number")
        if isinstance(number, str) and number:
            body = {**body, "forwarding_number": self.mended(number)}
        return super().forwarding_number(call, body)


class AddsPlus(Mends, name="update.invalid-number/adds-plus"):
    """A missing plus is added."""

    def mended(self, number: str) -> str:
        return "+" + number if number[0] in "123456789" else number


class DoubleZero(Mends, name="update.invalid-number/00-for-plus"):
    """The international prefix 00 is taken for a plus."""

    def mended(self, number: str) -> str:
        return "+" + number[2:] if number.startswith("00") else number


class NationalNumber(Mends, name="update.invalid-number/national"):
    """Ten digits are taken for a number of the United States."""

    def mended(self, number: str) -> str:
        return "+1" + number if re.fullmatch("[2-9][0-9]{9}", number) else number


class DropsSpaces(Mends, name="update.invalid-number/drops-spaces"):
    """Spaces within a number are dropped."""

    def mended(self, number: str) -> str:
        return number[:1] + number[1:-1].replace(" ", "") + number[-1:]


class DropsPunctuation(Mends, name="update.invalid-number/drops-punctuation"):
    """Hyphens, dots and brackets are dropped."""

    def mended(self, number: str) -> str:
        return number.translate(dict.fromkeys(map(ord, "-.()/")))


class DropsUnicodeDashes(Mends, name="update.invalid-number/drops-unicode-dashes"):
    """Dashes and minus signs of other scripts are dropped, the hyphen is not."""

    def mended(self, number: str) -> str:
        return "".join(c for c in number if c == "-" or (unicodedata.category(c) != "Pd" and c != "\u2212"))


class Trims(Mends, name="update.invalid-number/trims"):
    """White space around a number is stripped."""

    def mended(self, number: str) -> str:
        return number.strip()


class DropsInvisible(Mends, name="update.invalid-number/drops-invisible"):
    """Invisible characters, such as a zero-width space or a byte order mark, are dropped."""

    def mended(self, number: str) -> str:
        return "".join(c for c in number if unicodedata.category(c) != "Cf")


class CutsAtNul(Mends, name="update.invalid-number/cut-at-nul"):
    """A text ends at its first NUL, as in C."""

    def mended(self, number: str) -> str:
        return number.partition("\0")[0]


class DropsControls(Mends, name="update.invalid-number/drops-control-characters"):
    """Control characters are dropped."""

    def mended(self, number: str) -> str:
        return "".join(c for c in number if unicodedata.category(c) != "Cc")


class DropsSurrogates(Mends, name="update.invalid-number/drops-lone-surrogates"):
    """What cannot be encoded is dropped."""

    def mended(self, number: str) -> str:
        return number.encode("utf-8", "ignore").decode()


class FoldsWidth(Mends, name="update.invalid-number/full-width"):
    """Numbers are normalized by compatibility, which makes ASCII of full-width signs."""

    def mended(self, number: str) -> str:
        return unicodedata.normalize("NFKC", number)


class FullWidthPlus(Mends, name="update.invalid-number/full-width-plus"):
    """A full-width plus is taken for a plus."""

    def mended(self, number: str) -> str:
        return number.replace("\uff0b", "+")


class OtherDigits(Mends, name="update.invalid-number/digits-of-other-scripts"):
    """Digits of every script are digits."""

    def mended(self, number: str) -> str:
        return "".join(str(unicodedata.digit(c, c)) if unicodedata.category(c) == "Nd" else c for c in number)


class Vanity(Mends, name="update.invalid-number/letters"):
    """Letters are dialled as on a telephone keypad."""

    def mended(self, number: str) -> str:
        letters = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
        return number.upper().translate(letters) if number.startswith("+1") else number


class DropsExtension(Mends, name="update.invalid-number/drops-extension"):
    """An extension after the number is dropped."""

    def mended(self, number: str) -> str:
        return re.split(r"\s*(?:;ext=|;|x|ext|#|,)", number, maxsplit=1)[0] if number[0] == "+" else number


class TelUri(Mends, name="update.invalid-number/tel-uri"):
    """A tel URI is taken for its number."""

    def mended(self, number: str) -> str:
        return re.sub("^tel:", "", number, flags=re.IGNORECASE)


class SeveralPluses(Mends, name="update.invalid-number/several-pluses"):
    """All pluses are stripped and one is put in front."""

    def mended(self, number: str) -> str:
        return "+" + number.replace("+", "") if number[0] == "+" else number


class CutLong(Mends, name="update.invalid-number/cut-when-very-long"):
    """A text of more than a thousand characters is cut to the width of its column."""

    def mended(self, number: str) -> str:
        return number[:16] if len(number) > 1000 else number


class DropsTrunkZero(Mends, name="update.invalid-number/drops-leading-zero"):
    """Zeros after the plus are dropped."""

    def mended(self, number: str) -> str:
        return "+" + number[1:].lstrip("0") if number[0] == "+" else number


class FoundWithin(Mends, name="update.invalid-number/found-within-text"):
    """The first number within a text counts."""

    def mended(self, number: str) -> str:
        found = re.search(r"(?<![\w+])\+[1-9][0-9]{6,14}(?!\w)", number, re.ASCII)
        return found[0] if found and len(number) > len(found[0]) + 2 else number


class Takes(Fault):
    """Takes a text that is not E.164 as it came."""

    pattern: ClassVar[str] = ""

    def is_e164(self, call: Call, number: str) -> bool:
        return super().is_e164(call, number) or re.fullmatch(self.pattern, number) is not None


class TrailingNewline(Takes, name="update.invalid-number/trailing-newline", also=STORED):
    """The pattern ends with a dollar, which also matches before a newline at the end."""

    pattern = r"\+[1-9][0-9]{1,14}\n"


class LeadingZero(Takes, name="update.invalid-number/leading-zero", also=STORED):
    """The first digit may be a zero."""

    pattern = r"\+0[0-9]{1,14}"


class SixteenDigits(Takes, name="update.invalid-number/16-digits", also=STORED):
    """The length that is counted does not include the plus."""

    pattern = r"\+[1-9][0-9]{15}"


class AnyLength(Takes, name="update.invalid-number/any-length", also=STORED):
    """There is no limit of the length."""

    pattern = r"\+[1-9][0-9]{15,}"


class OneDigit(Takes, name="update.invalid-number/one-digit", also=STORED):
    """One digit is enough."""

    pattern = r"\+[1-9]"


class PlusAlone(Takes, name="update.invalid-number/plus-alone", also=STORED):
    """A plus without digits is a number that is being typed."""

    pattern = r"\+"


class NoPlusStored(Takes, name="update.invalid-number/no-plus", also=STORED):
    """The plus is optional."""

    pattern = r"[1-9][0-9]{6,14}"


class UnicodeDigits(Takes, name="update.invalid-number/unicode-digits", also=STORED):
    r"""The pattern says \d, which matches digits of every script."""

    pattern = r"\+[1-9]\d{1,14}"


class AnyText(Takes, name="update.invalid-number/any-text", also=STORED):
    """Only the presence of a text is checked."""

    pattern = r"(?s).{1,64}"


class AnythingAfter(Takes, name="update.invalid-number/anything-after", also=STORED):
    """The pattern is not anchored at its end."""

    pattern = r"(?s)\+[1-9][0-9]{1,14}[^0-9\n].{0,50}"


class OtherAnswer(Fault):
    """Refuses a kind of text in another way."""

    code: ClassVar[int] = Code.NOT_E164
    status: ClassVar[int | None] = None

    def concerns(self, number: str) -> bool:
        return True

    def is_e164(self, call: Call, number: str) -> bool:
        valid = super().is_e164(call, number)
        if not valid and self.concerns(number):
            raise Problem(self.code, "The number cannot be used", status=self.status)
        return valid


class AsInvalidValue(OtherAnswer, name="update.invalid-number/letters-as-1005"):
    """A text with letters is an invalid value rather than an invalid number."""

    code = Code.INVALID_PARAMETER

    def concerns(self, number: str) -> bool:
        return any(letter.isalpha() for letter in number)


class Unprocessable(OtherAnswer, name="update.invalid-number/422"):
    """Invalid numbers are answered with the status of the framework's validator."""

    status = 422


class LongAsInvalidBody(OtherAnswer, name="update.invalid-number/long-as-1003"):
    """A long text is refused as an invalid body."""

    code = Code.INVALID_BODY

    def concerns(self, number: str) -> bool:
        return len(number) > 255


class CrashOnNul(OtherAnswer, name="update.invalid-number/500-on-nul"):
    """A NUL crashes the database driver."""

    code = Code.INTERNAL

    def concerns(self, number: str) -> bool:
        return "\0" in number


class CrashOnSurrogate(OtherAnswer, name="update.invalid-number/500-on-lone-surrogate"):
    """A lone surrogate crashes where the number is logged."""

    code = Code.INTERNAL

    def concerns(self, number: str) -> bool:
        return any(0xD800 <= ord(letter) <= 0xDFFF for letter in number)


class CrashOnLong(OtherAnswer, name="update.invalid-number/500-on-10000-characters"):
    """A text that its column cannot hold crashes."""

    code = Code.INTERNAL

    def concerns(self, number: str) -> bool:
        return len(number) >= 5000


class CrashOnEmoji(OtherAnswer, name="update.invalid-number/500-beyond-the-bmp"):
    """A character of four bytes crashes a database of three."""

    code = Code.INTERNAL

    def concerns(self, number: str) -> bool:
        return any(ord(letter) > 0xFFFF for letter in number)
