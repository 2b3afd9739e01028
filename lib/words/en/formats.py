"""Sentences about kinds of files."""

WORDS: dict[str, str | dict[str, str]] = {
    "note.counted_once": {
        "one": "{count} row was read, but there was no second way to check the count. See whether the number of rows and the last row are right.",
        "other": "{count} rows were read, but there was no second way to check the count. See whether the number of rows and the last row are right.",
    },
}
