"""Who may come in, and what each role may do."""

import pytest

from lib.access.people import ALONE, Person, Role, RosterEntry, admitted, login_of, may, must, people
from lib.errors import NotAdmitted, NotAllowed
from lib.store.permission import Action
from tests.core.people_scenes import NOW, identity

KNOWN = people(
    {
        "Anna@Example.com": "operator",
        "bo@example.com": {"role": "viewer", "team": " south ", "name": "小波"},
        "sub:248289761001": {"role": "operator", "team": "north"},
        "sub:github:7": "viewer",
    },
    {"heir": "ANNA@example.com"},
)


def refusal(claims, known=KNOWN, now=NOW):
    with pytest.raises(NotAdmitted) as refused:
        admitted(claims, known, now)
    return refused.value.code


def test_sec33_whoever_is_on_the_list_comes_in_with_role_and_team():
    anna = admitted(identity(), KNOWN, NOW)
    bo = admitted(identity("bo@example.com"), KNOWN, NOW)
    assert (anna.id, anna.role, anna.team, anna.is_heir) == ("anna@example.com", Role.OPERATOR, "", True)
    assert (bo.id, bo.role, bo.team, bo.shown, bo.is_heir) == (
        "bo@example.com",
        Role.VIEWER,
        "south",
        "小波",
        False,
    )


def test_sec33_an_address_is_known_whatever_its_case_and_a_subject_only_as_it_is():
    assert admitted(identity("ANNA@EXAMPLE.COM"), KNOWN, NOW).id == "anna@example.com"
    assert admitted(identity("x@y.z", sub="248289761001"), KNOWN, NOW).team == "north"
    assert refusal(identity("x@y.z", sub="248289761001 ")) == "not_listed"


def test_sec33_letters_that_look_alike_are_other_letters():
    """The Kelvin sign becomes a k when it is made small."""
    known = people({"k@example.com": "operator"}, {})
    assert refusal(identity("\u212a@example.com"), known) == "not_listed"


def test_sec33_a_subject_needs_no_address_and_belongs_to_one_provider():
    told = identity(sub="7", provider="github")
    del told["email"], told["email_verified"]
    assert admitted(told, KNOWN, NOW).role == Role.VIEWER
    assert refusal(told | {"provider": "default"}) == "email_missing"
    assert refusal(told | {"provider": "gitlab"}) == "email_missing"


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"is_logged_in": False}, "signed_out"),
        ({"is_logged_in": "true"}, "signed_out"),
        ({"iat": None}, "identity_expired"),
        ({"iat": True}, "identity_expired"),
        ({"iat": str(NOW)}, "identity_expired"),
        ({"iat": NOW - 12 * 3600}, "identity_expired"),
        ({"iat": NOW + 301}, "identity_expired"),
        ({"email": None}, "email_missing"),
        ({"email": ""}, "email_missing"),
        ({"email": ["anna@example.com"]}, "email_missing"),
        ({"email": "sub:248289761001"}, "email_missing"),
        ({"email": "sub:github:7@example.com"}, "email_missing"),
        ({"email_verified": False}, "email_unverified"),
        ({"email_verified": None}, "email_unverified"),
        ({"email_verified": "false"}, "email_unverified"),
        ({"email_verified": 1.5}, "email_unverified"),
        ({"email": "dora@example.com"}, "not_listed"),
        ({"email": "anna@example.com.evil.example"}, "not_listed"),
    ],
)
def test_sec33_an_identity_that_proves_too_little_is_refused(claims, code):
    assert refusal(identity() | claims) == code


def test_sec33_nobody_is_signed_in_without_an_identity():
    assert refusal({}) == "signed_out"


def test_sec33_a_sign_in_holds_as_long_as_the_administrator_says():
    assert admitted(identity(iat=NOW - 12 * 3600 + 1), KNOWN, NOW)
    short = people({"anna@example.com": "operator"}, {"hours": 0.5})
    assert admitted(identity(iat=NOW - 1799), short, NOW)
    assert refusal(identity(iat=NOW - 1800), short) == "identity_expired"


@pytest.mark.parametrize(
    "line",
    [
        "admin", "", "Operator", 1, ["operator"], {}, {"role": "root"}, {"role": "operator", "team": 3},
        {"role": "operator", "teams": "north"}, {"team": "north"},
    ],
)  # fmt: skip
def test_sec33_a_line_that_cannot_be_understood_lets_nobody_in_and_no_other_out(line):
    known = people({"anna@example.com": line, "bo@example.com": "viewer"}, {})
    assert refusal(identity(), known) == "not_listed"
    assert admitted(identity("bo@example.com"), known, NOW).role == Role.VIEWER
    assert known.mistaken == ("anna@example.com",)


@pytest.mark.parametrize("name", ["", " ", "sub:", "anna", "everybody", "*"])
def test_sec33_a_line_that_names_nobody_lets_nobody_in(name):
    known = people({name: "operator"}, {})
    assert known.listed == {}
    assert refusal(identity(sub=""), known) == "not_listed"


def test_sec33_two_lines_for_one_person_leave_no_role_to_chance():
    known = people({"anna@example.com": "viewer", "ANNA@example.com": "operator"}, {})
    assert known.listed == {}
    assert len(known.mistaken) == 2


@pytest.mark.parametrize("hours", [0, -1, True, "12", None])
def test_hours_that_are_none_are_told_and_a_working_day_holds(hours):
    known = people({}, {"hours": hours})
    assert (known.hours, known.mistaken) == (12.0, ("hours",))


def test_a_login_is_the_same_in_every_tab_and_another_the_next_time():
    assert login_of(identity()) == login_of(identity(name="another tab"))
    later = {
        login_of(identity(iat=NOW + 60)),
        login_of(identity("bo@example.com")),
        login_of(identity(iss="https://b")),
    }
    assert len(later | {login_of(identity())}) == 4


@pytest.mark.parametrize("action", Action)
def test_sec33_an_operator_may_do_everything_and_a_viewer_only_look(action):
    operator, viewer = Person("a", Role.OPERATOR), Person("b", Role.VIEWER)
    must(operator, action)
    must(ALONE, action)
    assert may(viewer, action) is (action == Action.LOOK)
    if action != Action.LOOK:
        with pytest.raises(NotAllowed) as refused:
            must(viewer, action)
        assert refused.value.code == "role_not_enough"


def test_whose_things_a_person_sees():
    heir = Person("anna@example.com", Role.OPERATOR, "south", is_heir=True)
    other = Person("bo@example.com", Role.OPERATOR, "south")
    first = Person("cy@example.com", Role.OPERATOR, "", is_heir=True)
    assert (ALONE.owners, ALONE.teams) == (("",), None)
    assert (heir.owners, heir.teams) == (("anna@example.com", ""), ("south", ""))
    assert (other.owners, other.teams) == (("bo@example.com",), ("south",))
    assert first.teams == ("",)
    assert [who.sees("north") for who in (ALONE, heir, other)] == [True, False, False]


def test_the_administrators_name_is_shown_and_never_the_one_somebody_gives_themselves():
    assert KNOWN.name_of("bo@example.com") == "小波"
    assert KNOWN.name_of("anna@example.com") == "anna@example.com"
    assert KNOWN.name_of("gone@example.com") == "gone@example.com"
    assert admitted(identity(), KNOWN, NOW).shown == "anna@example.com"
    assert RosterEntry(Role.VIEWER).name == ""
