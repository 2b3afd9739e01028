"""Which columns hold the person's name, firm, address and sex: the person's who is called, nobody else's."""

from lib.mapping.candidates import (
    AGREE_SHARE,
    VALUES_SHARE,
    Candidate,
    Column,
    Reason,
    Table,
    follows,
    is_one_of_couple,
    is_one_of_two,
    is_ours,
    is_same_person,
    is_unclear,
)
from lib.mapping.header_words import Word
from lib.mapping.headings import Heading

#: How much it speaks for a name whose it is.
_WHOSE: dict[Word | None, float] = {
    None: 100,
    Word.PERSON: 98,
    Word.CONTACT: 94,
    Word.GUARDIAN: 92,
    Word.RECIPIENT: 86,
    Word.PARENT: 70,
    Word.CHILD: 60,
    Word.SOMEONE: 40,
    Word.HEAD: 30,
}
#: A column that is named after the person holds the name too, where it is not a number of theirs.
_NOUNS = (
    Word.PERSON,
    Word.CONTACT,
    Word.GUARDIAN,
    Word.RECIPIENT,
    Word.PARENT,
    Word.CHILD,
    Word.HEAD,
    Word.SOMEONE,
)
_NOT_A_PERSONS = (Word.FIRM, Word.PET, Word.COMPANY)
#: The name of the one whose number is called comes first.
_SAME_PERSON, _NEXT_TO_PHONE = 25.0, 15.0
#: What speaks against a column in which few cells are called like a person: 风一样, 快乐的小鱼.
_NO_NAMES, _FEW_PEOPLE = 15.0, 0.34
_FORMS_OF_ADDRESS = ("称呼", "尊称", "怎么称呼", "如何称呼")
#: What a column loses that is named after the person, or holds Mr Zhang; what the others weigh.
_NOUN, _ADDRESSED = 2.0, 30.0
_UNCLEAR, _GIVEN, _NICKNAME = 40.0, 25.0, 20.0
_NONE: tuple[float, None] = (0.0, None)
#: Of a child only these may be grown up.
_STUDENTS = ("学生", "student", "学员")
_PEOPLE_SHARE = 0.6
#: A firm somebody wants to go to is not their own.
_WANTED = ("目标", "意向", "预约", "预订", "出行", "潜在")


def names(table: Table, phone: Column | None) -> list[Candidate]:
    """The columns that may hold the name. phone: the column of the number that is called."""
    found = []
    for column in table.columns:
        heading = column.heading
        if not table.has_header:  # 张伟 13012121211: only the values speak
            if column.seen.people >= _PEOPLE_SHARE and not column.seen.names_firms:
                found.append(Candidate(column, column.seen.people, Reason.VALUES))
            continue
        if heading.asks or not is_ours(heading) or heading.number > 1:
            continue
        weight, reason = _said_name(table, column)
        if not weight or column.seen.names_firms:
            continue
        weight += _beside_phone(table, column, phone)
        if _is_one_of_several(table, column, phone):
            reason = reason or Reason.TWO_PEOPLE
        if column.seen.texts and column.seen.people < _FEW_PEOPLE:
            weight -= _NO_NAMES
            reason = reason or (None if heading.head in (Word.NAME, Word.GIVEN) else Reason.UNCLEAR)
        if column.seen.texts and max(column.seen.amounts, column.seen.yes_no) > AGREE_SHARE:
            found.append(Candidate(column, reason=Reason.NOT_LIKE, possible=False))
        elif column.seen.texts or not column.seen.rows:
            found.append(Candidate(column, weight, reason))
    return found


def _is_one_of_several(table: Table, column: Column, phone: Column | None) -> bool:
    """Whether the sheet names another person too, and nothing says which of them the number is of."""
    if is_one_of_couple(table, column.heading) and not (
        phone and is_same_person(column.heading, phone.heading)
    ):
        return True
    says = phone is not None and (phone.heading.whose is not None or table.left_of(phone) is column)
    return not says and is_one_of_two(table, column.heading)


