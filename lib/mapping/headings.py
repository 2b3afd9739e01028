"""What a header says: its own last word is what the column is, the words before it are whose or which."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from lib.mapping.header_words import SIMPLIFIED, WORDS, Word

#: Characters of a header that are looked at.
_LOOKED_AT = 120

#: The shortest numbers that people are called on.
_DIGITS_OF_A_NUMBER = 7

#: Characters of a note in brackets that says whose number it is; a longer one explains.
_NOTE_CHARACTERS = 12

_LONGEST_WORD = max(map(len, WORDS))

_REPEATED = re.compile(r" \(([0-9]{1,3})\)$")
_BRACKETS = re.compile(r"[(\[{【〔「『<《]([^)\]}】〕」』>》]{0,120})(?:[)\]}】〕」』>》]|$)")
_QUESTION = re.compile(r"^[\s*＊]*(?:[qQ]?[0-9]{1,3}\s{0,3}[.、:)_]|[*])\s*")
_GAP = re.compile(r"(?<=[぀-鿿가-힯])[ \t\n　]{1,8}(?=[぀-鿿가-힯])")
_ORDINAL = re.compile(r"(?<=[话机码号式人])([一二三四五])$")
_ORDINALS = {sign: str(at) for at, sign in enumerate("一二三四五", 1)}
_PARTS = re.compile(r"\s[/\-–—|>]\s|[:>→]")
_PIECES = re.compile(r"[a-z]+|[0-9]+|[#]|[぀-ヿ々㐀-鿿가-힯]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_EMAIL = re.compile(r"\be[-_ ]mail", re.IGNORECASE)
_VCARD_TYPE = re.compile(r";(?:type=)?", re.IGNORECASE)

#: What a header can be about, so that what follows only tells several of them apart: "Phone - Work", 手机2.
_FIELDS = (
    Word.MOBILE,
    Word.PHONE,
    Word.LANDLINE,
    Word.NAME,
    Word.COMPANY,
    Word.EMAIL,
    Word.SEX,
    Word.CONTACT,
)
_PHONES = (Word.MOBILE, Word.PHONE, Word.LANDLINE)
_TELLS_APART = (Word.PLAIN, Word.WORK, Word.HOME, Word.SPARE, Word.OWN, Word.NUMBER)

#: Words that say whose a column is.
WHOSE = (
    Word.PERSON,
    Word.CONTACT,
    Word.RECIPIENT,
    Word.GUARDIAN,
    Word.PARENT,
    Word.CHILD,
    Word.PET,
    Word.HEAD,
    Word.FIRM,
    Word.SOMEONE,
)
#: Words that say so wherever they stand: a referrer's customer is no customer of ours.
NOT_OURS = (Word.OTHER, Word.STAFF, Word.LINE)

Token = tuple[Word, str]


@dataclass(frozen=True)
class Heading:
    """One header, read.

    head: what the column is; text: the word that says so. about: the words before it and in brackets, nearest first; group: those
    of a header above. number: 2 of 手机2, 0 without one. asks: it asks whether. legend: it explains values (0: 男, 1: 女).
    """

    head: Word
    text: str
    about: tuple[Token, ...] = ()
    group: tuple[Token, ...] = ()
    number: int = 0
    asks: bool = False
    legend: bool = False

    @property
    def kinds(self) -> frozenset[Word]:
        """What the words beside the head mean."""
        return frozenset(kind for kind, _ in self.about)

    @property
    def whose(self) -> Word | None:
        """Whose the column is: the own words before the group's, the nearest before those farther off; None where nothing says.

        A contact or somebody of 寄件信息 or of a supplier is theirs.
        """
        own, group = _whose(self.about), _whose(self.group)
        if own in (Word.CONTACT, Word.SOMEONE) and group in (*NOT_OURS, Word.FIRM):
            return group
        return own or group

    @property
    def is_of_others(self) -> bool:
        """Whether the group above speaks of somebody else than the column: 介绍人 / 会员手机."""
        return any(kind in NOT_OURS for kind, _ in self.group) and self.whose not in NOT_OURS

    def holds(self, *kinds: Word) -> bool:
        """Whether one of the words beside the head, or the head itself, means this."""
        return self.head in kinds or bool(self.kinds.intersection(kinds))

    def holds_text(self, texts: Collection[str]) -> bool:
        """Whether one of the words beside the head, or the head itself, is one of these."""
        return self.text in texts or any(text in texts for _, text in self.about)


def _whose(words: Collection[Token]) -> Word | None:
    kinds = [kind for kind, _ in words]
    others = (kind for kind in NOT_OURS if kind in kinds)
    return next(others, None) or next((kind for kind in kinds if kind in WHOSE), None)


def heading(column: str) -> Heading:
    """Reads one header. What was read is remembered, but not of one that may hold somebody's number (SEC60)."""
    holds_number = sum(map(str.isdigit, column)) >= _DIGITS_OF_A_NUMBER
    return (_read.__wrapped__ if holds_number else _read)(column)


