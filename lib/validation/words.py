"""What is said about one problem of one cell, in full and in a few words."""

from collections.abc import Callable

from lib.contact.numbering import place_of
from lib.contact.phone import judge_phone
from lib.contact.problems import ProblemCode
from lib.words import t

#: Codes whose sentence names where the number belongs, or the range nobody has.
_PLACED = frozenset({ProblemCode.PHONE_LANDLINE, ProblemCode.PHONE_FOREIGN, ProblemCode.PHONE_UNASSIGNED})


def sentence(
    code: str, lang: str, *, value: str, suggestion: str, field: str, shown: Callable[[str], str] = str
) -> str:
    """What is wrong, what it means, what to do.

    code: a `ProblemCode`
    lang: one of `lib.words.LANGUAGES`
    value: what stands in the cell, in full
    suggestion: as people read it, a row's name where the number is repeated; "" for none
    field: what its column is called on the page
    shown: gives what of value and suggestion may be read; where the number belongs is told by the whole of it
    """
    place = _place(code, value, lang)
    return t(
        f"problem.{code}", lang, value=shown(value), suggestion=shown(suggestion), field=field, place=place
    )


def name(code: str, lang: str, value: str) -> str:
    """The problem in a few words, with the place where that is known.

    code: a `ProblemCode`
    lang: one of `lib.words.LANGUAGES`
    value: what stands in the cell, in full; it does not appear, only the place of a number is told by it
    """
    short = t(f"problem.{code}.name", lang)
    place = _place(code, value, lang)
    return t("problem.placed", lang, name=short, place=place) if place else short


def _place(code: str, value: str, lang: str) -> str:
    return place_of(judge_phone(value).value, lang) if code in _PLACED else ""
