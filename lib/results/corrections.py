"""Rows corrected in a spreadsheet program and brought back: each finds its own row again by its token, or is told.

The token of a row is its number, a proof that it is a row of this very draft, and a short digest of every cell as it
was given out. So a cell counts as corrected only where it differs from what the person was given, whatever has been
edited here since, and nothing about the file has to be remembered.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from lib.contact.masking import holds_mask
from lib.draft import Draft
from lib.errors import SheetRefused
from lib.mapping.combine import combined, origins
from lib.results.problems import added_names
from lib.results.xml import storable
from lib.sheet import EVERYTHING, Sheet, fingerprint, read
from lib.words import LANGUAGES, t

_TOKEN = re.compile(r"([0-9]{1,10})-([0-9a-f]{12})-((?:[0-9a-f]{6})*)")
_DIGEST = 6  # hexadecimal digits of a cell's digest


@dataclass(frozen=True)
class Corrections:
    """What a returned file would change. Row numbers are those of the returned file unless it is said otherwise.

    cells: (row of the draft's sheet, contacts column, new text). rows: how many rows of the draft they belong to.
    unknown: rows whose token is not of this draft. untold: rows without a token. twice: rows with a token that another
    row has too, with other cells. missing, extra: columns that the file lacks or has too many. unused: columns that
    were corrected and feed no field. hidden: rows of the draft whose number came back with stars in it; it stays as it is.
    """

    cells: tuple[tuple[int, str, str], ...] = ()
    rows: int = 0
    unknown: tuple[int, ...] = ()
    untold: tuple[int, ...] = ()
    twice: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    hidden: tuple[int, ...] = ()


def given_out(draft: Draft) -> pd.DataFrame:
    """The person's sheet with the edits made here, as it is given out for correction.

    Where several columns feed a field, an edit goes into the one the text came from; where they are put together, into the
    first, for nobody can tell where in it each part ends.
    """
    assert draft.sheet, "no sheet to give out"
    stood = draft.sheet.table
    table = stood.copy()
    for name, columns in draft.columns.items():
        typed = draft.typed(name)
        typed = typed[typed.index.isin(stood.index)]
        known = [column for column in columns if column in stood.columns]
        if typed.empty or not known:
            continue
        if name in draft.mapping.between:
            table.loc[typed.index, known[1:]] = ""
            places = pd.Series(known[0], index=typed.index)
        else:
            places = origins(stood.loc[typed.index], known, name)
        for column in known:
            here = typed[places.eq(column)]
            table.loc[here.index, column] = here
    return table


def tokens(draft: Draft, table: pd.DataFrame, lang: str) -> pd.Series:
    """The token of each row of `table`, by row.

    draft: with its sheet; a token proves that a row is of this draft, file and worksheet
    table: some rows of `given_out` with all its columns; every cell goes into its row's token as the file will hold it
    lang: of the file it is written into: the end of a text that is cut is in this language
    """
    mark = t("results.cut", lang)
    digests = [_digests(storable(table.iloc[:, at].tolist(), mark)) for at in range(table.shape[1])]
    rows = zip(table.index, *digests, strict=True)
    made = [f"{row}-{_proof(draft, row)}-{''.join(cells)}" for row, *cells in rows]
    return pd.Series(made, index=table.index, dtype="str")


def read_back(data: bytes, name: str, draft: Draft) -> Corrections:
    """What this file corrects in the draft. Raises SheetRefused, with "not_corrections" where no row carries a token.

    data: the file as it was uploaded; what it is, its content tells
    name: what the file is called; no part of how it is read
    draft: with its sheet; it is compared with and not changed
    """
    assert draft.sheet, "no sheet to correct"
    returned = _read(data, name, draft.person_id)
    token_column = _token_column(returned.table)
    found = returned.table[token_column].str.strip()
    parts = found.str.extract(f"^{_TOKEN.pattern}$").fillna("")
    ours = _is_ours(draft, parts)
    twice = _twice(returned.table, found.where(ours, ""))
    untold = tuple(found.index[found.eq("")])
    own = [str(column) for column in draft.sheet.table.columns]
    shared = [column for column in own if column in returned.table.columns]
    rows = parts.index[ours & ~parts.index.isin(twice)]
    changed = _changed(returned.table.loc[rows], parts.loc[rows], own, shared)
    return replace(
        _cells(draft, changed),
        unknown=tuple(found.index[found.ne("") & ~ours]),
        untold=untold,
        twice=twice,
        missing=tuple(column for column in own if column not in shared),
        extra=tuple(
            column
            for column in returned.table.columns
            if column not in {*own, *_added_names(own), token_column}
        ),
    )


def _read(data: bytes, name: str, person: str) -> Sheet:
    """The file by its first row as header, else by the header that is found; one way has to show the tokens.

    All of it: what is filtered away when it is saved was corrected too, and a token says which row is one.
    """
    for header_row in (1, None):
        try:
            found = read(data, name, header_row=header_row, person=person, **EVERYTHING)
            _token_column(found.table)
        except SheetRefused as refused:
            if header_row is None or refused.code not in ("header_row_empty", "not_corrections"):
                raise
        else:
            return found
    raise AssertionError("the second way returns or raises")


def _token_column(table: pd.DataFrame) -> str:
    heads = {t("results.column.token", lang) for lang in LANGUAGES}
    for column in table.columns:
        if (
            any(str(column).startswith(head) for head in heads)
            and table[column].str.match(_TOKEN.pattern).any()
        ):
            return str(column)
    raise SheetRefused("not_corrections")


def _added_names(own: Sequence[str]) -> set[str]:
    """The columns we added, in any language, numbered where the person had one of that name."""
    return {name for lang in LANGUAGES for name in added_names(own, lang)}


def _proof(draft: Draft, row: int) -> str:
    assert draft.sheet
    facts = (
        draft.id,
        draft.sheet.sha256,
        draft.sheet.sheet or "",
        fingerprint(map(str, draft.sheet.table.columns)),
        row,
    )
    return hashlib.blake2s("\n".join(map(str, facts)).encode(), digest_size=6).hexdigest()


def _is_ours(draft: Draft, parts: pd.DataFrame) -> pd.Series:
    assert draft.sheet
    known, width = set(draft.sheet.table.index), _DIGEST * draft.sheet.table.shape[1]
    facts = zip(parts[0], parts[1], parts[2], strict=True)
    ours = [
        bool(row) and int(row) in known and proof == _proof(draft, int(row)) and len(cells) == width
        for row, proof, cells in facts
    ]
    return pd.Series(ours, index=parts.index, dtype=bool)


def _twice(table: pd.DataFrame, found: pd.Series) -> tuple[int, ...]:
    """Rows that share a token and are not the same in every cell; of equal ones each says the same."""
    shared = found.ne("") & found.duplicated(keep=False)
    differing = shared & ~table.duplicated(keep=False)
    return tuple(found.index[found.isin(set(found[differing]))])


def _digests(texts: Sequence[str]) -> list[str]:
    """Of each text; outer space, which some programs drop, does not count."""
    return [hashlib.blake2s(text.strip().encode(), digest_size=_DIGEST // 2).hexdigest() for text in texts]


def _changed(table: pd.DataFrame, parts: pd.DataFrame, own: list[str], shared: list[str]) -> pd.DataFrame:
    """row (of the draft), column, after: of every cell that differs from what was given out."""
    found = []
    for column in shared:
        at = own.index(column) * _DIGEST
        now = pd.Series(_digests(storable(table[column].tolist(), "")), index=table.index, dtype="str")
        differs = now.ne(parts[2].str.slice(at, at + _DIGEST))
        rows = parts.loc[differs, 0].astype("int64")
        found.append(pd.DataFrame({"row": rows, "column": column, "after": table.loc[differs, column]}))
    everything = pd.concat(found) if found else pd.DataFrame({"row": [], "column": [], "after": []})
    return everything.drop_duplicates(["row", "column"])


def _cells(draft: Draft, changed: pd.DataFrame) -> Corrections:
    """changed: row, column, after; see `_changed`."""
    fed = {column for columns in draft.columns.values() for column in columns}
    unused = tuple(dict.fromkeys(changed.loc[~changed["column"].isin(fed), "column"]))
    before = given_out(draft)
    after = before.copy()
    for column, some in changed.groupby("column", sort=False):
        after.loc[some["row"], str(column)] = some["after"].tolist()
    found: list[tuple[int, str, str]] = []
    for name, columns in draft.columns.items():
        rows = changed.loc[changed["column"].isin(columns), "row"].unique()
        was, now = (_said(draft, name, columns, table.loc[rows]) for table in (before, after))
        texts = zip(map(int, rows), was, now, strict=True)
        found += [(row, name, text) for row, stood, text in texts if text != stood]
    stars = {cell for cell in found if _is_masked(draft, *cell)}
    cells = tuple(cell for cell in found if cell not in stars)
    hidden = tuple(dict.fromkeys(cell[0] for cell in found if cell in stars))
    return Corrections(cells, rows=len({cell[0] for cell in cells}), unused=unused, hidden=hidden)


def _is_masked(draft: Draft, row: int, name: str, text: str) -> bool:
    return holds_mask(text) and not holds_mask(str(draft.contacts.at[row, name]))


def _said(draft: Draft, name: str, columns: Sequence[str], table: pd.DataFrame) -> pd.Series:
    known = [column for column in columns if column in table.columns]
    return combined(table, known, draft.mapping.between.get(name), name)
