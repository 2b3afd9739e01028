"""One meaning a colour, everywhere: ready, warning, error, unknown, practice, going, ended.

Names are Streamlit's (badges, coloured text); `.streamlit/config.toml` says what each looks like in either theme. The
tones are the same colours for pictures, told apart by brightness too and never the only sign of a difference.
"""

from typing import Final, Literal

import streamlit as st

#: Those of Streamlit's names that mean something here.
Name = Literal["green", "yellow", "red", "violet", "orange", "blue", "gray"]

READY: Final = "green"
WARNING: Final = "yellow"
ERROR: Final = "red"
UNKNOWN: Final = "violet"
PRACTICE: Final = "orange"
GOING: Final = "blue"
ENDED: Final = "gray"

_TONES = {
    "light": {
        READY: "#0f766e", WARNING: "#eab308", ERROR: "#dc2626", UNKNOWN: "#7c3aed", PRACTICE: "#ea580c", GOING: "#60a5fa", ENDED: "#94a3b8",
        "waiting": "#dbe2ea", "line": "#e2e8f0", "text": "#334155", "on": "#ffffff",
    },
    "dark": {
        READY: "#2bb3a3", WARNING: "#facc15", ERROR: "#f87171", UNKNOWN: "#a78bfa", PRACTICE: "#fb923c", GOING: "#60a5fa", ENDED: "#64748b",
        "waiting": "#2b3a52", "line": "#26334a", "text": "#cbd5e1", "on": "#0b1220",
    },
}  # fmt: skip

#: Ground and text of a grid's cell with an error or a warning. In a pinned column Streamlit shows the text at three fifths.
OF_CELL = {
    "light": {"error": ("#fee2e2", "#1f0303"), "warning": ("#fef3c7", "#1c0a00")},
    "dark": {"error": ("#6b1717", "#ffffff"), "warning": ("#5c2a0c", "#ffffff")},
}

#: State of a batch → its colour; the figures and the picture of a run use the same.
OF_BATCH = {
    "accepted": READY,
    "planned": "waiting",
    "sending": GOING,
    "rejected": ERROR,
    "unknown": UNKNOWN,
    "held": UNKNOWN,
    "split": ENDED,
    "cancelled": ENDED,
}

#: State of a run → its badge: green done, blue going, orange waits for a person, grey ended by a person.
OF_RUN: dict[str, Name] = {
    "running": GOING,
    "pausing": PRACTICE,
    "paused": PRACTICE,
    "cancelling": ENDED,
    "cancelled": ENDED,
    "finished": READY,
}

#: Where a row of the sheet is → its colour.
OF_ROW = {"to_send": READY, "doubtful": WARNING, "held_back": ERROR, "repeated": ENDED, "left_out": "waiting"}

#: What became of an accepted number → its colour.
OF_ARRIVAL = {"imported": READY, "missing": ERROR, "waiting": GOING, "unconfirmed": UNKNOWN}


def tone(name: str) -> str:
    """The colour of a picture, as the visit's theme has it."""
    return _TONES[st.context.theme.type or "light"][name]


def cell(severity: str) -> str:
    """The style of a grid's cell, as the visit's theme has it; nothing where all is well."""
    tones = OF_CELL[st.context.theme.type or "light"].get(severity)
    return f"background-color: {tones[0]}; color: {tones[1]}" if tones else ""


def key(name: str, words: str) -> str:
    """Words with the colour's square before them: the legend of a picture. Nothing for colours Streamlit has no name for."""
    shown = name if name in (READY, WARNING, ERROR, UNKNOWN, PRACTICE, GOING, ENDED) else ENDED
    return f":{shown}[■] {words}"
