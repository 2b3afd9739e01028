"""What the desk's preparing stands beside: engines that only read, and scripts that do part of its work.

`vectorised` does what `naive` does with whole columns; `phonenumbers` only parses each number. Those of packages that are
not installed here (polars, python-calamine, phonenumbers: nothing of the desk needs them) are left out.
"""

import csv
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import fastexcel
import pandas as pd
from pyarrow import csv as arrow_csv

from tests.bench.components import DUE, PRODUCT
from tests.bench.naive import BATCH, encoded

_MOBILE = r"1[3-9]\d{9}"


def _fastexcel(path: Path) -> int:
    return fastexcel.read_excel(path).load_sheet(0, dtypes="string").to_arrow().num_rows


def _calamine(path: Path) -> int:
    import python_calamine

    return len(python_calamine.load_workbook(path).get_sheet_by_index(0).to_python()) - 1


def _pyarrow(path: Path) -> int:
    return arrow_csv.read_csv(path).num_rows


def _polars(path: Path) -> int:
    import polars

    return polars.read_csv(path, infer_schema=False).height


def _phonenumbers(path: Path) -> int:
    import phonenumbers

    with path.open(encoding="utf-8-sig", newline="") as lines:
        texts = [row["手机号码"] for row in csv.DictReader(lines)]
    for text in texts:
        try:
            phonenumbers.is_valid_number(phonenumbers.parse(text, "CN"))
        except phonenumbers.NumberParseException:
            continue
    return len(texts)


#: Name → the package it needs, the suffix of the file, and what reads it and says how many rows there were.
READERS: dict[str, tuple[str, str, Callable[[Path], int]]] = {
    "fastexcel": ("fastexcel", ".xlsx", _fastexcel),
    "calamine": ("python_calamine", ".xlsx", _calamine),
    "pyarrow": ("pyarrow", ".csv", _pyarrow),
    "polars": ("polars", ".csv", _polars),
    "phonenumbers": ("phonenumbers", ".csv", _phonenumbers),
}


def readers(suffix: str) -> list[str]:
    """Those that can be measured here with such a file."""
    return [name for name, (package, of, _) in READERS.items() if of == suffix and find_spec(package)]


def vectorised(path: Path) -> list[bytes]:
    """The file as the bodies of its batches, as `naive.bodies`: read by the desk's own engines, checked by whole columns."""
    if path.suffix == ".csv":
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", engine="pyarrow")
    else:
        frame = fastexcel.read_excel(path).load_sheet(0, dtypes="string").to_pandas().fillna("")
    phone = frame["手机号码"].str.replace(r"[\s-]", "", regex=True).str.removeprefix("+86")
    frame = frame.assign(手机号码=phone)[phone.str.fullmatch(_MOBILE)].drop_duplicates("手机号码")
    sex = frame["性别"].str.strip().map({"男": "1", "女": "2"}).fillna("")
    stripped = {
        name: frame[name].str.strip() for name in ("姓名", "邮箱", "公司名称", "客户编号", "产品", "到期日")
    }
    table = pd.DataFrame({**stripped, "手机号码": frame["手机号码"], "性别": sex})
    rows = [
        {
            **{
                name: value
                for name, value in (
                    ("name", row[0]), ("phone", row[6]), ("email", row[1]), ("company", row[2]),
                    ("sex", row[7] and int(row[7])), ("sort", 0), ("extra", row[3]),
                )
                if value != ""
            },
            "components": [{"id": PRODUCT, "value": row[4]}, {"id": DUE, "value": row[5]}],
        }
        for row in table.itertuples(index=False, name=None)
    ]  # fmt: skip
    return [encoded(rows[start : start + BATCH]) for start in range(0, len(rows), BATCH)]
