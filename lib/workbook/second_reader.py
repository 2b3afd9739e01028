"""Old Excel workbooks whose side tables are damaged: xlrd gives them up, fastexcel reads the cells. Parsing process only.

Side tables are a count of texts that is wrong, comments, defined names, sizes in the container's directory: Excel opens such
a workbook without a word. What only xlrd tells of a workbook is not known here: hidden rows, hidden columns, merged cells.
"""

from lib.errors import SheetRefused
from lib.workbook.engines import unchecked
from lib.workbook.ods import Grid
from lib.workbook.package import Worksheet
from lib.workbook.rows import check_size
from lib.workbook.scan import ScanFacts


def read_again(data: bytes, wanted: str | None) -> Grid:
    """The worksheet of this name, or the first with something in it. Raises SheetRefused where this reader gives up too."""
    import fastexcel  # only for such a file, where the engine is a careful one

    try:
        names = fastexcel.read_excel(data).sheet_names
        chosen = names if wanted is None else [name for name in names if name == wanted]
        for name in chosen:
            reading = unchecked(data, name)
            check_size(reading.table.num_rows, reading.table.num_columns - 1)
            if reading.table.num_rows or name == chosen[-1]:
                facts = ScanFacts(rows=reading.table.num_rows, first=0, last=reading.table.num_columns - 2)
                return Grid([Worksheet(name, True, name) for name in names], name, reading, facts)
    except fastexcel.FastExcelError as reason:
        raise SheetRefused("workbook_damaged") from reason
    raise SheetRefused("workbook_without_sheets" if wanted is None else "sheet_missing", sheet=wanted)
