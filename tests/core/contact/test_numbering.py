"""Whose number it is: the plan's ranges, area codes and countries; Google's metadata is the independent judge."""

import re

import pandas as pd
import phonenumbers
import pytest
from phonenumbers.data.region_CN import PHONE_METADATA_CN

from lib.contact.numbering import (
    EXAMPLE_RANGE,
    ORDINARY_MOBILE,
    NumberKind,
    country_code,
    kind_of,
    kinds,
    place_of,
    places,
)
from lib.words import LANGUAGES

RANGES = [f"1{number}" for number in range(300, 1000)]


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("13012121211", "mobile"), ("13481212121", "mobile"), ("13491212121", "satellite"), ("17401212121", "satellite"),
        ("17491212121", "satellite"), ("17451212121", "unassigned"), ("16212121211", "virtual"), ("16512121211", "virtual"),
        ("16712121211", "virtual"), ("17012121211", "virtual"), ("17112121211", "virtual"), ("14012121211", "iot"),
        ("14812121211", "iot"), ("17212121211", "iot"), ("1064812345678", "iot"), ("1440012345678", "iot"),
        ("15412121211", "unassigned"), ("16101212121", "mobile"), ("16112121211", "unassigned"), ("17912121211", "unassigned"),
        ("19212121211", "mobile"), ("19412121211", "unassigned"), ("01012345678", "landline"), ("03111234567", "landline"),
        ("03421234567", "unassigned"), ("02612345678", "unassigned"), ("4001234567", "service"), ("95588", "service"),
        ("+85291234567", "hong_kong"), ("+85366123456", "macao"), ("+886912345678", "taiwan"), ("+13012121211", "foreign"),
        ("+99912345678", "unassigned"), ("13012121211_x9k2", "other"), ("", "other"), ("1301212121", "other"),
    ],
)  # fmt: skip
def test_every_kind_of_number_is_told_apart(number, kind):
    assert kind_of(number) == kind


def test_the_pattern_of_ordinary_mobiles_and_the_table_of_ranges_say_the_same():
    by_pattern = {prefix for prefix in RANGES if re.fullmatch(ORDINARY_MOBILE, prefix + "0000000")}
    by_table = {
        prefix for prefix in RANGES if kind_of(prefix + "0000000") in (NumberKind.MOBILE, NumberKind.VIRTUAL)
    }
    assert by_pattern == by_table
    assert len(by_pattern) > 400


def test_the_mobile_ranges_agree_with_the_judge_but_for_machines_and_satellites():
    mobile = re.compile(PHONE_METADATA_CN.mobile.national_number_pattern)
    numbers = [prefix + "0012121"[-7:] for prefix in RANGES]
    ours = {
        number[:4] for number in numbers if kind_of(number) not in (NumberKind.UNASSIGNED, NumberKind.IOT)
    }
    theirs = {number[:4] for number in numbers if mobile.fullmatch(number)}
    assert ours - theirs == {"1741", "1749"}
    assert {prefix[:3] for prefix in theirs - ours} == {"172"}
    assert {kind_of(prefix + "0012121") for prefix in theirs - ours} == {NumberKind.IOT}


def test_the_area_codes_are_those_of_the_judge():
    landline = re.compile(PHONE_METADATA_CN.fixed_line.national_number_pattern)
    every = ["10", *(str(code) for code in range(20, 30)), *(str(code) for code in range(310, 1000))]
    theirs = {
        "0" + code for code in every for rest in ("6234567", "62345678") if landline.fullmatch(code + rest)
    }
    assert theirs - places("area").keys() == {"0978"}  # once Qinghai's, given up
    assert places("area").keys() - theirs == set()


def test_the_country_codes_are_those_of_the_judge():
    assert {int(code) for code in places("country")} == phonenumbers.COUNTRY_CODE_TO_REGION_CODE.keys() - {86}


@pytest.mark.parametrize("kind", ["area", "country"])
def test_every_place_has_a_name_in_each_language(kind):
    for code, place in places(kind).items():
        assert re.search("[一-鿿]", place.zh), code
        assert re.search("[A-Za-z]", place.en), code
        assert not re.search("[一-鿿/]|[a-z][A-Z]", place.en), code


def test_no_country_code_is_the_start_of_another():
    codes = places("country").keys()
    assert not [(one, other) for one in codes for other in codes if one != other and other.startswith(one)]
    assert [country_code(number) for number in ("+13012121211", "+85291234567", "+4915123456789", "+99912345678")] == [
        "1", "852", "49", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "zh", "en"),
    [
        ("075512345678", "广东省深圳市", "Shenzhen, Guangdong"),
        ("01012345678", "北京市", "Beijing"),
        ("+85291234567", "中国香港", "Hong Kong"),
        ("+886912345678", "中国台湾", "Taiwan"),
        ("+4915123456789", "德国", "Germany"),
        ("15412121211", "154", "154"),
        ("17451212121", "174", "174"),
        ("03421234567", "0342", "0342"),
        ("+99912345678", "+999", "+999"),
        ("13012121211", "", ""),
    ],
)
def test_a_number_is_placed_in_words(number, zh, en):
    assert tuple(place_of(number, lang) for lang in LANGUAGES) == (zh, en)


def test_kinds_are_counted_most_first():
    numbers = pd.Series(["13012121211", "17012121211", "13912121211", "+85291234567", "x"] * 3, dtype="str")
    assert kinds(numbers).to_dict() == {"mobile": 6, "virtual": 3, "hong_kong": 3, "other": 3}
    assert kinds(numbers).index[0] == NumberKind.MOBILE
    assert kinds(pd.Series([], dtype="str")).to_dict() == {}


def test_the_range_of_the_examples_is_nobodys():
    assert kind_of(f"{EXAMPLE_RANGE}00001211") == NumberKind.UNASSIGNED
