"""Review: see what is wrong and what cleaning changed, fix it here, decide what is sent."""

import streamlit as st

from lib.ui import gate, guards, navigation, state
from lib.ui.parts import row_counts
from lib.ui.review import cleaning, corrections, grid, groups, number_kinds, split
from lib.ui.words import t

desk = gate.desk()
draft = state.draft(desk.store)
guards.not_submitted(desk, draft)
guards.sheet(draft)
guards.mapped(draft)
connection = desk.connection(draft.connection_id)

with st.spinner(t("review.checking")):
    review = draft.review(connection)
counts = draft.tally(connection)
row_counts.line(counts)
split.show_split(draft)

groups.groups(draft, connection)
grid.grid(desk, draft, connection)
groups.download(desk.store, draft, connection)
corrections.bring_back(draft, connection)
cleaning.changes(draft, review)
number_kinds.line(review, connection)

stays = counts.held_back + counts.repeated
blocked = [t(f"blocked.{code}") for code in review.blocked] + [t("review.none_good")] * (not counts.to_send)
with navigation.bar(t("review.rest_stays", count=stays) if stays else "", blocked):
    if review.blocked:
        navigation.go_button("connection", "guard.to_connection", primary=False)
    navigation.go_button(
        "submit", "review.next", disabled=bool(blocked), after_report=True, count=counts.to_send
    )
navigation.follow_after_report()
