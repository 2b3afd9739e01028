"""Who is at the browser, from the first step of a visit to the last."""

from contextlib import closing

import pytest

from lib.access.administration import Administration
from lib.access.people import ALONE, login_of, people
from lib.access.visit import Visit
from lib.errors import NotAdmitted
from lib.run.journal import By
from lib.store import Store
from tests.core.people_scenes import NOW, identity

KNOWN = people({"anna@example.com": {"role": "operator", "team": "south"}}, {})


class Desk:
    """One desk: what the administrator says now, and a clock that passes only when told."""

    def __init__(self, store):
        self.store, self.said, self.now, self.ticks = store, Administration(("default",), KNOWN), NOW, 0.0

    def visit(self, told=None):
        return Visit(
            self.store,
            lambda: self.said,
            identity() if told is None else told,
            clock=lambda: self.now,
            tick=lambda: self.ticks,
        )

    def journal(self):
        return [(line.who, line.deed, line.code) for line in self.store.journal.latest()][::-1]


@pytest.fixture
def desk(tmp_path):
    with closing(Store(tmp_path / "desk.db")) as store:
        yield Desk(store)


def refusal(visit):
    with pytest.raises(NotAdmitted) as refused:
        visit.person()
    return refused.value


def test_without_sign_in_there_is_one_person_and_nothing_is_written_down(desk):
    desk.said = Administration()
    visit = desk.visit({})
    assert visit.person() == ALONE
    visit.begin()
    assert (desk.journal(), desk.store.logins.is_shared) == ([], False)


def test_sec33_coming_in_is_written_down_once_for_all_tabs(desk):
    for visit in (desk.visit(), desk.visit()):
        assert visit.person().team == "south"
        visit.begin()
    assert desk.journal() == [("anna@example.com", "signed_in", "")]


def test_sec33_whoever_signs_out_has_signed_out_in_every_tab(desk):
    here, there = desk.visit(), desk.visit()
    here.begin()
    there.person()
    here.end()
    here.end()
    desk.ticks = 1.0
    assert (refusal(here).code, refusal(there).code, refusal(desk.visit()).code) == ("signed_out",) * 3
    assert desk.journal()[1:] == [("anna@example.com", "signed_out", "")]
    assert desk.visit(identity(iat=NOW + 5)).person().id == "anna@example.com"


def test_the_database_is_not_asked_at_every_step(desk):
    visit = desk.visit()
    visit.begin()
    desk.store.logins.end(login_of(identity()), By("anna@example.com"))
    assert visit.person()
    desk.ticks = 1.0
    assert refusal(visit).code == "signed_out"


def test_sec33_a_visit_ends_with_the_day_and_with_the_list(desk):
    visit = desk.visit()
    assert visit.person()
    desk.said = Administration(("default",), people({}, {}))
    assert refusal(visit).code == "not_listed"
    desk.said, desk.now = Administration(("default",), KNOWN), NOW + 12 * 3600
    assert refusal(visit).code == "identity_expired"


def test_sec33_what_is_wrong_with_the_administrators_file_keeps_everybody_out(desk):
    desk.said = Administration(
        ("default",), KNOWN, error_code="sign_in_incomplete", params={"key": "auth.client_id"}
    )
    assert (refusal(desk.visit()).code, refusal(desk.visit()).params) == (
        "sign_in_incomplete",
        {"key": "auth.client_id"},
    )


def test_sec33_a_shared_desk_whose_sign_in_is_gone_stays_closed(desk):
    """A secrets.toml that was lost must not open the desk of a team to whoever reaches its port."""
    desk.visit().begin()
    desk.said = Administration()
    assert refusal(desk.visit({})).code == "sign_in_gone"
    desk.said = Administration(is_open=True)
    assert desk.visit({}).person() == ALONE


def test_sec33_a_refusal_is_written_down_once_with_what_was_claimed(desk):
    stranger = identity("stranger@evil.example")
    for _ in range(2):
        visit = desk.visit(stranger)
        visit.refused(refusal(visit))
    unverified = desk.visit(identity(email_verified=False))
    unverified.refused(refusal(unverified))
    nobody = desk.visit({})
    nobody.refused(refusal(nobody))
    assert desk.journal() == [
        ("stranger@evil.example", "refused", "not_listed"),
        ("anna@example.com", "refused", "email_unverified"),
    ]


def test_whoever_was_refused_comes_in_once_they_are_on_the_list(desk):
    known, desk.said = desk.said, Administration(("default",), people({}, {}))
    visit = desk.visit()
    visit.refused(refusal(visit))
    desk.said = known
    visit.begin()
    assert [deed for _, deed, _ in desk.journal()] == ["refused", "signed_in"]


def test_whoever_is_not_on_the_list_can_leave(desk):
    visit = desk.visit(identity("stranger@evil.example"))
    visit.end()
    assert desk.journal() == []


def test_a_claim_of_any_length_fits(desk):
    visit = desk.visit(identity("x" * 5000 + "@evil.example\0\ud800"))
    visit.refused(refusal(visit))
    assert len(desk.journal()[0][0]) == 200
