"""What is folded away, and drawn only while a person has it unfolded."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.ui import state


def fold(label: str, key: str) -> DeltaGenerator | None:
    """A fold, None while it is closed. It stays as the person left it though its label changes: to Streamlit it is another one then."""
    state.set_widget(key, bool(state.widget(key)))
    made = st.expander(label, key=key, on_change="rerun")
    return made if made.open else None
