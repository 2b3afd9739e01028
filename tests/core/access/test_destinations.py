"""Where numbers may go, as far as the administrator has restricted it."""

from dataclasses import replace

import pytest

from lib.access.destinations import Destinations, destinations
from lib.errors import DestinationForbidden, NotSent
from lib.platform.api import Platform
from lib.platform.connection import ConnectionKind, practice
from tests.core.people_scenes import REAL

USER, TASK = REAL.user_id, REAL.task_id
OTHER = "c15b7392-a83f-4e0e-9570-31dd2ec8f85c"


def code(allowed, connection=REAL):
    try:
        allowed.check(connection)
    except DestinationForbidden as refused:
        return refused.code
    return ""


def test_without_a_word_everything_is_allowed():
    assert code(destinations(None, {})) == ""
    assert code(destinations({}, {})) == ""


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"hosts": ["platform.example"]}, ""),
        ({"hosts": ["https://PLATFORM.example/"]}, ""),
        ({"hosts": ["https://platform.example:443"]}, ""),
        ({"hosts": ["https://platform.example:8443"]}, "host_forbidden"),
        ({"hosts": ["http://platform.example"]}, "host_forbidden"),
        ({"hosts": ["example", "other.example"]}, "host_forbidden"),
        ({"hosts": []}, "host_forbidden"),
        ({"hosts": ["https://", "://", "https://a:b"]}, "host_forbidden"),
        ({"accounts": [USER.upper()]}, ""),
        ({"accounts": [OTHER]}, "account_forbidden"),
        ({"accounts": []}, "account_forbidden"),
        ({"tasks": [TASK]}, ""),
        ({"tasks": [OTHER]}, "task_forbidden"),
        ({"hosts": ["platform.example"], "accounts": [USER], "tasks": [TASK]}, ""),
        ({"hosts": "platform.example"}, "destinations_unreadable"),
        ({"hosts": [1]}, "destinations_unreadable"),
        ({"host": ["platform.example"]}, "destinations_unreadable"),
        (["platform.example"], "destinations_unreadable"),
        ("", "destinations_unreadable"),
    ],
)
def test_sec33_only_what_the_administrator_names_is_allowed(table, told):
    assert code(destinations(table, {})) == told


@pytest.mark.parametrize(
    "address",
    ["https://platform.example.evil", "https://evil/platform.example", "", "https://", "javascript:1"],
)
def test_sec33_an_address_is_compared_as_a_whole(address):
    assert (
        code(destinations({"hosts": ["platform.example", ""]}, {}), replace(REAL, base_url=address))
        == "host_forbidden"
    )


def test_sec33_the_environment_says_the_same_and_both_must_allow():
    variables = {"CONTACT_DESK_HOSTS": "platform.example, other.example", "CONTACT_DESK_ACCOUNTS": USER}
    assert code(destinations(None, variables)) == ""
    assert code(destinations({"hosts": ["other.example"]}, variables)) == "host_forbidden"
    assert code(destinations({"hosts": ["platform.example"]}, variables)) == ""
    assert code(destinations(None, {"CONTACT_DESK_TASKS": ""})) == "task_forbidden"


def test_the_practice_platform_is_this_computer_and_always_allowed():
    for allowed in (
        destinations({"hosts": [], "accounts": [], "tasks": []}, {}),
        Destinations(is_readable=False),
    ):
        assert code(allowed, practice("http://127.0.0.1:8600")) == ""


def test_a_task_not_chosen_yet_is_not_judged():
    assert code(destinations({"tasks": [OTHER]}, {}), replace(REAL, task_id="")) == ""


def test_a_short_list_is_a_choice_and_a_long_one_is_typed():
    allowed = destinations({"hosts": ["platform.example"], "accounts": [f"{at}" for at in range(21)]}, {})
    assert allowed.choices("base_url") == ("https://platform.example",)
    assert (allowed.choices("user_id"), allowed.choices("task_id"), allowed.choices("name")) == ((), (), ())


@pytest.mark.parametrize(
    "ask",
    [
        lambda platform: platform.send(REAL, "token-of-mine", b"{}", lambda: pytest.fail("on the wire")),
        lambda platform: platform.numbers(REAL, "token-of-mine", 1, 1),
        lambda platform: platform.pause_new_task(REAL, "token-of-mine"),
        lambda platform: platform.delete_numbers(REAL, "token-of-mine", ["13012121211"]),
        lambda platform: platform.download(REAL, "token-of-mine", "https://platform.example/list"),
    ],
)
def test_sec33_nothing_is_even_asked_of_a_destination_that_is_forbidden(ask):
    """Whoever asks: the platform's own door is the last one, and no connection is opened."""
    allowed = destinations({"hosts": ["elsewhere.example"]}, {})
    with Platform(permit=allowed.check) as platform, pytest.raises(DestinationForbidden) as refused:
        ask(platform)
    assert refused.value.code == "host_forbidden"


def test_a_kind_that_claims_to_be_practice_is_held_to_this_computer():
    with (
        Platform(permit=destinations({"hosts": []}, {}).check) as platform,
        pytest.raises(NotSent) as refused,
    ):
        platform.numbers(replace(REAL, kind=ConnectionKind.PRACTICE), "token-of-mine", 1, 1)
    assert refused.value.code == "practice_not_local"
