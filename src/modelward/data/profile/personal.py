"""Personal data in text: found by its form, then checked by a library; counted and placed, never repeated.

E-mail addresses, IP addresses that anybody can reach, telephone numbers (phonenumbers), payment cards and
IBANs (python-stdnum: check digits), and national identity numbers whose form or check digits leave little to
chance. Names and addresses are not looked for: nothing light and offline finds them reliably.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from modelward.core.errors import MissingExtra, UsageError
from modelward.data.cells import Value
from modelward.data.profile.sketches import merged_examples
from modelward.data.profile.view import View, text_of

#: Places that are named of each kind and column.
PLACES = 20
#: Characters of one cell that are searched.
SEARCHED = 100_000

_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?P<top>[a-z]{2,24})(?![\w-])",
    re.IGNORECASE | re.ASCII,
)
#: Domains that belong to nobody (RFC 2606).
_NOBODY = re.compile(r"[@.](?:example\.(?:com|org|net)|(?:example|test|invalid|localhost))\Z", re.IGNORECASE)
_IP = re.compile(
    r"(?<![\w.:/])(?:(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{1,4})(?![\w.:]*\w)",
    re.IGNORECASE | re.ASCII,
)
_PHONE = re.compile(r"(?<![\w+.])\+\d[\d ().-]{6,18}\d(?!\w)", re.ASCII)
_NATIONAL_PHONE = re.compile(r"(?<![\w+.,-])(?!\d{4}-\d\d-\d\d)\(?\d[\d ().-]{6,16}\d(?![\w,-])", re.ASCII)
#: Fewer digits make no number that is looked for.
_MIN_DIGITS = 6
#: Nor an IP address, unless it has `::`.
_IP_DIGITS = 4

#: Kind -> its form and the module of python-stdnum that checks it.
NUMBERS: dict[str, tuple[str, str]] = {
    "payment card": (
        r"(?:(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|6(?:011|5\d{2}))(?:[ -]?\d{4}){3}"
        r"|3[47]\d{2}[ -]?\d{6}[ -]?\d{5})",
        "luhn",
    ),
    "IBAN": (r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?", "iban"),
    "US social security number": (r"\d{3}-\d{2}-\d{4}", "us.ssn"),
    "French NIR": (r"[1-478] ?\d{2} ?[0-9]{2} ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}", "fr.nir"),
    "Spanish DNI": (r"\d{8}-?[A-Z]", "es.dni"),
    "Spanish NIE": (r"[XYZ]-?\d{7}-?[A-Z]", "es.nie"),
    "Italian codice fiscale": (r"[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]", "it.codicefiscale"),
    "Brazilian CPF": (r"\d{3}\.\d{3}\.\d{3}-\d{2}", "br.cpf"),
    "German IdNr": (r"\d{2} \d{3} \d{3} \d{3}", "de.idnr"),
    "Polish PESEL": (r"(?:PESEL|pesel)[ :.nr]{0,5}\d{11}", "pl.pesel"),
    "Swedish personnummer": (r"\d{6}[-+]\d{4}", "se.personnummer"),
    "Finnish HETU": (r"\d{6}[-+A]\d{3}[0-9A-Y]", "fi.hetu"),
    "Chinese resident identity": (r"\d{17}[\dX]", "cn.ric"),
    "Indian Aadhaar": (r"\d{4} \d{4} \d{4}", "in_.aadhaar"),
    "Korean RRN": (r"\d{6}-[1-8]\d{6}", "kr.rrn"),
    "Mexican CURP": (r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d", "mx.curp"),
}
_FORMS = "|".join(form for form, _ in NUMBERS.values())
_ANY_NUMBER = re.compile(rf"(?<![\w.+-])(?=[A-Zp0-9][A-Ze0-9 -]?[A-Zs0-9. -])(?:{_FORMS})(?![\w-])", re.ASCII)
_NUMBERS = {
    kind: re.compile(rf"(?<![\w.+-]){form}(?![\w-])", re.ASCII) for kind, (form, _) in NUMBERS.items()
}

#: Every kind that is looked for.
KINDS = ("e-mail address", "IP address", "telephone number", *NUMBERS)


def available() -> bool:
    """Whether the libraries that check numbers are installed."""
    try:
        _phonenumbers()
        _checker("luhn")
    except MissingExtra:
        return False
    return True


def check_regions(regions: Sequence[str]) -> tuple[str, ...]:
    """The codes of countries, in upper case. Raises UsageError for one that there is not, MissingExtra."""
    codes = tuple(region.upper() for region in regions)
    for code in codes:
        if code not in _phonenumbers().SUPPORTED_REGIONS:
            raise UsageError(f"not the code of a country: {code[:20]!r}", help="write --region GB")
    return codes


def kinds_in(text: str, regions: Sequence[str] = ()) -> set[str]:
    """The kinds of personal data in a text. `regions` are countries whose national phone numbers count."""
    found = set()
    text = text[:SEARCHED]
    if "@" in text and any(not _NOBODY.search(match[0]) for match in _EMAIL.finditer(text)):
        found.add("e-mail address")
    if text.count(":") > 2 or text.count(".") > 2:
        found.update("IP address" for match in _IP.finditer(text) if _is_reachable(match[0]))
    data = text.encode("ascii", "replace")
    if len(data) - len(data.translate(None, b"0123456789")) < _MIN_DIGITS:
        return found
    if _ANY_NUMBER.search(text):
        for kind, form in _NUMBERS.items():
            check = _checker(NUMBERS[kind][1])
            if any(check(match[0]) for match in form.finditer(text)):
                found.add(kind)
    if _has_phone(text, regions, found):
        found.add("telephone number")
    return found


def _is_reachable(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_global
    except ValueError:
        return False


def _has_phone(text: str, regions: Sequence[str], others: set[str]) -> bool:
    phones = _phonenumbers()
    candidates: list[tuple[str, str | None]] = [(match[0], None) for match in _PHONE.finditer(text)]
    if regions:
        spoken = [match[0] for match in _NATIONAL_PHONE.finditer(text)]
        candidates += [(one, region) for one in spoken if not _is_other(one, others) for region in regions]
    for candidate, region in candidates:
        try:
            if phones.is_valid_number(phones.parse(candidate, region)):
                return True
        except phones.NumberParseException:
            continue
    return False


def _is_other(text: str, others: set[str]) -> bool:
    """Whether it is one of the numbers found before: 4111 1111 1111 1111 is no telephone number."""
    return any(kind in others and form.fullmatch(text) for kind, form in _NUMBERS.items())


def _phonenumbers() -> Any:
    try:
        import phonenumbers
    except ImportError:
        raise MissingExtra("profile", "finding personal data") from None
    return phonenumbers


@cache
def _checker(name: str) -> Callable[[str], bool]:
    try:
        module = import_module(f"stdnum.{name}")
    except ImportError:
        raise MissingExtra("profile", "finding personal data") from None
    is_valid = module.is_valid

    def check(text: str) -> bool:
        if (
            name == "pl.pesel"
        ):  # eleven digits are too often a telephone number: the word must stand before them
            text = text[-11:]
        bare = text.replace(" ", "").replace("-", "") if name in ("luhn", "iban", "in_.aadhaar") else text
        return bool(is_valid(bare.replace(" ", "")))

    return check


class PersonalData:
    """In how many rows of which column each kind is, and the first places."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._places: dict[tuple[str, str], list[int]] = {}

    def update(self, view: View) -> None:
        """Search a batch."""
        for name, values in view.columns.items():
            alone = view.plan.text == (name,) and view.texts is values
            digits = view.words.digits.tolist() if alone else None
            for at, value in enumerate(values):
                if digits is not None and digits[at] < _IP_DIGITS and "@" not in value and "::" not in value:
                    continue
                if type(value) in (str, list, dict):
                    for kind in self._kinds(value, view.plan.regions):
                        self._note((kind, name), int(view.places[at]))

    @staticmethod
    def _kinds(value: Value, regions: Sequence[str]) -> set[str]:
        text = value if isinstance(value, str) else text_of(value)
        return kinds_in(text, regions) if len(text) > 5 else set()

    def _note(self, key: tuple[str, str], place: int) -> None:
        self._counts[key] = self._counts.get(key, 0) + 1
        places = self._places.setdefault(key, [])
        if len(places) < PLACES:
            places.append(place)

    def merge(self, other: PersonalData) -> None:
        """Add what the other saw."""
        for key, count in other._counts.items():
            self._counts[key] = self._counts.get(key, 0) + count
            self._places[key] = merged_examples(self._places.get(key, []), other._places[key], PLACES)

    def result(self) -> list[tuple[str, str, int, list[int]]]:
        """Kind, column, rows, first places."""
        return [(*key, self._counts[key], self._places[key]) for key in sorted(self._counts)]
