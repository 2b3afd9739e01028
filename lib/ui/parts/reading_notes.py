"""What reading a file noticed, in sentences."""

from collections.abc import Sequence

from lib.contact.masking import mask_seen
from lib.draft import Draft
from lib.sheet import Note, together
from lib.sheet.choices import ROW_CHOICES
from lib.sheet.together import WORKSHEETS
from lib.ui.words import plain, t

#: Encodings a person may choose instead of the one found.
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "shift_jis", "euc-kr", "windows-1252")


def encoding_name(encoding: str) -> str:
    """An encoding as people know it."""
    return t(f"encoding.{encoding}") if encoding in ENCODINGS else encoding.upper()


def note_text(note: Note) -> str:
    """The sentence of a note."""
    params = {
        name: value if isinstance(value, int) else plain(mask_seen(str(value)))
        for name, value in note.params.items()
        if name != WORKSHEETS
    }
    if encoding := note.params.get("encoding"):
        params["encoding"] = encoding_name(str(encoding).lower())
    text = t(f"note.{note.code}", **params)
    worksheets = note.params.get(WORKSHEETS)
    return t("together.note", sheets=listed(worksheets), text=text) if worksheets else text


def listed(worksheets: Sequence[str]) -> str:
    """The names of worksheets in a sentence: the first few, and how many there are."""
    return together.listed([plain(mask_seen(name)) for name in worksheets], t("together.and"))


def left_out(draft: Draft) -> list[str]:
    """What was not read of the sheet and may be a contact, a sentence each."""
    assert draft.sheet
    return [
        note_text(note)
        for note in draft.sheet.notes
        if note.code in ROW_CHOICES and not draft.reads(ROW_CHOICES[note.code])
    ]
