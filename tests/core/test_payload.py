"""The body is exactly the documented one."""

import json

import pandas as pd
import pytest

from lib import payload
from lib.contact.fields import FIELDS, component_column
from lib.platform.connection import Options
from lib.validation import check

#: The API page's own sample request.
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


def test_every_field_that_can_be_mapped_is_sent() -> None:
    """One that is not in `ROW_KEYS` would be mapped, checked and dropped without a word."""
    row = {field.name: field.example for field in FIELDS}
    (batch,) = payload.batches(check(_contacts(row), Options()), Options())
    assert payload.body(batch)["data"][0].keys() == row.keys()


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
    assert [len(batch.rows) for batch in found] == sizes
    assert [batch.seq for batch in found] == list(range(1, len(sizes) + 1))
    assert [row["phone"] for batch in found for row in payload.body(batch)["data"]] == contacts[
        "phone"
    ].tolist()


@pytest.mark.parametrize("start", payload.Start)
@pytest.mark.parametrize("count", [50, 51, 100, 101, 137])
def test_however_many_batches_there_are_each_holds_the_rows_of_the_sheet_it_says(
    count: int, start: payload.Start
) -> None:
    """They are taken out of the contacts in portions: where one ends and the next begins no row is left out or sent twice."""
    contacts = _mixed(2 * count, {at for at in range(2 * count) if at % 7 == 3})
    contacts["name"] = [f"客户{row}" for row in contacts.index]
    review = check(contacts, Options())
    told = [
        (row, sent["phone"], sent["name"])
        for batch in payload.batches(review, Options(), size=2, start=start)
        for row, sent in zip(batch.rows.tolist(), payload.body(batch)["data"], strict=True)
    ]
    assert len(list(payload.batches(review, Options(), size=2, start=start))) >= count
    assert sorted(row for row, *_ in told) == contacts.index.tolist()
    assert all((phone, name) == tuple(contacts.loc[row, ["phone", "name"]]) for row, phone, name in told)
    assert len({phone for _, phone, _ in told}) == 2 * count


def test_rows_with_errors_are_in_no_batch() -> None:
    contacts = _contacts({"phone": "13012121211"}, {"phone": "1301212"}, {"phone": "13012121212"})
    (batch,) = payload.batches(check(contacts, Options()), Options())
    assert list(batch.rows) == [2, 4]


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


def _mixed(count: int, doubtful: set[int]) -> pd.DataFrame:
    """So many numbers; those at the given places are landlines."""
    return _contacts(
        *({"phone": f"0106{at:07d}" if at in doubtful else f"139{at:08d}"} for at in range(count))
    )


def test_doubtful_rows_go_last_in_batches_of_their_own_and_each_part_keeps_the_sheets_order() -> None:
    review = check(_mixed(405, {0, 7, 404}), Options())
    found = payload.cut(review)
    assert [len(rows) for rows in found.rows] == [200, 200, 2, 3]
    assert (found.doubtful_batches, found.doubtful_rows) == (1, 3)
    assert list(found.rows[-1]) == [2, 9, 406]
    assert all(rows.is_monotonic_increasing for rows in found.rows)
    sent = [batch.rows.tolist() for batch in payload.batches(review, Options())]
    assert sent == [rows.tolist() for rows in found.rows]


def test_where_every_row_is_doubtful_none_is_set_apart() -> None:
    found = payload.cut(check(_mixed(3, {0, 1, 2}), Options()))
    assert ([len(rows) for rows in found.rows], found.doubtful_batches) == ([3], 0)


def test_ciphertext_is_what_encryption_is_for_and_not_doubtful() -> None:
    options = Options(encryption=True)
    contacts = _contacts({"phone": "b2f1c0ffee=="}, {"phone": "13012121211"})
    assert [list(rows) for rows in payload.cut(check(contacts, options)).rows] == [[2, 3]]


@pytest.mark.parametrize(
    ("count", "doubtful", "sizes"),
    [(401, set(), [1, 200, 200]), (1, set(), [1]), (3, {0}, [1, 1, 1]), (2, {0, 1}, [1, 1]), (0, set(), [])],
)
def test_one_first_is_a_batch_of_one_row_that_is_not_doubtful_where_there_is_one(
    count: int, doubtful: set[int], sizes: list[int]
) -> None:
    review = check(_mixed(count, doubtful) if count else _contacts({"phone": "x"}), Options())
    found = payload.cut(review, payload.Start.ONE)
    assert [len(rows) for rows in found.rows] == sizes
    if sizes:
        assert found.rows[0][0] == min(set(range(2, count + 2)) - {at + 2 for at in doubtful} or {2})


def test_every_row_that_can_be_sent_is_in_exactly_one_batch() -> None:
    review = check(_mixed(777, set(range(0, 777, 5))), Options())
    for start in payload.Start:
        seqs = payload.cut(review, start).seqs
        assert seqs.index.is_unique
        assert set(seqs.index) == set(review.contacts.index[review.sendable])


@pytest.mark.parametrize("start", payload.Start)
@pytest.mark.parametrize("doubtful", [set(), {1, 3}, {0, 1, 2, 3, 4}])
def test_the_first_batch_alone_is_the_first_of_all(start: payload.Start, doubtful: set[int]) -> None:
    review = check(_mixed(5, doubtful), Options())
    alone = payload.first_batch(review, Options(), start)
    first = next(payload.batches(review, Options(), start=start))
    assert alone
    assert payload.body(alone) == payload.body(first)
    assert (alone.seq, alone.rows.tolist()) == (first.seq, first.rows.tolist())


def test_where_nothing_can_be_sent_there_is_no_first_batch() -> None:
    contacts = pd.DataFrame({"phone": ["1301"]}, index=[2], dtype="str")
    assert payload.first_batch(check(contacts, Options()), Options()) is None
