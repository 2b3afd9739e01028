"""Workbooks of Excel 95 (BIFF 5), whose texts are bytes of some code page, made by hand: no library writes them any more."""

import struct

_SECTOR = 512
#: A stream that is shorter goes into another part of the file.
_LONG_STREAM = 4_096
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def old_workbook(
    cells: list[list[str]],
    encoding: str,
    *,
    name: str = "名单",
    page: int | None = None,
    charsets: tuple[int, ...] = (),
) -> bytes:
    """One worksheet with texts in this encoding. page: what the file says of it. charsets: of its fonts."""
    codepage = _record(0x42, struct.pack("<H", page)) if page else b""
    fonts = b"".join(_font(charset) for charset in charsets)
    title = name.encode(encoding)
    begin, sheet, end = _begin(5), _sheet(cells, encoding), _record(0x0A, b"")
    bound = 4 + 7 + len(title)
    at = len(begin) + len(codepage) + len(fonts) + bound + len(end)
    listed = _record(0x85, struct.pack("<IHB", at, 0, len(title)) + title)
    return _ole2(begin + codepage + fonts + listed + end + sheet)


def _record(code: int, data: bytes) -> bytes:
    return struct.pack("<HH", code, len(data)) + data


def _begin(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHH", 0x0500, kind, 0, 0))


def _font(charset: int) -> bytes:
    return _record(0x31, struct.pack("<HHHHHBBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, charset, 0, 5) + b"Arial")


def _sheet(cells: list[list[str]], encoding: str) -> bytes:
    found = _begin(0x10)
    for row, texts in enumerate(cells):
        for column, text in enumerate(texts):
            data = text.encode(encoding, errors="surrogateescape")
            found += _record(0x0204, struct.pack("<HHHH", row, column, 0, len(data)) + data)
    return found + _record(0x0A, b"")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    spelled = name.encode("utf-16-le")
    length = len(spelled) + 2 if name else 0
    return (
        spelled.ljust(64, b"\0")
        + struct.pack("<HBBIII", length, kind, 1, _FREE, _FREE, child)
        + b"\0" * 36
        + struct.pack("<III", start, size, 0)
    )


def _ole2(stream: bytes) -> bytes:
    stream = stream.ljust(_LONG_STREAM, b"\0")
    count = -(-len(stream) // _SECTOR)
    fat = [_FAT, _END, *range(3, count + 2), _END]
    head = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0")
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + b"\0" * 10
        + struct.pack("<IIIIIIIII", 1, 1, 0, _LONG_STREAM, _END, 0, _END, 0, 0)
        + struct.pack("<I", _FREE) * 108
    )
    directory = (
        _entry("Root Entry", 5, 1, _END, 0)
        + _entry("Book", 2, _FREE, 2, len(stream))
        + _entry("", 0, _FREE, 0, 0) * 2
    )
    table = struct.pack(f"<{_SECTOR // 4}I", *fat, *[_FREE] * (_SECTOR // 4 - len(fat)))
    return head + table + directory + stream.ljust(count * _SECTOR, b"\0")
