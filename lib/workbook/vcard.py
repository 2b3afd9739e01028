"""Phone books in vCard (.vcf; versions 2.1, 3.0 and 4.0): each card a row. Parsing process only.

Read by a small reader of our own: of a card only eight properties are wanted, and what phones write keeps to no version.
"""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lib.errors import SheetRefused
from lib.workbook.charset import CHINESE, Characters, characters, encoding_of
from lib.workbook.engines import ParsedSheet
from lib.workbook.limits import MAX_CELL_CHARACTERS, MAX_COLUMNS
from lib.workbook.ods import Grid
from lib.workbook.package import Worksheet
from lib.workbook.rows import RowBlocks
from lib.workbook.scan import ScanFacts

#: What the columns are called, for cards in Chinese and for others: a name the desk knows, or one that says what it is.
_TITLES = {
    "name": ("姓名", "Name"),
    "phone": ("手机号", "Phone"),
    "more": ("备用电话", "Other phone"),
    "others": ("他人电话", "Phone of someone else"),
    "ORG": ("公司", "Company"),
    "TITLE": ("职位", "Title"),
    "EMAIL": ("邮箱", "Email"),
    "ADR": ("地址", "Address"),
    "BDAY": ("生日", "Birthday"),
    "NOTE": ("备注", "Note"),
}
_AFTER_PHONES = ("ORG", "TITLE", "EMAIL", "ADR", "BDAY", "NOTE")
#: Apple's word for the property of the same group.
_LABEL = "X-ABLABEL"
_READ = frozenset(("FN", "N", "TEL", _LABEL, *_AFTER_PHONES))
_MOBILE = frozenset(("CELL", "IPHONE", "MOBILE"))
#: What may be said of a person's own number; another word says whose it is: ASSISTANT, 司机, 老婆.
_OWN = re.compile(
    r"(?:_\$!<)?(?:cell|iphone|mobile|home|work|main|other|voice|pref|msg|phone|tel|internet|wechat|apple watch|dom|intl|bbs|video|car|isdn|text|x-internet|x-wechat"
    r"|x-mobile|x-phone|手机|移动|电话|住宅|家庭|家|单位|公司|工作|办公室?|主要|主|其他|其它|备用|常用|私人|本人|微信|座机|固话|\d{1,2}|\s){0,4}(?:>!\$_)?",
    re.IGNORECASE,
)
_ENCODINGS = frozenset(("QUOTED-PRINTABLE", "BASE64", "B", "7BIT", "8BIT"))
_NO_CALLS = frozenset(("FAX", "PAGER", "MODEM", "TEXTPHONE"))

_ESCAPED = re.compile(r"\\([\\;,:nN])")
_SEPARATOR = re.compile(r"(?<!\\);")
_CARD = "vCard"


@dataclass(frozen=True)
class _Property:
    """One line of a card. words: its parameters' values and those without a name, in capitals. group: "ITEM1" of item1.TEL.
    kinds: those of the words that say what kind of number or address it is.
    """

    name: str
    words: frozenset[str]
    value: str
    group: str
    kinds: frozenset[str]


def read_vcard(data: bytes, wanted: str | None) -> tuple[Grid, Characters]:
    """All cards, a row each, under a row of titles. Raises SheetRefused."""
    if wanted not in (None, _CARD):
        raise SheetRefused("sheet_missing", sheet=wanted)
    written = characters(data, "")  # quoted-printable is ASCII here, and has an encoding of its own
    cards = [_row_of(card) for card in _cards(written.text)]
    columns = _columns(cards)
    rows = RowBlocks()
    language = (
        0
        if CHINESE.search(written.text) or any(CHINESE.search(card.get("name", "")) for card in cards)
        else 1
    )
    rows.add(1, [_title(column, language) for column in columns])
    for number, card in enumerate(cards, start=2):
        values = [card.get(column, "") for column in columns]
        if max(map(len, values), default=0) > MAX_CELL_CHARACTERS:
            raise SheetRefused("cell_too_large", row=number, limit=MAX_CELL_CHARACTERS)
        rows.add(number, values)
    facts = ScanFacts(rows=rows.rows, last_row=rows.last_row, first=0, last=rows.width - 1)
    return Grid([Worksheet(_CARD, True, _CARD)], _CARD, ParsedSheet(rows.table()), facts), written


