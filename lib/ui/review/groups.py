"""Problems by kind, phrased as what to do."""

from collections.abc import Callable
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
from lib.ui.parts import column_titles, folds, meanings, pictures
from lib.ui.review import grid, grid_cells, grid_view, split
from lib.ui.words import plain, t

#: Where the errors of what is done with a whole kind are told (`messages.pending`).
PLACE = "groups"

#: Problems from which a picture tells more than the list.
WORTH_A_PICTURE = 30

#: Unknown words of one field offered at once.
WORDS_SHOWN = 30


def groups(draft: Draft, connection: Connection) -> None:
    """One line per kind of problem: what to do, the first way to do it, and the others in a menu.

    The list is folded while the rows of one kind are looked at, so that the grid stands in its place.
    """
    messages.pending(PLACE)
    review = draft.review(connection)
    counts = review.counts
    if counts.empty:
        st.success(t("review.all_good"))
        return
    view, key = grid_view.of(draft), keys.of("problems", draft.id)
    state.set_widget(key, view.lists_problems)
    with st.expander(
        t("review.problems", count=len(counts)),
        key=key,
        on_change=lambda: view.list_problems(bool(state.widget(key))),
    ):
        for group in counts.itertuples():
            _line(draft, connection, group)
        if int(counts["rows"].sum()) >= WORTH_A_PICTURE and len(counts) > 1:
            _picture(counts)


def _line(draft: Draft, connection: Connection, group: Any) -> None:
    line = st.container(horizontal=True, vertical_alignment="center", gap="small")
    look = "red-badge[:material/error:" if group.severity == "error" else "yellow-badge[:material/warning:"
    fix = t(f"problem.{group.code}.fix", count=int(group.rows), field=_label(draft, str(group.field)))
    line.markdown(f":{look} {t(f'severity.{group.severity}')}] {fix}", width="stretch")
    first, *others = _ways(draft, connection, group)
    with line.container(
        horizontal=True, width="content", vertical_alignment="center", gap="small"
    ):  # wraps as a whole
        first()
        if others:
            named = grid_cells.named(draft, str(group.code), str(group.field))
            with st.popover(t("review.others"), help=t("review.others_of", what=named), type="tertiary"):
                st.markdown(f"**{named}**")
                for other in others:
                    other()


def _label(draft: Draft, name: str) -> str:
    return plain(column_titles.titles(draft, [name])[name])


def _picture(counts: pd.DataFrame) -> None:
    names = [t(f"problem.{code}.name") for code in counts["code"]]
    if fold := folds.fold(t("review.picture"), "picture.fold"):
        with fold:
            pictures.kinds(
                names, counts["rows"].astype(int).tolist(), counts["severity"].tolist(), key="picture.kinds"
            )


def download(store: AnyStore, draft: Draft, connection: Connection) -> None:
    """The rows with problems, to be mended elsewhere or sent to whoever made the sheet; nothing where there are none.

    store: where the file is made and written down when it is asked for
    draft: whose rows they are, with whole numbers, which could not be mended otherwise; it has a sheet
    connection: where the upload goes; the problems are those of its review
    """
    assert draft.sheet, "no sheet to give back"
    if not draft.review(connection).problems.empty:
        st.download_button(
            t("review.download"),
            data=partial(exports.problems_file, store, draft, connection, state.language()),
            file_name=t("review.download_name", file=draft.sheet.name.rsplit(".", 1)[0]),
            mime=results.XLSX,
            icon=":material/download:",
            on_click="ignore",
            help=t("export.correction_help"),
        )


def _ways(draft: Draft, connection: Connection, group: Any) -> list[Callable[[], object]]:
    """What can be done about a kind of problem, each drawing its button; the first is what a person needs most."""
    code, name, named = (
        ProblemCode(group.code),
        str(group.field),
        grid_cells.named(draft, str(group.code), str(group.field)),
    )
    ways: list[Callable[[], object]] = []
    if code in bulk.UNKNOWN_WORD:
        ways.append(partial(_words, draft, connection, name, named))
    if suggested := int(group.suggested):
        label = t("review.accept_kind", count=suggested, what=named)
        accept = grid_view.acting(draft, partial(bulk.accept_all, draft, code, name, connection), PLACE)
        ways.append(partial(st.button, label, key=keys.of("accept", code, name), on_click=accept))
    if code == ProblemCode.PHONE_SEVERAL:
        ways.append(partial(split.offer, draft, connection, PLACE))
    look = partial(grid.show_problem, code, name)
    label = t("review.show", what=named)
    ways.append(partial(st.button, label, key=keys.of("show", code, name), on_click=look))
    sent = {
        ProblemCode.ALREADY_SENT: ("review.send_again", draft.allow_sending_again),
        ProblemCode.SENT_ELSEWHERE: ("review.send_elsewhere", draft.allow_sent_elsewhere),
    }
    if code in sent:
        words, allow = sent[code]
        act = messages.attempt(partial(allow, connection), PLACE)
        ways.append(partial(st.button, t(words, count=int(group.rows)), key=words, on_click=act))
    return ways + (_ways_out(draft, connection, group) if group.severity == "error" else [])


def _ways_out(draft: Draft, connection: Connection, group: Any) -> list[Callable[[], object]]:
    """What gets rid of an error without mending it: of the cells, of the whole column, of the rows."""
    code, name, count = ProblemCode(group.code), str(group.field), int(group.rows)
    ways: list[Callable[[], object]] = []
    if name != "phone" and code != ProblemCode.COMPONENT_MISSING:
        clear = grid_view.acting(draft, partial(bulk.clear, draft, code, name, connection), PLACE)
        label = t("review.clear", count=count)
        ways.append(partial(st.button, label, key=keys.of("clear", code, name), on_click=clear))
    if name != "phone" and draft.mapping.is_fed(name):
        unuse = messages.attempt(partial(meanings.unuse, draft, name), PLACE)
        label = t("closed.unuse_field", field=_label(draft, name))
        ways.append(partial(st.button, label, key=keys.of("unuse", code, name), on_click=unuse))
    leave = grid_view.acting(draft, partial(bulk.leave_out, draft, code, name, connection), PLACE)
    label = t("review.leave_out", count=count)
    return [*ways, partial(st.button, label, key=keys.of("leave", code, name), on_click=leave)]


def _words(draft: Draft, connection: Connection, name: str, named: str) -> None:
    """Each unknown word of a closed set with its count, to be given its meaning once for all rows."""
    words = bulk.unknown_words(draft, name, connection)
    with st.popover(t("fixing.words", what=named), width="content"):
        st.caption(t("fixing.words_means" if name == "sex" else "fixing.numbers_means"))
        for word, count in words.head(WORDS_SHOWN).items():
            meanings.ask(draft, connection, name, str(word), int(count), PLACE)
        if len(words) > WORDS_SHOWN:
            st.caption(t("fixing.words_more", count=len(words) - WORDS_SHOWN))
