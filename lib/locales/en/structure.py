"""The structure of a file: which rows and columns are read, and where the header stands."""

WORDS: dict[str, str | dict[str, str]] = {
    "structure.choose": "Read these too?",
    "structure.keeps_work": "Choosing otherwise changes nothing you have mapped or corrected.",
    "structure.in": "Read",
    "structure.out": "Leave out",
    "structure.header": "Header",
    "structure.header_help": "The row with the column names. Without a header the first row counts as data and columns are called by their letters.",
    "structure.header_none": "No header, the first row is data",
    "structure.header_row": "Row {row}: {text}",
    "structure.header_two": "The header takes two rows: join it with the row above",
    "structure.header_at_two": "header in rows {first}–{last}",
    "structure.of_number": "Number {part}: {text}",
    "structure.split": {
        "one": "A row for each number ({count} cell)",
        "other": "A row for each number ({count} cells)",
    },
    "structure.split_help": "Every number of the cell gets a row of its own and will be called; the other columns are copied. Such rows are shown as “12 (2)”, and you can undo this at any time. To call only the first number, use the suggestion.",
    "structure.split_done": "Cells with several numbers that were split: {split}. Rows of the sheet {own} + rows made {made} = all rows above.",
    "structure.join": "Undo splitting",
    "structure.paste": "No file? Paste numbers or a table",
    "structure.paste_label": "Copy from Excel, WPS or a chat and paste here",
    "structure.paste_placeholder": "One number a line, or separated by commas; a table may come with its header.",
    "structure.paste_read": "Read what was pasted",
    "structure.paste_empty": "Paste something first.",
    "structure.paste_name": "Pasted table.txt",
}
