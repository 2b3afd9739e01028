"""One list of several worksheets, or of several files, in a real browser: its rows and its results name where each is from."""

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import BrowserContext, expect

from lib.words import t
from tests import practice_platform
from tests.e2e import desk
from tests.e2e.server import AppServer
from tests.files.cities import CITIES, cities

#: The smallest screen of an office.
SCREEN = {"width": 1366, "height": 768}

EVERY = sum(map(len, CITIES.values()))


@pytest.mark.long
def test_three_worksheets_go_out_as_one_list_and_come_back_as_three(
    visit: Callable[..., BrowserContext], server: AppServer, tmp_path: Path
) -> None:
    page = visit(viewport=SCREEN).new_page()
    url = desk.start_practice(page, server)
    file = tmp_path / "各城市.xlsx"
    file.write_bytes(cities())
    desk.go(page, "upload")
    desk.upload(page, file)
    offer = page.get_by_role("button", name=t("together.read", "zh", count=EVERY))
    expect(offer, "one has to scroll to it").to_be_in_viewport(ratio=1)
    with desk.rerun(page):
        offer.click()
    expect(page.get_by_text(t("upload.rows", "zh", count=EVERY))).to_be_visible()
    desk.go(page, "review")
    expect(desk.metric(page, "将提交")).to_have_text(str(EVERY))
    desk.pick(page, t("grid.show.all", "zh"))
    expect(desk.cell(page, 0, 0)).to_have_text("1·2")
    desk.press(page, f"下一步：提交 {EVERY} 个号码")
    desk.press(page, f"提交 {EVERY} 个号码")
    desk.has_ended(page)
    ledger = practice_platform.ledger(url)["numbers"]
    assert ledger == dict.fromkeys((phone for some in CITIES.values() for phone in some), 1)

    desk.press(page, "查看记录")
    page.wait_for_url("**run=**")
    rows = desk.rows_of(desk.download(page, "下载我的表格和结果"))
    column = rows[0].index(t("together.column", "zh"))
    assert [row[column] for row in rows[1:]] == [city for city, some in CITIES.items() for _ in some]
    assert {row[rows[0].index("导入结果")] for row in rows[1:]} == {"已接收"}

    desk.pick(page, t("export.full", "zh"))
    own = openpyxl.load_workbook(io.BytesIO(desk.download(page, "下载我的表格和结果")))
    assert own.sheetnames == [*CITIES, "汇总"]
    for city, phones in CITIES.items():
        lines = [[*line] for line in own[city].iter_rows(values_only=True)][-len(phones) :]
        assert [line[1:4] for line in lines] == [[phone, phone, "已接收"] for phone in phones]


def test_files_that_are_dropped_together_are_one_list(
    visit: Callable[..., BrowserContext], server: AppServer, tmp_path: Path
) -> None:
    """And a file that does not fit is told, is out of the way of the next, and takes nothing along."""
    page = visit(viewport=SCREEN).new_page()
    desk.open_page(page, server.url, "upload")
    paths = []
    for city, phones in CITIES.items():
        paths.append(tmp_path / f"{city}.csv")
        paths[-1].write_text(
            "姓名,手机号\n" + "".join(f"{city}客户,{one}\n" for one in phones), encoding="utf-8"
        )
    other = tmp_path / "别的.csv"
    other.write_text("姓名,电话\n张伟,13012121211\n", encoding="utf-8")
    chooser = page.get_by_test_id("stFileUploaderDropzoneInput")
    with desk.rerun(page):
        chooser.set_input_files([paths[0], other])
    expect(page.get_by_test_id("stAlertContentError")).to_contain_text("别的.csv")
    expect(page.get_by_test_id("stFileUploaderFile")).to_have_count(0)
    with desk.rerun(page):
        chooser.set_input_files(paths)
    expect(page.get_by_text(t("upload.rows", "zh", count=EVERY))).to_be_visible()
    expect(page.get_by_role("heading", name="北京.csv 等 3 个文件")).to_be_visible()
    desk.go(page, "review")
    expect(desk.metric(page, "将提交")).to_have_text(str(EVERY))
    desk.pick(page, t("grid.show.all", "zh"))
    expect(desk.cell(page, EVERY - 1, 0)).to_have_text("3·3")
