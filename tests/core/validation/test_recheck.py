"""After any sequence of edits the review that was kept up to date is the one a check from scratch makes."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from lib.draft import Draft
from lib.draft.plan import run_plan
from lib.platform.connection import practice
from lib.store import Store
from lib.validation import Review, check, recheck
from lib.validation.recheck import spliced, touched
from tests.cases import examples

HERE = practice("")
ROWS = 9
SENT_BEFORE = "13700000000"

#: Texts that make repeats, errors, warnings, changes and numbers sent before likely.
PHONES = (
    "13012121211",
    "130 1212 1211",
    "+86 139-1212-1211",
    "13912121211",
    "1301",
    "0755-12345678",
    SENT_BEFORE,
    "",
    "张三13012121211",
)
SEXES = ("男", "2", "帅哥", "")
MAILS = ("a@b.cn", "a@b", "", " a@b.cn")

VALUES = {"phone": PHONES, "sex": SEXES, "email": MAILS}
rows = st.integers(2, ROWS + 1)
cells = st.sampled_from(sorted(VALUES)).flatmap(
    lambda name: st.tuples(rows, st.just(name), st.sampled_from(VALUES[name]))
)
steps = st.one_of(
    st.tuples(st.just("edit"), st.lists(cells, min_size=1, max_size=3)),
    st.tuples(st.sampled_from(["leave_out", "take_back_in"]), st.lists(rows, min_size=1, max_size=4)),
    st.tuples(st.sampled_from(["undo", "redo"]), st.none()),
    st.tuples(
        st.sampled_from(["keep_as_it_stood", "clean_again"]), st.sampled_from(["country_code", "spaces"])
    ),
)

#: Two rows that came to hold one number while another's was kept as it stood were both sendable.
TWO_OF_ONE_NUMBER = (
    [
        ("13012121211", "男", "a@b.cn"),
        ("13012121211", "男", " a@b.cn"),
        ("13012121211", "男", " a@b.cn"),
        ("+86 139-1212-1211", "男", "a@b.cn"),
        (SENT_BEFORE, "男", "a@b.cn"),
        ("1301", "男", "a@b.cn"),
        ("张三13012121211", "男", "a@b.cn"),
        ("13912121211", "男", "a@b.cn"),
        ("13012121211", "男", "a@b.cn"),
    ],
    [
        ("edit", [(2, "email", "a@b.cn")]),
        ("edit", [(3, "email", "a@b.cn")]),
        ("keep_as_it_stood", "spaces"),
        ("take_back_in", [2]),
        ("edit", [(2, "email", "a@b.cn"), (7, "phone", "13012121211")]),
    ],
)

sheets = st.lists(st.tuples(*map(st.sampled_from, (PHONES, SEXES, MAILS))), min_size=ROWS, max_size=ROWS)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store that knows one number as sent."""
    folder: Path = tmp_path_factory.mktemp("recheck")
    with closing(Store(folder / "desk.db")) as opened:
        earlier = Draft(opened)
        earlier.load_sheet(f"手机号\n{SENT_BEFORE}\n".encode(), "früher.csv")
        opened.runs.create(run_plan(earlier, HERE))
        yield opened


def same(kept: Review, fresh: Review) -> None:
    """Equal in everything a reader can see."""
    pd.testing.assert_frame_equal(kept.contacts, fresh.contacts)
    pd.testing.assert_frame_equal(kept.problems, fresh.problems)
    pd.testing.assert_frame_equal(kept.changes, fresh.changes)
    pd.testing.assert_frame_equal(kept.kept, fresh.kept)
    pd.testing.assert_series_equal(kept.sendable, fresh.sendable)
    pd.testing.assert_frame_equal(kept.counts, fresh.counts)
    assert list(kept.sent_before.items()) == list(fresh.sent_before.items())
    assert kept.blocked == fresh.blocked


@examples(20, suppress_health_check=list(HealthCheck))
@given(sheet=sheets, acts=st.lists(steps, min_size=1, max_size=7))
@example(*TWO_OF_ONE_NUMBER)
def test_a_draft_after_any_edits_is_the_draft_another_visit_checks_from_scratch(
    store: Store, sheet, acts
) -> None:
    draft = Draft(store)
    lines = ["手机号,性别,邮箱", *(",".join(cells) for cells in sheet)]
    draft.load_sheet("\n".join(lines).encode(), "a.csv")
    draft.change_mapping(draft.mapping.with_column("phone", "手机号"))
    draft.review(HERE)
    for name, value in acts:
        getattr(draft, name)(*((value, HERE) if name == "edit" else () if value is None else (value,)))
    fresh = Draft.open(store, str(draft.id))
    pd.testing.assert_frame_equal(draft.contacts, fresh.contacts)
    assert draft.left_out == fresh.left_out
    assert draft.turns == fresh.turns
    same(draft.review(HERE), fresh.review(HERE))
    assert draft.tally(HERE) == fresh.tally(HERE)
    store.drafts.delete(str(draft.id))


def many(count: int) -> pd.DataFrame:
    """Contacts of which every tenth repeats its predecessor, in an order that is not that of the row numbers."""
    phones = [f"139{at - (at % 10 == 9):08d}" for at in range(count)]
    order = [*range(2, count + 1, 2), *range(3, count + 2, 2)]
    return pd.DataFrame({"phone": phones, "name": "张"}, index=order, dtype="str")


@pytest.mark.parametrize("few", [0, 10_000])
def test_cutting_around_rows_and_one_pass_over_all_give_the_same(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recheck, "FEW", few)
    options = SimpleNamespace(encryption=False, ignore_crm=False)
    before = many(400)
    after = before.copy()
    rng = np.random.default_rng(3)
    changed = pd.Index(rng.choice(before.index.to_numpy(), 60, replace=False))
    after.loc[changed, "phone"] = [f"139{number:08d}" for number in rng.integers(0, 400, 60)]
    after.loc[changed[:9], "phone"] = "1301"
    gone, review = changed[20:30], check(before, options)
    rows = touched(review, changed, after, options)
    kept = after.drop(index=gone)
    part = check(after.loc[rows[~rows.isin(gone)]], options)
    same(spliced(review, part, rows, after.index), check(kept, options))
    back = spliced(check(kept, options), check(after.loc[touched(check(kept, options), gone, after, options)], options),
                   touched(check(kept, options), gone, after, options), after.index)  # fmt: skip
    same(back, check(after, options))


def test_a_column_cut_into_very_many_pieces_is_made_one_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recheck, "MOST_PIECES", 4)
    values = pd.Series(list("abcdefghij"), dtype="str")
    for at in range(10):
        values = recheck.put(values, np.array([at]), [str(at)])
        assert values.array.__arrow_array__().num_chunks <= 4
    assert values.tolist() == list("0123456789")


def test_columns_nothing_changed_in_are_not_copied() -> None:
    options = SimpleNamespace(encryption=False, ignore_crm=False)
    contacts = many(50)
    review = check(contacts, options)
    after = contacts.assign(phone=recheck.put(contacts["phone"], np.array([3]), ["1301"]))
    rows = touched(review, contacts.index[[3]], after, options)
    mended = spliced(review, check(after.loc[rows], options), rows, after.index)
    assert mended.contacts["name"].array.__arrow_array__().chunks[0].buffers()[2].address == (
        review.contacts["name"].array.__arrow_array__().chunks[0].buffers()[2].address
    )
    assert mended.changes is review.changes
