"""What may be seen of a number and a token, and what may not."""

import logging
import random
import re
import stat
import string
import unicodedata
import uuid
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.contact.keys import canonical_phone, phone_keys
from lib.contact.privacy import mask_phone, mask_phones, mask_text, redact
from lib.draft import Draft
from lib.erasure.forget_number import forget
from lib.erasure.retention import RetentionWorker
from lib.errors import OutcomeUnknown
from lib.store import Store
from lib.store.install_key import create_install_key, read_install_key
from tests.core import store_scenes
from tests.core.kept_scenes import CANARY, HERE, OTHERS, submitted

KEY = bytes(32)


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13012121211", "130****1211"),
        ("13012121211_x9k2", "130****1211_x9k2"),
        ("+8613012121211", "+86130****1211"),
        ("130-1212-1211", "130****1211"),
        ("１３０１２１２１２１１", "130****1211"),
        ("+85212345678", "+852****5678"),
        ("075512345678", "0755****5678"),
        ("0755-12345678", "0755****5678"),
        ("4001234567", "40****67"),
        ("95588", "9****8"),
        ("12", "****"),
        ("", ""),
        ("张三", "****"),
        ("U2FsdGVkX1+kq9==", "U2****=="),
    ],
)
def test_a_masked_number_shows_enough_to_be_recognised_and_no_more(phone, masked):
    assert mask_phone(phone) == masked
    assert mask_phones([phone]) == [masked]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("号码13012121211重复", "号码130****1211重复"),
        ("tel:130 1212 1211,", "tel:130****1211,"),
        ("a13012121211b", "a130****1211b"),
        ("8613012121211", "86130****1211"),
        ("１３０-１２１２-１２１１", "130****1211"),
        ("130\u200b12121211", "130****1211"),
        ("0755-12345678", "0755****5678"),
        ("共 200 个,第 12 行,6007", "共 200 个,第 12 行,6007"),
        ("2026-11-23 13:08:35,123 10.0.0.1:8000", "2026-11-23 13:08:35,123 10.0.0.1:8000"),
        ("0c51fc89-f6cf-405b-bb36-2c06900c3b5e", "0c51fc89-f6cf-405b-bb36-2c06900c3b5e"),
        ("13012121-2121-4111-8111-130121212111", "13012121-2121-4111-8111-130121212111"),
    ],
)
def test_numbers_inside_a_text_are_masked_and_the_rest_stays(text, masked):
    assert mask_text(text) == masked


@given(st.text(max_size=20), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(max_size=20))
@settings(max_examples=300)
def test_no_mobile_number_survives_a_log(before, phone, after):
    assert phone not in redact(before + phone + after)
    assert phone not in mask_text(before + phone + after)


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(" -.·\u3000\u200b—("), st.integers(1, 9)
)
@settings(max_examples=300)
def test_no_spaced_mobile_number_survives(phone, gap, at):
    text = mask_text(f"号码 {phone[:at]}{gap}{phone[at:]} 重复")
    assert "".join(character for character in text if character.isdigit()) == phone[:3] + phone[7:]


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer s3cr3t-t0ken.abc==",
        "headers={'authorization': 'bearer s3cr3t-t0ken'}",
        "Illegal header value b'Bearer s3cr3t-t0ken\\n'",
        "Bearer\ts3cr3t-t0ken",
        "eyJhbGciOiJIUzI1NiJ9.s3cr3t-t0ken.c2ln",
    ],
)
def test_a_bearer_token_does_not_survive(text):
    assert "s3cr3t" not in redact(text)


SEED = 20_261_123

#: Spellings of one number as people, sheets and servers write it.
SPELLED = (
    "{}", "+86{}", "+86 {}", "0086{}", "tel:{}", "号码{}重复", '"phone": "{}"', "[{}]", "{}_x9k2", "{},", "{}.0", "a{}b", "({})", "={}", "{}@",
)  # fmt: skip


def spelled(rng: random.Random, phone: str) -> str:
    """The number in one of its spellings, perhaps spaced or in full width."""
    kind = rng.randrange(4)
    if kind == 1:
        gap = rng.choice([" ", "-", "\u3000", "·", ".", "\u200b", "—"])
        phone = gap.join((phone[:3], phone[3:7], phone[7:]))
    elif kind == 2:
        phone = "".join(chr(ord(sign) + 0xFEE0) for sign in phone)
    elif kind == 3:
        phone = f"{phone[:4]} {phone[4:]}"
    return rng.choice(SPELLED).format(phone)


