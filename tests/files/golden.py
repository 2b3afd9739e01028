"""What reading a file of the corpus must give, kept beside it as `<file>.json`."""

import json
from pathlib import Path
from typing import Any

from lib.errors import SheetRefused
from lib.sheet import read

CORPUS = Path(__file__).parent / "corpus"

#: Rows kept in a golden result; of longer tables the number of rows and the last rows say enough.
_ROWS = 12


def files() -> list[Path]:
    """Every file of the corpus."""
    return sorted(path for path in CORPUS.iterdir() if path.suffix != ".json")


def golden_path(path: Path) -> Path:
    """Where the golden result of a file lies."""
    return path.with_name(path.name + ".json")


def outcome(path: Path) -> dict[str, Any]:
    """What reading gives: the refusal and its params, or the facts, notes and rows of the table."""
    try:
        sheet = read(path.read_bytes(), path.name)
    except SheetRefused as refused:
        return {"refused": refused.code, "params": refused.params}
    table = sheet.table
    if len(table) > 2 * _ROWS:
        table = table.iloc[[*range(_ROWS), *range(-_ROWS, 0)]]
    return {
        "kind": sheet.kind,
        "sheet": sheet.sheet,
        "sheets": list(sheet.sheets),
        "header_row": sheet.header_row,
        "encoding": sheet.encoding,
        "delimiter": sheet.delimiter,
        "columns": list(sheet.table.columns),
        "count": len(sheet.table),
        "rows": {str(row): [*values] for row, *values in table.itertuples(name=None)},
        "notes": {str(note.code): note.params for note in sheet.notes},
    }


def write(names: list[str]) -> None:
    """Writes the golden results of the named files, or of those that have none yet, for a person to read and commit."""
    for path in files():
        if path.name in names or (not names and not golden_path(path).exists()):
            found = json.dumps(outcome(path), ensure_ascii=False, indent=1)
            golden_path(path).write_text(found + "\n", encoding="utf-8")
            print(path.name, found)
