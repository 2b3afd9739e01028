"""Several files with the same columns, brought at once: kept as one upload and read as one list.

They are laid behind each other with a line in front that says what each is called and how long it is. A ZIP would do it
too, but unpacking one is work for the limited process, and this is read without unpacking anything.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from lib.contact.masking import mask_seen
from lib.errors import SheetRefused
from lib.sheet.row_numbers import MOST_SHEETS
from lib.sheet.table import Sheet
from lib.sheet.together import as_one, columns_of
from lib.workbook.kind import label
from lib.workbook.limits import MAX_FILES_BYTES, MEBIBYTE

#: What such an upload begins with; the zero says that it is nobody's text.
_MARK = b"\0contact desk: files\n"

#: Columns named in one sentence.
_NAMED = 5

#: Name and bytes.
File = tuple[str, bytes]


def are_several(data: bytes) -> bool:
    """Whether this upload is several files."""
    return data.startswith(_MARK)


def as_upload(files: Sequence[File]) -> bytes:
    """These files as one upload. Raises SheetRefused where they are too many, or too much."""
    if len(files) > MOST_SHEETS:
        raise SheetRefused("files_too_many", limit=MOST_SHEETS)
    if sum(len(data) for _, data in files) > MAX_FILES_BYTES:
        raise SheetRefused("files_too_large", limit=MAX_FILES_BYTES // MEBIBYTE)
    told = [[mask_seen(label(name)), len(data)] for name, data in files]
    return b"".join((_MARK, json.dumps(told).encode(), b"\n", *(data for _, data in files)))


def files_of(data: bytes) -> list[File]:
    """The reverse of `as_upload`."""
    told, _, rest = data.removeprefix(_MARK).partition(b"\n")
    files, at = [], 0
    for name, size in json.loads(told):
        files.append((name, rest[at : at + size]))
        at += size
    return files


def read_files(
    data: bytes,
    read: Callable[[bytes, str], Sheet],
    name: str,
    sha256: str,
    column: str,
    *,
    alike: bool,
) -> Sheet:
    """The files of an upload as one list, each read alone, with a column that names the file of each row. Raises SheetRefused.

    data: as `as_upload` made it
    read: reads one file from its bytes and its name
    name, sha256: of the whole
    column: what that column is called; numbered where a file has a column of this name
    alike: refuse files that have not the columns of the first
    """
    sheets: list[Sheet] = []
    for called, content in files_of(data):
        try:
            found = read(content, called)
        except SheetRefused as refused:
            raise SheetRefused("files_one_refused", file=called) from refused
        if found.rival is not None:  # a person has to look at it first
            raise SheetRefused("files_one_doubtful", file=called)
        if alike and sheets:
            _must_be_alike(sheets[0], found)
        sheets.append(found)
    whole = as_one(sheets, [(found.name, place) for place, found in enumerate(sheets, 1)], column)
    return replace(
        whole, name=name, sha256=sha256, sheet=None, sheets=(), visible=(), encoding=None, delimiter=None
    )


def _must_be_alike(first: Sheet, other: Sheet) -> None:
    if columns_of(first) == columns_of(other):
        return
    ours, theirs = (list(map(str, one.table.columns)) for one in (first, other))
    raise SheetRefused(
        "files_differ",
        first=first.name,
        other=other.name,
        ours=_listed([column for column in ours if column not in theirs]),
        theirs=_listed([column for column in theirs if column not in ours]),
    )


def _listed(columns: Sequence[str]) -> str:
    return " | ".join(map(mask_seen, columns[:_NAMED])) or "–"