def test_sec25_ten_thousand_random_messages_leak_nothing():
    """The seed is printed, and each message has its own, so that a leak can be played again alone."""
    print(f"seed {SEED}")
    for number in range(10_000):
        rng = random.Random(SEED * 100_000 + number)
        phone = f"1{rng.randint(3, 9)}{rng.randrange(10**9):09d}"
        token = "".join(rng.choices(string.ascii_letters + string.digits + "-._~+/", k=rng.randint(16, 60)))
        mail = f"{''.join(rng.choices(string.ascii_lowercase, k=6))}.{rng.randrange(99)}@{rng.choice(('example.com', 'qq.com', 'a-b.cn'))}"
        identity = str(uuid.UUID(int=rng.getrandbits(128)))
        noise = [
            "共 200 个",
            "第 12 行",
            "code=6007",
            "2026-11-23 13:08:35",
            "张",
            "…",
            "\n",
            "{'a': 1}",
            "%s",
            "%d",
            "http://127.0.0.1:8600/x",
        ]
        pieces = [
            spelled(rng, phone),
            f"{rng.choice(('Bearer', 'bearer', 'BEARER'))} {token}",
            mail,
            identity,
            *rng.sample(noise, 3),
        ]
        rng.shuffle(pieces)
        told = redact(rng.choice((" ", "  ", "\n", " | ")).join(pieces))
        digits = unicodedata.normalize("NFKC", re.sub(r"[\s\-·.—\u200b]", "", told))
        leaks = [secret for secret in (token, mail, identity) if secret in told] + (
            [phone] if phone in digits else []
        )
        assert not leaks, f"message {number} of seed {SEED}: {told}"


def test_sec24_nothing_of_a_contact_is_logged_from_the_upload_to_the_deletion(tmp_path, caplog):
    """Neither the number nor the name, at any level, in any logger."""
    name = "欧阳卡娜丽"
    with caplog.at_level(logging.DEBUG), closing(Store(tmp_path / "desk.db")) as store:
        made = Draft(store)
        made.choose_connection(HERE.id)
        made.load_sheet(
            f"姓名,手机号\n{name},{CANARY}\n{name},{CANARY}\n{name},1301\n".encode(), f"{name}{CANARY}.csv"
        )
        made.edit([(4, "phone", OTHERS[0])], HERE)
        run_id = submitted(store, made)
        sender = store_scenes.engine(
            store, store_scenes.Scripted(OutcomeUnknown("no_answer", message=f"{name} {CANARY}"))
        )
        store_scenes.steps(sender, 3)
        store.decisions.confirm_arrived(int(store.batches.table(run_id)["batch_id"][0]), name)
        RetentionWorker(store).step()
        forget(store, CANARY, block=True)
    assert not [secret for secret in (name, CANARY, OTHERS[0]) if secret in caplog.text]


def test_a_known_token_goes_whatever_it_looks_like():
    assert redact("sent with practice today", ["practice", ""]) == "sent with [token] today"


def test_mail_goes_and_ids_are_cut():
    assert redact("a.b@example.com 91f9254f-ca58-49af-be34-8370d7549d73") == "[e-mail] 91f9254f…"


@pytest.mark.parametrize(
    "spelling",
    [
        "13012121211",
        "+8613012121211",
        "008613012121211",
        "8613012121211",
        "130-1212-1211",
        "13012121211_x9k2",
        "１３０１２１２１２１１",
    ],
)
def test_spellings_of_one_number_share_a_key(spelling):
    assert phone_keys(KEY, [spelling]) == phone_keys(KEY, ["13012121211"])


def test_other_numbers_other_installations_and_ciphertext_have_other_keys():
    texts = ["13012121211", "13012121212", "075512345678", "+85212345678", "U2Fs_a==", "U2Fs_b=="]
    keys = phone_keys(KEY, texts)
    assert len(set(keys)) == len(texts)
    assert not set(keys) & set(phone_keys(b"\1" * 32, texts))
    assert all(-(2**63) <= key < 2**63 for key in keys)


@given(st.text(max_size=24))
@settings(max_examples=300)
def test_a_canonical_number_is_its_own(text):
    assert canonical_phone(canonical_phone(text)) == canonical_phone(text)


def test_the_install_key_is_this_users_and_complete_or_missing(tmp_path):
    path = tmp_path / "key"
    assert read_install_key(path) is None
    key = create_install_key(path)
    assert read_install_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["key"]
    path.write_bytes(b"short")
    assert read_install_key(path) is None
