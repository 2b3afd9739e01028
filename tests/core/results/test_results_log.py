"""The log of unique_ids opens in Excel and WPS as it is, in the person's language and clock."""

import csv
import io

import openpyxl
import pandas as pd
import pytest

from lib.results import log_csv, log_workbook

BATCHES = pd.DataFrame(
    {
        "run_id": ["r1", "r1", "r1"],
        "seq": [1, 2, 3],
        "sent_at": ["2026-11-23T16:30:00.000001+00:00", "2026-11-23T16:31:00+00:00", None],
        "destination": "演练",
        "file_name": '客户,"重要".xlsx',
        "rows": [200, 200, 7],
        "state": ["accepted", "unknown", "planned"],
        "unique_id": ["0c51fc89-f6cf-405b-bb36-2c06900c3b5e", "", ""],
        "message": ["成功", "=HYPERLINK(1)", ""],
    }
)


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_one_line_per_batch_with_the_persons_clock():
    header, first, second, third = rows(log_csv(BATCHES, "zh", zone="Asia/Shanghai"))
    assert header == [
        "提交",
        "批次",
        "发送时间（Asia/Shanghai）",
        "发到",
        "文件",
        "行数",
        "结果",
        "批次号",
        "平台的答复",
    ]
    assert first[:7] == ["r1", "1", "2026-11-24 00:30:00", "演练", '客户,"重要".xlsx', "200", "已接收"]
    assert (second[6], second[8]) == ("结果未知", "'=HYPERLINK(1)")
    assert (third[2], third[6]) == ("", "等待发送")


def test_bytes_are_what_excel_expects():
    data = log_csv(BATCHES, "en")
    assert data.startswith(b"\xef\xbb\xbfSubmission,Batch,")
    assert data.count(b"\r\n") == 4 == data.count(b"\n")
    assert '"客户,""重要"".xlsx"'.encode() in data


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd"])
def test_an_unknown_zone_means_utc_and_the_header_says_so(zone):
    header, first, *_ = rows(log_csv(BATCHES, "en", zone=zone))
    assert (header[2], first[2]) == ("Sent at (UTC)", "2026-11-23 16:30:00")


def test_columns_the_batches_do_not_have_are_left_out():
    slim = BATCHES[["seq", "state", "unique_id"]]
    assert rows(log_csv(slim, "zh"))[:2] == [
        ["批次", "结果", "批次号"],
        ["1", "已接收", BATCHES["unique_id"][0]],
    ]


def test_the_workbook_has_the_same_lines_all_text_and_coloured():
    sheet = openpyxl.load_workbook(io.BytesIO(log_workbook(BATCHES, "zh", zone="Asia/Shanghai"))).worksheets[
        0
    ]
    written = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    expected = rows(log_csv(BATCHES, "zh", zone="Asia/Shanghai"))
    expected[2][8] = "=HYPERLINK(1)"
    assert written == expected
    assert len({cell.fill.fgColor.rgb for cell in sheet["G"]}) == 4


def test_an_empty_log_is_its_header():
    assert len(rows(log_csv(BATCHES.iloc[:0], "zh"))) == 1
    assert openpyxl.load_workbook(io.BytesIO(log_workbook(BATCHES.iloc[:0], "zh"))).worksheets[0].max_row == 1


def test_a_lone_surrogate_does_not_stop_the_download():
    assert (
        rows(log_csv(BATCHES.assign(message=pd.Series(["a\ud800"] * 3, dtype=object)), "zh"))[1][8]
        == "a\ufffd"
    )
