"""What a file is, decided by its content, and what to call it."""

import unicodedata

from lib.errors import SheetRefused
from lib.workbook.limits import LABEL_CHARACTERS

_ZIP = b"PK\x03\x04"
_ZIP_EMPTY = b"PK\x05\x06"
#: First bytes of an OLE2 file: an old Excel workbook, or a new one behind a password.
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

#: First bytes of files people take for a table, and the sentence each gets.
_NOT_TABLES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "file_is_pdf"),
    (b"\x89PNG\r\n", "file_is_image"),
    (b"\xff\xd8\xff", "file_is_image"),
    (b"GIF8", "file_is_image"),
    (b"Rar!\x1a", "file_is_archive"),
    (b"7z\xbc\xaf\x27\x1c", "file_is_archive"),
    (b"\x1f\x8b", "file_is_archive"),
    (b"{\\rtf", "file_is_document"),
)

#: Characters of the start of a text that are looked at for markup.
_MARKUP_BYTES = 2_048


def workbook_or_text(data: bytes) -> str:
    """ "workbook" or "text". Raises SheetRefused for what is neither, each kind with its own code."""
    if not data:
        raise SheetRefused("file_empty")
    if data.startswith((_ZIP, _ZIP_EMPTY)):
        return "workbook"
    if data.startswith(OLE2):
        return _ole2(data)
    for magic, code in _NOT_TABLES:
        if data.startswith(magic):
            raise SheetRefused(code)
    _refuse_markup(data)
    return "text"


def _ole2(data: bytes) -> str:
    # the directory of an OLE2 file names its streams in UTF-16; a protected .xlsx has EncryptedPackage
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise SheetRefused("workbook_password")
    if "Workbook".encode("utf-16-le") in data or "Book\0".encode("utf-16-le") in data:
        return "workbook"
    # bytes 48 to 51 say in which sector the directory begins; a file cut short has lost it and could be anything
    cut = int.from_bytes(data[48:52], "little") * 512 + 512 >= len(data)
    raise SheetRefused("workbook_damaged" if cut and len(data) >= 512 else "file_is_document")


def _refuse_markup(data: bytes) -> None:
    start = data[:_MARKUP_BYTES].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if not start.startswith(b"<"):
        return
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise SheetRefused("file_is_xml_table")
    if (
        start.startswith((b"<!doctype", b"<html", b"<table", b"<head", b"<meta", b"<style", b"<body"))
        or b"<html" in start
    ):
        raise SheetRefused("file_is_html")
    if start.startswith(b"<?xml"):
        raise SheetRefused("file_is_document")


def label(name: str) -> str:
    """What to call an uploaded file: its last path part without control, bidi and other invisible characters, ≤ 120 characters.

    The name comes unchanged from the browser and is hostile text (SEC18); it is never used as a path.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(
        char for char in last if unicodedata.category(char)[0] != "C" and char not in "\u2028\u2029"
    ).strip()
    if len(seen) > LABEL_CHARACTERS:
        stem, dot, suffix = seen.rpartition(".")
        tail = dot + suffix if stem and len(suffix) <= 5 else ""
        seen = seen[: LABEL_CHARACTERS - len(tail) - 1] + "…" + tail
    return seen if seen.strip(". ") else "sheet"
