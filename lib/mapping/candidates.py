"""Columns of a sheet as they are judged, and what stands beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property

from lib.contact.fields import BY_NAME
from lib.contact.header_names import header_key
from lib.mapping.column_values import ColumnValues
from lib.mapping.header_words import COUPLES, Word
from lib.mapping.headings import NOT_OURS, Heading
from lib.words import LANGUAGES, t
from lib.workbook.columns import letter

#: Share of the values that must look like a field before the values alone are believed.
VALUES_SHARE = 0.8

#: Share of the values that must agree with a header before it is believed.
AGREE_SHARE = 0.5

#: Share of the rows under which a column is nearly empty, and wins nothing.
NEARLY_EMPTY = 0.2


#: Who may be called, by the words of a header.
_PEOPLE = (Word.PERSON, Word.CONTACT, Word.GUARDIAN, Word.RECIPIENT, Word.PARENT, Word.CHILD)


class Reason(StrEnum):
    """Why a column is only offered, or passed over; the sentence is `mapping.reason.<reason>` in lib/words."""

    NOT_LIKE = "not_like"  # the header says so, the values do not
    WORDS = "words"  # words where the platform takes whole numbers
    SOMEONE_ELSE = "someone_else"  # a colleague's, a relative's, a sender's
    UNCLEAR = "unclear"  # the header does not say whose
    VALUES = "values"  # only the values speak: no header, or one that says something else
    TWO_PEOPLE = "two_people"  # each row names two people, and nothing says which is called
    RIVAL = "rival"  # another column may be it as well
    SIDE_BY_SIDE = "side_by_side"  # a second list of the same names stands beside it


@dataclass(frozen=True)
class Column:
    """A column of the sheet: what its header says and what its values look like."""

    name: str
    heading: Heading
    seen: ColumnValues


@dataclass(frozen=True)
class Candidate:
    """A column for a field. weight: the heavier wins; reason: why it is not taken without a click, None where it may be.

    possible: False where it is not even offered, and only the reason is told.
    """

    column: Column
    weight: float = 0.0
    reason: Reason | None = None
    possible: bool = True


@dataclass(frozen=True)
class Table:
    """All columns of a sheet, in their order."""

    columns: Sequence[Column]

    @cached_property
    def has_child(self) -> bool:
        """Whether it is a list of children: their parents are the ones to call."""
        words = ("年级", "班级", "学籍", "幼儿园", "园所", "就读学校", "学校", "grade", "class")
        return any(
            one.heading.holds(Word.CHILD, Word.GUARDIAN) or one.heading.text in words for one in self.columns
        )

    @cached_property
    def has_relation(self) -> bool:
        """Whether it says how people are related: its contacts are relatives."""
        return any(one.heading.text in ("关系", "relation", "relationship") for one in self.columns)

    @cached_property
    def has_header(self) -> bool:
        """Whether the columns are called anything but their letters, as those of a sheet without a header are."""
        return [one.name for one in self.columns] != [letter(at) for at in range(len(self.columns))]

    @cached_property
    def has_person(self) -> bool:
        """Whether a column names the person the row is about, the one to contact aside, and who belongs to no shop."""
        return any(
            _names_person(one.heading) and Word.FIRM not in one.heading.kinds and not one.seen.names_firms
            for one in self.columns
        )

    @cached_property
    def has_calls(self) -> bool:
        """Whether it is a record of calls: who called whom."""
        return any(
            one.heading.head == Word.LINE and one.heading.text.startswith("主叫") for one in self.columns
        )

    @cached_property
    def has_direction(self) -> bool:
        """Whether its calls went both ways, so that the one who was called may be ourselves."""
        return any("方向" in one.name or "direction" in one.name.casefold() for one in self.columns)

    def left_of(self, column: Column) -> Column | None:
        """The column before this one."""
        at = self.columns.index(column)
        return self.columns[at - 1] if at else None

    def others(self, column: Column) -> Iterable[Column]:
        """All but this one."""
        return (one for one in self.columns if one is not column)


def is_unclear(heading: Heading) -> bool:
    """Whether a word stands in a header that nobody can vouch for."""
    return heading.holds(
        Word.UNKNOWN, Word.THING, Word.TITLE, Word.NICKNAME, Word.CASE, Word.ID, Word.SOMEONE
    )


def is_ours(heading: Heading) -> bool:
    """Whether nothing in a header says that it belongs to somebody else."""
    return heading.head not in NOT_OURS and heading.whose not in NOT_OURS


def is_same_person(name: Heading, phone: Heading) -> bool:
    """Whether two headers speak of the same person, in the same word or the beginning of it: 收货人 and 收货电话."""
    said = [*name.about, (name.head, name.text)]
    return any(
        kind == other and kind in _PEOPLE and (text.startswith(word) or word.startswith(text))
        for kind, text in phone.about
        for other, word in said
    )


def follows(table: Table, column: Column, skipped: int = 0) -> Word | None:
    """Whom a bare header stands right behind, as 电话 behind 业务员; None where it is nobody else.

    table: all columns of the sheet; in a list of children a parent is nobody else
    column: one of them; a header that says itself whose it is follows nobody
    skipped: at most so many columns between them that may say more of the other one: 部门, 地址, 与本人关系
    """
    if column.heading.whose is not None or Word.COMPANY in column.heading.kinds:
        return None
    left = table.left_of(column)
    for _ in range(skipped):
        if left is None or left.heading.head not in (Word.THING, Word.SEX, Word.FIRM):
            break
        left = table.left_of(left)
    if left is None or left.heading.head in (Word.MOBILE, Word.PHONE, Word.LANDLINE, Word.LINE):
        return None
    said = (left.heading.head, left.heading.whose)
    others = NOT_OURS if table.has_child else (*NOT_OURS, Word.PARENT)
    return next((kind for kind in others if kind in said), None)


def is_one_of_two(table: Table, heading: Heading) -> bool:
    """Whether another column names somebody by another word: 员工手机 beside 客户姓名."""
    mine = _persons(heading)
    theirs = [_persons(one.heading) for one in table.columns if _names_person(one.heading)]
    return bool(mine) and any(not _alike(mine, words) for words in theirs if words)


def is_one_of_couple(table: Table, heading: Heading) -> bool:
    """Whether the sheet speaks of two people of equal standing, and this header of one of them, or of both: 新郎电话 beside 新娘电话."""
    mine = {heading.text, *(text for _, text in heading.about)}
    every = mine.union(
        *({one.heading.text, *(text for _, text in one.heading.about)} for one in table.columns)
    )
    return any(mine & {*some, *others} and every & some and every & others for some, others in COUPLES)


def _persons(heading: Heading) -> set[str]:
    kinds = (Word.PERSON, Word.RECIPIENT)
    return {text for kind, text in (*heading.about, (heading.head, heading.text)) if kind in kinds}


def _alike(some: set[str], others: set[str]) -> bool:
    return any(one.startswith(other) or other.startswith(one) for one in some for other in others)


def _names_person(heading: Heading) -> bool:
    if heading.asks or not is_ours(heading):
        return False
    if heading.head in (Word.PERSON, Word.RECIPIENT, Word.GIVEN, Word.FAMILY):
        return True
    return heading.head in (Word.NAME, Word.TITLE) and (
        heading.whose in (Word.PERSON, Word.RECIPIENT) or (heading.head == Word.NAME and not heading.about)
    )


@cache
def keys_of(name: str) -> frozenset[str]:
    """The names of a field as they are compared: its aliases, and the labels of our own template in every language."""
    labels = (t(f"field.{name}.label", language) for language in LANGUAGES)
    return frozenset(header_key(text) for text in (name, *BY_NAME[name].aliases, *labels))
