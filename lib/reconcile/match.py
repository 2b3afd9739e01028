"""Which rows a reading of the platform's list shows: there, not there, or nobody can tell. Pure."""

from collections.abc import Iterable

from lib.reconcile.number_list import ListReading
from lib.run.records import WantedRow
from lib.run.states import ScanNote


def note_of(reading: ListReading, unclear: set[int]) -> ScanNote:
    """What a look for rows came to, of which these cannot be told."""
    if reading.note == ScanNote.COMPLETE and unclear:
        return ScanNote.MASKED if reading.hides_phones else ScanNote.UNCLEAR
    return reading.note


def compared(reading: ListReading, rows: Iterable[WantedRow]) -> tuple[set[int], set[int]]:
    """Rows that are in the list, and rows of which nobody can tell."""
    found: set[int] = set()
    unclear: set[int] = set()
    for row in rows:
        verdict = _verdict(reading, row)
        if verdict is None:
            unclear.add(row.row)
        elif verdict:
            found.add(row.row)
    return found, unclear


def _verdict(reading: ListReading, row: WantedRow) -> bool | None:
    """Whether this row is in the list; None where its number may be there through somebody else."""
    if row.token and row.token in reading.by_mark:
        return True
    if reading.hides_phones:
        return False if row.token and reading.gives_marks else None
    marks = reading.by_phone.get(row.phone) if row.phone else None
    if row.token and (marks is None or all(marks)):
        if row.phone or reading.gives_marks or not reading.size:
            return False  # not there, or only as another's import
        return None
    if marks is None:
        return False if row.phone else None
    return None if row.token and reading.gives_marks else True