def _said_name(table: Table, column: Column) -> tuple[float, Reason | None]:
    """How much a header speaks for a name, 0 where it is none, and why it is only offered."""
    heading = column.heading
    whose = heading.head if heading.head in _NOUNS else heading.whose
    if (
        heading.whose == Word.FIRM
        or whose in _NOT_A_PERSONS
        or (whose == Word.PARENT and not table.has_child)
    ):
        return _NONE
    if heading.head == Word.GIVEN or (heading.text == "名" and not heading.about):
        family = any(other.heading.head == Word.FAMILY for other in table.columns)
        return _NONE if family else (_GIVEN, None)
    if heading.head == Word.NICKNAME:
        return _NICKNAME, Reason.UNCLEAR
    if heading.head not in (Word.NAME, Word.TITLE, *_NOUNS) or _says_company(heading):
        return _NONE
    weight = _WHOSE.get(whose, 0.0)
    weight -= _NOUN if heading.head in _NOUNS else _ADDRESSED if heading.text in _FORMS_OF_ADDRESS else 0.0
    return _doubted(column, whose, weight)


def _doubted(column: Column, whose: Word | None, weight: float) -> tuple[float, Reason | None]:
    """The same weight where a header leaves no question about whose name it is; where it does, the values have to be people."""
    heading, people = column.heading, column.seen.people >= _PEOPLE_SHARE
    only_people = (_UNCLEAR, Reason.UNCLEAR) if people else _NONE
    if heading.head == Word.TITLE and whose is None:  # 名称, 线索名称
        of_something = bool(heading.about) and not heading.holds(Word.CASE)
        return _NONE if of_something or heading.holds(Word.UNKNOWN, Word.THING) else only_people
    if whose in (Word.HEAD, Word.SOMEONE):
        return only_people
    if whose is None and heading.holds(Word.THING, Word.ACCOUNT, Word.NICKNAME):
        return _NONE
    if heading.holds(Word.UNKNOWN, Word.THING) or (is_unclear(heading) and heading.head != Word.TITLE):
        is_person = people and heading.head in (Word.PERSON, Word.NAME) and whose == Word.PERSON
        return (weight - _NOUN, None) if is_person else only_people
    numbered = whose == Word.CONTACT and heading.number > 0  # 联系人1: of a firm, or a relative of the person
    child = whose == Word.CHILD and not heading.holds_text(_STUDENTS)
    return weight, Reason.UNCLEAR if heading.holds(Word.SPARE) or numbered or child else None


def _beside_phone(table: Table, column: Column, phone: Column | None) -> float:
    """What speaks for the name of the one whose number is called: the same word, or the column right before it."""
    if phone is None:
        return 0.0
    if is_same_person(column.heading, phone.heading):
        return _SAME_PERSON
    return _NEXT_TO_PHONE if phone.heading.whose is None and table.left_of(phone) is column else 0.0


def companies(table: Table) -> list[Candidate]:
    """The columns that may hold the person's own firm."""
    found = []
    for column in table.columns:
        heading = column.heading
        if heading.asks or not is_ours(heading) or heading.whose == Word.FIRM or heading.number > 1:
            continue
        named = heading.head == Word.COMPANY or (
            heading.head in (Word.TITLE, Word.NAME) and _says_company(heading)
        )
        if named and not heading.holds(
            Word.UNKNOWN, Word.THING, Word.FIRM, Word.CHILD, Word.PARENT, Word.GUARDIAN, Word.PET, Word.CASE
        ):
            found.append(_firm(table, column))
        elif not named and column.seen.names_firms and _may_be_firm(heading):
            found.append(Candidate(column, 50.0))
    return found


def _says_company(heading: Heading) -> bool:
    if Word.COMPANY in heading.kinds:
        return True
    bare = heading.head == Word.TITLE or heading.text == "name"
    return bare and not heading.about and any(kind == Word.COMPANY for kind, _ in heading.group)


def _may_be_firm(heading: Heading) -> bool:
    if heading.holds(Word.UNKNOWN, Word.THING, Word.FIRM, Word.SPARE):
        return False
    if heading.head in (Word.PERSON, Word.ACCOUNT):
        return True
    return heading.head in (Word.TITLE, Word.NAME) and bool(
        heading.kinds.intersection((Word.PERSON, Word.ACCOUNT))
    )


