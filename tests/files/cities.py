"""Workbooks with one worksheet for each city, all with the same columns."""

import io
from collections.abc import Iterable, Mapping, Sequence

import openpyxl

#: Worksheet → numbers of its people. The third has a title above its header.
CITIES = {
    "北京": ["13012121211", "13912345678"],
    "上海": ["13612345678", "13712345678", "13812345678"],
    "广州": ["13512345678", "13312345678"],
}


def workbook_of(sheets: Mapping[str, Sequence[Iterable[str]]], hidden: Sequence[str] = ()) -> bytes:
    """A workbook of these worksheets, each with these rows of texts."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.worksheets[0])
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(list(line))
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    book.save(out)
    return out.getvalue()


def cities() -> bytes:
    """The workbook of CITIES, with a worksheet of something else behind them."""
    sheets: dict[str, list[tuple[str, ...]]] = {}
    for city, phones in CITIES.items():
        title = [(f"{city}客户名单",)] if city == "广州" else []
        people = [(f"{city}客户{at}", phone) for at, phone in enumerate(phones, 1)]
        sheets[city] = [*title, ("姓名", "手机号"), *people]
    return workbook_of(sheets | {"汇总": [("城市", "人数"), ("北京", "2"), ("上海", "3")]})
