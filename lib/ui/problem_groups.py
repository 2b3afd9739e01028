"""Problems by kind, phrased as what to do."""

from functools import partial
from typing import Any

import streamlit as st

from lib import corrections, results
from lib.connection import Connection
from lib.draft import Draft
from lib.problems import ProblemCode
from lib.ui import keys, messages, problem_grid, state
from lib.ui.words import t
from lib.validation import Review


def groups(draft: Draft, connection: Connection) -> None:
    """One line per kind of problem: how many, a button to them, and a way to mend all of them where there is one."""
    review = draft.review(connection)
    counts = review.counts
    if counts.empty:
        st.success(t("review.all_good"))
        return
    box = st.container(border=True, gap="xsmall")
    for group in counts.itertuples():
        with box.container(horizontal=True, vertical_alignment="center"):
            error = group.severity == "error"
            colour, icon = ("red", ":material/error:") if error else ("yellow", ":material/warning:")
            st.badge(t(f"severity.{group.severity}"), icon=icon, color=colour)
            st.markdown(t(f"problem.{group.code}.fix", count=int(group.rows)))
            st.space("stretch")
            st.button(
                t("review.show"),
                key=keys.of("show", group.code, group.field),
                type="tertiary",
                on_click=partial(problem_grid.show_code, str(group.code)),
            )
            _mend(draft, connection, review, group)


def workbook(draft: Draft, connection: Connection, lang: str) -> bytes:
    """The rows with problems as a workbook of the person's own columns, each bad cell marked and explained."""
    problems = draft.review(connection).problems
    table = corrections.given_out(draft)
    tokens = partial(corrections.tokens, draft, lang=lang)
    return results.problems_workbook(table, problems, lang, columns=draft.columns, tokens=tokens)


def download(draft: Draft, connection: Connection) -> None:
    """The rows with problems, to be mended elsewhere or sent to whoever made the sheet."""
    assert draft.sheet, "no sheet to give back"
    if not draft.review(connection).problems.empty:
        st.download_button(
            t("review.download"),
            data=partial(workbook, draft, connection, state.language()),
            file_name=t("review.download_name", file=draft.sheet.name.rsplit(".", 1)[0]),
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            icon=":material/download:",
            on_click="ignore",
        )


def _mend(draft: Draft, connection: Connection, review: Review, group: Any) -> None:
    if group.suggested:
        st.button(
            t("review.accept", count=int(group.suggested)),
            key=keys.of("accept", group.code, group.field),
            on_click=messages.attempt(partial(draft.accept_suggestions, str(group.code), str(group.field), connection)),
        )
    if group.code == ProblemCode.ALREADY_SENT:
        st.button(
            t("review.send_again", count=int(group.rows)),
            key="review.send_again",
            on_click=messages.attempt(partial(draft.allow_sending_again, connection)),
        )
    if group.severity == "error" and group.field != "phone" and group.code != ProblemCode.COMPONENT_MISSING:
        st.button(
            t("review.clear", count=int(group.rows)),
            key=keys.of("clear", group.code, group.field),
            on_click=messages.attempt(partial(draft.clear_cells, str(group.code), str(group.field), connection)),
        )
    if group.severity == "error":
        problems = review.problems
        same = problems[problems["code"].eq(group.code) & problems["field"].eq(group.field)]
        st.button(
            t("review.leave_out", count=int(group.rows)),
            key=keys.of("leave", group.code, group.field),
            type="tertiary",
            on_click=messages.attempt(partial(draft.leave_out, same["row"].tolist())),
        )
