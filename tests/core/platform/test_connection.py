"""A destination is checked before any URL is built from it, and a pasted token before any header."""

import copy
import pickle
from threading import Thread
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.access.tokens import Tokens, fingerprint
from lib.errors import ConnectionRefused
from lib.platform import connection as c
from lib.platform.token import LONGEST_TOKEN, TokenMistake, clean_token, is_token
from lib.words import words as all_words

ZH, EN = all_words("zh"), all_words("en")
USER = c.PRACTICE_USER_ID
TASK = c.PRACTICE_TASK_ID
SUB = "91f9254f-ca58-49af-be34-8370d7549d73"
GOOD = {"name": "华东", "base_url": c.DEFAULT_BASE_URL, "user_id": USER, "task_id": TASK, "sub_user_id": SUB}
CANARY = "eyJhbGciOiJI.eyJzdWIiOiIx.c2VjcmV0LWNhbmFyeQ"


def full_width(text: str) -> str:
    return "".join(
        chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character for character in text
    )


def test_a_complete_destination_has_no_mistakes():
    assert c.mistakes(**GOOD) == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": " \u200b "}, {"name": "connection_name_missing"}),
        ({"name": "名" * 61}, {"name": "connection_name_long"}),
        ({"user_id": ""}, {"user_id": "user_id_missing"}),
        ({"user_id": "../../admin"}, {"user_id": "user_id_invalid"}),
        ({"user_id": USER.replace("-", "")}, {"user_id": "user_id_invalid"}),
        ({"user_id": "{" + USER + "}"}, {"user_id": "user_id_invalid"}),
        ({"user_id": USER + "\n../x"}, {"user_id": "user_id_invalid"}),
        ({"task_id": "   "}, {"task_id": "task_id_missing"}),
        ({"task_id": "a?x=1"}, {"task_id": "task_id_invalid"}),
        ({"task_id": "a#f"}, {"task_id": "task_id_invalid"}),
        ({"task_id": ".."}, {"task_id": "task_id_invalid"}),
        ({"task_id": USER.upper()}, {"task_id": "task_id_is_user_id"}),
        ({"task_id": TASK[:-1] + "٣"}, {"task_id": "task_id_invalid"}),
        ({"sub_user_id": "main"}, {"sub_user_id": "sub_user_id_invalid"}),
        ({"sub_user_id": ""}, {}),
        ({"user_id": "", "task_id": "x"}, {"user_id": "user_id_missing", "task_id": "task_id_invalid"}),
    ],
)
def test_each_mistake_is_told_at_its_field(changes, expected):
    assert c.mistakes(**(GOOD | changes)) == expected


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("", "address_missing"),
        ("https://", "address_invalid"),
        ("https:///x", "address_invalid"),
        ("ai.api.longlonglong.cn", "address_not_https"),
        ("http://ai.api.longlonglong.cn", "address_not_https"),
        ("http://127.0.0.1.evil.example", "address_not_https"),
        ("http://localhost.evil.example:80", "address_not_https"),
        ("ftp://ai.api.longlonglong.cn", "address_invalid"),
        ("javascript:alert(1)", "address_not_https"),
        ("https://user:secret@ai.api.longlonglong.cn", "address_extra"),
        ("https://@ai.api.longlonglong.cn", "address_extra"),
        ("https://ai.api.longlonglong.cn/agent-api", "address_extra"),
        ("https://ai.api.longlonglong.cn?x=1", "address_extra"),
        ("https://ai.api.longlonglong.cn?", "address_extra"),
        ("https://ai.api.longlonglong.cn#top", "address_extra"),
        ("https://ai.api.longlonglong.cn:99999", "address_invalid"),
        ("https://ai.api.longlonglong.cn:0", "address_invalid"),
        ("https://ai.api.longlonglong.cn:", "address_invalid"),
        ("https://ai.api.longlonglong.cn:x", "address_invalid"),
        ("https://a..b", "address_invalid"),
        ("https://" + "a" * 64 + ".cn", "address_invalid"),
        ("https://例子.cn", "address_invalid"),
        ("https://999.1.1.1", "address_invalid"),
        ("https://[::1", "address_invalid"),
        ("https://" + "a." * 200 + "cn", "address_invalid"),
    ],
)
def test_an_address_that_is_no_plain_https_origin_is_refused(address, code):
    assert c.mistakes(**(GOOD | {"base_url": address})) == {"base_url": code}


@pytest.mark.parametrize(
    "address",
    [
        "https://ai.api.longlonglong.cn/",
        "HTTPS://AI.API.longlonglong.cn",
        "https://10.0.0.8:8443",
        "http://127.0.0.1:8099",
        "http://127.8.8.8:1",
        "http://localhost:8099/",
        "http://[::1]:8099",
        "https://intern_gateway:8443",
    ],
)
def test_an_https_origin_or_a_loopback_address_is_accepted(address):
    assert c.mistakes(**(GOOD | {"base_url": address})) == {}


def test_pasted_dirt_is_cleaned_before_checking():
    typed = c.cleaned(
        " 华东（一）\t线 ",
        full_width(c.DEFAULT_BASE_URL) + "／　",
        f"\ufeff{USER[:8]}\u200b{USER[8:]}\r\n",
        full_width(TASK),
        "\xa0",
    )
    assert typed == {**GOOD, "name": "华东（一） 线", "sub_user_id": ""}


@given(st.text(), st.text(), st.text(), st.text(), st.text())
def test_cleaning_twice_changes_nothing_and_no_text_crashes_the_check(name, base_url, user_id, task_id, sub):
    once = c.cleaned(name, base_url, user_id, task_id, sub)
    assert c.cleaned(**once) == once
    assert set(c.mistakes(name, base_url, user_id, task_id, sub)) <= set(GOOD)
    assert c.mistakes(**once) == c.mistakes(name, base_url, user_id, task_id, sub)


