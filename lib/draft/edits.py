"""What a person did to single cells and rows of a draft, folded: which value stands in each cell."""

from collections.abc import Iterable

import pandas as pd

from lib.run.records import EditRecord

#: Field name of the fact that a row is sent (`SENT`) or left out (`LEFT_OUT`); no contacts column is called so.
SEND = "@send"
SENT, LEFT_OUT = "1", "0"


class EditStacks:
    """The standing edits by field and row. Undo and redo turn whole groups from the end, so each cell is a stack."""

    def __init__(self, records: Iterable[EditRecord] = ()) -> None:
        self._stacks: dict[str, dict[int, list[str]]] = {}
        self.push((record.row, record.field, record.after) for record in records)

    def push(self, facts: Iterable[tuple[int, str, str]]) -> None:
        """Add (row, field, after), in the order they were made."""
        for row, field, after in facts:
            self._stacks.setdefault(field, {}).setdefault(int(row), []).append(after)

    def pop(self, facts: Iterable[tuple[int, str]]) -> None:
        """Take back the last edit of each (row, field)."""
        for row, field in facts:
            stack = self._stacks[field][row]
            stack.pop()
            if not stack:
                del self._stacks[field][row]

    def standing(self, field: str, rows: Iterable[int] | None = None) -> pd.Series:
        """By row, what was typed last into this field; only of these rows where some are named."""
        stacks = self._stacks.get(field, {})
        known = stacks if rows is None else dict.fromkeys(int(row) for row in rows if row in stacks)
        return pd.Series(
            [stacks[row][-1] for row in known], index=pd.Index(list(known), dtype="int64"), dtype="str"
        )

    @property
    def fields(self) -> list[str]:
        """Fields with a standing edit."""
        return [field for field, stacks in self._stacks.items() if stacks and field != SEND]

    @property
    def rows(self) -> set[int]:
        """Rows with an edited cell."""
        return {row for field in self.fields for row in self._stacks[field]}
