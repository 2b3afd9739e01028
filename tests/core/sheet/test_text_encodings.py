"""Text files in every encoding that people have: damaged, glued together, not likely at all; and marks around values."""

import pytest

from lib.contact.problems import ProblemCode
from lib.errors import SheetRefused
from lib.mapping import apply, suggest
from lib.sheet import Sheet, read
from lib.validation import check
from lib.workbook.encoding import decode

HEADER = "手机号,姓名,公司\r\n"
LIST = HEADER + "".join(f"130121212{at},张伟{at},晨光贸易有限公司\r\n" for at in range(11, 61))


class Plain:
    encryption = False
    ignore_crm = False


def notes_of(sheet: Sheet) -> dict[str, dict]:
    return {str(note.code): note.params for note in sheet.notes}


def review_of(sheet: Sheet):
    return check(apply(sheet, suggest(sheet)), Plain())


DAMAGED = [
    (LIST.encode("gb18030")[:-3], 50, "晨光贸易有限公\ufffd", "C51"),
    (LIST.encode("gb18030") + b"13012121297,\xff\xc0\xee,x\r\n", 51, "x", "B52"),
    (LIST.encode("gb18030") + b"13012121297,\xc1\xf5\xb1,\xb3\xbf\xb9\xe2\r\n", 51, "晨光", "B52"),
    (LIST.encode("gb18030") + b"13012121297,\xc1\xf5,\xb3\xbf\xb9\r\n", 51, "晨\ufffd", "C52"),
    (LIST.encode()[:-4], 50, "晨光贸易有限公\ufffd", "C51"),
    (LIST.encode("utf-8-sig") + b"13012121297,\xff,x\r\n", 51, "x", "B52"),
    (LIST.encode("utf-16")[:-5], 50, "晨光贸易有限公\ufffd", "C51"),
    (
        ("號碼,姓名,公司\r\n" + "13012121211,陳偉,貿易公司\r\n" * 40).encode("big5")[:-3],
        40,
        "貿易公\ufffd",
        "C41",
    ),
]


@pytest.mark.parametrize(("data", "rows", "company", "cell"), DAMAGED)
def test_a_damaged_byte_is_pointed_at_and_costs_its_own_row_only(data, rows, company, cell):
    sheet = read(data, "x.csv")
    assert (len(sheet.table), sheet.table.iloc[-1, 2]) == (rows, company)
    assert notes_of(sheet)["damaged_characters"] == {"count": 1, "cell": cell}
    problems = review_of(sheet).problems
    assert problems[problems["code"].eq(ProblemCode.TEXT_BROKEN)]["row"].tolist() == [int(cell[1:])]


def test_a_named_encoding_tolerates_damage_and_one_that_fits_nowhere_is_refused():
    data = LIST.encode("gb18030")[:-3]
    assert notes_of(read(data, "x.csv", encoding="gb18030"))["damaged_characters"]["cell"] == "C51"
    with pytest.raises(SheetRefused, match="encoding_wrong"):
        read(data, "x.csv", encoding="utf-8")


def test_0x80_is_the_euro_sign_of_code_page_936():
    sheet = read(HEADER.encode("gb18030") + b"13012121211,\xd5\xc5,100\x80\r\n", "x.csv")
    assert sheet.table["公司"].tolist() == ["100€"]
    assert "damaged_characters" not in notes_of(sheet)


def test_characters_of_taiwan_and_hong_kong_that_big5_itself_lacks():
    data = "電話,姓名,公司\n13012121211,陳恒,宏碁電腦公司\n".encode(
        "cp950"
    ) + "13012121212,林小姐,喺邨\n".encode("big5hkscs")
    sheet = read(data, "x.csv")
    assert sheet.encoding == "big5"
    assert sheet.table["公司"].tolist() == ["宏碁電腦公司", "喺邨"]
    assert "damaged_characters" not in notes_of(sheet)


@pytest.mark.parametrize(
    "parts",
    [
        (
            ("utf-8", HEADER + "13012121211,张伟,晨光\r\n"),
            ("gb18030", "13012121212,李娜,长江\r\n13012121213,王芳,黄河\r\n"),
        ),
        (("gb18030", LIST), ("utf-8", "13012121212,李娜,长江\r\n")),
        (("utf-8", LIST), ("gb18030", "13012121212,李娜,长江\r\n")),
        (("utf-8-sig", LIST), ("gb18030", LIST)),
    ],
)
def test_utf8_and_gb18030_glued_together_are_read_line_by_line(parts):
    data = b"".join(text.encode(encoding) for encoding, text in parts)
    sheet = read(data, "x.csv")
    whole = read("".join(text for _, text in parts).encode(), "x.csv")
    assert sheet.table.equals(whole.table)
    assert notes_of(sheet)["encodings_mixed"]["count"] == min(
        sum(not line.isascii() for line in text.splitlines()) for _, text in parts
    )


OTHERS = [
    ("shift_jis", "cp932", "山田太郎", "東京商事"),
    ("shift_jis", "cp932", "ﾔﾏﾀﾞ 太郎さん", "株式会社山田"),
    ("euc-kr", "cp949", "김민준", "주식회사 서울"),
    ("windows-1252", "cp1252", "André", "Société Générale"),
    ("windows-1252", "cp1252", "Zoë Brontë", "Bäckerei Groß"),
    ("big5", "big5", "陳偉明", "臺北貿易公司"),
    ("gb18030", "gb18030", "张伟", "晨光贸易"),
]


