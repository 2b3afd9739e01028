"""Tables of cases, and made-up examples, of which the short run takes some."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import settings

#: Set in the short run.
SHORT = "CONTACT_DESK_TEST_SHORT"


def sampled(cases: Sequence[Any], step: int) -> list[Any]:
    """The cases of `parametrize`; every `step`-th, from the first, belongs to the short run too, the others to the long run alone.

    For tables whose cases go the same way through the code, where one fault breaks many of them.
    """
    return [pytest.param(one, marks=pytest.mark.long if at % step else ()) for at, one in enumerate(cases)]


def examples(many: int, **others: Any) -> Callable[[Any], Any]:
    """So many made-up examples: a quarter of them in the short run, all in the long one, of which the test is a part too, and by hand.

    others: further settings of Hypothesis.
    """
    number = many // 4 if os.environ.get(SHORT) else many
    return lambda test: pytest.mark.both(settings(max_examples=number, **others)(test))
