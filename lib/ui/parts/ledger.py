"""In practice only: what the practice platform really holds of a run, beside what the desk says of it."""

from functools import partial

import pandas as pd
import streamlit as st

from lib.errors import AppError
from lib.platform.connection import Connection, ConnectionKind
from lib.platform.practice_control import HeldRows
from lib.run.records import RunRecord
from lib.run.states import Disposition, called
from lib.ui import colours, keys, messages
from lib.ui.parts import folds, pictures
from lib.ui.parts.tables import SHOWN, height
from lib.ui.services import Services
from lib.ui.words import t

#: Parts of a run by how often the platform took a number, and the colour of each.
_PARTS = {
    "once": colours.OF_BATCH["accepted"],
    "twice": colours.OF_BATCH["rejected"],
    "never": colours.OF_BATCH["planned"],
}


def of_run(desk: Services, run: RunRecord) -> None:
    """Counted when it is opened, and each time it is asked for; nothing at all on a real connection."""
    if run.connection.kind == ConnectionKind.PRACTICE and not run.data_deleted:
        st.fragment(partial(_of_run, desk, run))()


def _of_run(desk: Services, run: RunRecord) -> None:
    if not (panel := folds.fold(t("ledger.title"), keys.of("ledger", run.id), ":material/balance:")):
        return
    with panel:
        st.caption(t("ledger.means"))
        rows = desk.store.runs.rows(run.id)
        rows = rows[rows["disposition"].eq(Disposition.TO_SEND.value)]
        there = desk.reachable(run.connection)
        try:
            held = desk.practice_control.held(there, rows["extra"])
            whole = desk.practice_control.holdings(there)
        except AppError as error:
            messages.show(error)
            return
        _account(run, rows, held)
        st.caption(
            t(
                "ledger.whole",
                batches=whole.batches,
                count=whole.numbers,
                taken=whole.taken,
                twice=whole.twice,
            )
        )
        st.button(t("ledger.again"), icon=":material/refresh:", key=keys.of("ledger.again", run.id))


def closing(desk: Services, connection: Connection, accepted: int) -> None:
    """All of what this practice platform holds, in a sentence and a picture.

    desk: through which the practice platform is asked for its ledger
    connection: a practice one; all that its platform holds is counted, of whatever run
    accepted: numbers of which the desk says so; said beside, and not compared
    """
    try:
        held = desk.practice_control.holdings(desk.reachable(connection))
    except AppError as error:
        messages.show(error)
        return
    if held.twice:
        st.error(t("ledger.twice", count=held.twice))
    else:
        words = t("ledger.closing", count=held.numbers, batches=held.batches, accepted=accepted)
        st.success(words, icon=":material/verified:")
    parts = {"once": held.numbers - held.twice, "twice": held.twice}
    pictures.bar(parts, _PARTS, {name: t(f"ledger.part.{name}") for name in parts}, key="picture.closing")


def _account(run: RunRecord, rows: pd.DataFrame, held: HeldRows) -> None:
    """The sentence, the bar, and each batch."""
    times = pd.Series(held.by_place, index=rows.index, dtype="int64")
    parts = {"once": int(times.eq(1).sum()), "twice": held.twice, "never": int(times.eq(0).sum())}
    if held.twice:
        st.error(t("ledger.twice", count=held.twice))
    else:
        st.success(t("ledger.never_twice", count=parts["once"]), icon=":material/verified:")
    names = {name: t(f"ledger.part.{name}") for name in _PARTS}
    pictures.bar(parts, _PARTS, names, key=keys.of("picture.ledger", run.id))
    counted = rows.assign(once=times.gt(0), twice=times.gt(1)).groupby("batch", sort=True)
    first = counted[["batch_state", "held_as"]].first()
    table = pd.DataFrame(
        {
            t("batch.seq"): first.index,
            t("ledger.desk_says"): [
                t(f"batch.state.{called(*pair)}") for pair in first.itertuples(index=False)
            ],
            t("ledger.sent"): counted.size(),
            t("ledger.holds"): counted["once"].sum(),
            t("ledger.part.twice"): counted["twice"].sum(),
        }
    ).head(SHOWN)
    st.dataframe(table, hide_index=True, key=keys.of("ledger.table", run.id), height=height(len(table), 300))
