"""Cell comments of a worksheet as the two parts Excel wants: the texts, and a legacy drawing with a box for each.

openpyxl takes 0.5 ms a comment, 10 s for 20,000; joined text takes a hundredth. openpyxl still draws one comment, so
that names, relations and content types of the parts are its affair.
"""

from collections.abc import Iterator, Mapping
from itertools import islice

from openpyxl.utils import get_column_letter

from lib.results.xml import escaped, storable

#: Comments joined at a time.
CHUNK = 2_000

#: Box of a comment in pixels.
WIDTH, HEIGHT = 300, 110

#: Shapes that one block of ids holds; every block must be named in the head of the drawing.
_BLOCK = 1_024

_TEXTS = '<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors><author/></authors><commentList>'
_DRAWING = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{blocks}"/>'
    '</o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = (
    '<v:shape id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;margin-left:59.25pt;margin-top:1.5pt;'
    f'width:{WIDTH}px;height:{HEIGHT}px;z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
    '<v:fill color2="#ffffe1"/><v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:AutoFill>False</x:AutoFill>'
    "<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)

Comments = Mapping[tuple[int, int], str]


def texts_part(comments: Comments, first_row: int, cut_mark: str) -> Iterator[bytes]:
    """The part with the texts.

    comments: (row position, column position) from 0 → text as it is: what XML cannot hold is taken out here
    first_row: number that row position 0 has in the worksheet, 2 below a header
    cut_mark: end of a text that was longer than a cell can hold
    """
    yield _TEXTS.encode()
    cells = iter(comments.items())
    while some := list(islice(cells, CHUNK)):
        texts = escaped(storable([text for _, text in some], cut_mark))
        yield "".join(
            f'<comment ref="{get_column_letter(column + 1)}{row + first_row}" authorId="0" shapeId="0"><text>'
            f'<t xml:space="preserve">{text}</t></text></comment>'
            for ((row, column), _), text in zip(some, texts, strict=True)
        ).encode()
    yield b"</commentList></comments>"


def drawing_part(comments: Comments, first_row: int) -> Iterator[bytes]:
    """The part with the boxes, hidden until the mouse rests on the cell."""
    blocks = ",".join(str(block) for block in range(1, len(comments) // _BLOCK + 2))
    yield _DRAWING.format(blocks=blocks).encode()
    cells = iter(enumerate(comments, start=_BLOCK + 1))
    while some := list(islice(cells, CHUNK)):
        yield "".join(
            _SHAPE.format(id=shape, row=row + first_row - 1, column=column) for shape, (row, column) in some
        ).encode()
    yield b"</xml>"
