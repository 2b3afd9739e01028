"""Text that wants to be more than text: what a sheet, a file name or the platform may hold (A27, X16, SEC18, SEC35).

Every one carries a mark of its own, so that each place that shows it can be found; the host is one that nobody owns.
"""

HOST = "evil.example"

#: A mark that no sentence of ours holds; followed by two digits.
MARK = "q7z"

#: An icon the app does not use.
ICON = "bug_report"

_KINDS = (
    # Markdown
    "# {m}", "- {m}", "1. {m}", "> {m}", "    {m}", "**{m}** _{m}_ ~~{m}~~", "`{m}`", "***{m}***", "[^{m}]", "| {m} | b |",
    "[click {m}](https://evil.example/{m})", "![{m}](https://evil.example/{m}.png)", "<https://evil.example/{m}>", "[{m}]: https://evil.example/",
    # HTML
    "<script>window.hostile=1</script>{m}", "<img src=x onerror=window.hostile=1>{m}", "<a href='//evil.example'>{m}</a>", "<b>{m}</b>", "&lt;{m}&gt; &#60;",
    "<iframe srcdoc='<script>parent.hostile=1</script>'>{m}", "<svg onload=window.hostile=1>{m}", "</script><style>*{{display:none}}</style>{m}",
    # Streamlit's own
    "$x^2$ {m}", "$$\\frac{{{m}}}{{2}}$$", ":material/bug_report: {m}", ":material_bug_report: {m}", ":red[{m}]", ":violet-badge[{m}]", ":smile: {m}",
    ":streamlit: {m}", ":small[{m}]", ":help[{m}]", ":color[{m}]{{foreground=\"red\"}}", "a -> b {m}", "a <-> b -- {m}", "12:30:45 :skull: {m}",
    # addresses
    "https://evil.example/{m}", "HTTP://EVIL.EXAMPLE/{m}", "http://127.0.0.1:8600/{m}", "www.evil.example/{m}", "{m}@evil.example", "mailto:{m}@evil.example",
    "javascript:window.hostile=1//{m}", "data:text/html,<script>window.hostile=1</script>{m}", "file:///etc/passwd {m}", "//evil.example/{m}",
    # formulas
    "=cmd|'/C calc'!{m}", "+{m}", "-{m}+1", "@SUM({m})", "＝{m}", "=HYPERLINK(\"https://evil.example\",\"{m}\")",
    # templates, SQL, paths
    "{{{m}}}", "%({m})s", "${{{m}}}", "'; DROP TABLE batch; --{m}", "{m}\\", "..\\..\\{m}", "/etc/{m}", "%2e%2e%2f{m}",
    # characters that turn or hide
    "\u202e{m}\u202c", "\u2066{m}\u2069", "{m}\u200b\ufeff", "{m}\u0301\u0301\u0301",
)  # fmt: skip

#: What each says, in order; the mark of the nth is `mark(n)`.
TEXTS: tuple[str, ...] = tuple(kind.format(m=f"{MARK}{at:02d}") for at, kind in enumerate(_KINDS))

#: Names a browser may give a file.
FILE_NAMES = (
    "..\\..\\x.csv",
    "../../x.csv",
    "C:\\x.csv",
    "CON.csv",
    "NUL.csv",
    "\u202exslx.csv",
    "x:$DATA.csv",
    "<img src=x>.csv",
    "%2e%2e%2fx.csv",
    "名" * 200 + ".csv",
)

#: Five thousand characters in one cell.
LONG = "https://evil.example/" + "a" * 5_000


def mark(at: int) -> str:
    """The mark of the text at this position."""
    return f"{MARK}{at:02d}"
