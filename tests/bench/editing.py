"""What one edited cell costs in a large draft, from the edit to the figures on screen; no browser."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from lib.platform.connection import practice
from lib.store import Store
from tests.bench import desk

EDITS = 7


def measured(path: Path, rows: int) -> dict[str, Any]:
    """Median milliseconds of an edit with its re-check, its tally and the problems by kind."""
    with tempfile.TemporaryDirectory() as folder:
        store, connection = Store(Path(folder) / "desk.db"), practice("http://127.0.0.1:9")
        draft = desk.saved_draft(store, path, connection)
        draft.tally(connection)
        taken = []
        problems = draft.review(connection).problems
        wrong = problems.loc[problems["field"].eq("phone"), "row"].drop_duplicates().head(EDITS).tolist()
        for at, row in enumerate(wrong):
            started = time.perf_counter()
            draft.edit([(row, "phone", f"1591234{at:04}")], connection)
            counts, groups = draft.tally(connection), draft.review(connection).counts
            taken.append((time.perf_counter() - started) * 1000)
            if row in set(draft.review(connection).problems["row"]) or counts.rows != rows or groups.empty:
                raise RuntimeError("the edit was not taken: nothing was measured")
        store.close()
    return {"rows": rows, "milliseconds": statistics.median(taken)}
