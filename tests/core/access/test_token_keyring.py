"""Tokens in the system's keyring: only in a real one, whole or not at all, and gone when forgotten (SEC01 to SEC07)."""

import json
import logging
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.null
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.errors import KeyringLocked

from lib.access import keyring as token_keyring
from lib.access.given_tokens import GivenTokens, secrets_table
from lib.access.keyring import PIECE, REAL, Keyring, for_this_system, real_keyring
from lib.access.tokens import ASK_AGAIN_SECONDS, Home, Tokens, fingerprint
from lib.errors import KeyringRefused
from lib.platform.connection import DEFAULT_BASE_URL, Connection, ConnectionKind
from lib.platform.token import LONGEST_TOKEN
from tests.core.access.scenes import Memory
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[3]
CANARY = "canary.TOKEN-93846_abcdef"
LONG = "Ab9-" * (LONGEST_TOKEN // 4)


@pytest.fixture
def memory():
    return Memory()


@pytest.fixture
def ring(memory):
    made = Keyring("secret_service", memory)
    yield made
    made.close()


# --- which keyring -------------------------------------------------------------------------------------------


def test_sec02_only_real_keyrings_are_asked_by_name():
    """Plain files, nothing at all and chains are not among them, whatever else is installed."""
    kinds = {f"{module}.{kind}" for _, module, kind in REAL}
    for refused in (
        keyring.backends.fail.Keyring,
        keyring.backends.null.Keyring,
        keyring.backends.chainer.ChainerBackend,
    ):
        assert f"{refused.__module__}.{refused.__qualname__}" not in kinds
    assert not any("alt" in name or "Plaintext" in name or "EncryptedKeyring" in name for name in kinds)


def test_sec02_a_variable_that_names_another_keyring_changes_nothing(monkeypatch):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    found = real_keyring()
    assert found is None or type(found[1]).__module__ in {module for _, module, _ in REAL}


def test_sec02_without_a_real_keyring_there_is_none(monkeypatch):
    monkeypatch.setattr(token_keyring, "REAL", (("null", "keyring.backends.no_such_module", "Keyring"),))
    assert real_keyring() is None
    assert for_this_system({}) is None


def test_a_keyring_can_be_switched_off():
    assert for_this_system({"CONTACT_DESK_KEYRING": " OFF "}) is None


# --- what it keeps -------------------------------------------------------------------------------------------


@given(
    st.text("abcXYZ019-._~+/", min_size=6, max_size=3 * PIECE),
    st.text("abcXYZ019-._~+/", min_size=6, max_size=3 * PIECE),
)
def test_sec03_a_token_of_any_length_comes_back_whole_after_another(first, second):
    memory = Memory()
    ring = Keyring("windows", memory)
    ring.save("a", first)
    ring.save("a", second)
    assert ring.load("a") == second
    assert len(memory.entries) == 1 + -(-len(second) // PIECE)
    ring.delete("a")
    assert memory.entries == {}
    ring.close()


def test_sec03_the_longest_token_is_kept_in_pieces_windows_takes(ring, memory):
    ring.save("a", LONG)
    assert ring.load("a") == LONG
    assert max(len(text) for text in memory.entries.values()) <= PIECE


def test_the_first_entry_tells_nothing_of_the_token(ring, memory):
    ring.save("a", CANARY)
    told = memory.entries["contact-desk/a", "token"]
    assert set(json.loads(told)) == {"pieces", "sha256"}
    assert CANARY not in told


@pytest.mark.parametrize("damage", ["piece lost", "piece changed", "summary strange", "too many pieces"])
def test_a_damaged_entry_is_no_token(ring, memory, damage):
    ring.save("a", LONG)
    if damage == "piece lost":
        del memory.entries["contact-desk/a/2", "token"]
    elif damage == "piece changed":
        memory.entries["contact-desk/a/2", "token"] = "x" * PIECE
    else:
        told = '{"pieces": 900, "sha256": ""}' if damage == "too many pieces" else "[1]"
        memory.entries["contact-desk/a", "token"] = told
    assert ring.load("a") is None


def test_sec02_a_keyring_that_keeps_nothing_is_noticed(ring, memory, monkeypatch):
    monkeypatch.setattr(memory, "set_password", lambda *_: None)
    with pytest.raises(KeyringRefused) as refused:
        ring.save("a", CANARY)
    assert refused.value.code == "keyring_not_kept"


def test_sec07_a_keyring_that_does_not_delete_is_noticed(ring, memory, monkeypatch):
    ring.save("a", CANARY)
    monkeypatch.setattr(memory, "delete_password", lambda *_: None)
    with pytest.raises(KeyringRefused) as refused:
        ring.delete("a")
    assert refused.value.code == "keyring_not_deleted"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyringLocked(CANARY), "keyring_locked"),
        (OSError(CANARY), "keyring_failed"),
        (ZeroDivisionError(CANARY), "keyring_failed"),
    ],
)
def test_sec05_what_goes_wrong_in_a_keyring_is_named_without_its_text(
    ring, memory, monkeypatch, caplog, error, code
):
    def fail(*_):
        raise error

    monkeypatch.setattr(memory, "set_password", fail)
    with caplog.at_level(logging.DEBUG), pytest.raises(KeyringRefused) as refused:
        ring.save("a", CANARY)
    assert refused.value.code == code
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
    assert CANARY not in caplog.text + repr(refused.value) + str(refused.value.params)


