"""A review after an edit: what the edit can touch is checked anew, everything else is taken over as it stands.

The verdict on a row depends on its own cells and on the rows that carry the same number, on nothing else. So `touched`
names the changed rows and those that share their number before or after, `check` judges these alone, and `spliced` puts
its answer in their place. Equal to `check` of the whole sheet (tests/core/validation/test_recheck.py).
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from lib.validation import Review, Switches, clean_numbers, compared_numbers

#: Up to this many rows a table is cut and joined around them, which copies no text; more are found by one pass over it.
FEW = 64

#: Pieces a column of text may be in before it is made one again.
MOST_PIECES = 256


def touched(review: Review, rows: pd.Index, contacts: pd.DataFrame, options: Switches) -> pd.Index:
    """The rows whose verdict may differ from `review` after some have changed, been left out or taken back in.

    review: from before the change
    rows: numbers of those rows in the spreadsheet; all of them are in the answer
    contacts: as mapped, after the change; may lack rows that are not to be checked
    options: of the connection, to clean the changed numbers as `check` will
    """
    if "phone" not in contacts.columns or "phone" not in review.contacts.columns:
        return rows
    phones = compared_numbers(review)
    before = picked(phones, _places(review.contacts.index, rows))
    after = clean_numbers(picked(contacts["phone"], _places(contacts.index, rows)), options)
    sharing = phones.index[phones.isin({*before, *after}).to_numpy()]
    return rows.union(sharing, sort=False)


def spliced(review: Review, part: Review, rows: pd.Index, order: pd.Index) -> Review:
    """The review of the whole sheet after an edit, put together from the one before it and the check of what it touched.

    review: from before the edit
    part: the check of `rows`; those that are left out are not in it, and not in the answer either
    rows: as `touched` gave them; everything that `review` says about them is replaced
    order: every row of the sheet in the sheet's order
    """
    numbers = np.unique(rows.to_numpy(dtype="int64"))
    sendable = pd.DataFrame({"sendable": review.sendable})
    told = [
        frame for frame in (review.sent_before.drop(rows, errors="ignore"), part.sent_before) if len(frame)
    ]
    return replace(
        review,
        contacts=_with_rows(review.contacts, part.contacts, rows, order),
        problems=_entries(review.problems, part.problems, numbers),
        changes=_entries(review.changes, part.changes, numbers),
        kept=_entries(review.kept, part.kept, numbers),
        sendable=_with_rows(sendable, pd.DataFrame({"sendable": part.sendable}), rows, order)[
            "sendable"
        ].rename(None),
        sent_before=_in_order(pd.concat(told), order) if told else part.sent_before,
    )


def picked(values: pd.Series, places: np.ndarray) -> pd.Series:
    """The values at these positions. Arrow's own `take` copies the whole of a column that is in several pieces."""
    if len(places) > FEW or values.dtype == bool:
        return values.iloc[places]
    return pd.Series(
        [values.array[at] for at in places], index=values.index[places], name=values.name, dtype=values.dtype
    )


def picked_rows(table: pd.DataFrame, places: np.ndarray) -> pd.DataFrame:
    """The rows at these positions; see `picked`."""
    if len(places) > FEW:
        return table.iloc[places]
    return pd.DataFrame(
        {name: picked(table[name], places) for name in table.columns}, index=table.index[places]
    )


def put(values: pd.Series, places: np.ndarray, texts: list[str]) -> pd.Series:
    """A column of text with other texts at some positions.

    values: the column; stays as it is
    places: positions in it from 0, no row numbers
    texts: one for each place, in the same order
    """
    changed = values.copy()
    changed.iloc[places] = texts if len(texts) != 1 else texts[0]
    return _whole(changed)


def _whole(values: pd.Series) -> pd.Series:
    """The column in one piece, where joining has left it in very many: each piece costs time on every pass."""
    pieces: pa.ChunkedArray = values.array.__arrow_array__()
    if pieces.num_chunks <= MOST_PIECES:
        return values
    return pd.Series(pieces.combine_chunks(), index=values.index, name=values.name, dtype=values.dtype)


def _places(index: pd.Index, rows: pd.Index) -> np.ndarray:
    places = index.get_indexer(rows)
    return places[places >= 0]


def _with_rows(table: pd.DataFrame, part: pd.DataFrame, rows: pd.Index, order: pd.Index) -> pd.DataFrame:
    """`rows` of the table as in `part`: changed, absent where they are absent there, in their place in the sheet."""
    stood = rows[table.index.get_indexer(rows) >= 0]
    if len(stood) == len(part) and part.index.isin(stood).all():
        return _with_cells(table, part)
    where = order.get_indexer(table.index)
    places, back = np.sort(order.get_indexer(rows)), order.get_indexer(part.index)
    joined = _joined(table, where, part.iloc[np.argsort(back)], np.sort(back), places)
    return (
        joined if joined.index.dtype == table.index.dtype else joined.set_axis(joined.index.astype("int64"))
    )


def _with_cells(table: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """The same rows with other values; columns in which nothing differs are the same objects."""
    places = table.index.get_indexer(part.index)
    changed = {}
    for name in part.columns:
        old, new = picked(table[name], places).to_numpy(), part[name].to_numpy()
        differs = old != new
        if not differs.any():
            continue
        if table[name].dtype == bool:
            values = table[name].to_numpy().copy()
            values[places] = new
            changed[name] = pd.Series(values, index=table.index)
        else:
            changed[name] = put(table[name], places[differs], new[differs].tolist())
    return table.assign(**changed) if changed else table


def _entries(told: pd.DataFrame, part: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """Problems or changes, ordered by row, with those of `rows` replaced."""
    where = told["row"].to_numpy()
    joined = _joined(told, where, part, part["row"].to_numpy(), rows)
    return joined if joined is told else joined.reset_index(drop=True)


def _joined(
    table: pd.DataFrame, where: np.ndarray, part: pd.DataFrame, part_where: np.ndarray, places: np.ndarray
) -> pd.DataFrame:
    """The table without what stands at `places`, with `part` in between; all three are ascending."""
    starts, ends = where.searchsorted(places, "left"), where.searchsorted(places, "right")
    if not len(part) and (starts == ends).all():
        return table
    if len(places) > FEW:
        kept = ~np.isin(where, places)
        keys = np.concatenate([where[kept], part_where])
        return pd.concat([table[kept], part]).iloc[np.argsort(keys, kind="stable")]
    pieces, at = [], 0
    firsts, lasts = part_where.searchsorted(places, "left"), part_where.searchsorted(places, "right")
    for start, end, first, last in zip(starts, ends, firsts, lasts, strict=True):
        pieces += [table.iloc[at:start], part.iloc[first:last]]
        at = end
    joined = pd.concat([piece for piece in (*pieces, table.iloc[at:]) if len(piece)] or [table.iloc[:0]])
    return joined.assign(
        **{name: _whole(joined[name]) for name in joined.columns if joined[name].dtype == "str"}
    )


def _in_order(told: pd.Series, order: pd.Index) -> pd.Series:
    return told.iloc[np.argsort(order.get_indexer(told.index), kind="stable")]
