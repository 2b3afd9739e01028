"""Limits of reading a contact file, with units. Above any of them the file is refused in words, never cut short.

The server's upload limit (config.toml, maxUploadSize, 50 MB) stands before all of these. Three of them can be set by an
environment variable of the server: CONTACT_DESK_MAX_ROWS, CONTACT_DESK_MAX_COLUMNS, CONTACT_DESK_MAX_UNPACKED_MB.
"""

import os

MEGABYTE = 1_000_000
MEBIBYTE = 1 << 20

#: Environment variables that set a limit, for the parsing process too.
SETTINGS = ("CONTACT_DESK_MAX_ROWS", "CONTACT_DESK_MAX_COLUMNS", "CONTACT_DESK_MAX_UNPACKED_MB")


def _setting(name: str, default: int, most: int) -> int:
    """A limit from the environment. Raises ValueError, when the app starts, for what is no number from 1 to `most`."""
    text = os.environ.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise ValueError(f"{name} must be a whole number from 1 to {most}")
    return int(text)


#: Rows with something in them, header included.
MAX_ROWS = _setting("CONTACT_DESK_MAX_ROWS", 1_000_000, most=1_048_576)

#: Position of the last used column (500 = column SF); one stray cell in XFD1 would otherwise cost gigabytes.
MAX_COLUMNS = _setting("CONTACT_DESK_MAX_COLUMNS", 500, most=16_384)

#: Rows a worksheet can have (Excel's own limit); a row number above it is a lie.
EXCEL_ROWS = 1_048_576

#: Columns a worksheet can have.
EXCEL_COLUMNS = 16_384

#: Bytes of one physical line of a text file.
MAX_LINE_BYTES = 1 * MEGABYTE

#: Files inside one workbook.
MAX_PARTS = 2_000

#: Bytes of a workbook unpacked, all parts together; one million rows of twelve columns need about 600 MB.
MAX_UNPACKED_BYTES = _setting("CONTACT_DESK_MAX_UNPACKED_MB", 1_000, most=4_000) * MEGABYTE

#: Unpacked : packed of one part. Honest worksheets stay under 40.
MAX_RATIO = 100

#: Bytes under which the ratio of a part says nothing.
RATIO_COUNTS_FROM_BYTES = 10 * MEGABYTE

#: Bytes of a part that is read whole (workbook.xml, its relations).
MAX_SMALL_PART_BYTES = 16 * MEGABYTE

#: Bytes of the XML of one row.
MAX_ROW_XML_BYTES = 32 * MEGABYTE

#: Characters of one cell (Excel's own limit), where a format sets none itself.
MAX_CELL_CHARACTERS = 32_767

#: Bytes of all cells of a table together (SEC63): a million rows of twelve columns are 250 MB. What a small package repeats may be more.
MAX_TABLE_BYTES = 500 * MEGABYTE

#: Cells of the rectangle a fast engine would allocate; sparser sheets are read row by row.
MAX_DENSE_CELLS = 40_000_000

#: Bytes of several files that are brought at once, as much as of one.
MAX_FILES_BYTES = 50 * MEBIBYTE

#: Merged ranges, and cells filled because of them.
MAX_MERGES = 20_000
MAX_MERGE_FILLS = 2_000_000

#: Bytes of a worksheet above which the fast engine starts before the scan has looked at it. Small files that ask for a
#: huge rectangle are caught by the scan first; a large one that does so costs this process and the next engine's turn.
LOAD_AHEAD_BYTES = 8 * MEGABYTE

#: Bytes of a worksheet's XML up to which columns are written beside its own: 175,000 rows of 12. Measured at that size: 5.8 s of a
#: processor and 714 MB; twice as much is more memory than the process is given for a file of a few MB.
MAX_BESIDE_BYTES = 100 * MEGABYTE

#: Address space of the parsing process: base, plus this many bytes per byte of file, at most.
CHILD_MEMORY_BASE_BYTES = 1_024 * MEBIBYTE
CHILD_MEMORY_PER_FILE_BYTE = 40
CHILD_MEMORY_MAX_BYTES = 3_072 * MEBIBYTE

#: Processor seconds of the parsing process: for any file, more for each megabyte of what is packed, and the most.
#: Measured (20,000 rows of 12, 2026-11-29, a busy machine), at the limits of 50 MB or a million rows: text 11 s, vCard 9, HTML 6, XML
#: of 2003 3, .xls 12, .xlsx 12. What goes through a package in Python needs more: .ods 2.1 s a megabyte, 77 s for a million rows, and
#: .xlsx row by row 1.9, 97 s for 50 MB.
CHILD_CPU_SECONDS = 30
CHILD_CPU_PER_MEGABYTE = 3
CHILD_CPU_MAX_SECONDS = 100

#: Wall-clock seconds the server waits for it.
CHILD_WALL_SECONDS = 120

#: Bytes of a text from which on it is parsed by a process of its own: less cannot take long or much.
TEXT_OF_ITS_OWN_BYTES = 1 * MEGABYTE

#: Parsing processes at one time in one server, without the one that waits for files.
MAX_CHILDREN = 2

#: Rows looked at for the header.
HEADER_SEARCH_ROWS = 20

#: Characters of a file's label.
LABEL_CHARACTERS = 120

#: Records turned into Arrow at a time where Python reads them one by one.
RECORDS_PER_BLOCK = 20_000
