"""Personal data: found by form and check digits; what only looks like it is left alone."""

from __future__ import annotations

import sys

import pytest
from tests.data.profile.conftest import view

from modelward.core.errors import MissingExtra, UsageError
from modelward.data.profile import personal
from modelward.data.profile.personal import PersonalData, available, check_regions, kinds_in


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write to ann.o'hara+x@mail.acme.io today", "e-mail address"),
        ("from 8.8.8.8 at noon", "IP address"),
        ("host 2001:4860:4860::8888 up", "IP address"),
        ("call +44 20 7946 0958 now", "telephone number"),
        ("call +1 (650) 253-0000", "telephone number"),
        ("card 4111 1111 1111 1111 exp", "payment card"),
        ("amex 378282246310005", "payment card"),
        ("to DE89 3704 0044 0532 0130 00 please", "IBAN"),
        ("ssn 536-90-4399", "US social security number"),
        ("nir 1 84 12 76 451 089 46", "French NIR"),
        ("dni 54362315K", "Spanish DNI"),
        ("cf RCCMNL83S18D969H", "Italian codice fiscale"),
        ("cpf 390.533.447-05", "Brazilian CPF"),
        ("pesel 44051401359", "Polish PESEL"),
        ("hetu 131052-308T", "Finnish HETU"),
    ],
)
def test_is_found(text: str, kind: str) -> None:
    assert kind in kinds_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "write to someone@example.com",
        "a handle @ann and an @ sign",
        "from 10.0.0.1, 192.168.1.1 and 127.0.0.1 at 12:30:45:11",
        "version 1.2.3 of 300.1.2.3",
        "card 4111 1111 1111 1112",
        "order 1234567890123456",
        "to DE89 3704 0044 0532 0130 01",
        "000-12-3456 and 666-12-3456",
        "12345678A",
        "pesel 44051401358",
        "on 2024-01-02 12:33:44.123 it cost 1,234,567.89",
        "3.14159265358979323846",
        "call 555 0100",
        "ring 44051401359 now",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert kinds_in(text) == set()


def test_national_numbers_need_a_region() -> None:
    text = "ring 020 7946 0958 after six"
    assert kinds_in(text) == set()
    assert kinds_in(text, check_regions(("gb",))) == {"telephone number"}
    assert kinds_in("4111 1111 1111 1111", ("US", "GB")) == {"payment card"}


def test_a_country_that_there_is_not_is_refused() -> None:
    with pytest.raises(UsageError, match="not the code of a country"):
        check_regions(("XX",))


def test_rows_are_named_and_nothing_else() -> None:
    found = PersonalData()
    found.update(view({"text": ["nobody here at all", "mail bob@acme.io to me"], "n": [1, 2]}, first=40))
    found.update(view({"turns": [[{"role": "user", "content": "i am eve@acme.io"}]]}, first=50))
    assert found.result() == [
        ("e-mail address", "text", 1, [41]),
        ("e-mail address", "turns", 1, [50]),
    ]


def test_parts_merge_to_the_whole() -> None:
    one, other = PersonalData(), PersonalData()
    other.update(view({"text": ["mail bob@acme.io to me"] * 30}))
    one.update(view({"text": ["mail eve@acme.io to me"] * 5}, first=100))
    one.merge(other)
    ((_, _, rows, places),) = one.result()
    assert rows == 35
    assert places == list(range(personal.PLACES))


def test_a_long_cell_of_near_misses_takes_no_time() -> None:
    assert kinds_in("a@" * 60_000 + "1." * 20_000) == set()
    assert kinds_in("1" * 100_000) == set()
    assert kinds_in("1 " * 50_000) == set()


def test_without_the_libraries_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    assert not available()
    with pytest.raises(MissingExtra, match="profile"):
        check_regions(("GB",))
