"""A script for `streamlit run`: every hostile text, in the elements that the address names; see `test_hostile.py`."""

import sys
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lib.ui.words import plain  # noqa: E402
from tests.hostile import LONG, TEXTS, mark  # noqa: E402

ELEMENTS = {
    "markdown": lambda text, key: st.markdown(text),
    "bold": lambda text, key: st.markdown(f"名称 **{text}** 。"),
    "list": lambda text, key: st.markdown(f"- {text}\n- {text}"),
    "beside_icons": lambda text, key: st.markdown(f":material/info: :blue-badge[x] :wave: {text}"),
    "caption": lambda text, key: st.caption(text),
    "error": lambda text, key: st.error(text),
    "info": lambda text, key: st.info(text),
    "header": lambda text, key: st.header(text, anchor=False),
    "button": lambda text, key: st.button(text, key=key),
    "radio": lambda text, key: st.radio(text, [text, "b"], captions=[text, ""], key=key),
    "selectbox": lambda text, key: st.selectbox(text, ["a"], key=key),
    "expander": lambda text, key: st.expander(text).write("x"),
    "popover": lambda text, key: st.popover(text).write("x"),
    "metric": lambda text, key: st.metric(text, 1),
    "progress": lambda text, key: st.progress(0.5, text=text),
    "toggle": lambda text, key: st.toggle(text, key=key),
}

for element in st.query_params["in"].split("."):
    for at, text in enumerate([*TEXTS, LONG]):
        with st.container(key=f"{mark(at)}-{element}"):
            ELEMENTS[element](plain(text), f"{element}.{at}")
