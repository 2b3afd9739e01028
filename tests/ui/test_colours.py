"""Contrast of what no check of a page can see: the theme's words on their grounds, and the cells of the grid, which are a picture."""

import tomllib
from pathlib import Path

import pytest

from lib.run.states import LEFT_OUT, UNSETTLED, BatchState
from lib.ui import colours
from lib.ui.history import history
from lib.ui.parts import pictures
from lib.ui.submit import run, start
from lib.words import LANGUAGES, words

THEME = tomllib.loads(
    (Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml").read_text("utf-8")
)["theme"]

#: WCAG 2.2, 1.4.3: for words that are not large.
ENOUGH = 4.5

#: How much of a text's colour Streamlit shows in a pinned column, and of the body's in a caption.
FADED = 0.6

NAMES = (
    colours.READY,
    colours.WARNING,
    colours.ERROR,
    colours.UNKNOWN,
    colours.PRACTICE,
    colours.GOING,
    colours.ENDED,
)


def channels(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))


def contrast(words: tuple[float, ...], ground: tuple[float, ...]) -> float:
    """WCAG's ratio, 1 to 21."""
    light, dark = sorted((luminance(words), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: tuple[float, ...]) -> float:
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def faded(words: tuple[float, ...], ground: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(below + (above - below) * FADED for above, below in zip(words, ground, strict=True))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("severity", ["error", "warning"])
def test_what_is_wrong_with_a_row_can_be_read_in_a_pinned_column(theme: str, severity: str) -> None:
    ground, words = (channels(colour) for colour in colours.OF_CELL[theme][severity])
    assert contrast(faded(words, ground), ground) >= ENOUGH


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_coloured_words_can_be_read_on_their_own_ground_and_on_the_pages(theme: str, name: str) -> None:
    looks = THEME[theme]
    words = channels(looks[f"{name}TextColor"])
    for ground in (f"{name}BackgroundColor", "backgroundColor", "secondaryBackgroundColor"):
        assert contrast(words, channels(looks[ground])) >= ENOUGH, ground


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_links_captions_and_filled_buttons_can_be_read(theme: str) -> None:
    looks = THEME[theme]
    words, primary = channels(looks["textColor"]), channels(looks["primaryColor"])
    for ground in (
        looks["backgroundColor"],
        looks["secondaryBackgroundColor"],
        THEME[theme]["sidebar"]["backgroundColor"],
    ):
        below = channels(ground)
        assert contrast(words, below) >= ENOUGH
        assert contrast(faded(words, below), below) >= ENOUGH
        assert contrast(channels(looks["linkColor"]), below) >= ENOUGH
    assert contrast(channels("#ffffff"), primary) >= ENOUGH


def test_the_measure_is_that_of_the_guidelines() -> None:
    """The extremes, and the lightest grey that just passes on white."""
    assert contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)
    assert contrast((1, 1, 1), (1, 1, 1)) == pytest.approx(1)
    assert contrast(channels("#767676"), (1, 1, 1)) == pytest.approx(4.54, abs=0.01)


def test_every_state_of_a_batch_has_its_place_wherever_states_are_named() -> None:
    """A state that one place forgot was said there as another one."""
    every = {state.value for state in BatchState}
    assert colours.OF_BATCH.keys() == every
    assert set(pictures._FIRST_SHOWN) == every
    assert set(history.STATES) == every
    not_back = {"planned", "sending"}
    assert start._SAID.keys() == (every | {LEFT_OUT}) - not_back
    assert every - not_back - {"split", "cancelled"} <= {*run._FIGURES}
    for lang in LANGUAGES:
        said = words(lang)
        assert {f"first.{sentence}" for sentence in start._SAID.values()} <= said.keys()
        assert {f"run.rows.{name}" for name in run._FIGURES} | {
            f"run.{name}" for name in UNSETTLED
        } <= said.keys()
