"""The practice platform reads the contract strictly and keeps a true ledger."""

import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import pytest

from lib import sandbox
from lib.platform.connection import tour
from lib.sandbox.settings import SandboxSettings
from tests.core.sandbox.scenes import TASK, TOKEN, USER, Desk, assert_refused, row
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "tests" / "files" / "api_samples"


@pytest.fixture
def desk(shared: Desk) -> Desk:
    plain = {
        "latency_ms": 0,
        "repeats": "row",
        "token": TOKEN,
        "import_seconds": 0,
        "check_components": False,
    }
    assert shared.control(reset=True, faults=[], **plain).status_code == 200
    return shared


def test_a_batch_is_accepted_with_the_documented_envelope_and_a_fresh_batch_number(desk: Desk) -> None:
    first, second = desk.send(row("13012121211")), desk.send(row("13012121212"))
    envelope = first.json()
    unique_id = envelope["data"].pop("unique_id")
    assert first.status_code == 200
    assert envelope == {
        "code": 200,
        "status": "success",
        "message": "号码导入任务信息请在回调中查收",
        "data": {},
    }
    assert unique_id
    assert unique_id != second.json()["data"]["unique_id"]


def test_the_ledger_holds_what_was_applied_by_whom_and_under_which_number(desk: Desk) -> None:
    unique_id = desk.send(row(extra="x-1", name="张伟"), row("13012121212")).json()["data"]["unique_id"]
    ledger = desk.ledger()
    [batch] = ledger["batches"]
    assert ledger["requests"] == 1
    assert ledger["numbers"] == {"13012121211": 1, "13012121212": 1}
    assert (batch["unique_id"], batch["user_id"], batch["task_id"]) == (
        unique_id,
        sandbox.USER_ID,
        sandbox.TASK_ID,
    )
    assert batch["answered"] is True
    assert batch["refused"] == []
    assert [(r["phone"], r.get("extra"), r.get("name")) for r in batch["rows"]] == [
        ("13012121211", "x-1", "张伟"),
        ("13012121212", None, None),
    ]


@pytest.mark.parametrize("header", [None, "Bearer wrong", TOKEN, f"bearer  {TOKEN}"])
def test_a_wrong_token_is_refused_with_401(desk: Desk, header: str | None) -> None:
    headers = {"Authorization": header} if header else {"Authorization": ""}
    answer = desk.http.post(f"{TASK}/async_number", json={"data": [row()]}, headers=headers)
    assert_refused(answer, 401)
    assert desk.ledger()["numbers"] == {}


@pytest.mark.parametrize(
    "path",
    [
        f"/agent-api/user/{sandbox.TASK_ID}/task/{sandbox.TASK_ID}",
        f"{USER}/task/{sandbox.USER_ID}",
    ],
)
def test_an_unknown_user_or_task_is_refused_with_404(desk: Desk, path: str) -> None:
    assert_refused(desk.send(row(), task=path), 404)


def test_an_unknown_sub_account_is_refused_and_the_known_one_is_taken(desk: Desk) -> None:
    assert_refused(desk.send(row(), sub_user_id=sandbox.USER_ID), 404)
    assert desk.send(row(), sub_user_id=sandbox.SUB_USER_ID).status_code == 200


