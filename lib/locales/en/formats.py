"""Sentences about kinds of files."""

WORDS: dict[str, str | dict[str, str]] = {
    "note.counted_once": {
        "one": "{count} row was read, but nothing could count it a second time. Look whether the number of rows and the last row are right.",
        "other": "{count} rows were read, but nothing could count them a second time. Look whether the number of rows and the last row are right.",
    },
}
