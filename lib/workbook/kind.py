"""What a file is, decided by its content, and what to call it."""

import re
import unicodedata

from lib.errors import SheetRefused
from lib.workbook.limits import LABEL_CHARACTERS

ZIP = b"PK\x03\x04"
_ZIP_EMPTY = b"PK\x05\x06"
#: First bytes of an OLE2 file: an old Excel workbook, or a new one behind a password.
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

#: How the first record of a worksheet or workbook without a container begins (BIFF 2, 3, 4, 5 and 8): kind and length.
_BIFF = re.compile(rb"\x09[\x00\x02\x04\x08][\x04-\x14]\x00", re.DOTALL)

#: First bytes of files people take for a table, and the sentence each gets.
_NOT_TABLES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "file_is_pdf"),
    (b"\x89PNG\r\n", "file_is_image"),
    (b"\xff\xd8\xff", "file_is_image"),
    (b"GIF8", "file_is_image"),
    (b"II*\0", "file_is_image"),
    (b"MM\0*", "file_is_image"),
    (b"Rar!\x1a", "file_is_archive"),
    (b"7z\xbc\xaf\x27\x1c", "file_is_archive"),
    (b"\x1f\x8b", "file_is_archive"),
    (b"BZh91AY&SY", "file_is_archive"),
    (b"\xfd7zXZ\0", "file_is_archive"),
    (b"{\\rtf", "file_is_document"),
    (b"SQLite format 3\0", "file_is_database"),
    (b"\0\1\0\0Standard ", "file_is_database"),
    (b"ID3\x03", "file_is_recording"),
    (b"ID3\x04", "file_is_recording"),
    (b"OggS", "file_is_recording"),
    (b"#!AMR", "file_is_recording"),
)

#: What stands further in, in the files of media: where, what, and the sentence.
_MEDIA: tuple[tuple[bytes, int, bytes, str], ...] = (
    (b"RIFF", 8, b"WEBP", "file_is_image"),
    (b"RIFF", 8, b"", "file_is_recording"),
    (b"", 4, b"ftyphe", "file_is_image"),
    (b"", 4, b"ftypmif1", "file_is_image"),
    (b"", 4, b"ftypavif", "file_is_image"),
    (b"", 4, b"ftyp", "file_is_recording"),
    (b"BM", 6, b"\0\0\0\0", "file_is_image"),
)

#: Bytes before a workbook in which something else may stand, and bytes of the start of a text that are looked at.
_BEFORE_BYTES = 1_024
_START_BYTES = 65_536

_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(rb"<([a-z_][\w.:-]{0,60})")
_HTML_CELL = re.compile(rb"<t[rdh][\s>]")
_HTML = frozenset(
    b"html head body meta title style script link table caption colgroup col thead tbody tfoot tr td th".split()
)
_XML_TABLE = b"urn:schemas-microsoft-com:office:spreadsheet"
_MIME_HEAD = re.compile(rb"[\w-]{1,60}:[^\n]*(?:\n(?:[\w-]{1,60}:|[ \t])[^\n]*)*")
_MIME = re.compile(rb"^mime-version:", re.MULTILINE)
_JSON = re.compile(rb'[\[{]\s*(?:[\[{]\s*)*(?:"(?:[^"\\]|\\.){0,200}"\s*[:,\]}]|[\]}])', re.DOTALL)


def workbook_or_text(data: bytes) -> str:
    """ "workbook" or "text". Raises SheetRefused for what is neither, each kind with its own code."""
    return "text" if form_of(data) == "text" else "workbook"


def form_of(data: bytes) -> str:
    """How a file is written: "zip", "ole2", "biff", "html", "xml_table", "mhtml", "vcard" or "text". Raises SheetRefused for the rest."""
    if not data:
        raise SheetRefused("file_empty")
    head = data[start_of(data) :][: len(OLE2)]
    if head.startswith((ZIP, _ZIP_EMPTY)):
        return "zip"
    if head == OLE2:
        _check_ole2(data)
        return "ole2"
    if _BIFF.match(head):
        return "biff"
    for magic, code in _NOT_TABLES:
        if data.startswith(magic):
            raise SheetRefused(code)
    for magic, at, inside, code in _MEDIA:
        if data.startswith(magic) and data[at : at + len(inside)] == inside:
            raise SheetRefused(code)
    return _form_of_text(data)


def start_of(data: bytes) -> int:
    """Where a workbook begins in its file: behind the blank lines or the warning a web program put before it, else 0."""
    begins = [at for magic in (ZIP, OLE2) if (at := data[:_BEFORE_BYTES].find(magic)) > 0]
    at = min(begins, default=0)
    return at if b"\0" not in data[:at] else 0


def _check_ole2(data: bytes) -> None:
    # the directory of an OLE2 file names its streams in UTF-16, without regard to case; a protected .xlsx has EncryptedPackage
    names = data.lower()
    if any(name.encode("utf-16-le") in names for name in ("encryptedpackage", "workbook", "book\0")):
        return
    # bytes 48 to 51 say in which sector the directory begins; a file cut short has lost it and could be anything
    cut = int.from_bytes(data[48:52], "little") * 512 + 512 >= len(data)
    raise SheetRefused("workbook_damaged" if cut and len(data) >= 512 else "file_is_document")


def _form_of_text(data: bytes) -> str:
    start = data[:_START_BYTES].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith(b"begin:vcard"):
        return "vcard"
    if start.startswith(b"<"):
        return _form_of_markup(start)
    if _is_json(data, start):
        raise SheetRefused("file_is_json")
    head = _MIME_HEAD.match(start.replace(b"\r\n", b"\n"))
    if head and _MIME.search(head[0]):
        if b"multipart/related" in head[0] or b"text/html" in head[0]:
            return "mhtml"
        raise SheetRefused("file_is_document")
    return "html" if _table_behind_words(start) else "text"


def _form_of_markup(start: bytes) -> str:
    plain = _COMMENT.sub(b"", start)
    found = _TAG.search(plain)
    root = found[1].rpartition(b":")[2] if found else b""
    if root == b"workbook" and _XML_TABLE in plain:
        return "xml_table"
    if root in _HTML or plain.startswith(b"<!doctype html") or _HTML_CELL.search(plain):
        return "html"
    if root == b"svg":
        raise SheetRefused("file_is_image")
    if plain.lstrip().startswith((b"<?xml", b"<!doctype")):
        raise SheetRefused("file_is_xml")
    return "text"


def _is_json(data: bytes, start: bytes) -> bool:
    end = data[-200:].replace(b"\0", b"").rstrip()[-1:]
    return end in (b"]", b"}") and _JSON.match(start) is not None


def _table_behind_words(start: bytes) -> bool:
    """Whether a web table stands behind a line of text or a warning, and the text is no list of its own."""
    words, table, rest = start[: 2 * _BEFORE_BYTES].partition(b"<table")
    is_list = any(sign in words for sign in (b",", b"\t", b";", b"|"))
    return bool(table) and not is_list and len(words) < _BEFORE_BYTES and _HTML_CELL.search(rest) is not None


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
