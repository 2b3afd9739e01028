"""The table of a file of which rows had to go: kept as Parquet in place of the file, with what is known of its reading.

The file itself is gone then, its other worksheets too, and so it cannot be read in another way any more.
"""

import io
import json
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lib.sheet import Note, NoteCode, Sheet
from lib.sheet.table import Part

_FACTS = b"contact_desk.sheet"

_NAMES = ("kind", "sheet", "header_row", "header_rows", "encoding", "delimiter", "sha256")


def table_bytes(sheet: Sheet) -> bytes:
    """What is kept of a sheet. Its first rows and its rival reading are not: they may hold what had to go."""
    facts: dict[str, Any] = {name: getattr(sheet, name) for name in _NAMES}
    facts["parts"] = [*map(list, sheet.parts)]
    facts["notes"] = [[note.code.value, note.params] for note in sheet.notes]
    table = pa.Table.from_pandas(sheet.table.rename_axis(None))
    named = table.replace_schema_metadata(
        (table.schema.metadata or {}) | {_FACTS: json.dumps(facts).encode()}
    )
    out = io.BytesIO()
    pq.write_table(named, out)
    return out.getvalue()


def sheet_of(data: bytes, name: str) -> Sheet:
    """The reverse of `table_bytes`, under the file's name."""
    facts = json.loads((pq.read_schema(io.BytesIO(data)).metadata or {})[_FACTS])
    notes = tuple(Note(NoteCode(code), params) for code, params in facts.pop("notes"))
    parts = tuple(Part(*part) for part in facts.pop("parts", ()))
    return Sheet(name=name, sheets=(), table=_table(data), notes=notes, parts=parts, **facts)


def _table(data: bytes) -> pd.DataFrame:
    table = pd.read_parquet(io.BytesIO(data))
    return table.set_axis(pd.Index(table.index, dtype="int64", name="row"), axis=0).astype("str")
