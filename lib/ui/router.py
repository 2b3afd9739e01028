"""The frame of every page: icon, language, who is here, steps, practice or real, then the page itself. Started by `app.py`."""

import streamlit as st

from lib.errors import AppError
from lib.store.permission import Action
from lib.ui import brand, gate, messages, navigation, state, steps
from lib.ui.about import help as help_texts
from lib.ui.parts import destination, numbers
from lib.ui.words import t
from lib.words import LANGUAGES, NAMES

st.set_page_config(page_icon=brand.ICON, layout="wide")
brand.show()

st.sidebar.segmented_control(
    "语言 / Language",
    LANGUAGES,
    default=state.language(),
    required=True,
    format_func=NAMES.__getitem__,
    key=state.LANGUAGE_KEY,
    bind="query-params",
)
try:
    desk = gate.desk()
    draft = state.draft(desk.store)
except AppError as error:
    messages.show(error)
    st.stop()

gate.who(desk)
page = st.navigation(navigation.pages(desk))
here = page.url_path or "overview"
if here in navigation.MOVED:
    navigation.to_tab(here)
st.set_page_config(page_title=t(f"page.{here}"))  # or the title of a run would stay when its page is left
navigation.follow()
state.show_draft_in_url()
if desk.may(Action.PREPARE):
    run = desk.store.runs.get(draft.run_id) if draft.run_id else None
    connection = run.connection if run else desk.connection(draft.connection_id)
    destination.banner(desk, draft, connection, changeable=here != "connection")
    if here in ("review", "submit") and draft.sheet and draft.has_phone() and run is None:
        draft.note_counts(connection)  # the page needs the review anyway, and the path tells what came of it
    if here in (*navigation.STEPS, "connection"):
        steps.path(draft, run, here, desk.token(connection) is not None)
with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    st.title(t(f"page.{here}.title"), width="content", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        if here in numbers.PAGES and draft.sheet and desk.may(Action.REVEAL):
            numbers.switch(desk.store, draft)
        help_texts.here(here)
if not desk.may(Action.PREPARE):
    st.caption(t("role.viewer_means"))
messages.pending()
page.run()
messages.pending(None)  # its place was not drawn this time
state.page_reached(here)
