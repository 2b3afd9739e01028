"""What emails, sex, integers and texts become. The tables are the specification."""

import re

import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from lib.contact.cleaning import CIPHERTEXT, EMAIL, INTEGER, SEX, Absence, clean, text_rule
from lib.contact.non_values import misread
from lib.contact.phone import ENCRYPTED_PHONE, PHONE

TEXT = text_rule(100)
NAME = text_rule(100, Absence.WARNED_OF)
COMPANY = text_rule(100, Absence.WORDS_TOO)
EVERY_RULE = [PHONE, ENCRYPTED_PHONE, EMAIL, SEX, INTEGER, TEXT, NAME, COMPANY, CIPHERTEXT]

EMAILS = [
    ("12345@qq.com", "12345@qq.com", "", "", ""),
    (" a.b+c@mail.example.co ", "a.b+c@mail.example.co", "spaces", "", ""),
    ("ａｂｃ＠ｑｑ．ｃｏｍ", "abc@qq.com", "full_width", "", ""),
    ("Li@QQ.com", "Li@QQ.com", "", "", ""),
    ("\ufeffabc@qq.com", "abc@qq.com", "invisible", "", ""),
    ("无", "", "placeholder", "", ""),
    ("N/A", "", "placeholder", "", ""),
    ("－", "", "full_width+placeholder", "", ""),
    ("abc@qq，com", "abc@qq，com", "", "email_invalid", "abc@qq.com"),
    ("abc@qq。com", "abc@qq。com", "", "email_invalid", "abc@qq.com"),
    ("abc@qq.com。", "abc@qq.com。", "", "email_invalid", "abc@qq.com"),
    ("abc@qq.com;", "abc@qq.com;", "", "email_invalid", "abc@qq.com"),
    ("abc @ qq.com", "abc @ qq.com", "", "email_invalid", "abc@qq.com"),
    ("a@qq.com;b@qq.com", "a@qq.com;b@qq.com", "", "email_invalid", ""),
    ("abc@@qq.com", "abc@@qq.com", "", "email_invalid", ""),
    ("abc@qq", "abc@qq", "", "email_invalid", ""),
    ("abcqq.com", "abcqq.com", "", "email_invalid", ""),
    (".abc@qq.com@", ".abc@qq.com@", "", "email_invalid", ""),
    ("张三@qq.com", "张三@qq.com", "", "email_invalid", ""),
    ("a@-qq.com", "a@-qq.com", "", "email_invalid", ""),
    ("a" * 300 + "@qq.com", "a" * 300 + "@qq.com", "", "email_invalid", ""),
    ("@" + "a-" * 16_000, "@" + "a-" * 16_000, "", "email_invalid", ""),
]

SEXES = [
    ("1", "1", "", ""),
    ("１", "1", "full_width", ""),
    ("1.0", "1", "decimal", ""),
    (" 2 ", "2", "spaces", ""),
    ("男", "1", "word", ""),
    ("先 生", "1", "word", ""),
    ("Female", "2", "word", ""),
    ("未知", "0", "word", ""),
    ("暂无", "", "placeholder", ""),
    ("/", "", "placeholder", ""),
    ("男女", "男女", "", "sex_unknown_word"),
    ("3", "3", "", "sex_unknown_word"),
]

INTEGERS = [
    ("0", "0", "", ""),
    ("715", "715", "", ""),
    ("１２", "12", "full_width", ""),
    (" 12 ", "12", "spaces", ""),
    ("12.0", "12", "decimal", ""),
    ("1,200", "1200", "punctuation", ""),
    ("1,200.00", "1200", "decimal+punctuation", ""),
    ("1 200", "1200", "punctuation", ""),
    ("'7", "7", "apostrophe", ""),
    ("nil", "", "placeholder", ""),
    ("2147483647", "2147483647", "", ""),
    ("2147483648", "2147483648", "", "integer_invalid"),
    ("9" * 5000, "9" * 5000, "", "integer_invalid"),
    ("-1", "-1", "", "integer_invalid"),
    ("1.5", "1.5", "", "integer_invalid"),
    ("1,2", "1,2", "", "integer_invalid"),
    ("1 2", "1 2", "", "integer_invalid"),
    ("VIP", "VIP", "", "integer_invalid"),
    ("٣", "٣", "", "integer_invalid"),
]

