"""The names of columns as they are compared, and which of them are known."""

import re
import unicodedata

from lib.contact.fields import FIELDS

#: Characters of a column's name.
COLUMN_NAME_CHARACTERS = 120

#: A note in a header: 手机号（必填）.
_NOTE = re.compile(r"[(\[【〔][^)\]】〕]{0,80}[)\]】〕]")


def header_key(text: str) -> str:
    """A header as it is compared, everywhere: without case, width, notes in brackets, spaces and punctuation."""
    plain = unicodedata.normalize("NFKC", text[:COLUMN_NAME_CHARACTERS]).casefold()
    plain = _NOTE.sub("", plain) or plain
    return "".join(sign for sign in plain if sign.isalnum())


#: Every known name of a field, as it is compared.
_ALIASES = {header_key(alias): field.name for field in FIELDS for alias in (field.name, *field.aliases)}


def field_called(cell: str) -> str | None:
    """The field a cell is a known name of."""
    return _ALIASES.get(header_key(cell)) if len(cell) <= COLUMN_NAME_CHARACTERS else None


def is_known(cell: str) -> bool:
    """Whether a cell is a known name of a field."""
    return field_called(cell) is not None


def names_phone(cell: str) -> bool:
    """Whether a cell is a known name of the phone."""
    return field_called(cell) == "phone"
