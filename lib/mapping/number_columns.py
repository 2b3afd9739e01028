"""Which columns hold the ids: the list's own number of a row, and the whole numbers the platform keeps lists of."""

from lib.contact.header_names import header_key
from lib.mapping.candidates import AGREE_SHARE, Candidate, Reason, Table, is_one_of_two, is_ours, keys_of
from lib.mapping.header_words import Word
from lib.mapping.headings import Heading

#: Digits of the longest number that may put rows in order.
_SORT_DIGITS = 4

#: Whose number tells rows apart, and how much that speaks for it.
_CUSTOMER, _CASE, _BARE, _ALIAS = 90.0, 80.0, 60.0, 100.0


def own_ids(table: Table) -> list[Candidate]:
    """The columns that may tell rows apart for whoever made the list: a customer's, an order's, a lead's number."""
    found = []
    for column in table.columns:
        heading, seen = column.heading, column.seen
        weight = _weight(heading, header_key(column.name))
        if not weight or heading.asks or not seen.texts and seen.rows or is_one_of_two(table, heading):
            continue
        if (
            seen.numbers
            and seen.mobiles > AGREE_SHARE
            or seen.counts_rows
            or ((weight < _ALIAS or seen.integers == 1.0) and seen.distinct < AGREE_SHARE)
        ):
            continue
        found.append(Candidate(column, weight))
    return found


def _weight(heading: Heading, key: str) -> float:
    if key in keys_of("extra"):
        return _ALIAS
    if heading.head != Word.ID or not is_ours(heading) or heading.number:
        return 0.0
    kinds = heading.kinds - {Word.PLAIN, Word.ID, Word.NUMBER, Word.JOIN}
    if not kinds:
        return _BARE if heading.text in ("id", "uuid", "guid", "编号", "单号") else 0.0
    if kinds <= {Word.PERSON, Word.CONTACT}:
        return _CUSTOMER
    if Word.CASE in kinds and kinds <= {Word.CASE, Word.PERSON, Word.SPARE, Word.CONTACT}:
        return _CASE - 5.0 * (len(kinds) - 1) - 5.0 * (len(heading.about) - 1)
    return 0.0


def whole_numbers(table: Table, name: str) -> list[Candidate]:
    """The columns that may hold `sort` or one of the platform's own ids.

    Only a header that is the field's name is looked at. One that does not say ID counts by a list of the sheet's own as a rule, so it is offered.
    """
    found = []
    for column in table.columns:
        heading, seen = column.heading, column.seen
        if header_key(column.name) not in keys_of(name) or not seen.texts and seen.rows:
            continue
        says = name == "sort" or header_key(column.name).endswith("id")
        if seen.texts and (seen.integers < 1.0 or heading.legend):
            found.append(Candidate(column, reason=Reason.WORDS, possible=False))
        elif name == "sort" and seen.longest_integer > _SORT_DIGITS:
            found.append(Candidate(column, reason=Reason.NOT_LIKE, possible=False))
        else:
            found.append(Candidate(column, 100.0 if says else 50.0, None if says else Reason.UNCLEAR))
    return found