def test_a_keyring_that_waits_for_ever_is_not_waited_for_twice(memory, monkeypatch):
    go_on = threading.Event()
    monkeypatch.setattr(memory, "get_password", lambda *_: go_on.wait(PATIENCE) and None)
    ring = Keyring("macos", memory, seconds=0.01)
    try:
        for seconds in (0.01, 60.0):
            ring._seconds = seconds
            with pytest.raises(KeyringRefused) as refused:
                ring.load("a")
            assert refused.value.code == "keyring_waiting"
    finally:
        go_on.set()
        ring.close()


# --- tokens of the process -----------------------------------------------------------------------------------


def test_a_token_survives_a_restart_in_the_keyring_and_only_there(ring):
    tokens = Tokens(ring)
    tokens.set("a", f"Bearer {CANARY}")
    assert tokens.home("a") == Home.KEYRING
    again = Tokens(ring)
    assert (again.get("a"), again.home("a"), again.get("b")) == (CANARY, Home.KEYRING, None)
    assert CANARY in again.known()


def test_a_token_that_is_not_to_be_kept_leaves_the_keyring(ring, memory):
    tokens = Tokens(ring)
    tokens.set("a", CANARY)
    tokens.set("a", CANARY, keep=False)
    assert tokens.home("a") == Home.MEMORY
    assert memory.entries == {}


def test_sec07_a_forgotten_token_is_gone_from_both(ring, memory):
    tokens = Tokens(ring)
    tokens.set("a", CANARY)
    tokens.forget("a")
    assert tokens.get("a") is None
    assert memory.entries == {}
    assert Tokens(ring).get("a") is None


def test_a_locked_keyring_leaves_the_token_in_memory_and_says_so(ring, memory, monkeypatch):
    def locked(*_):
        raise KeyringLocked("locked")

    tokens = Tokens(ring)
    monkeypatch.setattr(memory, "set_password", locked)
    with pytest.raises(KeyringRefused):
        tokens.set("a", CANARY)
    assert (tokens.get("a"), tokens.home("a"), tokens.error_code) == (CANARY, Home.MEMORY, "keyring_locked")


def test_a_keyring_without_an_answer_is_not_asked_again_at_once(ring, memory, monkeypatch):
    """Every drawing of a page asks for the token."""
    now, asked = [0.0], []
    tokens = Tokens(ring, clock=lambda: now[0])
    monkeypatch.setattr(memory, "get_password", lambda service, _: asked.append(service))
    for _ in range(3):
        assert tokens.get("a") is None
    assert len(asked) == 1
    now[0] = ASK_AGAIN_SECONDS
    tokens.get("a")
    assert len(asked) == 2


def test_without_a_keyring_tokens_are_in_memory():
    tokens = Tokens()
    tokens.set("a", CANARY)
    assert (tokens.keyring, tokens.home("a"), tokens.home("b"), tokens.error_code) == (
        "",
        Home.MEMORY,
        None,
        "",
    )


def test_sec06_of_a_short_token_nothing_is_shown():
    assert fingerprint("practice") == "••••"
    shown = fingerprint(CANARY)
    assert shown.startswith("••••" + CANARY[-4:] + " · ")
    assert len(shown.rpartition(" ")[2]) == 8


# --- what an administrator gives -----------------------------------------------------------------------------

ACCOUNT = "4d99d91c-f5d9-49da-88da-758977cc58a9"


def to(address: str = DEFAULT_BASE_URL, account: str = ACCOUNT, connection_id: str = "ab-12") -> Connection:
    return Connection(connection_id, "a", ConnectionKind.REAL, address, account, ACCOUNT)


def test_a_given_token_is_found_by_connection_then_account_then_default():
    common = {"CONTACT_DESK_TOKEN": "common-token"}
    account = {"CONTACT_DESK_TOKEN_4D99D91C_F5D9_49DA_88DA_758977CC58A9": "account-token"}
    own = {"CONTACT_DESK_TOKEN_AB_12": "Bearer own-token"}
    assert GivenTokens(common | account | own).get(to()) == "own-token"
    assert GivenTokens(common | account).get(to()) == "account-token"
    assert GivenTokens(common | account).get(to(account="b" + ACCOUNT[1:])) == "common-token"
    assert GivenTokens({}).get(to()) is None
    assert GivenTokens({"CONTACT_DESK_TOKEN": "纯文字"}).get(to()) is None