def _firm(table: Table, column: Column) -> Candidate:
    heading, seen = column.heading, column.seen
    wrong = (seen.amounts, seen.numbers, seen.emails, seen.yes_no, seen.measures)
    if seen.texts and (max(wrong) > AGREE_SHARE):
        return Candidate(column, reason=Reason.NOT_LIKE, possible=False)
    if seen.people > VALUES_SHARE and seen.companies < 1 - VALUES_SHARE:
        return Candidate(column, reason=Reason.NOT_LIKE)
    weight = 100.0 - 40.0 * heading.holds(Word.SPARE) - 5.0 * (heading.whose is not None)
    unclear = heading.holds(Word.SPARE) or heading.holds_text(_WANTED) or follows(table, column)
    return Candidate(column, weight, Reason.UNCLEAR if unclear else None)


def emails(table: Table) -> list[Candidate]:
    """The columns that may hold the person's address."""
    found = []
    for column in table.columns:
        heading, seen = column.heading, column.seen
        if not is_ours(heading) or heading.whose in (Word.FIRM, Word.PET, Word.CHILD):
            continue
        if heading.head != Word.EMAIL or heading.asks:
            if seen.emails > VALUES_SHARE and heading.head in (
                Word.UNKNOWN,
                Word.PLAIN,
                Word.CONTACT,
                Word.PHONE,
            ):
                found.append(Candidate(column, 10.0))
        elif seen.texts and seen.emails < AGREE_SHARE:
            found.append(Candidate(column, reason=Reason.NOT_LIKE, possible=False))
        elif seen.texts or not seen.rows:
            beside = heading.holds(Word.SPARE) or heading.number > 1
            unclear = beside or is_unclear(heading) or follows(table, column) is not None
            weight = 100.0 - 50.0 * beside - 30.0 * is_unclear(heading) - heading.holds(Word.WORK, Word.HOME)
            found.append(Candidate(column, weight, Reason.UNCLEAR if unclear else None))
    return found


def sexes(table: Table, phone: Column | None) -> list[Candidate]:
    """The columns that may hold the sex of the person who is called. phone: the column of their number."""
    found = []
    for column in table.columns:
        heading, seen = column.heading, column.seen
        if (
            heading.asks
            or not is_ours(heading)
            or heading.holds(Word.CHILD, Word.PET, Word.PARENT, Word.FIRM)
            or heading.whose in (Word.CHILD, Word.PET, Word.PARENT, Word.FIRM)
        ):
            continue
        if heading.head != Word.SEX:
            if seen.sexes > VALUES_SHARE and heading.head in (Word.UNKNOWN, Word.PLAIN):
                found.append(Candidate(column, 10.0, Reason.VALUES))
        elif seen.texts and not (seen.sexes or seen.is_platform_sex or _are_words(column)):
            found.append(Candidate(column, reason=Reason.NOT_LIKE, possible=False))
        elif heading.whose is None and _is_about_somebody_else(table, column, phone):
            found.append(Candidate(column, reason=Reason.SOMEONE_ELSE, possible=False))
        elif seen.texts or not seen.rows:
            found.append(Candidate(column, 100.0, Reason.UNCLEAR if is_unclear(heading) else None))
    return found


def _are_words(column: Column) -> bool:
    """Short words, which the person may give their meaning, and no numbers."""
    return column.seen.amounts < AGREE_SHARE and column.seen.mean_length <= 8


def _is_about_somebody_else(table: Table, column: Column, phone: Column | None) -> bool:
    """Whether a bare 性别 is a child's or a pet's, whose keeper is called, or that of who stands before it."""
    if phone and phone.heading.whose in (Word.GUARDIAN, Word.PARENT):
        return True
    left = table.left_of(column)
    if left and Word.CHILD in (left.heading.head, left.heading.whose):
        keepers = any(one.heading.holds(Word.GUARDIAN, Word.PARENT) for one in table.columns)
        return keepers or not left.heading.holds_text(_STUDENTS)
    if follows(table, column) or any(one.heading.holds(Word.GUARDIAN) for one in table.columns):
        return True
    if table.has_relation and table.has_child:
        return True
    return any(one.heading.holds(Word.PET) for one in table.columns)
