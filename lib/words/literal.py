"""Text that is not ours, written so that Streamlit's Markdown shows it as it is: no mark-up, no link, no picture, no icon.

Escaping alone is not enough: addresses, arrows, `:material_…:`, `:streamlit:` and emoji names are looked for again in the
finished text. An invisible character (U+2060 WORD JOINER) takes them apart. It stands where reading and copying do not
suffer: behind the `//` or `@` before a host's name, where browsers leave it out by rule (UTS 46).
"""

import re

JOINER = "\u2060"

#: What Markdown, its mathematics and Streamlit's own mark-up are made of.
_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:@/&=^\"'])")

#: Characters behind which a joiner goes. A time of day (12:30:45) is no emoji's name.
_TAKEN_APART = re.compile(
    r"https?://(?=[-.\w])"  # an address
    r"|www(?=\.)"
    r"|(?<=[-.\w+])@(?=[-\w]+\.[-\w])"
    r"|:(?!\d\d:)(?=[\w+-]+:)"  # an emoji, an icon
    r"|(?:(?<=^)|(?<=[\s\ufeff]))(?:<(?=-|=)|-(?=>|-)|>(?==)|~(?==))(?=(?:->|>|-|=)(?:[\s\ufeff]|$))",  # an arrow
    re.ASCII | re.IGNORECASE | re.MULTILINE,
)

#: Nothing to see: they turn the direction of what stands around them, or cannot leave this process at all.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BROKEN = re.compile("[\ud800-\udfff]")

#: Would begin a block of code.
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)

_LINE_ENDS = re.compile(r"\r\n?|\n")


def straight(text: str) -> str:
    """The text without signs that turn its direction; what cannot leave this process is shown as a replacement."""
    return _BROKEN.sub("\ufffd", _TURNING.sub("", text))


def literal(text: str) -> str:
    """Markdown that shows this text. Not for a badge, which writes backslashes of its own before brackets."""
    safe = straight(text)
    lines = _INDENT.sub(lambda found: "\u00a0" * len(found[0]), _LINE_ENDS.sub("\n", safe))
    apart = _TAKEN_APART.sub(lambda found: found[0] + JOINER, lines)
    return _MARKS.sub(r"\\\1", apart).replace("\n", "  \n")
