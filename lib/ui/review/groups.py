"""Problems by kind, phrased as what to do."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from lib import results
from lib.contact.problems import ProblemCode
from lib.draft import Draft, bulk
from lib.platform.connection import Connection
from lib.results import exports
from lib.store import AnyStore
from lib.ui import keys, messages, state
from lib.ui.parts import column_titles, meanings, pictures
from lib.ui.review import grid, split
from lib.ui.words import plain, t
from lib.validation import Review

#: Where the errors of what is done with a whole kind are told (`messages.pending`).
PLACE = "groups"

#: Problems from which a picture tells more than the list.
WORTH_A_PICTURE = 30

#: Unknown words of one field offered at once.
WORDS_SHOWN = 30


def groups(draft: Draft, connection: Connection) -> None:
    """One line per kind of problem: how many, a button to them, and a way to mend all of them where there is one."""
    messages.pending(PLACE)
    review = draft.review(connection)
    counts = review.counts
    if counts.empty:
        st.success(t("review.all_good"))
        return
    if int(counts["rows"].sum()) >= WORTH_A_PICTURE and len(counts) > 1:
        _picture(counts)
    box = st.container(border=True, gap="xsmall")
    for group, rows in zip(counts.itertuples(), counts["rows"], strict=True):
        line = box.container(horizontal=True, vertical_alignment="center", gap="small")
        look = (
            "red-badge[:material/error:" if group.severity == "error" else "yellow-badge[:material/warning:"
        )
        fix = t(f"problem.{group.code}.fix", count=int(rows), field=_label(draft, str(group.field)))
        line.markdown(f":{look} {t(f'severity.{group.severity}')}] {fix}", width="stretch")
        with line.container(
            horizontal=True, width="content", vertical_alignment="center", gap="small"
        ):  # wraps as a whole
            st.button(
                t("review.show"),
                key=keys.of("show", group.code, group.field),
                type="tertiary",
                on_click=partial(grid.show_problem, str(group.code), str(group.field)),
            )
            _mend(draft, connection, review, group)


def _label(draft: Draft, name: str) -> str:
    return plain(column_titles.titles(draft, [name])[name])


def _picture(counts: pd.DataFrame) -> None:
    names = [t(f"problem.{code}.name") for code in counts["code"]]
    with st.expander(t("review.picture")):
        pictures.kinds(
            names, counts["rows"].astype(int).tolist(), counts["severity"].tolist(), key="picture.kinds"
        )


def download(store: AnyStore, draft: Draft, connection: Connection) -> None:
    """The rows with problems, to be mended elsewhere or sent to whoever made the sheet."""
    assert draft.sheet, "no sheet to give back"
    if not draft.review(connection).problems.empty:
        st.download_button(
            t("review.download"),
            data=partial(exports.problems_file, store, draft, connection, state.language(), who=draft.who),
            file_name=t("review.download_name", file=draft.sheet.name.rsplit(".", 1)[0]),
            mime=results.XLSX,
            icon=":material/download:",
            on_click="ignore",
            help=t("export.correction_help"),
        )


def _mend(draft: Draft, connection: Connection, review: Review, group: Any) -> None:
    if group.suggested:
        st.button(
            t("review.accept", count=int(group.suggested)),
            key=keys.of("accept", group.code, group.field),
            on_click=messages.attempt(
                partial(bulk.accept_all, draft, str(group.code), str(group.field), connection), PLACE
            ),
        )
    if group.code == ProblemCode.PHONE_SEVERAL:
        split.offer(draft, connection, PLACE)
    if group.code == ProblemCode.ALREADY_SENT:
        st.button(
            t("review.send_again", count=int(group.rows)),
            key="review.send_again",
            on_click=messages.attempt(partial(draft.allow_sending_again, connection), PLACE),
        )
    if group.code in bulk.UNKNOWN_WORD:
        _words(draft, connection, str(group.field))
    if group.code == ProblemCode.SENT_ELSEWHERE:
        st.button(
            t("review.send_elsewhere", count=int(group.rows)),
            key="review.send_elsewhere",
            on_click=messages.attempt(partial(draft.allow_sent_elsewhere, connection), PLACE),
        )
    if group.severity == "error" and group.field != "phone" and group.code != ProblemCode.COMPONENT_MISSING:
        st.button(
            t("review.clear", count=int(group.rows)),
            key=keys.of("clear", group.code, group.field),
            on_click=messages.attempt(
                partial(bulk.clear, draft, str(group.code), str(group.field), connection), PLACE
            ),
        )
    if group.severity == "error" and group.field != "phone" and draft.mapping.is_fed(group.field):
        st.button(
            t("closed.unuse_field", field=_label(draft, str(group.field))),
            key=keys.of("unuse", group.code, group.field),
            on_click=messages.attempt(partial(meanings.unuse, draft, str(group.field)), PLACE),
        )
    if group.severity == "error":
        problems = review.problems
        same = problems[problems["code"].eq(group.code) & problems["field"].eq(group.field)]
        st.button(
            t("review.leave_out", count=int(group.rows)),
            key=keys.of("leave", group.code, group.field),
            type="tertiary",
            on_click=messages.attempt(partial(draft.leave_out, same["row"].tolist()), PLACE),
        )


def _words(draft: Draft, connection: Connection, name: str) -> None:
    """Each unknown word of a closed set with its count, to be given its meaning once for all rows."""
    words = bulk.unknown_words(draft, name, connection)
    with st.popover(t("fixing.words"), width="content"):
        st.caption(t("fixing.words_means" if name == "sex" else "fixing.numbers_means"))
        for word, count in words.head(WORDS_SHOWN).items():
            meanings.ask(draft, connection, name, str(word), int(count), PLACE)
        if len(words) > WORDS_SHOWN:
            st.caption(t("fixing.words_more", count=len(words) - WORDS_SHOWN))
