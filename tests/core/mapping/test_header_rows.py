"""Header rows of many trades: nobody else's number, name or id is taken, and the right number is always the one taken or offered."""

import itertools
from pathlib import Path

import pandas as pd
import pytest

from lib.mapping import Mapping, suggest
from lib.sheet import read

ROWS = 6

_PEOPLE = [
    "张伟",
    "李娜",
    "王芳",
    "刘洋",
    "陈静",
    "杨敏",
    "赵军",
    "黄丽",
    "周杰",
    "吴艳",
    "徐强",
    "孙平",
    "胡娟",
    "朱勇",
    "高霞",
    "林涛",
    "何玲",
    "郭明",
    "马超",
    "罗兰",
]
_POOLS = {
    "N": _PEOPLE,
    "P": ["豆豆", "旺财", "球球", "来福", "花花", "大黄"],
    "C": [
        f"{town}{what}有限公司"
        for town, what in zip(
            ("北京", "上海", "杭州", "深圳", "成都", "广州"),
            ("晨光贸易", "远大科技", "云溪网络", "华创电子", "味家餐饮", "恒信服饰"),
            strict=True,
        )
    ],
    "D": [f"2024-0{month}-1{month}" for month in range(1, 7)],
    "A": ["5155.53", "886.50", "47.22", "3310.00", "120.75", "64.10"],
    "S": ["男", "女"],
    "G": ["Male", "Female"],
    "U": ["浙江省杭州市西湖区幸福路50号", "北京市朝阳区和平街8号", "上海市浦东新区光明路3号"],
    "K": [""],
}
_DIGITS = {
    "M": "1301212{:04}",
    "X": "154****{:04}",
    "L": "010-8765{:04}",
    "F": "+1415555{:04}",
    "I": "11010119900101{:04}",
    "O": "30512402410{:04}77",
    "B": "622203035498{:04}052",
}


def _values(spec: str, at: int) -> list[str]:
    if spec == "R":
        return [str(row) for row in range(1, ROWS + 1)]
    if spec == "E":
        return [f"user{100 * at + row}@example.com" for row in range(ROWS)]
    if spec in _DIGITS:
        return [_DIGITS[spec].format(1000 + 97 * at + row) for row in range(ROWS)]
    pool = _POOLS.get(spec) or spec.split("/")
    start = 5 * at if spec == "N" else 0
    return list(itertools.islice(itertools.cycle(pool), start, start + ROWS))


def _sheets() -> list[str]:
    text = Path(__file__).with_name("header_rows.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


Columns = dict[str, set[str]]


def _read(line: str) -> tuple[Mapping, Columns, Columns, Columns]:
    """What is suggested, and by field the columns that must feed it, that may, and that may be offered and no more."""
    columns: dict[str, list[str]] = {}
    must: Columns = {}
    may: Columns = {}
    offered: Columns = {}
    for at, cell in enumerate(line.split(" | ")):
        header, _, rest = cell.rpartition(":")
        spec, _, field = rest.partition("=")
        columns[header] = _values(spec, at)
        if field.endswith(("?", "~")):
            (may if field.endswith("?") else offered).setdefault(field[:-1], set()).add(header)
        elif field:
            must.setdefault(field, set()).add(header)
    data = pd.DataFrame(columns, dtype="str").to_csv(index=False).encode()
    return suggest(read(data, "a.csv", header_row=1)), must, may, offered


@pytest.mark.parametrize("line", _sheets())
def test_no_column_is_taken_for_what_it_is_not(line: str) -> None:
    mapping, must, may, _ = _read(line)
    wrong = {
        field: column
        for field, column in mapping.columns.items()
        if column not in must.get(field, set()) | may.get(field, set())
    }
    assert wrong == {}


@pytest.mark.parametrize("line", _sheets())
def test_the_number_to_call_is_taken_or_offered_and_no_other(line: str) -> None:
    mapping, must, may, offered = _read(line)
    found = mapping.columns.get("phone") or mapping.offers.get("phone")
    if "phone" in must:
        assert found in must["phone"]
    else:
        assert found is None or found in may.get("phone", set()) | offered.get("phone", set())


@pytest.mark.parametrize("line", _sheets())
def test_what_a_header_says_without_a_question_is_found(line: str) -> None:
    mapping, must, _, _ = _read(line)
    found = mapping.offers | mapping.columns
    assert {
        field: found.get(field) for field, columns in must.items() if found.get(field) not in columns
    } == {}
