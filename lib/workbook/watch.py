"""What must be looked at once more, noticed while the scan goes by: formats, and texts that engines do not read as they stand.

Runs in the parsing process only.
"""

import re

from lib.workbook.formats import Matters
from lib.workbook.styles import Styles

#: Style among the attributes of a cell.
STYLE = re.compile(rb"""\ss\s*=\s*["'](\d{1,5})["']""")
#: Styles up to which a search for each is faster than a look at every cell.
FEW_STYLES = 12
_SPACES_KEPT = re.compile(
    rb"""<(?:\w{1,20}:)?(?:worksheet|sst)(?=\s)[^<>]*\sxml:space\s*=\s*["']preserve["']"""
)


class Watch:
    """What the blocks of a worksheet showed.

    formats: of every style. styles: those whose format may matter and that a cell may have. odd_cells: a text stands where a number should, or a day is
    written as text. spaces_kept: texts in the sheet itself keep their outer spaces, though they do not say so themselves.
    """

    def __init__(self, formats: Styles) -> None:
        self.formats = formats
        self.styles: set[int] = set()
        self.odd_cells = False
        self.spaces_kept = False
        self._has_begun = False
        self._wanted = formats.that_matter(Matters.NOT_WHOLE, Matters.TIME_OF_DAY, Matters.ALWAYS)

    def feed(self, block: bytes, prefix: bytes) -> None:
        """Takes the next block; prefix: of the elements' namespace. A search for one rare sign is nearly free."""
        if not self._has_begun:
            self._has_begun, self.spaces_kept = True, keeps_spaces(block)
        self.odd_cells = self.odd_cells or _has_days(block) or _has_odd_texts(block, prefix)
        if self._wanted:
            if len(self._wanted) > FEW_STYLES or b"='" in block:
                found = self._wanted & {int(style) for style in STYLE.findall(block)}
            else:
                found = {style for style in self._wanted if style_mark(style) in block}
            found |= self._wanted & {0}  # a cell that names none has the first
            self.styles |= found
            self._wanted -= found


def style_mark(style: int) -> bytes:
    """How a tag names this style, written as usual."""
    return b' s="%d"' % style


def keeps_spaces(beginning: bytes) -> bool:
    """Whether the root of a part says that its texts keep their outer spaces; engines go by each text's own word."""
    return b"xml:space" in beginning and _SPACES_KEPT.search(beginning) is not None


def _has_days(block: bytes) -> bool:
    return b't="d"' in block if b"d" in block else False


def _has_odd_texts(block: bytes, prefix: bytes) -> bool:
    if b"inlineStr" not in block:
        return False
    value = b"<%sv>" % prefix
    if b'inlineStr">' + value in block:
        return True
    if b"<%sf" % prefix not in block and b"inlineStr'" not in block:
        return False
    name = re.escape(prefix)
    formula = rb"(?:(?:<%sf[^<>]*/>|<%sf[^<>]*>[^<]*</%sf>)\s*)?" % (name, name, name)
    return re.search(rb"inlineStr[\"'][^<>]{0,300}>\s*%s<%sv[ >]" % (formula, name), block) is not None
