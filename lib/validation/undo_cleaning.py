"""Cleaning taken back by kind: cells that stay exactly as they stood because a person wants it so.

Taking one kind back touches every cell that this kind changed, and the whole of such a cell: half a cleaning would be
a value that stands neither in the file nor in the receipt.
"""

import re
from collections.abc import Set

import pandas as pd

from lib.contact.fields import BY_NAME, Kind, component_id
from lib.contact.keys import canonical_phone
from lib.contact.problems import ProblemCode

#: A spelling of a mobile with its country code may be taken as it is (not documented); other marks surely may not.
_DIGITS = "[+]?[0-9]+"


def is_kept(told: pd.DataFrame, kinds: Set[str]) -> pd.Series:
    """By row, whether a cleaning of one of these kinds changed the cell. told: as `cleaning.Cleaned.told`."""
    if not kinds:
        return pd.Series(False, index=told.index)
    wanted = "|".join(map(re.escape, sorted(kinds)))
    return told["kind"].str.contains(rf"(?:^|\+)(?:{wanted})(?:\+|$)") & told["before"].ne(told["after"])


def as_it_stood(told: pd.DataFrame, kept: pd.Series, name: str, *, encryption: bool) -> pd.DataFrame:
    """`told` with the kept cells as they stood, and what that means for them as their code.

    Texts and ciphertext can be sent with their spaces. A phone that is digits, and that repeats can still be told of,
    is warned about; every other kept value would be refused by the platform and is an error of its row.

    told: as `cleaning.Cleaned.told`, of one column; stays as it is
    kept: by row of `told`, whether its cell is to stay as it stood (`is_kept`)
    name: of the contacts column: a field, or `component:<id>`
    encryption: whether a phone may be ciphertext, and then is kept like a text
    """
    told = told.copy()
    if _is_text(name, encryption):
        told.loc[kept, "after"] = told.loc[kept, "before"]
        return told
    code = pd.Series(ProblemCode.VALUE_KEPT.value, index=told.index[kept], dtype="str")
    if name == "phone":
        cells = told[kept]
        same = pd.Series([canonical_phone(text) for text in cells["before"]], index=cells.index, dtype="str")
        code[cells["before"].str.fullmatch(_DIGITS) & same.eq(cells["after"])] = ProblemCode.PHONE_KEPT.value
    told.loc[kept, "code"] = code
    told.loc[kept, "after"] = told.loc[kept, "before"]
    return told


def _is_text(name: str, encryption: bool) -> bool:
    if component_id(name) is not None:
        return True
    if name == "phone":
        return encryption
    return BY_NAME[name].kind not in (Kind.EMAIL, Kind.SEX, Kind.INTEGER)
