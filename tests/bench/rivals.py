"""What the desk's preparing stands beside: engines that only read, and scripts that do part of its work.

`vectorised` does what `naive` does with whole columns; `phonenumbers` only parses each number. Where polars and
python-calamine, which nothing here needs, are not installed they are left out.
"""

import csv
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import fastexcel
import pandas as pd
import phonenumbers
from pyarrow import csv as arrow_csv

from tests.bench.components import DUE, PRODUCT
from tests.bench.naive import BATCH, MOBILE, SEXES, encoded


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
    frame = frame.assign(手机号码=phone)[phone.str.fullmatch(MOBILE)].drop_duplicates("手机号码")
    text = {name: frame[name].str.strip().tolist() for name in frame.columns}
    fields = {
        "name": text["姓名"],
        "phone": text["手机号码"],
        "email": text["邮箱"],
        "company": text["公司名称"],
        "sex": [SEXES.get(sex, "") for sex in text["性别"]],
        "extra": text["客户编号"],
    }
    rows = [
        {name: value for name, value in zip(fields, row, strict=True) if value != ""}
        | {"sort": 0, "components": [{"id": PRODUCT, "value": product}, {"id": DUE, "value": due}]}
        for *row, product, due in zip(*fields.values(), text["产品"], text["到期日"], strict=True)
    ]
    return [encoded(rows[start : start + BATCH]) for start in range(0, len(rows), BATCH)]
