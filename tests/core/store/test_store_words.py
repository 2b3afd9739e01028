"""Every state, reason, event and error of the store and the engine has a sentence in both languages."""

import re
from pathlib import Path

import pytest

from lib.run.states import LEFT_OUT, BatchState, Disposition, Happening, HeldAs, RunState, ScanNote, Why
from lib.words import words as all_words
from tests.core.store_scenes import refused_words

LIB = Path(__file__).resolve().parents[3] / "lib"

ZH, EN = all_words("zh"), all_words("en")

KINDS = (
    ("run.state", RunState), ("run.why", Why), ("batch.state", BatchState), ("disposition", Disposition), ("event", Happening),
    ("held", HeldAs), ("scan", ScanNote),
)  # fmt: skip


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
def test_every_state_reason_and_event_has_words(words):
    wanted = {f"{prefix}.{one.value}" for prefix, kind in KINDS for one in kind}
    assert wanted | {f"batch.state.{LEFT_OUT}"} <= words.keys()


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
def test_every_error_raised_here_has_a_sentence(words):
    source = "".join(
        path.read_text("utf-8")
        for path in [*LIB.glob("store/*.py"), LIB / "run" / "records.py", *LIB.glob("engine/*.py")]
    )
    raised = set(re.findall(r'(?:StoreUnavailable|Conflict|Fenced|Withdrawn)\("(\w+)"', source))
    raised |= set(re.findall(r'"((?:store|server)_[a-z_]+)",?$', source, re.MULTILINE)) | {"store_error"}
    raised |= set(re.findall(r'"(server_[a-z]+)"\)', source))
    assert len(raised) > 12
    assert {f"error.{code}" for code in raised - {"store_writes"}} <= words.keys()


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
def test_why_an_outcome_is_unknown_has_a_sentence_without_an_answer_too(words):
    """What is shown then is `error.<why>`."""
    source = "".join(
        path.read_text("utf-8")
        for path in [*LIB.glob("store/*.py"), LIB / "run" / "records.py", *LIB.glob("engine/*.py")]
    )
    reasons = set(re.findall(r'AttemptResult\((?:Outcome\.UNKNOWN|outcome), why="(\w+)"', source))
    assert reasons == {"crash", "fault", "restored"}
    assert {f"error.{why}" for why in reasons} <= words.keys()


def test_both_languages_say_the_same_things_with_the_same_parameters():
    assert ZH.keys() == EN.keys()

    def names(text):
        texts = text.values() if isinstance(text, dict) else [text]
        return set().union(*(re.findall(r"{(\w+)}", one) for one in texts))

    assert {key: names(text) for key, text in ZH.items()} == {key: names(text) for key, text in EN.items()}


def test_nobody_reads_that_an_unknown_outcome_failed():
    keys = [
        "batch.state.unknown",
        "event.batch_unknown",
        "run.why.unknowns",
        "run.why.answer_shape",
        "batch.state.held",
    ]
    keys += [f"held.{kind}" for kind in HeldAs] + [f"scan.{note}" for note in ScanNote]
    keys += ["error.evidence_stale", "error.evidence_missing", "error.count_wrong", "error.not_held"]
    keys += [f"event.{what}" for what in Happening if what.startswith("batch_")]
    assert refused_words(str(words[key]) for words in (ZH, EN) for key in keys) == []


def test_no_sentence_shouts():
    assert [key for words in (ZH, EN) for key, text in words.items() if re.search("[!！]", str(text))] == []
