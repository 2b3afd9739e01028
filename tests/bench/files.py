"""Contact files for measuring: twelve columns, 3 % of the rows with an error, 1 % repeated; the same for the same size."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

HEADERS = (
    "序号",
    "姓名",
    "手机号码",
    "邮箱",
    "公司名称",
    "性别",
    "城市",
    "产品",
    "金额",
    "到期日",
    "客户编号",
    "说明",
)

#: Shares of the rows.
ERRORS, REPEATS = 0.03, 0.01

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
_GIVEN = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "军",
    "洋",
    "勇",
    "艳",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "秀英",
    "霞",
    "平",
)
_CITIES = ("北京", "上海", "广州", "深圳", "杭州", "成都", "武汉", "西安", "南京", "重庆")
_BAD_PHONES = ("1301212121", "1.30E+10", "+86 130-1212-1211x", "", "电话", "130121212111")

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    '<Override PartName="/xl/sharedStrings.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)
_WORKBOOK = (
    f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="客户" sheetId="1" r:id="rId1"/></sheets></workbook>'
)


def _relations(*pairs: tuple[str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(pairs, start=1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def table(rows: int) -> pd.DataFrame:
    """`rows` contacts as text, columns `HEADERS`."""
    chance = np.random.default_rng(rows)
    at = np.arange(rows)

    def drawn(words: tuple[str, ...] | str) -> np.ndarray:
        return np.array(list(words), dtype=object)[chance.integers(0, len(words), rows)]

    phones = (13_000_000_000 + at * 7).astype(str).astype(object)
    spread = chance.permutation(np.arange(1, rows)) if rows > 1 else np.array([], dtype=int)
    wrong, again = np.split(spread[: round(rows * (ERRORS + REPEATS))], [round(rows * ERRORS)])
    phones[wrong] = np.array(_BAD_PHONES, dtype=object)[wrong % len(_BAD_PHONES)]
    phones[again] = phones[0]
    number = at.astype(str).astype(object)
    columns = [
        number,
        drawn(_SURNAMES) + drawn(_GIVEN),
        phones,
        "user" + number + "@example.com",
        drawn(_CITIES) + "第" + number + "贸易有限公司",
        drawn(("男", "女", "")),
        drawn(_CITIES),
        drawn(("贷款", "保险", "课程", "会员")),
        chance.integers(100, 99_999, rows).astype(str).astype(object),
        ("2026-" + pd.Series(at % 12 + 1).astype(str).str.zfill(2) + "-15").to_numpy(dtype=object),
        "C" + number,
        drawn(("", "", "", "老客户", "请下午联系")),
    ]
    return pd.DataFrame(dict(zip(HEADERS, columns, strict=True)))


def write(path: Path, rows: int) -> Path:
    """The file at `path`, .xlsx or .csv by its name."""
    contacts = table(rows)
    if path.suffix == ".csv":
        contacts.to_csv(path, index=False, encoding="utf-8-sig")
    else:
        _write_workbook(path, contacts)
    return path


def _write_workbook(path: Path, contacts: pd.DataFrame) -> None:
    """As Excel writes it: every text once in the shared strings, cells refer to them."""
    texts = pd.concat([pd.Series(HEADERS), *(contacts[name] for name in HEADERS)], ignore_index=True)
    numbers, distinct = pd.factorize(texts)
    cells = numbers[len(HEADERS) :].reshape(len(HEADERS), len(contacts))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("[Content_Types].xml", _TYPES)
        package.writestr("_rels/.rels", _relations(("officeDocument", "xl/workbook.xml")))
        package.writestr("xl/workbook.xml", _WORKBOOK)
        relations = _relations(("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml"))
        package.writestr("xl/_rels/workbook.xml.rels", relations)
        with package.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            part.write(f'{_XML}<sst xmlns="{_MAIN}" uniqueCount="{len(distinct)}">'.encode())
            for start in range(0, len(distinct), 50_000):
                some = distinct[start : start + 50_000]
                part.write("".join(f"<si><t>{escape(text)}</t></si>" for text in some).encode())
            part.write(b"</sst>")
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            part.write(_row(1, list(range(len(HEADERS)))).encode())
            for block in _blocks(cells):
                part.write(block)
            part.write(b"</sheetData></worksheet>")


def _row(number: int, strings: list[int]) -> str:
    cells = "".join(
        f'<c r="{letter}{number}" t="s"><v>{string}</v></c>'
        for letter, string in zip("ABCDEFGHIJKL", strings, strict=True)
    )
    return f'<row r="{number}">{cells}</row>'


def _blocks(cells: np.ndarray, size: int = 10_000) -> Iterator[bytes]:
    for start in range(0, cells.shape[1], size):
        lines = cells[:, start : start + size].T.tolist()
        yield "".join(_row(at, line) for at, line in enumerate(lines, start=start + 2)).encode()
