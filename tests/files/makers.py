"""How the files of the corpus were made: `python -m tests.files.makers`, needing XlsxWriter and LibreOffice besides the app's packages.

Run once for each new file; the files are committed, so that no test needs those programs. A name begins with its writer:
openpyxl_, xlsxwriter_, pandas_, calc_ (LibreOffice 7.4), xml_ (by hand, after habits of WPS and of exporters), text_.
"""

import datetime as dt
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from tests.core.sheet_builder import MAIN, header, number, pack, parts_of, rows, text, workbook

CORPUS = Path(__file__).parent / "corpus"
PHONES = ["13012121211", "13012121212", "13012121213"]
PEOPLE = [["13012121211", "张伟", "晨光"], ["13012121212", "李四", "远山"], ["13012121213", "𠮷田", "A&B <c>"]]
HEAD = ["手机号", "姓名", "公司"]


def saved(fill: Callable[[Any], None], **options: Any) -> bytes:
    """A workbook by openpyxl."""
    book = openpyxl.Workbook(**options)
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _types(book: Any) -> None:
    page = book.active
    page.title = "名单"
    page["B3"], page["C3"], page["D3"], page["E3"], page["F3"] = "手机号", "姓名", "日期", "对", "数"
    page["B4"], page["C4"], page["D4"], page["E4"], page["F4"] = (
        "013012121211",
        "张伟",
        dt.date(2024, 2, 29),
        True,
        -3.5,
    )
    page["B6"], page["C6"], page["D6"], page["E6"], page["F6"] = (
        13012121211,
        " 李  四\n二 ",
        dt.datetime(2024, 2, 29, 8, 30),
        False,
        0.1 + 0.2,
    )
    page["B7"], page["C7"], page["D7"], page["F7"] = "1.30E+10", "2023-03-15 00:00:00", dt.time(12, 0), 1e-7
    page["B8"], page["C8"], page["F8"] = 13012121213, "true", 1300000
    page["F4"].number_format = "0.00%"
    page["F8"].number_format = '"¥"#,##0.00'


def _shown(book: Any) -> None:
    page = book.active
    page.title = "名单"
    for line in [HEAD, *PEOPLE, ["13012121214", "王五", ""]]:
        page.append(line)
    page.row_dimensions[3].hidden = True
    page.column_dimensions["C"].hidden = True
    page.auto_filter.ref = "A1:C5"
    other = book.create_sheet("旧")
    other.append(["x"])
    other.sheet_state = "hidden"
    book.create_sheet("空")


def _merged(book: Any) -> None:
    page = book.active
    page.append(["2026 年客户名单"])
    page.append(HEAD)
    for line in PEOPLE:
        page.append(line)
    page["C4"] = None
    page.merge_cells("A1:C1")
    page.merge_cells("C3:C4")


def _repeated(book: Any) -> None:
    page = book.active
    for line in [
        ["手机号", "组", "备注"],
        *([["13012121211", "A", "A"]] * 40),
        [None],
        *([[None]] * 20),
        ["13012121212", "B", "C"],
    ]:
        page.append(line)


def _plain(book: Any) -> None:
    for line in [HEAD, *PEOPLE]:
        book.active.append(line)


def _rich(book: Any) -> None:
    page = book.active
    page.append(HEAD)
    page.append(
        [
            CellRichText("130", TextBlock(InlineFont(b=True), "1212"), "1211"),
            CellRichText(TextBlock(InlineFont(i=True), "张"), "伟"),
            "晨光",
        ]
    )


def _commented(book: Any) -> None:
    _plain(book)
    book.active["A2"].comment = openpyxl.comments.Comment("已联系", "王")
    book.active["B2"].hyperlink = "https://example.com"
    book.active.freeze_panes = "A2"


def _write_only(book: Any) -> None:
    page = book.create_sheet("流")
    for line in [HEAD, *PEOPLE]:
        page.append(line)


def _formulas(book: Any) -> None:
    page = book.active
    page.append(["手机号", "全名", "错"])
    for row in range(2, 5):
        page.append([PHONES[row - 2], f'="张"&{row}', "=1/0"])