TEXTS = [
    ("张伟", "张伟", "", ""),
    ("无", "无", "", ""),
    ("-", "-", "", ""),
    ("NA", "NA", "", "text_nothing"),
    ("Null", "Null", "", "text_nothing"),
    ("Nan", "Nan", "", ""),
    ("N/A", "", "placeholder", ""),
    (" nan ", "", "spaces+placeholder", ""),
    ("\\N", "", "placeholder", ""),
    ("（空）", "", "placeholder", ""),
    ("#REF!", "", "placeholder", ""),
    ("#n/a", "", "placeholder", ""),
    ("Err:502", "", "placeholder", ""),
    ("#1 号店", "#1 号店", "", ""),
    ("??", "??", "", "text_nothing"),
    ("'00123", "00123", "apostrophe", ""),
    ("`0755-1234", "0755-1234", "apostrophe", ""),
    ("'9 号楼", "'9 号楼", "", ""),
    ("锟斤拷", "锟斤拷", "", "text_broken"),
    ("张锟", "张锟", "", ""),
    ("ＡＢＣ（中国）有限公司", "ＡＢＣ（中国）有限公司", "", ""),
    ("𠮷野家", "𠮷野家", "", ""),
    ("王👨\u200d👩\u200d👧", "王👨\u200d👩\u200d👧", "", ""),
    ("Zoe\u0301", "Zoe\u0301", "", ""),
    ("Zo\u00e9", "Zo\u00e9", "", ""),
    ("欧阳　娜娜", "欧阳　娜娜", "", ""),
    ("'张伟", "'张伟", "", ""),
    ('=cmd|"/c calc"!A0', '=cmd|"/c calc"!A0', "", ""),
    ("<script>", "<script>", "", ""),
    ("　张伟\u00a0\n", "张伟", "spaces", ""),
    ("Anna\nMaria", "Anna Maria", "invisible", ""),
    ("张\x00伟", "张伟", "invisible", ""),
    (" 张\x07伟 ", "张伟", "spaces+invisible", ""),
    ("　", "", "spaces", ""),
    ("x" * 100, "x" * 100, "", ""),
    ("𠮷" * 101, "𠮷" * 101, "", "text_long"),
    (" " + "x" * 100, "x" * 100, "spaces", ""),
    ("x" * 2000, "x" * 2000, "", "text_long"),
    ("x" * 2001, "x" * 2001, "", "text_too_long"),
    ("张\ufffd", "张\ufffd", "", "text_broken"),
]


@pytest.mark.parametrize(("cell", "value", "changes", "code", "suggestion"), EMAILS)
def test_an_email(cell, value, changes, code, suggestion):
    assert EMAIL.judge(cell) == (value, changes, code, suggestion)


@pytest.mark.parametrize(("cell", "value", "changes", "code"), SEXES)
def test_a_sex(cell, value, changes, code):
    assert SEX.judge(cell) == (value, changes, code, "")


@pytest.mark.parametrize(
    ("cell", "value", "changes", "code"), INTEGERS, ids=[cell[:12] for cell, *_ in INTEGERS]
)
def test_an_integer(cell, value, changes, code):
    assert INTEGER.judge(cell) == (value, changes, code, "")


@pytest.mark.parametrize(
    ("cell", "value", "changes", "code"), TEXTS, ids=[ascii(cell[:12]) for cell, *_ in TEXTS]
)
def test_a_text_loses_outer_whitespace_and_control_characters_only(cell, value, changes, code):
    assert TEXT.judge(cell) == (value, changes, code, "")


@pytest.mark.parametrize(
    ("cell", "code"),
    [("无", ""), ("Nan", ""), ("Na", ""), ("Nil", "")]
    + [
        (cell, "text_nothing")
        for cell in ("nan", "NULL", "null", "None", "undefined", "N/A", "NA", "Null", "-", "暂无", "#REF!")
    ],
)
def test_a_name_that_may_stand_for_nothing_is_warned_of_and_kept(cell, code):
    assert NAME.judge(cell) == (cell, "", code, "")


