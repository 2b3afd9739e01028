"""Text as Markdown that shows it as it is. That a browser agrees is what tests/e2e/test_hostile.py looks at."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lib.words.literal import JOINER, literal
from tests.hostile import TEXTS

#: What Streamlit's Markdown looks for in finished text (its scripts, 1.67), as it is written there.
_LOOKED_FOR = (
    r"(https?:\/\/|www(?=\.))([-.\w]+)([^ \t\r\n]*)",
    r"([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)",
    r":material_(\w+):",
    r":streamlit:",
    r"(^|[\s\ufeff])(<->|->|<-|--|>=|<=|~=)([\s\ufeff]|$)",
    r":(?!\d\d:)[\w+-]+:",  # emoji; their names are words, or numbers of another length
)

#: Letters that make all of them likely.
_PIECES = (
    "https://",
    "http:",
    "//",
    "www",
    ".",
    "@",
    ":",
    "material_",
    "streamlit",
    "<",
    "-",
    ">",
    "=",
    "~",
    " ",
    "\n",
    "a",
    "é",
    "中",
    "1",
    "+",
    "_",
    "\\",
    "\ufeff",
)


def shown(markdown: str) -> str:
    """The finished text of what `literal` wrote: every escape undone, every line ending its own."""
    return re.sub(r"\\(.)", r"\1", markdown.replace("  \n", "\n"))


def seen(text: str) -> str:
    """What a person sees of it."""
    return text.replace(JOINER, "").replace("\u00a0", " ")


@given(st.text() | st.lists(st.sampled_from(_PIECES)).map("".join) | st.sampled_from(TEXTS))
@example("a@b@c.d")
@example("http://http://a.b")
@example(":a:b:")
@example("-> -- <->")
def test_sec35_the_text_is_what_it_was_and_nothing_in_it_is_found(text: str) -> None:
    """SEC35: seen the same, and none of the patterns of a link, an icon, an arrow or an emoji is left."""
    finished = shown(literal(text))
    plain = re.sub(
        "[\u202a-\u202e\u2066-\u2069]", "", re.sub("[\ud800-\udfff]", "\ufffd", re.sub(r"\r\n?", "\n", text))
    )
    assert seen(finished) == seen(
        re.sub(r"^[ \t]+", lambda found: " " * len(found[0]), plain, flags=re.MULTILINE)
    )
    for pattern in _LOOKED_FOR:
        assert not re.search(pattern, finished, re.ASCII | re.IGNORECASE), pattern


@given(st.text() | st.sampled_from(TEXTS))
def test_sec35_every_mark_of_markdown_is_escaped(text: str) -> None:
    written = literal(text)
    assert not re.search(r"""[\\`*_{}\[\]()<>#+.!|~$:@/&=^"'-]""", re.sub(r"\\.", "", written))
    assert not re.search(r"(?m)^[ \t]+[^ \t\n]", written)  # a block of code
    written.encode()


@pytest.mark.parametrize(
    "text",
    [
        "客户(最终).xlsx",
        "2026-11-24 12:30:45",
        "2a87347c-6dd5-4e22-97fe-9b8001dbcd17",
        "a--b.csv",
        "王芳",
        "x.www",
        "张三:李四",
    ],
)
def test_ordinary_names_are_copied_as_they_are(text: str) -> None:
    assert shown(literal(text)) == text