WRONG_ROWS = {
    "phone is missing": ({"sort": 0}, "phone"),
    "phone is a number": (row() | {"phone": 13012121211}, "phone"),
    "phone is empty": (row(""), "phone"),
    "phone is blank": (row("  "), "phone"),
    "phone is null": (row() | {"phone": None}, "phone"),
    "sort is missing": ({"phone": "13012121211"}, "sort"),
    "sort is a text": (row(sort="0"), "sort"),
    "sort is a bool": (row(sort=True), "sort"),
    "sort is a float": (row(sort=1.0), "sort"),
    "name is a number": (row(name=1), "name"),
    "company is null": (row(company=None), "company"),
    "email is a list": (row(email=[]), "email"),
    "extra is a number": (row(extra=7), "extra"),
    "robot is a bool": (row(control_select_robot=True), "control_select_robot"),
    "sex is a text": (row(sex="1"), "sex"),
    "sex is 3": (row(sex=3), "sex"),
    "source is a text": (row(source_id="1"), "source_id"),
    "industry is a bool": (row(industry_id=False), "industry_id"),
    "grade is a float": (row(grade_id=1.5), "grade_id"),
    "components is an object": (row(components={"id": "a", "value": "b"}), "components"),
    "a component has no value": (row(components=[{"id": "a"}]), "components.0"),
    "a component value is a number": (row(components=[{"id": "a", "value": 1}]), "components.0"),
    "a component has more": (row(components=[{"id": "a", "value": "b", "name": "c"}]), "components.0"),
    "a field is misspelt": (row(phnoe="1"), "phnoe"),
}


@pytest.mark.parametrize(("wrong", "field"), WRONG_ROWS.values(), ids=WRONG_ROWS.keys())
def test_one_wrong_row_refuses_the_whole_request(desk: Desk, wrong: dict[str, Any], field: str) -> None:
    assert_refused(desk.send(row("13012121212"), wrong), 422, f"data.1.{field}")
    assert desk.ledger()["numbers"] == {}


def test_a_row_that_is_no_object_is_refused(desk: Desk) -> None:
    assert_refused(desk.send("13012121211"), 422, "data.0")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"data": []}, "data"),
        ({"data": {"0": row()}}, "data"),
        ({}, "data"),
        ({"data": [row(str(13000000000 + n)) for n in range(201)]}, "data"),
        ({"data": [row()], "ignore_crm": 1}, "ignore_crm"),
        ({"data": [row()], "number_add_suffix": "false"}, "number_add_suffix"),
        ({"data": [row()], "encryption": None}, "encryption"),
        ({"data": [row()], "sub_user_id": 1}, "sub_user_id"),
        ({"data": [row()], "skip_error": True}, "skip_error"),
        ([], "body"),
    ],
)
def test_a_wrong_top_level_is_refused(desk: Desk, body: Any, field: str) -> None:
    assert_refused(desk.http.post(f"{TASK}/async_number", json=body), 422, field)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"data=1",
        b"\xef\xbb\xbf{}",
        b'{"data": NaN}',
        b'{"data":[],"data":[]}',
        b'{"data":["\\ud800"]}',
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_not_one_json_document_is_refused(desk: Desk, body: bytes) -> None:
    answer = desk.http.post(
        f"{TASK}/async_number", content=body, headers={"Content-Type": "application/json"}
    )
    assert_refused(answer, 422, "body")


def test_another_content_type_is_refused(desk: Desk) -> None:
    assert_refused(desk.http.post(f"{TASK}/async_number", data={"data": "1"}), 415)


def test_two_hundred_rows_are_taken(desk: Desk) -> None:
    assert desk.send(*(row(str(13000000000 + n)) for n in range(200))).status_code == 200
    assert len(desk.ledger()["numbers"]) == 200


def test_repeats_are_left_out_silently_within_the_request_and_against_the_task(desk: Desk) -> None:
    desk.send(row("13012121211"))
    assert desk.send(row("13012121211"), row("13012121212"), row("13012121212")).json()["code"] == 200
    ledger = desk.ledger()
    assert ledger["numbers"] == {"13012121211": 1, "13012121212": 1}
    assert [r["phone"] for r in ledger["batches"][1]["refused"]] == ["13012121211", "13012121212"]


def test_repeats_refuse_the_whole_batch_where_the_switch_says_so(desk: Desk) -> None:
    desk.control(repeats="batch")
    desk.send(row("13012121211"))
    assert_refused(desk.send(row("13012121212"), row("13012121211")), 422, "data.1.phone")
    assert desk.ledger()["numbers"] == {"13012121211": 1}


