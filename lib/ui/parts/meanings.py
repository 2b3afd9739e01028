"""One word of a field that takes only certain values, asked for its meaning; and the field fed by nothing instead."""

from functools import partial

import streamlit as st

from lib.contact.cleaning import INTEGER_LIMIT
from lib.contact.fields import BY_NAME, SEX_VALUES, Kind
from lib.draft import Draft
from lib.mapping import folded
from lib.platform.connection import Connection
from lib.ui import keys, messages, state
from lib.ui.parts import numbers
from lib.ui.words import plain, t


def ask(draft: Draft, connection: Connection, name: str, word: str, count: int, at: str) -> None:
    """The word, in how many rows it stands, and what it means in this account; told once for all of them and for later lists.

    draft: whose mapping takes the meaning; no answer takes it back
    connection: where the upload goes; the meaning is kept for its account
    name: of the field; `sex` has a choice of values, every other a whole number from 0 on
    word: as it stands in the sheet, of which 60 characters are shown; another spelling in case or width is the same one
    count: rows it stands in
    at: where errors are told
    """
    key = keys.of("meaning", draft.id, name, keys.digest(word))
    label = t("meaning.word", word=plain(numbers.text(draft, word[:60])), count=count)
    told = draft.mapping.values.get(name, {}).get(folded(word), "")
    say = messages.attempt(partial(_say, draft, connection, name, word, key), at)
    if BY_NAME[name].kind == Kind.SEX:
        state.set_widget(key, told)
        st.selectbox(
            label,
            ("", *SEX_VALUES),
            format_func=lambda value: t(f"sex.{value or 'open'}"),
            key=key,
            on_change=say,
        )
    else:
        state.set_widget(key, int(told) if told else None)
        st.number_input(
            label,
            min_value=0,
            max_value=INTEGER_LIMIT,
            value=None,
            step=1,
            placeholder=t("meaning.number"),
            key=key,
            on_change=say,
        )


def _say(draft: Draft, connection: Connection, name: str, word: str, key: str) -> None:
    meaning = state.widget(key)
    draft.say_word(name, word, "" if meaning is None else str(meaning), connection)


def unuse(draft: Draft, name: str) -> None:
    """Nothing feeds this field any more; an own number for each row, where that is what `extra` had, stays."""
    draft.change_mapping(draft.mapping.without(name))
