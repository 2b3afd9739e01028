"""What is folded away, and drawn only while a person has it unfolded."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.ui import state


def fold(label: str, key: str, icon: str | None = None) -> DeltaGenerator | None:
    """A fold, None while it is closed.

    label: may change: to Streamlit it is another one then, and it stays as the person left it all the same
    key: under which the visit knows whether it is open
    icon: before the label, None for none
    """
    state.set_widget(key, bool(state.widget(key)))
    made = st.expander(label, key=key, icon=icon, on_change="rerun")
    return made if made.open else None
