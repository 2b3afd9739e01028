"""What every table on a page keeps to."""

#: Rows drawn at once; a search finds the others, a download has all.
SHOWN = 500


def height(rows: int, most: int) -> int:
    """Pixels of a table that shows all its rows, and no more than `most`: Streamlit's header and its rows."""
    return min(38 + 35 * rows, most)
