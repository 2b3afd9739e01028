"""Connection: say where the numbers go, practice or a real task, and try whether it answers."""

import streamlit as st

from lib.platform.connection import ConnectionKind
from lib.ui import gate, state
from lib.ui.connection import form, practice_platform
from lib.ui.parts import task_picker, tour_link
from lib.ui.words import t

desk = gate.desk()
draft = state.draft(desk.store)
if draft.run_id:
    st.info(t("connection.submitted"))

chosen = form.choose(desk, draft)
if chosen is None:
    form.details(desk, draft, None)
    st.stop()

if chosen.kind == ConnectionKind.REAL:
    form.details(desk, draft, chosen)
else:
    st.info(t("connection.practice_means"))
    task_picker.for_practice(desk, chosen)
    form.test_practice(desk, chosen)

form.options(desk, chosen)
if chosen.kind == ConnectionKind.PRACTICE:
    practice_platform.card(desk, chosen)
    tour_link.link(desk, chosen)
form.next_step(draft)