def test_repeats_are_taken_again_where_the_switch_says_so(desk: Desk) -> None:
    desk.control(repeats="accept")
    desk.send(row(), row())
    assert desk.ledger()["numbers"] == {"13012121211": 2}


@pytest.mark.parametrize("repeats", ["row", "batch"])
def test_the_suffix_flag_lets_a_repeat_in_under_another_number(desk: Desk, repeats: str) -> None:
    desk.control(repeats=repeats)
    desk.send(row())
    assert desk.send(row(), number_add_suffix=True).status_code == 200
    ledger = desk.ledger()
    [stored] = ledger["batches"][1]["rows"]
    assert ledger["numbers"] == {"13012121211": 2}
    assert stored["stored"].startswith("13012121211_")
    assert stored["stored"].partition("_")[2].isalnum()


def test_components_are_checked_only_where_the_switch_says_so(desk: Desk) -> None:
    stranger = row(components=[{"id": "nobody", "value": "x"}])
    assert desk.send(stranger).status_code == 200
    desk.control(check_components=True)
    assert_refused(desk.send(stranger), 422, "data.0.components")
    assert desk.send(row("13012121212"), ignore_crm=True).status_code == 200


def test_the_running_task_answers_6007_until_it_is_stopped(desk: Desk) -> None:
    task = f"{USER}/task/{sandbox.RUNNING_TASK_ID}"
    refused = desk.send(row(), task=task).json()
    assert refused == {"code": 6007, "status": "error", "message": "2.0任务启动中,请先停止任务", "data": []}
    stop = f"/agent-api/new/user/{sandbox.USER_ID}/task_stop/{sandbox.RUNNING_TASK_ID}"
    assert desk.http.put(stop).json()["code"] == 200
    assert desk.send(row(), task=task).json()["code"] == 200
    desk.control(task_running=True)
    assert desk.send(row("13012121212"), task=task).json()["code"] == 6007


def test_a_batch_is_looked_up_as_the_callback_document_and_its_numbers(desk: Desk) -> None:
    desk.send(row("13012121212"))
    unique_id = desk.send(row("13012121211"), row("13012121212")).json()["data"]["unique_id"]
    document = desk.get(f"{USER}/identification/{unique_id}")["data"]
    assert (document["type"], document["mode"], document["unique_id"]) == (
        "import_number",
        "batch",
        unique_id,
    )
    assert document["data"]["url"].startswith(f"{desk.url}/agent-api/download-number?key=")
    assert httpx.get(document["data"]["url"], timeout=PATIENCE, trust_env=False).json() == {
        "numbers": ["13012121211"]
    }


def test_a_batch_is_only_found_with_the_sub_account_it_was_sent_with(desk: Desk) -> None:
    unique_id = desk.send(row(), sub_user_id=sandbox.SUB_USER_ID).json()["data"]["unique_id"]
    path = f"{USER}/identification/{unique_id}"
    assert desk.get(path)["code"] == 404
    assert desk.get(path, sub_user_id=sandbox.SUB_USER_ID)["code"] == 200


def test_the_number_list_pages_newest_first(desk: Desk) -> None:
    desk.send(*(row(str(13000000000 + n), extra=f"x-{n}") for n in range(5)))
    page = desk.get(f"{TASK}/number", page=2, per_page=2)
    assert page["meta"] == {"has_pages": True, "total": 5, "last_page": 3, "current_page": 2, "per_page": 2}
    assert [(r["phone"], r["extra"]) for r in page["data"]] == [
        ("13000000002", "x-2"),
        ("13000000001", "x-1"),
    ]
    assert desk.get(f"{TASK}/number")["code"] == 422
    assert desk.get(f"{TASK}/number", page=1, status=3)["data"] == []


def test_numbers_show_up_only_after_the_import(desk: Desk) -> None:
    desk.control(import_seconds=60)
    desk.send(row())
    assert desk.get(f"{TASK}/number", page=1)["data"] == []
    assert desk.ledger()["numbers"] == {"13012121211": 1}


