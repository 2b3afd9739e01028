"""The plan before the button: what goes where, in how many batches, and what stays."""

import streamlit as st

from lib.draft import Draft
from lib.draft.plan import run_plan
from lib.errors import Conflict
from lib.payload import BATCH_SIZE
from lib.platform.connection import Connection, ConnectionKind
from lib.run.settings import LIST_SOURCE_LIMIT
from lib.ui import keys, messages, navigation, state
from lib.ui.parts import component_kinds, destination, reading_notes, row_counts
from lib.ui.services import Services
from lib.ui.submit import start
from lib.ui.words import plain, t


def card(draft: Draft, connection: Connection, task: str) -> None:
    """Rows, batches, destination, options, and what is held back and why.

    draft: whose rows are counted, and cut into batches as the run would be; it has a sheet
    connection: where it goes, with the options that are told
    task: the task's name, harmless in Markdown; "" has its id said instead
    """
    assert draft.sheet
    counts = draft.tally(connection)
    cut = draft.cut(connection)
    with st.container(border=True, gap="small"):
        st.markdown(
            t(
                "plan.where",
                name=plain(destination.name_of(connection)),
                task=task or plain(connection.task_id),
            )
        )
        name = plain(draft.sheet.name)
        st.markdown(t("plan.what", count=counts.to_send, batches=len(cut), file=name, size=draft.batch_size))
        row_counts.line(counts, cut.doubtful_rows)
        _halves(draft)
        if not_read := reading_notes.left_out(draft):
            st.markdown(t("plan.not_read"))
            st.markdown("\n".join(f"- {sentence}" for sentence in not_read))
        st.markdown("\n".join(f"- {line}" for line in (*_options(connection), *component_kinds.lines(draft))))
        if cut.doubtful_batches:
            st.markdown(t("plan.doubtful", count=cut.doubtful_batches, rows=cut.doubtful_rows))
        _again(draft, connection)
        _kept_back(draft, connection)


def _halves(draft: Draft) -> None:
    """Why the batches are smaller than they could be, and the way back."""
    if draft.batch_size == BATCH_SIZE:
        return
    words = t("plan.halves", size=draft.batch_size) if draft.batch_size > 1 else t("plan.singles")
    st.info(words, icon=":material/call_split:")
    st.button(
        t("plan.whole_batches", size=BATCH_SIZE),
        on_click=messages.attempt(lambda: draft.choose_batch_size(BATCH_SIZE)),
    )


def _options(connection: Connection) -> list[str]:
    options = connection.options
    lines = [t("plan.crm_skipped" if options.ignore_crm else "plan.crm")]
    if options.number_add_suffix:
        lines.append(t("plan.suffix"))
    if options.encryption:
        lines.append(t("plan.encryption"))
    if options.sub_user_id:
        lines.append(t("plan.sub_account", id=plain(options.sub_user_id)))
    return lines


def _again(draft: Draft, connection: Connection) -> None:
    if draft.sends_again(connection):
        st.warning(t("plan.send_again"))
        st.button(t("plan.not_again"), on_click=messages.attempt(lambda: draft.allow_sending_again(None)))
    if draft.sends_elsewhere(connection):
        st.warning(t("plan.send_elsewhere"))
        st.button(
            t("plan.not_again"),
            key="plan.not_elsewhere",
            on_click=messages.attempt(lambda: draft.allow_sent_elsewhere(None)),
        )


def _kept_back(draft: Draft, connection: Connection) -> None:
    counts = draft.review(connection).counts
    errors = counts[counts["severity"].eq("error")]
    if errors.empty:
        return
    reasons = [
        t("plan.reason", name=t(f"problem.{code}.name"), count=int(rows))
        for code, rows in zip(errors["code"], errors["rows"], strict=True)
    ]
    kept = draft.tally(connection)
    with st.expander(t("plan.kept_back", count=kept.held_back + kept.repeated)):
        st.markdown("\n".join(f"- {reason}" for reason in reasons))


def list_source(draft: Draft) -> None:
    """Whence the list comes, in the person's own words; kept with the run, and asked for nothing else."""
    key = keys.of("list_source", draft.id)
    state.set_widget(key, draft.list_source)
    st.text_input(
        t("plan.list_source"),
        key=key,
        max_chars=LIST_SOURCE_LIMIT,
        placeholder=t("plan.list_source_placeholder"),
        help=t("plan.list_source_help"),
        on_change=messages.attempt(lambda: draft.say_source(str(state.widget(key) or ""))),
    )


def button(desk: Services, draft: Draft, connection: Connection) -> None:
    """The button that sends, with the number of numbers on it; what keeps it from being pressed is said instead.

    desk: in whose store the press makes the run, and whose engine it wakes
    draft: that the press submits
    connection: where it goes; the run keeps a copy of it, and without a token for it nothing can be sent
    """
    review, count = draft.review(connection), draft.tally(connection).to_send
    blocked = [t(f"blocked.{code}") for code in review.blocked]
    if desk.token(connection) is None:
        blocked.append(t("plan.no_token"))
    if not count:
        blocked.append(t("review.none_good"))
    means = t("plan.means_real" if connection.kind == ConnectionKind.REAL else "plan.means_practice")
    with navigation.bar(means, blocked):
        if blocked:
            navigation.go_button("review" if not count else "connection", "guard.back", primary=False)
        st.button(
            start.submit_label(draft, connection, count),
            type="primary",
            icon=":material/send:",
            disabled=bool(blocked),
            key=keys.of("submit", draft.id),
            on_click=messages.attempt(lambda: _start(desk, draft, connection)),
        )


def _start(desk: Services, draft: Draft, connection: Connection) -> None:
    """One transaction freezes the run; a second press finds the first run and starts nothing."""
    if draft.run_id:
        return  # a double click
    try:
        draft.run_id = desk.store.runs.create(run_plan(draft, connection))
    except Conflict:
        draft.look_again()  # another tab or file was faster: the review now shows which numbers
        raise
    draft.remember_mapping()
    desk.engine.wake()