def _cards(text: str) -> Iterator[list[_Property]]:
    """The cards; one without its BEGIN or its END counts too. The card of an AGENT within another is nobody's own."""
    card: list[_Property] = []
    agent = False
    for line in _lines(text):
        head, _, value = _split(line)
        group, _, name = (part.strip().upper() for part in head[0].rpartition("."))  # Apple: item1.TEL
        if name in ("BEGIN", "END") and agent:
            agent = name == "BEGIN"
        elif name in ("BEGIN", "END"):
            if card:
                yield card
            card = []
        elif name == "AGENT":
            agent = not value.strip()
        elif name in _READ and not agent:
            card.append(_property(name, head[1:], value, group))
    if card:
        yield card  # the last one of a file cut short, as far as it goes


def _lines(text: str) -> Iterator[str]:
    """The lines, with those that were folded put together again."""
    line, printable = "", False
    for piece in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if printable and line.endswith("="):  # the way quoted-printable goes on
            line = line[:-1] + piece.strip()
        elif piece[:1] in (" ", "\t"):
            line += piece[1:]
        else:
            if line:
                yield line
            line, printable = piece, "QUOTED-PRINTABLE" in piece.partition(":")[0].upper()
    yield line


def _split(line: str) -> tuple[list[str], str, str]:
    """Name and parameters, and the value, at the first colon outside of quotation marks."""
    at, quoted = 0, False
    for at, sign in enumerate(line):
        if sign == '"':
            quoted = not quoted
        elif sign == ":" and not quoted:
            return line[:at].split(";"), ":", line[at + 1 :]
    return [""], "", ""


def _property(name: str, parameters: list[str], value: str, group: str) -> _Property:
    words: set[str] = set()
    kinds: set[str] = set()
    charset = ""
    for parameter in parameters:
        key, sign, told = parameter.partition("=")
        if sign and key.strip().upper() == "CHARSET":
            charset = told
        found = {word.strip(' "').upper() for word in (told if sign else key).split(",")}
        words |= found
        kinds |= found - _ENCODINGS if not sign or key.strip().upper() == "TYPE" else set()
    if "QUOTED-PRINTABLE" in words:
        raw = quopri.decodestring(value.encode("utf-8", errors="replace"))
        value = characters(raw, charset if encoding_of(charset) else "").text
    return _Property(name, frozenset(words), value, group, frozenset(kinds))


def _row_of(card: list[_Property]) -> dict[str, str]:
    """A card by columns: name, phone, phone 2 …, and the properties that follow."""
    row: dict[str, str] = {}
    names: dict[str, str] = {}
    phones: list[tuple[int, str]] = []
    labels = {one.group: _plain(one.value).strip() for one in card if one.name == _LABEL and one.group}
    for one in card:
        if one.name == "TEL":
            number = _plain(one.value).strip().removeprefix("tel:").partition(";")[0].strip()
            said = [*one.kinds, labels.get(one.group, "")]
            if not number or _NO_CALLS & one.words:
                continue
            if all(map(_OWN.fullmatch, said)):
                phones.append((0 if _MOBILE & one.words else 1, number))
            else:
                row["others"] = " ".join(filter(None, (row.get("others"), number)))
        elif one.name in ("FN", "N"):
            names.setdefault(
                one.name, _full_name(one.value) if one.name == "N" else _plain(one.value).strip()
            )
        elif one.name != _LABEL and (text := _joined(one.value)):
            row.setdefault(one.name, text)
    row["name"] = names.get("FN") or names.get("N", "")
    phones.sort(key=lambda phone: phone[0])  # stable: mobiles first, else as they stand
    row |= {f"phone {index}": number for index, (_, number) in enumerate(dict.fromkeys(phones), start=1)}
    return row


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def _joined(value: str) -> str:
    return " ".join(filter(None, (_plain(part).strip() for part in _SEPARATOR.split(value))))


def _full_name(value: str) -> str:
    """Family name, given name, further ones, titles: in the order in which they are said."""
    family, given, further = ([_plain(part).strip() for part in _SEPARATOR.split(value)] + ["", "", ""])[:3]
    if CHINESE.search(family + given):
        return family + further + given
    return " ".join(filter(None, (given, further, family)))


def _columns(cards: list[dict[str, str]]) -> list[str]:
    phones = max((sum(column.startswith("phone ") for column in card) for card in cards), default=0)
    if phones > MAX_COLUMNS:
        raise SheetRefused("too_many_columns", column=str(phones), limit=MAX_COLUMNS)
    used = {column for card in cards for column in card}
    return [
        "name",
        *(f"phone {index}" for index in range(1, max(phones, 1) + 1)),
        *(c for c in ("others", *_AFTER_PHONES) if c in used),
    ]


def _title(column: str, language: int) -> str:
    kind, _, number = column.partition(" ")
    if kind != "phone" or number == "1":
        return _TITLES[kind][language]
    title = _TITLES["more"][language]
    return title if number == "2" else f"{title} {int(number) - 1}"