def test_one_number_is_found_by_its_phone(desk: Desk) -> None:
    desk.send(row(extra="x-1"))
    assert desk.get(f"{TASK}/number/detail/13012121211")["data"]["extra"] == "x-1"
    assert desk.get(f"{TASK}/number/detail/13012121212")["code"] == 404


def test_deleted_numbers_leave_the_task_and_stay_in_the_ledger(desk: Desk) -> None:
    desk.send(row())
    body = {"customer_info_list": [{"phone": "13012121211"}]}
    assert desk.http.request("DELETE", f"{TASK}/number-batch-delete", json=body).json()["code"] == 200
    assert desk.get(f"{TASK}/number", page=1)["data"] == []
    assert desk.ledger()["numbers"] == {"13012121211": 1}
    desk.send(row())
    assert desk.ledger()["numbers"] == {"13012121211": 2}


def test_the_other_documented_addresses_answer_with_the_envelope(desk: Desk) -> None:
    new = f"/agent-api/new/user/{sandbox.USER_ID}"
    assert desk.get("/agent-api/token")["status"] == "success"
    assert [task["id"] for task in desk.get(f"{USER}/task")["data"]] == [sandbox.TASK_ID]
    assert {task["id"] for task in desk.get(f"{USER}/all_task")["data"]} == {
        sandbox.TASK_ID,
        sandbox.SUB_TASK_ID,
    }
    assert desk.get(f"{USER}/task", sub_user_id=sandbox.SUB_USER_ID)["data"][0]["id"] == sandbox.SUB_TASK_ID
    assert desk.get(f"{new}/task", status=3)["data"][0]["uuid"] == sandbox.RUNNING_TASK_ID
    assert desk.get(f"{new}/subset_task")["meta"]["total"] == 1
    assert desk.get(f"{USER}/task_stop/{sandbox.TASK_ID}")["code"] == 200
    assert {entry["type"] for entry in desk.get(f"{USER}/customer/create")["data"]} == {
        "text",
        "number",
        "date",
    }
    assert desk.get(f"{USER}/subset_users", page=1)["data"][0]["id"] == sandbox.SUB_USER_ID
    assert desk.get(f"{USER}/subset_users")["code"] == 422
    assert desk.get("/agent-api/nowhere")["code"] == 404


def test_the_control_shows_its_switches_without_the_token(desk: Desk) -> None:
    desk.control(faults=["429:0.5", "hang@3"], latency_ms=1)
    shown = desk.get("/_control")
    assert (shown["faults"], shown["latency_ms"]) == (["429:0.5", "hang@3"], 1)
    assert TOKEN not in json.dumps(shown)


@pytest.mark.parametrize(
    "changes",
    [
        {"faults": ["nothing_like_it"]}, {"faults": ["500:2"]}, {"faults": ["500@0"]}, {"faults": ["500@x"]},
        {"faults": "500"}, {"repeats": "never"}, {"latency_ms": -1}, {"latency_ms": True}, {"token": ""},
        {"variants": ["nothing_like_it"]}, {"variants": "list_bare"}, {"variants": 5}, {"variants": [{}]}, {"colour": 1}, {"reset": 1}, {"task_running": "no"},
    ],
)  # fmt: skip
def test_a_wrong_switch_is_refused_and_changes_nothing(desk: Desk, changes: dict[str, Any]) -> None:
    before = desk.get("/_control")
    assert_refused(
        desk.control(latency_ms=5, **changes) if "latency_ms" not in changes else desk.control(**changes), 422
    )
    assert desk.get("/_control") == before


def test_a_reset_empties_the_ledger_and_keeps_the_switches(desk: Desk) -> None:
    desk.control(repeats="batch")
    desk.send(row())
    desk.control(reset=True)
    assert desk.ledger() == {
        "requests": 0,
        "batches": [],
        "numbers": {},
        "answers": [],
        "callbacks": [],
        "strays": 0,
    }
    assert desk.get("/_control")["repeats"] == "batch"


