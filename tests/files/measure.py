"""How long reading a large workbook takes beside its engine alone, and what the server's memory grows by. For the benchmark.

`python -m tests.files --measure 100000` prints it. Times are of this machine and this moment; only their ratio means something.
"""

import gc
import sys
import time
from dataclasses import dataclass
from statistics import median

import pandas as pd

from lib.sheet import expect_workbook, read
from tests.core.sheet_builder import header, number, rows, text, workbook


#: What a process takes to start, and some.
_SECONDS_TO_START = 1


@dataclass(frozen=True)
class Reading:
    """Medians of the repeats for seconds of fastexcel alone and of `read`, most bytes the process grew by, and bytes of the table kept."""

    rows: int
    columns: int
    file_bytes: int
    engine_seconds: float
    read_seconds: float
    grown_bytes: int
    table_bytes: int

    @property
    def ratio(self) -> float:
        """`read` by engine."""
        return self.read_seconds / self.engine_seconds


def contacts(count: int, columns: int = 12) -> bytes:
    """A workbook of so many contacts, as an export writes it: numbers, shared texts, a date column, empty cells."""
    names = ["手机号", "姓名", "公司", "日期", *(f"字段{index}" for index in range(columns - 4))]
    letters = [chr(65 + index) for index in range(columns)]
    strings = [f"文字 {index} 号" for index in range(5_000)]

    def line(row: int) -> tuple[int, str]:
        cells = [
            number(f"A{row}", str(13_000_000_000 + row)),
            text(f"B{row}", f"联系人{row}"),
            _shared(f"C{row}", row % 997),
            number(f"D{row}", str(45_000 + row % 300), 1),
        ]
        cells += [
            _shared(f"{letter}{row}", (row * 31 + index) % 5_000)
            for index, letter in enumerate(letters[4:])
            if (row + index) % 7
        ]
        return row, "".join(cells)

    return workbook(rows(header(1, *names), *(line(row) for row in range(2, count + 2))), strings=tuple(strings))


def _shared(place: str, index: int) -> str:
    return f'<c r="{place}" t="s"><v>{index}</v></c>'


def measure(count: int = 100_000, columns: int = 12, repeats: int = 5) -> Reading:
    """Reads the same workbook by its engine alone and by the app, in turn; a process waits for it, as on the upload page."""
    data = contacts(count, columns)
    engine, app, grown, table_bytes = [], [], [], 0
    for _ in range(repeats):
        expect_workbook()
        time.sleep(_SECONDS_TO_START)  # not while the engine is timed
        begun = time.perf_counter()
        _engine_alone(data)
        engine.append(time.perf_counter() - begun)
        before = _resident_bytes()
        begun = time.perf_counter()
        sheet = read(data, "large.xlsx")
        app.append(time.perf_counter() - begun)
        gc.collect()
        grown.append(_resident_bytes() - before)
        table_bytes = _table_bytes(sheet.table)
        assert len(sheet.table) == count
        del sheet
    return Reading(count, columns, len(data), median(engine), median(app), max(grown), table_bytes)


def _engine_alone(data: bytes) -> None:
    import fastexcel

    loaded = fastexcel.read_excel(data).load_sheet(0, header_row=None, skip_rows=0, dtypes="string")
    loaded.to_arrow_with_errors()


def _table_bytes(table: pd.DataFrame) -> int:
    return int(table.memory_usage(index=True, deep=True).sum())


def _resident_bytes() -> int:
    """Memory of this process in use; 0 where the system does not say (only Linux does, without another package)."""
    if not sys.platform.startswith("linux"):
        return 0
    with open("/proc/self/statm", encoding="ascii") as status:
        return int(status.read().split()[1]) * 4_096