@pytest.mark.parametrize("cell", ["我", "本人", "自己"])
def test_who_speaks_of_himself_tells_no_name(cell):
    assert NAME.judge(cell) == (cell, "", "text_nothing", "")
    assert COMPANY.judge(cell) == (cell, "", "", "")
    assert NAME.judge("我是谁") == ("我是谁", "", "", "")


@pytest.mark.parametrize("cell", ["null", "N/A", "\\N", "NA", "无", "-", "none", "None", "#VALUE!"])
def test_a_company_that_stands_for_nothing_is_left_out(cell):
    assert COMPANY.judge(cell) == ("", "placeholder", "", "")


def test_a_company_that_may_be_called_so_is_kept():
    assert COMPANY.judge("Null") == ("Null", "", "text_nothing", "")
    assert COMPANY.judge("无印良品") == ("无印良品", "", "", "")


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("张伟".encode().decode("latin-1"), "张伟"),
        ("张伟".encode().decode("gb18030"), "张伟"),
        ("张伟".encode().decode("latin-1").encode().decode("latin-1"), "张伟"),
        ("JosÃ© MÃ¼ller", "José Müller"),
        ("José Müller", ""),
        ("SÃO PAULO", ""),
        ("瑾瑜", ""),
        ("Zoë Brontë “x”", ""),
    ],
)
def test_utf8_that_was_read_as_something_else_is_warned_of_with_what_it_says(cell, meant):
    assert misread(cell) == meant
    expected = ("text_misread", meant) if meant else ("", "")
    verdict = NAME.judge(cell)
    assert (verdict.value, verdict.code, verdict.suggestion) == (cell, *expected)


def test_a_ciphertext_loses_outer_whitespace_only():
    assert CIPHERTEXT.judge(" U2Fsd\x01Gk= ") == ("U2Fsd\x01Gk=", "spaces", "", "")


LIKELY = st.lists(
    st.sampled_from(
        [
            *"0129.,-' /\u3000\u00a0\x00\n１，男女无",
            "@",
            "qq.com",
            "1.0",
            "female",
            "n/a",
            "\ufffd",
            "null",
            "#REF!",
            "Ã",
            "©",
            "寮",
            "犱",
            "紵",
            "锟斤拷",
        ]
    ),
    max_size=8,
).map("".join)
CELLS = LIKELY | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.mark.parametrize("rule", EVERY_RULE)
@given(cell=CELLS)
def test_cleaning_what_is_clean_changes_nothing(rule, cell):
    once = rule.judge(cell)
    twice = rule.judge(once.value)
    assert (twice.value, twice.changes) == (once.value, "")


@pytest.mark.parametrize("rule", EVERY_RULE)
@settings(max_examples=50)
@given(cells=st.lists(CELLS, min_size=1, max_size=12))
def test_a_column_becomes_what_its_cells_become_one_by_one(rule, cells):
    values = pd.Series(cells, index=range(5, 5 + len(cells)), dtype="str")
    cleaned, told = clean(values, rule)
    verdicts = [rule.judge(cell) for cell in cells]
    assert cleaned.tolist() == [verdict.value for verdict in verdicts]
    assert cleaned.index.equals(values.index)
    thought = (
        {}
        if told is None
        else dict(zip(told.index, told.drop(columns="before").itertuples(index=False), strict=True))
    )
    unthought = ("", "", "")
    for row, verdict in zip(values.index, verdicts, strict=True):
        assert tuple(thought[row])[1:] == verdict[1:] if row in thought else verdict[1:] == unthought


@given(CELLS)
@example("'0")
def test_every_text_keeps_every_character_inside(cell):
    value = TEXT.judge(cell).value
    assume("placeholder" not in TEXT.judge(cell).changes and not misread(cell))
    cell = re.sub(r"^(\s*)'(?=\d)", r"\1", cell)  # Excel's sign that digits are text
    assert value in re.sub("[\x00-\x1f]", "", re.sub(r"[\t\r\n\v\f]+", " ", cell.strip()))
    assert re.sub(r"\s", "", value) == re.sub(r"\s", "", re.sub("[\x00-\x1f]", "", cell))
