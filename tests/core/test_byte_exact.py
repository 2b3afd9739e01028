"""Characters that programs like to change arrive at the platform as they stand in the sheet."""

import csv
import io
import unicodedata

import httpx
import openpyxl
import pytest

from lib import mapping, payload, sandbox, sheet
from lib.platform.api import Platform
from lib.platform.connection import Options, practice
from lib.server.practice import TOKEN
from lib.validation import check

#: One character of CJK extensions B to H each, emoji with joiners, flags and selectors, both ways to write é and 가.
NAMES = [
    "𠮷田", "𪜀明", "𫝀华", "𫠠伟", "𬺰芳", "𮯰丽", "𰀀强", "𱍐军",
    "👨‍👩‍👧‍👦一家", "👩🏽‍⚕️医生", "🇨🇳小旗", "❤️爱心", "Jose\u0301", "José", "\u1100\u1161", "가",
    "葛󠄀城", "﨑山", "ﬁsh", "ｶﾞﾗｽ", "Å\u212b",
]  # fmt: skip


def _csv() -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(
        [("姓名", "手机号"), *((name, f"130000000{at:02d}") for at, name in enumerate(NAMES))]
    )
    return text.getvalue().encode()


def _gb18030() -> bytes:
    return _csv().decode().encode("gb18030")


def _xlsx() -> bytes:
    book = openpyxl.Workbook()
    for row in [("姓名", "手机号"), *((name, f"130000000{at:02d}") for at, name in enumerate(NAMES))]:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


@pytest.mark.parametrize(("make", "name"), [(_csv, "a.csv"), (_gb18030, "b.csv"), (_xlsx, "c.xlsx")])
def test_rare_characters_reach_the_platform_byte_for_byte(make, name):
    read = sheet.read(make(), name)
    review = check(
        mapping.apply(read, mapping.Mapping(columns={"name": "姓名", "phone": "手机号"})), Options()
    )
    assert review.sendable.all()
    (batch,) = payload.batches(review, Options())
    with sandbox.running(token=TOKEN) as url, Platform() as platform:
        sent = payload.encoded(payload.body(batch))
        platform.send(practice(url), TOKEN, sent, lambda: None)
        (applied,) = ledger(url)["batches"]
    arrived = {row["phone"]: row["name"].encode() for row in applied["rows"]}
    assert arrived == {f"130000000{at:02d}": text.encode() for at, text in enumerate(NAMES)}
    assert all(text.encode() in sent for text in NAMES)


def ledger(url: str) -> dict:
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False) as http:
        return http.get("/_ledger").json()


def test_the_names_are_of_both_normal_forms():
    forms = {form: [unicodedata.is_normalized(form, name) for name in NAMES] for form in ("NFC", "NFD")}
    assert all(any(kinds) and not all(kinds) for kinds in forms.values())
