"""Practice or real: said on every page, in colour and in words."""

import streamlit as st

from lib.platform.connection import Connection, ConnectionKind
from lib.ui import colours
from lib.ui.words import plain, t


def name_of(connection: Connection) -> str:
    """The connection's name; the practice platform is named in the person's language."""
    return t("practice.name") if connection.kind == ConnectionKind.PRACTICE else connection.name


def banner(connection: Connection, task: str) -> None:
    """Where this upload goes, unmistakable. task: its name, or its id; harmless in Markdown."""
    practice = connection.kind == ConnectionKind.PRACTICE
    if practice:
        line = f":material/science: **{t('banner.practice')}**　{t('banner.practice_means')}"
    else:
        line = f":material/call: **{t('banner.real')}**　{t('banner.real_means', name=plain(connection.name), task=task)}"
    st.markdown(f":{colours.PRACTICE if practice else colours.ERROR}-background[&nbsp;{line}&nbsp;]")
