"""The pieces of the about page: is all well here, where the data lies, what runs, under which licences, and help."""

import os
from functools import partial

import pandas as pd
import streamlit as st

from lib.platform.connection import ConnectionKind
from lib.server import diagnostics, machine_facts, self_check
from lib.server.self_check import Finding, Level
from lib.ui import services
from lib.ui.parts import server_facts
from lib.ui.services import Services
from lib.ui.words import plain, t
from lib.workbook.limits import SETTINGS


def findings(desk: Services) -> list[Finding]:
    """Every check, made now."""
    status = desk.engine.status
    facts = machine_facts.look(
        services.data_folder(),
        desk.store.database.journal_mode(),
        sole_sender=not status.stands_by,
        tokens_last=bool(desk.tokens.keyring) or _are_given(desk),
        secrets=st.get_option("secrets.files"),
    )
    return [*self_check.server(server_facts.gather()), *self_check.machine(facts)]


def _are_given(desk: Services) -> bool:
    """Whether the administrator gave a token for every real connection of the team, and there is one."""
    real = [one for one in desk.connections() if one.kind == ConnectionKind.REAL]
    return bool(real) and all(map(desk.given_token, real))


def checks(found: list[Finding]) -> None:
    """What is wrong, each with what to do; then what is well."""
    st.header(t("about.checks"), anchor=False)
    wrong = [one for one in found if one.level != Level.FINE]
    for one in wrong:
        box = st.error if one.level == Level.REFUSED else st.warning
        box(_sentence(one))
    if not wrong:
        st.success(t("about.all_well"), icon=":material/check_circle:")
    fine = [one for one in found if one.level == Level.FINE]
    with st.expander(t("about.fine", count=len(fine)), icon=":material/check_circle:"):
        for one in fine:
            st.markdown(f":material/check: {_sentence(one)}")


def _sentence(one: Finding) -> str:
    key = f"check.{one.code}" if one.level == Level.FINE else f"check.{one.code}.bad"
    return t(
        key, **{name: value if isinstance(value, int) else plain(value) for name, value in one.params.items()}
    )


def data(desk: Services) -> None:
    """Where everything is kept, and what leaves this computer."""
    st.header(t("about.data"), anchor=False)
    server = desk.store.database.server_name()
    st.markdown(t("about.data_server") if server else t("about.data_means"))
    st.code(server or str(services.data_folder()), language=None)


def versions() -> None:
    """What runs here, and every package with its licence."""
    st.header(t("about.versions"), anchor=False)
    st.dataframe(
        pd.DataFrame(machine_facts.versions().items(), columns=[t("about.part"), t("about.version")]),
        hide_index=True,
        height="content",
    )
    packages = machine_facts.packages()
    with st.expander(t("about.licences", count=len(packages))):
        st.caption(t("about.licences_means"))
        table = [(one.name, one.version, one.licence) for one in packages]
        st.dataframe(
            pd.DataFrame(table, columns=[t("about.part"), t("about.version"), t("about.licence")]),
            hide_index=True,
        )


def support(desk: Services, found: list[Finding]) -> None:
    """A text for whoever helps: to be read first, then sent."""
    st.header(t("about.support"), anchor=False)
    st.markdown(t("about.support_means"))
    made = partial(bundle, desk, found)
    with st.container(horizontal=True):
        st.download_button(
            t("about.download"),
            data=made,
            file_name=t("about.download_name"),
            mime="text/plain",
            icon=":material/download:",
            on_click="ignore",
        )
    with st.expander(t("about.look")):
        st.code(made(), language=None, wrap_lines=True)


def bundle(desk: Services, found: list[Finding]) -> str:
    """How things are on this desk, with nothing of anybody's in it."""
    store = desk.store
    counts = {
        "drafts": len(store.drafts.latest(limit=None)),
        "connections": len(store.connections.all()),
        "do-not-call numbers": int(store.do_not_call.additions()["count"].sum()),
    }
    facts = diagnostics.DiagnosticFacts(
        versions=machine_facts.versions(),
        findings=found,
        server=server_facts.gather(),
        settings=store.settings.get(),
        limits={name: os.environ[name] for name in SETTINGS if name in os.environ},
        runs=store.runs.latest(limit=None),
        counts=counts,
        lines=services.recent.lines(),
    )
    return diagnostics.report(facts, desk.secrets())
