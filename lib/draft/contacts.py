"""The contacts of a draft: the mapped sheet with what the person typed on top, whole or brought up to date by cells."""

from dataclasses import replace

import pandas as pd

from lib.draft.edits import EditStacks
from lib.mapping import Mapping, apply, translated
from lib.sheet import Sheet
from lib.validation.recheck import picked_rows, put


def mapped_contacts(sheet: Sheet, feeding: Mapping, edits: EditStacks) -> pd.DataFrame:
    """Index = spreadsheet row number, a column for each field and component that is fed.

    sheet: as read, its cells split already where the person said so
    feeding: the mapping with the components among it (`components.merged`)
    edits: what was typed; of columns that nothing feeds now it waits for another mapping
    """
    contacts = apply(sheet, feeding)
    for name in edits.fields:
        if name in contacts.columns:
            contacts = _with_typed(contacts, name, edits.standing(name), feeding)
    return contacts


def with_cells(
    contacts: pd.DataFrame,
    sheet: Sheet,
    feeding: Mapping,
    edits: EditStacks,
    changed: dict[str, list[int]],
) -> pd.DataFrame:
    """`contacts` with these cells as last typed, or as mapped where nothing typed stands any more.

    contacts: of `mapped_contacts`; a new table is returned
    sheet, feeding: what it was mapped from
    edits: with the change in them already
    changed: contacts column → row numbers. The rest is not looked at: an edit costs the same in a sheet of any length
    """
    for name in [name for name in changed if name in contacts.columns]:
        rows = pd.Index(changed[name], dtype="int64").unique()
        typed = edits.standing(name, rows)
        contacts = _with_typed(contacts, name, typed, feeding)
        places = sheet.table.index.get_indexer(rows.difference(typed.index))
        if len(places := places[places >= 0]):
            mapped = apply(replace(sheet, table=picked_rows(sheet.table, places)), feeding)[name]
            contacts = contacts.assign(**{name: put(contacts[name], places, mapped.tolist())})
    return contacts


def _with_typed(contacts: pd.DataFrame, name: str, typed: pd.Series, feeding: Mapping) -> pd.DataFrame:
    typed = translated(typed, feeding.values.get(name))  # typed words are words too
    places = contacts.index.get_indexer(typed.index)
    texts = typed[places >= 0].tolist()
    return contacts.assign(**{name: put(contacts[name], places[places >= 0], texts)}) if texts else contacts
