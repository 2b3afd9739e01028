"""Which column holds the number to call: the person's own, a mobile, and filled.

A wrong one calls a stranger, so only a header that leaves no question is taken: a word that nobody can vouch for, another column as good, or
values that are no numbers make it an offer; a colleague's or a relative's number is not even that.
"""

from lib.mapping.candidates import (
    AGREE_SHARE,
    NEARLY_EMPTY,
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

_PHONES = (Word.MOBILE, Word.PHONE, Word.LANDLINE)

#: How much it speaks for a column whose number it is. The share of mobiles adds up to `_MOBILES`.
_WHOSE: dict[Word | None, float] = {
    Word.GUARDIAN: 66,
    None: 60,
    Word.PERSON: 60,
    Word.CONTACT: 58,
    Word.RECIPIENT: 56,
    Word.PARENT: 50,
    Word.CHILD: 45,
    Word.SOMEONE: 45,
    Word.HEAD: 25,
    Word.FIRM: 15,
}
_MOBILES, _NUMBERS, _SAYS_MOBILE = 40, 10, 3
#: What a column loses whose numbers have stars.
_STARS = 30
#: Where another column names the same person: more than a buyer weighs above a recipient.
_IS_NAMED = 6
#: What takes weight from a column: a second number, an office's, one given for an account.
_BESIDE = {Word.SPARE: 35, Word.COMPANY: 20, Word.WORK: 20, Word.HOME: 20, Word.ACCOUNT: 10}
_BEHIND: dict[Word | None, float] = {Word.STAFF: 20, Word.OTHER: 45, Word.LINE: 45, Word.PARENT: 20}
#: Columns between another's and their number.
_BETWEEN = 2
_UNKNOWN_HEADER, _UNCLEAR_HEADER = 10.0, 25.0
_CERTAIN_OWNERS = (None, Word.PERSON, Word.CONTACT, Word.RECIPIENT, Word.GUARDIAN)

#: Columns that may hold mobiles under a name that says otherwise.
_MAY_BE_MOBILES = (
    Word.UNKNOWN,
    Word.PLAIN,
    Word.OWN,
    Word.ACCOUNT,
    Word.NICKNAME,
    Word.PERSON,
    Word.CONTACT,
    Word.RECIPIENT,
    Word.NAME,
    Word.TITLE,
    Word.GUARDIAN,
    Word.NUMBER,
    Word.SPARE,
    Word.JOIN,
)
#: A word that is as often the number of a queue, a seat or a ticket.
_ALSO_QUEUES = ("号码", "number")
#: People whose contact is not who answers for them: in lists of debts, of staff and of patients it is a third person.
_THEIR_CONTACTS = (
    "借款人",
    "贷款人",
    "承借人",
    "欠款人",
    "债务人",
    "员工",
    "职工",
    "患者",
    "病人",
    "borrower",
    "debtor",
    "employee",
    "patient",
)
_MESSENGERS = ("微信", "微信号", "wechat", "weixin", "内容", "账号")


def phones(table: Table) -> list[Candidate]:
    """The columns that may hold the number to call, and those that are passed over for a reason."""
    found = []
    for column in table.columns:
        says = column.heading.head in _PHONES and not column.heading.asks
        if candidate := _said(table, column) if says else _unsaid(column):
            found.append(candidate)
    if not any(one.possible for one in found):
        found += [Candidate(one, one.seen.filled, Reason.VALUES) for one in table.columns if _may_be(one)]
    return found


def _may_be(column: Column) -> bool:
    """Whether an id holds mobiles, as 客户编号 and 长号 may: an offer where nothing else is one."""
    heading = column.heading
    fits = heading.head == Word.ID and is_ours(heading) and not heading.asks
    return fits and column.seen.callable > VALUES_SHARE


def _unsaid(column: Column) -> Candidate | None:
    """A column of mobiles under a header that does not say so."""
    heading, seen = column.heading, column.seen
    fits = heading.head in _MAY_BE_MOBILES or heading.text in (*_MESSENGERS, *_ALSO_QUEUES)
    if not fits or heading.asks or not is_ours(heading) or seen.callable <= VALUES_SHARE:
        return None
    return Candidate(column, _UNKNOWN_HEADER + _MOBILES * seen.mobiles * seen.filled, Reason.VALUES)


def _said(table: Table, column: Column) -> Candidate:
    heading, seen = column.heading, column.seen
    if _is_someone_elses(table, column):
        return Candidate(column, reason=Reason.SOMEONE_ELSE, possible=False)
    whose = heading.whose
    weight = _WHOSE.get(whose, 0.0) - sum(less for kind, less in _BESIDE.items() if heading.holds(kind))
    weight -= _BESIDE[Word.SPARE] if heading.number > 1 else 0
    weight -= 20 if _is_relatives_contact(table, column) or heading.head == Word.LANDLINE else 0
    weight -= _UNCLEAR_HEADER if is_unclear(heading) or heading.is_of_others else 0
    weight -= _BEHIND.get(follows(table, column, _BETWEEN), 0.0)
    weight += _MOBILES * seen.mobiles * seen.filled + _NUMBERS * seen.numbers
    weight -= _STARS * seen.masked
    weight += _SAYS_MOBILE if heading.holds(Word.MOBILE) else 0
    weight += _IS_NAMED if any(is_same_person(one.heading, heading) for one in table.others(column)) else 0
    reason = _doubt(table, column)
    if (not seen.texts and seen.rows) or seen.emails > VALUES_SHARE:
        return Candidate(column, reason=Reason.NOT_LIKE, possible=False)
    if seen.texts and seen.numbers < AGREE_SHARE:
        return Candidate(column, weight - 200, Reason.NOT_LIKE, possible=heading.text not in _ALSO_QUEUES)
    if seen.rows and seen.filled < NEARLY_EMPTY:
        return Candidate(column, weight - 100, reason or Reason.UNCLEAR)
    return Candidate(column, weight, reason)


def _is_someone_elses(table: Table, column: Column) -> bool:
    heading = column.heading
    whose = heading.whose
    if not is_ours(heading) or whose == Word.PET:
        return True
    if table.has_direction and heading.text.startswith(("被叫", "callee")):
        return True
    if whose == Word.PARENT:
        return not table.has_child
    if whose == Word.FIRM:
        return table.has_person
    return whose == Word.CONTACT and table.has_relation


def _is_only_phone(table: Table, column: Column) -> bool:
    return not any(one.heading.head in _PHONES and is_ours(one.heading) for one in table.others(column))


def _is_firms(table: Table, column: Column) -> bool:
    """Whether a bare 电话 right behind a firm is the firm's, where the row is about a person."""
    left = table.left_of(column)
    bare = column.heading.head == Word.PHONE and column.heading.whose is None
    return (
        bare
        and left is not None
        and (table.has_person or table.has_child)
        and Word.FIRM in (left.heading.head, left.heading.whose)
    )


def _is_relatives_contact(table: Table, column: Column) -> bool:
    """Whether it is a contact beside the person: of a borrower, a patient, a member of staff."""
    return column.heading.whose == Word.CONTACT and table.has_person


def _doubt(table: Table, column: Column) -> Reason | None:
    """Why this header is not believed without a click; None where it leaves no question."""
    heading = column.heading
    offices = (Word.COMPANY, Word.WORK) if table.has_person else ()  # a list of firms has no other number
    beside = heading.holds(Word.SPARE, Word.HOME, Word.ACCOUNT, Word.LANDLINE, *offices)
    if beside or is_unclear(heading) or heading.whose not in _CERTAIN_OWNERS or heading.number > 1:
        return Reason.UNCLEAR
    if _is_relatives_contact(table, column) and (
        not _is_only_phone(table, column)
        or any(one.heading.holds_text(_THEIR_CONTACTS) for one in table.columns)
    ):
        return Reason.UNCLEAR
    if follows(table, column, _BETWEEN) or heading.is_of_others or _is_firms(table, column):
        return Reason.UNCLEAR
    if is_one_of_couple(table, heading) or (
        heading.whose in (Word.PERSON, Word.RECIPIENT) and is_one_of_two(table, heading)
    ):
        return Reason.TWO_PEOPLE
    own_call = table.has_calls and heading.text.startswith("被叫")
    return Reason.UNCLEAR if own_call or table.has_direction else None
