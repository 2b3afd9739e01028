"""Reading what the platform says of a batch: every known way, and none of the unknown ones guessed at."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.arrivals.answer import seen
from lib.errors import PlatformError
from lib.platform.api import Platform
from lib.platform.connection import PRACTICE_TASK_ID, PRACTICE_USER_ID, Connection, ConnectionKind
from lib.platform.download_address import fetchable
from lib.platform.import_result import ImportResult, decode_import_result
from lib.run.arrivals import FIRST_LOOKS, LAST_LOOK, ArrivalNote, SentRow, is_poor, is_settled, next_due

OURS = "4d99d91c-0000-4000-8000-000000000001"
A, B = "13000000000", "13000000001"


def rows(*phones):
    return [SentRow(at + 2, phone, f"mark-{at}") for at, phone in enumerate(phones)]


@pytest.mark.parametrize(
    "document",
    [
        {"type": "import_number", "mode": "batch", "unique_id": OURS, "data": {"numbers": [A, B]}},
        {"data": {"data": {"numbers": [A, B]}}},
        {"numbers": [A, B]},
        {"numbers": [int(A), int(B)]},
        [A, B],
        [{"phone": A, "status": 0}, {"phone": B}],
        [{"type": "import_number", "mode": "single", "data": {"number": A}}, {"data": {"number": B}}],
        {"list": [{"mobile": A}, {"number": B}]},
    ],
)
def test_numbers_are_found_wherever_they_stand(document):
    assert decode_import_result(document, OURS) == ImportResult((A, B), is_listed=True)


@pytest.mark.parametrize(
    "document", [{"data": {"url": "https://x.example/n"}}, {"url": "https://x.example/n"}]
)
def test_an_address_is_found_and_is_no_list_yet(document):
    assert decode_import_result(document) == ImportResult(addresses=("https://x.example/n",))


@pytest.mark.parametrize("document", [None, [], {}, "", {"data": None}, {"data": []}, {"url": ""}])
def test_nothing_is_not_a_list(document):
    assert decode_import_result(document) == ImportResult()


def test_an_empty_list_is_a_list():
    assert decode_import_result({"numbers": []}) == ImportResult(is_listed=True)


@pytest.mark.parametrize(
    "document",
    [
        {"state": "done", "success": 2}, 17, True, "done", {"numbers": {"13": [A]}}, {"numbers": [[A]], "url": 5},
        {"type": "del_number", "data": {"numbers": [A]}}, {"unique_id": "another", "data": {"numbers": [A]}},
        {"data": {"data": {"data": {"data": {"data": {"data": [A]}}}}}}, [{"phone": {"a": 1}}],
    ],
)  # fmt: skip
def test_what_is_not_recognised_cannot_be_read(document):
    assert not decode_import_result(document, OURS).is_readable


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["data", "numbers", "number", "url", "type", "x"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_no_answer_breaks_the_reader(document):
    found = decode_import_result(document, OURS)
    assert all(isinstance(number, str) for number in (*found.numbers, *found.addresses))


def test_rows_in_the_list_are_imported_and_the_others_missing():
    found = seen(rows(A, B), [A], suffix=False)
    assert (found.note, found.imported, found.unclear) == (ArrivalNote.LISTED, {2}, frozenset())


@pytest.mark.parametrize("listed", ["+86" + A, "130-0000-0000", " " + A])
def test_another_spelling_is_the_same_number(listed):
    assert seen(rows(A), [listed], suffix=False).imported == {2}


def test_the_suffix_is_taken_off_only_where_it_was_asked_for():
    assert seen(rows(A, B), [A + "_x9k2"], suffix=True).imported == {2}
    found = seen(rows(A, B), [A + "_x9k2"], suffix=False)
    assert (found.note, found.imported, found.unclear) == (ArrivalNote.FOREIGN, frozenset(), {2, 3})


def test_a_suffix_of_the_persons_own_is_a_part_of_the_number():
    own = rows(A + "_a1", A + "_b2")
    assert seen(own, [A + "_b2"], suffix=False).imported == {3}
    assert seen(own, [A + "_a1_x9k2"], suffix=True).imported == {2}


def test_hidden_numbers_tell_nothing_about_the_rest():
    found = seen(rows(A, B), [A, "130****0001"], suffix=False)
    assert (found.note, found.imported, found.unclear) == (ArrivalNote.MASKED, {2}, {3})


def test_strangers_tell_nothing_about_the_rest():
    found = seen(rows(A, B), [A, "13900000000"], suffix=False)
    assert (found.note, found.imported, found.unclear) == (ArrivalNote.FOREIGN, {2}, {3})


def test_a_number_sent_twice_and_listed_once_is_unclear():
    found = seen(rows(A, A), [A], suffix=True)
    assert (found.imported, found.unclear) == (frozenset(), {2, 3})
    assert seen(rows(A, A), [A + "_aaaa", A + "_bbbb"], suffix=True).imported == {2, 3}


def test_ciphertext_given_back_as_sent_is_found():
    assert seen(rows("U2FsdGVk=="), ["U2FsdGVk=="], suffix=False).imported == {2}


REAL = "https://ai.api.longlonglong.cn"


@pytest.mark.parametrize(
    ("address", "base", "expected"),
    [
        (REAL + "/agent-api/download-number?key=k", REAL, (REAL + "/agent-api/download-number?key=k", True)),
        ("https://oem.example/n?key=k#x", REAL, ("https://oem.example/n?key=k", False)),
        ("http://oem.example/n", REAL, ("https://oem.example/n", False)),
        ("http://ai.api.longlonglong.cn/n", REAL, (REAL + "/n", True)),
        ("https://ai.api.longlonglong.cn:8443/n", REAL, ("https://ai.api.longlonglong.cn:8443/n", False)),
        ("http://127.0.0.1:8600/n", "http://127.0.0.1:8600", ("http://127.0.0.1:8600/n", True)),
        ("http://127.0.0.1:9999/n", "http://127.0.0.1:8600", ("http://127.0.0.1:9999/n", False)),
        ("http://oem.example:8080/n", REAL, None),
        ("http://127.0.0.1:8600/n", REAL, None),
        ("http://localhost/n", REAL, None),
        ("https://10.0.0.1/n", REAL, None),
        ("https://169.254.169.254/latest", REAL, None),
        ("https://[::1]/n", REAL, None),
        ("https://intranet/n", REAL, None),
        ("https://ai.api.longlonglong.cn@evil.example/n", REAL, None),
        ("file:///etc/passwd", REAL, None),
        ("ftp://oem.example/n", REAL, None),
        ("https://", REAL, None),
        ("https://oem.example/a b", REAL, None),
        ("https://oem.example/\r\nx", REAL, None),
        ("https://[broken/n", REAL, None),
        ("https://oem.example:99999/n", REAL, None),
        ("https://oem.example/" + "a" * 2_000, REAL, None),
    ],
)  # fmt: skip
def test_only_safe_addresses_are_fetched_and_only_the_platforms_own_gets_the_token(address, base, expected):
    assert fetchable(address, base) == expected


def test_looks_grow_apart_and_do_not_come_all_at_once_after_a_silence():
    at = [next_due(looks, 0.0, FIRST_LOOKS[looks - 1] if looks else 0.0) for looks in range(6)]
    assert at == list(FIRST_LOOKS)
    assert next_due(6, 0.0, 700.0) == 2_500.0
    late = 5_000.0
    assert [next_due(looks, 0.0, late) - late for looks in range(1, 4)] == [20.0, 30.0, 60.0]


@pytest.mark.parametrize(
    ("note", "imported", "same", "seconds", "age", "expected"),
    [
        ("listed", 10, 1, 0, 10, True),
        ("listed", 9, 2, 90, 120, False),
        ("listed", 9, 3, 59, 120, False),
        ("listed", 9, 3, 60, 120, True),
        ("listed", 0, 3, 60, 120, False),
        ("listed", 0, 3, 540, 600, True),
        ("masked", 1, 3, 60, 120, True),
        ("not_offered", 0, 2, 20, 30, False),
        ("not_offered", 0, 3, 50, 60, True),
        ("waiting", 0, 30, 50_000, LAST_LOOK - 1, False),
        ("unreadable", 0, 30, 50_000, LAST_LOOK - 1, False),
        ("waiting", 0, 30, 50_000, LAST_LOOK, True),
        ("data_deleted", 0, 1, 0, 5, True),
    ],
)  # fmt: skip
def test_a_batch_is_settled_when_looking_again_would_tell_nothing_new(
    note, imported, same, seconds, age, expected
):
    told_so = is_settled(
        ArrivalNote(note), imported, 10, same_looks=same, same_seconds=seconds, age_seconds=age
    )
    assert told_so is expected


@pytest.mark.parametrize(
    ("imported", "missing", "least", "expected"),
    [
        (49, 51, 50, True),
        (50, 50, 50, False),
        (0, 100, 0, False),
        (10, 20, 50, False),
        (10, 40, 50, True),
        (0, 100, 1, True),
    ],
)
def test_too_few_imported_counts_only_where_most_is_known(imported, missing, least, expected):
    assert is_poor(imported, missing, 100, least) is expected


# --- fetching the list --------------------------------------------------------------------------------------


def fetched(answer, address, base="https://ai.api.longlonglong.cn"):
    """What `download` gives, and the requests that left."""
    asked = []

    def handle(request):
        asked.append(request)
        status, headers, content = answer
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(content))

    here = Connection("c", "c", ConnectionKind.REAL, base, PRACTICE_USER_ID, PRACTICE_TASK_ID)
    with Platform(over=httpx.MockTransport(handle)) as platform:
        try:
            return platform.download(here, "secret-token", address), asked
        except PlatformError as error:
            return error.code, asked


def test_the_token_goes_to_the_platforms_own_host_and_nowhere_else():
    good = (200, {}, b'{"numbers": []}')
    told_there, [own] = fetched(good, "https://ai.api.longlonglong.cn/agent-api/download-number?key=k")
    assert told_there == {"numbers": []}
    assert own.headers["Authorization"] == "Bearer secret-token"
    _, [other] = fetched(good, "http://oem.example/agent-api/download-number?key=k")
    assert "Authorization" not in other.headers
    assert str(other.url) == "https://oem.example/agent-api/download-number?key=k"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((302, {"location": "https://elsewhere.example/"}, b""), "lookup_no_answer"),
        ((404, {}, b"{}"), "lookup_no_answer"),
        ((200, {}, b'["' + b"1" * 1_048_576 + b'"]'), "lookup_no_answer"),
        ((200, {}, b"<html>"), "lookup_not_platform"),
        ((200, {}, b"[" * 200_000), "lookup_not_platform"),
    ],
)  # fmt: skip
def test_a_list_that_is_none_is_not_followed_and_not_read(answer, code):
    assert fetched(answer, "https://oem.example/n")[0] == code


def test_an_unsafe_address_is_never_asked():
    assert fetched((200, {}, b"[]"), "https://10.0.0.1/n") == ("destination_invalid", [])
