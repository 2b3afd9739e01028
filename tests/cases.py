"""Tables of cases of which the short run takes some."""

from collections.abc import Sequence
from typing import Any

import pytest


def sampled(cases: Sequence[Any], step: int) -> list[Any]:
    """The cases of `parametrize`; every `step`-th, from the first, belongs to the short run too, the others to the long run alone.

    For tables whose cases go the same way through the code, where one fault breaks many of them.
    """
    return [pytest.param(one, marks=pytest.mark.long if at % step else ()) for at, one in enumerate(cases)]