@given(st.from_regex(r"https?://.{0,30}", fullmatch=True))
def test_an_accepted_address_is_an_origin_and_nothing_more(address):
    if not c.mistakes(**(GOOD | {"base_url": address})):
        cleaned = c.cleaned("x", address, "", "")["base_url"]
        assert "/" not in cleaned.partition("://")[2]
        assert not set("@?#\\ ") & set(cleaned)


def test_create_gives_a_real_connection_with_a_fresh_id():
    first, second = c.create(**GOOD), c.create(**GOOD)
    assert first.id != second.id
    assert first.kind == c.ConnectionKind.REAL
    assert first.options == c.Options(sub_user_id=SUB)
    assert c.create(**GOOD, connection_id="kept").id == "kept"


def test_create_refuses_with_the_code_and_the_field():
    with pytest.raises(ConnectionRefused) as refused:
        c.create(**(GOOD | {"task_id": "../x"}))
    assert (refused.value.code, refused.value.params) == ("task_id_invalid", {"field": "task_id"})


def test_practice_uses_the_ids_of_the_manual_and_stays_here():
    practice = c.practice("http://127.0.0.1:5000/")
    assert (practice.id, practice.kind, practice.base_url) == (
        "practice",
        "practice",
        "http://127.0.0.1:5000",
    )
    assert (practice.user_id, practice.task_id) == (USER, TASK)
    assert practice.options == c.Options()
    assert c.is_loopback(practice.base_url)
    assert not c.is_loopback(c.DEFAULT_BASE_URL)
    assert not c.is_loopback("http://127.0.0.1:0")


@pytest.mark.parametrize(
    "pasted",
    [
        CANARY,
        f"  {CANARY}\r\n",
        f"Bearer {CANARY}",
        f"bearer\t{CANARY}",
        f"Bearer\n{CANARY}",
        f"Authorization: Bearer {CANARY}",
        f'"{CANARY}"',
        f"“Bearer {CANARY}”",
        f"Bearer '{CANARY}'",
        f"\ufeff{CANARY[:5]}\u200b{CANARY[5:]}\u2060",
        full_width(CANARY),
        full_width("Bearer") + "\u3000" + CANARY,
        f"{CANARY[:10]}\n{CANARY[10:20]}\r\n  {CANARY[20:]}",
    ],
)
def test_a_token_is_taken_out_of_what_was_pasted(pasted):
    assert clean_token(pasted) == CANARY


@pytest.mark.parametrize(
    ("pasted", "code"),
    [
        ("", "token_empty"),
        (" \n\u200b", "token_empty"),
        ("Bearer ", "token_empty"),
        ("Bearer", "token_empty"),
        ("abc", "token_short"),
        ("a" * (LONGEST_TOKEN + 1), "token_long"),
        (f"{CANARY} {CANARY}", "token_characters"),
        (f'{{"token": "{CANARY}"}}', "token_characters"),
        (f"https://x.cn/?token={CANARY}", "token_characters"),
        (f"令牌{CANARY}", "token_characters"),
        (f"{CANARY}=x", "token_characters"),
        (f"{CANARY};", "token_characters"),
    ],
)
def test_what_is_no_token_is_refused_without_its_text(pasted, code):
    with pytest.raises(ConnectionRefused) as refused:
        clean_token(pasted)
    assert refused.value.code == code
    assert refused.value.__context__ is None
    assert CANARY not in repr(refused.value) + str(refused.value.params)


@given(st.text())
def test_whatever_is_accepted_as_a_token_fits_a_header(pasted):
    try:
        token = clean_token(pasted)
    except ConnectionRefused as refused:
        assert refused.code in list(TokenMistake)  # noqa: PT017 - both ends are right, each has its own rule
    else:
        assert is_token(token)
        assert token.isascii()
        assert token.isprintable()
        assert clean_token(token) == token
        assert normalize("NFKC", token) == token


def test_tokens_are_kept_by_connection_and_forgotten():
    tokens = Tokens()
    tokens.set("a", f"Bearer {CANARY}")
    tokens.set("b", "practice")
    assert (tokens.get("a"), tokens.get("b"), tokens.get("c")) == (CANARY, "practice", None)
    assert (tokens.fingerprint("a"), tokens.fingerprint("c")) == (fingerprint(CANARY), None)
    tokens.forget("a")
    tokens.forget("a")
    assert tokens.get("a") is None


def test_a_refused_token_leaves_the_one_before():
    tokens = Tokens()
    tokens.set("a", CANARY)
    with pytest.raises(ConnectionRefused):
        tokens.set("a", "x y z a b c")
    assert tokens.get("a") == CANARY


def test_no_form_of_the_token_store_shows_or_carries_a_token():
    tokens = Tokens()
    tokens.set("a", CANARY)
    assert CANARY not in repr(tokens) + str(tokens) + f"{tokens!r}"
    assert CANARY.encode() not in pickle.dumps(tokens)
    assert copy.deepcopy(tokens).get("a") is None


def test_tokens_can_be_used_from_many_threads():
    tokens = Tokens()

    def work(number: int) -> None:
        for turn in range(200):
            tokens.set(f"{number}", f"token-{number}-{turn}")
            tokens.fingerprint(f"{number}")

    threads = [Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [tokens.get(f"{number}") for number in range(4)] == [f"token-{number}-199" for number in range(4)]


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
@pytest.mark.parametrize("code", [*c.Mistake, *TokenMistake])
def test_every_mistake_has_a_sentence_that_needs_no_parameter(words, code):
    assert len(words[f"error.{code}"].format()) > 5
