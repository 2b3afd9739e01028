"""Every problem, change and block has its sentence in both languages, with the same parameters."""

from string import Formatter

import pytest

from lib.contact.problems import Change, ProblemCode
from lib.words import words as words_of

SENTENCES = [f"problem.{code.value}" for code in ProblemCode]
NAMES = [f"problem.{code.value}.name" for code in ProblemCode]
FIXES = [f"problem.{code.value}.fix" for code in ProblemCode]
OTHERS = [*(f"change.{kind.value}" for kind in Change), "blocked.components_ignored"]

ZH, EN = (
    {
        key: entry
        for key, entry in words_of(lang).items()
        if key.startswith(("problem.", "change.", "blocked.components"))
    }
    for lang in ("zh", "en")
)


def _forms(entry):
    return list(entry.values()) if isinstance(entry, dict) else [entry]


def _parameters(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
def test_the_words_are_those_of_the_catalogue_and_no_others(words):
    assert set(words) == {*SENTENCES, *NAMES, *FIXES, *OTHERS, "problem.placed"}


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
def test_a_sentence_is_filled_from_what_a_page_has(words):
    for key in SENTENCES:
        assert _parameters(words[key]) <= {"value", "suggestion", "field", "place"}
    for form in (form for key in FIXES for form in _forms(words[key])):
        assert {"count"} <= _parameters(form) <= {"count", "field"}
    for key in [*NAMES, *OTHERS]:
        assert _parameters(words[key]) == set()


@pytest.mark.parametrize("key", SENTENCES)
def test_both_languages_tell_the_same_facts(key):
    assert _parameters(ZH[key]) == _parameters(EN[key])


def test_english_tells_one_from_many():
    assert all(set(EN[key]) == {"one", "other"} for key in FIXES)


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
def test_no_word_shouts(words):
    assert not [key for key, entry in words.items() for form in _forms(entry) if set("!！") & set(form)]
