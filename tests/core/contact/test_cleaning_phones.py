"""What a phone cell becomes. The tables are the specification."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lib.contact.phone import judge_encrypted_phone, judge_phone, judge_with_care
from lib.contact.problems import SEVERITY, Change, ProblemCode, Severity

MOBILE = "13012121211"

CLEANED = [
    (MOBILE, MOBILE, ""),
    ("１３０１２１２１２１１", MOBILE, "full_width"),
    (" 13012121211\t", MOBILE, "spaces"),
    ("130 1212 1211", MOBILE, "spaces"),
    ("130\u00a01212\u00a01211", MOBILE, "spaces"),
    ("130\u30001212\u30001211", MOBILE, "spaces"),
    ("130\u20091212\u202f1211", MOBILE, "spaces"),
    ("1 3 0 1 2 1 2 1 2 1 1", MOBILE, "spaces"),
    ("\ufeff13012121211", MOBILE, "invisible"),
    ("130\u200b1212\u200d1211", MOBILE, "invisible"),
    ("130\u00ad12121211", MOBILE, "invisible"),
    ("\u202d13012121211\u202c", MOBILE, "invisible"),
    ("\u206613012121211\u2069", MOBILE, "invisible"),
    ("13012\x00121211", MOBILE, "invisible"),
    ("+8613012121211", MOBILE, "country_code"),
    ("+86 130-1212-1211", MOBILE, "country_code+spaces+punctuation"),
    ("＋８６　１３０１２１２１２１１", MOBILE, "full_width+country_code+spaces"),
    ("008613012121211", MOBILE, "country_code"),
    ("0086-13012121211", MOBILE, "country_code+punctuation"),
    ("8613012121211", MOBILE, "country_code"),
    ("86-13012121211", MOBILE, "country_code+punctuation"),
    ("(86)13012121211", MOBILE, "country_code+punctuation"),
    ("（+86）13012121211", MOBILE, "full_width+country_code+punctuation"),
    ("+86013012121211", MOBILE, "country_code+trunk_zero"),
    ("013012121211", MOBILE, "trunk_zero"),
    ("130-1212-1211", MOBILE, "punctuation"),
    ("130—1212–1211", MOBILE, "punctuation"),
    ("130−1212‑1211", MOBILE, "punctuation"),
    ("130.1212.1211", MOBILE, "punctuation"),
    ("138/1212/1211", "13812121211", "punctuation"),
    ("【130】12121211", MOBILE, "punctuation"),
    ("13012121211,", MOBILE, "punctuation"),
    ("-1301212 1211", MOBILE, "punctuation+spaces"),
    ('="13012121211"', MOBILE, "punctuation"),
    ("13,012,121,211", MOBILE, "punctuation"),
    ("13012121211.0", MOBILE, "decimal"),
    ("13012121211.00", MOBILE, "decimal"),
    ("+8613012121211.0", MOBILE, "decimal+country_code"),
    ("'13012121211", MOBILE, "apostrophe"),
    ("’13012121211", MOBILE, "apostrophe"),
    ("`13012121211", MOBILE, "apostrophe"),
    ("＇13012121211", MOBILE, "full_width+apostrophe"),
    ("1.3012121211E+10", MOBILE, "scientific"),
    ("1.3012121211e10", MOBILE, "scientific"),
    ("13012121.211E3", MOBILE, "scientific"),
    ("1.301212121100E+10", MOBILE, "scientific"),
    ("8.613012121211E+12", MOBILE, "scientific+country_code"),
]

WARNED = [
    ("0755-12345678", "075512345678", "phone_landline"),
    ("(0755)12345678", "075512345678", "phone_landline"),
    ("010 1234 5678", "01012345678", "phone_landline"),
    ("0311-1234567", "03111234567", "phone_landline"),
    ("+86(0)10-12345678", "01012345678", "phone_landline"),
    ("0086-0755-12345678", "075512345678", "phone_landline"),
    ("4001234567", "4001234567", "phone_service_number"),
    ("400-123-4567", "4001234567", "phone_service_number"),
    ("800 820 8820", "8008208820", "phone_service_number"),
    ("95588", "95588", "phone_service_number"),
    ("962288", "962288", "phone_service_number"),
    ("+852 1234 5678", "+85212345678", "phone_foreign"),
    ("+853-6612-3456", "+85366123456", "phone_foreign"),
    ("+886 912 345 678", "+886912345678", "phone_foreign"),
    ("0085212345678", "+85212345678", "phone_foreign"),
    ("+1 (301) 212-1211", "+13012121211", "phone_foreign"),
    ("154-1212-1211", "15412121211", "phone_unassigned"),
    ("015412121211", "15412121211", "phone_unassigned"),
    ("1.5412121211E+10", "15412121211", "phone_unassigned"),
    ("0342-1234567", "03421234567", "phone_unassigned"),
    ("+999 1234 5678", "+99912345678", "phone_unassigned"),
    ("1064812345678", "1064812345678", "phone_iot"),
    ("+86 10648 1234 5678", "1064812345678", "phone_iot"),
    ("144 1212 1211", "14412121211", "phone_iot"),
    ("1349-1212-121", "13491212121", "phone_satellite"),
    ("13012121211_x9k2", "13012121211_x9k2", "phone_suffixed"),
    ("+86 130-1212-1211_x9k2", "13012121211_x9k2", "phone_suffixed"),
]

REFUSED = [
    ("", "phone_missing", ""),
    (" \u3000\u200b", "phone_missing", ""),
    ("-", "phone_missing", ""),
    ("无", "phone_missing", ""),
    ("N/A", "phone_missing", ""),
    ("1.30E+10", "phone_lost_digits", ""),
    ("1.3E+10", "phone_lost_digits", ""),
    ("1.30121E+10", "phone_lost_digits", ""),
    ("1.301212121E+10", "phone_lost_digits", ""),
    ("13E9", "phone_lost_digits", ""),
    ("1.3E+999999999", "phone_lost_digits", ""),
    ("138****1211", "phone_lost_digits", ""),
    ("138xxxx1211", "phone_lost_digits", ""),
    ("1301212121", "phone_too_short", ""),
    ("1012345678", "phone_too_short", ""),
    ("7551234567", "phone_too_short", ""),
    ("1301212121.0", "phone_too_short", ""),
    ("12345678", "phone_too_short", ""),
    ("+86 1301212121", "phone_too_short", ""),
    ("130121212111", "phone_too_long", ""),
    ("1301212121109876", "phone_too_long", ""),
    ("1301212121113912121211", "phone_too_long", ""),
    ("9" * 32_767, "phone_too_long", ""),
    ("13012121211/13912121211", "phone_several", MOBILE),
    ("13012121211、13912121211", "phone_several", MOBILE),
    ("13012121211 13912121211", "phone_several", MOBILE),
    ("13012121211\n13912121211", "phone_several", MOBILE),
    ("13012121211(13912121211)", "phone_several", MOBILE),
    ("138 1212 1211 139 1212 1211", "phone_several", "13812121211"),
    ("13012121211/13012121211", "phone_several", MOBILE),
    ("0755-12345678/13012121211", "phone_several", "075512345678"),
    ("1301212121/13912121211", "phone_several", "13912121211"),
    ("1301212121/1391212121", "phone_several", ""),
    ("13012121211 1391212", "phone_several", MOBILE),
    ("13012121211/12", "phone_several", MOBILE),
    ("13012121211 或 13912121211", "phone_several", MOBILE),
    ("张三13012121211 李四13912121211", "phone_several", MOBILE),
    ("、".join([MOBILE] * 500), "phone_several", MOBILE),
    ("张三13012121211", "phone_text", MOBILE),
    ("电话：130 1212 1211", "phone_text", MOBILE),
    ("13012121211（备用）", "phone_text", MOBILE),
    ("13012121211_X9K2", "phone_text", MOBILE),
    ("身份证110101199001011234", "phone_text", ""),
    ("不知道", "phone_text", ""),
    ("德国 +49 1512 3456 7890", "phone_text", "+49151234567890"),
    ("13012121211 xxxx", "phone_text", MOBILE),
    ("95588 转接 13012121211", "phone_text", MOBILE),
    ("座机 0086-0755-12345678", "phone_text", "075512345678"),
    ("客" * 189 + "1301212121199999", "phone_text", ""),
    ("#N/A", "phone_missing", ""),
    ("1301212121\ufffd", "phone_text", ""),
    ("0755-12345678-801", "phone_implausible", "075512345678"),
    ("0755-12345678转801", "phone_implausible", "075512345678"),
    ("010-12345678 ext. 801", "phone_implausible", "01012345678"),
    ("0755-1234567-8", "phone_implausible", "07551234567"),
    ("13012121211-801", "phone_implausible", MOBILE),
    ("+86 755 1234 5678", "phone_implausible", "075512345678"),
    ("+86 400 123 4567", "phone_implausible", "4001234567"),
    ("12012121211", "phone_implausible", ""),
    ("23012121211", "phone_implausible", ""),
    ("01112345678", "phone_implausible", ""),
    ("1301212121.1", "phone_implausible", ""),
    ("1.30121212115E+10", "phone_text", ""),
]


@pytest.mark.parametrize(("cell", "number", "changes"), CLEANED)
def test_a_spelling_of_a_mobile_is_cleaned_and_the_cleaning_told(cell, number, changes):
    assert judge_phone(cell) == (number, changes, "", "")


@pytest.mark.parametrize(("cell", "number", "code"), WARNED)
def test_another_dialable_number_is_kept_and_warned_about(cell, number, code):
    verdict = judge_phone(cell)
    assert (verdict.value, verdict.code) == (number, code)
    assert bool(verdict.changes) == (cell != number)


@pytest.mark.parametrize(
    ("cell", "code", "suggestion"), REFUSED, ids=[cell[:24] or "empty" for cell, *_ in REFUSED]
)
def test_a_cell_without_one_certain_number_stands_as_it_stood(cell, code, suggestion):
    assert judge_phone(cell) == (cell, "", code, suggestion)


@pytest.mark.parametrize(
    ("cell", "value", "code"),
    [
        (MOBILE, MOBILE, ""),
        (" 13012121211 ", MOBILE, ""),
        ("U2FsdGVkX1+abc==", "U2FsdGVkX1+abc==", "phone_unchecked"),
        ("130-1212-1211", "130-1212-1211", "phone_unchecked"),
        ("  ", "  ", "phone_missing"),
        ("ab\ufffd", "ab\ufffd", "text_broken"),
        ("x" * 2001, "x" * 2001, "text_too_long"),
    ],
)
def test_a_number_that_may_be_encrypted_is_only_trimmed(cell, value, code):
    verdict = judge_encrypted_phone(cell)
    assert (verdict.value, verdict.code) == (value, code)


# Mostly what people put into phone cells, sometimes anything at all.
PIECES = st.sampled_from(
    [*"0123456789", *"１３０", *" -/.,+()_eExX*'’`、；\n\u3000\u00a0\u200b\u00ad—（）", *"张转无", "+86", "0086", "86", MOBILE, "0755", "12345678",
     "400", "E+10", ".0", "_x9", "ext"]
)  # fmt: skip
CELLS = st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=30)


def _digits(text: str) -> str:
    half_width = text.translate({0xFF10 + digit: 0x30 + digit for digit in range(10)})
    return "".join(character for character in half_width if character in "0123456789")


def _is_part_in_order(part: str, whole: str) -> bool:
    rest = iter(whole)
    return all(character in rest for character in part)


@given(CELLS)
@example("'\u3000'13012121211")
def test_cleaning_a_clean_number_changes_nothing(cell):
    once = judge_phone(cell)
    twice = judge_phone(once.value)
    assert (twice.value, twice.changes, twice.code) == (once.value, "", once.code)


@given(CELLS)
def test_no_digit_is_invented(cell):
    assert _is_part_in_order(_digits(judge_phone(cell).value), _digits(cell))


def is_dialable(text: str) -> bool:
    """Whether a cell holds one number that can be sent, cleaned or as it stands."""
    code = judge_phone(text).code
    return code == "" or SEVERITY[ProblemCode(code)] == Severity.WARNING


@given(CELLS)
def test_an_accepted_number_is_its_digits_with_at_most_a_plus_and_a_suffix(cell):
    verdict = judge_phone(cell)
    if is_dialable(cell):
        number, _, suffix = verdict.value.partition("_")
        assert number.removeprefix("+").isascii()
        assert number.removeprefix("+").isdecimal()
        assert bool(suffix) == (verdict.code == ProblemCode.PHONE_SUFFIXED)
    else:
        assert verdict.value == cell


@given(CELLS)
def test_every_difference_is_told_by_known_kinds(cell):
    verdict = judge_phone(cell)
    assert (verdict.value != cell) == bool(verdict.changes)
    kinds = verdict.changes.split("+") if verdict.changes else []
    assert set(kinds) <= {change.value for change in Change}
    assert len(kinds) == len(set(kinds))


@given(CELLS)
def test_a_suggestion_is_a_number_that_would_be_accepted_as_it_stands(cell):
    suggestion = judge_phone(cell).suggestion
    assert suggestion == "" or (is_dialable(suggestion) and judge_phone(suggestion).value == suggestion)


@given(st.from_regex(r"\A[1-9]\.[0-9]{1,9}E\+10\Z"))
def test_a_mantissa_that_lacks_digits_is_never_padded(cell):
    assert judge_phone(cell).code == ProblemCode.PHONE_LOST_DIGITS


@given(st.from_regex(r"\A(\+86|0086|86)?[ \-]?1[3-9][0-9][ \-]?[0-9]{4}[ \-]?[0-9]{4}\Z") | CELLS)
def test_the_short_way_for_usual_spellings_ends_where_the_long_way_does(cell):
    assert judge_phone(cell) == judge_with_care(cell)
