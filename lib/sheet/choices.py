"""Rows that may or may not be contacts: hidden in the file, or adding up the ones above. A person decides."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from lib.sheet.header import is_total

#: What stands somewhere in the first filled cell of a line that adds up; full-width letters may spell one of the words.
_MAY_ADD_UP = r"(?i)计|总|汇|total|sum|[\x{FF21}-\x{FF5A}]"

#: Nothing, or what any reader takes for a space.
_BLANK = r"^[\s\v\x1c-\x1f\x85\p{Z}]*$"

#: A cell that may say that its row adds up; every row with one is looked at as a whole.
_ADDS_UP = (
    r"(?i)^\s*(?:合\s*计|总\s*计|小\s*计|共\s*计|汇\s*总|总\s*数|(?:sub|grand)?\s*total|sum)\s*[:：]?\s*$"
)


def total_rows(body: pa.Table) -> list[int]:
    """Row numbers of the lines that add up, at the end or in between. body: `row`, then text columns."""
    rows = _may_add_up(body)
    said = None
    for column in rows.columns[1:]:
        says = pc.match_substring_regex(column, _ADDS_UP)
        said = says if said is None else pc.or_(said, says)
    if said is None or not pc.any(said).as_py():
        return []
    columns = [column.to_pylist() for column in rows.filter(said).columns]
    return sorted(row for row, *cells in zip(*columns, strict=True) if is_total(cells))


def _may_add_up(body: pa.Table) -> pa.Table:
    """The few rows whose first filled cell may say so."""
    found = [body.slice(0, 0)]
    rest = body
    for at in range(1, body.num_columns):
        found.append(rest.filter(pc.match_substring_regex(rest.column(at), _MAY_ADD_UP)))
        blank = pc.match_substring_regex(rest.column(at), _BLANK)
        if not pc.any(blank).as_py():
            break
        rest = rest if pc.all(blank).as_py() else rest.filter(blank)
    return pa.concat_tables(found)


def without_rows(body: pa.Table, rows: Iterable[int]) -> pa.Table:
    """The table without the rows of these numbers."""
    gone = pa.array(sorted(rows), pa.int64())
    return body.filter(pc.invert(pc.is_in(body.column(0), gone))) if len(gone) else body
