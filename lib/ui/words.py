"""Words on screen in the person's language, and text that is not ours made harmless."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from lib import words
from lib.ui import state
from lib.words.literal import literal


def t(key: str, **params: Any) -> str:
    """The sentence of `key` in the language of this visit."""
    return words.t(key, state.language(), **params)


def plain(text: object) -> str:
    """Text of a sheet, a person or the platform, for the places that render Markdown."""
    return literal(str(text))


def zone() -> ZoneInfo:
    """The person's time zone as the browser says, UTC where it does not."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def moment(stamp: str) -> str:
    """A stored UTC time as the person's own clock shows it; "" for none."""
    return moments([stamp])[0]


def moments(stamps: Iterable[str]) -> list[str]:
    """The same for a column: the person's zone is asked for once."""
    here = zone()
    return [
        f"{datetime.fromisoformat(stamp).astimezone(here):%m-%d %H:%M:%S}" if stamp else ""
        for stamp in stamps
    ]


def day(stamp: str) -> str:
    """The day of a stored UTC time by the person's own clock."""
    return f"{datetime.fromisoformat(stamp).astimezone(zone()):%Y-%m-%d}"
