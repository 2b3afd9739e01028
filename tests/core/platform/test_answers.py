"""What an answer means is decided by one table; whatever is not in it is unknown, and nothing crashes the reader."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import OutcomeUnknown, PlatformError, Refused, Throttled, Unauthorised
from lib.platform.answers import ANSWER_LIMIT, ANSWER_SHAPE, FailureCode, Receipt, classify, look, parse
from lib.platform.connection_test import VerdictCode, verdict
from lib.platform.text import flat, plain
from lib.words import words as all_words

ZH, EN = all_words("zh"), all_words("en")
UNIQUE_ID = "6f1c1f0e-3c0b-4a39-9d3b-0d8b3c2a7f55"
SUCCESS = {
    "code": 200,
    "status": "success",
    "message": "号码导入任务信息请在回调中查收",
    "data": {"unique_id": UNIQUE_ID},
}
ERROR = {"code": 422, "status": "error", "message": {"data.0.phone": ["号码重复"]}, "data": []}
NOW = datetime(2026, 11, 23, 8, 0, 0, tzinfo=UTC)


def ending(status, body=b"", headers=None, secret=""):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    return classify(parse(status, headers or {}, body, now=NOW), secret=secret)


TEXT = json.dumps(SUCCESS)


@pytest.mark.parametrize(
    ("status", "body", "named"),
    [
        (200, SUCCESS | {"code": "200"}, UNIQUE_ID),
        (500, SUCCESS, UNIQUE_ID),
        (202, SUCCESS, UNIQUE_ID),
        (302, SUCCESS, UNIQUE_ID),
        (200, b"\xef\xbb\xbf" + TEXT.encode(), UNIQUE_ID),
        (200, TEXT[:-1].encode(), UNIQUE_ID),
        (200, ('{"code":500,' + TEXT[1:]).encode(), UNIQUE_ID),
        (200, f"[{TEXT}, {TEXT}]".encode(), UNIQUE_ID),
        (200, (TEXT + TEXT.replace("6f1c", "7a7a")).encode(), ""),  # two: nobody knows which is ours
        (200, SUCCESS | {"data": {"unique_id": "two words"}}, ""),
        (200, SUCCESS | {"data": {"unique_id": "x" * 256}}, ""),
        (200, SUCCESS | {"data": {}}, ""),
        (502, b"<html>", ""),
        (200, b" " * ANSWER_LIMIT + TEXT.encode(), ""),
    ],
)
def test_a_batch_number_in_an_answer_that_is_otherwise_malformed_is_kept_as_a_hint(status, body, named):
    outcome = ending(status, body)
    assert isinstance(outcome, OutcomeUnknown)
    assert outcome.unique_id == named


def test_the_documented_success_is_a_receipt():
    assert ending(200, SUCCESS) == Receipt(UNIQUE_ID, "号码导入任务信息请在回调中查收", 200)


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        # success that is none
        (200, SUCCESS | {"data": {}}, OutcomeUnknown, "no_unique_id"),
        (200, SUCCESS | {"data": {"unique_id": ""}}, OutcomeUnknown, "no_unique_id"),
        (200, SUCCESS | {"data": {"unique_id": " "}}, OutcomeUnknown, "no_unique_id"),
        (200, SUCCESS | {"data": {"unique_id": None}}, OutcomeUnknown, "no_unique_id"),
        (200, SUCCESS | {"data": {"unique_id": 7}}, OutcomeUnknown, "no_unique_id"),
        (200, SUCCESS | {"data": {"unique_id": "\ud800"}}, OutcomeUnknown, "no_unique_id"),
        (200, SUCCESS | {"data": {"unique_id": "x" * 256}}, OutcomeUnknown, "no_unique_id"),
        (200, SUCCESS | {"data": []}, OutcomeUnknown, "no_unique_id"),
        (200, SUCCESS | {"data": None}, OutcomeUnknown, "no_unique_id"),
        (200, SUCCESS | {"status": "error"}, OutcomeUnknown, "answer_malformed"),
        (200, SUCCESS | {"code": 422}, OutcomeUnknown, "answer_malformed"),
        (200, SUCCESS | {"code": "200"}, OutcomeUnknown, "answer_malformed"),
        (200, SUCCESS | {"code": True}, OutcomeUnknown, "answer_malformed"),
        (200, SUCCESS | {"code": 200.0}, OutcomeUnknown, "answer_malformed"),
        (200, SUCCESS | {"code": 10**30}, OutcomeUnknown, "answer_malformed"),
        (200, SUCCESS | {"status": None}, OutcomeUnknown, "answer_malformed"),
        (201, SUCCESS, OutcomeUnknown, "unexpected_status"),
        (202, SUCCESS, OutcomeUnknown, "unexpected_status"),
        (204, b"", OutcomeUnknown, "unexpected_status"),
        (101, b"", OutcomeUnknown, "unexpected_status"),
        # the envelope decides under HTTP 200
        (200, ERROR, Refused, "refused"),
        (200, ERROR | {"code": 400}, Refused, "refused"),
        (200, ERROR | {"code": 404}, Refused, "not_found"),
        (200, ERROR | {"code": 401}, Unauthorised, "token_refused"),
        (200, ERROR | {"code": 403}, Unauthorised, "forbidden"),
        (200, ERROR | {"code": 429}, Throttled, "throttled"),
        (200, ERROR | {"code": 6007}, Refused, "task_running"),
        (200, ERROR | {"code": 500}, OutcomeUnknown, "unknown_code"),
        (200, ERROR | {"code": 6008}, OutcomeUnknown, "unknown_code"),
        (200, ERROR | {"code": 0}, OutcomeUnknown, "unknown_code"),
        (200, ERROR | {"code": -1}, OutcomeUnknown, "unknown_code"),
        # HTTP statuses that refuse, with an envelope and without
        *[(status, ERROR | {"code": status}, Refused, "refused") for status in (400, 405, 413, 415, 422)],
        *[(status, ERROR | {"code": 9001}, Refused, "refused") for status in (400, 405, 413, 415, 422)],
        *[(status, b"no", OutcomeUnknown, "not_json") for status in (400, 401, 403, 404, 405, 413, 415, 422)],
        *[(status, b"<html>", OutcomeUnknown, "login_page") for status in (400, 401, 403, 404, 413, 422)],
        *[(status, {"message": "no"}, OutcomeUnknown, "answer_malformed") for status in (400, 401, 403, 404, 422)],
        (404, ERROR | {"code": 404}, Refused, "not_found"),
        (401, ERROR | {"code": 401}, Unauthorised, "token_refused"),
        (403, ERROR | {"code": 403}, Unauthorised, "forbidden"),
        (400, ERROR | {"code": 6007}, Refused, "task_running"),
        (401, {"message": "Unauthenticated."}, Unauthorised, "token_refused"),
        (403, {"message": "Unauthenticated."}, OutcomeUnknown, "answer_malformed"),
        (200, {"message": "Unauthenticated."}, OutcomeUnknown, "answer_malformed"),
        (422, SUCCESS, OutcomeUnknown, "answer_malformed"),
        (401, SUCCESS | {"code": 401}, OutcomeUnknown, "answer_malformed"),
        (422, ERROR | {"code": 500}, OutcomeUnknown, "unknown_code"),
        (422, ERROR | {"code": 409}, OutcomeUnknown, "unknown_code"),
        # too many requests
        (429, b"", Throttled, "throttled"),
        (429, b"<html>", Throttled, "throttled"),
        (429, ERROR | {"code": 429}, Throttled, "throttled"),
        (429, SUCCESS, OutcomeUnknown, "answer_malformed"),
        # never definite, whatever the envelope says
        *[(status, body, OutcomeUnknown, "server_error") for status in (500, 501, 502, 503, 504, 599) for body in (b"", ERROR, SUCCESS)],
        *[(status, ERROR | {"code": status}, OutcomeUnknown, "unexpected_status") for status in (402, 408, 409, 410, 418, 425, 499)],
        *[(status, ERROR, OutcomeUnknown, "redirected") for status in (300, 301, 302, 303, 304, 307, 308)],
        # what is no envelope
        (200, b"", OutcomeUnknown, "empty_answer"),
        (200, b" \r\n ", OutcomeUnknown, "empty_answer"),
        (200, b"<!DOCTYPE html><title>Login</title>", OutcomeUnknown, "login_page"),
        (200, b"\n  <html>", OutcomeUnknown, "login_page"),
        (200, b"OK", OutcomeUnknown, "not_json"),
        (200, b"\x1f\x8b\x08\x00garbage", OutcomeUnknown, "not_json"),
        (200, json.dumps(SUCCESS).encode()[:-3], OutcomeUnknown, "not_json"),
        (200, json.dumps(SUCCESS).encode() * 2, OutcomeUnknown, "not_json"),
        (200, b"\xef\xbb\xbf" + json.dumps(SUCCESS).encode(), OutcomeUnknown, "not_json"),
        (200, json.dumps(SUCCESS).encode("utf-16"), OutcomeUnknown, "not_json"),
        (200, json.dumps(SUCCESS, ensure_ascii=False).encode("gbk"), OutcomeUnknown, "not_json"),
        (200, b'{"code":' + b"9" * 5000 + b',"status":"success"}', OutcomeUnknown, "not_json"),
        (200, b'{"code":' + b"9" * 4000 + b',"status":"success"}', OutcomeUnknown, "answer_malformed"),
        (200, b"[" * 200_000, OutcomeUnknown, "not_json"),
        (200, b'{"a":' * 100_000, OutcomeUnknown, "not_json"),
        (200, b'{"code":200,"code":200,"status":"success","data":{"unique_id":"x"}}', OutcomeUnknown, "answer_malformed"),
        (200, b'{"code":200,"status":"success","data":{"unique_id":"x","unique_id":"y"}}', OutcomeUnknown, "answer_malformed"),
        (200, b'{"code":NaN,"status":"success"}', OutcomeUnknown, "answer_malformed"),
        (200, b'{"code":200,"status":"success","data":{"unique_id":"x"},"n":Infinity}', OutcomeUnknown, "answer_malformed"),
        (200, b'{"code":2e2,"status":"success","data":{"unique_id":"x"}}', OutcomeUnknown, "answer_malformed"),
        (200, b"[]", OutcomeUnknown, "answer_malformed"),
        (200, b"null", OutcomeUnknown, "answer_malformed"),
        (200, b"{}", OutcomeUnknown, "answer_malformed"),
        (200, json.dumps(SUCCESS).encode().ljust(ANSWER_LIMIT + 1), OutcomeUnknown, "answer_too_large"),
    ],
)  # fmt: skip
def test_the_table(status, body, kind, code):
    outcome = ending(status, body)
    assert (type(outcome), str(outcome.code), outcome.http_status) == (kind, code, status)


@pytest.mark.parametrize("encoding", ["gzip", "br", "x-strange"])
def test_an_answer_that_says_it_is_packed_is_no_receipt(encoding):
    """We ask for none; plain bytes under such a header come from something between us and the platform."""
    body = b'{"code":200,"status":"success","message":"","data":{"unique_id":"a"}}'
    answer = classify(parse(200, {"Content-Encoding": encoding}, body))
    assert isinstance(answer, OutcomeUnknown)
    assert isinstance(classify(parse(200, {"Content-Encoding": "identity"}, body)), Receipt)


def test_an_answer_of_exactly_the_limit_is_read():
    assert isinstance(ending(200, json.dumps(SUCCESS).encode().ljust(ANSWER_LIMIT)), Receipt)


def test_unknown_codes_and_texts_are_kept_for_the_person():
    outcome = ending(200, {"code": 6008, "status": "error", "message": "2.0任务未启动", "data": []})
    assert (outcome.envelope_code, outcome.message) == (6008, "2.0任务未启动")


@given(st.integers(100, 599), st.binary(max_size=300))
def test_no_bytes_crash_the_reader_and_none_are_accepted(status, body):
    answer = parse(status, {}, body)
    assert isinstance(classify(answer), PlatformError)
    assert isinstance(look(answer, body), PlatformError | dict)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([200, 401, 422, 6007, "success", "error"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["code", "status", "message", "data", "unique_id"]) | st.text(), inner, max_size=5
        )
    ),
)


@given(
    st.sampled_from([200, 201, 302, 400, 401, 403, 422, 429, 500, 503]),
    st.fixed_dictionaries({}, optional={"code": JSON, "status": JSON, "message": JSON, "data": JSON}),
)
def test_no_document_crashes_the_reader_and_a_receipt_always_has_a_batch_number(status, document):
    body = json.dumps(document).encode()
    answer = parse(status, {}, body)
    outcome = classify(answer)
    if isinstance(outcome, Receipt):
        assert status == 200
        assert document["code"] == 200
        assert outcome.unique_id == document["data"]["unique_id"] != ""
    else:
        assert isinstance(outcome, PlatformError)
        assert len(outcome.message or "") <= 500
    assert isinstance(look(answer, body), PlatformError | dict)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("", None),
        ("30", 30.0),
        (" 2.5 ", 2.5),
        ("0", 1.0),
        ("-5", 1.0),
        ("1000000000", 600.0),
        ("9" * 300, 600.0),
        ("9" * 5000, None),
        ("soon", None),
        ("NaN", None),
        ("٣", None),
        ("Mon, 23 Nov 2026 08:01:30 GMT", 90.0),
        ("Mon, 23 Nov 2026 08:01:30 -0000", 90.0),
        ("Mon, 23 Nov 2020 08:00:00 GMT", 1.0),
        ("Mon, 23 Nov 2099 08:00:00 GMT", 600.0),
        ("Mon, 99 Nov 2026 99:00:00 GMT", None),
    ],
)
def test_the_wait_asked_for_is_clipped_and_nonsense_is_ignored(value, seconds):
    assert ending(429, b"", {"Retry-After": value}).retry_after_seconds == seconds


def test_a_date_to_wait_for_is_read_by_the_platforms_clock():
    headers = {"retry-after": "Mon, 23 Nov 2026 10:00:20 GMT", "date": "Mon, 23 Nov 2026 10:00:00 GMT"}
    assert ending(429, b"", headers).retry_after_seconds == 20.0


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("text", "text"),
        ({"data.0.phone": ["重复", "太短"], "sort": ["必填"]}, "data.0.phone: 重复, 太短; sort: 必填"),
        ({"phone": "重复"}, "phone: 重复"),
        (["one", 2, "three"], "one; three"),
        ({"phone": [{"deep": "x"}], "n": 3}, "phone: ; n: "),
        (None, ""),
        (7, ""),
    ],
)
def test_a_message_becomes_one_text(message, expected):
    assert flat(message) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("号码13012121211重复", "号码130****1211重复"),
        ("13012121211,13912345678", "130****1211,139****5678"),
        ("13012121211_x9k2", "130****1211_x9k2"),
        ("+8613012121211", "+86130****1211"),
        ("130 1212 1211 和 130-1212-1211", "130****1211 和 130****1211"),
        ("130\u200b12121211", "130****1211"),
        ("１３０１２１２１２１１", "130****1211"),
        ("固话 07551234567", "固话 075****4567"),
        ("88881234", "88****34"),
        ("2026-11-23 10:00:00 第 200 行", "2026-11-23 10:00:00 第 200 行"),
        ("a\x00b\x1b[31m\u202ec\r\nd", "ab[31mc d"),
        ("\ud800坏", "坏"),
        ("Bearer abc.def rejected", "**** rejected"),
        ("token eyJhbGci.eyJzdWIi.c2ln!", "token ****!"),
        ("x" * 600, "x" * 499 + "…"),
        ("字" * 494 + "13012121211", "字" * 494 + "130**…"),
        ("<b>**x**</b>", "<b>**x**</b>"),
    ],
)
def test_the_platforms_text_is_made_plain(text, expected):
    assert plain(text) == expected


def test_the_token_is_taken_out_of_a_text_that_repeats_it():
    assert plain("bad token practice-1234 given", "practice-1234") == "bad token **** given"
    outcome = ending(401, ERROR | {"code": 401, "message": "bad practice-1234"}, secret="practice-1234")
    assert outcome.message == "bad ****"


@given(st.text(max_size=50), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(max_size=1500))
def test_no_full_number_survives(before, phone, after):
    assert phone not in plain(before + phone + after)


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (200, b'{"code":401,"status":"error"}', Unauthorised, "token_refused"),
        (401, b"", Unauthorised, "token_refused"),
        (401, b'{"message":"Unauthenticated."}', Unauthorised, "token_refused"),
        (403, b"no", Unauthorised, "forbidden"),
        (404, b'{"code":404}', Refused, "not_found"),
        (404, b"", Refused, "not_found"),
        (422, b'{"message":{"page":["x"]}}', Refused, "refused"),
        (429, b"", Throttled, "throttled"),
        (200, b"<html>", PlatformError, "lookup_not_platform"),
        (403, b"<html>", PlatformError, "lookup_not_platform"),
        (200, b"", PlatformError, "lookup_not_platform"),
        (302, b"", PlatformError, "lookup_not_platform"),
        (500, ERROR | {"code": 500}, PlatformError, "lookup_no_answer"),
        (503, b"", PlatformError, "lookup_no_answer"),
        (200, ERROR | {"code": 500}, PlatformError, "lookup_unclear"),
        (200, {"data": []}, PlatformError, "lookup_unclear"),
        (202, SUCCESS, PlatformError, "lookup_unclear"),
        (418, b"", PlatformError, "lookup_unclear"),
    ],
)
def test_a_look_up_ends_in_a_named_error_and_never_in_an_unknown_outcome(status, body, kind, code):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    outcome = look(parse(status, {}, body), body)
    assert (type(outcome), str(outcome.code)) == (kind, code)


@pytest.mark.parametrize(
    "body",
    [b'{"code":200,"data":[]}', b'{"code":"200"}', b'\xef\xbb\xbf{"code":200}', b'{"code":200,"code":200}'],
)
def test_a_look_up_reads_tolerantly(body):
    assert int(look(parse(200, {}, body), body)["code"]) == 200


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
@pytest.mark.parametrize(
    "key", [f"error.{code}" for code in FailureCode] + [f"verdict.{code}" for code in VerdictCode]
)
def test_every_ending_and_verdict_has_a_sentence_that_needs_no_parameter(words, key):
    assert len(words[key].format()) > 5


@pytest.mark.parametrize("code", list(FailureCode))
def test_nothing_is_called_failed_and_what_is_unknown_says_so(code):
    chinese, english = ZH[f"error.{code}"], EN[f"error.{code}"]
    assert "失败" not in chinese
    assert "fail" not in english.lower()
    unknown = code in UNKNOWN
    assert chinese.startswith("结果未知：") is unknown
    assert english.startswith("Outcome unknown: ") is unknown


UNKNOWN = ANSWER_SHAPE | {
    FailureCode.NO_ANSWER,
    FailureCode.DROPPED,
    FailureCode.SERVER_ERROR,
    FailureCode.NO_UNIQUE_ID,
    FailureCode.UNKNOWN_CODE,
    FailureCode.UNEXPECTED_STATUS,
}


def test_a_verdict_carries_the_reason_and_the_platforms_text():
    found = verdict(Refused(FailureCode.NOT_FOUND, message="任务不存在"), of_task=True)
    assert (found.code, found.detail, found.reason) == (VerdictCode.TASK_UNKNOWN, "任务不存在", "not_found")
    assert verdict(None).code == VerdictCode.READY
