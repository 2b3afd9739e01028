"""Numbers of which a spreadsheet has thrown digits away, in fields that take any text."""

import re

import pandas as pd

#: 4.40106E+17, as a spreadsheet shows a long number; a long number whose digits behind the fifteenth are noughts. A single
#: nought behind the fifteenth is chance in one of ten.
_SIGN = r"-?[1-9](?:\.[0-9]{1,20})?[Ee]\+[0-9]{2,3}|[1-9][0-9]{14}0{2,40}"
_SHORTENED = re.compile(r"-?[1-9](?:\.([0-9]+))?[Ee]\+([0-9]+)")


def has_lost_digits(values: pd.Series) -> pd.Series:
    """By row, whether digits of a number are missing. An exponent that has them all (1.3012121211E+10) has lost none."""
    found = values.str.fullmatch(_SIGN)
    if not found.any():
        return found
    short = values[found].map(_is_short).astype(bool)
    return found & short.reindex(found.index, fill_value=False)


def _is_short(text: str) -> bool:
    shortened = _SHORTENED.fullmatch(text)
    return shortened is None or len(shortened[1] or "") < int(shortened[2])
