"""The do-not-call list on screen: what is on it, adding, removing, clearing; and which numbers count as recent."""

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from lib.contact.masking import mask_seen
from lib.contact.privacy import mask_text
from lib.draft import Draft, do_not_call_file
from lib.draft.do_not_call_file import Numbers
from lib.errors import AppError
from lib.run.settings import LONGEST_RECENT_DAYS
from lib.sheet import EVERYTHING, read
from lib.store import AnyStore
from lib.ui import keys, messages, state
from lib.ui.parts import tables, uploads
from lib.ui.words import moment, plain, t

#: Entries shown of those that are no number, and characters of each.
_EXAMPLES, _EXAMPLE_LENGTH = 3, 24

_PASTE, _REMOVE, _DAYS = "dnc.paste", "dnc.remove", "recent.days"


def _view() -> dict[str, Any]:
    return state.view("do_not_call", lambda: {"told": None, "unread": (), "version": 0, "file": None})


def _tell(draft: Draft, key: str, *, unread: tuple[str, ...] = (), **params: Any) -> None:
    """What a press came to, said when the page is drawn; the review has to look anew."""
    _view().update(told=(key, params), unread=unread)
    draft.look_again()


def show_result() -> None:
    """What the press before this run came to, once."""
    view = _view()
    if view["told"]:
        key, params = view["told"]
        box = (
            st.success
            if key in ("dnc.added", "dnc.removed", "dnc.removed_here", "dnc.cleared")
            else st.warning
        )
        box(t(key, **params))
    _unread(view["unread"])
    view.update(told=None, unread=())


def _unread(entries: tuple[str, ...]) -> None:
    if entries:
        examples = "  ".join(mask_text(entry.strip())[:_EXAMPLE_LENGTH] for entry in entries[:_EXAMPLES])
        st.warning(t("dnc.unread", count=len(entries), examples=plain(examples)))


def listed(store: AnyStore) -> int:
    """How many numbers are on the list, when they came and from where; the number."""
    additions = store.do_not_call.additions()
    count = int(additions["count"].sum())
    st.markdown(t("dnc.means"))
    st.caption(t("dnc.kept_as"))
    if additions.empty:
        st.info(t("dnc.empty"))
        return 0
    st.metric(t("dnc.count"), f"{count:,}", border=True, width=240)
    st.dataframe(
        {
            t("dnc.column_added"): [moment(at) for at in additions["added"]],
            t("dnc.column_source"): [source or t("dnc.paste_source") for source in additions["source"]],
            t("dnc.column_count"): additions["count"],
        },
        hide_index=True,
        key="dnc.additions",
        height=tables.height(len(additions), 300),
    )
    return count


def add(store: AnyStore, draft: Draft) -> None:
    """Numbers pasted, or a column of a file."""
    with st.container(border=True):
        st.header(t("dnc.add"), anchor=False)
        pasted, uploaded = st.columns(2)
        with pasted:
            st.text_area(t("dnc.paste"), key=_PASTE, height=150, placeholder="13012121211")
            st.button(
                t("dnc.paste_button"),
                icon=":material/add:",
                on_click=messages.attempt(partial(_paste, store, draft)),
            )
        with uploaded:
            _file(store, draft)


def _paste(store: AnyStore, draft: Draft) -> None:
    found = do_not_call_file.of_text(state.widget(_PASTE) or "")
    _add(store, draft, found, "")
    if found.phones:
        state.set_widget(_PASTE, "")


def _add(store: AnyStore, draft: Draft, found: Numbers, source: str) -> None:
    if not found.phones:
        _tell(draft, "dnc.nothing_read", unread=found.unread)
        return
    new = store.do_not_call.add(found.phones, source)
    _tell(draft, "dnc.added", count=new, known=len(found.phones) - new, unread=found.unread)


def _file(store: AnyStore, draft: Draft) -> None:
    view = _view()
    label = t("dnc.file", megabytes=uploads.largest())
    given = st.file_uploader(label, type=uploads.TYPES, key=keys.of("dnc.file", view["version"]))
    if given is None:
        view["file"] = None
        return
    if view["file"] is None or view["file"][0] != given.file_id:
        try:
            # filtered away or marked to be deleted: whoever is left out here would be called
            sheet = read(given.getvalue(), given.name, person=store.person_id, **EVERYTHING)
            view["file"] = (given.file_id, sheet)
        except AppError as error:
            messages.show(error)
            return
    sheet = view["file"][1]
    if not len(sheet.table.columns):
        st.warning(t("dnc.nothing_read"))
        return
    columns = list(sheet.table.columns)
    place = columns.index(do_not_call_file.likely_column(sheet))
    key = keys.of("dnc.column", given.file_id)
    column = st.selectbox(t("dnc.column"), columns, index=place, format_func=mask_seen, key=key)
    found = do_not_call_file.of_cells(sheet.table[column])
    if not found.phones:
        st.warning(t("dnc.nothing_read"))
        return
    _unread(found.unread)
    st.button(
        t("dnc.file_button", count=len(found.phones)),
        key="dnc.file_button",
        icon=":material/add:",
        on_click=messages.attempt(partial(_take_file, store, draft, found, sheet.name)),
    )


def _take_file(store: AnyStore, draft: Draft, found: Numbers, name: str) -> None:
    _add(store, draft, found, name)
    uploads.release()
    view = _view()
    view.update(version=view["version"] + 1, file=None)


def take_away(store: AnyStore, draft: Draft, count: int) -> None:
    """One number by typing it, or all of them.

    store: where the team's list is changed
    draft: the open one, whose review looks anew after a change
    count: numbers on the list, said before all of them go
    """
    with st.container(border=True):
        st.header(t("dnc.remove"), anchor=False)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(t("dnc.remove_label"), key=_REMOVE, width=280)
            st.button(t("dnc.remove_button"), on_click=messages.attempt(partial(_remove, store, draft)))
            st.space("stretch")
            with st.popover(t("dnc.clear"), icon=":material/delete:"):
                st.markdown(t("dnc.clear_means", count=count))
                st.button(
                    t("dnc.clear_yes"),
                    type="primary",
                    on_click=messages.attempt(partial(_clear, store, draft)),
                )


def _remove(store: AnyStore, draft: Draft) -> None:
    found = do_not_call_file.of_text(state.widget(_REMOVE) or "")
    if len(found.phones) != 1:
        _tell(draft, "dnc.not_a_number")
        return
    is_removed = store.do_not_call.remove(found.phones[0])
    elsewhere = bool(store.do_not_call.among(found.phones))
    names = {(True, False): "removed", (True, True): "removed_here", (False, True): "only_elsewhere"}
    _tell(draft, f"dnc.{names.get((is_removed, elsewhere), 'not_listed')}")
    if is_removed:
        state.set_widget(_REMOVE, "")


def _clear(store: AnyStore, draft: Draft) -> None:
    _tell(draft, "dnc.cleared", count=store.do_not_call.clear())


def recent(store: AnyStore, draft: Draft) -> None:
    """Within how many days a number sent to another task is held back."""
    with st.container(border=True):
        st.header(t("recent.title"), anchor=False)
        st.markdown(t("recent.means"))
        state.set_widget(_DAYS, store.settings.get().recent_days)
        st.number_input(
            t("recent.days"),
            min_value=0,
            max_value=LONGEST_RECENT_DAYS,
            step=1,
            key=_DAYS,
            width=240,
            on_change=messages.attempt(partial(_save_days, store, draft)),
        )


def _save_days(store: AnyStore, draft: Draft) -> None:
    store.settings.save(replace(store.settings.get(), recent_days=state.widget(_DAYS)))
    draft.look_again()