@lru_cache(maxsize=4096)
def _read(column: str) -> Heading:
    text = _VCARD_TYPE.sub(" ", unicodedata.normalize("NFKC", column[:_LOOKED_AT]))
    repeated = _REPEATED.search(text)
    number = int(repeated[1]) if repeated else 0
    text = _GAP.sub("", _REPEATED.sub("", text))
    notes = _BRACKETS.findall(text)
    text = _QUESTION.sub("", _BRACKETS.sub(" ", text)).strip() or " ".join(notes)
    text = _ORDINAL.sub(lambda found: _ORDINALS[found[1]], text.translate(SIMPLIFIED))
    parts = [found for part in _PARTS.split(text) if (found := _ordered(_tokens(part)))]
    if not parts:
        return Heading(Word.UNKNOWN, "")
    own = _own_part(parts)
    words = [token for part in parts[own:] for token in part]
    at = _head(words)
    head, word = words[at]
    about = [*reversed(words[:at]), *words[at + 1 :]]
    if head == Word.NUMBER or word == "#":
        head, about = _numbered(about)
    head, about = _name_part(head, about)
    numbers = [int(token) for kind, token in words if token.isdecimal() and len(token) < 3]
    about += [token for note in notes for token in _said_in_brackets(note)]
    return Heading(
        head,
        word,
        tuple(token for token in about if token[0] != Word.JOIN),
        tuple(token for part in reversed(parts[:own]) for token in reversed(part)),
        number or next(iter(numbers), 0),
        any(kind == Word.ASKED for kind, _ in words),
        any(re.search(r"[0-9]", note) for note in notes),
    )


def _tokens(text: str) -> list[Token]:
    """The words of a text in their order."""
    text = _CAMEL.sub(" ", _EMAIL.sub("email", text)) if text.casefold() not in WORDS else text
    found: list[Token] = []
    for piece in _PIECES.findall(text.casefold().translate(SIMPLIFIED)):
        if piece.isascii():
            found += _latin(piece)
        else:
            found += _ideographs(piece)
    return found


def _latin(piece: str) -> list[Token]:
    if piece.isdecimal():
        return [(Word.JOIN, piece)]
    if piece == "#":
        return [(Word.NUMBER, piece)]
    if piece == "s":  # Manager's
        return []
    if kind := WORDS.get(piece):
        return [(kind, piece)]
    for at in range(len(piece) - 2, 1, -1):  # written together: phonenumber, customername
        if piece[:at] in WORDS and piece[at:] in WORDS:
            return [(WORDS[piece[:at]], piece[:at]), (WORDS[piece[at:]], piece[at:])]
    return [(Word.UNKNOWN, piece)]


def _ideographs(piece: str) -> list[Token]:
    """Cut from the end, where the word that decides stands, the longest known word first."""
    found: list[Token] = []
    end, unknown = len(piece), ""
    while end:
        word = next(
            (piece[at:end] for at in range(max(0, end - _LONGEST_WORD), end) if piece[at:end] in WORDS), ""
        )
        if not word:
            unknown = piece[end - 1] + unknown
            end -= 1
            continue
        if unknown:
            found.append((Word.UNKNOWN, unknown))
            unknown = ""
        found.append((WORDS[word], word))
        end -= len(word)
    if unknown:
        found.append((Word.UNKNOWN, unknown))
    return found[::-1]


def _ordered(words: list[Token]) -> list[Token]:
    """Without the words that only join; "date of birth" is a date."""
    for at, (_, text) in enumerate(words):
        if text in ("of", "for") and 0 < at < len(words) - 1:
            counted = words[0][0] == Word.NUMBER and at == 1  # "No. of employees" is none of theirs
            return _ordered(words[at + 1 :] + ([(Word.THING, text)] if counted else words[:at]))
    return [token for token in words if token[0] != Word.JOIN or token[1].isdecimal()]


def _own_part(parts: list[list[Token]]) -> int:
    """The part that says what the column is: the last one, unless it only tells apart several of the one before."""
    own = len(parts) - 1
    while own and all(kind in (*_TELLS_APART, Word.JOIN) for kind, _ in parts[own]):
        own -= 1
    return own


def _head(words: list[Token]) -> int:
    """Where the word stands that says what the column is: the last one, or the one before what only tells several apart."""
    last = len(words) - 1
    while last and words[last][0] == Word.JOIN:
        last -= 1
    at, crossed = last, set()
    while at and (words[at][0] in (*_TELLS_APART, Word.JOIN) or words[at][1] == "address"):
        crossed.add(words[at][1] if words[at][1] == "address" else words[at][0])
        at -= 1
    fields = _PHONES if Word.NUMBER in crossed else (Word.EMAIL,) if "address" in crossed else _FIELDS
    return at if words[at][0] in fields else last


def _numbered(about: list[Token]) -> tuple[Word, list[Token]]:
    """What a number is: one to call, one that tells rows apart, or of something else."""
    of = next((kind for kind, _ in about if kind not in (Word.JOIN, Word.PLAIN)), None)
    if of == Word.CASE:
        return Word.ID, about
    plain = (*WHOSE, *NOT_OURS, Word.ACCOUNT, Word.OWN, Word.WORK, Word.HOME, Word.SPARE, Word.COMPANY)
    if of is None or of in plain or of == Word.UNKNOWN:
        return Word.PHONE, about
    return Word.THING, about


def _name_part(head: Word, about: list[Token]) -> tuple[Word, list[Token]]:
    """A name that is only half of one; an address of mail is the mail's."""
    if head == Word.EMAIL:
        return head, [token for token in about if token[1] != "address"]
    if head == Word.NAME:
        return next((kind for kind, _ in about if kind in (Word.GIVEN, Word.FAMILY)), head), about
    return head, about


def _said_in_brackets(note: str) -> list[Token]:
    found = _tokens(note)
    if len(note) > _NOTE_CHARACTERS:  # it may say whose, or who is going to call: a question
        return [(Word.UNKNOWN, text) for kind, text in found if kind in NOT_OURS]
    if len(found) == 1 and found[0][0] in (Word.THING, Word.NICKNAME, Word.GIVEN, Word.FAMILY):
        return found
    apart = (*WHOSE, *NOT_OURS, Word.SPARE, Word.OWN, Word.WORK, Word.HOME)
    return [token for token in found if token[0] in apart]
