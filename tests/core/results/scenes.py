"""What stands in a workbook that leaves, read as bytes and as cells."""

import io
import zipfile
from xml.etree import ElementTree

import openpyxl
from hypothesis import strategies as st

ANY_TEXT = st.text(max_size=40) | st.builds(
    "".join, st.tuples(st.sampled_from("=+-@\t\r\n\0＝＋－＠' "), st.text(max_size=20))
)


def parts(data: bytes, folder: str) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return {name: book.read(name) for name in book.namelist() if name.startswith(folder)}


def cells(data: bytes, sheet: int = 0) -> list[list[str]]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [
        ["" if value is None else value for value in row]
        for row in book.worksheets[sheet].iter_rows(values_only=True)
    ]


def kinds(data: bytes) -> set[str]:
    kinds = set()
    for content in parts(data, "xl/worksheets/sheet").values():
        for element in ElementTree.fromstring(content).iter():
            name = element.tag.rsplit("}", 1)[-1]
            if name in {"f", "hyperlink", "v"}:
                kinds.add(name)
            if name == "c" and len(element):
                kinds.add(f"c:{element.get('t')}")
    return kinds