def by_openpyxl() -> dict[str, bytes]:
    """Files as a Python export makes them."""
    return {
        "openpyxl_types.xlsx": saved(_types),
        "openpyxl_shown.xlsx": saved(_shown),
        "openpyxl_merged.xlsx": saved(_merged),
        "openpyxl_rich.xlsx": saved(_rich),
        "openpyxl_commented.xlsx": saved(_commented),
        "openpyxl_stream.xlsx": saved(_write_only, write_only=True),
        "openpyxl_formulas.xlsx": saved(_formulas),
        "openpyxl_named_xls.xls": saved(_plain),
    }


def _with_xlsxwriter(fill: Callable[[Any, Any], None], options: dict[str, Any] | None = None) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True} | (options or {}))
    fill(book, book.add_worksheet("名单"))
    book.close()
    return out.getvalue()


def _lines(page: Any) -> None:
    for index, line in enumerate([HEAD, *PEOPLE]):
        page.write_row(index, 0, line)


def by_xlsxwriter() -> dict[str, bytes]:
    """Files as reporting systems make them."""

    def dates(book: Any, page: Any) -> None:
        page.write_row(0, 0, ["手机号", "日期", "时刻"])
        page.write_number(1, 0, 13012121211)
        page.write_datetime(1, 1, dt.datetime(2024, 2, 29), book.add_format({"num_format": "yyyy年m月d日"}))
        page.write_datetime(1, 2, dt.datetime(2024, 2, 29, 8, 30, 5), book.add_format({"num_format": "yyyy/m/d h:mm"}))

    def rich(book: Any, page: Any) -> None:
        _lines(page)
        page.write_rich_string(1, 1, book.add_format({"bold": True}), "张", "伟")

    def listed(book: Any, page: Any) -> None:
        page.add_table(0, 0, 3, 2, {"columns": [{"header": name} for name in HEAD], "data": PEOPLE})

    def valued(book: Any, page: Any) -> None:
        _lines(page)
        page.write_formula(1, 1, '="张"&"伟"', None, "张伟")
        page.write_formula(2, 1, "=NA()", None, "#N/A")
        page.write_formula(3, 1, "=1>0", None, True)

    def sparse(book: Any, page: Any) -> None:
        _lines(page)
        page.write_row(70_000, 0, ["13012121214", "末"])

    def styled(book: Any, page: Any) -> None:
        _lines(page)
        for row in range(4, 400):
            page.write_blank(row, 5, None, book.add_format({"bg_color": "yellow"}))
        page.set_column("C:C", None, None, {"hidden": True})

    def zeros(book: Any, page: Any) -> None:
        page.write_row(0, 0, ["编号", "手机号"])
        page.write_number(1, 0, 42, book.add_format({"num_format": "00000000"}))
        page.write_string(1, 1, "0085213012121211")
        page.write_string(2, 0, "00000042")
        page.write_number(2, 1, 8613012121211)

    return {
        "xlsxwriter_shared.xlsx": _with_xlsxwriter(lambda book, page: _lines(page)),
        "xlsxwriter_inline.xlsx": _with_xlsxwriter(lambda book, page: _lines(page), {"constant_memory": True}),
        "xlsxwriter_dates.xlsx": _with_xlsxwriter(dates),
        "xlsxwriter_dates_1904.xlsx": _with_xlsxwriter(dates, {"date_1904": True}),
        "xlsxwriter_rich.xlsx": _with_xlsxwriter(rich),
        "xlsxwriter_table.xlsx": _with_xlsxwriter(listed),
        "xlsxwriter_values.xlsx": _with_xlsxwriter(valued),
        "xlsxwriter_sparse.xlsx": _with_xlsxwriter(sparse),
        "xlsxwriter_styled.xlsx": _with_xlsxwriter(styled),
        "xlsxwriter_zeros.xlsx": _with_xlsxwriter(zeros),
    }


def by_pandas() -> dict[str, bytes]:
    """Files as a colleague's notebook makes them."""
    frame = pd.DataFrame(PEOPLE, columns=HEAD)
    grouped = frame.set_index(["公司", "姓名"])
    wide = frame.assign(年龄=[30.0, None, 41.5])

    def written(table: pd.DataFrame, **options: Any) -> bytes:
        out = io.BytesIO()
        table.to_excel(out, **options)
        return out.getvalue()

    return {
        "pandas_plain.xlsx": written(frame, index=False),
        "pandas_index.xlsx": written(frame),
        "pandas_grouped.xlsx": written(pd.concat([grouped, grouped.assign(手机号="13012121219")]).sort_index()),
        "pandas_gaps.xlsx": written(wide, index=False, engine="xlsxwriter"),
        "text_pandas.csv": frame.to_csv(index=False, encoding="utf-8-sig").encode("utf-8-sig"),
    }


