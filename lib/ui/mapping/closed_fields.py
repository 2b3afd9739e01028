"""Words in the columns of fields that take only certain values, each to be told once; or the column is not used after all."""

from functools import partial

import pandas as pd
import streamlit as st

from lib.draft import Draft
from lib.mapping.closed_words import CLOSED, untold
from lib.platform.connection import Connection
from lib.ui import keys, messages
from lib.ui.parts import meanings
from lib.ui.words import t

#: Where the errors of what is told here are told (`messages.pending`).
PLACE = "closed"

#: Up to so many words of a field are asked for; more are probably no list of words, and asked for if the person wants it.
FEW = 12

#: Words of one field shown at once.
WORDS_SHOWN = 40

#: Pixels of a word with its meaning.
_WIDTH = 205


def words(draft: Draft, connection: Connection) -> None:
    """What is still open stands there; what has been told is folded away, to be changed, and so is what is too much to tell."""
    messages.pending(PLACE)
    for name in CLOSED:
        counts = draft.strange_words[name]
        if not counts.empty:
            _field(draft, connection, name, counts)


def _field(draft: Draft, connection: Connection, name: str, counts: pd.Series) -> None:
    still = untold(counts, draft.mapping, name)
    if not still:
        with st.expander(t("closed.told", field=t(f"field.{name}.label"))):
            _ask(draft, connection, name, counts, list(counts.index))
        return
    in_order = list(counts.index)  # each stays where it is while the others are told, if all can be shown
    if len(in_order) > WORDS_SHOWN:
        in_order = [*still, *counts.index.difference(still, sort=False)]
    with st.container(border=True):
        _say(draft, name, len(still), rows=int(counts[still].sum()))
        with st.expander(t("closed.many", count=len(counts))) if len(counts) > FEW else st.container():
            _ask(draft, connection, name, counts, in_order)


def _ask(draft: Draft, connection: Connection, name: str, counts: pd.Series, in_order: list[str]) -> None:
    shown = in_order[:WORDS_SHOWN]
    with st.container(horizontal=True):  # wraps on a narrow screen, where columns would cut the meanings
        for word in shown:
            with st.container(width=_WIDTH):
                meanings.ask(draft, connection, name, word, int(counts[word]), PLACE)
    if len(in_order) > len(shown):
        st.caption(t("closed.more", count=len(in_order) - len(shown)))


def _say(draft: Draft, name: str, still: int, rows: int) -> None:
    line = st.container(horizontal=True, vertical_alignment="center")
    key = "closed.sex" if name == "sex" else "closed.number"
    line.markdown(t(key, field=t(f"field.{name}.label"), count=still, rows=rows), width="stretch")
    line.button(
        t("closed.unuse"),
        key=keys.of("closed.unuse", draft.id, name),
        on_click=messages.attempt(partial(meanings.unuse, draft, name), PLACE),
    )
