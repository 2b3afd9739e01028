"""The receipt of a run: everything that was asked for, no number, nothing that is more than text, and it is written down."""

from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest

from lib.errors import NotAllowed, OutcomeUnknown, Refused
from lib.results.exports import receipt_file
from lib.results.run_receipt import RunReceipt, page
from lib.run.arrivals import ArrivalNote, ImportLook
from lib.run.records import RunRecord
from lib.run.states import DataDeed
from lib.store import Store
from lib.words import LANGUAGES, t
from tests.core.kept_scenes import CANARY, OTHERS, draft, sent, submitted
from tests.core.people_scenes import ANNA, BO, CHEN, REAL, store_of
from tests.core.store_scenes import plan
from tests.hostile import FILE_NAMES, LONG, TEXTS

PEOPLE = f"姓名,手机号\n张伟,{CANARY}\n王芳,{OTHERS[0]}\n李娜,1301212\n赵四,{CANARY}\n钱五,{OTHERS[1]}\n"


class Shown(HTMLParser):
    """What stands in a page: its elements with their attributes, and the cells by what stands before them."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.cells: list[str] = []
        self.text = ""
        self._in_cell = False
        self.feed(data.decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(attrs)))
        if tag in ("td", "th"):
            self.cells.append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._in_cell:
            self.cells[-1] += data

    def behind(self, name: str) -> str:
        """The cell behind the one of this name."""
        return self.cells[self.cells.index(name) + 1]


def made(store: Store, *answers: object) -> RunRecord:
    """A run of three numbers; one row is wrong, one repeats a number, one is left out."""
    upload = draft(store, PEOPLE.encode(), "客户.csv")
    upload.leave_out([6])
    return store.runs.get(sent(store, submitted(store, upload), *answers))


def shown(store: Store, run: RunRecord, lang: str = "zh", zone: str = "Asia/Shanghai") -> Shown:
    return Shown(receipt_file(store, run.id, lang, zone, submitter="小王", task="春季回访"))


def test_it_tells_who_what_where_how_many_and_every_batch_number(store: Store) -> None:
    run = made(store)
    found = shown(store, run)
    told = {
        "提交人": "小王", "文件": "客户.csv", "状态": "已结束", "目的地": "演练平台", "任务": "春季回访", "账户 ID": run.connection.user_id,
        "任务 ID": run.connection.task_id, "合计": "5", "提交": "2", "有错未提交": "1", "号码重复": "1", "选择不提交": "1", "已接收": "2", "被拒绝": "0",
        "结果未知": "0", "提交编号": run.id,
    }  # fmt: skip
    assert {name: found.behind(name) for name in told} == told
    [line] = store.batches.table(run.id).itertuples()
    assert found.cells[-5:-1] == [str(line.seq), line.unique_id, "2", "已接收"]
    assert found.cells[-1].startswith("20")
    assert "Asia/Shanghai" in found.behind("回执生成")
    assert "演练" in found.behind("性质")


def test_a_receipt_of_a_real_run_says_so(store: Store) -> None:
    run_id = store.runs.create(replace(plan(1), connection=REAL))
    found = shown(store, store.runs.get(run_id))
    assert (found.behind("性质"), found.behind("目的地")) == ("真实提交", "南区回访")
    assert found.behind("结束时间") == "还没有结束"


def test_refused_and_unknown_are_told_apart_and_the_platforms_words_are_with_the_refused(
    store: Store,
) -> None:
    refused = made(store, Refused("refused", http_status=200, message="号码格式不对"))
    found = shown(store, refused)
    assert (found.behind("已接收"), found.behind("被拒绝")) == ("0", "2")
    assert "号码格式不对" in found.text
    other = draft(store, f"姓名,手机号\n周六,{OTHERS[2]}\n".encode())
    unknown = store.runs.get(sent(store, submitted(store, other), OutcomeUnknown("timeout")))
    found = shown(store, unknown)
    assert (found.behind("已接收"), found.behind("被拒绝"), found.behind("结果未知")) == ("0", "0", "1")


def test_what_arrived_is_told_once_the_platform_has_said_it(store: Store, clock: object) -> None:
    run = made(store)
    assert "已接收的号码" not in shown(store, run).text
    batch_id = int(store.batches.table(run.id)["batch_id"][0])
    store.looks.record(batch_id, ImportLook(ArrivalNote.LISTED, imported=frozenset({2})))
    found = shown(store, run)
    assert (found.behind("已导入"), found.behind("还在查"), found.behind("已撤回")) == ("1", "1", "0")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sec22_no_number_stands_in_it_wherever_one_was_typed(store: Store, lang: str) -> None:
    run = made(store, Refused("refused", http_status=200, message=f"号码 {CANARY} 不对"))
    run = replace(
        run, file_name=f"{CANARY}.csv", sheet_name=f"表 {OTHERS[0]}", list_source=f"{OTHERS[1]} 登记"
    )
    receipt = _receipt(store, run, submitter=f"王 {CANARY}", task=f"任务 {OTHERS[2]}")
    told = page(receipt, lang).decode()
    assert not [number for number in (CANARY, *OTHERS) if number in told]
    assert "139****4321" in told
    assert run.id in told


def test_sec21_it_is_written_down_like_every_export_and_a_viewer_may_have_it(store: Store) -> None:
    run_id = store_of(store, ANNA).runs.create(plan(2))
    assert receipt_file(store_of(store, BO), run_id, "zh", "UTC", submitter="小王", task="春季回访")
    with pytest.raises(NotAllowed):
        receipt_file(store_of(store, CHEN), run_id, "zh", "UTC", submitter="小王", task="春季回访")
    [line] = store.journal.data_log().itertuples()
    assert (line.what, line.who, line.run_id, *line.facts.values()) == (
        DataDeed.EXPORTED, BO.id, run_id, "receipt", 2, False,
    )  # fmt: skip


def test_sec35_hostile_text_in_every_place_is_shown_as_it_is_and_is_nothing_else(store: Store) -> None:
    run = made(store)
    plain = Shown(page(_receipt(store, run), "zh"))
    for text in (*TEXTS, *FILE_NAMES, LONG, "\ud800", "\0", "a\nb"):
        connection = replace(REAL, name=text, user_id=text, task_id=text)
        bent = replace(run, connection=connection, file_name=text, sheet_name=text, list_source=text, id=text)
        receipt = _receipt(store, bent, submitter=text, task=text)
        batches = receipt.batches.assign(
            unique_id=pd.Series([text], dtype=object), message=pd.Series([text], dtype=object)
        )
        found = Shown(page(replace(receipt, batches=batches.assign(state="rejected")), "zh"))
        assert {one for one in found.elements if one[0] != "br"} == set(plain.elements)
        assert not {"script", "a", "img", "link", "iframe", "svg"} & {tag for tag, _ in found.elements}
        if "\u202e" not in text and text.isprintable():
            for name in ("提交人", "文件", "目的地", "任务"):
                assert found.behind(name) == text
            assert found.cells[-4] == text
            assert text in found.cells[-2]


def test_it_loads_nothing_and_may_run_nothing(store: Store) -> None:
    data = page(_receipt(store, made(store)), "en").decode()
    assert "default-src 'none'" in data
    assert not [
        word
        for word in ("src=", "href=", "url(", "@import", "<script", "http://", "https://")
        if word in data
    ]
    assert data.index('<meta charset="utf-8">') < 100
    assert t("run_receipt.title", "en") in data


def _receipt(store: Store, run: RunRecord, submitter: str = "小王", task: str = "春季回访") -> RunReceipt:
    of = store.batches.table(limit=None)["run_id"].iloc[0]
    return RunReceipt(
        run,
        store.runs.rows(of),
        store.arrivals.of_run(of),
        store.batches.table(of),
        submitter,
        task,
        run.created,
    )