@pytest.mark.parametrize(("encoding", "codec", "name", "company"), OTHERS)
def test_other_languages_are_read_as_what_they_are(encoding, codec, name, company):
    sheet = read(f"name,phone,company\r\n{name},13012121211,{company}\r\n".encode(codec), "x.csv")
    assert (sheet.encoding, sheet.table.iloc[0].tolist()) == (encoding, [name, "13012121211", company])
    assert notes_of(sheet)["encoding_guess"] == {"encoding": encoding.upper()}
    assert sheet.rival is None or not sheet.rival.needed


@pytest.mark.parametrize("codec", ["cp1251", "cp1253", "tis-620", "koi8-r"])
def test_where_no_reading_is_likely_nothing_is_taken_before_a_person_has_chosen(codec):
    words = {"tis-620": "สมชาย ใจดี", "cp1253": "Γιώργος Παπαδόπουλος"}.get(codec, "Дмитрий Кузнецов, Ольга")
    data = f"name,phone\r\n{words},13012121211\r\n".encode(codec)
    sheet = read(data, "x.csv")
    assert sheet.rival
    assert sheet.rival.needed
    assert read(data, "x.csv", encoding=sheet.encoding).rival is None


def test_a_name_in_gb18030_that_is_also_valid_utf8_is_asked_about():
    sheet = read("石摔,13012121211\n".encode("gb18030"), "x.csv")
    assert sheet.rival
    assert {sheet.encoding, sheet.rival.value} == {"gb18030", "utf-8"}


def test_a_zero_byte_or_two_are_taken_out_and_told():
    data = ("手机号,姓名\n" + "".join(f"130121200{at},张三{at}\n" for at in range(11, 40))).encode()
    for spoilt in (
        data.replace("三14".encode(), "三14\0".encode()),
        data.replace("三14".encode(), "三\0\00014".encode()),
    ):
        sheet = read(spoilt, "x.csv")
        assert (len(sheet.table), sheet.table.loc[5, "姓名"]) == (29, "张三14")
        assert notes_of(sheet)["zero_bytes"]["cell"] == "B5"
    assert len(read(data + b"\0" * 4_000, "x.csv").table) == 29


def test_zero_bytes_in_gb18030_do_not_make_a_file_utf16():
    data = LIST.encode("gb18030").replace(b"1212112,", b"1212112\0,")
    assert decode(data, None).encoding == "gb18030"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_without_digits_is_still_seen(codec):
    text = "姓名,备注\n" + "张伟,客户说下周一上午十点以后再联系他本人确认合同的细节并请带上公司的资料\n" * 20
    assert decode(text.encode(codec), None).encoding == codec


PROOFED = [
    '姓名,手机号,客户编号\r\n="张伟",="13012121211",="00123"\r\n="李娜",="013012121212",="00124"\r\n',
    '姓名,手机号,客户编号\r\n"=""张伟""","=""13012121211""","=""00123"""\r\n"=""李娜""","=""013012121212""","=""00124"""\r\n',
    '="姓名"\t="手机号"\t="客户编号"\r\n="张伟"\t="13012121211"\t="00123" \r\n="李娜"\t ="013012121212"\t="00124"\r\n',
]


@pytest.mark.parametrize("text", PROOFED)
def test_texts_that_are_proofed_for_excel_lose_their_marks(text):
    sheet = read(text.encode("utf-8-sig"), "x.csv")
    assert sheet.table.to_dict("list") == {
        "姓名": ["张伟", "李娜"],
        "手机号": ["13012121211", "013012121212"],
        "客户编号": ["00123", "00124"],
    }
    assert notes_of(sheet)["marks_removed"]["count"] >= 6
    assert suggest(sheet).sureness["phone"] == "certain" or "phone" in suggest(sheet).columns


def test_a_formula_with_quotes_inside_is_no_proofed_text():
    sheet = read('手机号,备注\n13012121211,"=""a""&""b"""\n'.encode(), "x.csv")
    assert sheet.table["备注"].tolist() == ['="a"&"b"']


def test_escapes_of_xml_are_read_as_the_characters_they_stand_for():
    text = '手机号,备注\n13012121211,"上海_x000D_\n浦东"\n13012121212,a_x000d_b_x0007_\n13012121213,_x624B__x673A_\n13012121214,a_x9k2_x0041_\n'
    sheet = read(text.encode(), "x.csv")
    assert sheet.table["备注"].tolist() == ["上海\n浦东", "a\nb", "手机", "a_x9k2_x0041_"]
    assert notes_of(sheet)["marks_removed"] == {"count": 3, "cell": "B2"}


def test_errors_of_excel_in_a_text_file_are_left_out_and_told_as_in_a_workbook():
    sheet = read(
        "姓名,手机号,公司\n#N/A,13012121211,#REF!\n李娜,13012121212,#VALUE!\n#1 店,13012121213,#n/a\n".encode(),
        "x.csv",
    )
    assert sheet.table["姓名"].tolist() == ["", "李娜", "#1 店"]
    assert sheet.table["公司"].tolist() == ["", "", ""]
    assert notes_of(sheet)["error_cells"] == {"count": 4, "cell": "A2"}
    assert review_of(sheet).contacts["company"].tolist() == ["", "", ""]


def test_marks_before_digits_go_from_an_identifier_as_they_go_from_a_phone():
    for mark in "'`’":
        sheet = read(f"客户编号,姓名,手机号\n{mark}00123,张伟,{mark}13012121211\n".encode(), "x.csv")
        contacts = check(apply(sheet, suggest(sheet).with_column("phone", "手机号")), Plain()).contacts
        assert contacts[["extra", "name", "phone"]].iloc[0].tolist() == ["00123", "张伟", "13012121211"]
