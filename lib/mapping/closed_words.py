"""Fields that take only certain values (a sex, a number): the words that stand in their columns instead, each to be told once.

What a number stands for is an account's own, so its words are remembered for the account, and never taken to another.
"""

from dataclasses import replace

import pandas as pd

from lib.contact.cleaning import INTEGER, SEX, CleaningRule
from lib.contact.fields import BY_NAME, FIELDS, Kind
from lib.mapping import Mapping, folded, source

_RULES: dict[Kind, CleaningRule] = {Kind.SEX: SEX, Kind.INTEGER: INTEGER}

#: Fields that take only certain values.
CLOSED = tuple(field.name for field in FIELDS if field.kind in _RULES)

#: Those of them whose words stand for numbers of the account's own.
NUMBERED = tuple(name for name in CLOSED if BY_NAME[name].kind == Kind.INTEGER)

#: Different words that are looked at one by one; a column with more is no list of words, and the rest is only counted.
MOST_JUDGED = 500


def strange_words(table: pd.DataFrame, mapping: Mapping, name: str) -> pd.Series:
    """In how many rows each word stands that this field does not take, most frequent first, the person's own words too.

    Words that differ in case, width or outer space are one.

    table: of a sheet, with the rows to count in
    mapping: says what feeds the field; where nothing does, no word is strange
    name: of the field, one of `CLOSED`
    """
    texts = source(table, mapping, name)
    if texts is None:
        return pd.Series(dtype="int64")
    rule = _RULES[BY_NAME[name].kind]
    bare = texts.str.strip()
    odd = bare[bare.ne("") & ~bare.str.fullmatch(rule.plain)]
    counts = odd.value_counts()
    spelled: dict[str, str] = {}
    found: dict[str, int] = {}
    for word, count in counts.head(MOST_JUDGED).items():
        if rule.judge(str(word)).code:
            shown = spelled.setdefault(folded(str(word)), str(word))
            found[shown] = found.get(shown, 0) + int(count)
    return pd.concat([pd.Series(found, dtype="int64"), counts.iloc[MOST_JUDGED:]])


def untold(counts: pd.Series, mapping: Mapping, name: str) -> list[str]:
    """The words of a field that nobody has told yet.

    counts: the field's `strange_words`; of these only the words matter here
    mapping: its `values` are what was told
    name: of the field
    """
    told = mapping.values.get(name, {})
    return [str(word) for word in counts.index if folded(str(word)) not in told]


def with_words_of(mapping: Mapping, remembered: dict[str, dict[str, str]]) -> Mapping:
    """The mapping with an account's words: they replace those for numbers, and join those that mean the same everywhere."""
    everywhere = {name: words for name, words in mapping.values.items() if BY_NAME[name].kind != Kind.INTEGER}
    names = dict.fromkeys((*remembered, *everywhere))
    return replace(
        mapping, values={name: remembered.get(name, {}) | everywhere.get(name, {}) for name in names}
    )
