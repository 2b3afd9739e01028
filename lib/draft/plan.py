"""A draft frozen into a run: which row goes where, in which batch, as which bytes."""

import io
import json
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lib import payload
from lib.contact.masking import mask_seen
from lib.contact.number_search import Sought
from lib.contact.privacy import mask_phone, mask_phones, mask_text
from lib.draft import Draft
from lib.mapping.combine import combined
from lib.payload import Cut, Start
from lib.platform.connection import Connection
from lib.run.records import RunPlan
from lib.sheet import Sheet
from lib.sheet.row_numbers import rows_of_file
from lib.sheet.split import file_table
from lib.sheet.together import listed
from lib.validation import PROBLEM_COLUMNS, Review

#: Where a stored sheet keeps what was wrong with it.
_TOLD = b"contact_desk.told"


def run_plan(draft: Draft, connection: Connection) -> RunPlan:
    """Everything `store.runs.create` needs. Bodies are made lazily, one batch at a time."""
    assert draft.sheet, "no sheet to plan"
    assert draft.id, "a draft that was never saved"
    draft.must_be_current()
    review = draft.review(connection)
    return RunPlan(
        draft_id=draft.id,
        connection=connection,
        file_name=draft.sheet.name,
        file_sha256=draft.sheet.sha256,
        sheet_name=_sheet_name(draft.sheet),
        source=source_bytes(_fed(draft), review.problems, draft.columns, draft.mapping.between),
        rows=_rows(draft, review, draft.cut(connection)),
        bodies=(
            (batch.seq, len(batch.rows), payload.encoded(payload.body(batch)))
            for batch in payload.batches(review, connection.options, draft.batch_size, draft.start)
        ),
        repeats_allowed=draft.sends_again(connection),
        elsewhere_allowed=draft.sends_elsewhere(connection),
        hold_after=0 if draft.start == Start.ALL else 1,
        list_source=draft.list_source,
    )


def _sheet_name(sheet: Sheet) -> str:
    """What the run says of the worksheet: its name, or those of the first few of several."""
    return listed([mask_seen(part.name) for part in sheet.parts], "、") if sheet.parts else sheet.sheet or ""


def _fed(draft: Draft) -> pd.DataFrame:
    """The columns of the sheet that feed a field: nothing else of it is needed once its draft is gone (SEC23).

    Where several worksheets or files are one list, the one that names them too: it is our own, the last.
    """
    assert draft.sheet
    table, fed = file_table(draft.sheet), {*chain.from_iterable(draft.columns.values())}
    fed |= {*table.columns[-1:]} if draft.sheet.parts else set()
    return table[[column for column in table.columns if column in fed]]


def _rows(draft: Draft, review: Review, cut: Cut) -> pd.DataFrame:
    assert draft.sheet
    index = draft.sheet.table.index
    errors = review.problems[review.problems["severity"].eq("error")].drop_duplicates("row").set_index("row")
    rows = pd.DataFrame(
        {"disposition": "left_out", "reason": "", "batch": -1, "extra": "", "phone": ""}, index=index
    )
    rows.loc[review.contacts.index, "disposition"] = "held_back"
    rows.loc[review.only_repeated, "disposition"] = "repeated"
    rows.loc[errors.index, "reason"] = errors["code"].astype(object)
    seqs = cut.seqs
    rows.loc[seqs.index, "disposition"] = "to_send"
    rows.loc[seqs.index, "batch"] = seqs
    for name in ("extra", "phone"):
        if name in review.contacts.columns:
            rows.loc[review.contacts.index, name] = review.contacts[name].astype(object)
    return rows


def source_bytes(
    table: pd.DataFrame,
    problems: pd.DataFrame | None = None,
    columns: Mapping[str, Sequence[str]] | None = None,
    between: Mapping[str, str] | None = None,
) -> bytes:
    """The person's sheet as Parquet, to give it back with the results; what was wrong with its cells beside it.

    table: text columns, index = spreadsheet row number
    problems: as `Review.problems`; None where nothing was checked
    columns: field name → columns of the sheet that feed it
    between: as `lib.mapping.Mapping.between`
    """
    told = {
        "problems": [] if problems is None else problems.to_dict("split")["data"],
        "columns": {name: list(every) for name, every in (columns or {}).items()},
        "between": dict(between or {}),
    }
    stored = pa.Table.from_pandas(table.rename_axis(None))  # a column of the sheet may be called "row" too
    marked = stored.replace_schema_metadata(
        (stored.schema.metadata or {}) | {_TOLD: json.dumps(told).encode()}
    )
    buffer = io.BytesIO()
    pq.write_table(marked, buffer)
    return buffer.getvalue()


def source_table(data: bytes) -> pd.DataFrame:
    """The sheet of `source_bytes`: text columns, index = spreadsheet row number."""
    return pd.read_parquet(io.BytesIO(data)).rename_axis("row")


def source_texts(data: bytes, name: str) -> pd.Series:
    """By row, what the sheet of `source_bytes` says for a field, read without its other columns; empty where nothing fed it."""
    _, columns, between = source_told(data)
    if name not in columns:
        return pd.Series(dtype="str")
    table = pd.read_parquet(io.BytesIO(data), columns=list(columns[name])).rename_axis("row")
    return combined(table, columns[name], between.get(name), name)


class SourceTold(NamedTuple):
    """What stands beside a stored sheet: the problems, and as in `source_bytes` which columns fed what."""

    problems: pd.DataFrame
    columns: dict[str, tuple[str, ...]]
    between: dict[str, str]


def source_told(data: bytes) -> SourceTold:
    """What `source_bytes` put beside the sheet; an earlier version stored one column for each field, or nothing."""
    told = json.loads((pq.read_schema(io.BytesIO(data)).metadata or {}).get(_TOLD, b"{}"))
    columns = {
        name: (every,) if isinstance(every, str) else tuple(every)
        for name, every in told.get("columns", {}).items()
    }
    problems = pd.DataFrame(told.get("problems", []), columns=list(PROBLEM_COLUMNS), dtype=object)
    return SourceTold(problems, columns, told.get("between", {}))


def masked_source(data: bytes) -> bytes:
    """The same, every number in it masked: in the phone's columns whatever stands there, elsewhere what looks like a number."""
    table, (problems, columns, between) = source_table(data), source_told(data)
    phones = columns.get("phone", ())
    table = table.apply(lambda cells: mask_phones(cells) if cells.name in phones else cells.map(mask_text))
    is_phone = problems["field"].eq("phone")
    for name in ("value", "suggestion"):
        texts = problems[name].astype(str)
        problems[name] = texts.map(mask_phone).where(is_phone, texts.map(mask_text))
    return source_bytes(table, problems, columns, between)


def source_without(data: bytes, sought: Sought) -> tuple[int, bytes | None]:
    """A stored sheet without the rows in which a number stands: how many, and what is left; None where no column's name may stay."""
    table, (problems, columns, between) = source_table(data), source_told(data)
    if any(map(sought.is_in, map(str, table.columns))):
        return len(table), None
    gone = sought.rows(table)
    of_file = rows_of_file(pd.Index(problems["row"].astype("int64")))
    told = of_file.isin(gone) | problems.astype(str).map(sought.is_in).any(axis=1)
    if not len(gone) and not told.any():
        return 0, data
    return len(gone), source_bytes(table.drop(index=gone), problems[~told], columns, between)
