"""What reading a file noticed. Codes are stable; the sentence of a code is `note.<code>` in the locales."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class NoteCode(StrEnum):
    """One thing worth telling about a file; each sentence says what was done with it."""

    BLANK_ROWS = "blank_rows"  # count
    TITLE_ROWS = "title_rows"  # count, row (of the header)
    NO_HEADER = "no_header"
    HEADER_JOINED = "header_joined"  # row, last, first
    HEADER_RENAMED = "header_renamed"  # count, first
    HEADER_EMPTY = "header_empty"  # count, first
    RAGGED_ROWS = "ragged_rows"  # count, row (first)
    HIDDEN_ROWS = "hidden_rows"  # count
    FILTERED_ROWS = "filtered_rows"  # count
    HIDDEN_COLUMNS = "hidden_columns"  # count, first
    SHEETS_PASSED_OVER = "sheets_passed_over"  # count, first, sheet (the one read)
    HIDDEN_SHEET_READ = "hidden_sheet_read"  # sheet
    HIDDEN_SHEETS = "hidden_sheets"  # count, first
    MORE_SHEETS = "more_sheets"  # count, sheet (the one read)
    MERGED_CELLS = "merged_cells"  # count (ranges), cells
    MERGED_NOT_FILLED = "merged_not_filled"  # count
    CELLS_TWICE = "cells_twice"  # count, cell (first)
    ERROR_CELLS = "error_cells"  # count, cell (first)
    FORMULA_WITHOUT_VALUE = "formula_without_value"  # count, cell (first)
    DATE_PHONE = "date_phone"  # count, cell (first)
    PARTIAL_DATES = "partial_dates"  # count, cell (first)
    LONG_NUMBERS = "long_numbers"  # count, cell (first)
    MACROS_IGNORED = "macros_ignored"
    READ_BY_FALLBACK = "read_by_fallback"
    READ_AROUND_DAMAGE = "read_around_damage"  # count (read)
    COUNT_DISAGREES = "count_disagrees"  # seen, count (read)
    COUNTED_ONCE = "counted_once"  # count (read)
    ENCODING_GUESS = "encoding_guess"  # encoding
    CHARSET_GUESS = "charset_guess"  # encoding
    ENCODINGS_MIXED = "encodings_mixed"  # count (lines in the rarer one)
    DAMAGED_CHARACTERS = "damaged_characters"  # count, cell (first)
    ZERO_BYTES = "zero_bytes"  # count, cell (first)
    MARKS_REMOVED = "marks_removed"  # count, cell (first)
    QUOTE_OPEN = "quote_open"  # row
    TOTAL_LINE = "total_line"  # count, row (first)
    EXAMPLE_LINE = "example_line"  # count, row (first)
    CHAT_LINE = "chat_line"  # count, row (first)
    HEADER_AGAIN = "header_again"  # count, row (first)


@dataclass(frozen=True)
class Note:
    """A finding. `params` fill the sentence in: counts are `count`, cells "C5", rows as the spreadsheet numbers them."""

    code: NoteCode
    params: dict[str, Any] = field(default_factory=dict)


def note(code: NoteCode, **params: Any) -> Note:
    """A Note with these params."""
    return Note(code, params)
