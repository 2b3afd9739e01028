"""The body is exactly the documented one."""

import json

import pandas as pd
import pytest

from lib import payload
from lib.connection import Options
from lib.fields import component_column
from lib.validation import check

#: The API page's own sample request (api-contract.md, section 2).
DOCUMENTED = {
    "ignore_crm": True,
    "encryption": False,
    "sub_user_id": "91f9254f-ca58-49af-be34-8370d7549d73",
    "number_add_suffix": False,
    "data": [
        {
            "name": "联系人1",
            "phone": "13012121211",
            "email": "12345@qq.com",
            "company": "xxx公司",
            "sex": 0,
            "sort": 0,
            "source_id": 1,
            "industry_id": 2,
            "grade_id": 1,
            "extra": "0c51fc89-f6cf-405b-bb36-2c06900c3b5e",
            "components": [{"id": "2a87347c-6dd5-4e22-97fe-9b8001dbcd17", "value": "小牛"}],
            "control_select_robot": "男",
        }
    ],
}


def _contacts(*rows: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), index=range(2, 2 + len(rows)), dtype="str").fillna("")


def _documented_row() -> dict[str, str]:
    row = {key: str(value) for key, value in DOCUMENTED["data"][0].items() if key != "components"}
    return row | {component_column("2a87347c-6dd5-4e22-97fe-9b8001dbcd17"): "小牛"}


def test_the_documented_example_comes_out_field_for_field() -> None:
    options = Options(ignore_crm=True, sub_user_id="91f9254f-ca58-49af-be34-8370d7549d73")
    (batch,) = payload.batches(check(_contacts(_documented_row()), options), options)
    body = payload.body(batch)
    assert body == DOCUMENTED
    assert [list(row) for row in body["data"]] == [list(row) for row in DOCUMENTED["data"]]


def test_numbers_are_json_numbers_and_the_phone_is_text() -> None:
    options = Options()
    (batch,) = payload.batches(check(_contacts(_documented_row()), options), options)
    row = json.loads(payload.encoded(payload.body(batch)))["data"][0]
    assert isinstance(row["phone"], str)
    assert all(type(row[key]) is int for key in ("sex", "sort", "source_id", "industry_id", "grade_id"))


def test_empty_optional_fields_are_absent_and_sort_is_always_there() -> None:
    options = Options()
    contacts = _contacts({"phone": "13012121211", "name": "", "sex": "", component_column("x"): ""})
    (batch,) = payload.batches(check(contacts, options), options)
    assert payload.body(batch) == {
        "ignore_crm": False,
        "encryption": False,
        "number_add_suffix": False,
        "data": [{"phone": "13012121211", "sort": 0}],
    }


@pytest.mark.parametrize(("rows", "sizes"), [(1, [1]), (200, [200]), (201, [200, 1]), (1000, [200] * 5)])
def test_batches_hold_at_most_two_hundred_rows_in_the_sheets_order(rows: int, sizes: list[int]) -> None:
    contacts = _contacts(*({"phone": f"139{at:08d}"} for at in range(rows)))
    found = list(payload.batches(check(contacts, Options()), Options()))
    assert [len(batch.contacts) for batch in found] == sizes
    assert [batch.seq for batch in found] == list(range(1, len(sizes) + 1))
    assert [row["phone"] for batch in found for row in payload.body(batch)["data"]] == contacts["phone"].tolist()


def test_rows_with_errors_are_in_no_batch() -> None:
    contacts = _contacts({"phone": "13012121211"}, {"phone": "1301212"}, {"phone": "13012121212"})
    (batch,) = payload.batches(check(contacts, Options()), Options())
    assert list(batch.contacts.index) == [2, 4]


def test_no_good_row_makes_no_batch() -> None:
    assert list(payload.batches(check(_contacts({"phone": "x"}), Options()), Options())) == []


@pytest.mark.parametrize("size", [0, 201])
def test_a_batch_size_the_platform_refuses_is_a_bug(size: int) -> None:
    with pytest.raises(ValueError, match="1 to 200"):
        list(payload.batches(check(_contacts({"phone": "13012121211"}), Options()), Options(), size=size))


def test_rare_characters_reach_the_wire_byte_for_byte() -> None:
    name = "𠮷野\u0065\u0301👨‍👩‍👧"
    (batch,) = payload.batches(check(_contacts({"phone": "13012121211", "name": name}), Options()), Options())
    assert name.encode() in payload.encoded(payload.body(batch))
