"""The person's own sheet comes back whole, each row with what became of it."""

import io

import openpyxl
import pandas as pd
import pytest

from lib.contact.problems import ProblemCode
from lib.results import RowOutcome, log_csv, outcome_of, run_workbook
from lib.run.states import BatchState, HeldAs, called
from lib.sheet.row_numbers import made_row
from lib.words import t
from tests.core.reconcile_scenes import held

#: What stands beside the person's own columns.
ADDED = [
    "实际发送的号码", "导入结果", "原因", "批次号", "到达情况", "撤回情况", "发送时间（UTC）",
]  # fmt: skip


def source(count: int, **columns: list[str]) -> pd.DataFrame:
    phones = [f"1540000{1000 + number}" for number in range(count)]
    return pd.DataFrame(
        {"手机": phones} | columns, index=pd.Index(range(4, 4 + count), name="row"), dtype="str"
    )


def facts(*rows: dict) -> pd.DataFrame:
    empty = {
        "disposition": "to_send",
        "reason": "",
        "batch": 1,
        "batch_state": "",
        "unique_id": "",
        "message": "",
    }
    return pd.DataFrame([empty | {"row": 4 + at} | row for at, row in enumerate(rows)])


def lines(data: bytes, sheet: int = 0) -> list[list[str]]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [[value or "" for value in row] for row in book.worksheets[sheet].iter_rows(values_only=True)]


def results_of(*rows: dict, lang: str = "zh") -> list[list[str]]:
    """Outcome, reason and batch number."""
    return [line[2:5] for line in lines(run_workbook(source(len(rows)), facts(*rows), lang))[1:]]


@pytest.mark.parametrize(
    ("disposition", "state", "outcome"),
    [
        ("to_send", "accepted", RowOutcome.ACCEPTED),
        ("to_send", "rejected", RowOutcome.REJECTED),
        ("to_send", "unknown", RowOutcome.UNKNOWN),
        ("to_send", "sending", RowOutcome.SENDING),
        ("to_send", "planned", RowOutcome.NOT_SENT),
        ("to_send", "cancelled", RowOutcome.NOT_SENT),
        ("to_send", "held", RowOutcome.HELD),
        ("to_send", "split", RowOutcome.ACCEPTED),
        ("to_send", "", RowOutcome.NOT_SENT),
        ("held_back", "", RowOutcome.HELD_BACK),
        ("repeated", "", RowOutcome.REPEATED),
        ("left_out", "", RowOutcome.LEFT_OUT),
    ],
)
def test_each_disposition_and_batch_state_has_its_outcome(disposition, state, outcome):
    assert outcome_of(disposition, state) == outcome


def test_an_unheard_of_disposition_or_state_is_loud():
    for lost in (("lost", "accepted"), ("to_send", "lost")):
        with pytest.raises(KeyError):
            outcome_of(*lost)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("held_as", ["", *HeldAs])
@pytest.mark.parametrize("state", [*BatchState])
def test_every_state_of_a_batch_is_said_in_the_file_and_in_the_log(state, held_as, lang):
    """In words of its own, with a reason that fits: nothing that left is said to be unsent."""
    row = {"batch_state": state.value, "held_as": held_as}
    (outcome, reason, _), *_ = results_of(row, lang=lang)
    batches = pd.DataFrame([row | {"seq": 1}]).rename(columns={"batch_state": "state"})
    logged = log_csv(batches, lang).decode("utf-8-sig").splitlines()[1]
    assert t(f"batch.state.{called(state, held_as)}", lang) in logged
    unsent = state == "planned" or (state == "cancelled" and not held_as)
    assert (outcome == t("results.outcome.not_sent", lang)) is unsent
    assert bool(reason) is (state not in ("accepted", "split"))
    if state == "held":
        assert outcome == t("results.outcome.held", lang)


