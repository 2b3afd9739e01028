"""A name that stands in two columns or three: which these are, and how it is written whole."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

#: Comparable headers (`header_key`) of each half of a name, and of what may stand between them.
_FAMILY = ("姓", "姓氏", "lastname", "surname", "familyname", "last", "lname")
_GIVEN = ("名", "firstname", "givenname", "forename", "first", "fname")
_MIDDLE = ("中间名", "middlename", "middle", "additionalname")

#: Headers of a whole name, or of the given one where no other column holds that.
_EITHER = ("名字", "name")

_HALVES = {"family": _FAMILY, "given": _GIVEN, "middle": _MIDDLE, "either": _EITHER}

#: What may stand before them: words for the person who is called. Anybody else's name is left alone.
_WHOSE = ("", "contact", "customer", "client", "lead", "member", "user", "buyer", "billing", "recipient") + (
    "客户", "联系人", "会员", "用户", "学员", "顾客", "收件人", "收货人",
)  # fmt: skip

#: Groups of columns (a header in two rows) that are about somebody else.
_OF_ANOTHER = re.compile(
    "紧急|推荐|介绍|业务|销售|客服|经理|顾问|监护|家长|配偶|亲属|emergency|refer|agent|sales|manager|owner"
    "|guardian|parent|spouse|sender"
)

#: Share of the rows with a name in which both halves are filled, for the two to be one name.
_BOTH = 0.2

#: Share of the rows in which the given name holds the family name too, from which it is taken for the whole.
_WHOLE = 0.5

_EASTERN = r"^[\u2e80-\u9fff\uac00-\ud7af\U00020000-\U0003ffff·・]+$"


class NameParts(NamedTuple):
    """The columns of a name in the order they are written, and what stands between them."""

    columns: tuple[str, ...]
    between: str


def name_parts(sample: pd.DataFrame, heads: Mapping[str, tuple[str, str]]) -> NameParts | None:
    """The columns that make up a name; None where the halves are not there, or one of them is the whole already.

    sample: the first rows. heads: column → its group and its own header, both comparable; the group "" for none.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for column, (group, head) in heads.items():
        for whose in _WHOSE if not _OF_ANOTHER.search(group) else ():
            for half, words in _HALVES.items():
                if head.startswith(whose) and head.removeprefix(whose) in words:
                    found.setdefault((group, whose), {}).setdefault(half, column)
    for halves in found.values():
        if (parts := _parts(sample, heads, halves)) is not None:
            return parts
    return None


def _parts(
    sample: pd.DataFrame, heads: Mapping[str, tuple[str, str]], halves: Mapping[str, str]
) -> NameParts | None:
    if "either" in halves:
        if "given" in halves:
            return None
        halves = {**halves, "given": halves["either"]}
    if not {"family", "given"} <= halves.keys():
        return None
    family, given = (sample[halves[half]].str.strip() for half in ("family", "given"))
    either, both = family.ne("") | given.ne(""), family.ne("") & given.ne("")
    if not both.any() or both.sum() < _BOTH * either.sum():
        return None
    family, given = family[both], given[both]
    holds = [one in other for one, other in zip(family, given, strict=True)]
    if sum(holds) > _WHOLE * len(holds):
        return None
    is_eastern = (family + given).str.match(_EASTERN).mean() > 0.5
    if is_eastern or not heads[halves["family"]][1].isascii():
        return NameParts((halves["family"], halves["given"]), "" if is_eastern else " ")
    middle = halves.get("middle")
    inner = (middle,) if middle is not None and sample[middle].str.strip().ne("").any() else ()
    return NameParts((halves["given"], *inner, halves["family"]), " ")
