"""The rows of a run that did not get into the task, or of which nobody knows, as a sheet for the person."""

from collections.abc import Mapping, Sequence

import pandas as pd

from lib.results.run import free_names, hidden_numbers
from lib.results.xlsx import Page, Tone, texts_of, workbook
from lib.run.arrivals import RowArrival
from lib.sheet.row_numbers import row_name, rows_of_file
from lib.words import t

_TONES = {RowArrival.NOT_IMPORTED: Tone.BAD, RowArrival.UNCONFIRMED: Tone.UNSURE}


def arrivals_workbook(
    source: pd.DataFrame,
    rows: pd.DataFrame,
    lang: str,
    *,
    numbers: Mapping[int, str] | None = None,
    columns: Mapping[str, Sequence[str]] | None = None,
    hidden: bool = False,
) -> bytes:
    """xlsx, every cell text: the row's number in the person's own file, their columns, the number sent, what became of it, why, the batch.

    source: text columns, index = spreadsheet row number; without columns where the sheet is no longer kept
    rows: row, arrival, reason, unique_id, as `store.arrivals.not_arrived` gives them; written in this order, each in a
        line of its own, also where several numbers of one cell did not get in; one that is not of `source` is not written
    lang: of the headings and of the words for what became of a row
    numbers: row → number that left with it, masked already where `hidden`; None where nobody knows any
    columns: field name → columns of the sheet, None where that is not known; read for `hidden` alone
    hidden: phone numbers without their middle digits; in the columns of the phone whatever stands there
    """
    numbers = numbers or {}
    of_file = rows_of_file(pd.Index(rows["row"]))
    is_known = of_file.isin(source.index)
    known, table = rows[is_known], source.loc[of_file[is_known]]
    table = hidden_numbers(table, columns or {}) if hidden else table
    own = [str(name) for name in table.columns]
    added = [t(f"arrivals.column.{name}", lang) for name in ("row", "arrival", "reason", "batch_number")]
    number, *rest = free_names([added[0], t("results.column.number_sent", lang), *added[1:]], own)
    kinds = [RowArrival(kind) for kind in known["arrival"]]
    page = Page(
        title=t("arrivals.sheet", lang),
        headers=(number, *own, *rest),
        columns=(
            [row_name(row) for row in known["row"]],
            *(texts_of(table.iloc[:, at]) for at in range(table.shape[1])),
            [numbers.get(row, "") for row in known["row"]],
            [t(f"arrival.row.{kind}", lang) for kind in kinds],
            [reason_words(kind, reason, lang) for kind, reason in zip(kinds, known["reason"], strict=True)],
            texts_of(known["unique_id"]),
        ),
        tones={len(own) + 2: [_TONES[kind] for kind in kinds]},
    )
    return workbook((page,), lang)


def reason_words(kind: RowArrival, reason: str, lang: str) -> str:
    """Why a row most likely did not get in, or why nobody knows.

    kind: what became of the row; where there is no reason it decides which words say so
    reason: ArrivalReason, "" for none
    lang: of the words
    """
    unknown = "not_told" if kind == RowArrival.UNCONFIRMED else "unknown"
    return t(f"arrival.reason.{reason or unknown}", lang)