@pytest.mark.parametrize(
    ("kind", "why"), [("absent", "not_again"), ("partial", "not_again"), ("no_evidence", "not_again_blind")]
)
def test_what_a_person_decided_is_said_of_the_rows_it_is_about(store, clock, kind, why):
    """150 numbers that were on the platform were called "not sent, its turn has not come", then "stopped before it was sent"."""
    run_id, batch_id = held(store, clock, kind)
    found = 1 if kind == "partial" else 0

    def told():
        rows = store.runs.rows(run_id)
        return [line[2:4] for line in lines(run_workbook(source(3).set_index(rows["row"]), rows, "zh"))[1:]]

    waits = [t("results.outcome.held", "zh"), f"第 1 批：{t('results.why.held', 'zh')}"]
    left = [t("results.outcome.not_again", "zh"), f"第 1 批：{t(f'results.why.{why}', 'zh')}"]
    assert told() == [["已接收", ""]] * found + [waits] * (3 - found)
    store.decisions.leave_out_missing(batch_id)
    assert told() == [["已接收", ""]] * found + [left] * (3 - found)
    assert t("batch.state.left_out", "zh") in log_csv(store.batches.table(run_id), "zh").decode("utf-8-sig")


def test_columns_rows_and_order_are_the_persons_own():
    sheet = source(3, 备注=[" a ", "", "=1"])
    written = lines(run_workbook(sheet, facts({}, {}, {}).iloc[::-1], "zh"))
    assert written[0] == ["手机", "备注", *ADDED]
    assert [line[:2] for line in written[1:]] == sheet.to_numpy().tolist()


def test_an_accepted_row_carries_its_batch_number_and_no_reason():
    accepted = {"batch_state": "accepted", "unique_id": "u-1", "message": "添加成功"}
    assert results_of(accepted) == [["已接收", "", "u-1"]]


def test_an_unknown_outcome_is_never_called_failed_and_says_what_to_do():
    outcome, reason, _ = results_of({"batch_state": "unknown", "batch": 3})[0]
    assert outcome == "结果未知"
    assert reason == "第 3 批：不清楚平台收下了没有，可能已经进入任务，请先到平台核对。"
    english = " ".join(results_of({"batch_state": "unknown", "batch": 3}, lang="en")[0]).casefold()
    assert "fail" not in english
    assert english.startswith("outcome unknown batch 3: whether the platform took it")


def test_a_rejected_row_carries_the_platforms_own_words():
    outcome, reason, _ = results_of({"batch_state": "rejected", "batch": 2, "message": "号码{重复}"})[0]
    assert (outcome, reason) == ("被拒绝", "第 2 批：平台拒绝了这一批。平台的答复：号码{重复}")


def test_a_stopped_run_and_a_waiting_batch_are_told_apart():
    stopped, waiting = results_of({"batch_state": "cancelled"}, {"batch_state": "planned"})
    assert stopped[0] == waiting[0] == "未发送"
    assert stopped[1] != waiting[1]


def test_rows_kept_back_say_why_in_words_and_have_no_batch_number():
    held = results_of(
        {"disposition": "held_back", "reason": "phone_too_short", "batch": -1},
        {"disposition": "repeated", "reason": "phone_repeated", "batch": -1},
        {"disposition": "left_out", "reason": "老板说不打", "batch": -1},
    )
    assert held == [
        ["有错未提交", "号码位数不够", ""],
        ["号码重复", "号码与前面的行重复", ""],
        ["选择不提交", "老板说不打", ""],
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("code", list(ProblemCode))
def test_every_problem_code_has_a_reason_in_words(code, lang):
    assert code.value not in results_of({"disposition": "held_back", "reason": code.value}, lang=lang)[0][1]


def test_a_row_nobody_planned_counts_as_left_out_and_batches_stay_whole_numbers():
    data = run_workbook(source(3), facts({"batch_state": "unknown", "batch": 12}), "zh")
    assert [line[2] for line in lines(data)[1:]] == ["结果未知", "选择不提交", "选择不提交"]
    assert lines(data)[1][3].startswith("第 12 批：")


def test_rows_may_be_indexed_by_row_number_and_miss_values():
    rows = facts(
        {"batch_state": "accepted", "unique_id": None}, {"message": None, "batch_state": None}
    ).set_index("row")
    assert [line[2] for line in lines(run_workbook(source(2), rows, "zh"))[1:]] == ["已接收", "未发送"]


def test_a_results_file_uploaded_again_keeps_its_old_columns():
    sheet = source(1, 导入结果=["被拒绝"], 原因=["旧"], **{"原因 (2)": ["更旧"]})
    header, line = lines(run_workbook(sheet, facts({"batch_state": "accepted"}), "zh"))
    assert header[:8] == [
        "手机",
        "导入结果",
        "原因",
        "原因 (2)",
        ADDED[0],
        "导入结果 (2)",
        "原因 (3)",
        "批次号",
    ]
    assert (line[1:4], line[5]) == (["被拒绝", "旧", "更旧"], "已接收")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_notes_explain_every_outcome_and_count_every_row(lang):
    states = ["accepted", "accepted", "unknown", "planned"]
    notes = lines(
        run_workbook(source(4), facts(*({"batch_state": state} for state in states)), lang), sheet=1
    )
    explained = {line[0]: (line[1], line[2]) for line in notes[1:] if line[0]}
    assert set(explained) == {t(f"results.outcome.{outcome}", lang) for outcome in RowOutcome}
    assert all(meaning for _, meaning in explained.values())
    assert sum(int(count) for count, _ in explained.values()) == 4
    assert explained[t("results.outcome.accepted", lang)][0] == "2"
    assert ("回执" if lang == "zh" else "receipt") in explained[t("results.outcome.accepted", lang)][1]


def test_header_is_frozen_filtered_and_outcomes_are_coloured():
    rows = facts({"batch_state": "accepted"}, {"batch_state": "rejected"}, {"batch_state": "unknown"})
    sheet = openpyxl.load_workbook(io.BytesIO(run_workbook(source(3), rows, "zh"))).worksheets[0]
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.dimensions) == ("A2", "A1:H4", "A1:H4")
    assert len({cell.fill.fgColor.rgb for cell in sheet["C"][1:]}) == 3
    assert sheet.column_dimensions["A"].number_format == "@"


