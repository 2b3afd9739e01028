"""The administrator's file: what switches the sign-in on, and what keeps a desk closed."""

import os

import pytest

from lib.access.administration import administration
from lib.access.people import Role
from tests.core.access.scenes import AUTH


@pytest.fixture
def file(tmp_path):
    return tmp_path / "secrets.toml"


def read(file, text, environment=None):
    file.write_text(text, encoding="utf-8")
    return administration([file.with_name("none.toml"), file], environment or {})


def test_without_a_file_nobody_signs_in(file):
    found = administration([file], {})
    assert (found.signs_in, found.error_code, found.destinations.hosts) == (False, "", None)


def test_sec33_auth_switches_the_sign_in_on(file):
    found = read(file, AUTH + '[people]\n"a@b.c" = "viewer"\n[sign_in]\nhours = 8\n')
    assert (found.signs_in, found.error_code, found.providers) == (True, "", ("default",))
    assert found.people.listed["a@b.c"].role == Role.VIEWER
    assert found.people.hours == 8


def test_sec33_with_auth_and_no_list_nobody_is_on_it(file):
    assert read(file, AUTH).people.listed == {}


def test_a_list_without_auth_asks_nobody_to_sign_in(file):
    assert not read(file, '[people]\n"a@b.c" = "viewer"\n').signs_in


def test_several_providers_each_have_a_name(file):
    text = AUTH.split("client_id")[0]
    for name in ("google", "github"):
        text += f'[auth.{name}]\nclient_id = "x"\nclient_secret = "y"\nserver_metadata_url = "https://{name}.example"\n'
    found = read(file, text)
    assert (found.error_code, found.providers) == ("", ("google", "github"))
    assert read(file, text.replace('client_secret = "y"', "", 1)).params == {
        "key": "auth.google.client_secret"
    }


@pytest.mark.parametrize(
    ("line", "other", "key"),
    [
        (
            'cookie_secret = "0123456789abcdef0123456789abcdef"',
            'cookie_secret = "short"',
            "auth.cookie_secret",
        ),
        ('cookie_secret = "0123456789abcdef0123456789abcdef"', "", "auth.cookie_secret"),
        ("0123456789abcdef0123456789abcdef", "REPLACE-WITH-THE-OUTPUT-OF-OPENSSL", "auth.cookie_secret"),
        ("https://desk.example/oauth2callback", "http://desk.example/oauth2callback", "auth.redirect_uri"),
        ("https://desk.example/oauth2callback", "https://desk.example/", "auth.redirect_uri"),
        ("https://id.example/", "http://id.example/", "auth.server_metadata_url"),
        ('client_id = "desk"', 'client_id = ""', "auth.client_id"),
    ],
)
def test_sec33_a_sign_in_that_could_be_got_round_keeps_everybody_out(file, line, other, key):
    found = read(file, AUTH.replace(line, other))
    assert (found.signs_in, found.error_code, found.params) == (True, "sign_in_incomplete", {"key": key})


def test_this_computer_needs_no_certificate(file):
    text = AUTH.replace("https://desk.example", "http://127.0.0.1:{port}").replace(
        "https://id.example", "http://localhost:9"
    )
    assert read(file, text).error_code == ""


@pytest.mark.parametrize(
    "text",
    ["[auth", "auth = 1\n", AUTH + "[people]\n[people]\n", "people = 1\n" + AUTH, "sign_in = 1\n" + AUTH],
)
def test_sec33_a_file_that_cannot_be_read_keeps_everybody_out(file, text):
    """Streamlit takes such a file for none at all, and a desk without sign-in is open."""
    found = read(file, text)
    assert (found.signs_in, found.error_code) == (True, "administration_unreadable")


def test_sec33_an_empty_auth_is_a_sign_in_that_is_not_complete(file):
    assert read(file, "[auth]\n").error_code == "sign_in_incomplete"


def test_sec33_what_is_no_file_keeps_everybody_out_and_nothing_is_sent(tmp_path):
    found = administration([tmp_path], {})
    assert found.error_code == "administration_unreadable"
    assert not found.destinations.is_readable


def test_a_later_file_stands_over_an_earlier_one(tmp_path):
    first, second = tmp_path / "a.toml", tmp_path / "b.toml"
    first.write_text(AUTH + '[people]\n"a@b.c" = "viewer"\n', encoding="utf-8")
    second.write_text('[people]\n"d@e.f" = "operator"\n', encoding="utf-8")
    assert list(administration([first, second], {}).people.listed) == ["d@e.f"]


def test_a_change_of_the_file_holds_at_once(file):
    assert read(file, AUTH).people.listed == {}
    file.write_text(AUTH + '[people]\n"a@b.c" = "viewer"\n', encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert list(administration([file], {}).people.listed) == ["a@b.c"]


def test_only_the_administrators_word_opens_a_shared_desk(file):
    assert administration([file], {"CONTACT_DESK_SIGN_IN": "off"}).is_open
    assert not administration([file], {"CONTACT_DESK_SIGN_IN": "0"}).is_open
    assert not read(file, AUTH, {"CONTACT_DESK_SIGN_IN": "off"}).is_open


def test_what_is_secret_in_the_file_is_not_kept(file):
    found = read(file, AUTH + '[people]\n"a@b.c" = "viewer"\n')
    assert "secret of the client" not in repr(found)
    assert "0123456789abcdef" not in repr(found)