def test_a_host_name_from_elsewhere_is_refused(desk: Desk) -> None:
    assert desk.http.get("/_ledger", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.com", ""])
def test_it_refuses_to_serve_other_machines(host: str) -> None:
    with pytest.raises(ValueError, match="this machine only"), sandbox.running(host=host):
        raise AssertionError("it started")


def test_the_pages_curl_sample_runs_with_only_host_and_token_replaced(desk: Desk, tmp_path: Path) -> None:
    script = _adapted("async_number.sh", desk.url, tmp_path)
    ran = subprocess.run(["sh", script], capture_output=True, text=True, check=True, timeout=PATIENCE)
    _assert_sample_applied(desk, json.loads(ran.stdout))


def test_the_pages_python_sample_runs_with_only_host_and_token_replaced(desk: Desk, tmp_path: Path) -> None:
    script = _adapted("async_number_requests.py", desk.url, tmp_path)
    ran = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    _assert_sample_applied(desk, json.loads(ran.stdout))


def test_the_pages_json_sample_is_taken(desk: Desk) -> None:
    answer = desk.http.post(
        f"{TASK}/async_number", json=json.loads((SAMPLES / "async_number.json").read_text("utf-8"))
    )
    _assert_sample_applied(desk, answer.json())
    assert desk.ledger()["batches"][0]["sub_user_id"] == sandbox.SUB_USER_ID


def _adapted(name: str, url: str, folder: Path) -> str:
    text = (SAMPLES / name).read_text("utf-8")
    adapted = text.replace("https://ai.api.longlonglong.cn", url).replace("YOUR_TOKEN", TOKEN)
    (folder / name).write_text(adapted, "utf-8")
    return str(folder / name)


def _assert_sample_applied(desk: Desk, envelope: Any) -> None:
    [batch] = desk.ledger()["batches"]
    assert envelope["data"]["unique_id"] == batch["unique_id"]
    assert batch["rows"][0]["name"] == "联系人1"
    assert batch["rows"][0]["components"] == [{"id": "2a87347c-6dd5-4e22-97fe-9b8001dbcd17", "value": "小牛"}]


def test_every_switch_has_a_test_that_sets_it() -> None:
    """The variants have such a test in `test_directory`; the shapes are tested one by one where they are read."""
    text = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert {
        entry.name for entry in fields(SandboxSettings) if not re.search(rf"\b{entry.name}(\"?: |=)", text)
    } == set()


def test_it_can_be_told_what_to_say(desk: Desk) -> None:
    """Messages in turn, names of lists, and a longer list where there are more words than entries; then as before."""
    desk.control(words=["一", "二", "三", "四"], half_characters=True)
    tasks = desk.get(f"{USER}/task", page=1)
    assert [entry["name"] for entry in tasks["data"]] == ["一\ud800", "二\ud800", "三\ud800", "四\ud800"]
    assert len({entry["id"] for entry in tasks["data"]}) == 4
    assert tasks["message"].splitlines()[0] != desk.get(f"{USER}/task", page=1)["message"].splitlines()[0]
    assert "一" in desk.send(row(phone="1")).json()["message"]
    assert desk.get("/_control")["words"] == 4
    desk.control(words=[], half_characters=False)
    assert desk.get(f"{USER}/task", page=1)["data"][0]["name"] == "十一月老客户回访"
    assert_refused(desk.control(words="一"), 422)


def test_the_task_of_the_guided_tour_takes_numbers_and_stands_in_no_list(desk: Desk) -> None:
    from_app = tour().task_id
    assert desk.send(row(), task=f"{USER}/task/{from_app}").status_code == 200
    for path in ("task", "all_task"):
        assert from_app not in {task["id"] for task in desk.get(f"{USER}/{path}")["data"]}