def by_calc() -> dict[str, bytes]:
    """Files as LibreOffice saves them in its formats and the old ones."""
    made: dict[str, bytes] = {}
    sources = {
        "types": saved(_types),
        "shown": saved(_shown),
        "merged": saved(_merged),
        "repeated": saved(_repeated),
        "formulas": saved(_formulas),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, data in sources.items():
            source = Path(folder) / f"calc_{name}.src.xlsx"
            source.write_bytes(data)
            for kind, filters in (
                ("xls", "xls:MS Excel 97"),
                ("ods", "ods:calc8"),
                ("xlsx", "xlsx:Calc MS Excel 2007 XML"),
            ):
                out = Path(folder) / kind
                subprocess.run(
                    ["soffice", "--headless", "--convert-to", filters, "--outdir", str(out), str(source)],
                    check=True,
                    capture_output=True,
                )
                made[f"calc_{name}.{kind}"] = (out / f"calc_{name}.src.{kind}").read_bytes()
    return made


CONTACT = (2, text("A2", "13012121211") + text("B2", "张伟"))
NEXT = (3, number("A3", "13012121212") + text("B3", "李四"))
GOOD = rows(header(), CONTACT, NEXT)


def _sheet(xml: str) -> bytes:
    return pack(parts_of("") | {"xl/worksheets/sheet1.xml": xml})


def _replaced(part: str, old: str, new: str, **more: str | bytes) -> bytes:
    parts = parts_of(GOOD)
    assert old in parts[part]
    return pack(parts | {part: parts[part].replace(old, new)} | more)


def _stored(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        for name, content in reversed(parts.items()):
            package.writestr(name, content)
    return out.getvalue()


def by_hand() -> dict[str, bytes]:
    """Files as WPS and half-finished exporters make them, one habit each."""
    bare = "<sheetData><row><c t='inlineStr'><is><t>手机号</t></is></c><c t='inlineStr'><is><t>姓名</t></is></c></row>"
    shared = '<row r="{0}"><c r="A{0}" t="s"><v>0</v></c><c r="B{0}" t="s"><v>1</v></c></row>'
    strings = f'<sst xmlns="{MAIN}"><si><r><t>手机</t></r><r><rPr><b/></rPr><t>号</t></r></si><si><t>姓名</t><rPh sb="0" eb="1"><t>xing</t></rPh></si><si/></sst>'
    strict = {
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main": "http://purl.oclc.org/ooxml/spreadsheetml/main"
    }
    return {
        "xml_dimension.xlsx": workbook(
            rows(
                header(),
                *[(row, number(f"A{row}", str(13012120000 + row))) for row in range(2, 30)],
                before='<dimension ref="A1"/>',
            )
        ),
        "xml_dimension_huge.xlsx": workbook(rows(header(), CONTACT, NEXT, before='<dimension ref="A1:XFD1048576"/>')),
        "xml_far_cell.xlsx": workbook(rows(header(), CONTACT, (900_000, text("B900000", "远")))),
        "xml_far_column.xlsx": workbook(rows(header(), (2, text("A2", "13012121211") + text("XFD2", "x")))),
        "xml_order.xlsx": workbook(rows(header(), NEXT, CONTACT)),
        "xml_order_bare.xlsx": workbook(rows(header(), NEXT, (2, "<c><v>1</v></c>"))),
        "xml_rows_twice.xlsx": workbook(rows(header(), CONTACT, CONTACT)),
        "xml_cells_twice.xlsx": workbook(
            rows(header(), (2, text("A2", "13012121211") + text("B2", "张伟") + text("A2", "13012121299")), NEXT)
        ),
        "xml_cells_order.xlsx": workbook(rows(header(), (2, text("B2", "张伟") + text("A2", "13012121211")))),
        "xml_bare.xlsx": workbook(
            bare + "<row><c><v>13012121211</v></c></row><row/><row><c/><c><v>5</v></c></row></sheetData>"
        ),
        "xml_bare_half.xlsx": workbook(
            rows(header(), (2, text("A2", "13012121211") + "<c t='inlineStr'><is><t>张伟</t></is></c>"))
        ),
        "xml_rich_shared.xlsx": pack(
            parts_of(f"<sheetData>{shared.format(1)}<row r='2'><c r='A2'><v>13012121211</v></c></row></sheetData>")
            | {"xl/sharedStrings.xml": strings}
        ),
        "xml_rich_inline.xlsx": workbook(
            rows(header(), (2, '<c r="A2" t="inlineStr"><is><r><t>130</t></r><r><t>12121211</t></r></is></c>'))
        ),
        "xml_no_cached.xlsx": workbook(
            rows(
                header(),
                (2, text("A2", "13012121211") + '<c r="B2"><f>C2&amp;D2</f></c>'),
                (3, text("A3", "13012121212") + '<c r="B3"><f>C3</f><v/></c>'),
            )
        ),
        "xml_shared_formula.xlsx": workbook(
            rows(
                header(),
                (2, '<c r="A2"><f t="shared" ref="A2:A3" si="0">C2*1</f><v>13012121211</v></c>'),
                (3, '<c r="A3"><f t="shared" si="0"/><v>13012121212</v></c>'),
            )
        ),
        "xml_errors.xlsx": workbook(
            rows(
                header(),
                (2, text("A2", "13012121211") + '<c r="B2" t="e"><v>#N/A</v></c>'),
                (3, '<c r="A3" t="e"><v>#REF!</v></c>'),
            )
        ),
        "xml_date_phone.xlsx": workbook(
            rows(header(), (2, number("A2", "13012121211", 1)), (3, number("A3", "13012121212", 2)))
        ),
        "xml_iso_date.xlsx": workbook(
            rows(header(1, "手机号", "日期"), (2, text("A2", "13012121211") + '<c r="B2" t="d"><v>2024-02-29</v></c>'))
        ),
        "xml_booleans.xlsx": workbook(
            rows(
                header(),
                (2, '<c r="A2" t="b"><v>1</v></c>' + text("B2", "true")),
                (3, text("A3", "TRUE") + '<c r="B3" t="b"><v>0</v></c>'),
            )
        ),
        "xml_digits.xlsx": workbook(
            rows(
                header(),
                *[
                    (2 + at, number(f"A{2 + at}", value))
                    for at, value in enumerate(
                        [
                            "123456789012345",
                            "1234567890123456",
                            "123456789012345678901",
                            "1.3012121211E10",
                            "13012121211.0",
                            "0013012121211",
                        ]
                    )
                ],
            )
        ),
        "xml_text_number.xlsx": workbook(
            rows(header(), (2, '<c r="A2" t="str"><v>013012121211</v></c>'), (3, text("A3", "1.30E+10")))
        ),
        "xml_merged.xlsx": workbook(
            rows(
                header(),
                CONTACT,
                (3, text("A3", "13012121212")),
                after='<mergeCells count="1"><mergeCell ref="B2:B3"/></mergeCells>',
            )
        ),
        "xml_hidden.xlsx": workbook(
            rows(
                header(),
                CONTACT,
                NEXT,
                attributes={3: ' hidden="true"'},
                before='<cols><col min="2" max="2" hidden="1"/></cols>',
            )
        ),
        "xml_filtered.xlsx": workbook(
            rows(header(), CONTACT, NEXT, attributes={2: ' hidden="1"'}, after='<autoFilter ref="A1:B3"/>')
        ),
        "xml_prefixed.xlsx": _sheet(
            f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>手机号</x:t></x:is></x:c></x:row><x:row r="2"><x:c r="A2"><x:v>13012121211</x:v></x:c></x:row></x:sheetData></x:worksheet>'
        ),
        "xml_apostrophes.xlsx": _sheet(
            f"<?xml version='1.0'?><worksheet xmlns='{MAIN}'><sheetData><row r='1'><c r='A1' t='inlineStr'><is><t>手机号</t></is></c></row><row r='2'><c r='A2'><v>13012121211</v></c></row></sheetData></worksheet>"
        ),
        "xml_spaced.xlsx": _sheet(
            f'<worksheet xmlns="{MAIN}">\n  <sheetData>\n    <row r="1" >\n      <c r="A1" t="inlineStr" >\n        <is>\n <t>手机号</t>\n </is>\n </c>\n </row>\n <row r="2">\n <c r="A2">\n <v>13012121211</v>\n </c>\n </row>\n</sheetData>\n</worksheet>'
        ),
        "xml_cdata.xlsx": workbook(
            rows(
                header(),
                (2, '<c r="A2" t="inlineStr"><is><t><![CDATA[13012121211]]></t></is></c>' + text("B2", "张&#20255;")),
            )
        ),
        "xml_comments.xlsx": workbook(rows(header(), (2, '<!-- <row r="9"> -->' + text("A2", "13012121211")))),
        "xml_escapes.xlsx": workbook(rows(header(), (2, text("A2", "13012121211") + text("B2", "张_x000D_伟")))),
        "xml_hidden_first.xlsx": workbook(GOOD, GOOD, names=("藏", "名单"), states=("veryHidden", "visible")),
        "xml_all_hidden.xlsx": workbook(GOOD, names=("藏",), states=("hidden",)),
        "xml_second_full.xlsx": workbook("<sheetData/>", GOOD, names=("封面", "名单")),
        "xml_absolute_target.xlsx": _replaced(
            "xl/_rels/workbook.xml.rels", 'Target="worksheets', 'Target="/xl/worksheets'
        ),
        "xml_mark.xlsx": pack({name: b"\xef\xbb\xbf" + content.encode() for name, content in parts_of(GOOD).items()}),
        "xml_stored.xlsx": _stored(parts_of(GOOD)),
        "xml_no_styles.xlsx": pack(
            {name: content for name, content in parts_of(GOOD).items() if name != "xl/styles.xml"}
        ),
        "xml_strict.xlsx": pack(
            {
                name: content.replace(*next(iter(strict.items()))).replace(
                    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                    "http://purl.oclc.org/ooxml/officeDocument/relationships",
                )
                for name, content in parts_of(GOOD).items()
            }
        ),
        "xml_macros.xlsm": pack(parts_of(GOOD) | {"xl/vbaProject.bin": b"\0"}),
        "xml_empty_texts.xlsx": workbook(
            rows(header(), (2, text("A2", "") + text("B2", "")), CONTACT[:0] + (3, text("A3", "13012121211")))
        ),
        "xml_lone_cell.xlsx": workbook(rows((1, text("A1", "13012121211")))),
        "xml_only_header.xlsx": workbook(rows(header())),
        "xml_cut.xlsx": workbook(GOOD)[:-40],
        "xml_lower_case.xlsx": workbook(rows(header(), (2, text("a2", "13012121211")))),
    }


def by_text() -> dict[str, bytes]:
    """Texts in the encodings and with the separators that turn up."""
    table = "手机号,姓名,公司\r\n" + "".join(",".join(line) + "\r\n" for line in PEOPLE)
    quoted = '手机号,姓名,备注\n13012121211,"张,伟","第一行\n第二行"\n13012121212,"李""四""",\n'
    return {
        "text_utf8.csv": table.encode(),
        "text_utf8_mark.csv": table.encode("utf-8-sig"),
        "text_gb18030.csv": table.encode("gb18030"),
        "text_utf16_le.csv": b"\xff\xfe" + table.encode("utf-16-le"),
        "text_utf16_be.csv": b"\xfe\xff" + table.encode("utf-16-be"),
        "text_semicolons.csv": table.replace(",", ";").encode(),
        "text_tabs.txt": table.replace(",", "\t").encode("utf-16"),
        "text_pipes.txt": table.replace(",", "|").encode(),
        "text_quotes.csv": quoted.encode(),
        "text_quotes_gbk.csv": quoted.encode("gb18030"),
        "text_ragged.csv": "手机号,姓名\n13012121211\n13012121212,李四,多,余\n13012121213,𠮷田\n".encode(),
        "text_blank_lines.csv": "手机号,姓名\n\n13012121211,张伟\n,\n\n13012121212,李四\n\n".encode(),
        "text_no_end.csv": "手机号,姓名\n13012121211,张伟".encode(),
        "text_one_column.csv": "手机号\n13012121211\n13012121212\n".encode(),
        "text_named_xlsx.xlsx": table.encode(),
        "text_zeros.csv": "手机号,编号\n013012121211,007\n1.30E+10,1e5\n".encode(),
        "text_web.xls": "<html><body><table><tr><td>手机号</td></tr><tr><td>13012121211</td></tr></table></body></html>".encode(),
    }


def main(names: list[str]) -> None:
    """Writes the named files, or those that are not there yet."""
    for make in (by_openpyxl, by_xlsxwriter, by_pandas, by_calc, by_hand, by_text):
        for name, data in make().items():
            if name in names or (not names and not (CORPUS / name).exists()):
                (CORPUS / name).write_bytes(data)
                print(name)


if __name__ == "__main__":
    main(sys.argv[1:])
