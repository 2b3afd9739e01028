"""Phone books in vCard: each card a row."""

from collections.abc import Iterator

import pytest

from lib.mapping import suggest
from lib.sheet import Sheet, read
from tests.files import mutants


@pytest.fixture(scope="module", autouse=True)
def _one_parser() -> Iterator[None]:
    with mutants.parser():
        yield


def card(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCARD", *lines, "END:VCARD", ""])


def rows(sheet: Sheet) -> list[dict[str, str]]:
    return sheet.table.to_dict("records")


CARDS = {
    "3.0": (
        card("VERSION:3.0", "N:张;伟;;;", "FN:张伟", "TEL;TYPE=CELL:130-1212-1211"),
        {"姓名": "张伟", "手机号": "130-1212-1211"},
    ),
    "2.1, printable": (
        card("VERSION:2.1", "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=BC=A0;=E4=BC=9F;;;", "TEL;CELL;PREF:13012121211"),
        {"姓名": "张伟", "手机号": "13012121211"},
    ),
    "2.1, printable over lines": (
        card("FN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=E5=BC=\r\n=A0=\r\n=E4=BC=9F", "TEL;CELL:13012121211"),
        {"姓名": "张伟", "手机号": "13012121211"},
    ),
    "2.1, printable in gbk": (
        card("N;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:=D5=C5;=CE=B0", "TEL;CELL:13012121211"),
        {"姓名": "张伟", "手机号": "13012121211"},
    ),
    "2.1, printable in gbk that nobody names": (
        card("N;ENCODING=QUOTED-PRINTABLE:=D5=C5;=CE=B0", "TEL;CELL:13012121211"),
        {"姓名": "张伟", "手机号": "13012121211"},
    ),
    "4.0": (
        card("VERSION:4.0", "FN:Smith\\, Jo\r\n hn", 'TEL;VALUE=uri;TYPE="voice,cell":tel:+86-130-1212-1211;ext=1'),
        {"Name": "Smith, John", "Phone": "+86-130-1212-1211"},
    ),
    "grouped, with a picture": (
        card("N:Doe;Jane;M.", "item1.TEL;type=pref:13012121211", "item1.X-ABLabel:_$!<Mobile>!$_", "PHOTO;ENCODING=b;TYPE=JPEG:AAAA\r\n BBBB=="),
        {"Name": "Jane M. Doe", "Phone": "13012121211"},
    ),
    "lower case": (card("fn:张伟", "tel;type=cell:13012121211"), {"姓名": "张伟", "手机号": "13012121211"}),
    "without a name": (card("TEL:13012121211"), {"Name": "", "Phone": "13012121211"}),
    "a fax is no phone": (card("FN:张伟", "TEL;WORK;FAX:010-88886666"), {"姓名": "张伟", "手机号": ""}),
}  # fmt: skip


@pytest.mark.parametrize("name", CARDS)
def test_a_card_is_a_row(name: str) -> None:
    text, expected = CARDS[name]
    sheet = read(text.encode(), "通讯录.vcf.txt")
    assert (sheet.kind, rows(sheet)) == ("vcf", [expected])


def test_a_mobile_stands_before_other_phones_and_the_rest_of_a_card_behind_them() -> None:
    text = card("FN:张伟", "TEL;WORK:010-88886666", "TEL;HOME:010-66668888", "TEL;CELL:13012121211", "TEL;CELL:13012121211",
                "ORG:晨光;销售部", "TITLE:经理", "EMAIL:a@example.com", "NOTE:第一行\\n第二行")  # fmt: skip
    sheet = read((text + card("FN:李娜", "TEL:13012121212")).encode(), "x.vcf")
    assert list(sheet.table) == ["姓名", "手机号", "备用电话", "备用电话 2", "公司", "职位", "邮箱", "备注"]
    assert sheet.table.iloc[0].tolist() == [
        "张伟", "13012121211", "010-88886666", "010-66668888", "晨光 销售部", "经理", "a@example.com", "第一行\n第二行",
    ]  # fmt: skip
    assert sheet.table.iloc[1].tolist() == ["李娜", "13012121212", "", "", "", "", "", ""]


@pytest.mark.parametrize(
    ("encoding", "told"), [("utf-8-sig", []), ("utf-16", []), ("gbk", ["charset_guess"])]
)
def test_a_phone_book_is_read_in_its_encoding(encoding: str, told: list[str]) -> None:
    sheet = read(card("FN:张伟", "TEL:13012121211").encode(encoding), "x.vcf")
    assert rows(sheet) == [{"姓名": "张伟", "手机号": "13012121211"}]
    assert [str(note.code) for note in sheet.notes] == told


def test_a_phone_book_cut_short_keeps_its_last_card() -> None:
    text = card("FN:张伟", "TEL:13012121211") + "BEGIN:VCARD\nFN:李娜\nTEL:13012121212"
    assert read(text.encode(), "x.vcf").table["姓名"].tolist() == ["张伟", "李娜"]


WEI, FANG = ("FN:张伟", "TEL:13012121211"), ("FN:王芳", "TEL:13012121212")


@pytest.mark.parametrize(
    "text",
    [
        "\r\n".join(["BEGIN:VCARD", *WEI, "BEGIN:VCARD", *FANG, "END:VCARD"]),
        "\r\n".join(["BEGIN:VCARD", *WEI, "BEGIN:VCARD", *FANG]),
        "\r\n".join(["BEGIN:VCARD", *WEI, "END:VCARD", *FANG, "END:VCARD"]),
    ],
)
def test_a_card_that_lacks_its_beginning_or_its_end_is_one_all_the_same(text: str) -> None:
    assert rows(read(text.encode(), "a.vcf")) == [
        {"姓名": "张伟", "手机号": "13012121211"},
        {"姓名": "王芳", "手机号": "13012121212"},
    ]


def test_the_card_of_an_agent_takes_no_ones_place() -> None:
    inner = card("FN:秘书李娜", "TEL:13012121219").strip()
    text = card("FN:张伟", f"AGENT:\r\n{inner}", "TEL:13012121211")
    assert rows(read(text.encode(), "a.vcf")) == [{"姓名": "张伟", "手机号": "13012121211"}]


@pytest.mark.parametrize(
    "labelled",
    [
        ("item1.TEL;type=CELL:13012121212", "item1.X-ABLabel:老婆"),
        ("item1.TEL:13012121212", "item1.X-ABLabel:_$!<Assistant>!$_"),
        ("TEL;TYPE=ASSISTANT:13012121212",),
    ],
)
def test_a_number_that_is_said_to_be_another_persons_is_never_the_persons_own(
    labelled: tuple[str, ...],
) -> None:
    [row] = rows(read(card("FN:张伟", *labelled, "TEL;type=CELL:13012121211").encode(), "a.vcf"))
    assert row == {"姓名": "张伟", "手机号": "13012121211", "他人电话": "13012121212"}
    alone = read(card("FN:张伟", *labelled).encode(), "a.vcf")
    assert "phone" not in suggest(alone).columns | suggest(alone).offers


def test_a_persons_own_words_for_their_numbers_change_nothing() -> None:
    text = card(
        "FN:张伟",
        "item1.TEL:13012121211",
        "item1.X-ABLabel:_$!<HomePhone>!$_",
        "item2.TEL:13012121213",
        "item2.X-ABLabel:工作手机",
    )
    assert set(rows(read(text.encode(), "a.vcf"))[0]) == {"姓名", "手机号", "备用电话"}