def test_a_given_token_does_not_go_to_an_address_of_somebody_elses():
    """Whoever may make a connection could otherwise have the server's token sent to their own host."""
    given = GivenTokens(
        {"CONTACT_DESK_TOKEN": CANARY, "CONTACT_DESK_TOKEN_ADDRESSES": "https://white.label.example/"}
    )
    assert given.get(to()) == CANARY
    assert given.get(to("http://127.0.0.1:9")) == CANARY
    assert given.get(to("https://white.label.example")) == CANARY
    assert given.get(to("https://evil.example")) is None
    assert given.get(to("https://white.label.example.evil.example")) is None


def test_sec50_a_given_token_never_goes_to_the_server_itself_where_people_sign_in():
    """SEC50: not even to an address that is named; as soon as they sign in, and for whatever name this computer has."""
    signs_in = []
    named = {"CONTACT_DESK_TOKEN": CANARY, "CONTACT_DESK_TOKEN_ADDRESSES": "http://127.0.0.1:9"}
    given = GivenTokens(named, signs_in=lambda: bool(signs_in))
    assert given.get(to("http://127.0.0.1:9")) == CANARY
    signs_in.append("anna")
    for address in (
        "http://127.0.0.1:9",
        "http://localhost:8080",
        "https://LOCALHOST",
        "http://[::1]:9",
        "http://127.8.8.8",
    ):
        assert given.get(to(address)) is None, address
    assert given.get(to()) == CANARY


def test_sec53_a_given_token_is_its_teams_alone_where_people_sign_in():
    """SEC53: whoever knows another team's account could otherwise send with its token; without a team it is the nameless one's."""
    signs_in = ["anna"]
    other = "b" + ACCOUNT[1:]
    table = {
        ACCOUNT: {"token": CANARY, "team": "north"},
        other: {"token": "shared-token", "team": ["north", "south"]},
        "default": "common-token",
    }
    given = GivenTokens({}, table, signs_in=lambda: bool(signs_in))
    assert given.get(to(), "north") == CANARY
    assert given.get(to(), "south") is None
    assert given.get(to(), "") == "common-token"
    assert [given.get(to(account=other), team) for team in ("north", "south", "east")] == [
        "shared-token"
    ] * 2 + [None]
    assert CANARY in given.known()
    signs_in.clear()
    assert given.get(to()) == CANARY, "alone there are no teams"


@pytest.mark.parametrize(
    "written",
    [
        {"token": CANARY, "teams": "north"},
        {"token": CANARY, "team": 7},
        {"team": "north"},
        {"token": CANARY, "team": [1]},
    ],
)
def test_sec53_a_given_token_whose_team_cannot_be_understood_is_none(written):
    given = GivenTokens({}, {ACCOUNT: written}, signs_in=lambda: True)
    assert [given.get(to(), team) for team in ("", "north")] == [None, None]
    assert given.known() == ()


def test_given_tokens_come_from_the_file_of_secrets_too(tmp_path):
    of_user, beside = tmp_path / "user.toml", tmp_path / "secrets.toml"
    assert secrets_table([of_user, beside]) == {}
    of_user.write_text(f'[tokens]\n"{ACCOUNT}" = "user-token"\n', encoding="utf-8")
    beside.write_text(
        f'[tokens]\n"{ACCOUNT}" = "file-token"\naddresses = ["https://a.example"]\n', encoding="utf-8"
    )
    given = GivenTokens({}, secrets_table([of_user, beside]))
    assert given.get(to("https://a.example")) == "file-token"
    assert "file-token" not in repr(given)
    assert given.known() == ("file-token",)


def test_a_file_of_secrets_that_is_no_toml_is_loud(tmp_path):
    (tmp_path / "secrets.toml").write_text("[tokens\n", encoding="utf-8")
    with pytest.raises(ValueError, match="."):
        secrets_table([tmp_path / "secrets.toml"])


# --- a real one ----------------------------------------------------------------------------------------------

_SESSION = """
import sys
from lib.access.keyring import for_this_system
ring = for_this_system({})
assert ring and ring.name == "secret_service", ring
token = "Ab9-" * 2_000
ring.save("a", token)
assert ring.load("a") == token
assert for_this_system({}).load("a") == token
ring.save("a", "short-token")
assert ring.load("a") == "short-token"
ring.delete("a")
assert ring.load("a") is None
ring.close()
print("kept")
"""


def test_sec01_a_real_secret_service_keeps_a_token(tmp_path):
    """GNOME's keyring in a session of its own, as a Linux desktop has it."""
    if not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")):
        if os.environ.get("CI"):
            pytest.fail("dbus and gnome-keyring are not installed, and in CI they must be")
        pytest.skip("dbus and gnome-keyring are not installed")
    script = tmp_path / "session.sh"
    script.write_text(
        'printf %s pass | gnome-keyring-daemon --unlock --components=secrets >/dev/null || exit 9\nexec "$@"\n',
        encoding="utf-8",
    )
    home = tmp_path / "home"
    home.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    command = ["dbus-run-session", "--", "sh", str(script), sys.executable, "-c", _SESSION]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.stdout.strip().endswith("kept"), ended.stderr