def test_a_sheet_without_rows_is_still_a_file():
    assert lines(run_workbook(source(0), facts(), "zh"))[0] == ["手机", *ADDED]


def marked(*found: tuple[int, str, str, str]) -> pd.DataFrame:
    rows = [(row, field, code, severity, "138", "") for row, field, code, severity in found]
    return pd.DataFrame(rows, columns=["row", "field", "code", "severity", "value", "suggestion"])


def test_each_bad_cell_is_coloured_and_says_why_in_a_comment():
    found = marked(
        (5, "phone", "phone_too_short", "error"),
        (4, "name", "text_long", "warning"),
        (99, "phone", "phone_text", "error"),
    )
    table = source(2, 姓名=["甲", "乙"])
    rows = facts({"batch_state": "accepted"}, {"disposition": "held_back", "reason": "phone_too_short"})
    data = run_workbook(
        table, rows, "zh", problems=found, columns={"phone": ("手机",), "name": ("姓名",)}, title="三月名单"
    )
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    comments = {
        cell.coordinate: cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment
    }
    assert comments.keys() == {"A3", "B2"}
    assert "138" in comments["A3"]
    grounds = [sheet[name].fill.fgColor.rgb for name in ("A2", "A3", "B2")]
    assert len(set(grounds)) == 3
    assert sheet.title == "三月名单"
    assert [cell.value for cell in sheet[3]][3:5] == ["有错未提交", "号码位数不够"]


def test_comments_begin_in_the_first_row_of_the_sheet_and_none_is_left_over():
    data = run_workbook(source(1), facts({}), "zh", problems=marked(), columns={"phone": ("手机",)})
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert [cell for row in sheet.iter_rows() for cell in row if cell.comment] == []


def test_what_is_wrong_with_a_number_of_a_cell_is_marked_in_that_cell():
    found = marked(
        (4, "phone", "phone_landline", "warning"), (made_row(4, 2), "phone", "phone_too_short", "error")
    )
    data = run_workbook(source(2), facts({}, {}), "zh", problems=found, columns={"phone": ("手机",)})
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert len(sheet["A2"].comment.text.splitlines()) > 1
    assert sheet["A2"].fill.fgColor.rgb != sheet["A3"].fill.fgColor.rgb


def test_a_column_called_by_a_number_keeps_its_marks_where_its_name_is_hidden():
    table = source(2).rename(columns={"手机": "13912345678"})
    for hidden in (False, True):
        data = run_workbook(
            table, facts({}, {}), "zh", hidden=hidden, columns={"phone": ("13912345678",)},
            problems=marked((4, "phone", "phone_too_short", "error")),
        )  # fmt: skip
        sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
        assert sheet["A1"].value == ("139****5678" if hidden else "13912345678")
        assert sheet["A2"].comment is not None
        assert "13912345678" not in sheet["A2"].comment.text or not hidden
