"""The receipt of what cleaning changed: by kind with a way back for each, and cell by cell."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from lib.contact.problems import Change, ProblemCode
from lib.draft import Draft
from lib.sheet.row_numbers import row_name
from lib.ui import keys, messages
from lib.ui.parts import column_titles, folds, numbers
from lib.ui.words import t
from lib.validation import Review, by_kind

#: Where the errors of these buttons are told (`messages.pending`).
PLACE = "cleaning"

#: Cells of the receipt shown on screen.
SHOWN_CELLS = 200


def changes(draft: Draft, review: Review) -> None:
    """What cleaning changed and what it left alone by the person's choice; nothing where there is neither."""
    listed = np.flatnonzero(
        review.changes["kind"].ne(Change.WORD.value)
    )  # 男 → 1 in every row would hide the rest
    lost = int(review.problems["code"].eq(ProblemCode.PHONE_LOST_DIGITS.value).sum())
    if not len(listed) and review.kept.empty and not lost:
        return
    kept = len(review.kept)
    title = (
        t("receipt.title_kept", count=len(listed), kept=kept)
        if kept
        else t("receipt.title", count=len(listed))
    )
    if not len(listed) and not kept:
        title = t("receipt.title_lost", count=lost)
    if fold := folds.fold(title, "receipt"):
        with fold:
            _receipt(draft, review, listed, lost)


def _receipt(draft: Draft, review: Review, listed: np.ndarray, lost: int) -> None:
    """listed: places of the changes that are worth listing; lost: numbers that lack digits."""
    messages.pending(PLACE)
    changed = _word_last(review.changed_by)
    _digits(lost, int(changed.get(Change.SCIENTIFIC.value, 0)))
    for kind, count in zip(changed.index, changed, strict=True):
        _line(
            t("receipt.changed", kind=t(f"change.{kind}"), count=count), "keep", kind, draft.keep_as_it_stood
        )
    for kind, count in _word_last(by_kind(review.kept)).items():
        if kind in draft.keep:
            _line(t("receipt.kept", kind=t(f"change.{kind}"), count=count), "clean", kind, draft.clean_again)
    cells(draft, review.changes.iloc[listed[:SHOWN_CELLS]], len(listed))


def _word_last(counts: pd.Series) -> pd.Series:
    """男 → 1 last, which nobody has to look at."""
    return counts.sort_index(key=lambda kinds: kinds == Change.WORD.value, kind="stable")


def _digits(lost: int, exact: int) -> None:
    """Digits that a spreadsheet threw away, and digits that only looked so."""
    if lost:
        st.warning(t("receipt.lost", count=lost), icon=":material/warning:")
    if exact:
        st.info(t("receipt.exact", count=exact), icon=":material/check:")


def _line(words: str, action: str, kind: str, act: Callable[[str], None]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(words)
        st.space("stretch")
        st.button(
            t(f"receipt.{action}"),
            key=keys.of("receipt", action, kind),
            type="tertiary",
            icon=":material/undo:" if action == "keep" else ":material/redo:",
            help=t("receipt.keep_help") if action == "keep" else None,
            on_click=messages.attempt(partial(act, kind), PLACE),
        )


def cells(draft: Draft, shown: pd.DataFrame, every: int) -> None:
    """Cells before and after; nothing where there are none.

    draft: whose switch says whether numbers are shown in full, and whose components have names
    shown: columns row (of the spreadsheet), field (contacts column), before, after
    every: how many there are in all, also those that are not among `shown`
    """
    if shown.empty:
        return
    titles = column_titles.titles(draft, shown["field"].unique())
    before, after = (
        [numbers.cell(draft, name, text) for name, text in zip(shown["field"], shown[side], strict=True)]
        for side in ("before", "after")
    )
    st.dataframe(
        {
            t("grid.row"): shown["row"].map(row_name),
            t("grid.field"): shown["field"].map(titles),
            t("grid.before"): before,
            t("grid.after"): after,
        },
        hide_index=True,
        height="content" if len(shown) < 8 else 260,
    )
    if every > len(shown):
        st.caption(t("review.receipt_more", count=every - len(shown)))
