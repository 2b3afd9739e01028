"""Every file of tests/files/corpus is read as its golden result says. Adding a file is adding it and its golden result."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.files import golden, mutants


@pytest.fixture(scope="module", autouse=True)
def _one_parsing_process() -> Iterator[None]:
    """A process for each of a hundred files would cost a minute."""
    with mutants.parser():
        yield


@pytest.mark.parametrize("path", golden.files(), ids=lambda path: path.name)
def test_a_file_of_the_corpus_is_read_as_its_golden_result_says(path: Path) -> None:
    assert golden.outcome(path) == json.loads(golden.golden_path(path).read_text(encoding="utf-8"))


def test_every_golden_result_has_its_file() -> None:
    expected = {golden.golden_path(path).name for path in golden.files()}
    assert {path.name for path in golden.CORPUS.glob("*.json")} == expected
    assert len(expected) >= 60


@pytest.mark.parametrize("kinds", [("xlsx", "xls", "ods")])
@pytest.mark.parametrize("name", ["types", "shown", "merged", "repeated"])
def test_one_table_saved_in_three_formats_is_one_table(name: str, kinds: tuple[str, ...]) -> None:
    first, *others = (
        json.loads((golden.CORPUS / f"calc_{name}.{kind}.json").read_text(encoding="utf-8")) for kind in kinds
    )
    for other in others:
        assert [other[part] for part in ("columns", "count", "rows", "header_row")] == [
            first[part] for part in ("columns", "count", "rows", "header_row")
        ]
