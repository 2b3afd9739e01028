"""What pages that take a file share: its types, how large it may be, and the sample in place of one."""

from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.access.person_store import PersonStore
from lib.platform.connection import practice
from lib.results.samples import sample
from lib.ui import state
from lib.ui.words import t

#: File types offered in the file dialog; the content decides later.
TYPES = ["xlsx", "xlsm", "xls", "et", "ods", "csv", "tsv", "txt", "html", "htm", "mht", "mhtml", "xml", "vcf"]


def largest() -> int:
    """Megabytes an uploader takes: its own line about that is in English only, so the label beside it says it too."""
    return int(st.get_option("server.maxUploadSize"))


def uploader(key: str, *, several: bool = False) -> Any:
    """Takes the sheet of a new upload; the file, None where none is chosen. several: takes more than one; a list of them."""
    more = (t("upload.several"), f"{t('upload.several_help')} ") if several else ("", "")
    return st.file_uploader(
        t("upload.choose", megabytes=largest(), several=more[0]),
        type=TYPES,
        key=key,
        help=more[1] + t("upload.choose_help"),
        accept_multiple_files=several,
    )


def release() -> None:
    """What this visit has uploaded is read: Streamlit would keep it in memory until the visit ends."""
    if context := get_script_run_ctx():
        context.uploaded_file_mgr.remove_session_files(context.session_id)


def take_sample(store: PersonStore) -> None:
    """Open a new upload with the sample file in it; its numbers are made up, so it goes to the practice platform."""
    state.open_draft(store, None)
    draft = state.draft(store)
    draft.choose_connection(practice("").id)
    name, data = sample(state.language())
    draft.load_sheet(data, name)
