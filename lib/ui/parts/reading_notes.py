"""What reading a file noticed, in sentences."""

from lib.contact.masking import mask_seen
from lib.draft import Draft
from lib.sheet import Note
from lib.sheet.choices import ROW_CHOICES
from lib.ui.words import plain, t


def note_text(note: Note) -> str:
    """The sentence of a note."""
    params = {
        name: value if isinstance(value, int) else plain(mask_seen(str(value)))
        for name, value in note.params.items()
    }
    return t(f"note.{note.code}", **params)


def left_out(draft: Draft) -> list[str]:
    """What was not read of the sheet and may be a contact, a sentence each."""
    assert draft.sheet
    return [
        note_text(note)
        for note in draft.sheet.notes
        if note.code in ROW_CHOICES and not draft.reads(ROW_CHOICES[note.code])
    ]
