"""Workbooks changed in their structure are read or refused in words, and lose no row without a note. Seeds are fixed."""

import pytest

from lib.errors import SheetRefused
from lib.sheet import read
from lib.words import words
from tests.files import mutants

#: Some of them go through a real process each.
REAL = range(1, 13)


@pytest.mark.parametrize("count", [25, pytest.param(500, marks=pytest.mark.long)])
def test_mutants_are_read_whole_or_refused_in_words(count: int) -> None:
    tally = mutants.survey(range(1, count + 1))
    assert tally.wrong == []
    assert tally.read + tally.refused.total() == count
    assert min(tally.read, tally.refused.total()) > count // 5, "the mutator tells nothing"
    assert {f"error.{code}" for code in tally.refused} <= words("zh").keys()


@pytest.mark.parametrize(
    "seed", [seed if seed < 2 else pytest.param(seed, marks=pytest.mark.long) for seed in REAL]
)
def test_the_real_process_and_the_long_lived_one_agree(seed: int) -> None:
    data = mutants.mutant(seed)
    real = mutants.verdict(data)
    with mutants.parser():
        assert mutants.verdict(data) == real


def test_the_judge_sees_a_row_that_the_reading_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    data = (mutants.CORPUS / "openpyxl_stream.xlsx").read_bytes()
    whole = read(data, "x")
    assert mutants.verdict(data) == ""
    shortened = type(whole)(**{**vars(whole), "table": whole.table.iloc[:-1]})
    monkeypatch.setattr(mutants, "read", lambda data, name, **_: shortened)
    assert mutants.verdict(data) == "wrong: 1 rows are missing without a note"


def test_a_dead_parsing_process_is_replaced() -> None:
    with mutants.parser() as stand_in:
        stand_in.kill()
        assert stand_in.run(b"PK\x03\x04", None, "fast", "") is None
        assert stand_in.deaths == 1
        with pytest.raises(SheetRefused):
            read(b"PK\x03\x04", "x.xlsx")
